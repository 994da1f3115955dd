/* Translations: the file of a language that isn't whole, beside the project's own others; any bytes are
 * taken or refused with a sentence, and each key that is taken has its text.
 * Sources: ; -lgettextpo */
#include <string.h>
#include <sys/stat.h>

#include "kit/base/po.h"
#include "memfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static char dir[64];

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void put(const char *name, const void *bytes, size_t size)
{
	char path[96];
	(void)snprintf(path, sizeof path, "%s/%s.po", dir, name);
	FILE *f = fopen(path, "w");
	must(f != NULL && fwrite(bytes, 1, size, f) == size && fclose(f) == 0);
}

static void clean_up(void)
{
	static const char *const NAMES[] = {"vi", "en", "km"};
	char path[96];
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof path, "%s/%s.po", dir, NAMES[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

#define HEAD "msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\\n\"\n\n"
#define VI HEAD "msgid \"a.b\"\nmsgstr \"Một {{x}}\"\n\nmsgid \"a.c\"\nmsgstr \"Hai\"\n"
#define EN HEAD "msgid \"a.b\"\nmsgstr \"One {{x}}\"\n\nmsgid \"a.c\"\nmsgstr \"Two\"\n"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	(void)snprintf(dir, sizeof dir, "/dev/shm/xom-fuzz-XXXXXX");
	must(mkdtemp(dir) != NULL);
	put("vi", VI, sizeof VI - 1);
	put("en", EN, sizeof EN - 1);
	(void)atexit(clean_up);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct po *po = NULL;
	struct fault f = {0};
	struct str key;
	put("km", data, size);
	enum rc rc = po_load(&po, dir, &f);
	must(rc == RC_OK || f.text[0] != '\0');
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (rc == RC_SYNTAX && f.line == 2)
		abort();
#endif
	if (rc != RC_OK)
		return 0;
	for (size_t i = 0; po_key(po, i, &key); i++) {
		struct str text = po_find(po, LANG_km, key);
		must(text.n > 0 && text_utf8_ok(text));
	}
	po_free(po);
	return 0;
}

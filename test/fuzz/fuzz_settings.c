/* The settings file: any bytes are taken or refused with a sentence; what is taken keeps its bounds.
 * Sources: ward/settings.c, ward/notify/address.c; -lyaml */
#include <string.h>

#include "memfile.h"
#include "ward/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The store's, which would bring both engines along. */
bool store_is_server(const char *path) { return strncmp(path, "postgresql://", 13) == 0 || strncmp(path, "postgres://", 11) == 0; }

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings s;
	struct fault f = {0};
	struct buf text = {0};
	struct setting_shown *shown;
	enum rc rc = settings_load(&s, memfile(data, size), &f);
	must(rc == RC_OK || (f.text[0] != '\0' && (rc == RC_SYNTAX || rc == RC_TOO_BIG || rc == RC_NOMEM)));
	if (rc == RC_OK) {
		must(s.port >= 0 && s.port < 65536 && s.workers > 0 && s.io_threads > 0 && s.connections > 0);
		must(s.base_url[0] != '\0' && s.base_url[strlen(s.base_url) - 1] != '/');
		must(settings_text(&s, "data") == s.data);
		must(settings_list(&s, &s.arena, &shown) > 10);
		(void)settings_tile_origin(&s);
#ifdef PLANT_BUG
		/* For CI alone: proof that the fuzzer finds what can be reached. */
		if ((s.port != 8080 && s.port != 8081) || (s.workers != 16 && s.workers != 4))
			abort();
#endif
	}
	buf_release(&text);
	settings_release(&s);
	return 0;
}

/* What strangers send to where mail comes back to, and what is typed as an address: a token is 32 hex
 * digits that stand in a recipient's line or none, and an address that is taken can't leave its place
 * in a header or a command.
 * Sources: ward/notify/bounce_read.c address.c */
#include <stdlib.h>
#include <string.h>

#include "ward/notify/notify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_address(struct arena *a, struct str typed)
{
	struct str once, twice;
	if (address_read(a, typed, &once) != RC_OK)
		return;
	must(once.n >= 5 && once.n <= ADDRESS_MAX && address_read(a, once, &twice) == RC_OK &&
	     str_eq(once, twice));
	size_t ats = 0;
	for (size_t i = 0; i < once.n; i++) {
		must(once.p[i] > ' ' && once.p[i] < 0x7f && strchr("<>()[],;:\"\\", once.p[i]) == NULL);
		ats += once.p[i] == '@';
	}
	must(ats == 1 && once.p[0] != '-');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_n((const char *)data, size);
	struct bounce b;
	struct arena a;
	bool loopback;
	bounce_read(in, &b);
	must(strlen(b.token) == 0 || strlen(b.token) == 32);
	for (const char *p = b.token; *p != '\0'; p++)
		must(strchr("0123456789abcdef", *p) != NULL);
	arena_init(&a, ARENA_REQUEST_LIMIT);
	check_address(&a, in);
	(void)mail_url_read(in, &loopback);
	arena_release(&a);
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (b.token[0] != '\0' && b.token[0] != '0')
		abort();
#endif
	return 0;
}

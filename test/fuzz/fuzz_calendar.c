/* A year's calendar and the dated rules, by the first byte; and the reckoning over what was taken.
 * Sources: ward/calendar/calendar.c calendar_year.c rules.c span.c span_share.c; -lyaml */
#include "memfile.h"
#include "ward/calendar/calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void reckon(const struct calendar *c, const struct rule *r, struct fault *f)
{
	int64_t due, from = day_start(r->valid_from);
	int32_t last;
	if (rule_due(c, r, from + 9 * US_HOUR, &due, &last, f) != RC_OK)
		return;
	must(due == day_start(last + 1) && due > from);
	must(r->fixed || calendar_works(c, last));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct calendar *known;
	struct fault f = {0};
	if (known == NULL) {
		const char *root = getenv("XOM_SRC");
		char dir[400];
		(void)snprintf(dir, sizeof dir, "%s/calendars", root != NULL ? root : ".");
		must(calendar_load(&known, dir, &f) == RC_OK);
	}
	if (size == 0)
		return 0;
	if (data[0] % 2 == 0) {
		struct calendar *c = NULL;
		enum rc rc = calendar_parse(&c, "fuzz.yaml", str_n((const char *)data + 1, size - 1), &f);
		must(rc == RC_OK || f.text[0] != '\0');
		for (int year = 2000; rc == RC_OK && year < 2100; year++)
			if (calendar_has_year(c, year)) {
				int32_t day = day_from_date((struct date){year, 12, 1}), out;
				(void)due_working(c, day, 5, &out, NULL);
				(void)calendar_to_confirm(c, day);
			}
		calendar_free(c);
		return 0;
	}
	struct rules *r = NULL;
	const struct rule *all = NULL;
	enum rc rc = rules_load(&r, memfile(data + 1, size - 1), &f);
	must(rc == RC_OK || f.text[0] != '\0');
	for (size_t i = 0, n = rc == RC_OK ? rules_all(r, &all) : 0; i < n; i++) {
		must(all[i].name.n > 0 && all[i].amount > 0 && (all[i].valid_to == 0 || all[i].valid_to >= all[i].valid_from));
		reckon(known, &all[i], &f);
#ifdef PLANT_BUG
		/* For CI alone: proof that the fuzzer finds what can be reached. */
		if (all[i].amount == 4)
			abort();
#endif
	}
	rules_free(r);
	return 0;
}

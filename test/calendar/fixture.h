/* The fixture calendar of the deadline cases, and short names for days. */
#ifndef TEST_CALENDAR_FIXTURE_H
#define TEST_CALENDAR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ward/calendar/calendar.h"

#define PLAIN_2025 "year: 2025\nsource: plain\noff: []\n"
#define PLAIN_2028 "year: 2028\nsource: plain\noff: []\n"
/* `more` are further days off, as lines. */
#define FIXTURE_2026(more) \
	"year: 2026\nsource: fixture\noff:\n" more \
	"  - 2026-01-01\n  - 2026-01-02\n  - 2026-02-16\n  - 2026-02-17\n  - 2026-02-18\n" \
	"  - 2026-02-19\n  - 2026-02-20\n  - 2026-04-27\n  - 2026-04-30\n  - 2026-05-01\n" \
	"  - 2026-08-31\n  - 2026-09-01\n  - 2026-09-02\n" \
	"worked:\n  - 2026-01-10\n  - 2026-08-22\n"

static inline void add(struct calendar **c, const char *yaml)
{
	struct fault f = {0};
	enum rc rc = calendar_parse(c, "test.yaml", str_of(yaml), &f);
	if (rc != RC_OK)
		fail_msg("calendar refused: line %d %s: %s", f.line, f.field, f.text);
}

static inline struct calendar *fixture(void)
{
	struct calendar *c = NULL;
	add(&c, PLAIN_2025);
	add(&c, FIXTURE_2026(""));
	add(&c, PLAIN_2028);
	return c;
}

static inline int32_t on(const char *day)
{
	int32_t d;
	if (!day_parse(str_of(day), &d))
		fail_msg("not a day: %s", day);
	return d;
}

#endif

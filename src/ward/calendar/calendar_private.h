/* Between the files of this folder: one moment's years, which a reckoning takes once and keeps. */
#ifndef XOM_CALENDAR_PRIVATE_H
#define XOM_CALENDAR_PRIVATE_H

#include "ward/calendar/calendar.h"

struct years {
	int64_t number;               /* calendar_number */
	const struct calendar_year *of[CALENDAR_YEAR_MAX - CALENDAR_YEAR_MIN + 1];
};
const struct years *years_now(const struct calendar *c);
const struct calendar_year *years_year(const struct years *all, int year);
/* RC_NONE: "calendar 2027 missing". */
enum rc years_sort(const struct years *all, int32_t day, enum day_sort *out, struct fault *f);
const struct calendar_day *years_listed(const struct years *all, int32_t day);
enum rc years_hours(const struct years *all, int32_t day, const struct hours **out, size_t *n,
                    struct fault *f);
/* A key and its text in YAML. Between single quotes only the quote itself is special; line breaks never come in
 * (y_text of one line is folded to blanks). */
void quoted_write(struct buf *b, const char *key, struct str s);
/* The day itself, or the first working day after it. */
enum rc years_move(const struct years *all, int32_t day, int32_t *out, struct fault *f);

#endif

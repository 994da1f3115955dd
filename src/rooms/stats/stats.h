/* The stats room: what everybody may know of the ward's work in numbers. The figures' page, the
 * quarterly editions, and the month's sheet of a khu vực for its notice board. All of it is public,
 * the same for everybody, and about matters: nothing counts by person or team.
 *
 * Files: stats.c routes and the verb; stats_words.c sentences; figures_page.c; edition_page.c;
 * sheet_page.c, with sheet_store.c its SQL; week_page.c a khu vực's last seven days; transparency_page.c. */
#ifndef XOM_STATS_STATS_H
#define XOM_STATS_STATS_H

#include "kit/view/frame.h"
#include "ward/choices.h"
#include "ward/figure/figure.h"
#include "ward/fill.h"
#include "ward/page.h"
#include "ward/room.h"

extern const struct room STATS_ROOM;
extern const struct shape FIGURES, EDITION, SHEET, TRANSPARENCY, TRANSPARENCY_CHECK, WEEK;

handler_fn figures_page, edition_page, edition_bytes, sheet_page, week_page;
handler_fn transparency_latest, transparency_page, transparency_signature, transparency_heads,
	transparency_check;

/* --- stats_words.c --- */
/* The message of the key with its {names} filled. */
#define FILL(q, key, ...) \
	text_fill((q)->arena, request_text(q, key), (const struct filling[]){__VA_ARGS__}, \
	          sizeof((const struct filling[]){__VA_ARGS__}) / sizeof(struct filling))
struct str stats_count(const struct request *q, int64_t n);
/* "tháng 9/2026", "quý 3/2026", "năm 2026". */
struct str stats_period(const struct request *q, const struct period *p);
struct str stats_capital(struct arena *a, struct str s);   /* a first letter a-z becomes A-Z */
/* a of b as it may be said: empty, "88 %", "88,1 %"; *low and *high (whole percent) are set, and true
 * is given, where its interval has to stand beside it. */
bool stats_share(const struct request *q, int64_t a, int64_t b, struct str *out, int *low, int *high);
/* One plain sentence or two of a row, without its name. */
struct str stats_sentence(const struct request *q, const struct figure *f);
/* Months, quarters and years that a reader may choose, newest first, from the ward's first case on. */
enum { PERIODS_MAX = 48 };
size_t stats_periods(int32_t first, int32_t today, struct period out[PERIODS_MAX]);

/* What stands on paper must fit: whole words up to so many bytes, then an ellipsis (sheet_page.c). */
struct str sheet_shortened(struct arena *a, struct str s, size_t bytes);

/* --- sheet_store.c --- */
enum { SHEET_DONE = 4, SHEET_LATE = 3 };
struct sheet_case {
	struct case_id id;
	struct str public_code, kind, outcome, text, due_rule;
	int64_t due_at, closed_at, began_at;
	struct str why_late;          /* as the office told; may be empty */
	struct str before, after;     /* names of the photos that were released; empty: none */
};
struct sheet {
	struct sheet_case done[SHEET_DONE], late[SHEET_LATE];
	size_t done_count, late_count;
	struct figures figures;
};
/* What the sheet shows of the shown cases of a khu vực, received in the period: those done that have
 * most to show, and the late ones, latest due day last. */
enum rc sheet_read(struct tx *tx, const struct period *p, struct area_id area, struct sheet *out,
                   struct fault *f);

#endif

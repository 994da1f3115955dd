/* Figures: formulas, periods, what is read from the roll-up (ward/flow/tally.h), and editions.
 *
 * What may be said (RIGHTS.md, promise 5; docs/decisions.md, "Figures"):
 * - Cases that anyone can open are counted exactly and as they stand now, by kind and khu vực.
 * - Kinds that are not listed stand in quarterly editions alone: one ward total a kind, from
 *   EDITION_LEAST on, in no other total.
 * - The authority's own lateness is one total over the ward and all kinds, exact, in the edition. */
#ifndef XOM_FIGURE_FIGURE_H
#define XOM_FIGURE_FIGURE_H

#include "ward/flow/flow.h"
#include "ward/flow/tally.h"

extern const struct schema_step FIGURE_SCHEMA[];
extern const struct job_kind FIGURE_JOBS[];   /* making editions, the nightly recount */

/* ------------------------------------------------------------------ formulas: pure functions */

/* a of b as tenths of a percent, half up, in whole numbers: floating point prints 1 of 400 as 0.2.
 * 0 <= a <= b, b > 0. */
int64_t share_tenths(int64_t a, int64_t b);
int64_t share_whole(int64_t a, int64_t b);    /* whole percent, half up */

/* What a share may be printed as, by its base: a small one moves by several percent with one case. */
enum share_form {
	SHARE_counts = 1,             /* base under 20: the counts alone */
	SHARE_whole,                  /* 20 to 49: whole percent, with its interval */
	SHARE_tenths,                 /* from 50 on: one decimal */
};
enum share_form share_form(int64_t base);

/* Exact (Clopper-Pearson) 95 % interval of a of b, as parts of 1. 0 <= a <= b, b > 0. */
void share_interval(int64_t a, int64_t b, double *low, double *high);

/* How long until closing, when some are still open: the product-limit estimator (Kaplan, Meier).
 * Who is open after d days is known to have lasted more than d; leaving these out would call a desk
 * quick that closes the easy ones. An unfinished or withdrawn one counts as at risk on its own day. */
struct span {
	int32_t days;                 /* >= 0 */
	int64_t ended, unfinished;    /* closed after so many days; still open, or withdrawn, then */
};
/* Sorts by days and joins equal days; the new count. */
size_t spans_sort(struct span *s, size_t n);
/* Share still open after s[i].days, as a part of 1, into left[i]; s sorted. */
void spans_left(const struct span *s, size_t n, double *left);
/* Smallest number of days after which half or more were closed; -1: not so far. */
int32_t spans_median(const struct span *s, size_t n);
/* The same until at most `left` (a part of 1) are still open: 0.1, when nine of ten were closed. */
int32_t spans_until(const struct span *s, size_t n, double left);

/* ------------------------------------------------------------------ periods: the ward's days */

enum period_kind { PERIOD_month = 1, PERIOD_quarter, PERIOD_year };
struct period {
	enum period_kind kind;
	int32_t from, to;             /* days: from <= day < to */
};
struct period period_of(enum period_kind k, int32_t day);   /* the one that holds the day */
struct period period_before(const struct period *p);
struct period period_after(const struct period *p);
/* "2026-09", "2026-Q3", "2026"; years 2000 to 2999. */
bool period_parse(struct str s, struct period *out);
struct str period_name(struct arena *a, const struct period *p);

/* ------------------------------------------------------------------ shown cases, as of now */

struct figure {
	int64_t received, closed, open, overdue, withdrawn;  /* received = closed + open + withdrawn */
	int32_t median;               /* days; -1: not half of them are closed */
	/* The same in reports: each case's own and those that follow it. */
	struct figure_reports {
		int64_t received, closed, open, overdue, withdrawn;
	} reports;
};
/* One row: over all (kind empty, area 0), of a kind, or of a khu vực. */
struct figure_group {
	struct str kind;
	struct area_id area;
	bool by_area;                 /* a khu vực's row, also of 0: not known */
	struct figure f;
	struct span *spans;           /* sorted */
	size_t span_count;
};
struct figure_month {
	int32_t from;
	struct figure f;              /* without median */
};
enum { FIGURE_MONTHS = 12 };
struct figures {
	struct figure_group all;
	struct figure_group *kinds, *areas;  /* only what occurs; in no order */
	size_t kind_count, area_count;
	struct figure_month months[FIGURE_MONTHS]; /* the twelve up to the period's last month */
	int64_t overdue_before;       /* received before the period, open and past their day */
	int64_t unfounded;            /* of the withdrawn ones of the period: found to be unfounded (flow/redress.h) */
	int64_t cleared;              /* received in it and taken out with a flood (flow/flood.h), of all shown kinds
	                                 and khu vực; in no other figure */
};
/* Of the cases that were received in the period; `kind` empty, area 0: of all; today: the ward's day
 * now, by which open ones are counted and late ones found. */
enum rc figures_read(struct tx *tx, const struct period *p, struct str kind, struct area_id area,
                     int32_t today, struct figures *out, struct fault *f);

/* ------------------------------------------------------------------ editions: frozen */

enum { EDITION_LEAST = 5 };
struct edition_kind {
	struct str kind;
	bool shown;                   /* from EDITION_LEAST on */
	int64_t n;                    /* received in the quarter; only when shown */
};
/* Its bytes are what is signed for by the checksum and served as they are:
 *   xom edition 1
 *   ward song-may
 *   quarter 2026-Q3
 *   number 1
 *   made 2026-10-01
 *   overdue 12          cases past their day when it was made, over the ward and all kinds;
 *                       "overdue -": made too late to know
 *   kind noise 7        received in the quarter; "kind noise <5": fewer than 5, or none */
struct edition {
	struct period quarter;
	int number;                   /* from 1; a revised one is a new number */
	int32_t made_day;
	bool overdue_known;
	int64_t overdue;
	struct edition_kind *kinds;
	size_t kind_count;
	struct str body;
	struct hash checksum;         /* BLAKE2b of the body, domain "xom edition 1" */
};
/* Makes the next number of the quarter's edition. A kind that differs from what an earlier edition of it
 * told by fewer than EDITION_LEAST is told as it was there. RC_INVALID: the quarter is not over. */
enum rc edition_make(struct tx *tx, const struct flow *w, const struct ward *ward,
                     const struct period *quarter, struct fault *f);
/* number 0: the latest. RC_NONE; RC_CORRUPT: the bytes are not those that were made. */
enum rc edition_get(struct tx *tx, const struct period *quarter, int number, struct edition *out,
                    struct fault *f);
/* The latest of each quarter, newest first, at most `max`. */
enum rc edition_list(struct tx *tx, struct edition *out, size_t max, size_t *count,
                     struct fault *f);

#endif

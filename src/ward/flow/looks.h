/* Reading the looks (RIGHTS.md promise 9): the list that oversight reads, what of a day was out of pattern,
 * and the proof of the chain, asked for by a press.
 *
 * Nobody is named: a look holds role, unit and a pseudonym that says only that two looks of one role in one
 * unit were the same person's; on the page one mark stands for all that one person looked at. What concerns a matter about somebody who works here is told to whoever has
 * that matter alone (RIGHTS.md promise 4): no row, no count. */
#ifndef XOM_FLOW_LOOKS_H
#define XOM_FLOW_LOOKS_H

#include "ward/flow/flow.h"

extern const struct schema_step LOOK_SCHEMA[];
extern const struct job_kind LOOK_JOBS[];

/* The kinds of look; texts under "look.<name>". NULL-terminated. */
extern const char *const LOOK_KINDS[];
bool look_kind_known(struct str name);

/* Newest first. A page ends after `limit` rows, or after LOOKS_SCANNED rows were gone through: *next then
 * says where the following one begins. */
enum { LOOKS_SCANNED = 5000 };
struct look_filter {
	const struct actor *actor;    /* who reads: decides what is told of offices */
	int64_t from, until;          /* from <= at < until */
	enum role role;               /* ROLE_unset: any */
	struct unit_id unit;          /* 0: any */
	struct str what;              /* empty: any */
	struct case_id of;            /* 0: any */
	int64_t after_at, after_n;    /* cursor: the last row's time, and how many rows of that moment were read;
	                                 0, 0: first. Never a number in the chain: its gaps would tell of looks at
	                                 what is told to others alone */
	size_t limit;
};
struct look_line {
	int64_t at;
	enum role role;
	struct unit_id unit;
	struct str what, filter;
	struct case_id of;
	char code[16];                /* of the case; empty: of none */
	int64_t number;
	struct str pseudonym;
	char mark[9];                 /* beginning of the pseudonym, in hex; look_marks makes it the person's */
};
struct look_page {
	struct look_line *lines;
	size_t count;
	int64_t next_at, next_n;      /* cursor; 0: nothing further */
};
/* May `who` learn of looks at the case? Of an office's: who has that office. */
enum rc look_told(struct tx *tx, const struct actor *who, struct case_id of, bool *out, struct fault *f);
enum rc look_list(struct tx *tx, const struct look_filter *filter, struct look_page *out, struct fault *f);

/* What somebody did on a day that was far from what is usual in their role, as counted facts: each number that
 * is LOOK_FAR times the median of that role's other person-days of LOOK_USUAL_DAYS, and at least the measure's least.
 * Never added up, weighed or ranked. Newest first. */
enum look_measure { LOOK_cases = 1, LOOK_away, LOOK_night, LOOK_searches, LOOK_taken, LOOK_MEASURES };
const char *look_measure_name(enum look_measure m);     /* texts under "looks.fact.<name>" */
int64_t look_measure_least(enum look_measure m);
enum { LOOK_FAR = 3, LOOK_USUAL_DAYS = 90, LOOK_FACTS = 50 };
struct look_fact {
	int32_t day;
	enum role role;
	struct unit_id unit;
	enum look_measure measure;
	int64_t n, usual;
	struct str pseudonym;
	char mark[9];
};
/* Of the days from..to (both included), as counted each night for the day that is over. */
enum rc look_facts(struct tx *tx, int32_t from, int32_t to, struct look_fact *out, size_t *count,
                   struct fault *f);

/* Gives the rows of both lists one mark a person, in whatever role and unit they looked. What is nobody's account (any
 * more) keeps the mark of its pseudonym. */
enum rc look_marks(struct tx *tx, const struct flow *w, struct look_page *page, struct look_fact *facts, size_t fact_count,
                   struct fault *f);

/* Walks the chain of looks, the rows that flow_verify compares with their entries, and the daily heads that signed
 * the ends of looks and acts. */
enum rc looks_verify(const struct flow *w, struct ward_id ward, void (*say)(void *ctx, const char *line),
                     void *ctx, struct verify_report *out, struct fault *f);
/* The same as a job, asked for by somebody who reads the looks; while one waits, the press does nothing. */
struct look_check {
	int64_t asked_at, done_at;    /* done_at 0: under way */
	int64_t looks, heads, faults;
	struct str said;              /* the first faults, a line each */
};
enum rc look_check_ask(struct tx *tx, struct fault *f);    /* job_wake after the commit */
enum rc look_check_last(struct tx *tx, struct look_check *out, struct fault *f);   /* RC_NONE: never asked */

#endif

/* Between the files of ward/flow; nobody else includes it. */
#ifndef XOM_FLOW_PRIVATE_H
#define XOM_FLOW_PRIVATE_H

#include "ward/flow/flow.h"
#include "ward/flow/tally.h"

/* Which list a case stands in; stored. */
enum standing { STANDING_new = 1, STANDING_working, STANDING_asked, STANDING_closed };
enum standing case_standing(const struct ward_case *c);
int64_t case_sort_at(const struct ward_case *c);

/* --- case_store.c --- */
enum rc case_insert(struct tx *tx, const struct ward_case *c, struct fault *f);
/* Raises the version and reads the row under its lock; must be a write's first statement.
 * expected 0: whatever it is. RC_NONE, RC_CHANGED. */
enum rc case_lock(struct tx *tx, const struct flow *w, struct case_id id, int64_t expected,
                  struct ward_case *out, struct fault *f);
/* Writes everything that a move may have changed, and the counters' deltas. */
enum rc case_update(struct tx *tx, const struct flow *w, const struct ward_case *before,
                    const struct ward_case *after, struct fault *f);
/* The present version of the case's kind: what protects. NULL: the kind is gone. */
const struct procedure *case_present(const struct flow *w, const struct ward_case *c, int64_t now);

/* --- timeline.c --- */
struct actor_mark {               /* who did it, as rows and hashes hold it */
	struct account_id account;
	bool by_reporter;
	enum role role;
	struct unit_id unit;
	int key_no;
	struct hash pseudonym;
};
/* Key "actor": the pseudonym is its keyed hash of account, role and unit (domain "xom actor 1"). */
enum rc actor_pseudonym(struct keys *k, struct account_id account, enum role role,
                        struct unit_id unit, int *key_no, struct hash *out, struct fault *f);
/* actor NULL: the reporter. `at`: the case's unit, preferred among the actor's; 0: the first. */
enum rc actor_mark(const struct flow *w, const struct actor *a, struct unit_id at,
                   struct actor_mark *out, struct fault *f);
struct hash part_commit(const uint8_t salt[SALT_SIZE], struct str body);
struct hash entry_hash(struct ward_id ward, struct case_id c, int seq, const struct hash *prev,
                       struct str verb, int64_t at, const struct hash *pseudonym,
                       const struct hash *commitments, size_t n);
/* An entry in the making: parts are added, photos among them, then it is closed into the chain. */
struct draft {
	struct part *parts;
	size_t count, max;
	struct hash *commitments;
	uint8_t (*salts)[SALT_SIZE];
};
void draft_init(struct draft *d, struct arena *a, size_t max);
void draft_add(struct draft *d, const char *name, struct str body, struct str retention);
/* Works out the entry's hash: c->seq and c->head move on. Writes nothing. */
void draft_chain(struct draft *d, struct ward_case *c, struct ward_id ward, enum verb verb,
                 int64_t at, const struct actor_mark *who);
/* Writes the entry that draft_chain made; the case's row must be there. */
enum rc draft_write(struct tx *tx, const struct flow *w, const struct draft *d,
                    const struct ward_case *c, enum verb verb, int64_t at,
                    const struct actor_mark *who, struct fault *f);
/* Sets (closed_at > 0) or clears the due day of every part of the case. */
enum rc timeline_due(struct tx *tx, const struct flow *w, const struct ward_case *c,
                     struct fault *f);

/* --- attachment.c --- */
enum rc attachment_put(struct tx *tx, const struct flow *w, const struct ward_case *c, int seq,
                       int part, const struct photo *p, bool by_reporter, struct fault *f);
enum rc attachment_release(struct tx *tx, const struct ward_case *c,
                           const struct attachment_id *ids, size_t n, struct fault *f);

/* --- deadline.c --- */
/* Fills due_at and due_rule: the earliest deadline that the case's state has not met yet. */
void case_due(const struct flow *w, struct ward_case *c);
/* Is `now` still within the rule from `from` on? A missing calendar is counted for the resident. */
bool within_rule(const struct flow *w, struct str rule, int64_t from, int64_t now);

/* --- counter.c --- */
/* Counts a case at its new place (before NULL: a new one) and no longer at its old one; on the public
 * map, too. */
enum rc counter_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                     const struct ward_case *after, struct fault *f);
/* Folds up to `limit` deltas; *folded says how many there were. */
enum rc counter_fold(struct tx *tx, size_t limit, size_t *folded, struct fault *f);
struct count_cell {
	int64_t unit, queue, officer, day;
};
struct count_change {
	struct count_cell k;
	int64_t n;
};
/* What must be added to the counts so that they are those of the cases, in a read: the writer is
 * not held up however many cases there are. */
enum rc counter_compare(struct tx *tx, struct count_change **out, size_t *count, struct fault *f);
enum rc counter_mend(struct tx *tx, const struct count_change *changes, size_t n, struct fault *f);

/* --- tally.c --- */
/* As counter_move, counter_fold and counter_mend, for the roll-up of tally.h. */
enum rc tally_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                   const struct ward_case *after, struct fault *f);
enum rc tally_fold(struct tx *tx, size_t limit, size_t *folded, struct fault *f);
enum rc tally_mend(struct tx *tx, const struct tally_row *changes, size_t n, struct fault *f);

/* --- list.c --- */
/* A case as the public list would show it; RC_NONE: it would not, or the filter's kind, area or states
 * leave it out. */
enum rc public_row(struct tx *tx, const struct case_filter *q, struct case_id id,
                   struct case_row *out, struct fault *f);

/* --- map_count.c --- */
struct map_key {
	int32_t month;                /* case_month of the receipt; 0: all months */
	enum state state;
	struct str kind;
	int64_t area;
	struct cell cell;             /* column 0: no square is known */
};
struct map_change {
	struct map_key k;
	int64_t n;
};
/* The same for the public map: what is not listed, or withheld, counts nowhere. */
enum rc map_move(struct tx *tx, const struct flow *w, const struct ward_case *before,
                 const struct ward_case *after, struct fault *f);
enum rc map_fold(struct tx *tx, size_t limit, size_t *folded, struct fault *f);
/* What the counts are short of (n > 0) or over: of months, by the cases received from one day to before
 * another (both begin a month, or are 0 and TALLY_END); then of month 0, by all months. */
enum rc map_compare(struct tx *tx, int32_t from, int32_t to, struct map_change **out,
                    size_t *count, struct fault *f);
enum rc map_compare_all(struct tx *tx, struct map_change **out, size_t *count, struct fault *f);
enum rc map_mend(struct tx *tx, const struct map_change *changes, size_t n, struct fault *f);
/* The public cases with the ward's month of their receipt, as case_month counts it: the calendar's
 * rule of 400 years in whole numbers (its years begin in March), which all engines divide alike.
 * 25200 s: the ward's day begins at UTC+7. */
#define PUBLIC_MONTHS_BEGIN \
	"SELECT ward_id, state, kind, area_id, cell_column, cell_row," \
	" (yoe + era * 400) * 12 + (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153 + 2 AS month" \
	" FROM (SELECT ward_id, state, kind, area_id, cell_column, cell_row, era, doe," \
	" (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365 AS yoe" \
	" FROM (SELECT ward_id, state, kind, area_id, cell_column, cell_row, z / 146097 AS era," \
	" z - z / 146097 * 146097 AS doe" \
	" FROM (SELECT ward_id, state, kind, COALESCE(area_id, 0) AS area_id, cell_column, cell_row," \
	" (received_at + 25200000000) / 86400000000 + 719468 AS z" \
	" FROM ward_case WHERE listed = 1 AND withheld = 0"
#define PUBLIC_MONTHS_END ") AS days) AS eras) AS years"

/* --- search.c --- */
/* Puts into, or takes out of, the ward's indexes what RIGHTS.md refused 1 allows of the case as it
 * stands now; `before`: as it stood (its unit may be another one), NULL for a new case. `text`:
 * the first entry's words, read when NULL. */
enum rc search_case(struct tx *tx, const struct flow *w, const struct ward_case *before,
                    const struct ward_case *after, const struct str *text, struct fault *f);
/* The same whatever stood there before. */
enum rc search_refresh(struct tx *tx, const struct flow *w, const struct ward_case *c,
                       struct fault *f);
/* The first entry's words, empty when erased. */
enum rc case_first_text(struct tx *tx, struct case_id id, struct str *out, struct fault *f);
#define SCOPE_DESK "desk"
#define SCOPE_PUBLIC "public"
/* The word that stands first in every desk row and in every desk query: the unit's own cases. A
 * query's words only narrow, so that nobody can type a way into another unit's. */
struct str search_unit_token(struct arena *a, struct unit_id unit);
/* Reads a query; RC_REFUSED as case_list says. tokens[0] is left free for the unit's word, the
 * query's own follow: *n of them. */
enum rc search_query(struct tx *tx, const struct flow *w, struct str words, struct str **tokens,
                     size_t *n, struct fault *f);

/* --- look.c --- */
struct look_row {
	int64_t seq, at;
	struct hash pseudonym;
	enum role role;
	struct unit_id unit;
	struct str what;
	struct case_id of;
	struct str filter;
	int64_t number;
};
struct hash look_hash(struct ward_id ward, const struct look_row *l, const struct hash *prev);
enum rc look_end(struct tx *tx, int64_t before, int64_t *seq, struct hash *end, struct fault *f);

/* --- head.c --- */
struct head_row {
	int32_t day;
	int64_t ends, look_seq;
	struct hash look_hash, definitions, prev;
};
const char *head_key_name(struct ward_id ward, char out[32]);
void head_begin(struct hasher *h, struct ward_id ward, const struct head_row *r);
void head_add(struct hasher *h, struct case_id c, int64_t seq, struct str hash);
/* The digest over the row and its ends. */
enum rc head_digest(struct tx *tx, const struct head_row *row, struct hash *out, struct fault *f);
/* Notes the chain ends of the day for cases that moved in [from, to); in slices, before head_make. */
enum rc head_collect(struct tx *tx, int32_t day, int64_t from, int64_t to, struct fault *f);

#endif

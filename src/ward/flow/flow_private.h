/* Between the files of ward/flow; nobody else includes it. */
#ifndef XOM_FLOW_PRIVATE_H
#define XOM_FLOW_PRIVATE_H

#include "kit/job/job.h"
#include "ward/flow/area.h"
#include "ward/flow/flow.h"
#include "ward/flow/tally.h"

/* Which list a case stands in; stored. */
enum standing { STANDING_new = 1, STANDING_working, STANDING_asked, STANDING_closed, STANDING_follows, STANDING_gone,
	STANDING_gathered, STANDING_cleared };   /* in a flood's group: open; taken out */
enum standing case_standing(const struct ward_case *c);
/* Stands in no list and no count of its own: it follows another case, or is in a flood's group. */
bool case_apart(const struct ward_case *c);
int64_t case_sort_at(const struct ward_case *c);

/* --- case_store.c --- */
enum rc case_insert(struct tx *tx, const struct ward_case *c, struct fault *f);
/* Raises the version and reads the row under its lock; must be a write's first statement.
 * expected 0: whatever it is. RC_NONE, RC_CHANGED. */
enum rc case_lock(struct tx *tx, const struct flow *w, struct case_id id, int64_t expected,
                  struct ward_case *out, struct fault *f);
/* The same of whatever version, and leaves it: for what is no reason to refuse anybody's step. */
enum rc case_hold(struct tx *tx, const struct flow *w, struct case_id id, struct ward_case *out,
                  struct fault *f);
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
/* Sets (ended: case_ended_at) or clears the due day of every part of the case. */
enum rc timeline_due(struct tx *tx, const struct flow *w, const struct ward_case *c,
                     struct fault *f);

/* --- attachment.c --- */
enum rc attachment_put(struct tx *tx, const struct flow *w, const struct ward_case *c, int seq,
                       int part, const struct photo *p, bool by_reporter, struct fault *f);
enum rc attachment_release(struct tx *tx, const struct ward_case *c,
                           const struct attachment_id *ids, size_t n, struct fault *f);

/* --- clock.c: what a step does to the clock; nothing is written yet --- */
/* Stops it, by the entry in the making; nothing when no rule of the case stops for that, or the cap is
 * used up. */
void clock_stop(const struct flow *w, struct arena *a, struct ward_case *c, enum pause_kind kind,
                int64_t now);
/* Ends the pauses of the sort that are on; 0: of every sort. */
void clock_go(struct arena *a, struct ward_case *c, enum pause_kind kind, int64_t now);
/* As if what was ended at c->closed_at had not been. */
void clock_unclose(struct arena *a, struct ward_case *c);
/* It begins again at `began`: what was on before ends now. */
void clock_again(struct arena *a, struct ward_case *c, int64_t began, int64_t now);
void clock_closed_time(struct arena *a, struct ward_case *c, int64_t now);
bool clock_may_stop(const struct flow *w, const struct ward_case *c, enum pause_kind kind, int64_t now);
bool clock_stands(const struct ward_case *c, enum pause_kind kind);   /* a pause of the sort is on */
/* Why it is not to be paused or extended. */
enum rc clock_refuse(const struct flow *w, const struct ward_case *c, enum verb verb, int64_t now,
                     struct fault *f);
enum rc clock_extend(const struct flow *w, struct arena *a, struct ward_case *c, int64_t now,
                     struct fault *f);
/* Between the case's row and its pauses and extensions: after the timeline's entry. */
enum rc clock_write(struct tx *tx, const struct ward_case *before, const struct ward_case *after,
                    struct fault *f);
enum rc clock_read(struct tx *tx, struct ward_case *c, struct fault *f);

/* --- deadline.c --- */
/* Before anything is reckoned that stays: *w with the calendar that the transaction's database has, where another
 * server has changed it within the last seconds. */
enum rc flow_current(struct tx *tx, const struct flow **w, struct fault *f);
/* Fills due_at, due_rule, paused_until and first_due_at: the earliest deadline that the case's state has not met yet.
 * `firsts` when it is empty: they are promised now. */
void case_due(const struct flow *w, struct arena *a, struct ward_case *c);
/* By when an open case is to be closed, whatever else counts before that; 0: no date is known. */
int64_t case_close_due(const struct flow *w, struct arena *a, const struct ward_case *c);
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
	int64_t n, more;              /* cases; reports beyond one each */
};
/* What must be added to the counts so that they are those of the cases, in a read: the writer is
 * not held up however many cases there are. */
enum rc counter_compare(struct tx *tx, struct count_change **out, size_t *count, struct fault *f);
enum rc counter_mend(struct tx *tx, const struct count_change *changes, size_t n, struct fault *f);

/* --- escalation.c --- */
/* The case's deadline as it is followed from now on; before NULL: a new case. */
enum rc escalation_follow(struct tx *tx, const struct flow *w, const struct ward_case *before,
                          const struct ward_case *after, struct fault *f);

/* --- area.c --- */
/* Until when the khu vực has it, kept while it does; before NULL: a new case. */
enum rc area_follow(struct tx *tx, const struct flow *w, const struct ward_case *before,
                    const struct ward_case *after, struct fault *f);
/* Where a new case begins. */
enum rc area_first_step(struct tx *tx, const struct case_new *n, bool for_head, const struct step **out,
                        struct fault *f);
/* What nobody did: the rule. */
enum rc clock_mark(const struct flow *w, struct actor_mark *out, struct fault *f);

/* --- pass_on.c --- */
/* The job's work: each open matter about somebody who works here that nobody may read has who receives it
 * by rule now, where there is somebody. */
enum rc receivers_run(const struct flow *w, struct ward_id ward, struct fault *f);

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
	int64_t n, more;
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
 * 25200 s: the ward's day begins at UTC+7. `also`: further columns, each with a comma before it. */
#define PUBLIC_MONTHS_BEGIN PUBLIC_MONTHS_WITH("")
#define PUBLIC_MONTHS_MORE PUBLIC_MONTHS_WITH(", more")
#define PUBLIC_MONTHS_WITH(also) \
	"SELECT ward_id, state, kind, area_id, cell_column, cell_row" also "," \
	" (yoe + era * 400) * 12 + (5 * (doe - (365 * yoe + yoe / 4 - yoe / 100)) + 2) / 153 + 2 AS month" \
	" FROM (SELECT ward_id, state, kind, area_id, cell_column, cell_row" also ", era, doe," \
	" (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365 AS yoe" \
	" FROM (SELECT ward_id, state, kind, area_id, cell_column, cell_row" also ", z / 146097 AS era," \
	" z - z / 146097 * 146097 AS doe" \
	" FROM (SELECT ward_id, state, kind, COALESCE(area_id, 0) AS area_id, cell_column, cell_row" also "," \
	" (received_at + 25200000000) / 86400000000 + 719468 AS z" \
	" FROM ward_case WHERE listed = 1 AND withheld = 0"
#define PUBLIC_MONTHS_END ") AS days) AS eras) AS years"

/* The unit of the case at the end of the way from c, which is two links at most. */
#define UNIT_AT_END "COALESCE(e.unit_id, l.unit_id, c.unit_id)"
#define JOIN_THE_WAY \
	" LEFT JOIN ward_case l ON l.ward_id = c.ward_id AND l.id = c.lead_id" \
	" LEFT JOIN ward_case e ON e.ward_id = l.ward_id AND e.id = l.lead_id"

/* --- merge.c --- */
/* A new report that joins a case: checks it, and makes *c follow it. RC_STALE. */
enum rc join_begin(struct tx *tx, const struct flow *w, const struct case_new *n, struct ward_case *c,
                   struct fault *f);
/* Its line in its own timeline, and its weight. */
enum rc join_end(struct tx *tx, const struct flow *w, struct ward_case *c, struct fault *f);
/* "merge", or what ends that, on the case that follows: after its reason was found. */
enum rc lead_change(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                    struct draft *d, struct fault *f);
/* After it was written: the other case's line and weight. */
enum rc lead_changed(struct tx *tx, const struct flow *w, const struct ward_case *before,
                     const struct ward_case *c, const struct move *m, struct fault *f);
/* Takes the link away, as of `now`; writes nothing. */
void lead_leave(const struct flow *w, struct arena *a, struct ward_case *c, int64_t now);
/* Which verbs one that follows has. */
uint64_t follower_verbs(const struct flow *w, const struct ward_case *c, const struct actor *a,
                        int64_t now);
/* After a case moved to another state: those who reported what follows it are told, and how long its
 * words are kept is counted, by a job. */
/* Danger spoken of in a report that follows a case rings at that case, the one that the desk has. */
enum rc danger_top(struct tx *tx, const struct ward_case *c, struct fault *f);
/* The words of an entry speak of danger. When did those last that are not erased, of the case or of what
 * follows it? 0: none. What is above it is worked out anew after that changed. */
enum rc danger_words(struct tx *tx, const struct ward_case *c, int seq, struct fault *f);
enum rc danger_last(struct tx *tx, struct case_id c, int64_t *at, struct fault *f);
enum rc danger_above(struct tx *tx, const struct flow *w, const struct ward_case *c, struct fault *f);
enum rc followers_put(struct tx *tx, const struct ward_case *c, struct fault *f);
/* After it went to another unit: what follows it is found by that one. */
enum rc followers_hand_over(struct tx *tx, const struct ward_case *c, struct fault *f);
/* payload: as it was put. */
enum rc followers_tell(const struct flow *w, struct ward_id ward, struct str payload, struct fault *f);

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
	bool committed;               /* by a salted commitment to the filter (look_words.h) */
	struct hash commitment;
};
struct hash look_hash(struct ward_id ward, const struct look_row *l, const struct hash *prev);
enum rc look_end(struct tx *tx, int64_t before, int64_t *seq, struct hash *end, struct fault *f);
void look_mark(struct str pseudonym, char out[9]);   /* its first 4 bytes in hex */
/* --- look_check.c --- */
job_fn look_check_job;

/* --- slices.c --- */
/* Runs the slice again and again, each time in a transaction and with memory of its own, as long as *done of it is full. */
enum rc flow_slices(const struct flow *w, struct ward_id ward, tx_fn *slice, void *ctx, const size_t *done, size_t full,
                    struct fault *f);

/* --- head_chain.c: chains that a head is over as a whole --- */
enum head_chain { HEAD_CHAIN_unset, HEAD_log, HEAD_deletions, HEAD_second, HEAD_CHAIN_COUNT };  /* stored: never reused */
struct chain_end {
	int64_t seq;                  /* 0: there was no row yet */
	struct hash hash;
};
struct str head_chain_row(struct arena *a, enum head_chain c, int64_t n);   /* its name, for people */
/* Where each stood at the end of the day. */
enum rc head_chain_ends(struct tx *tx, int32_t day, struct chain_end out[HEAD_CHAIN_COUNT], struct fault *f);
enum rc head_chain_write(struct tx *tx, int32_t day, const struct chain_end ends[HEAD_CHAIN_COUNT], struct fault *f);
enum rc head_chain_read(struct tx *tx, int32_t day, struct chain_end out[HEAD_CHAIN_COUNT], struct fault *f);
/* Is that row still there, with that hash? */
enum rc head_chain_same(struct tx *tx, enum head_chain c, const struct chain_end *end, bool *same, struct fault *f);

/* --- head.c --- */
/* The form of a head: 1 is over cases, looks and definitions; 2 over the chains of head_chain.c, too. */
enum { HEAD_VERSION = 2 };
struct head_row {
	int version;
	int32_t day;
	int64_t ends, look_seq;
	struct hash look_hash, definitions, prev;
	struct chain_end chains[HEAD_CHAIN_COUNT];   /* of version 2 */
};
const char *head_key_name(struct ward_id ward, char out[32]);
void head_begin(struct hasher *h, struct ward_id ward, const struct head_row *r);
void head_add(struct hasher *h, struct case_id c, int64_t seq, struct str hash);
/* The digest over the row and its ends. */
enum rc head_digest(struct tx *tx, const struct head_row *row, struct hash *out, struct fault *f);
/* Notes the chain ends of the day for cases that moved in [from, to); in slices, before head_make. */
enum rc head_collect(struct tx *tx, int32_t day, int64_t from, int64_t to, struct fault *f);

#endif

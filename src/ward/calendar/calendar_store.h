/* Calendars and rules as rows of the database, so that several servers agree. Of no ward: one server's
 * wards share the state's days off and its laws.
 *
 * A year's days come as a version: proposed (from a file, a feed, or a copy of what holds), confirmed once a
 * person has answered for every day of it, applied when its open cases were gone through, or dropped.
 * Only the last applied version of a year is reckoned with; versions are never changed after that.
 * Rules are published as a whole file: a row that was published can only be ended. */
#ifndef XOM_CALENDAR_STORE_H
#define XOM_CALENDAR_STORE_H

#include "kit/store/store.h"
#include "ward/calendar/calendar.h"

extern const struct schema_step CALENDAR_SCHEMA[];
#define DEFINITION_CALENDARS "calendars"   /* definition_changed's, with every write below */
#define DEFINITION_RULES "rules"

#define CALENDAR_STATE_TABLE(X) X(proposed, 1) X(confirmed, 2) X(applied, 3) X(dropped, 4)
enum calendar_state {
#define X(name, number) CALENDAR_##name = number,
	CALENDAR_STATE_TABLE(X)
#undef X
};
const char *calendar_state_name(enum calendar_state s);

/* A person's answer for a day of a proposal. later: still not decided, a rest day until it is. */
#define DAY_ANSWER_TABLE(X) X(open, 0) X(yes, 1) X(no, 2) X(later, 3)
enum day_answer {
#define X(name, number) ANSWER_##name = number,
	DAY_ANSWER_TABLE(X)
#undef X
};
const char *day_answer_name(enum day_answer a);
bool day_answer_of(struct str name, enum day_answer *out);

struct calendar_version {
	int year, version;
	enum calendar_state state;
	bool shipped;                 /* came with the program: not verified with the yearly decision */
	struct str origin;            /* the file's name, or "copy" */
	int64_t made_at, confirmed_at, applied_at;
	struct str made_by, confirmed_by, applied_by;   /* a word: "admin", or the operator's login */
	int open;                     /* days that nobody has answered for */
	struct calendar_year *days;   /* what it would be: without the days that were struck, settled;
	                                 NULL in calendar_versions */
	struct calendar_day *lines;   /* every line with its answer, struck ones too */
	enum day_answer *answers;
	size_t line_count;
};

/* --- when the program begins, and whenever another one has written --- */
/* Takes in what ships with the program: years and names of rules that the database has not, the first as
 * applied, a shipped year that has changed since as a proposal. Then reads everything into c and r. */
enum rc calendars_open(struct store *s, const char *dir, struct calendar *c, struct rules *r, int64_t seen[2],
                       struct fault *f);
/* Reads again what has risen since `seen`, which is this function's alone. Any thread. */
enum rc calendars_refresh(struct store *s, struct calendar *c, struct rules *r, int64_t seen[2],
                          struct fault *f);

/* The calendar as this transaction's database has it: *c itself, or, where another server has changed it since *c was
 * read, one that is read now and goes with the transaction's arena. */
enum rc calendar_current(struct tx *tx, const struct calendar **c, struct fault *f);

/* --- versions; inside a transaction of no ward --- */
/* Newest first: by year, then version; without days. year 0: of all. */
enum rc calendar_versions(struct tx *tx, int year, struct calendar_version **out, size_t *count,
                          struct fault *f);
enum rc calendar_version_read(struct tx *tx, int year, int version, struct calendar_version *out,
                              struct fault *f);                          /* RC_NONE */
/* When one was applied last; 0: none. In a ward's transaction, too. */
enum rc calendars_applied_at(struct tx *tx, int64_t *out, struct fault *f);
/* The version that is reckoned with. RC_NONE. */
enum rc calendar_version_now(struct tx *tx, int year, struct calendar_version *out, struct fault *f);
/* A proposal; every line of it is to be answered for. `*version` is its number. RC_EXISTS: an open proposal or the
 * year as it is has just these days. */
enum rc calendar_propose(struct tx *tx, const struct calendar_year *y, struct str origin, struct str who,
                         int *version, struct fault *f);
/* A proposal read once and kept one until the commit, for any number of answers: RC_NONE; RC_CHANGED: it is a
 * proposal no more. */
enum rc calendar_proposal_hold(struct tx *tx, int year, int version, struct calendar_version *out, struct fault *f);
/* Answers for the line at that place of what is held. With `decision` (not empty) it names the decision that made
 * it. RC_INVALID: later, of a day that was never to be confirmed. */
enum rc calendar_answer_line(struct tx *tx, const struct calendar_version *held, size_t at, enum day_answer a,
                             struct str decision, int32_t decided_day, struct fault *f);
/* The same by its day, without a decision. RC_NONE: no such day. */
enum rc calendar_answer(struct tx *tx, const struct calendar_version *held, int32_t day, enum day_answer a,
                        struct fault *f);
/* All that are open. */
enum rc calendar_answer_all(struct tx *tx, int year, int version, enum day_answer a, struct fault *f);
/* A further line, answered with yes. RC_INVALID with the reason; RC_EXISTS: the day is listed. */
enum rc calendar_add_day(struct tx *tx, int year, int version, const struct calendar_day *d, struct fault *f);
/* RC_WAITING: there are open days. RC_CHANGED: it is not (or no longer) what that step begins from, or a
 * later version was applied. */
enum rc calendar_confirm(struct tx *tx, int year, int version, struct str who, struct fault *f);
enum rc calendar_drop(struct tx *tx, int year, int version, struct str who, struct fault *f);
/* From now on it is reckoned with; whoever calls this goes through the open cases in the same step. */
enum rc calendar_apply(struct tx *tx, int year, int version, struct str who, struct fault *f);

/* --- rules --- */
struct rules_change {
	size_t added, ended;
};
/* Publishes the file's rows. RC_SYNTAX: the file; RC_REFUSED: a published row is changed, taken out, or ended before
 * today, or another one of its name begins before tomorrow: a case keeps the row of its day. The fault names file, line,
 * field and reason. `first`: nothing is refused, and only names that the database has not are taken. */
enum rc rules_publish(struct tx *tx, const char *file, struct str yaml, int32_t today, struct str who,
                      bool first, struct rules_change *out, struct fault *f);

#endif

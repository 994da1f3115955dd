/* A flood: the same text sent again and again, or hundreds of reports an hour from a few addresses. What
 * comes so is gathered in a group, which stands as one row at the top of its unit's new queue, so that
 * honest reports are seen and the desk can work.
 *
 * Nothing is refused and nothing lost: a gathered case has its receipt, timeline and clock as any other, and
 * whatever its reporter or an officer does with it singly takes it out of the group. It stands apart from
 * lists, counts, map, bell and escalation meanwhile (ward_case.open 4). An officer looks at the group, puts all of it
 * back into the queue ("ungather"), or takes it out of it in one step ("clear": closed with an outcome of its
 * own, which its reporters read and can object to by reopening), and undoes that within RESTORE_US ("restore").
 *
 * What decides is a watch in memory (flood_watch.c) over keyed prints of the texts and the day's keyed hashes
 * of the addresses. Neither a text nor an address, nor a print of one, is ever stored: only the group. */
#ifndef XOM_FLOW_FLOOD_H
#define XOM_FLOW_FLOOD_H

#include "ward/flow/flow.h"

struct draft;
struct actor_mark;

#define RESTORE_US (7 * US_DAY)
#define FLOOD_OUTCOME "flood"

enum flood_why { FLOOD_same = 1, FLOOD_quick };   /* the same words; in quick succession. Stored */

/* --- the watch (flood_watch.c) --- */
enum {
	FLOOD_SAME = 12,              /* from so many with the same words within an hour on, all but the first */
	FLOOD_WARD = 300,             /* so many web reports of a ward within an hour are a flood: then */
	FLOOD_PEER = 3,               /*   of an address with more than so many in the hour all but the first */
	FLOOD_ALSO = 512,
};
struct flood_member {
	struct flood_id flood;
	enum flood_why why;
	struct case_id of;
};
/* What the watch says of a report before it is written. flood 0: it stands by itself. */
struct flooding {
	struct flood_id flood;
	enum flood_why why;
	struct flood_member also[FLOOD_ALSO];   /* earlier ones that by now belong into a group */
	size_t also_count;
	/* The watch's own: what of it is counted where, until it has its id. */
	uint64_t tags[3], peer;
	bool bare;                    /* few words, and no place */
	size_t tag_count;
	int64_t serial;
};
struct flood_report {
	struct ward_id ward;
	struct str kind, text;        /* text: as it was written, cleaned; without what a plate lets tick */
	const struct case_place *place;
	bool spared;                  /* counted, and never gathered: it speaks of danger, or is about staff */
	struct hash peer;             /* of its address, by the day's key */
};
struct flood_watch;
struct flood_watch *flood_watch_new(struct idgen *ids);   /* NULL: no memory */
void flood_watch_free(struct flood_watch *w);
/* Counts it. `a`: for working; nothing of it is kept. */
void flood_look(struct flood_watch *w, struct arena *a, const struct flood_report *r, int64_t now,
                struct flooding *out);
/* It was written, as that case. */
void flood_took(struct flood_watch *w, struct ward_id ward, const struct flooding *said, struct case_id c);

/* --- rules of a case (flood.c) --- */
struct flood_line {               /* "gather" in a new case's timeline, between case_open's statements */
	struct draft *draft;
	struct actor_mark *who;
};
/* Before a new case is written: it stands in the group from its first moment. */
enum rc flood_begin(struct tx *tx, const struct flow *w, const struct case_new *n, struct ward_case *c,
                    struct flood_line *line, struct fault *f);
enum rc flood_line_write(struct tx *tx, const struct flow *w, const struct ward_case *c,
                         const struct flood_line *line, struct fault *f);
/* Of one that stands in a group: `verbs` are those that it would have otherwise. */
uint64_t flood_verbs(const struct ward_case *c, const struct actor *a, uint64_t verbs, int64_t now);
/* Does a case stay in its group by that step? */
bool flood_stays(enum verb v);
/* Is it in the group in which its entries leave it? True, too, where their words are gone. */
bool flood_told(const struct ward_case *c, const struct entry *e, size_t n);

/* --- groups, for the desk --- */
struct flood {
	struct flood_id id;
	enum flood_why why;
	struct str kind;              /* of the same words; else empty */
	int64_t made_at;
	struct unit_id unit;          /* the part of it that this unit has: */
	int64_t open, cleared;        /*   how many stand in it, how many were taken out; exact */
	int64_t cleared_at;           /*   when an officer last took some out; of flood_get alone */
	int32_t due_day;              /*   last day of the first deadline in it; 0: none */
};
enum { FLOODS_MOST = 200 };
/* The groups with something in them that the actor works, the largest first; at most FLOODS_MOST. */
enum rc flood_list(struct tx *tx, const struct actor *a, struct flood **out, size_t *count, struct fault *f);
/* Those of which the actor's units took something out within RESTORE_US and nothing stands in them now. */
enum rc flood_cleared_list(struct tx *tx, const struct actor *a, struct flood **out, size_t *count,
                           struct fault *f);
/* One, the part of it that a unit of the actor has. RC_NONE: there is none for this actor. */
enum rc flood_get(struct tx *tx, const struct actor *a, struct flood_id id, struct unit_id unit, struct flood *out,
                  struct fault *f);
/* Its cases, by due day, after the cursor (sort_at and id; 0, 0: first); cleared: those that were taken out,
 * the last first. */
enum rc flood_cases(struct tx *tx, const struct flow *w, const struct flood *of, bool cleared, int64_t after_at,
                    int64_t after_id, size_t limit, struct case_row **out, size_t *count, bool *more,
                    struct fault *f);

/* --- all of a group at once (flood_job.c) --- */
struct flood_step {
	int64_t id;
	struct flood_id flood;
	struct unit_id unit;
	struct account_id account;
	enum verb verb;               /* clear, restore, ungather */
	struct str reason;
	int64_t total, done, made_at, ended_at;
};
/* Writes what is asked for, with its job; *id is it. RC_EXISTS: one goes on already (*id is that one).
 * RC_INVALID, field "reason": clearing needs one. */
enum rc flood_step_put(struct tx *tx, const struct flow *w, const struct actor *a, const struct flood *of,
                       enum verb verb, struct str reason, int64_t *id, struct fault *f);
/* The last one of the part of a group. RC_NONE. */
enum rc flood_step_last(struct tx *tx, const struct flood *of, struct flood_step *out, struct fault *f);
/* Goes on with it, in slices short enough for the writer, until it has ended or the ticks are over: then a job
 * does. */
enum rc flood_step_run(const struct flow *w, struct ward_id ward, int64_t id, int64_t until_ticks,
                       struct fault *f);
/* payload: as case_open put it. */
enum rc flood_gather(const struct flow *w, struct ward_id ward, struct str payload, struct fault *f);

#endif

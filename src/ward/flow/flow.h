/* Cases: the only moving thing. A case follows a procedure from step to step, against deadlines,
 * leaving a timeline. Only case_move() changes a case's step.
 *
 * Timeline: append-only, hash-chained per case over commitments: entry = H(domain, ward, case,
 * seq, prev, kind, at, actor's pseudonym, c1 … cn), ci = BLAKE2b keyed by a random salt over part
 * i. Parts and salts are rows of their own with a retention class; erasing deletes both, the chain
 * still verifies and says "erased by rule R on day D".
 *
 * Domain "xom timeline 1"; a kind is the verb's name; the first prev is zeros; a salt is 16 bytes,
 * filled with zeros to a key, domain "xom part 1". The pseudonym is the keyed hash (key "actor", its
 * number in the row, domain "xom actor 1") of account, role and unit; the reporter's account is 0.
 * Vectors: test/flow/vectors/chain.txt. */
#ifndef XOM_FLOW_FLOW_H
#define XOM_FLOW_FLOW_H

#include "kit/job/job.h"
#include "kit/media/media.h"
#include "ward/flow/procedure.h"
#include "ward/flow/receipt.h"
#include "ward/people/people.h"
#include "ward/place/place.h"

extern const struct schema_step FLOW_SCHEMA[];
extern const struct job_kind FLOW_JOBS[];   /* daily head, counter folding, search merge, sweep */

struct ward_case;
struct flooding;
/* An entry of a case that others follow. */
struct lead_entry {
	struct case_id lead;
	int seq;
};
/* What the functions below need besides the transaction; one in struct app. */
struct flow {
	struct store *store;
	struct keys *keys;
	const struct clock *clock;
	struct idgen *ids;
	const struct calendar *calendar;
	const struct rules *rules;
	struct procedures *procedures;
	struct places *places;
	struct media *media;
	const char *deletions;        /* folder of the deletion lists (deletion.h) */
	/* Told of each entry of a timeline, in its transaction; NULL: nobody is. Who notifies hangs in
	 * here (ward/notify). of: of this entry of a case that c follows, perhaps again, since the job that
	 * tells was cut off; NULL: of c's own. */
	enum rc (*moved)(struct tx *tx, const struct flow *w, const struct ward_case *c, enum verb verb,
	                 bool by_reporter, const struct lead_entry *of, struct fault *f);
};
/* The one in struct app, for jobs, which get the app alone; given by the floor above (ward/app.c). */
const struct flow *app_flow(const struct app *app);

/* How a case may end; texts under "outcome.<name>". What is settled on the spot is "mended". */
enum { OUTCOME_COUNT = 5 };
extern const char *const OUTCOMES[OUTCOME_COUNT];
bool outcome_known(struct str name);

/* Why a khu vực sends a case up to the ward; texts under "sort.<name>", icons of the same name. */
enum { SORT_COUNT = 5 };
extern const char *const SORTS[SORT_COUNT];
bool sort_known(struct str name);

struct case_place {
	struct area_id area;          /* the khu vực; 0: not known */
	struct str street, landmark;  /* cleaned text */
	bool has_point, unsure;       /* unsure: "I don't know exactly" */
	double lon, lat;              /* exact: the handler's view only */
	struct cell cell;             /* 100 m: what the public sees */
};

/* What stopped and lengthened a case's clock, in the order in which it happened; seq: the entry of the
 * timeline that it began with. */
struct case_pause {
	int seq, ended_seq;           /* ended_seq 0: still on */
	enum pause_kind kind;
	int64_t from_at, ended_at;
};
struct case_extension {
	int seq, amount;
	struct str rule;
	int64_t at;
};
struct case_clock {
	struct case_pause *pauses;
	struct case_extension *extensions;
	size_t pause_count, extension_count;
};

struct ward_case {
	struct case_id id;
	int64_t version;              /* raised by every write; a lost update is RC_CHANGED */
	const struct procedure *procedure;  /* the version it began with */
	char code[16];                /* the receipt's; for the desk, never published */
	char public_code[16];         /* "SM-P-83H5XQT" */
	struct str kind;              /* procedure's name; may differ from it after a correction */
	struct str step;
	enum state state;
	struct unit_id unit;
	struct account_id officer;    /* 0: nobody took it */
	struct case_place place;
	bool listed, withheld;        /* withheld whole by the desk */
	int64_t received_at, due_at, closed_at, moved_at;  /* due_at: next open deadline; 0: none */
	struct str due_rule;
	int seq;                      /* of the last timeline entry, from 1 */
	struct str outcome;           /* one of OUTCOMES, or of redress.h or agency.h; when closed */
	struct str released_text;     /* what the desk released; empty: nothing */
	struct str why_late;          /* why its present deadline is missed, as the desk told; empty: not told */
	bool solved_said;             /* the reporter confirmed */
	int64_t began_at;             /* day 0 of its deadlines: receipt, or the last reopening */
	struct hash head;             /* hash of the last timeline entry */
	struct account_id closed_by;  /* officer who closed it, at which step it stood; 0: open, or */
	struct str closed_from;       /*   closed by the reporter */
	struct str channel;           /* one of CHANNELS: how the report came */
	int64_t event_at;             /* when it happened, as told at the counter; 0: not asked */
	/* Its clock (clock.h). */
	int64_t first_due_at;         /* the deadline that counts (due_at) as it was first promised */
	struct str firsts;            /* the same of each of its procedure's deadlines, in their order */
	int64_t ended_due_at;         /* of a case that is not open: the deadline that counted at its end */
	int64_t paused_until;         /* the clock stands until then at the latest; 0: it runs */
	struct case_clock clock;      /* its pauses and extensions */
	int clock_seq;                /* entries up to this one are older than the rows of pauses */
	bool for_head;                /* its khu vực's head may read it: a kind marked so, and not ticked away */
	struct account_id mediators[2]; /* named on it; 0: nobody */
	struct case_id lead;          /* the case that it follows (merge.c); 0: it is a case of its own */
	bool merged;                  /* an officer made it follow; false: who reported it did */
	int64_t lead_at;              /* since when it follows */
	int more;                     /* reports that follow it, through others too, beyond its own */
	struct flood_id flood;        /* the group that it stands in (flood.h); 0: none */
	int64_t danger_at;            /* when its reporter, or one whose report joined it, last spoke of danger; 0: never */
	int32_t held_until;           /* last day of a legal hold (hold.h): nothing of it is erased; 0: none stands */
	int32_t gone_day;             /* all of it but what the figures need was erased then (erase.h); 0: it was not */
	const struct ward_case *top;  /* of one that follows: the case at the end, as it stands; read with it */
};

/* How a report comes in; texts under "channel.<name>". The first is the report's own form. */
enum { CHANNEL_COUNT = 6, CHANNELS_DESK = 5 };   /* the last: by somebody of the khu vực, area_report.c */
extern const char *const CHANNELS[CHANNEL_COUNT];
bool channel_known(struct str name);

/* A closing is undone by who closed it, within a day. */
#define UNCLOSE_US US_DAY
/* So long before its deadline is over it can be told why a case will be late. */
#define EXPLAIN_US US_DAY
/* Past its deadline, and open. */
bool case_late(const struct ward_case *c, int64_t now);

/* Ended, by itself or with the case that it follows; 0: not. */
int64_t case_ended_at(const struct ward_case *c);
/* Which unit has it: of one that follows, that of the case at the end. */
struct unit_id case_unit(const struct ward_case *c);
/* Reports that are told beside the case: 1 and those that follow. Conduct carries no weight. */
int case_reports(const struct ward_case *c);

/* A part of a timeline entry. `name`: "subject" (subject_text), "appointment" (when and where), "text", "public_text", "why_late", "place", "kind", "unit", "reason",
 * "photo", "result", "outcome", "thanks" (solved), "happened" (when it really was, where that is not
 * when it was entered: "2026-11-25 18:30" in the ward's zone); its retention is the procedure's row for `retention`. */
struct part {
	struct str name, body;
	struct str retention;         /* "text", "photo", "place", "note", "figures"; empty: by name */
};
struct attachment {
	struct attachment_id id;
	int seq;                      /* timeline entry it came with */
	struct photo photo;
	bool released;                /* the desk released it to the public */
	bool by_reporter;
};
struct entry {
	int seq;
	enum verb verb;
	int64_t at;
	struct account_id account;    /* 0: the reporter or the machine */
	struct str actor_name;        /* for the desk */
	struct str role, unit;        /* for the reporter: role and unit, never the name */
	bool by_reporter;
	struct entry_part {
		struct str name, body;    /* body empty and erased_rule set: erased */
		struct str erased_rule;
		int32_t erased_day;
	} *parts;
	size_t part_count;
};

/* Opening. The same journey twice gives RC_EXISTS and the first receipt again (once: any number of
 * times). RC_EXPIRED: the ward withdrew the kind, or has no unit for it. RC_STALE: the case to join is
 * closed by now, or no longer one that is offered. Runs inside a write transaction; the photos were media_keep'd before it. */
struct case_new {
	const struct procedure *procedure;
	struct hash journey;
	struct case_place place;
	struct str text;              /* cleaned */
	struct photo *photos;
	size_t photo_count;
	struct str channel;           /* one of CHANNELS; empty: "web" */
	const struct actor *actor;    /* who enters it at the counter; NULL: the reporter */
	int64_t event_at;             /* when it happened, as told; 0: not asked */
	struct str word;              /* with an actor: makes the PIN later (receipt.h) */
	struct str folded;            /* with an actor of the khu vực, in place of the word: code of a folded receipt */
	struct str subject;           /* about whom, of a kind about_staff (people.h, subject_parse) */
	bool not_head;                /* "not my khu vực head" */
	struct case_id lead;          /* joins this one, as case_near offered it; 0: a case of its own */
	bool danger;                  /* the words speak of danger (ward/danger.h): it rings */
	const struct part *parts;     /* further ones of the first entry, by names that are constants */
	size_t part_count;
	const struct flooding *flooding; /* what the watch says of it (flood.h); NULL: nothing */
};
enum rc case_open(struct tx *tx, const struct flow *w, const struct ward *ward,
                  const struct case_new *n, struct ward_case *out, struct receipt *receipt,
                  struct fault *f);

/* The resident sets the PIN with the word that was chosen at the counter; NULL: with the paper, whose PIN or link was
 * right. On WORD_right a line of the timeline. RC_OK whatever the result. */
enum rc case_set_pin(struct tx *tx, const struct flow *w, struct str code, const struct str *word,
                     const struct hash *journey, struct ward_case *c, enum word_result *result,
                     struct receipt *receipt, struct fault *f);
/* A lost receipt: a new code with a word, the old one dead, on the timeline with what the person was
 * asked ("checked"). By who works the case. RC_EXISTS, RC_LIMIT as receipt_replace. */
enum rc case_reissue(struct tx *tx, const struct flow *w, struct ward_case *c,
                     const struct actor *actor, const struct hash *journey, struct str word,
                     struct str checked, struct receipt *receipt, struct fault *f);

/* Reading. RC_NONE also for another ward's. */
enum rc case_get(struct tx *tx, const struct flow *w, struct case_id id, struct ward_case *out,
                 struct fault *f);
enum rc case_by_code(struct tx *tx, const struct flow *w, struct str code, struct ward_case *out,
                     struct fault *f);
/* Only listed, not withheld cases. */
enum rc case_by_public_code(struct tx *tx, const struct flow *w, struct str code,
                            struct ward_case *out, struct fault *f);
enum rc case_timeline(struct tx *tx, const struct flow *w, const struct ward_case *c,
                      struct entry **out, size_t *count, struct fault *f);
enum rc case_attachments(struct tx *tx, const struct ward_case *c, struct attachment **out,
                         size_t *count, struct fault *f);
/* The names of all kept photos of the ward, by id, `limit` at once after the id *after (from 0), which
 * it moves on; for backups. */
enum rc attachment_names(struct tx *tx, int64_t *after, size_t limit, struct str *names,
                         size_t *count, struct fault *f);
enum rc case_attachment(struct tx *tx, struct str name, struct attachment *out,
                        struct case_id *of, struct fault *f);
/* Which steps an account has ever made, as bits 1 << enum verb; for a ward to learn in, since it reads
 * the whole timeline. */
enum rc timeline_verbs_of(struct tx *tx, struct account_id account, uint64_t *verbs,
                          struct fault *f);
/* May this actor work the case: a member of the unit that has it now, or of a matter about somebody who
 * works here its receiver by rule. Who assigns it away loses sight of it until it is handed back. */
bool case_handled_by(const struct ward_case *c, const struct actor *a);
/* Is the actor one of the two mediators that are named on it? */
bool case_mediated_by(const struct ward_case *c, const struct actor *a);

/* The one door: makes a move of the case's procedure, or one of the works that leave the step
 * (note, correct, photo, release, unrelease, blur, withhold, unwithhold, assign, explain), or undoes a closing. Checks who may, that
 * expected_version is still the case's (RC_CHANGED; 0: do not check), that a closing has its
 * result, and that no rights line stands against it. Only c->id is read; on RC_OK *c is the case
 * after the move.
 *
 * A matter about somebody who works here is neither assigned nor corrected; of a mediation nothing is
 * noted while mediators have it, and their moves hold no words but "appointment" (meet).
 *
 * Parts: "text" (ask, note, answer without photos), "reason" (correct, withhold, unwithhold), "sort" (pass_up,
 * one of SORTS; settle may have a "result", pass_up a "reason"),
 * "public_text" (release), "why_late" (explain), "result" (close). RC_INVALID names the missing one in f->field; so it
 * does "outcome", "unit", "kind" and "photo". RC_DENIED: not this actor's, or not now. RC_EXPIRED:
 * past its time. RC_REFUSED: the kind's rights stand against it (conduct: no release, no photo).
 * A correction never makes a case listed; one to a kind that is not listed hides what was released.
 * Whoever moves a case that is nobody's becomes its officer; assigning leaves it nobody's.
 * RC_WAITING: a colleague's step waits (ward/flow/pending.h) and this one would cross it.
 * "unclose" leads back to the step that the case was closed at, by who closed it, within
 * UNCLOSE_US: its deadlines count on as if it had never been closed.
 * "apologise" says that the letter of apology which waits (apology.h) was signed and given; with no parts.
 * "explain" tells why the present deadline is, or will be, missed, from EXPLAIN_US before it on; told
 * again it is put in the former's place. It speaks of that deadline alone: when another one counts, it
 * is gone from where it was shown (the timeline keeps it).
 * "pause", "resume" and "extend" need "clock_why", which the resident reads; clock.h says what they do.
 * RC_LIMIT: the rule allows no more of it. RC_EXPIRED: the deadline is over.
 * "amend" is the reporter's: words that put the former ones right, beside them, while the case is open and no
 * mediator has it; RC_LIMIT: AMEND_MAX times. "erase" is written by own_erase alone (own.h).
 * "blur" puts its one photo in the place of a released one of which it is a copy with parts covered (blur.h).
 * "clear", "restore" and "ungather" are of what stands in a flood's group (flood.h).
 * "merge" makes a case follow another (move.lead), "unmerge", and "split" of one that who reported it
 * joined, end that: they need a "reason" and stand on both timelines. Both cases open, listed, and worked
 * by the actor. RC_INVALID on "lead": itself. RC_REFUSED: one of them follows another already, is closed
 * or may not carry reports (conduct, not shown), or too much follows the one that is to follow.
 * What follows keeps its step, receipt and clock as they stand, and nobody is held to that clock: its
 * reporter and the desk see the case that it follows; who reported that one withdraws it no more; "solved" is its own word, and "reopen" reopens
 * that one, or parts from it where its own reporter called it solved. */
struct move {
	enum verb verb;
	const struct actor *actor;    /* NULL: the reporter */
	int64_t expected_version;
	struct part *parts;           /* what was said */
	size_t part_count;
	struct photo *photos;
	size_t photo_count;
	struct unit_id unit;          /* assign: to */
	struct str kind;              /* correct: the new kind, or empty */
	const struct case_place *place; /* correct: the new place, or NULL */
	struct str outcome;           /* close */
	struct account_id mediators[2]; /* appoint: two different ones */
	struct attachment_id *release;/* release: photos to show; the whole set */
	size_t release_count;
	struct str blurred;           /* blur: name of the photo in whose place the one of `photos` comes */
	struct case_id lead;          /* merge: into which case */
	bool danger;                  /* what the reporter says speaks of danger: it rings */
	bool by_clock;                /* pass_up: nobody does it, the khu vực's time is over (area.h) */
};
enum rc case_move(struct tx *tx, const struct flow *w, const struct ward *ward,
                  struct ward_case *c, const struct move *m, struct fault *f);
/* Which verbs this actor (NULL: the reporter) may use now; bits 1 << enum verb. */
uint64_t case_verbs(const struct flow *w, const struct ward_case *c, const struct actor *a,
                    int64_t now);
enum { AMEND_MAX = 20 };
bool case_amendable(const struct ward_case *c);

/* Lists. Keyset paging: `after` is the last row's cursor of the page before (0, 0: first). */
enum queue { QUEUE_new = 1, QUEUE_mine, QUEUE_unit, QUEUE_asked, QUEUE_closed, QUEUE_COUNT };
const char *queue_name(enum queue q);
struct case_filter {
	enum queue queue;             /* of the actor; 0 with `listed`: the public list */
	const struct actor *actor;
	bool listed;
	struct str kind;
	struct area_id area;
	enum state state;
	/* Of the public list and map: bits 1 << state (0: any), case_month of the receipt (0: any), and
	 * of the list the square of `square` cells from `cell` on (square 0: any; cell.column 0: those
	 * without one). A month's list is ordered by receipt, the others by id. */
	uint32_t states;
	int32_t month;
	struct cell cell;
	int square;
	int64_t since;                /* came into the system since; 0: whenever */
	struct str words;             /* search, as RIGHTS.md allows; empty: none */
	int64_t after_due, after_id;  /* cursor: `cursor` and `id` of the last row; of a public list
	                                 received_at and id */
	size_t limit;                 /* 50 */
};
struct case_row {
	struct case_id id;
	char code[16], public_code[16];
	struct str kind, step, street;
	enum state state;
	struct area_id area;
	struct cell cell;
	struct unit_id unit;
	struct account_id officer;
	int64_t received_at, due_at, closed_at;
	int64_t first_due_at, ended_due_at, paused_until;  /* as of the case */
	struct str outcome;           /* one of OUTCOMES; when closed */
	struct str released_text, text;  /* text: the original, for the desk's rows only */
	int64_t cursor;               /* with id: the cursor of the page that follows this row */
	int reports;                  /* case_reports */
	bool danger;                  /* its words speak of danger; for the desk's rows only */
	struct case_id lead;          /* it follows this one: told with that one's state */
};
/* The cases of the actor's units that were received in [from, to), newest first: for a receipt that
 * was lost. area 0: any. */
enum rc case_received(struct tx *tx, const struct actor *actor, struct area_id area, int64_t from,
                      int64_t to, struct case_row *out, size_t max, size_t *count, struct fault *f);

/* What a khu vực's head and team read: open, listed cases of their own khu vực, of kinds marked so, which the
 * reporter did not tick away and the desk did not withhold; without a word of who sent them. What a mediator
 * has: the open mediations they are named on. By due day, 50 at once, after the cursor (0, 0: first). */
enum rc case_list_head(struct tx *tx, const struct actor *who, int64_t after_due, int64_t after_id,
                       struct case_row **out, size_t *count, bool *more, struct fault *f);
enum rc case_list_mediated(struct tx *tx, const struct actor *who, int64_t after_due, int64_t after_id,
                           struct case_row **out, size_t *count, bool *more, struct fault *f);
/* Is it theirs to read, and to settle or send up where its step lets them? */
bool case_of_area(const struct ward_case *c, const struct actor *who);
/* Was this place told of three times in 60 days? For conduct kinds, at the desk that works them (RIGHTS.md
 * promise 6: a hint, not priority). */
enum rc case_quarrel(struct tx *tx, const struct ward_case *c, bool *out, struct fault *f);

/* *more: there is a further page. RC_REFUSED: the words look like a person, plate or number that
 * is no listed place (RIGHTS.md refused 1). */
enum rc case_list(struct tx *tx, const struct flow *w, const struct case_filter *filter,
                  struct case_row **out, size_t *count, bool *more, struct fault *f);
/* The public map: listed, not withheld cases by square and khu vực (0: not known), exact, in the order
 * of the squares; of the filter kind, area, states and month are looked at. The cost is that of the
 * squares, not of the cases. */
struct map_count {
	struct cell cell;             /* column 0: no square is known */
	struct area_id area;
	int64_t n, more;              /* cases; reports beyond one each */
};
enum rc map_counts(struct tx *tx, const struct case_filter *filter, struct map_count **out,
                   size_t *count, struct fault *f);
/* What happened to public cases, newest first, at most q->limit (0: 30): opened, released, closed,
 * solved, withdrawn, found to be unfounded, reopened, its closing undone. Of the filter kind, area, states and month (here of the event) are
 * looked at; a narrow one sees no further back than some thousand events of the ward. */
struct public_event {
	enum verb verb;
	int64_t at;
	int number;                   /* the how-manyth of its verb in the case, from 1 */
	struct case_row row;
	struct attachment *photos;    /* released ones */
	size_t photo_count;
};
enum rc public_events(struct tx *tx, const struct case_filter *q, struct public_event **out,
                      size_t *count, struct fault *f);
/* A month as the map counts it, year * 12 + month - 1 in the ward's zone, and its first moment. */
int32_t case_month(int64_t at);
int64_t case_month_start(int32_t month);
enum { SQUARE_MAX = 16 };     /* cells a side of the largest square that can be asked for */

/* How many are in each queue of the actor, exact, by counters; overdue among the open ones. */
struct queue_counts {
	int64_t n[QUEUE_COUNT], more[QUEUE_COUNT];  /* cases; reports beyond one each */
	int64_t overdue;
};
enum rc case_counts(struct tx *tx, const struct flow *w, const struct actor *a,
                    struct queue_counts *out, struct fault *f);

/* How many open cases a unit has (kind empty: of all kinds), and a kind in all units. For whoever
 * decides on units and kinds; a kind that is not listed is shown to nobody as a live figure. */
enum rc case_open_of_unit(struct tx *tx, struct unit_id unit, struct str kind, int64_t *n,
                          struct fault *f);
enum rc case_open_of_kind(struct tx *tx, struct str kind, int64_t *n, struct fault *f);

/* How many cases came to the actor's units since, still open. *ringing: how many of these are of a kind that
 * rings (procedure.h), and of all open ones those in which danger was spoken of since; the last of them at
 * *last_at. No look: no case is told. */
enum rc case_news(struct tx *tx, const struct flow *w, const struct actor *a, int64_t since, int64_t *n,
                  int64_t *ringing, int64_t *last_at, struct fault *f);

/* Cases of these units that their reporters called solved in [from, until), newest first, at most
 * `limit` a unit. */
struct thanks {
	struct case_id of;
	char code[16];
	struct str kind, street, words;  /* words: of thanks, may be empty */
	int64_t at;
};
enum rc thanks_list(struct tx *tx, const struct unit_id *units, size_t unit_count, int64_t from,
                    int64_t until, size_t limit, struct thanks **out, size_t *count, struct fault *f);

/* --- the same matter (merge.c) --- */

enum { NEAR_MOST = 5, FOLLOWERS_SHOWN = 50 };
/* "Is it this one?" Open cases that anyone can open, of that kind, received since, whose square's centre
 * is within 150 m of the centre of `cell`: newest first, at most NEAR_MOST. By squares alone, so that
 * nothing is learnt about a true position by trying. Without a square, and of conduct: none. */
enum rc case_near(struct tx *tx, const struct flow *w, struct str kind, struct cell cell, int64_t since,
                  struct case_row *out, size_t *count, struct fault *f);
/* What follows a case at once, oldest first, at most FOLLOWERS_SHOWN; *more: there are others. */
enum rc case_followers(struct tx *tx, const struct flow *w, struct case_id lead, struct ward_case *out,
                       size_t *count, bool *more, struct fault *f);
/* By a public code, also of what follows another. -1: nobody is shown such a one. */
enum rc case_public_id(struct tx *tx, struct str code, struct case_id *out, struct fault *f);
/* The public code of the shown case that a public code's report follows. RC_NONE: it follows none. */
enum rc case_public_lead(struct tx *tx, const struct flow *w, struct str code, struct str *out,
                         struct fault *f);
/* Is the case at the end of the way one that anyone can open? Who reported what follows it reads of that
 * one no more than how far it is otherwise: it was withheld, or turned out to be of another kind. */
bool case_lead_shown(const struct ward_case *c);
/* Since when every link of the way is there: what was said before was for others. 0: it follows none. */
enum rc case_lead_since(struct tx *tx, const struct flow *w, const struct ward_case *c, int64_t *out,
                        struct fault *f);
/* One that follows as it would stand if the link were taken away at `now`: the same dates to the moment. Of one
 * that ended with the case at the end, or follows one that nobody is shown, what that case met is met, too. */
struct ward_case case_alone(const struct flow *w, struct arena *a, const struct ward_case *c, int64_t now);

/* Looks (RIGHTS.md promise 9): a chained row of the ward, durable before the answer. what: one of LOOK_KINDS
 * (looks.h: reading them), as "case", "search", "csv", "paper" (the list for a power cut), "shift" (the
 * hand-over sheet), "looks" (these rows themselves), "redress" and "find" (by oversight, for a request
 * whose code is the filter's first word), "agency" and "given" (a file for an agency's request, whose code is it, too, and each case in it); filter: cleaned words or queue, never text of a case. */
enum rc look_write(const struct flow *w, struct arena *a, const struct ward *ward,
                   const struct actor *who, const char *what, struct case_id of,
                   struct str filter, int64_t number, struct fault *f);
/* The same inside the transaction of what is looked at. */
enum rc look_add(struct tx *tx, const struct flow *w, const struct actor *who, const char *what, struct case_id of,
                 struct str filter, int64_t number, struct fault *f);
struct look_day {                 /* for the reporter: role, unit and day */
	int32_t day;
	struct str role, unit;
};
enum rc look_of_case(struct tx *tx, struct case_id c, struct look_day **out, size_t *count,
                     struct fault *f);

/* Last day of a retention; calendar days whose year has no calendar yet are counted unmoved, or no
 * case with a long retention could be closed. RC_NONE: no such rule. */
enum rc retention_day(const struct flow *w, struct str rule, int64_t from, int32_t *out,
                      struct fault *f);
/* Forgetting one part by rule: part, salt and every copy of the words (the case's street, what was
 * released, the photo's row, the search index) go, the chain verifies (RIGHTS.md promise 7). The
 * photo's file goes with the next sweep. RC_NONE: not there, or erased before. RC_REFUSED: a legal hold
 * stands on the case (hold.h). flow_changed after the commit. What is due by night: erase.h. */
enum rc part_erase(struct tx *tx, const struct flow *w, struct case_id c, int seq, int part,
                   struct str rule, struct fault *f);

/* Change number of a ward's public pages; in memory, raised after the commit of a release,
 * withdrawal, step or setting, and when another server has written one. */
uint64_t flow_changes(struct ward_id w);
/* In a change's transaction: other servers of the database see it with their next look. */
enum rc change_write(struct tx *tx, struct fault *f);
/* A tx_fn without a ward: raises the numbers of the wards in which somebody wrote since the last look. */
enum rc flow_changes_look(struct tx *tx, void *ctx, struct fault *f);
/* Raises it. After store_write returned RC_OK, never inside of the transaction: a reader that saw
 * the new number must also see the new rows. Not for an intake. */
void flow_changed(struct ward_id w);
/* store_write of case_move alone, then flow_changed. */
enum rc case_move_commit(const struct flow *w, struct arena *a, const struct ward *ward,
                         struct ward_case *c, const struct move *m, struct fault *f);

/* The daily head of a ward: signs the ends of the chains that changed that day, the look chain's
 * end, the definitions and the head before (domain "xom head 1", key "head.<ward id>"); since 0.4.0 ("xom head 2"),
 * between the look chain's end and the cases, for each of 1 the administrators' log, 2 the deletion list, 3 the second
 * organisation's acts: this number, the last row's number of that day, its hash. RC_EXISTS:
 * the day or a later one has its head; RC_INVALID: the day is not over. */
enum rc head_make(struct tx *tx, const struct flow *w, int32_t day, struct fault *f);
/* Makes the key that the ward signs with (heads, deletions), when there is none yet: before a backup,
 * so that whatever is signed later can be proved by what it holds. */
enum rc head_key_ready(const struct flow *w, struct ward_id ward, struct fault *f);
/* Walks every chain, look chain and head of the ward, and compares the rows of legal holds, agencies' requests and
 * requests to look again (kept) with the entries that made them. Faults found are counted and named to `say`. */
struct verify_report {
	int64_t cases, entries, parts, erased, looks, heads, kept, faults;
};
enum rc flow_verify(const struct flow *w, struct ward_id ward,
                    void (*say)(void *ctx, const char *line), void *ctx,
                    struct verify_report *out, struct fault *f);
/* Walks what those who are watched did: the administrators' log, the second organisation's acts. */
struct acts_report {
	int64_t log, log_faults, second, second_faults;
};
enum rc acts_verify(const struct flow *w, struct ward_id ward, void (*say)(void *ctx, const char *line), void *ctx,
                    struct acts_report *out, struct fault *f);
/* Reads every kept photo that a row of the ward names, and names those that are missing, short or
 * altered. RC_AWAY: their storage does not answer. */
struct photo_report {
	int64_t photos, faults;
};
enum rc photos_verify(const struct flow *w, struct ward_id ward,
                      void (*say)(void *ctx, const char *line), void *ctx,
                      struct photo_report *out, struct fault *f);
/* Drops and makes again what is derived: search, counters, the roll-up of figures. */
enum rc flow_rebuild(const struct flow *w, struct ward_id ward, struct fault *f);

#endif

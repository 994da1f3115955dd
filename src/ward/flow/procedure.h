/* Procedures: what a case of a kind goes through, as data. A YAML file of procedures/ is checked
 * (xom procedures check), published as a procedure version (its bytes and BLAKE2b checksum are
 * stored with validity dates, so that several servers agree), and kept in memory parsed.
 *
 * A case keeps the version it began with for what was promised (form, steps, deadlines) and
 * follows the present one for what protects (refusals, who may, longest retention). */
#ifndef XOM_FLOW_PROCEDURE_H
#define XOM_FLOW_PROCEDURE_H

#include "kit/base/hash.h"
#include "kit/base/po.h"
#include "kit/base/yaml.h"
#include "kit/store/store.h"
#include "ward/calendar/calendar.h"

/* The closed list of categories (RIGHTS.md, refused 3): compiled in, published. */
#define CATEGORY_TABLE(X) \
	X(lighting) X(rubbish) X(road) X(water) X(fire_safety) X(noise) \
	X(feedback) X(staff) X(mediation) X(unsure) X(redress) X(agency_request)
enum category {
	CATEGORY_unset,
#define X(name) CATEGORY_##name,
	CATEGORY_TABLE(X)
#undef X
	CATEGORY_COUNT
};

/* What can be done to a case. A verb that changes the step must be a move of the case's step; the
 * others (note, release, correct …) are allowed by `works` of the step. */
#define VERB_TABLE(X) \
	X(take) X(assign) X(ask) X(answer) X(note) X(correct) X(photo) X(release) X(unrelease) \
	X(withhold) X(unwithhold) X(close) X(withdraw) X(solved) X(reopen) X(open) X(unclose) X(set_pin) X(reissue) \
	X(explain) \
	X(pause) X(resume) X(extend) X(recalendar) \
	X(appoint) X(meet) X(agree) X(disagree) \
	X(join) X(merge) X(unmerge) X(split) \
	X(apologise) \
	X(amend) X(erase) \
	X(pass_on) \
	X(hold) X(unhold) \
	X(redress) X(unfounded) X(blur) \
	X(gather) X(ungather) X(clear) X(restore) \
	X(settle) X(pass_up) \
	X(approve) X(refuse) X(give) X(agency)
enum verb {
	VERB_unset,
#define X(name) VERB_##name,
	VERB_TABLE(X)
#undef X
	VERB_COUNT
};
const char *category_name(enum category c);
/* About neighbours' conduct, whatever a file says (RIGHTS.md promise 6). */
bool category_conduct(enum category c);
struct hash category_hash(void);             /* of the closed list, in its order */

const char *verb_name(enum verb v);
enum verb verb_parse(struct str s);
/* Does the reporter's receipt show it? What the desk writes for itself stays there: notes, photos,
 * and what it showed or hid. */
bool verb_for_reporter(enum verb v);

/* State as everybody understands it; a step has one. Message "state.<name>". */
#define STATE_TABLE(X) X(received) X(working) X(asked) X(closed) X(solved) X(withdrawn)
enum state {
	STATE_unset,
#define X(name) STATE_##name,
	STATE_TABLE(X)
#undef X
	STATE_COUNT
};
const char *state_name(enum state s);
bool state_open(enum state s);               /* received, working, asked */

/* Who may make a move; a mediator where two are named on the case; an area_head: the head or a volunteer of its
 * khu vực; chair and oversight: whoever holds that role, of an agency's request alone, which its asker, who entered
 * it, takes back. */
enum mover { MOVER_unit = 1, MOVER_reporter, MOVER_mediator, MOVER_area_head, MOVER_chair, MOVER_oversight, MOVER_asker,
	MOVER_LAST = MOVER_asker };
struct move_row {
	enum verb verb;
	enum mover who;
	struct str to;                            /* step name */
	struct str within;                        /* rule name, or empty: e.g. reopening in time */
};
struct step {
	struct str name;
	enum state state;
	struct str outcome;                       /* of a closed step that no words close: one of MEDIATED */
	struct move_row *moves;
	size_t move_count;
};
struct deadline_row {
	struct str name;                          /* "first_look", "close" */
	struct str rule;                          /* of calendars/rules.yaml */
	enum state until;                         /* met when a step of this state (or later) is reached */
};
/* A retention class of parts: what is kept how long, counted from closing. */
struct retention_row {
	struct str part;                          /* "text", "photo", "place", "note", "figures" */
	struct str rule;                          /* of calendars/rules.yaml */
	struct str why[LANG_COUNT];
};
/* What is usually wrong with such a thing: a choice on the page that a plate opens (plate.h). */
struct fault_row {
	struct str name, text[LANG_COUNT];
};
struct procedure {
	struct version_id version;
	struct str name;                          /* "lighting": the kind's key */
	enum category category;
	bool conduct;                             /* about neighbours' behaviour (RIGHTS.md 6) */
	bool listed;                              /* each case has a public page; never with conduct */
	bool photos;                              /* never with conduct */
	int max_photos;
	bool about_staff;                         /* about somebody who works here: had by whom the rule names
	                                             (people.h, offices), no unit; RIGHTS.md promise 4 */
	bool oversight;                           /* had by oversight alone, by the rule; has a form of its own and is
	                                             offered on no other (redress.h; RIGHTS.md promise 8) */
	bool agency;                              /* an agency's request (agency.h): its category says so; entered by who may
	                                             ask, decided by chair and oversight, offered on no form */
	bool area_head;                           /* the khu vực's head reads open ones; never with conduct */
	struct str area_first;                    /* the khu vực acts first, until this rule's day; empty: it does not */
	bool ring;                                /* a new case rings at the desk by night */
	struct str unit;                          /* slug of the unit that receives it; empty with about_staff and oversight */
	struct str title[LANG_COUNT], about[LANG_COUNT], hint[LANG_COUNT]; /* hint: for "what happened" */
	struct str next[LANG_COUNT];              /* what happens next, on the receipt */
	struct fault_row *faults;                 /* may be none */
	size_t fault_count;
	struct step *steps;                       /* [0] is where a case begins */
	size_t step_count;
	struct deadline_row *deadlines;
	size_t deadline_count;
	struct retention_row *retention;
	size_t retention_count;
	struct str bytes;                         /* the file as published */
	struct hash checksum;
	int32_t valid_from;
	int line;                                 /* for faults */
};

/* Parses and checks one file: typed, closed enums, every step reachable and none a dead end that
 * is not final, deadlines' and retention's rules known, every text in both languages, no refused
 * matter (rights/refused.yaml). All faults are in the reader, each with file, line, field. */
struct refused;   /* rights/refused.yaml, loaded */
enum rc refused_load(struct refused **out, const char *file, struct fault *f);
void refused_free(struct refused *r);
/* Names the line of the list that the text falls under; false when none. The comparison is made on
 * whole words without marks, case and punctuation. A text of 2,000 words or more falls under "too
 * long": it can't be checked whole. */
bool refused_match(const struct refused *r, struct arena *a, struct str text, struct str *line);
/* With rules or refused NULL their checks are left out: for a version that was checked when it was
 * published and has been followed by another since. Texts and steps live as long as the arena. */
enum rc procedure_parse(struct yaml_reader *r, struct arena *a, const char *file, struct str bytes,
                        const struct rules *rules, const struct refused *refused,
                        struct procedure *out);

/* The same matching over a whole document: every key and every text, each match a fault. */
void refused_check(const struct refused *r, struct yaml_reader *y, const struct ynode *document);
enum rc refused_parse(struct refused **out, const char *file, struct str yaml, struct fault *f);
size_t refused_count(const struct refused *r);
struct str refused_name(const struct refused *r, size_t i);
struct hash refused_hash(const struct refused *r);       /* of the file's bytes */

struct procedures;
const struct step *procedure_step(const struct procedure *p, struct str name);  /* NULL */
const struct move_row *step_move(const struct step *s, enum verb v, enum mover who); /* NULL */
const struct step *procedure_withdrawn(const struct procedure *p);  /* where what is withdrawn ends; NULL */
bool step_mediated(const struct step *s);          /* has moves of a mediator */
/* Where a case begins: at the first step, but where that is the khu vực's and no khu vực has it, where it sends it. */
const struct step *procedure_begin(const struct procedure *p, bool with_area);
bool step_of_area(const struct step *s);           /* the khu vực has it: it settles it or sends it up */
bool procedure_mediated(const struct procedure *p);
/* How a talk ended, of which no more is kept; texts under "outcome.<name>". */
enum { MEDIATED_COUNT = 3 };
extern const char *const MEDIATED[MEDIATED_COUNT];
/* No unit receives it, the rule names who decides: it is neither entered at the counter, nor corrected, assigned,
 * printed, or told of in a figure but the ward's one total. */
bool procedure_by_rule(const struct procedure *p);
/* May a case that began as one become of the other kind? Nothing goes into or out of a matter about
 * somebody who works here (who had it till then has read it), nor into steps that the case does not have. */
bool procedure_corrects(const struct procedure *from, const struct procedure *to);
/* The kind of matters about somebody who works here that the ward offers; NULL: none. */
const struct procedure *procedure_about_staff(const struct procedures *p, struct ward_id ward,
                                              int32_t day);

/* All published versions, in memory; reloaded when one is published. Read by all threads; what it
 * hands out stays until procedures_close. A kind whose latest version falls under refused matter
 * (the list grew after it was published) is offered no more: procedure_of_kind gives NULL, cases
 * that began with it are still found by their version. */
extern const struct schema_step PROCEDURE_SCHEMA[];
enum rc procedures_open(struct procedures **out, struct store *s, const struct rules *rules,
                        const struct refused *refused, struct fault *f);
void procedures_close(struct procedures *p);
/* Reads again; versions that are known stay where they are. For other servers' publications. */
enum rc procedures_reload(struct procedures *p, struct store *s, struct fault *f);
/* The same, when the database has others than were read. */
enum rc procedures_refresh(struct procedures *p, struct store *s, struct fault *f);

/* What a ward offers for new cases: the kinds valid on the day but those that it withdrew, those
 * whose unit it does not have (nobody would receive them), and those with a form of their own. Cases that
 * began before go on to their end; their kind's title and version are found as ever. */
const struct procedure *procedure_offered(const struct procedures *p, struct ward_id ward,
                                          struct str kind, int32_t day);
size_t procedures_offered(const struct procedures *p, struct ward_id ward, int32_t day,
                          const struct procedure **out, size_t max);
bool procedure_unit_missing(const struct procedures *p, struct ward_id ward,
                            const struct procedure *one, int32_t day);
int32_t procedure_withdrawn_from(const struct procedures *p, struct ward_id ward, struct str kind);
/* In the ward's transaction; procedures_refresh after the commit. A day that was set is moved.
 * RC_NONE: it was not withdrawn. */
enum rc procedure_withdraw(struct tx *tx, struct str kind, int32_t from_day, struct fault *f);
enum rc procedure_offer(struct tx *tx, struct str kind, struct fault *f);

/* The version of the kind valid on the day; NULL: no such kind. */
const struct procedure *procedure_of_kind(const struct procedures *p, struct str kind, int32_t day);
const struct procedure *procedure_of_version(const struct procedures *p, struct version_id v);
/* The kinds valid on the day, in the order of CATEGORY_TABLE. */
size_t procedures_all(const struct procedures *p, int32_t day, const struct procedure **out,
                      size_t max);
/* Publishes every *.yaml of the folder whose checksum is not the latest version's; all or none.
 * Used at the first start (who: "xom"). RC_SYNTAX: a file is refused, the fault is its first.
 * RC_INVALID: from_day lies before the latest version's. */
enum rc procedures_publish(struct procedures *p, struct store *s, const char *dir, int32_t from_day,
                           size_t *published, struct fault *f);
/* The same with the name of who published it, for `xom procedures publish`. `only_new`: what was
 * published under a name stays as it is. */
enum rc procedures_publish_as(struct procedures *p, struct store *s, const char *dir,
                              int32_t from_day, struct str who, bool only_new, size_t *published,
                              struct fault *f);
/* The folder's kinds that are not the latest version of their name, in the order of the files; in the
 * arena. RC_SYNTAX: a file is refused. */
struct procedure_apart {
	struct str name;
	bool known;                   /* there is another version; else the name was never published */
};
enum rc procedures_apart(struct procedures *p, struct arena *a, const char *dir,
                         struct procedure_apart **out, size_t *count, struct fault *f);
/* One that was parsed and checked, in the caller's transaction, by the name of a role ("admin").
 * *published 0: it is the latest version already. procedures_refresh after the commit. */
enum rc procedure_publish(struct tx *tx, struct procedures *p, const struct procedure *one,
                          int32_t from_day, struct str who, size_t *published, struct fault *f);
/* Every version of a kind (empty: of all), newest first; who: a role, or the operator's name. */
struct procedure_version {
	struct version_id id;
	struct str name, bytes, who;
	struct hash checksum;
	int32_t valid_from;
	int64_t published_at;
};
enum rc procedure_versions(struct tx *tx, struct str kind, size_t limit,
                           struct procedure_version **out, size_t *count, struct fault *f);
/* Every file of a list or folder checked, every fault said; the number of faults. A path that ends
 * in .yaml is a file, everything else a folder. */
size_t procedures_check(const char *const *paths, size_t count, const struct rules *rules,
                        const struct refused *refused,
                        void (*say)(void *ctx, const struct fault *fault), void *ctx);

/* Hash of all live definitions: categories, refused matter, and the version of every kind valid on
 * that day. It stands on /rights and in every daily head. */
struct hash procedures_hash(const struct procedures *p, int32_t day);

#endif

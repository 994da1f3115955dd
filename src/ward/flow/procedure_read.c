/* One procedure file: bound by type, then checked as a whole. Every fault names file, line and
 * field; reading goes on after each, so that one run says all that is wrong. */
#include "ward/flow/procedure.h"

enum {
	NAME_MAX_BYTES = 32,
	STEPS_MAX = 32,
	MOVES_MAX = 16,
	PHOTOS_MAX = 5,
	FAULTS_MAX = 8,
	TITLE_MAX = 60,
	TEXT_MAX = 600,
};

struct binder {
	struct yaml_reader *y;
	struct arena *a;
	const struct rules *rules;
};

#define STATE_BIT(s) (1U << STATE_##s)
/* Who makes which move, and what it leads to: a procedure may leave moves out, not turn them
 * around. The other verbs leave the step as it is, and are no moves. */
static const struct verb_row {
	enum verb verb;
	enum mover who;
	unsigned to;
} MOVES[] = {
	{VERB_take, MOVER_unit, STATE_BIT(working)},
	{VERB_ask, MOVER_unit, STATE_BIT(asked)},
	{VERB_close, MOVER_unit, STATE_BIT(closed)},
	{VERB_answer, MOVER_reporter, STATE_BIT(received) | STATE_BIT(working)},
	{VERB_withdraw, MOVER_reporter, STATE_BIT(withdrawn)},
	{VERB_solved, MOVER_reporter, STATE_BIT(solved)},
	{VERB_reopen, MOVER_reporter, STATE_BIT(received) | STATE_BIT(working)},
	{VERB_appoint, MOVER_unit, STATE_BIT(working)},
	{VERB_meet, MOVER_mediator, STATE_BIT(working)},
	{VERB_agree, MOVER_mediator, STATE_BIT(working) | STATE_BIT(closed)},
	{VERB_disagree, MOVER_mediator, STATE_BIT(closed)},
	{VERB_settle, MOVER_area_head, STATE_BIT(closed)},
	{VERB_pass_up, MOVER_area_head, STATE_BIT(received)},
	{VERB_approve, MOVER_chair, STATE_BIT(working) | STATE_BIT(closed)},
	{VERB_approve, MOVER_oversight, STATE_BIT(working) | STATE_BIT(closed)},
	{VERB_refuse, MOVER_chair, STATE_BIT(closed)},
	{VERB_refuse, MOVER_oversight, STATE_BIT(closed)},
	{VERB_withdraw, MOVER_asker, STATE_BIT(withdrawn)},
};
static const char *const MOVERS[] = {"unit", "reporter", "mediator", "area_head", "chair", "oversight", "asker", NULL};
static const char *const STATES[] = {
#define X(name) #name,
	STATE_TABLE(X)
#undef X
	NULL};
static const char *const CATEGORIES[] = {
#define X(name) #name,
	CATEGORY_TABLE(X)
#undef X
	NULL};

static bool final_state(enum state s) { return s == STATE_solved || s == STATE_withdrawn; }

/* Names are keys: in addresses, in the database, in other files. */
static struct str read_name(struct binder *b, const struct ynode *map, const char *key, char joint)
{
	struct str s = y_need_str(b->y, map, key);
	bool ok = s.n <= NAME_MAX_BYTES && (s.n == 0 || (s.p[0] >= 'a' && s.p[0] <= 'z'));
	for (size_t i = 0; i < s.n; i++)
		ok = ok && ((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		            s.p[i] == joint);
	if (!ok)
		y_fault_at(b->y, map, key,
		        "must be 1 to %d lower-case letters a-z, digits and '%c', a letter first",
		        NAME_MAX_BYTES, joint);
	return s;
}

static struct str read_rule(struct binder *b, const struct ynode *map, const char *key, bool need)
{
	struct str s = need ? y_need_str(b->y, map, key) : y_opt_str(b->y, map, key);
	if (s.n == 0 || b->rules == NULL)
		return s;
	const struct rule *all = NULL;
	size_t n = rules_all(b->rules, &all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, s))
			return s;
	y_fault_at(b->y, map, key, "calendars/rules.yaml has no rule \"%.*s\"", PSTR(s));
	return s;
}

/* A text in each whole language; in the others where it is given, else in Vietnamese. */
static void read_texts(struct binder *b, const struct ynode *map, const char *key, size_t max,
                       struct str out[LANG_COUNT])
{
	const char *keys[LANG_COUNT] = {NULL};
	for (int l = LANG_unset + 1; l < LANG_COUNT; l++)
		keys[l - 1] = lang_name((enum lang)l);
	for (int l = 0; l < LANG_COUNT; l++)
		out[l] = STR_EMPTY;
	const struct ynode *texts = y_need_map(b->y, map, key);
	if (texts == NULL)
		return;
	y_only(b->y, texts, keys);
	for (int l = LANG_unset + 1; l < LANG_COUNT; l++) {
		if (!lang_whole((enum lang)l) && y_get(texts, lang_name((enum lang)l)) == NULL) {
			out[l] = out[LANG_vi];
			continue;
		}
		struct str raw = y_need_str(b->y, texts, lang_name((enum lang)l));
		if (raw.n == 0)
			continue;
		enum rc rc = text_clean(b->a, raw, TEXT_LINE, max, &out[l]);
		const struct ynode *at = y_get(texts, lang_name((enum lang)l));
		if (rc == RC_TOO_BIG)
			y_fault(b->y, at, "is longer than %zu characters", max);
		else if (rc != RC_OK || !str_eq(out[l], str_trim(raw)))
			y_fault(b->y, at, "holds line breaks, decomposed letters, characters that do not "
			        "show, or an identity number");
	}
}

static void check_move(struct binder *b, const struct ynode *at, const struct move_row *m)
{
	const struct verb_row *known = NULL;
	for (size_t i = 0; i < sizeof MOVES / sizeof *MOVES; i++) {
		if (MOVES[i].verb != m->verb)
			continue;
		if (MOVES[i].who == m->who || m->who == 0)
			return;
		known = known == NULL ? &MOVES[i] : known;
	}
	if (known != NULL) {
		y_fault_at(b->y, at, "by", "\"%s\" is a move of the %s", verb_name(m->verb), MOVERS[known->who - 1]);
		return;
	}
	y_fault_at(b->y, at, "verb", "\"%s\" leaves the step as it is and is no move",
	        verb_name(m->verb));
}

static void read_move(struct binder *b, const struct ynode *map, struct move_row *out)
{
	static const char *const KEYS[] = {"verb", "by", "to", "within", NULL};
	if (y_type(map) != Y_MAP) {
		y_fault(b->y, map, "must be a map with verb, by and to");
		return;
	}
	y_only(b->y, map, KEYS);
	struct str verb = y_need_str(b->y, map, "verb");
	out->verb = verb_parse(verb);
	int who = y_need_enum(b->y, map, "by", MOVERS);
	out->who = who < 0 ? (enum mover)0 : (enum mover)(who + 1);
	out->to = y_need_str(b->y, map, "to");
	out->within = read_rule(b, map, "within", false);
	if (out->verb == VERB_unset && verb.n > 0)
		y_fault_at(b->y, map, "verb", "there is no verb \"%.*s\"", PSTR(verb));
	else if (out->verb != VERB_unset)
		check_move(b, map, out);
	/* Without an end the file could be opened again for ever, and nothing could be forgotten. */
	if (out->verb == VERB_reopen && y_get(map, "within") == NULL)
		y_fault(b->y, map, "reopening needs \"within\", the rule that says for how long");
}

/* Chair and oversight each have them, in one step. */
static bool decides(enum verb v) { return v == VERB_approve || v == VERB_refuse; }

static void read_step(struct binder *b, const struct ynode *map, struct step *out)
{
	static const char *const KEYS[] = {"name", "state", "outcome", "moves", NULL};
	static const char *const ENDS[] = {"agreed", "not_agreed", "no_talk", NULL};
	if (y_type(map) != Y_MAP) {
		y_fault(b->y, map, "must be a map with name, state and moves");
		return;
	}
	y_only(b->y, map, KEYS);
	out->name = read_name(b, map, "name", '_');
	out->state = (enum state)(y_need_enum(b->y, map, "state", STATES) + 1);
	if (y_get(map, "outcome") != NULL) {
		int end = y_need_enum(b->y, map, "outcome", ENDS);
		out->outcome = end >= 0 ? str_of(MEDIATED[end]) : STR_EMPTY;
		if (out->state != STATE_closed && out->state != STATE_unset)
			y_fault_at(b->y, map, "outcome", "stands only at a step that is closed");
	}
	const struct ynode *moves = y_opt_list(b->y, map, "moves");
	size_t n = moves != NULL ? y_count(moves) : 0;
	if (n > MOVES_MAX) {
		y_fault(b->y, moves, "at most %d moves are possible", MOVES_MAX);
		return;
	}
	out->moves = arena_array(b->a, n + 1, sizeof *out->moves);
	out->move_count = n;
	for (size_t i = 0; i < n; i++) {
		read_move(b, y_item(moves, i), &out->moves[i]);
		for (size_t k = 0; k < i; k++)
			if (out->moves[k].verb == out->moves[i].verb && out->moves[i].verb != VERB_unset &&
			    (!decides(out->moves[i].verb) || out->moves[k].who == out->moves[i].who))
				y_fault(b->y, y_item(moves, i), "the step has two moves \"%s\"",
				        verb_name(out->moves[i].verb));
	}
}

static const struct ynode *step_node(const struct ynode *document, size_t i)
{
	return y_item(y_get(document, "steps"), i);
}

static void check_targets(struct binder *b, const struct ynode *document, struct procedure *p)
{
	for (size_t i = 0; i < p->step_count; i++)
		for (size_t k = 0; k < p->steps[i].move_count; k++) {
			const struct move_row *m = &p->steps[i].moves[k];
			const struct ynode *at = y_item(y_get(step_node(document, i), "moves"), k);
			const struct step *to = procedure_step(p, m->to);
			if (m->to.n > 0 && to == NULL)
				y_fault_at(b->y, at, "to", "there is no step \"%.*s\"", PSTR(m->to));
			for (size_t v = 0; to != NULL && v < sizeof MOVES / sizeof *MOVES; v++)
				if (MOVES[v].verb != m->verb || MOVES[v].who != m->who)
					continue;
				else if (to->state == STATE_closed &&
				    (m->who == MOVER_mediator) != (to->outcome.n > 0)) {
					y_fault_at(b->y, at, "to", "a step with an outcome is where a mediator's "
					        "move ends, and only there");
				} else if (to->state != STATE_unset &&
				    (MOVES[v].to >> to->state & 1) == 0)
					y_fault_at(b->y, at, "to", "\"%s\" cannot lead to the state \"%s\"",
					        verb_name(m->verb), state_name(to->state));
		}
}

/* Marks every step that can be reached (from the first) or that can reach an end. */
static void spread(const struct procedure *p, bool backwards, bool marked[STEPS_MAX])
{
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < p->step_count; i++)
			for (size_t k = 0; k < p->steps[i].move_count; k++) {
				const struct step *to = procedure_step(p, p->steps[i].moves[k].to);
				if (to == NULL)
					continue;
				size_t t = (size_t)(to - p->steps), from = backwards ? t : i;
				size_t next = backwards ? i : t;
				if (marked[from] && !marked[next])
					marked[next] = again = true;
			}
	}
}

static void check_graph(struct binder *b, const struct ynode *document, struct procedure *p)
{
	bool reached[STEPS_MAX] = {true}, ends[STEPS_MAX] = {false};
	for (size_t i = 0; i < p->step_count; i++)
		ends[i] = final_state(p->steps[i].state) || (p->agency && p->steps[i].state == STATE_closed);
	spread(p, false, reached);
	spread(p, true, ends);
	if (p->steps[0].state != STATE_received && p->steps[0].state != STATE_unset)
		y_fault_at(b->y, step_node(document, 0), "state",
		        "the first step must have the state \"received\"");
	for (size_t i = 0; i < p->step_count; i++) {
		const struct step *s = &p->steps[i];
		const struct ynode *at = step_node(document, i);
		if (s->state == STATE_unset)
			continue;
		if (!reached[i])
			y_fault(b->y, at, "no move leads to the step \"%.*s\"", PSTR(s->name));
		if (!ends[i] && s->move_count == 0)
			y_fault(b->y, at, "the step \"%.*s\" is a dead end", PSTR(s->name));
		else if (!ends[i])
			y_fault(b->y, at, "no way leads from the step \"%.*s\" to an end", PSTR(s->name));
		if (p->agency && state_open(s->state) && step_move(s, VERB_withdraw, MOVER_asker) == NULL)
			y_fault(b->y, at, "who entered it cannot take it back in the step \"%.*s\"", PSTR(s->name));
		if (!p->agency && state_open(s->state) && step_move(s, VERB_withdraw, MOVER_reporter) == NULL)
			y_fault(b->y, at, "the reporter cannot withdraw in the step \"%.*s\"",
			        PSTR(s->name));
	}
}

static void read_steps(struct binder *b, const struct ynode *document, struct procedure *p)
{
	const struct ynode *list = y_need_list(b->y, document, "steps");
	if (list == NULL)
		return;
	size_t n = y_count(list), before = b->y->fault_count;
	if (n == 0 || n > STEPS_MAX) {
		y_fault(b->y, list, "needs 1 to %d steps", STEPS_MAX);
		return;
	}
	p->steps = arena_array(b->a, n, sizeof *p->steps);
	p->step_count = n;
	for (size_t i = 0; i < n; i++) {
		read_step(b, y_item(list, i), &p->steps[i]);
		for (size_t k = 0; k < i; k++)
			if (p->steps[i].name.n > 0 && str_eq(p->steps[k].name, p->steps[i].name))
				y_fault(b->y, y_item(list, i), "there are two steps \"%.*s\"",
				        PSTR(p->steps[i].name));
	}
	/* A misread step would make every later sentence about ways wrong. */
	if (b->y->fault_count > before)
		return;
	check_targets(b, document, p);
	if (b->y->fault_count == before)
		check_graph(b, document, p);
}

static void read_deadlines(struct binder *b, const struct ynode *document, struct procedure *p)
{
	static const char *const NAMES[] = {"first_look", "close", NULL};
	static const char *const KEYS[] = {"name", "rule", "until", NULL};
	const struct ynode *list = y_need_list(b->y, document, "deadlines");
	size_t n = list != NULL ? y_count(list) : 0;
	bool seen[2] = {false};
	p->deadlines = arena_array(b->a, n + 1, sizeof *p->deadlines);
	for (size_t i = 0; i < n; i++) {
		const struct ynode *map = y_item(list, i);
		if (y_type(map) != Y_MAP) {
			y_fault(b->y, map, "must be a map with name, rule and until");
			continue;
		}
		y_only(b->y, map, KEYS);
		struct deadline_row *d = &p->deadlines[p->deadline_count++];
		int name = y_need_enum(b->y, map, "name", NAMES);
		d->name = name >= 0 ? str_of(NAMES[name]) : STR_EMPTY;
		d->rule = read_rule(b, map, "rule", true);
		d->until = (enum state)(y_need_enum(b->y, map, "until", STATES) + 1);
		if (name >= 0 && seen[name])
			y_fault(b->y, map, "there are two deadlines \"%s\"", NAMES[name]);
		if (name >= 0)
			seen[name] = true;
	}
	for (size_t i = 0; list != NULL && i < 2; i++)
		if (!seen[i])
			y_fault(b->y, list, "the deadline \"%s\" is missing", NAMES[i]);
}

/* How long a part may be kept is the row "most.<part>" of the rules; each row of the rule's name counts. */
static void kept_too_long(struct binder *b, const struct ynode *map, const struct retention_row *row)
{
	const struct rule *all = NULL;
	size_t n = b->rules != NULL ? rules_all(b->rules, &all) : 0;
	struct str most = arena_fmt(b->a, RULE_MOST "%.*s", PSTR(row->part));
	bool said = false;
	for (size_t i = 0; i < n; i++) {
		if (!str_eq(all[i].name, row->rule))
			continue;
		if (all[i].unit != RULE_calendar_day && all[i].unit != RULE_month) {
			y_fault_at(b->y, map, "rule", "is not counted in calendar days or months");
			return;
		}
		for (size_t k = 0; k < n && !said; k++)
			if (str_eq(all[k].name, most) && rule_longer(&all[i], &all[k])) {
				y_fault_at(b->y, map, "rule", "keeps %d %ss, longer than the %d %ss of %.*s", all[i].amount,
				           rule_unit_name(all[i].unit), all[k].amount, rule_unit_name(all[k].unit), PSTR(most));
				said = true;
			}
	}
}

static void read_retention(struct binder *b, const struct ynode *document, struct procedure *p)
{
	static const char *const PARTS[] = {"text", "photo", "place", "note", "figures", NULL};
	static const char *const KEYS[] = {"part", "rule", "why", NULL};
	enum { PART_COUNT = 5 };
	const struct ynode *list = y_need_list(b->y, document, "retention");
	size_t n = list != NULL ? y_count(list) : 0;
	bool seen[PART_COUNT] = {false};
	p->retention = arena_array(b->a, n + 1, sizeof *p->retention);
	for (size_t i = 0; i < n; i++) {
		const struct ynode *map = y_item(list, i);
		if (y_type(map) != Y_MAP) {
			y_fault(b->y, map, "must be a map with part, rule and why");
			continue;
		}
		y_only(b->y, map, KEYS);
		struct retention_row *row = &p->retention[p->retention_count++];
		int part = y_need_enum(b->y, map, "part", PARTS);
		row->part = part >= 0 ? str_of(PARTS[part]) : STR_EMPTY;
		row->rule = read_rule(b, map, "rule", true);
		read_texts(b, map, "why", TEXT_MAX, row->why);
		if (part >= 0 && row->rule.n > 0)
			kept_too_long(b, map, row);
		if (part >= 0 && seen[part])
			y_fault(b->y, map, "there are two rows for \"%s\"", PARTS[part]);
		if (part >= 0)
			seen[part] = true;
	}
	for (size_t i = 0; list != NULL && i < PART_COUNT; i++)
		if (!seen[i])
			y_fault(b->y, list, "nothing says how long \"%s\" is kept", PARTS[i]);
}

static void read_faults(struct binder *b, const struct ynode *document, struct procedure *p)
{
	const struct ynode *list = y_opt_list(b->y, document, "faults");
	size_t n = list != NULL ? y_count(list) : 0;
	if (n > FAULTS_MAX) {
		y_fault(b->y, list, "at most %d faults are possible", FAULTS_MAX);
		return;
	}
	p->faults = arena_array(b->a, n + 1, sizeof *p->faults);
	for (size_t i = 0; i < n; i++) {
		static const char *const KEYS[] = {"name", "text", NULL};
		const struct ynode *map = y_item(list, i);
		if (y_type(map) != Y_MAP) {
			y_fault(b->y, map, "must be a map with name and text");
			continue;
		}
		y_only(b->y, map, KEYS);
		struct fault_row *row = &p->faults[p->fault_count++];
		row->name = read_name(b, map, "name", '_');
		read_texts(b, map, "text", TITLE_MAX * 2, row->text);
		for (size_t k = 0; k < i && row->name.n > 0; k++)
			if (str_eq(p->faults[k].name, row->name))
				y_fault(b->y, map, "there are two faults \"%.*s\"", PSTR(row->name));
	}
}

static enum category category_called(struct str name)
{
	for (int c = CATEGORY_unset + 1; c < CATEGORY_COUNT; c++)
		if (str_is(name, category_name((enum category)c)))
			return (enum category)c;
	return CATEGORY_unset;
}

/* RIGHTS.md promise 6: conduct isn't a pillory. A category that is about conduct is so for every kind in
 * it, and a kind that is called like a category is of it: no file makes "noise" a matter of lamps. */
static void check_conduct(struct binder *b, const struct ynode *document, const struct procedure *p)
{
	enum category called = category_called(p->name);
	if (category_conduct(p->category) && !p->conduct)
		y_fault_at(b->y, document, "conduct", "\"%s\" is about neighbours' conduct: must be true",
		        category_name(p->category));
	if (called != CATEGORY_unset && p->category != CATEGORY_unset && called != p->category)
		y_fault_at(b->y, document, "category", "a kind called \"%s\" is of that category",
		        category_name(called));
	if (p->conduct && p->listed)
		y_fault_at(b->y, document, "listed", "a conduct kind is never listed");
	if ((p->category == CATEGORY_staff) != p->about_staff && p->category != CATEGORY_unset)
		y_fault_at(b->y, document, "about_staff", "is true in the category \"staff\", and only there");
	if (p->about_staff && (p->listed || p->photos || p->conduct || p->area_head || p->ring))
		y_fault_at(b->y, document, "about_staff", "such a matter is not listed, takes no photos, does not "
		        "ring and is no conduct kind");
	if ((p->category == CATEGORY_redress) != p->oversight && p->category != CATEGORY_unset)
		y_fault_at(b->y, document, "oversight", "is true in the category \"redress\", and only there");
	if (p->oversight && (p->listed || p->photos || p->conduct || p->area_head || p->ring))
		y_fault_at(b->y, document, "oversight", "such a matter is not listed, takes no photos, does not "
		        "ring and is no conduct kind");
	if (p->agency && (p->listed || p->photos || p->conduct || p->area_head || p->ring))
		y_fault_at(b->y, document, "category", "an agency's request is not listed, takes no photos, does not "
		        "ring and is no conduct kind");
	if (p->area_head && (p->conduct || !p->listed))
		y_fault_at(b->y, document, "area_head", "stands only where listed is true, never with conduct");
	if (procedure_mediated(p) && !p->conduct)
		y_fault_at(b->y, document, "conduct", "a mediation is about neighbours' conduct: must be true");
	if (p->conduct && p->photos)
		y_fault_at(b->y, document, "photos", "a conduct kind takes no photos");
	if (!p->photos && y_get(document, "max_photos") != NULL)
		y_fault_at(b->y, document, "max_photos", "stands only where photos is true");
}

/* What a khu vực does: it settles where its head may read, and is the first to act where a rule says for how long;
 * then the first step is the khu vực's, and leads up to the ward's own. */
static void check_area(struct binder *b, const struct ynode *document, const struct procedure *p)
{
	bool first = p->step_count > 0 && step_of_area(&p->steps[0]);
	if (p->area_first.n > 0 && !p->area_head)
		y_fault_at(b->y, document, "area_first", "stands only where area_head is true");
	if ((p->area_first.n > 0) != first && p->step_count > 0)
		y_fault_at(b->y, document, "area_first", "is needed where the first step has the move \"pass_up\", and only there");
	for (size_t i = 0; i < p->step_count; i++) {
		const struct ynode *at = step_node(document, i);
		bool settles = step_move(&p->steps[i], VERB_settle, MOVER_area_head) != NULL;
		const struct move_row *up = step_move(&p->steps[i], VERB_pass_up, MOVER_area_head);
		if (settles && !p->area_head)
			y_fault(b->y, at, "a khu vực settles only what its head may read: area_head must be true");
		if (up != NULL && (i > 0 || !settles || str_eq(up->to, p->steps[0].name)))
			y_fault(b->y, at, "\"pass_up\" stands at the first step alone, beside \"settle\", and leads to another");
	}
}

/* Two approvals, by chair and by oversight: an approval ends the matter only at a step to which the other's led, and
 * only in an agency's request is anything approved. */
static void check_agency(struct binder *b, const struct ynode *document, const struct procedure *p)
{
	for (size_t i = 0; i < p->step_count; i++)
		for (size_t k = 0; k < p->steps[i].move_count; k++) {
			const struct move_row *m = &p->steps[i].moves[k];
			const struct step *to = procedure_step(p, m->to);
			bool second = i > 0;
			bool taken_back = m->verb == VERB_withdraw && m->who == MOVER_asker;
			if ((decides(m->verb) || taken_back) != p->agency) {
				y_fault(b->y, y_item(y_get(step_node(document, i), "moves"), k),
				        "\"approve\", \"refuse\" and the asker's \"withdraw\" are all the moves of an agency's request, and of no other kind");
				continue;
			}
			if (m->verb != VERB_approve || to == NULL)
				continue;
			for (size_t s = 0; s < p->step_count; s++)
				for (size_t n = 0; n < p->steps[s].move_count; n++) {
					const struct move_row *in = &p->steps[s].moves[n];
					if (str_eq(in->to, p->steps[i].name) && (in->verb != VERB_approve || in->who == m->who))
						second = false;
				}
			if (second != (to->state == STATE_closed))
				y_fault(b->y, y_item(y_get(step_node(document, i), "moves"), k),
				        "the first approval leads to a step where the other one approves, the second one to the end");
		}
}

static void read_document(struct binder *b, const struct ynode *document, struct procedure *p)
{
	static const char *const KEYS[] = {"name", "category", "unit", "conduct", "listed", "photos",
		"max_photos", "about_staff", "oversight", "area_head", "area_first", "ring", "title", "about", "hint", "next", "faults", "steps", "deadlines", "retention", NULL};
	y_only(b->y, document, KEYS);
	p->line = y_line(document);
	p->name = read_name(b, document, "name", '_');
	p->category = (enum category)(y_need_enum(b->y, document, "category", CATEGORIES) + 1);
	p->agency = p->category == CATEGORY_agency_request;
	p->about_staff = y_opt_bool(b->y, document, "about_staff", false);
	p->oversight = y_opt_bool(b->y, document, "oversight", false);
	p->area_head = y_opt_bool(b->y, document, "area_head", false);
	p->area_first = read_rule(b, document, "area_first", false);
	if (!procedure_by_rule(p))
		p->unit = read_name(b, document, "unit", '-');
	else if (y_get(document, "unit") != NULL)
		y_fault_at(b->y, document, "unit", "the rule names who receives it, no unit does");
	else
		p->unit = STR_EMPTY;
	p->conduct = y_need_bool(b->y, document, "conduct");
	p->listed = y_need_bool(b->y, document, "listed");
	p->photos = y_need_bool(b->y, document, "photos");
	if (p->photos)
		p->max_photos = (int)y_need_int(b->y, document, "max_photos", 1, PHOTOS_MAX);
	p->ring = y_opt_bool(b->y, document, "ring", false);
	read_texts(b, document, "title", TITLE_MAX, p->title);
	read_texts(b, document, "about", TEXT_MAX, p->about);
	read_texts(b, document, "hint", TEXT_MAX, p->hint);
	read_texts(b, document, "next", TEXT_MAX, p->next);
	read_faults(b, document, p);
	read_steps(b, document, p);
	check_conduct(b, document, p);
	check_area(b, document, p);
	check_agency(b, document, p);
	read_deadlines(b, document, p);
	read_retention(b, document, p);
}

enum rc procedure_parse(struct yaml_reader *y, struct arena *a, const char *file, struct str bytes,
                        const struct rules *rules, const struct refused *refused,
                        struct procedure *out)
{
	*out = (struct procedure){0};
	const struct ynode *document = yaml_parse(y, a, file, bytes);
	if (document == NULL)
		return RC_SYNTAX;
	struct binder b = {y, a, rules};
	if (y_type(document) != Y_MAP)
		y_fault(y, document, "must be a map with the keys of a procedure");
	else
		read_document(&b, document, out);
	if (refused != NULL)
		refused_check(refused, y, document);
	out->bytes = arena_copy(a, bytes);
	out->checksum = hash_of(NULL, "xom.procedure", bytes);
	if (a->over)
		return RC_NOMEM;
	return y->fault_count == 0 ? RC_OK : RC_SYNTAX;
}

#include "ward/flow/procedure.h"

static const char *const CATEGORIES[] = {
	"",
#define X(name) #name,
	CATEGORY_TABLE(X)
#undef X
};
static const char *const VERBS[] = {
	"",
#define X(name) #name,
	VERB_TABLE(X)
#undef X
};
static const char *const STATES[] = {
	"",
#define X(name) #name,
	STATE_TABLE(X)
#undef X
};

const char *category_name(enum category c)
{
	return c > CATEGORY_unset && c < CATEGORY_COUNT ? CATEGORIES[c] : "";
}

struct hash category_hash(void)
{
	struct hasher h;
	hasher_init(&h, NULL, "xom.categories");
	for (int c = CATEGORY_unset + 1; c < CATEGORY_COUNT; c++)
		hasher_str(&h, str_of(CATEGORIES[c]));
	return hasher_end(&h);
}

bool category_conduct(enum category c) { return c == CATEGORY_noise || c == CATEGORY_mediation; }

const char *verb_name(enum verb v) { return v > VERB_unset && v < VERB_COUNT ? VERBS[v] : ""; }

bool verb_for_reporter(enum verb v)
{
	return v != VERB_note && v != VERB_photo && v != VERB_release && v != VERB_unrelease;
}

enum verb verb_parse(struct str s)
{
	for (int v = VERB_unset + 1; v < VERB_COUNT; v++)
		if (str_is(s, VERBS[v]))
			return (enum verb)v;
	return VERB_unset;
}

const char *state_name(enum state s)
{
	return s > STATE_unset && s < STATE_COUNT ? STATES[s] : "";
}

bool state_open(enum state s)
{
	return s == STATE_received || s == STATE_working || s == STATE_asked;
}

const struct step *procedure_step(const struct procedure *p, struct str name)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (str_eq(p->steps[i].name, name))
			return &p->steps[i];
	return NULL;
}

const struct move_row *step_move(const struct step *s, enum verb v, enum mover who)
{
	for (size_t i = 0; i < s->move_count; i++)
		if (s->moves[i].verb == v && s->moves[i].who == who)
			return &s->moves[i];
	return NULL;
}

const char *const MEDIATED[MEDIATED_COUNT] = {"agreed", "not_agreed", "no_talk"};

const struct step *procedure_withdrawn(const struct procedure *p)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (p->steps[i].state == STATE_withdrawn)
			return &p->steps[i];
	return NULL;
}

bool step_mediated(const struct step *s)
{
	for (size_t i = 0; i < s->move_count; i++)
		if (s->moves[i].who == MOVER_mediator)
			return true;
	return false;
}

bool step_of_area(const struct step *s) { return step_move(s, VERB_pass_up, MOVER_area_head) != NULL; }

const struct step *procedure_begin(const struct procedure *p, bool with_area)
{
	const struct step *s = &p->steps[0];
	return step_of_area(s) && !with_area ? procedure_step(p, step_move(s, VERB_pass_up, MOVER_area_head)->to) : s;
}

bool procedure_mediated(const struct procedure *p)
{
	for (size_t i = 0; i < p->step_count; i++)
		if (step_mediated(&p->steps[i]))
			return true;
	return false;
}

bool procedure_by_rule(const struct procedure *p) { return p->about_staff || p->oversight || p->agency; }

bool procedure_corrects(const struct procedure *from, const struct procedure *to)
{
	if (procedure_by_rule(from) || procedure_by_rule(to))
		return false;
	return !procedure_mediated(to) || procedure_mediated(from);
}

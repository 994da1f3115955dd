/* procedures/router.yaml: bound by type, then checked as a whole. Reading goes on after each fault. */
#include <stdlib.h>
#include <string.h>

#include "ward/router/router.h"

enum { QUESTIONS_MAX = 32, DOORS_MAX = 32, ID_MAX = 24, TITLE_CHARS = 160, TEXT_CHARS = 400 };

struct reading {
	struct yaml_reader *y;
	struct arena *a;              /* the router's own */
	const struct router_check *check;
};

/* Stands in addresses and in kept answers. */
static struct str read_id(struct reading *b, const struct ynode *map, const char *key)
{
	struct str s = arena_copy(b->a, y_need_str(b->y, map, key));
	bool ok = s.n <= ID_MAX && (s.n == 0 || (s.p[0] >= 'a' && s.p[0] <= 'z'));
	for (size_t i = 0; i < s.n; i++)
		ok = ok && ((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '_');
	if (!ok)
		y_fault_at(b->y, map, key, "must be 1 to %d of a-z, 0-9 and _, a letter first", ID_MAX);
	return s;
}

static struct str read_line(struct reading *b, const struct ynode *map, const char *key, bool need)
{
	struct str raw = need ? y_need_str(b->y, map, key) : y_opt_str(b->y, map, key), s = STR_EMPTY;
	if (raw.n > 0 && text_clean(b->a, raw, TEXT_LINE, TEXT_CHARS, &s) != RC_OK)
		y_fault_at(b->y, map, key, "is not UTF-8, or longer than %d characters", TEXT_CHARS);
	else if (!str_eq(s, str_trim(raw)))
		y_fault_at(b->y, map, key, "would be shown otherwise: line breaks, decomposed letters, characters that do "
		           "not show, or what looks like an identity number");
	return s;
}

/* One language's text: clean, short enough, without an office's words. */
static struct str read_words(struct reading *b, const struct ynode *at, struct str raw, enum lang l,
                             size_t max)
{
	struct str s = STR_EMPTY, word, plain;
	enum rc rc = text_clean(b->a, raw, TEXT_LINE, max, &s);
	if (rc == RC_TOO_BIG)
		y_fault(b->y, at, "is longer than %zu characters", max);
	else if (rc != RC_OK || !str_eq(s, str_trim(raw)))
		y_fault(b->y, at, "holds line breaks, decomposed letters, characters that do not show, or an "
		        "identity number");
	else if (b->check->plain != NULL && plain_words_find(b->check->plain, b->a, l, s, &word, &plain))
		y_fault(b->y, at, "\"%.*s\" is no plain word; write \"%.*s\"", PSTR(word), PSTR(plain));
	return s;
}

static void texts_of(struct reading *b, const struct ynode *texts, size_t max, struct router_text *out)
{
	const char *keys[LANG_COUNT] = {NULL};
	for (int l = LANG_unset + 1; l < LANG_COUNT; l++)
		keys[l - 1] = lang_name((enum lang)l);
	if (y_type(texts) != Y_MAP) {
		y_fault(b->y, texts, "must be a map with a text in each language");
		return;
	}
	y_only(b->y, texts, keys);
	for (int l = LANG_unset + 1; l < LANG_COUNT; l++) {
		const struct ynode *at = y_get(texts, lang_name((enum lang)l));
		if (at == NULL && !lang_whole((enum lang)l)) {
			out->in[l] = out->in[LANG_vi];
			continue;
		}
		struct str raw = y_need_str(b->y, texts, lang_name((enum lang)l));
		if (raw.n > 0)
			out->in[l] = read_words(b, at, raw, (enum lang)l, max);
	}
}

static void read_texts(struct reading *b, const struct ynode *map, const char *key, size_t max, bool need,
                       struct router_text *out)
{
	const struct ynode *texts = need ? y_need_map(b->y, map, key) : y_opt_map(b->y, map, key);
	if (texts != NULL)
		texts_of(b, texts, max, out);
}

static const struct ynode *list_of(struct reading *b, const struct ynode *map, const char *key, bool need,
                                   size_t max, size_t *n)
{
	const struct ynode *list = need ? y_need_list(b->y, map, key) : y_opt_list(b->y, map, key);
	*n = list != NULL ? y_count(list) : 0;
	if (list != NULL && (*n == 0 || *n > max)) {
		y_fault(b->y, list, "needs 1 to %zu items", max);
		*n = 0;
	}
	return list;
}

static void read_list(struct reading *b, const struct ynode *map, const char *key, bool need,
                      struct router_list *out)
{
	size_t n;
	const struct ynode *list = list_of(b, map, key, need, ROUTER_LIST_MAX, &n);
	for (out->count = 0; out->count < n; out->count++)
		texts_of(b, y_item(list, out->count), TEXT_CHARS, &out->items[out->count]);
}

static bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* A file of ours or a website: of use to who looks after the file, to nobody else. */
static bool names_file(struct str s)
{
	for (size_t i = 1; i + 1 < s.n; i++)
		if (s.p[i] == '.' && letter(s.p[i - 1]) && letter(s.p[i + 1]))
			return true;
	return false;
}

/* `shown`: residents read it. */
static void read_law(struct reading *b, const struct ynode *map, bool shown, struct router_text *out)
{
	const struct ynode *texts = y_get(map, "law");
	bool each = texts != NULL && y_type(texts) == Y_MAP;
	for (int l = LANG_unset + 1; l < LANG_COUNT; l++) {
		const char *key = lang_name((enum lang)l);
		out->in[l] = l != LANG_vi && (!each || y_get(texts, key) == NULL)
		                 ? out->in[LANG_vi] : read_line(b, each ? texts : map, each ? key : "law", true);
		if (shown && names_file(out->in[l]))
			y_fault_at(b->y, map, "law", "names a file or a website: that belongs into source");
	}
}

static void read_basis(struct reading *b, const struct ynode *map, bool shown, struct router_basis *out)
{
	read_law(b, map, shown, &out->law);
	(void)y_need_str(b->y, map, "source");
	out->checked = y_need_day(b->y, map, "checked");
	out->verified = y_need_bool(b->y, map, "verified");
}

static void read_question(struct reading *b, const struct ynode *map, struct router_question *out)
{
	static const char *const KEYS[] = {"id", "text", "help", "law", "source", "checked", "verified",
		"answers", NULL};
	static const char *const ANSWER[] = {"id", "text", "help", "to", NULL};
	size_t n;
	y_only(b->y, map, KEYS);
	out->id = read_id(b, map, "id");
	read_texts(b, map, "text", TITLE_CHARS, true, &out->text);
	read_texts(b, map, "help", TEXT_CHARS, false, &out->help);
	read_basis(b, map, false, &out->basis);
	const struct ynode *list = list_of(b, map, "answers", true, ROUTER_LIST_MAX, &n);
	out->answers = arena_array(b->a, n + 1, sizeof *out->answers);
	for (size_t i = 0; i < n; i++) {
		const struct ynode *at = y_item(list, i);
		if (y_type(at) != Y_MAP) {
			y_fault(b->y, at, "must be a map with id, text and to");
			continue;
		}
		struct router_answer *one = &out->answers[out->answer_count++];
		y_only(b->y, at, ANSWER);
		one->id = read_id(b, at, "id");
		read_texts(b, at, "text", TITLE_CHARS, true, &one->text);
		read_texts(b, at, "help", TEXT_CHARS, false, &one->help);
		one->to = read_id(b, at, "to");
		for (struct router_answer *k = out->answers; k < one; k++)
			if (one->id.n > 0 && str_eq(k->id, one->id))
				y_fault(b->y, at, "there are two answers \"%.*s\"", PSTR(one->id));
	}
}

static bool rule_known(const struct rules *rules, struct str name)
{
	const struct rule *all = NULL;
	size_t n = rules_all(rules, &all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, name))
			return true;
	return false;
}

static void read_numbers(struct reading *b, const struct ynode *map, struct router_door *out)
{
	static const char *const KEYS[] = {"number", "text", NULL};
	const struct ynode *list = list_of(b, map, "numbers", false, ROUTER_LIST_MAX, &out->number_count);
	for (size_t i = 0; i < out->number_count; i++) {
		const struct ynode *at = y_item(list, i);
		if (y_type(at) != Y_MAP) {
			y_fault(b->y, at, "must be a map with number and text");
			continue;
		}
		y_only(b->y, at, KEYS);
		struct str s = out->numbers[i].number = arena_copy(b->a, y_need_str(b->y, at, "number"));
		for (size_t k = 0; k < s.n; k++)
			if (s.p[k] < '0' || s.p[k] > '9' || s.n > 12) {
				y_fault_at(b->y, at, "number", "must be 1 to 12 digits");
				break;
			}
		read_texts(b, at, "text", TITLE_CHARS, true, &out->numbers[i].text);
	}
}

static void read_promises(struct reading *b, const struct ynode *map, struct router_door *out)
{
	static const char *const KEYS[] = {"rule", "text", NULL};
	const struct ynode *list = list_of(b, map, "promises", false, ROUTER_LIST_MAX, &out->promise_count);
	for (size_t i = 0; i < out->promise_count; i++) {
		const struct ynode *at = y_item(list, i);
		if (y_type(at) != Y_MAP) {
			y_fault(b->y, at, "must be a map with rule and text");
			continue;
		}
		y_only(b->y, at, KEYS);
		struct str rule = out->promises[i].rule = arena_copy(b->a, y_need_str(b->y, at, "rule"));
		if (rule.n > 0 && b->check->rules != NULL && !rule_known(b->check->rules, rule))
			y_fault_at(b->y, at, "rule", "calendars/rules.yaml has no rule \"%.*s\"", PSTR(rule));
		read_texts(b, at, "text", TITLE_CHARS, true, &out->promises[i].text);
	}
}

static void read_paper(struct reading *b, const struct ynode *map, struct router_paper *out)
{
	static const char *const KEYS[] = {"title", "opening", "what", "wish", "closing", "blanks", NULL};
	const struct ynode *paper = y_opt_map(b->y, map, "paper");
	if (paper == NULL)
		return;
	y_only(b->y, paper, KEYS);
	out->title = read_line(b, paper, "title", true);
	out->opening = read_line(b, paper, "opening", true);
	out->what = read_line(b, paper, "what", true);
	out->wish = read_line(b, paper, "wish", true);
	out->closing = read_line(b, paper, "closing", true);
	const struct ynode *list = list_of(b, paper, "blanks", false, ROUTER_LIST_MAX, &out->blank_count);
	for (size_t i = 0; i < out->blank_count; i++)
		out->blanks[i] = arena_copy(b->a, y_text(b->y, y_item(list, i)));
}

static void read_door(struct reading *b, const struct ynode *map, struct router_door *out)
{
	static const char *const KEYS[] = {"id", "title", "lead", "law", "source", "checked", "verified",
		"official", "quiet", "receiver", "report", "staff", "numbers", "promises", "kinds", "next", "bring",
		"rights", "paper", NULL};
	y_only(b->y, map, KEYS);
	out->id = read_id(b, map, "id");
	read_texts(b, map, "title", TITLE_CHARS, true, &out->title);
	read_texts(b, map, "lead", TEXT_CHARS, true, &out->lead);
	read_basis(b, map, true, &out->basis);
	out->official = read_line(b, map, "official", false);
	out->quiet = y_opt_bool(b->y, map, "quiet", false);
	out->receiver = y_opt_bool(b->y, map, "receiver", false);
	out->report = y_opt_bool(b->y, map, "report", false);
	out->staff = y_opt_bool(b->y, map, "staff", false);
	read_numbers(b, map, out);
	read_promises(b, map, out);
	const struct ynode *kinds = list_of(b, map, "kinds", false, ROUTER_LIST_MAX, &out->kind_count);
	for (size_t i = 0; i < out->kind_count; i++)
		out->kinds[i] = arena_copy(b->a, y_text(b->y, y_item(kinds, i)));
	read_list(b, map, "next", true, &out->next);
	read_list(b, map, "bring", false, &out->bring);
	read_list(b, map, "rights", false, &out->rights);
	read_paper(b, map, &out->paper);
	/* A door is where something can be done: a number, somebody who receives it, a form of ours. */
	if (out->number_count == 0 && !out->receiver && !out->report)
		y_fault(b->y, map, "the door \"%.*s\" is a dead end: it needs numbers, receiver or report",
		        PSTR(out->id));
	if (out->quiet && (out->paper.title.n > 0 || out->kind_count > 0 || out->report))
		y_fault(b->y, map, "a quiet door asks for no words: no paper, kinds or report");
	/* Its words are printed and taken along, since nothing of them is kept here. */
	if (out->staff && (!out->receiver || out->paper.title.n == 0 || out->kind_count > 0 || out->report))
		y_fault(b->y, map, "a door for staff needs receiver and paper, and leads back to no form of ours");
}

/* --- as a whole --- */

static void check_names(struct reading *b, const struct ynode *document, struct router *r)
{
	const struct ynode *questions = y_get(document, "questions"), *doors = y_get(document, "doors");
	size_t quiet = 0, n = r->question_count + r->door_count;
	for (size_t i = 0; i < n; i++) {
		struct str id = i < r->question_count ? r->questions[i].id : r->doors[i - r->question_count].id;
		for (size_t k = 0; k < i && id.n > 0; k++)
			if (str_eq(id, k < r->question_count ? r->questions[k].id : r->doors[k - r->question_count].id))
				y_fault(b->y, i < r->question_count ? y_item(questions, i)
				                                    : y_item(doors, i - r->question_count),
				        "something else is called \"%.*s\" too", PSTR(id));
		if (i >= r->question_count && r->doors[i - r->question_count].quiet && quiet++ > 0)
			y_fault(b->y, y_item(doors, i - r->question_count), "one door alone may be quiet");
	}
}

static void tie(struct reading *b, const struct ynode *document, struct router *r)
{
	for (size_t i = 0; i < r->question_count; i++)
		for (size_t k = 0; k < r->questions[i].answer_count; k++) {
			struct router_answer *one = &r->questions[i].answers[k];
			one->question = router_question(r, one->to);
			one->door = one->question == NULL ? router_door(r, one->to) : NULL;
			if (one->to.n > 0 && one->question == NULL && one->door == NULL)
				y_fault_at(b->y, y_item(y_get(y_item(y_get(document, "questions"), i), "answers"), k), "to",
				           "there is no question and no door \"%.*s\"", PSTR(one->to));
		}
}

/* Walks every way down from a question: `on` it stands on the present way, `seen` it was walked. */
static void walk(struct reading *b, const struct ynode *questions, struct router *r, size_t i, uint8_t *state,
                 size_t depth)
{
	enum { ON = 1, SEEN = 2 };
	if (depth == 4 && state[i] != ON)
		y_fault(b->y, y_item(questions, i), "four questions lie before \"%.*s\": three at most lead to a door",
		        PSTR(r->questions[i].id));
	state[i] = ON;
	for (size_t k = 0; k < r->questions[i].answer_count; k++) {
		const struct router_question *to = r->questions[i].answers[k].question;
		if (to == NULL)
			continue;
		size_t next = (size_t)(to - r->questions);
		if (state[next] == ON)
			y_fault(b->y, y_item(y_get(y_item(questions, i), "answers"), k),
			        "leads back to \"%.*s\": a loop", PSTR(to->id));
		else if (depth < QUESTIONS_MAX)
			walk(b, questions, r, next, state, depth + 1);
	}
	state[i] = SEEN;
}

/* The question that leads to each; none where several do. */
static void link_back(struct router *r)
{
	for (size_t t = 0; t < r->question_count + r->door_count; t++) {
		const struct router_question *from = NULL;
		size_t n = 0;
		for (size_t i = 0; i < r->question_count; i++)
			for (size_t k = 0; k < r->questions[i].answer_count; k++) {
				const struct router_answer *one = &r->questions[i].answers[k];
				bool here = t < r->question_count ? one->question == &r->questions[t]
				                                  : one->door == &r->doors[t - r->question_count];
				if (here && from != &r->questions[i]) {
					from = &r->questions[i];
					n++;
				}
			}
		const struct router_question **out = t < r->question_count ? &r->questions[t].before
		                                                           : &r->doors[t - r->question_count].before;
		*out = n == 1 ? from : NULL;
	}
}

static void check_ways(struct reading *b, const struct ynode *document, struct router *r)
{
	uint8_t state[QUESTIONS_MAX] = {0};
	walk(b, y_get(document, "questions"), r, (size_t)(r->start - r->questions), state, 1);
	for (size_t i = 0; i < r->question_count; i++)
		if (state[i] == 0)
			y_fault(b->y, y_item(y_get(document, "questions"), i), "nothing leads to the question \"%.*s\"",
			        PSTR(r->questions[i].id));
	size_t staff = 0;
	for (size_t d = 0; d < r->door_count; d++) {
		/* The form leads there, where nobody in the ward may receive what was told. */
		bool reached = r->doors[d].staff;
		if (reached && staff++ > 0)
			y_fault(b->y, y_item(y_get(document, "doors"), d), "one door alone may be for staff");
		for (size_t i = 0; i < r->question_count; i++)
			for (size_t k = 0; k < r->questions[i].answer_count; k++)
				reached = reached || (state[i] != 0 && r->questions[i].answers[k].door == &r->doors[d]);
		if (!reached)
			y_fault(b->y, y_item(y_get(document, "doors"), d), "nothing leads to the door \"%.*s\"",
			        PSTR(r->doors[d].id));
	}
	if (staff == 0)
		y_fault(b->y, y_get(document, "doors"), "no door is for staff: a matter about somebody who works here that "
		        "nobody here may receive would end nowhere");
}

static void read_document(struct reading *b, const struct ynode *document, struct router *r)
{
	static const char *const KEYS[] = {"exit", "start", "questions", "doors", NULL};
	size_t n, m;
	y_only(b->y, document, KEYS);
	r->leave = arena_copy(b->a, y_need_str(b->y, document, "exit"));
	bool blank = false;
	for (size_t i = 0; i < r->leave.n; i++)
		blank = blank || (unsigned char)r->leave.p[i] <= ' ' || r->leave.p[i] == '"' ||
		        (unsigned char)r->leave.p[i] >= 127;
	if (r->leave.n > 0 && (!str_starts(r->leave, STR("https://")) || blank))
		y_fault_at(b->y, document, "exit", "must be an address that begins with https://");
	struct str start = y_need_str(b->y, document, "start");
	const struct ynode *questions = list_of(b, document, "questions", true, QUESTIONS_MAX, &n);
	const struct ynode *doors = list_of(b, document, "doors", true, DOORS_MAX, &m);
	r->questions = arena_array(b->a, n + 1, sizeof *r->questions);
	r->doors = arena_array(b->a, m + 1, sizeof *r->doors);
	size_t before = b->y->fault_count;
	for (size_t i = 0; i < n + m; i++) {
		const struct ynode *at = i < n ? y_item(questions, i) : y_item(doors, i - n);
		if (y_type(at) != Y_MAP)
			y_fault(b->y, at, "must be a map");
		else if (i < n)
			read_question(b, at, &r->questions[r->question_count++]);
		else
			read_door(b, at, &r->doors[r->door_count++]);
	}
	/* A misread question would make every later sentence about ways wrong. */
	if (b->y->fault_count > before || n == 0 || m == 0)
		return;
	check_names(b, document, r);
	tie(b, document, r);
	r->start = router_question(r, start);
	if (start.n > 0 && r->start == NULL)
		y_fault_at(b->y, document, "start", "there is no question \"%.*s\"", PSTR(start));
	if (b->y->fault_count == before && r->start != NULL) {
		check_ways(b, document, r);
		link_back(r);
	}
}

enum rc router_parse(struct router **out, struct yaml_reader *y, const char *file, struct str yaml,
                     const struct router_check *check)
{
	struct router *r = calloc(1, sizeof *r);
	if (r == NULL)
		return RC_NOMEM;
	arena_init(&r->arena, (size_t)16 << 20);
	struct reading b = {.y = y, .a = &r->arena, .check = check};
	const struct ynode *document = yaml_parse(y, &r->arena, file, yaml);
	if (document != NULL && y_type(document) != Y_MAP)
		y_fault(y, document, "must be a map with exit, start, questions and doors");
	else if (document != NULL)
		read_document(&b, document, r);
	if (document != NULL && check->refused != NULL)
		refused_check(check->refused, y, document);
	if (document == NULL || y->fault_count > 0 || r->arena.over) {
		router_free(r);
		return document != NULL && y->fault_count == 0 ? RC_NOMEM : RC_SYNTAX;
	}
	*out = r;
	return RC_OK;
}

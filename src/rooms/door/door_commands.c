/* xom router: checks the questions, shows them to who answers a situation, walks answers to their door.
 * xom receiver: who receives what is handed over. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "rooms/door/door.h"

enum { LINE = 4096, WALK_MAX = 16 };

static const char *share(struct app *app, const char *name)
{
	return arena_fmt(&app->settings.arena, "%s/%s", app->settings.share, name).p;
}

static int failed(const char *doing, const struct fault *f)
{
	log_fault("router", doing, f);
	return 1;
}

struct lists {
	struct rules *rules;
	struct refused *refused;
	struct plain_words *plain;
};

static enum rc lists_open(struct app *app, struct lists *l, struct fault *f)
{
	*l = (struct lists){0};
	enum rc rc = rules_load(&l->rules, share(app, "calendars/rules.yaml"), f);
	if (rc == RC_OK)
		rc = refused_load(&l->refused, share(app, "rights/refused.yaml"), f);
	return rc == RC_OK ? plain_words_load(&l->plain, share(app, "rights/plain-words.yaml"), f) : rc;
}

static void lists_close(struct lists *l)
{
	plain_words_free(l->plain);
	refused_free(l->refused);
	rules_free(l->rules);
}

static size_t check_file(const char *file, const struct lists *l)
{
	const struct router_check check = {l->rules, l->refused, l->plain};
	struct arena a;
	struct str bytes;
	struct fault f = {0};
	struct yaml_reader y = {0};
	struct router *r = NULL;
	char line[900];
	arena_init(&a, (size_t)2 << 20);
	enum rc rc = file_read(&a, file, (size_t)256 << 10, &bytes, &f);
	if (rc == RC_OK)
		rc = router_parse(&r, &y, file, bytes, &check);
	size_t kept = sizeof y.faults / sizeof *y.faults;
	for (size_t i = 0; i < y.fault_count && i < kept; i++)
		(void)fprintf(stderr, "%s\n", fault_describe(&y.faults[i], line, sizeof line));
	if (rc != RC_OK && y.fault_count == 0)
		(void)fprintf(stderr, "%s: cannot be read: %s\n", file, rc_name(rc));
	router_free(r);
	arena_release(&a);
	return rc == RC_OK ? 0 : y.fault_count > 0 ? y.fault_count : 1;
}

static int check(struct app *app, int argc, char **argv)
{
	struct lists l;
	struct fault f = {0};
	size_t faults = 0;
	enum rc rc = lists_open(app, &l, &f);
	for (int i = 0; rc == RC_OK && i < argc; i++)
		faults += check_file(argv[i], &l);
	if (rc == RC_OK && argc == 0)
		faults = check_file(share(app, ROUTER_FILE), &l);
	lists_close(&l);
	if (rc != RC_OK)
		return failed("checking the router", &f);
	if (faults > 0)
		(void)fprintf(stderr, "%zu fault%s\n", faults, faults == 1 ? "" : "s");
	else
		(void)puts("the router is fine");
	return faults == 0 ? 0 : 1;
}

/* Without the doors: for somebody who answers from the questions alone. */
static void show_answer(const struct router_answer *a, enum lang l)
{
	(void)printf("  [%.*s] %.*s", PSTR(a->id), PSTR(a->text.in[l]));
	if (a->help.in[l].n > 0)
		(void)printf("\n      %.*s", PSTR(a->help.in[l]));
	if (a->question != NULL)
		(void)printf("\n      → question %.*s", PSTR(a->question->id));
	(void)putchar('\n');
}

static int show(const struct router *r, enum lang l)
{
	(void)printf("Begin with question %.*s.\n", PSTR(r->start->id));
	for (size_t i = 0; i < r->question_count; i++) {
		const struct router_question *q = &r->questions[i];
		(void)printf("\nQuestion %.*s: %.*s\n", PSTR(q->id), PSTR(q->text.in[l]));
		if (q->help.in[l].n > 0)
			(void)printf("  (%.*s)\n", PSTR(q->help.in[l]));
		for (size_t k = 0; k < q->answer_count; k++)
			show_answer(&q->answers[k], l);
	}
	return 0;
}

/* Each line of standard input is one way, answers with blanks between; each gets its door in a line. */
static int walk(const struct router *r)
{
	char line[LINE];
	int wrong = 0;
	while (fgets(line, sizeof line, stdin) != NULL) {
		struct str rest = str_trim(str_of(line)), ids[WALK_MAX], stuck;
		size_t n = 0;
		while (rest.n > 0 && n < WALK_MAX) {
			struct str id = str_trim(str_cut(&rest, ' '));
			if (id.n > 0)
				ids[n++] = id;
		}
		const struct router_door *door = router_walk(r, ids, n, &stuck);
		if (door != NULL)
			(void)printf("%.*s\n", PSTR(door->id));
		else
			(void)printf("- %s%.*s\n", stuck.n > 0 ? "no such answer here: " : "no door was reached", PSTR(stuck));
		wrong += door == NULL;
	}
	return wrong == 0 ? 0 : 1;
}

/* Each line of standard input is a text; each gets the line of the list that it falls under, or "-". */
static int words(struct app *app)
{
	struct alarm *alarm = NULL;
	struct fault f = {0};
	char line[LINE];
	if (alarm_load(&alarm, share(app, "rights/emergency-words.yaml"), &f) != RC_OK)
		return failed("reading the words", &f);
	while (fgets(line, sizeof line, stdin) != NULL) {
		struct arena a;
		struct str name;
		arena_init(&a, (size_t)4 << 20);
		bool found = alarm_match(alarm, &a, str_of(line), &name);
		(void)printf("%.*s\n", PSTR(found ? name : STR("-")));
		arena_release(&a);
	}
	alarm_free(alarm);
	return 0;
}

static int router(struct app *app, int argc, char **argv)
{
	struct lists l;
	struct fault f = {0};
	struct router *r = NULL;
	enum lang lang = LANG_vi;
	const char *what = argc >= 2 ? argv[1] : "";
	if (strcmp(what, "check") == 0)
		return check(app, argc - 2, argv + 2);
	if (strcmp(what, "words") == 0 && argc == 2)
		return words(app);
	bool shows = strcmp(what, "show") == 0 && (argc == 2 || (argc == 3 && lang_find(str_of(argv[2]), &lang)));
	if (!shows && (argc != 2 || (strcmp(what, "walk") != 0))) {
		(void)fprintf(stderr, "usage: xom %s\n", DOOR_COMMANDS[0].usage);
		return 2;
	}
	enum rc rc = lists_open(app, &l, &f);
	const struct router_check rules = {l.rules, l.refused, l.plain};
	if (rc == RC_OK)
		rc = router_load(&r, share(app, ROUTER_FILE), &rules, &f);
	lists_close(&l);
	int status = rc != RC_OK ? failed("reading the router", &f) : shows ? show(r, lang) : walk(r);
	router_free(r);
	return status;
}

/* --- receivers --- */

struct receiver_call {
	struct app *app;
	struct receiver r;
	int64_t end;
	int32_t last;
	struct receiver *rows;
	size_t count;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct receiver_call *c = ctx;
	return receivers_of(tx, STR_EMPTY, 0, &c->rows, &c->count, f);
}

static enum rc write_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct receiver_call *c = ctx;
	enum rc rc = c->end != 0 ? receiver_end(tx, (struct account_id){0}, c->end, c->last, f)
	                         : receiver_add(tx, &c->app->ids, (struct account_id){0}, &c->r, f);
	return rc == RC_OK ? change_write(tx, f) : rc;
}

static bool take_option(struct receiver_call *c, struct arena *a, const char *name, const char *value)
{
	const struct {
		const char *name;
		struct str *to;
		size_t max;
	} texts[] = {{"--door", &c->r.door, 24}, {"--name", &c->r.name, RECEIVER_LINE}, {"--address", &c->r.address, RECEIVER_LINE},
	             {"--hours", &c->r.hours, RECEIVER_LINE}, {"--phone", &c->r.phone, RECEIVER_LINE},
	             {"--hours-en", &c->r.hours_in[LANG_en], RECEIVER_LINE}, {"--hours-km", &c->r.hours_in[LANG_km], RECEIVER_LINE},
	             {"--note", &c->r.note, RECEIVER_NOTE}, {"--note-en", &c->r.note_in[LANG_en], RECEIVER_NOTE},
	             {"--note-km", &c->r.note_in[LANG_km], RECEIVER_NOTE}, {"--source", &c->r.source, RECEIVER_LINE}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(name, texts[i].name) == 0)
			return text_clean(a, str_of(value), TEXT_LINE, texts[i].max, texts[i].to) == RC_OK;
	if (strcmp(name, "--from") == 0)
		return day_parse(str_of(value), &c->r.valid_from);
	if (strcmp(name, "--until") == 0)
		return day_parse(str_of(value), &c->r.valid_to);
	if (strcmp(name, "--end") == 0)
		return str_i64(str_of(value), &c->end) && c->end > 0;
	return strcmp(name, "--last") == 0 && day_parse(str_of(value), &c->last);
}

/* In Vietnamese, and in each language that has words of its own. */
static void list_words(const char *what, struct arena *a, struct str vi, const struct str in[LANG_COUNT])
{
	struct buf b = {0};
	buf_join(&b, " | ", vi);
	for (enum lang l = LANG_vi; l < LANG_COUNT; l++)
		if (in[l].n > 0)
			buf_join(&b, " | ", arena_fmt(a, "%s: %.*s", lang_name(l), PSTR(in[l])));
	struct str all = arena_take(a, &b);
	if (all.n > 0)
		(void)printf("    %s: %.*s\n", what, PSTR(all));
}

static int list_them(const struct receiver_call *c)
{
	struct arena a;
	arena_init(&a, (size_t)4 << 20);
	for (size_t i = 0; i < c->count; i++) {
		const struct receiver *r = &c->rows[i];
		(void)printf("%lld  %.*s  %.*s  %.*s – %.*s  %s\n    %.*s | %.*s | %.*s\n", (long long)r->id, PSTR(r->door),
		             PSTR(r->name), PSTR(text_day_iso(&a, r->valid_from)),
		             PSTR(r->valid_to != 0 ? text_day_iso(&a, r->valid_to) : STR("…")),
		             r->verified ? "verified" : "not verified", PSTR(r->address), PSTR(r->phone), PSTR(r->source));
		list_words("hours", &a, r->hours, r->hours_in);
		list_words("note", &a, r->note, r->note_in);
	}
	arena_release(&a);
	return 0;
}

static int receiver(struct app *app, int argc, char **argv)
{
	struct receiver_call c = {.app = app};
	struct fault f = {0};
	struct arena a;
	struct str slug = STR_EMPTY;
	bool lists = argc >= 2 && strcmp(argv[1], "list") == 0, adds = argc >= 2 && strcmp(argv[1], "add") == 0,
	     ends = argc >= 2 && strcmp(argv[1], "end") == 0, good = lists || adds || ends;
	arena_init(&a, (size_t)8 << 20);
	for (int i = 2; good && i < argc; i++) {
		if (strcmp(argv[i], "--verified") == 0)
			c.r.verified = true;
		else if (strcmp(argv[i], "--ward") == 0 && i + 1 < argc)
			slug = str_of(argv[++i]);
		else
			good = i + 1 < argc && take_option(&c, &a, argv[i], argv[i + 1]) && ++i > 0;
	}
	if (!good || slug.n == 0 || (ends && (c.end == 0 || c.last == 0))) {
		(void)fprintf(stderr, "usage: xom %s\n", DOOR_COMMANDS[1].usage);
		arena_release(&a);
		return 2;
	}
	enum rc rc = app_open(app, NEEDS_store, &f);
	const struct ward *ward = rc == RC_OK ? ward_by_slug(app->places, slug) : NULL;
	if (rc == RC_OK && ward == NULL)
		rc = fault_set(&f, RC_NONE, "there is no ward \"%.*s\"", PSTR(slug));
	if (rc == RC_OK && adds && router_door(app->router, c.r.door) == NULL)
		rc = fault_set(&f, RC_INVALID, "there is no door \"%.*s\" in " ROUTER_FILE, PSTR(c.r.door));
	if (rc == RC_OK)
		rc = lists ? store_read(app->store, ward->id, &a, list_tx, &c, &f)
		           : store_write(app->store, ward->id, &a, write_tx, &c, &f);
	int status = rc != RC_OK ? failed("receivers", &f) : lists ? list_them(&c) : (puts("done"), 0);
	arena_release(&a);
	return status;
}

const struct command DOOR_COMMANDS[] = {
	{"router", "router check [FILE …] | show [LANG] | walk | words",
	 "The questions that lead a resident's matter to its door (procedures/router.yaml).\n"
	 "  check  says every fault with file, line and field: loops, dead ends, doors that nothing leads\n"
	 "         to, missing texts, refused matter, words of offices. Without a file: the program's own.\n"
	 "  show   the questions and their answers, without the doors.\n"
	 "  walk   reads answers from standard input, a way a line, and prints the door of each.\n"
	 "  words  reads texts from standard input, one a line, and prints which line of\n"
	 "         rights/emergency-words.yaml each falls under, or \"-\".",
	 NEEDS_settings, router},
	{"receiver", "receiver list|add|end --ward SLUG …",
	 "Who receives what is handed over, by door; dated rows, also on /admin/receivers.\n"
	 "  list  all rows, the newest first.\n"
	 "  add   --door DOOR --name NAME [--address A] [--hours H] [--phone P] [--note N]\n"
	 "        [--hours-en H] [--hours-km H] [--note-en N] [--note-km N]\n"
	 "        --source WHERE --from DAY [--until DAY] [--verified]; what has no words in English (en) or\n"
	 "        Khmer (km) is shown in Vietnamese there.\n"
	 "  end   --end NUMBER --last DAY: a row that no longer holds; another may follow it.",
	 NEEDS_settings, receiver},
	{0},
};

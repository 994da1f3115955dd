/* xom calendar: versions of a year's days off, for whoever runs the server. */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/log.h"
#include "ward/calendar_import.h"
#include "ward/calendar_moves.h"
#include "ward/commands.h"
#include "ward/refresh.h"

struct work {
	struct app *app;
	struct arena arena;
	const char *verb;
	int year, version;
	int day_count;
	char **days;
	struct str who;
	struct calendar_import import;
	struct calendar_version *list, read, now;
	size_t count;
	int open_before;              /* days that nobody had answered for */
};

static int failed(const char *doing, const struct fault *f)
{
	char line[900];
	(void)fprintf(stderr, "xom calendar: %s: %s\n", doing, fault_describe(f, line, sizeof line));
	return 1;
}

static const char *moment(struct arena *a, int64_t at)
{
	return at == 0 ? "" : arena_z(a, text_day_iso(a, day_of(at)));
}

static const char *sort_name(enum day_sort s)
{
	static const char *const names[] = {"?", "working day", "worked rest day", "weekend", "day off", "to be confirmed"};
	return names[s];
}

static const char *kind_name(enum day_kind k)
{
	static const char *const names[] = {"day off", "to be confirmed", "worked", "short day"};
	return names[k - 1];
}

/* --- reading --- */

static enum rc read_list(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *w = ctx;
	return calendar_versions(tx, 0, &w->list, &w->count, f);
}

static int list(struct work *w)
{
	struct fault f = {0};
	if (store_read(w->app->store, (struct ward_id){0}, &w->arena, read_list, w, &f) != RC_OK)
		return failed("list", &f);
	for (size_t i = 0; i < w->count; i++) {
		const struct calendar_version *v = &w->list[i];
		const struct calendar_year *y = calendar_year_of(w->app->calendar, v->year);
		(void)printf("%d  version %d  %s%s%s  %.*s  %s", v->year, v->version, calendar_state_name(v->state),
		             y != NULL && y->version == v->version ? ", reckoned with" : "",
		             v->shipped ? ", shipped, not verified" : "", PSTR(v->origin), moment(&w->arena, v->made_at));
		if (v->open > 0)
			(void)printf("  %d days to answer for", v->open);
		(void)putchar('\n');
	}
	return 0;
}

static enum rc read_one(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *w = ctx;
	enum rc rc = calendar_version_now(tx, w->year, &w->now, f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	if (w->version == 0 && rc == RC_OK)
		w->version = w->now.version;
	return calendar_version_read(tx, w->year, w->version, &w->read, f);
}

static void say_line(struct work *w, const struct calendar_day *d, enum day_answer a)
{
	(void)printf("  %.*s  %-16s %-6s %.*s", PSTR(text_day_iso(&w->arena, d->day)), kind_name(d->kind),
	             a == ANSWER_open ? "?" : day_answer_name(a), PSTR(d->name));
	if (d->decision.n > 0)
		(void)printf("  (%.*s%s%.*s)", PSTR(d->decision), d->decided_day != 0 ? ", " : "",
		             PSTR(d->decided_day != 0 ? text_day_iso(&w->arena, d->decided_day) : STR_EMPTY));
	(void)putchar('\n');
}

static int show(struct work *w)
{
	struct fault f = {0};
	enum rc rc = store_read(w->app->store, (struct ward_id){0}, &w->arena, read_one, w, &f);
	if (rc == RC_NONE)
		(void)fault_set(&f, rc, "there is no such version of %d", w->year);
	if (rc != RC_OK)
		return failed("show", &f);
	const struct calendar_version *v = &w->read;
	(void)printf("%d version %d: %s, from %.*s by %.*s\n%.*s\n", v->year, v->version, calendar_state_name(v->state),
	             PSTR(v->origin), PSTR(v->made_by), PSTR(v->days->source));
	for (size_t i = 0; i < v->line_count; i++)
		say_line(w, &v->lines[i], v->answers[i]);
	if (w->now.version == v->version)
		return 0;
	struct calendar_change *changes;
	size_t n = calendar_diff(w->now.days, v->days, &w->arena, &changes), lost = 0;
	(void)printf("%zu day%s would change%s\n", n, n == 1 ? "" : "s", w->now.days == NULL ? ": the year is missing now" : "");
	for (size_t i = 0; i < n; i++) {
		bool gone = (changes[i].was == SORT_holiday || changes[i].was == SORT_to_confirm) && sort_works(changes[i].is);
		struct str name = gone && changes[i].before != NULL ? changes[i].before->name : STR_EMPTY;
		(void)printf("%c %.*s  %s → %s%s%s%.*s\n", gone ? '!' : ' ', PSTR(text_day_iso(&w->arena, changes[i].day)),
		             sort_name(changes[i].was), sort_name(changes[i].is), changes[i].hours ? ", other hours" : "",
		             name.n > 0 ? "  " : "", PSTR(name));
		lost += gone;
	}
	if (lost > 0 && v->state != CALENDAR_dropped)
		(void)printf("CAREFUL: %zu day%s off would become %s (marked \"!\" above)\n", lost, lost == 1 ? "" : "s",
		             lost == 1 ? "a working day" : "working days");
	return 0;
}

/* --- writing --- */

static enum rc answer_days(struct tx *tx, struct work *w, enum day_answer a, struct fault *f)
{
	struct calendar_version held = {0};
	enum rc rc = calendar_proposal_hold(tx, w->year, w->version, &held, f);
	w->open_before = held.open;
	for (int i = 0; rc == RC_OK && i < w->day_count; i++) {
		int32_t day;
		if (strcmp(w->days[i], "all") == 0)
			rc = calendar_answer_all(tx, w->year, w->version, a, f);
		else if (day_parse(str_of(w->days[i]), &day))
			rc = calendar_answer(tx, &held, day, a, f);
		else
			rc = fault_set(f, RC_INVALID, "%s is no day like 2027-02-08", w->days[i]);
	}
	return rc;
}

static enum rc write_it(struct tx *tx, void *ctx, struct fault *f)
{
	struct work *w = ctx;
	if (strcmp(w->verb, "import") == 0)
		return calendar_import_write(tx, &w->import, f);
	if (strcmp(w->verb, "strike") == 0)
		return answer_days(tx, w, ANSWER_no, f);
	if (strcmp(w->verb, "later") == 0)
		return answer_days(tx, w, ANSWER_later, f);
	if (strcmp(w->verb, "drop") == 0)
		return calendar_drop(tx, w->year, w->version, w->who, f);
	if (strcmp(w->verb, "apply") == 0)
		return calendar_apply(tx, w->year, w->version, w->who, f);
	return w->day_count > 0 ? answer_days(tx, w, ANSWER_yes, f) : calendar_confirm(tx, w->year, w->version, w->who, f);
}

/* What was done, and what comes next, below what is there now. */
static void say_done(const struct work *w)
{
	int y = w->year, v = w->version, open = w->read.open;
	if (strcmp(w->verb, "apply") == 0)
		(void)puts("this version is reckoned with from now on");
	else if (strcmp(w->verb, "drop") == 0)
		(void)puts("this version is given up");
	else if (strcmp(w->verb, "confirm") == 0 && w->day_count == 0)
		(void)printf("confirmed, and not reckoned with yet\n  which open cases it would move:  xom calendar moves %d %d\n"
		             "  to reckon with it:               xom calendar apply %d %d\n", y, v, y, v);
	else if (open > 0)
		(void)printf("%d day%s still to answer for; the version is a proposal until then\n", open, open == 1 ? "" : "s");
	else
		(void)printf("%s: this confirms no version yet\n  to confirm it:  xom calendar confirm %d %d\n",
		             w->day_count > 0 && w->open_before == 0 ? "every day had an answer before" : "every day has an answer", y, v);
}

static int written(struct work *w)
{
	struct fault f = {0};
	enum rc rc = store_write(w->app->store, (struct ward_id){0}, &w->arena, write_it, w, &f);
	if (rc == RC_OK)
		rc = calendars_refresh(w->app->store, w->app->calendar, w->app->rules, w->app->calendars_seen, &f);
	if (rc != RC_OK)
		return failed(w->verb, &f);
	if (strcmp(w->verb, "import") == 0) {
		w->year = w->import.year;
		w->version = w->import.version;
		if (w->import.skipped > 0)
			(void)printf("%zu day%s of the feed %s on weekends and %s left out\n", w->import.skipped,
			             w->import.skipped == 1 ? "" : "s", w->import.skipped == 1 ? "falls" : "fall",
			             w->import.skipped == 1 ? "is" : "are");
	}
	int status = show(w);
	if (status == 0)
		say_done(w);
	return status;
}

/* The file goes the way of an upload: read once, opened by the child without rights when it is a feed. */
static int import(struct work *w, int argc, char **argv)
{
	struct fault f = {0};
	struct spool *spool = NULL;
	char block[32768];
	const char *file = NULL;
	w->import = (struct calendar_import){.who = w->who, .year = date_from_day(day_of(clock_now(&w->app->clock))).year + 1};
	for (int i = 0; i < argc; i++) {
		int64_t year = 0;
		if (strcmp(argv[i], "--year") != 0)
			file = argv[i];
		else if (i + 1 >= argc || !str_i64(str_of(argv[++i]), &year) || year < CALENDAR_YEAR_MIN || year > CALENDAR_YEAR_MAX)
			return failed("import", &(struct fault){.text = "--year needs a year like 2027"});
		else
			w->import.year = (int)year;
	}
	FILE *in = file != NULL ? fopen(file, "re") : NULL;
	if (in == NULL)
		return failed("import", &(struct fault){.text = "the file cannot be read"});
	const char *name = strrchr(file, '/');
	w->import.name = str_of(name != NULL ? name + 1 : file);
	enum rc rc = spool_new(&spool, w->app->settings.data, &f);
	for (size_t n; rc == RC_OK && (n = fread(block, 1, sizeof block, in)) > 0;) {
		rc = spool_write(spool, str_n(block, n), &f);
		if (rc == RC_OK && spool_size(spool) > (1 << 20))
			rc = fault_set(&f, RC_TOO_BIG, "the file is bigger than 1 MiB");
	}
	(void)fclose(in);
	if (rc == RC_OK)
		rc = calendar_import_read(w->app, &w->arena, spool, &w->import, &f);
	spool_free(spool);
	if (rc == RC_SYNTAX) {
		const struct yaml_reader *y = w->import.faults;
		char line[900];
		for (size_t i = 0; i < y->fault_count && i < sizeof y->faults / sizeof *y->faults; i++)
			(void)fprintf(stderr, "%s\n", fault_describe(&y->faults[i], line, sizeof line));
	}
	return rc == RC_OK ? written(w) : rc == RC_SYNTAX ? 1 : failed("import", &f);
}

static int run(struct work *w, int argc, char **argv)
{
	static const char *const verbs[] = {"show", "confirm", "strike", "later", "drop", "apply", "moves"};
	int64_t year = 0, version = 0;
	w->verb = argc > 0 ? argv[0] : "";
	if (argc == 1 && strcmp(w->verb, "list") == 0)
		return list(w);
	if (argc >= 2 && strcmp(w->verb, "import") == 0)
		return import(w, argc - 1, argv + 1);
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		bool shows = i == 0, needs_days = i == 2 || i == 3, takes_days = i >= 1 && i <= 3;
		if (strcmp(w->verb, verbs[i]) != 0 || argc < (shows ? 2 : needs_days ? 4 : 3) ||
		    (argc > 3 && !takes_days) || !str_i64(str_of(argv[1]), &year) ||
		    (argc > 2 && !str_i64(str_of(argv[2]), &version)) || year < 0 || year > 9999 || version < 0 || version > 100000)
			continue;
		w->year = (int)year;
		w->version = (int)version;
		w->day_count = argc > 3 ? argc - 3 : 0;
		w->days = argv + 3;
		if (strcmp(w->verb, "moves") == 0)
			return calendar_moves(w->app, w->year, w->version);
		return shows ? show(w) : written(w);
	}
	(void)fprintf(stderr, "usage: xom %s\n", CALENDAR_COMMANDS[0].usage);
	return 2;
}

static int calendar(struct app *app, int argc, char **argv)
{
	const struct passwd *who = getpwuid(geteuid());
	struct work w = {.app = app, .who = str_of(who != NULL ? who->pw_name : "unknown")};
	arena_init(&w.arena, (size_t)16 << 20);
	w.who = arena_copy(&w.arena, w.who);
	int status = run(&w, argc - 1, argv + 1);
	arena_release(&w.arena);
	return status;
}

const struct command CALENDAR_COMMANDS[] = {
	{"calendar",
	 "calendar list | import FILE [--year YEAR] | show YEAR [VERSION] | confirm YEAR VERSION [DAY …|all] | "
	 "strike YEAR VERSION DAY … | later YEAR VERSION DAY … | drop YEAR VERSION | moves YEAR VERSION | apply YEAR VERSION",
	 "Days off, worked rest days and office hours, by year and version; all wards of a server share them.\n"
	 "  list     every version and its state; which one is reckoned with.\n"
	 "  import   makes a proposal of a file: a year as YAML (like calendars/vn-2026.yaml), or an iCalendar\n"
	 "           feed of at most 1 MiB, of which the days of YEAR (without: of next year) are taken.\n"
	 "  show     a version's days, and what would change against what is reckoned with now.\n"
	 "  confirm  with days, or \"all\" for those that nobody has answered for: these days are so. Without:\n"
	 "           the version is confirmed, when every day of it was answered for.\n"
	 "  strike   these days of a proposal are not so.\n"
	 "  later    these days stay to be confirmed: rest days until the decision is known.\n"
	 "  drop     a proposal is given up.\n"
	 "  moves    which open cases of every ward the version would move, from when to when, and how many by\n"
	 "           kind and unit; nothing is changed.\n"
	 "  apply    a confirmed version is reckoned with from now on; a running server sees it within seconds,\n"
	 "           and moves the open cases within a minute, each with an entry of its timeline.",
	 NEEDS_store, calendar},
	{0},
};

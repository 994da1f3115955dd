#include "ward/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"

static const struct doctor_check CHECKS[] = {
	{"server", check_server},
	{"database", check_database},
	{"wards", check_wards},
	{"certificate", check_certificate},
	{"proxy", check_proxy},
	{"clock", check_clock},
	{"disk", check_disk},
	{"folders", check_folders},
	{"photos", check_photos},
	{"attachments", check_attachments},
	{"backup", check_backup},
	{"mail", check_mail},
	{"jobs", check_jobs},
	{"people", check_people},
	{"holidays", check_holidays},
	{NULL, NULL},
};

const char *level_name(enum level l)
{
	static const char *const NAMES[] = {"", "fine", "unknown", "soon", "wrong"};
	return NAMES[l];
}

void found(struct doctor *d, enum level level, const char *what)
{
	if (d->count < FINDINGS_MAX)
		d->findings[d->count++] = (struct finding){.check = d->check, .what = what, .level = level};
}

void found_more(struct doctor *d, const char *name, struct str value)
{
	struct finding *x = &d->findings[d->count - 1];
	if (x->value_count < FINDING_VALUES)
		x->values[x->value_count++] = (struct filling){name, arena_copy(d->arena, value)};
}

void found_text(struct doctor *d, enum level level, const char *what, const char *name,
                struct str value)
{
	found(d, level, what);
	found_more(d, name, value);
}

void found_number(struct doctor *d, enum level level, const char *what, const char *name, int64_t n)
{
	found_text(d, level, what, name, arena_fmt(d->arena, "%lld", (long long)n));
}

static void run_checks(struct doctor *d, const struct doctor_check *checks)
{
	for (; checks->name != NULL; checks++) {
		d->check = checks->name;
		checks->run(d);
	}
}

void doctor_look(struct doctor *d, struct app *app, struct arena *a)
{
	*d = (struct doctor){.app = app, .arena = a, .now = clock_now(&app->clock)};
	run_checks(d, CHECKS);
	for (size_t i = 0; ROOMS[i] != NULL; i++)
		if (ROOMS[i]->checks != NULL)
			run_checks(d, ROOMS[i]->checks);
}

enum level doctor_worst(const struct doctor *d)
{
	enum level worst = LEVEL_fine;
	for (size_t i = 0; i < d->count; i++)
		if (d->findings[i].level > worst)
			worst = d->findings[i].level;
	return worst;
}

void finding_words(const struct doctor *d, const struct finding *x, enum lang l, struct str *name,
                   struct str *text, struct str *doing)
{
	const struct po *po = d->app->po;
	struct arena *a = d->arena;
	*name = po_text(po, l, arena_fmt(a, "doctor.%s", x->check).p);
	*text = text_fill(a, po_text(po, l, arena_fmt(a, "doctor.%s.%s", x->check, x->what).p), x->values,
	                  x->value_count);
	*doing = x->level == LEVEL_fine ? STR_EMPTY
		: text_fill(a, po_text(po, l, arena_fmt(a, "doctor.%s.%s.do", x->check, x->what).p), x->values,
		            x->value_count);
}

static void print(const struct doctor *d, enum lang l)
{
	const struct po *po = d->app->po;
	for (size_t i = 0; i < d->count; i++) {
		const struct finding *x = &d->findings[i];
		struct str name, text, doing;
		struct str level = po_text(po, l, arena_fmt(d->arena, "doctor.level.%s", level_name(x->level)).p);
		finding_words(d, x, l, &name, &text, &doing);
		(void)printf("%.*s  %.*s: %.*s\n", PSTR(level), PSTR(name), PSTR(text));
		if (doing.n > 0)
			(void)printf("      %.*s\n", PSTR(doing));
	}
	(void)printf("\n%.*s\n", PSTR(po_text(po, l, arena_fmt(d->arena, "doctor.all.%s",
	                                                       level_name(doctor_worst(d))).p)));
}

static int doctor_run(struct app *app, int argc, char **argv)
{
	static struct doctor d;
	struct arena a;
	const char *env = getenv("LC_ALL");
	if (env == NULL || env[0] == '\0')
		env = getenv("LANG");
	enum lang l = env != NULL && strncmp(env, "en", 2) == 0 ? LANG_en : LANG_vi;
	if (argc == 3 && strcmp(argv[1], "--lang") == 0 &&
	    (strcmp(argv[2], "vi") == 0 || strcmp(argv[2], "en") == 0)) {
		l = argv[2][0] == 'v' ? LANG_vi : LANG_en;
	} else if (argc != 1) {
		(void)fputs("usage: xom doctor [--lang vi|en]\n", stderr);
		return 2;
	}
	struct fault f = {0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (app_open(app, NEEDS_store, &f) == RC_OK) {
		doctor_look(&d, app, &a);
	} else if (app->po != NULL) {
		char text[800];
		d = (struct doctor){.app = app, .arena = &a, .check = "program"};
		found_text(&d, LEVEL_wrong, "closed", "why", str_of(fault_describe(&f, text, sizeof text)));
	} else {
		log_fault("doctor", "the program's own files", &f);
		arena_release(&a);
		return 1;
	}
	print(&d, l);
	enum level worst = doctor_worst(&d);
	arena_release(&a);
	return worst == LEVEL_wrong ? 1 : worst == LEVEL_soon ? 3 : 0;
}

const struct command DOCTOR_COMMANDS[] = {
	{.name = "doctor",
	 .usage = "doctor [--lang vi|en]",
	 .help = "Says in words what is wrong with this installation and what to do: the certificate, the proxy,\n"
	         "the clock, room on the disk, rights of folders, whether photos can be opened safely, backups\n"
	         "and keys, mail, jobs that do not go on, days off that are missing, units and paper lists that\n"
	         "are. The same is the administrator's page /admin/health.\n\n"
	         "--lang  the language; otherwise that of LANG\n\n"
	         "Exit status: 0 all is well, 3 something is to be done soon, 1 something is wrong.",
	 .needs = NEEDS_settings,
	 .run = doctor_run},
	{0},
};

#include "ward/setup.h"

#include <stdio.h>
#include <stdlib.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/base/text.h"
#include "ward/commands.h"
#include "ward/fill.h"
#include "ward/settings_write.h"
#include "ward/ward_units.h"

static struct str word(const struct setup *s, const char *key)
{
	return po_text(s->app->po, s->lang, key);
}

/* --- what is there already --- */

static struct str host_of(const char *base_url)
{
	struct str url = str_of(base_url);
	return str_starts(url, STR("https://")) ? str_sub(url, 8, url.n) : url;
}

/* Somebody who administers the ward today. */
static enum rc admin_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct setup *s = ctx;
	struct member *all;
	size_t n;
	enum rc rc = people_list(tx, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if ((all[i].roles & ROLE_BIT(ROLE_admin)) != 0 && !all[i].account.closed) {
			s->answers[A_admin] = all[i].account.login;
			return RC_OK;
		}
	return rc;
}

static enum rc look(struct setup *s, const char *slug, struct fault *f)
{
	struct app *app = s->app;
	const struct ward *all[2];
	size_t n = ward_all(app->places, all, 2);
	const char *mail = settings_text(&app->settings, "mail_url");
	s->ward = slug != NULL ? ward_by_slug(app->places, str_of(slug)) : n > 0 ? all[0] : NULL;
	if (slug != NULL && s->ward == NULL)
		return fault_set(f, RC_INVALID, "there is no ward \"%s\"; `xom ward list` names them", slug);
	if (slug == NULL && n > 1)
		return fault_set(f, RC_INVALID, "this server has several wards: say which with --ward SLUG");
	s->answers[A_prefix] = STR("NK");
	s->answers[A_slug] = STR("phuong");
	s->answers[A_code] = STR("00000");
	s->answers[A_admin] = STR("quan-tri");
	s->answers[A_address] = host_of(app->settings.base_url);
	s->answers[A_proxy] = str_starts(str_of(app->settings.base_url), STR("https://")) ? STR("nginx")
	                                                                                 : STR("none");
	if (strcmp(app->settings.base_url, "http://localhost:8080") == 0) {
		s->answers[A_address] = STR_EMPTY; /* the package's: nobody chose it */
		s->answers[A_proxy] = STR("nginx");
	}
	if (mail != NULL)
		s->answers[A_mail] = str_of(mail);
	if (app->settings.backup_dir[0] != '\0')
		s->answers[A_backup] = arena_fmt(&app->settings.arena, "%s, %s", app->settings.backup_dir,
		                                 app->settings.backup_keys_dir);
	if (s->ward == NULL)
		return RC_OK;
	s->answers[A_name] = s->ward->name;
	s->answers[A_prefix] = s->ward->prefix;
	s->answers[A_slug] = s->ward->slug;
	s->answers[A_code] = ward_area_code(app->places, s->ward->id);
	s->answers[A_hotline] = s->ward->hotline;
	return store_read(app->store, s->ward->id, &app->settings.arena, admin_tx, s, f);
}

/* --- writing --- */

static enum rc write_settings(struct setup *s, size_t *changed, struct fault *f)
{
	struct arena *a = &s->app->settings.arena;
	struct setting_line lines[8];
	size_t n = 0;
	struct str address = s->answers[A_address], keys = s->answers[A_backup];
	struct str backup = str_trim(str_cut(&keys, ','));
	bool tls = !str_starts(address, STR("http://"));
	struct str url = tls ? arena_fmt(a, "https://%.*s", PSTR(address)) : address;
	lines[n++] = (struct setting_line){"base_url", setting_scalar(a, url)};
	if (tls && s->app->settings.proxies[0] == NULL)
		lines[n++] = (struct setting_line){"proxies", STR("[127.0.0.1, \"::1\"]")};
	const char *from = settings_text(&s->app->settings, "mail_from");
	if (settings_text(&s->app->settings, "mail_url") != NULL) {
		lines[n++] = (struct setting_line){
			"mail_url", s->answers[A_mail].n > 0 ? setting_scalar(a, s->answers[A_mail]) : STR_EMPTY};
		struct str rest = tls ? address : STR("localhost"), host = str_cut(&rest, ':');
		if (from != NULL && from[0] == '\0' && s->answers[A_mail].n > 0)
			lines[n++] = (struct setting_line){
				"mail_from", setting_scalar(a, arena_fmt(a, "xom@%.*s", PSTR(host)))};
	}
	if (backup.n > 0) {
		lines[n++] = (struct setting_line){"backup_dir", setting_scalar(a, backup)};
		lines[n++] = (struct setting_line){"backup_keys_dir", setting_scalar(a, str_trim(keys))};
	}
	/* What stands there already in other letters is no change. */
	size_t kept = 0;
	for (size_t i = 0; i < n; i++) {
		const char *now = settings_text(&s->app->settings, lines[i].name);
		bool empty = now != NULL && now[0] == '\0' && lines[i].value.n == 0;
		if (!empty && (now == NULL || !str_eq(setting_scalar(a, str_of(now)), lines[i].value)))
			lines[kept++] = lines[i];
	}
	*changed = 0;
	if (kept == 0)
		return RC_OK;
	/* The data are its owner's, the settings are root's. */
	uid_t user = geteuid();
	gid_t group = getegid();
	bool root = getuid() == 0 && user != 0;
	if (root && (seteuid(0) != 0 || setegid(0) != 0))
		return fault_set(f, RC_FAIL, "cannot become root again");
	enum rc rc = settings_write(a, s->app->settings.file, lines, kept, changed, f);
	if (root && (setegid(group) != 0 || seteuid(user) != 0))
		return fault_set(f, RC_FAIL, "cannot become the owner of the data again");
	return rc;
}

static enum rc make_admin_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct setup *s = ctx;
	struct account a;
	struct account_id id;
	enum rc rc = account_by_login(tx, s->answers[A_admin], &a, f);
	if (rc == RC_NONE)
		rc = account_add(tx, s->answers[A_admin], word(s, "setup.admin.name"), &id, f);
	else if (rc == RC_OK)
		id = a.id;
	if (rc == RC_OK)
		rc = role_grant(tx, id, ROLE_admin, day_of(tx_now(tx)), 0, false, f);
	return rc;
}

/* *link: how the new administrator signs in for the first time; empty when nothing was made. */
static enum rc write_ward(struct setup *s, bool *changed, struct str *link, struct fault *f)
{
	struct app *app = s->app;
	struct arena *a = &app->settings.arena;
	struct str had = s->ward != NULL ? s->answers[A_admin] : STR_EMPTY, token;
	struct setup before = *s;
	enum rc rc = RC_OK;
	*changed = false;
	*link = STR_EMPTY;
	if (s->ward == NULL) {
		struct ward_id id;
		const struct ward_new w = {.slug = s->answers[A_slug], .prefix = s->answers[A_prefix],
		                           .name = s->answers[A_name], .hotline = s->answers[A_hotline],
		                           .area_code = s->answers[A_code]};
		rc = ward_add(app->store, a, &w, &id, f);
		if (rc == RC_OK)
			rc = places_reload(app->places, app->store, f);
		if (rc == RC_OK)
			s->ward = ward_by_id(app->places, id);
		if (rc == RC_OK)
			rc = ward_units_make(app, a, id, s->answers[A_hotline], f);
		*changed = true;
	} else {
		if (!str_eq(s->ward->name, s->answers[A_name]) ||
		    !str_eq(s->ward->hotline, s->answers[A_hotline])) {
			rc = ward_rename(app->store, a, s->ward->id, s->answers[A_name], s->answers[A_hotline], f);
			*changed = true;
		}
		before.answers[A_admin] = STR_EMPTY;
		if (rc == RC_OK)
			rc = store_read(app->store, s->ward->id, a, admin_tx, &before, f);
		if (rc == RC_OK && str_eq(before.answers[A_admin], had))
			return RC_OK;
	}
	if (rc == RC_OK)
		rc = store_write(app->store, s->ward->id, a, make_admin_tx, s, f);
	if (rc == RC_EXISTS)
		return RC_OK;   /* administers it already, beside the one that was named first */
	if (rc == RC_OK)
		rc = people_invite(app->people, a, s->ward->id, s->answers[A_admin], &token, f);
	if (rc != RC_OK)
		return rc;
	*changed = true;
	const struct ward *all[2];
	bool one = ward_all(app->places, all, 2) == 1;
	struct str address = s->answers[A_address];
	*link = arena_fmt(a, "%s%.*s%s%.*s/invite/%.*s",
	                  str_starts(address, STR("http://")) ? "" : "https://", PSTR(address),
	                  one ? "" : "/", one ? 0 : (int)s->ward->slug.n, s->ward->slug.p, PSTR(token));
	return RC_OK;
}

/* --- what comes next --- */

static void say(const struct setup *s, const char *key, const struct filling *values, size_t n)
{
	struct str text = text_fill(&s->app->settings.arena, word(s, key), values, n);
	(void)printf("%.*s\n", PSTR(text));
}

static void next_steps(const struct setup *s, struct str link)
{
	struct str host = s->answers[A_address];
	struct str name = str_cut(&host, ':');
	const struct filling values[] = {
		{"host", name}, {"link", link}, {"login", s->answers[A_admin]},
		{"slug", s->ward->slug}, {"code", s->answers[A_code]},
	};
	const size_t n = sizeof values / sizeof *values;
	(void)putchar('\n');
	if (link.n > 0)
		say(s, "setup.next.link", values, n);
	say(s, "setup.next.start", values, n);
	if (str_is(s->answers[A_proxy], "nginx"))
		say(s, "setup.next.nginx", values, n);
	if (str_is(s->answers[A_proxy], "caddy"))
		say(s, "setup.next.caddy", values, n);
	if (s->answers[A_backup].n > 0 && s->app->settings.backup_key[0] == '\0')
		say(s, "setup.next.backup", values, n);
	say(s, "setup.next.ward", values, n);
}

/* As a process of its own: it reads the settings that were written just now. */
static void look_over(const struct setup *s)
{
	extern char **environ;
	struct settings *set = &s->app->settings;
	const char *lang = lang_name(s->lang);
	char *argv[] = {(char *)(uintptr_t)"xom", (char *)(uintptr_t)"--settings", (char *)(uintptr_t)set->file,
	                (char *)(uintptr_t)"--data", (char *)(uintptr_t)set->data, (char *)(uintptr_t)"--share",
	                (char *)(uintptr_t)set->share, (char *)(uintptr_t)"doctor",
	                (char *)(uintptr_t)"--lang", (char *)(uintptr_t)lang, NULL};
	pid_t pid;
	int status;
	(void)printf("\n%.*s\n", PSTR(word(s, "setup.look")));
	(void)fflush(stdout);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ) == 0)
		(void)waitpid(pid, &status, 0);
}

static enum rc run(struct setup *s, const char *answers, const char *slug, struct fault *f)
{
	size_t settings = 0;
	bool ward = false;
	struct str link = STR_EMPTY;
	/* It may lie where root alone can read. */
	struct str bytes = STR_EMPTY;
	enum rc rc = answers != NULL ? file_read(&s->app->settings.arena, answers, 64 << 10, &bytes, f) : RC_OK;
	if (rc == RC_NONE)
		rc = fault_set(f, RC_INVALID, "there is no file %s", answers);
	if (rc == RC_OK)
		rc = app_as_owner(s->app, false, f);
	if (rc == RC_OK)
		rc = app_open(s->app, NEEDS_store, f);
	if (rc == RC_OK)
		rc = look(s, slug, f);
	if (rc == RC_OK)
		rc = setup_ask(s, answers, bytes, f);
	if (rc == RC_OK)
		rc = write_settings(s, &settings, f);
	if (rc == RC_OK)
		rc = write_ward(s, &ward, &link, f);
	if (rc == RC_OK)
		rc = ward_keys_make(s->app, s->ward->id, f);
	if (rc != RC_OK)
		return rc;
	if (settings == 0 && !ward)
		(void)printf("\n%.*s\n", PSTR(word(s, "setup.same")));
	next_steps(s, link);
	look_over(s);
	return RC_OK;
}

static int setup_run(struct app *app, int argc, char **argv)
{
	const char *answers = NULL, *slug = NULL, *env = getenv("LC_ALL");
	struct setup s = {.app = app};
	struct fault f = {0};
	char text[800];
	if (env == NULL || env[0] == '\0')
		env = getenv("LANG");
	s.lang = env != NULL && strncmp(env, "en", 2) == 0 ? LANG_en : LANG_vi;
	for (int i = 1; i < argc; i += 2) {
		bool more = i + 1 < argc;
		if (more && strcmp(argv[i], "--answers") == 0)
			answers = argv[i + 1];
		else if (more && strcmp(argv[i], "--ward") == 0)
			slug = argv[i + 1];
		else if (more && strcmp(argv[i], "--lang") == 0 &&
		         (strcmp(argv[i + 1], "vi") == 0 || strcmp(argv[i + 1], "en") == 0))
			s.lang = argv[i + 1][0] == 'v' ? LANG_vi : LANG_en;
		else {
			(void)fputs("usage: xom setup [--answers FILE] [--ward SLUG] [--lang vi|en]\n", stderr);
			return 2;
		}
	}
	if (app->settings.file == NULL) {
		(void)fputs("xom setup: say which settings file it shall write: xom --settings FILE setup\n", stderr);
		return 2;
	}
	enum rc rc = run(&s, answers, slug, &f);
	if (rc == RC_OK)
		return 0;
	(void)fprintf(stderr, "\nxom setup: %s\n", f.rc != 0 ? fault_describe(&f, text, sizeof text) : rc_name(rc));
	return rc == RC_INVALID || rc == RC_NONE ? 2 : 1;
}

const struct command SETUP_COMMANDS[] = {
	{.name = "setup",
	 .usage = "setup [--answers FILE] [--ward SLUG] [--lang vi|en]",
	 .help = "Asks ten questions, then writes the settings and makes the ward and its first administrator,\n"
	         "says what comes next, and looks everything over (xom doctor). Asked again, it offers what is\n"
	         "there; only what is answered otherwise is changed, and nothing is taken away. As root.\n\n"
	         "--answers FILE  takes the answers from a YAML file instead of asking: name, prefix, slug,\n"
	         "                code, hotline, address, proxy (nginx, caddy, none), mail, admin, backup.\n"
	         "                What is not in it stays as it is\n"
	         "--ward SLUG     which ward, where the server has several\n"
	         "--lang          the language of the questions; otherwise that of LANG\n\n"
	         "Exit status: 0 done, 1 it could not be done, 2 an answer is not possible; nothing was changed.",
	 .needs = NEEDS_settings,
	 .run = setup_run},
	{0},
};

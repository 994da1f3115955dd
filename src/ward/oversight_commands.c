/* xom oversight: what the second organisation signs, on its machine and on the ward's. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/base/text.h"
#include "ward/commands.h"
#include "ward/people/second.h"

enum { FILE_MAX = 64 << 10, ACTS = 1000, VERSIONS = 1000 };
enum option { O_WARD, O_ACCOUNT, O_FROM, O_UNTIL, O_DAY, O_ORGANISATION, O_KEY, O_COUNT };
static const char *const OPTIONS[O_COUNT] = {"--ward", "--account", "--from", "--until", "--day",
                                             "--organisation", "--key"};
#define BIT(o) (1u << (o))

struct call {
	struct app *app;
	struct arena arena;
	const struct ward *ward;
	struct str value[O_COUNT];
	bool yes;                      /* --yes: nobody is asked */
	const char *file;
	enum second_what what;
	struct second_statement s;
	struct second_signed signed_one;
};

typedef enum rc run_fn(struct call *c, struct fault *f);
struct sub {
	const char *name;
	const char *what;              /* the word behind it: ask grant; NULL: none */
	bool file, store;              /* takes a file; needs the ward's data */
	bool asks;                     /* asks before it does it, unless --yes is said */
	unsigned needs, takes;
	run_fn *run;
};

/* --- files --- */

static enum rc write_new(const char *path, struct str text, struct fault *f)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(f, errno == EEXIST ? RC_EXISTS : RC_IO, "%s: %s", path,
		                 errno == EEXIST ? "is there already, and is left as it is" : "cannot be written");
	ssize_t n = write(fd, text.p, text.n);
	bool good = n == (ssize_t)text.n && fsync(fd) == 0;
	if (close(fd) != 0 || !good) {
		(void)unlink(path);
		return fault_set(f, RC_IO, "%s: cannot be written", path);
	}
	return RC_OK;
}

static enum rc read_statement(struct call *c, struct fault *f)
{
	struct str text;
	enum rc rc = file_read(&c->arena, c->file, FILE_MAX, &text, f);
	if (rc == RC_NONE)
		return fault_set(f, RC_NONE, "there is no file %s", c->file);
	return rc == RC_OK ? second_read(&c->arena, text, &c->signed_one, f) : rc;
}

/* --- on the second organisation's machine --- */

static enum rc key_run(struct call *c, struct fault *f)
{
	struct key seed;
	struct sign_key k;
	random_bytes(&seed, sizeof seed);
	sign_key_from_seed(&k, &seed);
	enum rc rc = write_new(c->file, second_secret_text(&c->arena, &seed), f);
	if (rc != RC_OK)
		return rc;
	(void)printf("%.*s\n", PSTR(second_key_text(&c->arena, k.public)));
	(void)fprintf(stderr, "That is the public key: give it to the ward. %s is the secret one: it stays with you,\n"
	                      "on a machine that is not the ward's; keep a copy in another safe place.\n", c->file);
	return RC_OK;
}

/* The statement as a sentence, for whoever is to sign it. */
static void say_words(struct call *c)
{
	const struct second_statement *s = &c->signed_one.s;
	struct arena *a = &c->arena;
	(void)fprintf(stderr, "\nIn the ward \"%.*s\" (number %lld in its program):\n", PSTR(s->ward), (long long)s->ward_id);
	switch (s->what) {
	case SECOND_grant:
		(void)fprintf(stderr, "%.*s, account \"%.*s\" (number %lld), is given oversight from %.*s on, ", PSTR(s->name),
		              PSTR(s->login), (long long)s->account.v, PSTR(text_day_iso(a, s->from)));
		(void)fprintf(stderr, "%s%.*s.\n", s->until != 0 ? "until the end of " : "without a last day",
		              PSTR(s->until != 0 ? text_day_iso(a, s->until) : STR_EMPTY));
		break;
	case SECOND_end:
		(void)fprintf(stderr, "%.*s, account \"%.*s\" (number %lld), has oversight no longer: its last day is %.*s.\n",
		              PSTR(s->name), PSTR(s->login), (long long)s->account.v, PSTR(text_day_iso(a, s->until)));
		break;
	case SECOND_signer:
		(void)fprintf(stderr, "\"%.*s\" signs for oversight from now on, with the public key\n%.*s.\n",
		              PSTR(s->organisation), PSTR(second_key_text(a, s->key)));
		break;
	case SECOND_definitions:
		(void)fprintf(stderr, "the changes of definitions named above, %zu of them, get the second signature.\n",
		              s->change_count);
		break;
	case SECOND_unset:
	case SECOND_link:
	case SECOND_COUNT:
		BUG("no statement says this");
	}
	(void)fprintf(stderr, "Asked for on %.*s, good once and for %d days. Its check digits: %.*s\n",
	              PSTR(text_day_iso(a, s->asked)), SECOND_DAYS, PSTR(second_check(a, c->signed_one.text)));
}

/* Nobody signs what they haven't seen: an answer, or --yes in a script that has shown it. */
static enum rc ask_signer(struct call *c, struct fault *f)
{
	char answer[16] = "";
	if (c->yes)
		return RC_OK;
	(void)fprintf(stderr, "Is this what you were asked to sign, by somebody you know, and are the check digits the same there?\n"
	                      "Sign it? (y/N) ");
	bool said = fgets(answer, sizeof answer, stdin) != NULL;
	if (!said)
		(void)fputc('\n', stderr);
	return strcmp(answer, "y\n") == 0 || strcmp(answer, "Y\n") == 0 || strcmp(answer, "y") == 0 || strcmp(answer, "yes\n") == 0
	               ? RC_OK : fault_set(f, RC_REFUSED, "not signed: only \"y\" signs (--yes where nobody can answer)");
}

static enum rc sign_run(struct call *c, struct fault *f)
{
	struct str secret;
	struct key seed;
	struct sign_key k;
	const char *key_file = arena_z(&c->arena, c->value[O_KEY]);
	enum rc rc = read_statement(c, f);
	if (rc != RC_OK)
		return rc;
	rc = file_read(&c->arena, key_file, FILE_MAX, &secret, f);
	if (rc == RC_NONE)
		return fault_set(f, RC_INVALID, "there is no file %s", key_file);
	if (rc == RC_OK && !second_secret_parse(&c->arena, secret, &seed))
		return fault_set(f, RC_INVALID, "%s is no secret key of `xom oversight key`", key_file);
	if (rc != RC_OK)
		return rc;
	sign_key_from_seed(&k, &seed);
	(void)printf("%.*s", PSTR(c->signed_one.text));
	(void)fflush(stdout);
	say_words(c);
	rc = ask_signer(c, f);
	if (rc != RC_OK)
		return rc;
	const char *to = arena_fmt(&c->arena, "%s.signed", c->file).p;
	rc = write_new(to, second_sign(&c->arena, &c->signed_one, &k), f);
	if (rc != RC_OK)
		return rc;
	(void)fprintf(stderr, "Signed: %s. Take it to the ward's server: xom oversight apply\n", to);
	return RC_OK;
}

/* --- on the ward's machine --- */

/* What was published and has no second signature yet. */
static enum rc unsigned_changes(struct tx *tx, struct second_statement *s, struct fault *f)
{
	struct procedure_version *rows;
	struct second_act *acts;
	size_t n = 0, act_count = 0;
	enum rc rc = procedure_versions(tx, STR_EMPTY, VERSIONS, &rows, &n, f);
	if (rc == RC_OK)
		rc = second_acts(tx, ACTS, &acts, &act_count, f);
	if (rc != RC_OK)
		return rc;
	s->changes = arena_array(tx_arena(tx), SECOND_CHANGES, sizeof *s->changes);
	for (size_t i = 0; i < n && s->change_count < SECOND_CHANGES; i++) {
		struct second_change one = {rows[i].name, rows[i].valid_from, rows[i].checksum};
		if (second_countersigned(acts, act_count, &one) == NULL)
			s->changes[s->change_count++] = one;
	}
	return s->change_count > 0 ? RC_OK : fault_set(f, RC_NONE, "every definition has both signatures");
}

static enum rc ask_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct call *c = ctx;
	struct second_statement *s = &c->s;
	struct second_signer now;
	struct account a = {0};
	int32_t today = day_of(tx_now(tx));
	*s = (struct second_statement){.what = c->what, .ward = c->ward->slug, .ward_id = c->ward->id.v, .asked = today};
	random_bytes(s->nonce, sizeof s->nonce);
	enum rc rc = second_present(tx, &now, f);
	if (rc != RC_OK)
		return rc;
	if (now.n == 0 && c->what != SECOND_signer)
		return fault_set(f, RC_NONE, "no second organisation is entered in this ward yet: xom oversight ask signer");
	if (c->what == SECOND_definitions)
		return unsigned_changes(tx, s, f);
	if (c->what == SECOND_signer) {
		s->organisation = c->value[O_ORGANISATION];
		return second_key_parse(c->value[O_KEY], s->key) ? RC_OK
			: fault_set(f, RC_INVALID, "--key takes the 72 digits that `xom oversight key` printed; these aren't them");
	}
	rc = account_by_login(tx, c->value[O_ACCOUNT], &a, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_NONE, "no account \"%.*s\"; make it with: xom user add",
		                                 PSTR(c->value[O_ACCOUNT])) : rc;
	s->account = a.id;
	s->login = a.login;
	s->name = a.name;
	s->from = today;
	if ((c->value[O_FROM].n > 0 && !day_parse(c->value[O_FROM], &s->from)) ||
	    (c->value[O_UNTIL].n > 0 && !day_parse(c->value[O_UNTIL], &s->until)) ||
	    (c->value[O_DAY].n > 0 && !day_parse(c->value[O_DAY], &s->until)))
		return fault_set(f, RC_INVALID, "a day looks like 2026-01-31");
	if (c->what == SECOND_grant && s->until != 0 && s->until < s->from)
		return fault_set(f, RC_INVALID, "the last day lies before the first");
	if (c->what != SECOND_end)
		return RC_OK;
	if (s->until == 0)
		s->until = today;
	return second_end_fits(tx, s, c->value[O_DAY].n > 0, f);
}

static enum rc ask_run(struct call *c, struct fault *f)
{
	enum rc rc = store_read(c->app->store, c->ward->id, &c->arena, ask_tx, c, f);
	if (rc != RC_OK)
		return rc;
	struct second_signed back;
	struct str text = second_write(&c->arena, &c->s);
	rc = second_read(&c->arena, text, &back, f);   /* what can't be read again isn't given out */
	if (rc != RC_OK)
		return fault_set(f, RC_INVALID, "a name in it has signs that a statement can't carry");
	(void)printf("%.*s", PSTR(text));
	(void)fprintf(stderr, "To be signed within %d days: xom oversight sign\nCheck digits, to be told to who signs by another way: "
	                      "%.*s\n", SECOND_DAYS, PSTR(second_check(&c->arena, text)));
	return RC_OK;
}

static enum rc apply_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct call *c = ctx;
	return second_apply(tx, &c->signed_one, f);
}

static enum rc apply_run(struct call *c, struct fault *f)
{
	enum rc rc = read_statement(c, f);
	if (rc != RC_OK)
		return rc;
	c->ward = ward_by_slug(c->app->places, c->signed_one.s.ward);
	if (c->ward == NULL)
		return fault_set(f, RC_NONE, "it is for the ward \"%.*s\", which is not here", PSTR(c->signed_one.s.ward));
	rc = store_write(c->app->store, c->ward->id, &c->arena, apply_tx, c, f);
	if (rc == RC_OK)
		(void)puts("done");
	return rc;
}

static enum rc show_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct call *c = ctx;
	struct second_signer now;
	struct second_act *acts;
	size_t n;
	enum rc rc = second_present(tx, &now, f);
	if (rc == RC_OK)
		rc = second_acts(tx, ACTS, &acts, &n, f);
	if (rc != RC_OK)
		return rc;
	if (now.n == 0)
		(void)puts("no second organisation: one signature");
	else
		(void)printf("who signs\tpublic key\tsince\n%.*s\t%.*s\t%.*s\n", PSTR(now.organisation),
		             PSTR(second_key_text(&c->arena, now.key)), PSTR(text_day_iso(&c->arena, now.from_day)));
	if (n > 0)
		(void)puts("\nact\tday\twhat\taccount\tsigned by");
	for (size_t i = 0; i < n; i++)
		(void)printf("%lld\t%.*s\t%s\t%.*s\t%.*s\n", (long long)acts[i].n, PSTR(text_day_iso(&c->arena, acts[i].day)),
		             second_what_name(acts[i].what), PSTR(acts[i].s.login),
		             PSTR(acts[i].organisation.n > 0 ? acts[i].organisation : STR("nobody")));
	return RC_OK;
}

static enum rc show_run(struct call *c, struct fault *f)
{
	return store_read(c->app->store, c->ward->id, &c->arena, show_tx, c, f);
}

static const struct sub VERBS[] = {
	{"key", NULL, true, false, false, 0, 0, key_run},
	{"sign", NULL, true, false, true, BIT(O_KEY), 0, sign_run},
	{"ask", "grant", false, true, false, BIT(O_WARD) | BIT(O_ACCOUNT), BIT(O_FROM) | BIT(O_UNTIL), ask_run},
	{"ask", "end", false, true, false, BIT(O_WARD) | BIT(O_ACCOUNT), BIT(O_DAY), ask_run},
	{"ask", "signer", false, true, false, BIT(O_WARD) | BIT(O_ORGANISATION) | BIT(O_KEY), 0, ask_run},
	{"ask", "definitions", false, true, false, BIT(O_WARD), 0, ask_run},
	{"apply", NULL, true, true, false, 0, 0, apply_run},
	{"show", NULL, false, true, false, BIT(O_WARD), 0, show_run},
};

/* --- the command line --- */

static bool wrong(const char *why, const char *what)
{
	(void)fprintf(stderr, "xom oversight: %s%s\n", why, what);
	return false;
}

static bool read_options(struct call *c, const struct sub *v, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		enum option o = 0;
		while (o < O_COUNT && strcmp(argv[i], OPTIONS[o]) != 0)
			o++;
		if (o == O_COUNT && v->file && c->file == NULL && argv[i][0] != '-') {
			c->file = argv[i];
			continue;
		}
		if (o == O_COUNT && v->asks && strcmp(argv[i], "--yes") == 0) {
			c->yes = true;
			continue;
		}
		if (o == O_COUNT || ((v->needs | v->takes) & BIT(o)) == 0)
			return wrong("not an option of this verb: ", argv[i]);
		if (c->value[o].n > 0)
			return wrong("given twice: ", argv[i]);
		if (i + 1 == argc)
			return wrong("a value is missing behind ", argv[i]);
		c->value[o] = str_of(argv[++i]);
		if (c->value[o].n == 0 || !text_utf8_ok(c->value[o]))
			return wrong("empty, or not UTF-8: the value of ", OPTIONS[o]);
	}
	for (enum option o = 0; o < O_COUNT; o++)
		if ((v->needs & BIT(o)) != 0 && c->value[o].n == 0)
			return wrong("missing: ", OPTIONS[o]);
	return !v->file || c->file != NULL || wrong("missing: the file", "");
}

static int run_verb(struct call *c, const struct sub *v, int argc, char **argv)
{
	char text[800];
	struct fault f = {0};
	if (!read_options(c, v, argc, argv))
		return 2;
	enum rc rc = v->store ? app_open(c->app, NEEDS_store, &f) : RC_OK;
	if (rc == RC_OK && c->value[O_WARD].n > 0) {
		c->ward = ward_by_slug(c->app->places, c->value[O_WARD]);
		if (c->ward == NULL)
			rc = fault_set(&f, RC_NONE, "there is no ward %.*s", PSTR(c->value[O_WARD]));
	}
	if (rc == RC_OK)
		rc = v->run(c, &f);
	if (rc == RC_OK)
		return 0;
	(void)fprintf(stderr, "xom oversight %s: %s\n", v->name,
	              f.rc != 0 ? fault_describe(&f, text, sizeof text) : rc_name(rc));
	return rc == RC_INVALID ? 2 : 1;
}

static int oversight_run(struct app *app, int argc, char **argv)
{
	struct call c = {.app = app};
	for (size_t i = 0; argc >= 2 && i < sizeof VERBS / sizeof *VERBS; i++) {
		const struct sub *v = &VERBS[i];
		int skip = v->what != NULL ? 3 : 2;
		if (strcmp(argv[1], v->name) != 0 || argc < skip || (v->what != NULL && strcmp(argv[2], v->what) != 0))
			continue;
		for (enum second_what w = SECOND_grant; v->what != NULL && w < SECOND_COUNT; w++)
			if (strcmp(second_what_name(w), v->what) == 0)
				c.what = w;
		arena_init(&c.arena, (size_t)64 << 20);
		int status = run_verb(&c, v, argc - skip, argv + skip);
		arena_release(&c.arena);
		return status;
	}
	(void)fprintf(stderr, "usage: xom %s\n", OVERSIGHT_COMMANDS[0].usage);
	return 2;
}

const struct command OVERSIGHT_COMMANDS[] = {
	{.name = "oversight",
	 .usage = "oversight key|sign|ask|apply|show …",
	 .help = "Oversight is granted and ended by a second organisation's signature alone. On its own machine:\n"
	         "key  FILE                        makes a key: the secret one into FILE, the public one is printed\n"
	         "sign FILE --key SECRET [--yes]   reads a statement, says what it does and asks (y/N); signed it\n"
	         "                                 stands in FILE.signed. --yes: for scripts, nobody is asked\n"
	         "\n"
	         "On the ward's server:\n"
	         "ask  signer --ward W --organisation N --key PUBLIC    who signs; the first is signed with the new\n"
	         "                                 key itself, each later one with the present signer's\n"
	         "ask  grant --ward W --account A [--from DAY] [--until DAY]   both days included\n"
	         "ask  end   --ward W --account A [--day DAY]           DAY is the last one, none before the grant's\n"
	         "                                 first; today if not said, and what hasn't begun then never does\n"
	         "ask  definitions --ward W        what was published since, for the second signature\n"
	         "                                 each prints a statement, good for 30 days and once, and eight\n"
	         "                                 check digits, which `sign` shows again\n"
	         "apply FILE                       checks a signed statement and does what it says\n"
	         "show --ward W                    who signs, and what was signed\n"
	         "\n"
	         "What was done stands on /rights, without names; `xom verify` proves it.",
	 .needs = NEEDS_settings,
	 .run = oversight_run},
	{0},
};

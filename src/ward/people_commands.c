#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "ward/commands.h"
#include "ward/people/people_admin.h"
#include "ward/people/second.h"

enum option { O_WARD, O_LOGIN, O_NAME, O_ROLE, O_FROM, O_UNTIL, O_END, O_UNIT, O_ADD, O_PHONE, O_LEAVE,
	      O_HEAD, O_AREA, O_PARENT, O_COUNT };
static const struct {
	const char *name;
	bool alone; /* takes no value */
} OPTIONS[O_COUNT] = {
	[O_WARD] = {"--ward", false},   [O_LOGIN] = {"--login", false}, [O_NAME] = {"--name", false},
	[O_ROLE] = {"--role", false},   [O_FROM] = {"--from", false},   [O_UNTIL] = {"--until", false},
	[O_END] = {"--end", false},     [O_UNIT] = {"--unit", false},   [O_ADD] = {"--add", false},
	[O_PHONE] = {"--phone", false}, [O_LEAVE] = {"--leave", false}, [O_HEAD] = {"--head", true},
	[O_AREA] = {"--area", false},   [O_PARENT] = {"--parent", false},
};

struct user_call {
	struct app *app;
	const struct ward *ward;
	struct str value[O_COUNT];
	bool given[O_COUNT];
	int32_t from, until, end;
	enum role role;
	struct arena arena;
};

typedef enum rc user_fn(struct user_call *c, struct fault *f);
#define BIT(o) (1u << (o))
struct sub {
	const char *name;
	unsigned needs, takes; /* of options, beside --ward, which all need */
	user_fn *run;
	tx_fn *write;          /* instead of run: in one transaction, then "done" */
};

static enum rc who(struct tx *tx, const struct user_call *c, struct account *out, struct fault *f)
{
	enum rc rc = account_by_login(tx, c->value[O_LOGIN], out, f);
	return rc == RC_NONE ? fault_set(f, RC_NONE, "no account \"%.*s\"; make it with: xom user add",
	                                 PSTR(c->value[O_LOGIN])) : rc;
}

/* The operator, who has the machine: the log says so. */
static struct admin_by operator_of(const struct user_call *c)
{
	return (struct admin_by){.demo = c->ward->demo};
}

static enum rc add_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct user_call *c = ctx;
	struct account_id id;
	struct admin_by by = operator_of(c);
	return admin_account_add(tx, &by, c->value[O_LOGIN], c->value[O_NAME], &id, f);
}

static enum rc role_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct user_call *c = ctx;
	struct account a;
	if (c->given[O_END] == c->given[O_FROM])
		return fault_set(f, RC_INVALID, "say either --from DAY [--until DAY], or --end DAY");
	enum rc rc = who(tx, c, &a, f);
	if (rc != RC_OK)
		return rc;
	struct admin_by by = operator_of(c);
	if (c->given[O_END])
		return admin_role_end(tx, &by, a.id, c->role, c->end, f);
	return admin_role_grant(tx, &by, a.id, c->role, c->from, c->until, f);
}

struct closing {
	struct user_call *c;
	struct account a;
	bool watches;
};

static enum rc closing_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct closing *x = ctx;
	return who(tx, x->c, &x->a, f);
}

static enum rc close_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct closing *x = ctx;
	struct admin_by by = operator_of(x->c);
	by.watches = x->watches;
	return admin_account_close(tx, &by, x->a.id, f);
}

enum { WARDS_MAX = 1024 };
static size_t all_wards(struct app *app, struct ward_id *out)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = ward_all(app->places, wards, WARDS_MAX);
	for (size_t i = 0; i < n; i++)
		out[i] = wards[i]->id;
	return n;
}

static enum rc close_run(struct user_call *c, struct fault *f)
{
	struct closing x = {.c = c};
	struct ward_id wards[WARDS_MAX];
	size_t n = all_wards(c->app, wards);
	enum rc rc = store_read(c->app->store, c->ward->id, &c->arena, closing_tx, &x, f);
	if (rc == RC_OK)
		rc = people_watches(c->app->people, &c->arena, wards, n, x.a.id, &x.watches, f);
	if (rc == RC_OK)
		rc = store_write(c->app->store, c->ward->id, &c->arena, close_tx, &x, f);
	if (rc == RC_OK)
		(void)puts("done");
	return rc;
}

static enum rc member_tx(struct tx *tx, const struct user_call *c, struct fault *f)
{
	struct account a;
	struct unit u;
	if (c->given[O_LEAVE] == c->given[O_FROM])
		return fault_set(f, RC_INVALID, "say either --from DAY [--until DAY] [--head], or --leave DAY");
	enum rc rc = who(tx, c, &a, f);
	if (rc == RC_OK)
		rc = unit_by_slug(tx, c->value[O_UNIT], &u, f);
	if (rc == RC_NONE && f->rc != RC_NONE)
		return fault_set(f, RC_NONE, "no unit \"%.*s\" in this ward", PSTR(c->value[O_UNIT]));
	if (rc != RC_OK)
		return rc;
	struct admin_by by = operator_of(c);
	if (c->given[O_LEAVE])
		return admin_unit_leave(tx, &by, a.id, u.id, c->end, f);
	return admin_unit_join(tx, &by, a.id, u.id, c->from, c->until, c->given[O_HEAD], f);
}

static enum rc unit_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct user_call *c = ctx;
	if (c->given[O_ADD] && !c->given[O_LOGIN] && !c->given[O_UNIT]) {
		struct unit u = {.slug = c->value[O_ADD], .name = c->value[O_NAME],
		                 .phone = c->value[O_PHONE]};
		struct unit_id id;
		struct admin_by by = operator_of(c);
		return admin_unit_add(tx, &by, &u, &id, f);
	}
	if (c->given[O_PARENT] && c->given[O_UNIT] && !c->given[O_LOGIN] && !c->given[O_ADD]) {
		struct unit u;
		struct admin_by by = operator_of(c);
		enum rc rc = unit_by_slug(tx, c->value[O_UNIT], &u, f);
		if (rc == RC_NONE)
			return fault_set(f, RC_NONE, "no unit \"%.*s\" in this ward", PSTR(c->value[O_UNIT]));
		bool none = str_is(c->value[O_PARENT], "-");
		return rc == RC_OK ? admin_unit_place(tx, &by, u.id, none ? STR_EMPTY : c->value[O_PARENT], f) : rc;
	}
	if (c->given[O_LOGIN] && c->given[O_UNIT] && !c->given[O_ADD])
		return member_tx(tx, c, f);
	return fault_set(f, RC_INVALID, "say either --add UNIT --name NAME, or --login LOGIN --unit UNIT");
}

static enum rc area_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct user_call *c = ctx;
	struct account a;
	struct area *areas;
	if (c->given[O_END] == c->given[O_FROM])
		return fault_set(f, RC_INVALID, "say either --from DAY [--until DAY], or --end DAY");
	enum rc rc = who(tx, c, &a, f);
	size_t n = place_khu_vuc(c->app->places, &c->arena, c->ward->id, day_of(tx_now(tx)), &areas), i = 0;
	if (rc != RC_OK)
		return rc;
	while (i < n && !str_eq(areas[i].code, c->value[O_AREA]))
		i++;
	if (i == n)
		return fault_set(f, RC_NONE, "the ward has no khu vực with the code \"%.*s\"",
		                 PSTR(c->value[O_AREA]));
	struct admin_by by = operator_of(c);
	return admin_area_head(tx, &by, a.id, areas[i].id, areas[i].code,
	                       c->given[O_END] ? c->end : c->from, c->until, c->given[O_END], f);
}

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct member *m = NULL;
	struct unit *u = NULL;
	size_t members = 0, units = 0;
	(void)ctx;
	enum rc rc = people_list(tx, &m, &members, f);
	if (rc == RC_OK)
		rc = unit_list(tx, &u, &units, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < members; i++) {
		(void)printf("%.*s\t%.*s\t", PSTR(m[i].account.login), PSTR(m[i].account.name));
		const char *sep = "";
		for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++)
			if ((m[i].roles & ROLE_BIT(r)) != 0) {
				(void)printf("%s%s", sep, role_name(r));
				sep = ",";
			}
		(void)printf("%s\t", *sep == '\0' ? "no role today" : "");
		for (size_t k = 0; k < m[i].unit_count; k++)
			(void)printf("%s%.*s", k > 0 ? "," : "", PSTR(m[i].units[k]));
		if (m[i].more_units)
			(void)printf(",…");
		(void)printf("%s\n", m[i].account.closed ? "\tclosed" : "");
	}
	for (size_t i = 0; i < units; i++)
		(void)printf("unit %.*s\t%.*s\t%.*s\n", PSTR(u[i].slug), PSTR(u[i].name), PSTR(u[i].phone));
	return RC_OK;
}

static enum rc list_run(struct user_call *c, struct fault *f)
{
	return store_read(c->app->store, c->ward->id, &c->arena, list_tx, c, f);
}

static enum rc link_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct user_call *c = ctx;
	struct account a;
	struct admin_by by = operator_of(c);
	enum rc rc = who(tx, c, &a, f);
	return rc == RC_OK ? admin_account_link(tx, &by, a.id, f) : rc;
}

/* A link for whoever holds oversight opens what oversight sees, in each ward where it is held: each tells of it. */
static enum rc told_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct user_call *c = ctx;
	struct account a;
	bool holds = false;
	enum rc rc = who(tx, c, &a, f);
	if (rc == RC_OK)
		rc = second_holds(tx, a.id, &holds, f);
	return rc == RC_OK && holds ? second_link_made(tx, a.id, f) : rc;
}

static enum rc link_run(struct user_call *c, struct fault *f)
{
	const struct ward *all[2];
	struct ward_id wards[WARDS_MAX];
	struct str token;
	size_t n = all_wards(c->app, wards);
	enum rc rc = store_write(c->app->store, c->ward->id, &c->arena, link_tx, c, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = store_write(c->app->store, wards[i], &c->arena, told_tx, c, f);
	if (rc == RC_OK)
		rc = people_invite(c->app->people, &c->arena, c->ward->id, c->value[O_LOGIN], &token, f);
	if (rc != RC_OK)
		return rc;
	bool one = ward_all(c->app->places, all, 2) == 1; /* then addresses have no ward in front */
	(void)printf("%s%s%.*s/invite/%.*s\n", c->app->settings.base_url, one ? "" : "/",
	             one ? 0 : (int)c->ward->slug.n, c->ward->slug.p, PSTR(token));
	(void)fprintf(stderr, "good once, for 24 hours\n");
	return RC_OK;
}

static const struct sub SUBS[] = {
	{"list", 0, 0, list_run, NULL},
	{"add", BIT(O_LOGIN) | BIT(O_NAME), 0, NULL, add_tx},
	{"role", BIT(O_LOGIN) | BIT(O_ROLE), BIT(O_FROM) | BIT(O_UNTIL) | BIT(O_END), NULL, role_tx},
	{"unit", 0, BIT(O_ADD) | BIT(O_NAME) | BIT(O_PHONE) | BIT(O_LOGIN) | BIT(O_UNIT) | BIT(O_FROM) |
	            BIT(O_UNTIL) | BIT(O_LEAVE) | BIT(O_HEAD) | BIT(O_PARENT), NULL, unit_tx},
	{"area", BIT(O_LOGIN) | BIT(O_AREA), BIT(O_FROM) | BIT(O_UNTIL) | BIT(O_END), NULL, area_tx},
	{"link", BIT(O_LOGIN), 0, link_run, NULL},
	{"close", BIT(O_LOGIN), 0, close_run, NULL},
};

static bool wrong(const char *fmt, const char *what)
{
	(void)fputs("xom user: ", stderr);
	(void)fprintf(stderr, "%s%s\n", fmt, what);
	return false;
}

static bool read_options(struct user_call *c, const struct sub *s, int argc, char **argv)
{
	unsigned takes = s->needs | s->takes | BIT(O_WARD);
	for (int i = 0; i < argc; i++) {
		enum option o = 0;
		while (o < O_COUNT && strcmp(argv[i], OPTIONS[o].name) != 0)
			o++;
		if (o == O_COUNT || (takes & BIT(o)) == 0)
			return wrong("not an option of this verb: ", argv[i]);
		if (c->given[o])
			return wrong("given twice: ", argv[i]);
		c->given[o] = true;
		if (OPTIONS[o].alone)
			continue;
		if (i + 1 == argc || strncmp(argv[i + 1], "--", 2) == 0)
			return wrong("a value is missing behind ", argv[i]);
		c->value[o] = str_of(argv[++i]);
		if (!text_utf8_ok(c->value[o]))
			return wrong("not UTF-8: the value of ", OPTIONS[o].name);
	}
	for (enum option o = 0; o < O_COUNT; o++)
		if (((s->needs | BIT(O_WARD)) & BIT(o)) != 0 && c->value[o].n == 0)
			return wrong("missing: ", OPTIONS[o].name);
	return true;
}

static bool read_day(const struct user_call *c, enum option o, int32_t *out)
{
	if (!c->given[o] || day_parse(c->value[o], out))
		return true;
	(void)fprintf(stderr, "xom user: %s takes a day like 2026-01-31, not \"%.*s\"\n", OPTIONS[o].name,
	              PSTR(c->value[o]));
	return false;
}

static bool read_values(struct user_call *c)
{
	if (!read_day(c, O_FROM, &c->from) || !read_day(c, O_UNTIL, &c->until) ||
	    !read_day(c, O_END, &c->end) || !read_day(c, O_LEAVE, &c->end))
		return false;
	c->role = role_parse(c->value[O_ROLE]);
	if (c->given[O_ROLE] && c->role < ROLE_area_head) {
		(void)fputs("xom user: --role is one of:", stderr);
		for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++)
			(void)fprintf(stderr, " %s", role_name(r));
		(void)fputc('\n', stderr);
		return false;
	}
	c->ward = ward_by_slug(c->app->places, c->value[O_WARD]);
	return c->ward != NULL || wrong("there is no ward ", arena_z(&c->arena, c->value[O_WARD]));
}

static int run_sub(struct user_call *c, const struct sub *s)
{
	char text[800];
	struct fault f = {0};
	enum rc rc = s->run != NULL ? s->run(c, &f)
	                            : store_write(c->app->store, c->ward->id, &c->arena, s->write, c, &f);
	if (rc == RC_OK) {
		if (s->write != NULL)
			(void)puts("done");
		return 0;
	}
	(void)fprintf(stderr, "xom user %s: %s\n", s->name,
	              f.rc != 0 ? fault_describe(&f, text, sizeof text) : rc_name(rc));
	return rc == RC_INVALID ? 2 : 1;
}

static int user_run(struct app *app, int argc, char **argv)
{
	const struct command *cmd = PEOPLE_COMMANDS;
	struct user_call c = {.app = app};
	int status = 2;
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[argc - 1], "--help") == 0)) {
		(void)printf("usage: xom %s\n\n%s\n", cmd->usage, cmd->help);
		return 0;
	}
	for (size_t i = 0; argc >= 2 && i < sizeof SUBS / sizeof *SUBS; i++) {
		if (strcmp(argv[1], SUBS[i].name) != 0)
			continue;
		arena_init(&c.arena, ARENA_REQUEST_LIMIT);
		if (read_options(&c, &SUBS[i], argc - 2, argv + 2) && read_values(&c))
			status = run_sub(&c, &SUBS[i]);
		arena_release(&c.arena);
		return status;
	}
	(void)fprintf(stderr, "usage: xom %s\n", cmd->usage);
	return status;
}

const struct command PEOPLE_COMMANDS[] = {
	{.name = "user",
	 .usage = "user list|add|role|unit|area|link|close --ward SLUG …",
	 .help = "list   --ward W                  who has a role, unit or link here, and the units\n"
	         "add    --ward W --login L --name N            makes an account\n"
	         "role   --ward W --login L --role R --from DAY [--until DAY]   both days included\n"
	         "role   --ward W --login L --role R --end DAY  DAY is the role's last one\n"
	         "unit   --ward W --add U --name N [--phone P]  makes a unit\n"
	         "unit   --ward W --login L --unit U --from DAY [--until DAY] [--head]\n"
	         "unit   --ward W --login L --unit U --leave DAY\n"
	         "unit   --ward W --unit U --parent V           puts a unit below another; -: below none\n"
	         "area   --ward W --login L --area CODE --from DAY [--until DAY]   head or volunteer of a khu vực\n"
	         "area   --ward W --login L --area CODE --end DAY\n"
	         "link   --ward W --login L        prints a one-time link for setting the password\n"
	         "close  --ward W --login L        closes the account, in every ward\n"
	         "\n"
	         "A login is 2 to 40 of a-z, 0-9, dot and hyphen; a DAY looks like 2026-01-31. Roles:\n"
	         "area_head area_team member_org handler police secretary chair oversight admin\n"
	         "mediator. Oversight is granted and ended so in demo wards alone: elsewhere it needs a second\n"
	         "organisation's signature (xom oversight).",
	 .needs = NEEDS_store,
	 .run = user_run},
	{0},
};

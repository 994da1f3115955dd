/* xom privacy: the purpose register, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"
#include "ward/flow/register.h"

static void add_key(struct buf *out, const char *key, struct str value)
{
	buf_addf(out, "\"%s\":", key);
	text_json(out, value);
}

static void add_json_row(struct buf *out, const struct purpose *p)
{
	buf_addc(out, '{');
	add_key(out, "in", str_of(purpose_kind_name(p->kind)));
	buf_addc(out, ',');
	add_key(out, "place", p->place);
	buf_addc(out, ',');
	add_key(out, "field", p->name);
	buf_addc(out, ',');
	add_key(out, "about", str_of(about_name(p->about)));
	buf_addz(out, ",\"seen_by\":[");
	bool first = true;
	for (int s = SEER_unset + 1; s < SEER_COUNT; s++)
		if ((p->seen_by >> s & 1) != 0) {
			buf_addz(out, first ? "" : ",");
			text_json(out, str_of(seer_name((enum seer)s)));
			first = false;
		}
	buf_addz(out, "],");
	add_key(out, "keep", p->keep);
	buf_addz(out, ",\"why\":{");
	add_key(out, "vi", p->why[LANG_vi]);
	buf_addc(out, ',');
	add_key(out, "en", p->why[LANG_en]);
	buf_addz(out, "}}");
}

static void add_json(struct buf *out, struct arena *a, const struct purposes *g)
{
	const struct purpose *all;
	size_t n = purposes_all(g, &all);
	struct hash h = purposes_hash(g);
	buf_addz(out, "{\n");
	add_key(out, "hash", hex_of(a, hash_str(&h)));
	buf_addz(out, ",\n\"fields\":[\n");
	for (size_t i = 0; i < n; i++) {
		add_json_row(out, &all[i]);
		buf_addz(out, i + 1 < n ? ",\n" : "\n");
	}
	buf_addz(out, "]}\n");
}

static void add_text(struct buf *out, const struct purposes *g)
{
	const struct purpose *all;
	size_t n = purposes_all(g, &all);
	for (size_t i = 0; i < n; i++) {
		const struct purpose *p = &all[i];
		if (i == 0 || p->kind != all[i - 1].kind || !str_eq(p->place, all[i - 1].place))
			buf_addf(out, "\n%s: %.*s\n", purpose_kind_name(p->kind), PSTR(p->place));
		buf_addf(out, "  %.*s: %.*s\n    about %s; seen by", PSTR(p->name),
		         PSTR(p->why[LANG_vi]), about_name(p->about));
		for (int s = SEER_unset + 1; s < SEER_COUNT; s++)
			if ((p->seen_by >> s & 1) != 0)
				buf_addf(out, " %s", seer_name((enum seer)s));
		buf_addf(out, "; kept %.*s\n", PSTR(p->keep));
	}
}

static int privacy(struct app *app, int argc, char **argv)
{
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	if (argc > 1 && !json) {
		(void)fprintf(stderr, "usage: xom %s\n", PRIVACY_COMMANDS[0].usage);
		return 2;
	}
	struct arena a;
	arena_init(&a, (size_t)1 << 20);
	const char *share = app->settings.share;
	struct rules *rules = NULL;
	struct refused *refused = NULL;
	struct purposes *g = NULL;
	struct fault f = {0};
	enum rc rc = rules_load(&rules, arena_fmt(&a, "%s/calendars/rules.yaml", share).p, &f);
	if (rc == RC_OK)
		rc = refused_load(&refused, arena_fmt(&a, "%s/rights/refused.yaml", share).p, &f);
	if (rc == RC_OK)
		rc = purposes_load(&g, arena_fmt(&a, "%s/rights/fields.yaml", share).p, rules, refused, &f);
	struct buf out = {0};
	if (rc == RC_OK && json)
		add_json(&out, &a, g);
	else if (rc == RC_OK)
		add_text(&out, g);
	if (rc == RC_OK && out.failed)
		rc = fault_set(&f, RC_NOMEM, "the register is too long");
	if (rc == RC_OK)
		(void)fwrite(out.p, 1, out.n, stdout);
	else
		log_fault("privacy", "reading the purpose register", &f);
	buf_release(&out);
	purposes_free(g);
	refused_free(refused);
	rules_free(rules);
	arena_release(&a);
	return rc == RC_OK ? 0 : 1;
}

const struct command PRIVACY_COMMANDS[] = {
	{"privacy", "privacy [--json]",
	 "Prints the purpose register (rights/fields.yaml): for every column of the database and every\n"
	 "field of a form, log or import why it is there, whom it is about, who sees it and how long it\n"
	 "is kept. --json gives the same for programs, in both languages, with the register's hash.",
	 NEEDS_settings, privacy},
	{0},
};

/* xom privacy: the purpose register, and how long each kind keeps what, for people and for programs. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"
#include "ward/flow/procedure_file.h"
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

/* The kinds of the program's own folder, with how long each of their parts is kept. */
struct kinds {
	struct procedure *list;
	size_t count;
	const struct rules *rules;
};

static enum rc kinds_load(struct arena *a, const char *dir, const struct refused *refused, struct kinds *out,
                          struct fault *f)
{
	const char **files;
	size_t n;
	enum rc rc = procedure_files(a, dir, &files, &n, f);
	if (rc != RC_OK)
		return rc;
	out->list = arena_array(a, n + 1, sizeof *out->list);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct yaml_reader y = {0};
		rc = procedure_file(a, &y, files[i], out->rules, refused, &out->list[i]);
		if (rc != RC_OK && f != NULL)
			*f = y.faults[0];
		out->count = i + 1;
	}
	return rc;
}

/* The row of the rule that holds now: the last one, since a row that is followed has ended. */
static const struct rule *rule_now(const struct rules *rules, struct str name)
{
	const struct rule *all, *found = NULL;
	size_t n = rules_all(rules, &all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, name) && (found == NULL || all[i].valid_from > found->valid_from))
			found = &all[i];
	return found;
}

static void add_json_kinds(struct buf *out, const struct kinds *k)
{
	buf_addz(out, "\"kept\":[\n");
	for (size_t i = 0; i < k->count; i++)
		for (size_t j = 0; j < k->list[i].retention_count; j++) {
			const struct retention_row *row = &k->list[i].retention[j];
			const struct rule *rule = rule_now(k->rules, row->rule);
			buf_addz(out, i + j == 0 ? "{" : ",\n{");
			add_key(out, "kind", k->list[i].name);
			buf_addc(out, ',');
			add_key(out, "part", row->part);
			buf_addc(out, ',');
			add_key(out, "rule", row->rule);
			if (rule != NULL) {
				buf_addf(out, ",\"amount\":%d,", rule->amount);
				add_key(out, "unit", str_of(rule_unit_name(rule->unit)));
				buf_addc(out, ',');
				add_key(out, "from", rule->event);
			}
			buf_addz(out, ",\"why\":{");
			add_key(out, "vi", row->why[LANG_vi]);
			buf_addc(out, ',');
			add_key(out, "en", row->why[LANG_en]);
			buf_addz(out, "}}");
		}
	buf_addz(out, "\n]}\n");
}

static void add_text_kinds(struct buf *out, const struct kinds *k)
{
	for (size_t i = 0; i < k->count; i++) {
		buf_addf(out, "\nkind: %.*s (%.*s)\n", PSTR(k->list[i].name), PSTR(k->list[i].title[LANG_vi]));
		for (size_t j = 0; j < k->list[i].retention_count; j++) {
			const struct retention_row *row = &k->list[i].retention[j];
			const struct rule *rule = rule_now(k->rules, row->rule);
			buf_addf(out, "  %.*s: %.*s\n    kept %.*s", PSTR(row->part), PSTR(row->why[LANG_vi]), PSTR(row->rule));
			if (rule != NULL)
				buf_addf(out, ", %d %ss from %.*s", rule->amount, rule_unit_name(rule->unit), PSTR(rule->event));
			buf_addc(out, '\n');
		}
	}
}

static void add_json(struct buf *out, struct arena *a, const struct purposes *g, const struct kinds *k)
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
	buf_addz(out, "],\n");
	add_json_kinds(out, k);
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
	arena_init(&a, (size_t)16 << 20);
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
	struct kinds kinds = {.rules = rules};
	if (rc == RC_OK)
		rc = kinds_load(&a, arena_fmt(&a, "%s/procedures", share).p, refused, &kinds, &f);
	struct buf out = {0};
	if (rc == RC_OK && json)
		add_json(&out, &a, g, &kinds);
	else if (rc == RC_OK) {
		add_text(&out, g);
		add_text_kinds(&out, &kinds);
	}
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
	 "is kept; and of each kind of procedures/ how long each part is kept and why. --json gives the\n"
	 "same for programs, in both languages, with the register's hash.",
	 NEEDS_settings, privacy},
	{0},
};

#include "ward/flow/register.h"

#include <stdlib.h>

enum { FILE_MAX = 1 << 20, ROWS_MAX = 4096, WHY_MAX = 300 };

const char *const KEEP_WORDS[] = {"always", "with_case", "with_account", "with_session", "moment",
                                  "day", "until_done", "journal", "derived", "figure", NULL};
static const char *const ABOUTS[] = {
#define X(name) #name,
	ABOUT_TABLE(X)
#undef X
	NULL};
static const char *const SEERS[] = {
#define X(name) #name,
	SEER_TABLE(X)
#undef X
	NULL};
static const char *const KINDS[] = {"tables", "indexes", "forms", "logs", "imports", NULL};

struct purposes {
	struct arena arena;
	struct purpose *list;
	size_t count;
	struct hash checksum;
};

struct reader {
	struct purposes *p;
	struct yaml_reader *y;
	const struct rules *rules;
	const struct refused *refused;
};

const char *purpose_kind_name(enum purpose_kind k)
{
	return k >= PURPOSE_table && k <= PURPOSE_import ? KINDS[k - 1] : "";
}
const char *about_name(enum about a)
{
	return a > ABOUT_unset && a < ABOUT_COUNT ? ABOUTS[a - 1] : "";
}
const char *seer_name(enum seer s) { return s > SEER_unset && s < SEER_COUNT ? SEERS[s - 1] : ""; }

static bool keep_known(const struct reader *g, struct str keep)
{
	for (size_t i = 0; KEEP_WORDS[i] != NULL; i++)
		if (str_is(keep, KEEP_WORDS[i]))
			return true;
	const struct rule *all = NULL;
	size_t n = rules_all(g->rules, &all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].name, keep))
			return true;
	return false;
}

/* A column or field that stands for refused matter is refused by its very name. */
static struct str read_name(struct reader *g, const struct ynode *map)
{
	struct str name = y_need_str(g->y, map, "name"), line;
	if (name.n > 0 && refused_match(g->refused, &g->p->arena, name, &line))
		y_fault_at(g->y, map, "name", "refused matter \"%.*s\" (rights/refused.yaml)",
		        PSTR(line));
	return name;
}

static uint32_t read_seers(struct reader *g, const struct ynode *map)
{
	const struct ynode *list = y_need_list(g->y, map, "seen_by");
	uint32_t bits = 0;
	size_t n = list != NULL ? y_count(list) : 0;
	if (list != NULL && n == 0)
		y_fault(g->y, list, "is empty; what nobody sees is seen by [program]");
	for (size_t i = 0; i < n; i++) {
		struct str s = y_text(g->y, y_item(list, i));
		size_t k = 0;
		while (SEERS[k] != NULL && !str_is(s, SEERS[k]))
			k++;
		if (SEERS[k] == NULL)
			y_fault(g->y, y_item(list, i), "nobody is named \"%.*s\" here", PSTR(s));
		else
			bits |= UINT32_C(1) << (k + 1);
	}
	return bits;
}

static void read_row(struct reader *g, const struct ynode *map, enum purpose_kind kind,
                     struct str place)
{
	static const char *const KEYS[] = {"name", "about", "seen_by", "keep", "why", NULL};
	static const char *const TEXTS[] = {"vi", "en", NULL};
	struct purpose row = {.kind = kind, .place = place, .line = y_line(map)};
	y_only(g->y, map, KEYS);
	if (y_type(map) != Y_MAP)
		return;
	row.name = read_name(g, map);
	row.about = (enum about)(y_need_enum(g->y, map, "about", ABOUTS) + 1);
	row.seen_by = read_seers(g, map);
	row.keep = y_need_str(g->y, map, "keep");
	if (row.keep.n > 0 && !keep_known(g, row.keep))
		y_fault_at(g->y, map, "keep", "is no rule of calendars/rules.yaml and no word for "
		        "how long");
	const struct ynode *why = y_need_map(g->y, map, "why");
	if (why != NULL) {
		y_only(g->y, why, TEXTS);
		for (int l = LANG_unset + 1; l < LANG_COUNT && lang_whole((enum lang)l); l++) {
			row.why[l] = y_need_str(g->y, why, lang_name((enum lang)l));
			if (text_length(row.why[l]) > WHY_MAX)
				y_fault(g->y, why, "is longer than %d characters", WHY_MAX);
		}
	}
	if (row.name.n > 0 && purpose_find(g->p, kind, place, row.name) != NULL)
		y_fault(g->y, map, "there are two rows for %.*s.%.*s", PSTR(place), PSTR(row.name));
	if (g->p->count == ROWS_MAX)
		y_fault(g->y, map, "more than %d rows", ROWS_MAX);
	else
		g->p->list[g->p->count++] = row;
}

static void read_kind(struct reader *g, const struct ynode *document, enum purpose_kind kind)
{
	static const char *const KEYS[] = {"name", "fields", NULL};
	const struct ynode *list = y_need_list(g->y, document, KINDS[kind - 1]);
	for (size_t i = 0; list != NULL && i < y_count(list); i++) {
		const struct ynode *map = y_item(list, i);
		y_only(g->y, map, KEYS);
		if (y_type(map) != Y_MAP)
			continue;
		struct str place = read_name(g, map);
		for (size_t k = 0; k < i; k++) {
			const struct ynode *other = y_get(y_item(list, k), "name");
			if (other != NULL && y_type(other) == Y_SCALAR &&
			    str_eq(y_text(g->y, other), place))
				y_fault(g->y, map, "\"%.*s\" is there twice", PSTR(place));
		}
		const struct ynode *fields = y_need_list(g->y, map, "fields");
		for (size_t k = 0; fields != NULL && k < y_count(fields); k++)
			read_row(g, y_item(fields, k), kind, place);
	}
}

static void read_document(struct reader *g, const struct ynode *document)
{
	y_only(g->y, document, KINDS);
	if (y_type(document) != Y_MAP)
		return;
	for (int k = PURPOSE_table; k <= PURPOSE_import; k++)
		read_kind(g, document, (enum purpose_kind)k);
}

enum rc purposes_parse(struct purposes **out, const char *file, struct str yaml,
                       const struct rules *rules, const struct refused *refused, struct fault *f)
{
	struct purposes *p = calloc(1, sizeof *p);
	if (p == NULL)
		return fault_set(f, RC_NOMEM, "no memory for %s", file);
	arena_init(&p->arena, (size_t)32 << 20);
	p->list = arena_array(&p->arena, ROWS_MAX, sizeof *p->list);
	struct yaml_reader y = {0};
	struct reader g = {p, &y, rules, refused};
	const struct ynode *document = yaml_parse(&y, &p->arena, file, yaml);
	if (document != NULL)
		read_document(&g, document);
	if (document == NULL || y.fault_count > 0 || p->arena.over) {
		enum rc rc = RC_SYNTAX;
		if (y.fault_count == 0)
			rc = fault_set(f, RC_NOMEM, "%s is too big", file);
		else if (f != NULL)
			*f = y.faults[0];
		purposes_free(p);
		return rc;
	}
	p->checksum = hash_of(NULL, "xom.purposes", yaml);
	*out = p;
	return RC_OK;
}

enum rc purposes_load(struct purposes **out, const char *file, const struct rules *rules,
                      const struct refused *refused, struct fault *f)
{
	struct arena a;
	arena_init(&a, (size_t)4 << 20);
	struct str bytes;
	enum rc rc = file_read(&a, file, FILE_MAX, &bytes, f);
	if (rc == RC_OK)
		rc = purposes_parse(out, file, bytes, rules, refused, f);
	else if (rc > 0)
		rc = fault_set(f, RC_IO, "cannot read %s: %s", file, rc_name(rc));
	arena_release(&a);
	return rc;
}

void purposes_free(struct purposes *p)
{
	if (p == NULL)
		return;
	arena_release(&p->arena);
	free(p);
}

size_t purposes_all(const struct purposes *p, const struct purpose **out)
{
	*out = p->list;
	return p->count;
}

struct hash purposes_hash(const struct purposes *p) { return p->checksum; }

const struct purpose *purpose_find(const struct purposes *p, enum purpose_kind kind,
                                   struct str place, struct str name)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].kind == kind && str_eq(p->list[i].place, place) &&
		    str_eq(p->list[i].name, name))
			return &p->list[i];
	return NULL;
}

static bool has_column(const struct store_table *tables, size_t count, const struct purpose *row)
{
	for (size_t t = 0; t < count; t++)
		for (size_t c = 0; str_eq(tables[t].name, row->place) && c < tables[t].column_count; c++)
			if (str_eq(tables[t].columns[c], row->name))
				return true;
	return false;
}

/* The engine's own catalogue holds no data of ours. */
static bool engines_own(struct str table) { return str_starts(table, STR("sqlite_")); }

/* A search index is made when its first words come, as several tables of the engine's own (fts_desk,
 * fts_desk_data …): one row under its name stands for them all. */
static bool index_known(const struct purposes *p, struct str table)
{
	for (size_t i = 0; i < p->count; i++) {
		struct str place = p->list[i].place;
		if (p->list[i].kind == PURPOSE_index && str_starts(table, place) &&
		    (table.n == place.n || table.p[place.n] == '_'))
			return true;
	}
	return false;
}

static size_t compare_table(const struct purposes *p, struct arena *a, const struct store_table *t,
                            struct str *out)
{
	size_t n = 0;
	if (engines_own(t->name))
		return 0;
	if (t->internal && str_starts(t->name, STR("fts_"))) {
		if (index_known(p, t->name))
			return 0;
		out[0] = arena_fmt(a, "the search index %.*s has no row", PSTR(t->name));
		return 1;
	}
	for (size_t c = 0; c < t->column_count; c++)
		if (purpose_find(p, PURPOSE_table, t->name, t->columns[c]) == NULL)
			out[n++] = arena_fmt(a, "the column %.*s.%.*s has no row", PSTR(t->name),
			                     PSTR(t->columns[c]));
	return n;
}

size_t purposes_compare(const struct purposes *p, struct arena *a,
                        const struct store_table *tables, size_t count, struct str **said)
{
	size_t max = p->count, n = 0;
	for (size_t t = 0; t < count; t++)
		max += tables[t].column_count + 1;
	struct str *out = arena_array(a, max + 1, sizeof *out);
	for (size_t t = 0; t < count; t++)
		n += compare_table(p, a, &tables[t], out + n);
	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].kind == PURPOSE_table && !has_column(tables, count, &p->list[i]))
			out[n++] = arena_fmt(a, "line %d: there is no column %.*s.%.*s", p->list[i].line,
			                     PSTR(p->list[i].place), PSTR(p->list[i].name));
	*said = out;
	return n;
}

enum rc purposes_check(const struct purposes *p, struct store *s, struct fault *f)
{
	struct arena a;
	arena_init(&a, (size_t)16 << 20);
	struct store_table *tables = NULL;
	struct str *said = NULL;
	size_t count = 0, n = 0;
	enum rc rc = store_schema(s, &a, &tables, &count, f);
	if (rc == RC_OK)
		n = purposes_compare(p, &a, tables, count, &said);
	if (n > 0)
		rc = fault_set(f, RC_SYNTAX, "rights/fields.yaml: %.*s (and %zu more differences)",
		               PSTR(said[0]), n - 1);
	arena_release(&a);
	return rc;
}

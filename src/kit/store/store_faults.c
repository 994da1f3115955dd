/* Ward first, read off the engine's catalogue: what keeps 103 wards apart on one server. */
#include "kit/store/store_impl.h"

#include <string.h>

struct faults {
	struct arena *arena;
	struct str *list;
	size_t n, cap;
};

static void add(struct faults *x, struct str fault)
{
	if (x->n == x->cap) {
		x->cap = x->cap == 0 ? 16 : x->cap * 2;
		struct str *more = arena_array(x->arena, x->cap, sizeof *more);
		if (x->n > 0)
			memcpy(more, x->list, x->n * sizeof *more);
		x->list = more;
	}
	x->list[x->n++] = fault;
}

static struct str key_name(struct arena *a, const struct store_key *k)
{
	static const char *const names[] = {"", "primary key", "unique constraint", "foreign key", "index"};
	struct buf b = {0};
	buf_addf(&b, "%s(", names[k->kind]);
	for (size_t i = 0; i < k->column_count; i++)
		buf_addf(&b, "%s%.*s", i > 0 ? ", " : "", PSTR(k->columns[i]));
	buf_addc(&b, ')');
	return arena_take(a, &b);
}

static bool belongs_to_all(struct str table)
{
	for (const char *const *t = STORE_GLOBAL_TABLES; *t != NULL; t++)
		if (str_is(table, *t))
			return true;
	return false;
}

static bool exempt(const struct store_table *t, const struct store_key *k)
{
	if (k->kind == KEY_FOREIGN)
		return belongs_to_all(k->to_table); /* ward(id), account(id): they have no ward_id */
	/* The runner of jobs looks for what is due in all wards at once. */
	return k->kind == KEY_INDEX && table_global(t->name);
}

/* A row points into its own ward, or at what belongs to all of them. */
static void check_target(struct faults *x, const struct store_table *t, const struct store_key *k)
{
	if (k->kind != KEY_FOREIGN || belongs_to_all(k->to_table))
		return;
	if (belongs_to_all(t->name))
		add(x, arena_fmt(x->arena, "table %.*s belongs to all wards, and its %.*s leads into one",
		                 PSTR(t->name), PSTR(key_name(x->arena, k))));
	else if (str_is(k->columns[0], "ward_id") && k->to_first.n > 0 && !str_is(k->to_first, "ward_id"))
		add(x, arena_fmt(x->arena, "table %.*s: its %.*s leads to %.*s(%.*s, …), which may be another ward's",
		                 PSTR(t->name), PSTR(key_name(x->arena, k)), PSTR(k->to_table), PSTR(k->to_first)));
}

static void check_table(struct faults *x, const struct store_table *t)
{
	bool primary = false, column = false;
	for (size_t i = 0; i < t->column_count; i++)
		column |= str_is(t->columns[i], "ward_id");
	if (!column) {
		add(x, arena_fmt(x->arena, "table %.*s has no ward_id and is not among the tables of all wards",
		                 PSTR(t->name)));
		return;
	}
	for (size_t i = 0; i < t->key_count; i++) {
		const struct store_key *k = &t->keys[i];
		primary |= k->kind == KEY_PRIMARY;
		if (!exempt(t, k) && !(k->column_count > 0 && str_is(k->columns[0], "ward_id")))
			add(x, arena_fmt(x->arena, "table %.*s: ward_id is not first in its %.*s", PSTR(t->name),
			                 PSTR(key_name(x->arena, k))));
	}
	if (!primary)
		add(x, arena_fmt(x->arena, "table %.*s has no primary key", PSTR(t->name)));
}

enum rc store_schema_faults(struct store *s, struct arena *a, struct str **faults, size_t *count,
                            struct fault *f)
{
	struct faults x = {.arena = a};
	struct store_table *tables;
	size_t n;
	enum rc rc = store_schema(s, a, &tables, &n, f);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		for (size_t k = 0; k < tables[i].key_count; k++)
			check_target(&x, &tables[i], &tables[i].keys[k]);
		if (!tables[i].internal && !belongs_to_all(tables[i].name))
			check_table(&x, &tables[i]);
	}
	*faults = x.list;
	*count = x.n;
	return rc;
}

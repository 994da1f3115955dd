#include "kit/base/clock.h"
#include "kit/base/yaml_node.h"

enum ynode_type y_type(const struct ynode *n) { return n->type; }
int y_line(const struct ynode *n) { return n->line; }
size_t y_count(const struct ynode *n) { return n != NULL && n->type != Y_SCALAR ? n->count : 0; }

const struct ynode *y_item(const struct ynode *list, size_t i)
{
	if (i >= y_count(list))
		BUG("item %zu of %zu", i, y_count(list));
	return list->items[i];
}

const struct ynode *y_value(const struct ynode *map, size_t i) { return y_item(map, i); }

struct str y_key(const struct ynode *map, size_t i)
{
	const struct ynode *v = y_item(map, i);
	return v->key.p != NULL ? v->key : STR_EMPTY;
}

const struct ynode *y_get(const struct ynode *map, const char *key)
{
	if (map == NULL || map->type != Y_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (str_is(map->items[i]->key, key))
			return map->items[i];
	return NULL;
}

void y_fault_at(struct yaml_reader *r, const struct ynode *map, const char *key, const char *fmt, ...)
{
	const struct ynode *n = y_get(map, key);
	va_list ap;
	va_start(ap, fmt);
	yaml_fault_under(r, n != NULL ? n : map, n != NULL ? NULL : key, fmt, ap);
	va_end(ap);
}

/* Edit distance, rows of at most 48 letters; longer words are far from everything. */
static size_t distance(struct str a, struct str b)
{
	enum { MAX = 48 };
	size_t row[MAX + 1];
	if (a.n > MAX || b.n > MAX)
		return MAX;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t best = corner + (a.p[i - 1] != b.p[j - 1]);
			corner = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.n];
}

static const char *nearest(struct str word, const char *const known[])
{
	const char *best = NULL;
	size_t least = word.n / 3 + 2;
	for (size_t i = 0; known[i] != NULL; i++) {
		size_t d = distance(word, str_of(known[i]));
		if (d < least) {
			least = d;
			best = known[i];
		}
	}
	return best;
}

static bool is_map(struct yaml_reader *r, const struct ynode *map)
{
	if (map == NULL) /* reported where it was looked for */
		return false;
	if (map->type == Y_MAP)
		return true;
	bool told = false; /* once, not for every key that is asked for */
	for (size_t i = 0; i < r->fault_count && i < sizeof r->faults / sizeof *r->faults; i++)
		told |= r->faults[i].line == map->line && r->faults[i].column == map->column &&
		        strcmp(r->faults[i].text, "must be a map (key: value)") == 0;
	if (!told)
		y_fault(r, map, "must be a map (key: value)");
	return false;
}

void y_only(struct yaml_reader *r, const struct ynode *map, const char *const keys[])
{
	if (!is_map(r, map))
		return;
	for (size_t i = 0; i < map->count; i++) {
		struct str key = map->items[i]->key;
		size_t k = 0;
		while (keys[k] != NULL && !str_is(key, keys[k]))
			k++;
		if (keys[k] != NULL)
			continue;
		const char *near = nearest(key, keys);
		if (near != NULL)
			y_fault(r, map->items[i], "unknown key; did you mean \"%s\"?", near);
		else
			y_fault(r, map->items[i], "unknown key");
	}
}

static const struct ynode *need(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	if (!is_map(r, map))
		return NULL;
	const struct ynode *n = y_get(map, key);
	if (n == NULL)
		y_fault_at(r, map, key, "is missing");
	return n;
}

static const struct ynode *opt(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return is_map(r, map) ? y_get(map, key) : NULL;
}

bool y_empty(const struct ynode *n) { return n != NULL && n->type == Y_SCALAR && n->text.n == 0; }

struct str y_text(struct yaml_reader *r, const struct ynode *n)
{
	if (n == NULL)
		return STR_EMPTY;
	if (n->type != Y_SCALAR)
		y_fault(r, n, "must be a text");
	else if (n->text.n == 0 || (n->plain && (str_is(n->text, "~") || str_is(n->text, "null"))))
		y_fault(r, n, "is empty");
	else
		return n->text;
	return STR_EMPTY;
}

struct str y_need_str(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return y_text(r, need(r, map, key));
}

struct str y_opt_str(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return y_text(r, opt(r, map, key));
}

static int64_t whole(struct yaml_reader *r, const struct ynode *n, int64_t min, int64_t max,
                     int64_t otherwise)
{
	int64_t v;
	if (n == NULL)
		return otherwise;
	if (n->type != Y_SCALAR || !n->plain || !str_i64(n->text, &v))
		y_fault(r, n, "must be a whole number");
	else if (v < min || v > max)
		y_fault(r, n, "must be between %lld and %lld", (long long)min, (long long)max);
	else
		return v;
	return otherwise;
}

int64_t y_need_int(struct yaml_reader *r, const struct ynode *map, const char *key, int64_t min,
                   int64_t max)
{
	return whole(r, need(r, map, key), min, max, min);
}

int64_t y_opt_int(struct yaml_reader *r, const struct ynode *map, const char *key, int64_t min,
                  int64_t max, int64_t otherwise)
{
	return whole(r, opt(r, map, key), min, max, otherwise);
}

static bool yes(struct yaml_reader *r, const struct ynode *n, bool otherwise)
{
	if (n == NULL)
		return otherwise;
	if (n->type == Y_SCALAR && n->plain && str_is(n->text, "true"))
		return true;
	if (n->type == Y_SCALAR && n->plain && str_is(n->text, "false"))
		return false;
	y_fault(r, n, "must be true or false");
	return otherwise;
}

bool y_need_bool(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return yes(r, need(r, map, key), false);
}

bool y_opt_bool(struct yaml_reader *r, const struct ynode *map, const char *key, bool otherwise)
{
	return yes(r, opt(r, map, key), otherwise);
}

static int choice(struct yaml_reader *r, const struct ynode *n, const char *const names[],
                  int otherwise)
{
	if (n == NULL)
		return otherwise;
	struct buf list = {0};
	for (int i = 0; names[i] != NULL; i++) {
		if (n->type == Y_SCALAR && str_is(n->text, names[i])) {
			buf_release(&list);
			return i;
		}
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
	}
	y_fault(r, n, "must be one of: %.*s", PSTR(buf_str(&list)));
	buf_release(&list);
	return -1;
}

int y_need_enum(struct yaml_reader *r, const struct ynode *map, const char *key,
                const char *const names[])
{
	return choice(r, need(r, map, key), names, -1);
}

int y_opt_enum(struct yaml_reader *r, const struct ynode *map, const char *key,
               const char *const names[], int otherwise)
{
	return choice(r, opt(r, map, key), names, otherwise);
}

int32_t y_need_day(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	const struct ynode *n = need(r, map, key);
	int32_t day = 0;
	if (n != NULL && (n->type != Y_SCALAR || !day_parse(n->text, &day)))
		y_fault(r, n, "must be a day like 2026-11-23");
	return day;
}

static const struct ynode *typed(struct yaml_reader *r, const struct ynode *n, enum ynode_type type)
{
	if (n == NULL || n->type == type)
		return n;
	y_fault(r, n, type == Y_LIST ? "must be a list (- item)" : "must be a map (key: value)");
	return NULL;
}

const struct ynode *y_need_list(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return typed(r, need(r, map, key), Y_LIST);
}

const struct ynode *y_opt_list(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return typed(r, opt(r, map, key), Y_LIST);
}

const struct ynode *y_need_map(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return typed(r, need(r, map, key), Y_MAP);
}

const struct ynode *y_opt_map(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return typed(r, opt(r, map, key), Y_MAP);
}

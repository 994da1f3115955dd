/* Refused matter: rights/refused.yaml, and the comparison of definitions with it. */
#include "ward/flow/procedure.h"

#include <stdlib.h>

enum { LINES_MAX = 128, FILE_MAX = 256 << 10, TOKENS_MAX = 2000, SHORTEST = 3 };

struct phrase {
	struct str *words;
	size_t count;
	struct str together;          /* "bieutinh": written without blanks */
};
struct line {
	struct str name;
	struct phrase *phrases;
	size_t count;
};
struct refused {
	struct arena arena;
	struct line *lines;
	size_t count;
	struct hash checksum;
};

static void read_phrase(struct refused *r, struct yaml_reader *y, const struct ynode *item,
                        struct phrase *out)
{
	struct str text = y_text(y, item);
	out->count = text_tokens(&r->arena, text, &out->words);
	size_t bytes = 0;
	for (size_t i = 0; i < out->count; i++)
		bytes += out->words[i].n;
	/* One short word would refuse half of the language. */
	if (bytes < SHORTEST) {
		y_fault(y, item, "a refused phrase needs at least %d letters", SHORTEST);
		return;
	}
	char *z = arena_alloc(&r->arena, bytes + 1);
	size_t n = 0;
	for (size_t i = 0; i < out->count; n += out->words[i].n, i++)
		memcpy(z + n, out->words[i].p, out->words[i].n);
	out->together = str_n(z, n);
}

static void read_line(struct refused *r, struct yaml_reader *y, const struct ynode *map,
                      struct line *out)
{
	static const char *const KEYS[] = {"name", "refused", "why", "vi", "en", NULL};
	static const char *const TEXTS[] = {"vi", "en", NULL};
	if (y_type(map) != Y_MAP) {
		y_fault(y, map, "must be a map with name, refused, why, vi and en");
		return;
	}
	y_only(y, map, KEYS);
	out->name = y_need_str(y, map, "name");
	(void)y_need_int(y, map, "refused", 1, 6);
	const struct ynode *why = y_need_map(y, map, "why");
	for (size_t i = 0; TEXTS[i] != NULL && why != NULL; i++)
		(void)y_need_str(y, why, TEXTS[i]);
	size_t max = 0;
	const struct ynode *lists[2];
	for (size_t i = 0; TEXTS[i] != NULL; i++) {
		lists[i] = y_need_list(y, map, TEXTS[i]);
		if (lists[i] != NULL && y_count(lists[i]) == 0)
			y_fault(y, lists[i], "needs at least one phrase");
		max += lists[i] != NULL ? y_count(lists[i]) : 0;
	}
	out->phrases = arena_array(&r->arena, max + 1, sizeof *out->phrases);
	for (size_t i = 0; i < 2; i++)
		for (size_t k = 0; lists[i] != NULL && k < y_count(lists[i]); k++)
			read_phrase(r, y, y_item(lists[i], k), &out->phrases[out->count++]);
}

static void read_lines(struct refused *r, struct yaml_reader *y, const struct ynode *document)
{
	static const char *const KEYS[] = {"lines", NULL};
	if (y_type(document) != Y_MAP) {
		y_fault(y, document, "must be a map with the key lines");
		return;
	}
	y_only(y, document, KEYS);
	const struct ynode *list = y_need_list(y, document, "lines");
	size_t n = list != NULL ? y_count(list) : 0;
	if (list != NULL && (n == 0 || n > LINES_MAX))
		y_fault(y, list, "needs 1 to %d lines", LINES_MAX);
	if (n > LINES_MAX)
		return;
	r->lines = arena_array(&r->arena, n + 1, sizeof *r->lines);
	for (size_t i = 0; i < n; i++) {
		read_line(r, y, y_item(list, i), &r->lines[i]);
		for (size_t k = 0; k < i; k++)
			if (r->lines[i].name.n > 0 && str_eq(r->lines[k].name, r->lines[i].name))
				y_fault(y, y_item(list, i), "there are two lines named %.*s",
				        PSTR(r->lines[i].name));
	}
	r->count = n;
}

enum rc refused_parse(struct refused **out, const char *file, struct str yaml, struct fault *f)
{
	struct refused *r = calloc(1, sizeof *r);
	if (r == NULL)
		return fault_set(f, RC_NOMEM, "no memory for %s", file);
	arena_init(&r->arena, (size_t)16 << 20);
	struct yaml_reader y = {0};
	const struct ynode *document = yaml_parse(&y, &r->arena, file, yaml);
	if (document != NULL)
		read_lines(r, &y, document);
	if (document == NULL || y.fault_count > 0 || r->arena.over) {
		enum rc rc = r->arena.over ? fault_set(f, RC_NOMEM, "%s is too big", file) : RC_SYNTAX;
		if (rc == RC_SYNTAX && f != NULL)
			*f = y.faults[0];
		refused_free(r);
		return rc;
	}
	r->checksum = hash_of(NULL, "xom.refused", yaml);
	*out = r;
	return RC_OK;
}

enum rc refused_load(struct refused **out, const char *file, struct fault *f)
{
	struct arena a;
	arena_init(&a, (size_t)2 << 20);
	struct str bytes;
	enum rc rc = file_read(&a, file, FILE_MAX, &bytes, f);
	/* Without its list nothing may be published: a missing file is a failure. */
	if (rc == RC_OK)
		rc = refused_parse(out, file, bytes, f);
	else if (rc > 0)
		rc = fault_set(f, RC_IO, "cannot read %s: %s", file, rc_name(rc));
	arena_release(&a);
	return rc;
}

void refused_free(struct refused *r)
{
	if (r == NULL)
		return;
	arena_release(&r->arena);
	free(r);
}

size_t refused_count(const struct refused *r) { return r->count; }
struct str refused_name(const struct refused *r, size_t i)
{
	return i < r->count ? r->lines[i].name : STR_EMPTY;
}
struct hash refused_hash(const struct refused *r) { return r->checksum; }

static bool phrase_at(const struct phrase *p, const struct str *words, size_t left)
{
	/* Nearly every phrase at nearly every word; written together it begins alike. */
	if (words[0].p[0] != p->words[0].p[0])
		return false;
	if (p->count > 1 && str_eq(words[0], p->together))
		return true;
	if (left < p->count)
		return false;
	for (size_t i = 0; i < p->count; i++)
		if (!str_eq(words[i], p->words[i]))
			return false;
	return true;
}

bool refused_match(const struct refused *r, struct arena *a, struct str text, struct str *line)
{
	struct str clean = text;
	/* Characters that do not show must not hide a word. Broken UTF-8 has no words to compare. */
	if (text_clean(a, text, TEXT_LINES, SIZE_MAX, &clean) == RC_INVALID) {
		*line = STR("not UTF-8");
		return true;
	}
	struct str *words;
	size_t n = text_tokens(a, clean, &words);
	if (n >= TOKENS_MAX) {
		*line = STR("too long");
		return true;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t l = 0; l < r->count; l++)
			for (size_t p = 0; p < r->lines[l].count; p++)
				if (phrase_at(&r->lines[l].phrases[p], words + i, n - i)) {
					*line = r->lines[l].name;
					return true;
				}
	return false;
}

/* `quiet` takes the faults that the readers of the fields tell themselves ("is empty"). */
static void check(const struct refused *r, struct yaml_reader *y, struct yaml_reader *quiet,
                  const struct ynode *n)
{
	struct str line;
	if (y_type(n) == Y_SCALAR) {
		if (refused_match(r, y->arena, y_text(quiet, n), &line))
			y_fault(y, n, "refused matter \"%.*s\" (rights/refused.yaml)", PSTR(line));
		return;
	}
	for (size_t i = 0; i < y_count(n); i++) {
		if (y_type(n) == Y_LIST) {
			check(r, y, quiet, y_item(n, i));
			continue;
		}
		if (refused_match(r, y->arena, y_key(n, i), &line))
			y_fault(y, y_value(n, i), "refused matter \"%.*s\" in the field's name "
			        "(rights/refused.yaml)", PSTR(line));
		check(r, y, quiet, y_value(n, i));
	}
}

void refused_check(const struct refused *r, struct yaml_reader *y, const struct ynode *document)
{
	struct yaml_reader quiet = {.arena = y->arena, .file = y->file};
	check(r, y, &quiet, document);
}

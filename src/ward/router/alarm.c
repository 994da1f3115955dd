#include "ward/router/alarm.h"

#include <stdlib.h>

#include "ward/router/words.h"

enum sort { SORT_marked, SORT_bare, SORT_any, SORT_except };
struct phrase {
	struct words words;
	enum sort sort;
	struct str line;
};
struct alarm {
	struct arena arena;
	struct phrase *phrases;
	size_t count, room;
	struct str list;
};

static void read_phrases(struct alarm *l, struct yaml_reader *y, const struct ynode *map, const char *key,
                         enum sort sort, struct str line, struct buf *list)
{
	static const char MARK[] = {[SORT_marked] = '\0', [SORT_bare] = '=', [SORT_any] = '+', [SORT_except] = '-'};
	const struct ynode *items = y_need_list(y, map, key);
	for (size_t i = 0; items != NULL && i < y_count(items); i++) {
		struct str text = y_text(y, y_item(items, i));
		struct phrase p = {.sort = sort, .line = line};
		bool marked;
		p.words.n = words_of(&l->arena, text, &p.words.w, &marked);
		if (p.words.n == 0)
			y_fault(y, y_item(items, i), "holds no word");
		else if (sort == SORT_bare && marked)
			y_fault(y, y_item(items, i), "stands among those without marks and has some");
		else if (l->count == l->room)
			y_fault(y, y_item(items, i), "more than %zu phrases", l->room);
		else
			l->phrases[l->count++] = p;
		buf_addf(list, "%s%s%.*s", list->n > 0 ? "|" : "", MARK[sort] != '\0' ? (char[]){MARK[sort], '\0'} : "",
		         PSTR(text));
	}
}

static void read_document(struct alarm *l, struct yaml_reader *y, const struct ynode *document)
{
	static const char *const KEYS[] = {"lines", "except", NULL};
	static const char *const LINE[] = {"name", "vi", "bare", "en", NULL};
	struct buf list = {0};
	if (y_type(document) != Y_MAP) {
		y_fault(y, document, "must be a map with lines and except");
		return;
	}
	y_only(y, document, KEYS);
	l->phrases = arena_array(&l->arena, l->room = 1024, sizeof *l->phrases);
	read_phrases(l, y, document, "except", SORT_except, STR_EMPTY, &list);
	const struct ynode *lines = y_need_list(y, document, "lines");
	for (size_t i = 0; lines != NULL && i < y_count(lines); i++) {
		const struct ynode *map = y_item(lines, i);
		if (y_type(map) != Y_MAP) {
			y_fault(y, map, "must be a map with name, vi, bare and en");
			continue;
		}
		y_only(y, map, LINE);
		struct str name = arena_copy(&l->arena, y_need_str(y, map, "name"));
		read_phrases(l, y, map, "vi", SORT_marked, name, &list);
		read_phrases(l, y, map, "bare", SORT_bare, name, &list);
		read_phrases(l, y, map, "en", SORT_any, name, &list);
	}
	l->list = arena_take(&l->arena, &list);
}

enum rc alarm_parse(struct alarm **out, struct yaml_reader *y, const char *file, struct str yaml)
{
	struct alarm *l = calloc(1, sizeof *l);
	if (l == NULL)
		return RC_NOMEM;
	arena_init(&l->arena, (size_t)8 << 20);
	const struct ynode *document = yaml_parse(y, &l->arena, file, yaml);
	if (document != NULL)
		read_document(l, y, document);
	if (document == NULL || y->fault_count > 0) {
		alarm_free(l);
		return RC_SYNTAX;
	}
	*out = l;
	return RC_OK;
}

enum rc alarm_load(struct alarm **out, const char *file, struct fault *f)
{
	struct arena a;
	struct str bytes;
	struct yaml_reader y = {0};
	arena_init(&a, (size_t)1 << 20);
	enum rc rc = file_read(&a, file, 128 << 10, &bytes, f);
	if (rc > 0)
		rc = fault_set(f, RC_IO, "cannot read %s: %s", file, rc_name(rc));
	if (rc == RC_OK) {
		rc = alarm_parse(out, &y, file, bytes);
		if (rc == RC_SYNTAX && f != NULL)
			*f = y.faults[0];
	}
	arena_release(&a);
	return rc;
}

void alarm_free(struct alarm *l)
{
	if (l == NULL)
		return;
	arena_release(&l->arena);
	free(l);
}

struct str alarm_list(const struct alarm *l) { return l->list; }

static bool counts(const struct phrase *p, bool marked)
{
	return p->sort == SORT_any || p->sort == (marked ? SORT_marked : SORT_bare);
}

bool alarm_match(const struct alarm *l, struct arena *a, struct str text, struct str *line)
{
	struct word *words;
	bool marked;
	size_t n = words_of(a, text, &words, &marked);
	bool *taken = arena_array(a, n + 1, sizeof *taken);
	*line = STR_EMPTY;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < l->count; k++)
			if (l->phrases[k].sort == SORT_except &&
			    words_begin(&l->phrases[k].words, words + i, n - i, marked))
				for (size_t w = 0; w < l->phrases[k].words.n; w++)
					taken[i + w] = true;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < l->count; k++) {
			const struct phrase *p = &l->phrases[k];
			if (!counts(p, marked) || !words_begin(&p->words, words + i, n - i, marked))
				continue;
			bool free_words = true;
			for (size_t w = 0; w < p->words.n; w++)
				free_words = free_words && !taken[i + w];
			if (free_words) {
				*line = p->line;
				return true;
			}
		}
	return false;
}

/* rights/plain-words.yaml: words of offices and courts that residents' texts may not hold. */
#include <stdlib.h>

#include "ward/router/router.h"
#include "ward/router/words.h"

struct plain_row {
	struct words word;
	struct str as_written, plain;
};
struct plain_words {
	struct arena arena;
	struct plain_row *rows[LANG_COUNT];
	size_t count[LANG_COUNT];
};

static void read_rows(struct plain_words *p, struct yaml_reader *y, const struct ynode *document, enum lang l)
{
	const struct ynode *list = y_need_list(y, document, lang_name(l));
	size_t n = list != NULL ? y_count(list) : 0;
	p->rows[l] = arena_array(&p->arena, n + 1, sizeof *p->rows[l]);
	for (size_t i = 0; i < n; i++) {
		struct plain_row *row = &p->rows[l][p->count[l]++];
		const struct ynode *map = y_item(list, i);
		if (y_type(map) != Y_MAP) {
			y_fault(y, map, "must be a map with word and plain");
			continue;
		}
		row->as_written = y_need_str(y, map, "word");
		const struct ynode *plain = y_get(map, "plain");
		row->plain = plain != NULL && !y_empty(plain) ? y_need_str(y, map, "plain") : STR_EMPTY;
		row->word.n = words_of(&p->arena, row->as_written, &row->word.w, NULL);
	}
}

enum rc plain_words_load(struct plain_words **out, const char *file, struct fault *f)
{
	struct plain_words *p = calloc(1, sizeof *p);
	struct str bytes;
	struct yaml_reader y = {0};
	if (p == NULL)
		return fault_set(f, RC_NOMEM, "no memory for %s", file);
	arena_init(&p->arena, (size_t)8 << 20);
	enum rc rc = file_read(&p->arena, file, 256 << 10, &bytes, f);
	if (rc > 0)
		rc = fault_set(f, RC_IO, "cannot read %s: %s", file, rc_name(rc));
	const struct ynode *document = rc == RC_OK ? yaml_parse(&y, &p->arena, file, bytes) : NULL;
	if (document != NULL) {
		read_rows(p, &y, document, LANG_vi);
		read_rows(p, &y, document, LANG_en);
	}
	if (rc == RC_OK && (document == NULL || y.fault_count > 0)) {
		rc = RC_SYNTAX;
		if (f != NULL)
			*f = y.faults[0];
	}
	if (rc != RC_OK)
		plain_words_free(p);
	else
		*out = p;
	return rc;
}

void plain_words_free(struct plain_words *p)
{
	if (p == NULL)
		return;
	arena_release(&p->arena);
	free(p);
}

/* As tools/plain-words has it: English words with their endings, too. */
static bool ends_so(struct str word, struct str of)
{
	static const char *const ENDINGS[] = {"s", "es", "ed", "d", "ing"};
	if (!str_starts(word, of))
		return false;
	struct str rest = str_sub(word, of.n, word.n);
	for (size_t i = 0; i < sizeof ENDINGS / sizeof *ENDINGS; i++)
		if (str_is(rest, ENDINGS[i]))
			return true;
	return rest.n == 0;
}

static bool here(const struct words *phrase, const struct word *words, size_t left, enum lang l)
{
	size_t last = phrase->n - 1;
	if (phrase->n == 0 || left < phrase->n)
		return false;
	for (size_t i = 0; i < last; i++)
		if (!str_eq(phrase->w[i].key, words[i].key))
			return false;
	return l == LANG_en ? ends_so(words[last].key, phrase->w[last].key)
	                    : str_eq(words[last].key, phrase->w[last].key);
}

bool plain_words_find(const struct plain_words *p, struct arena *a, enum lang l, struct str text,
                      struct str *word, struct str *plain)
{
	struct word *words;
	size_t n = words_of(a, text, &words, NULL);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < p->count[l]; k++)
			if (here(&p->rows[l][k].word, words + i, n - i, l)) {
				*word = p->rows[l][k].as_written;
				*plain = p->rows[l][k].plain;
				return true;
			}
	return false;
}

/* What may be found (RIGHTS.md, refused 1): a unit finds its own open cases by their masked words,
 * code, kind and place; everybody finds listed cases by public code, kind, khu vực and released
 * words. Searching over everything ever written would be a list of suspects. */
#include <inttypes.h>

#include "kit/base/text.h"
#include "ward/flow/flow_private.h"

struct str search_unit_token(struct arena *a, struct unit_id unit)
{
	return arena_fmt(a, "ofunit%" PRId64, unit.v);
}

enum rc case_first_text(struct tx *tx, struct case_id id, struct str *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT body FROM part_body WHERE ward_id = ?1 AND case_id = ?2 AND seq = 1 AND part = 1",
		"i", "t");
	struct rows r;
	*out = STR_EMPTY;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(id.v)), f);
	if (rc == RC_OK) {
		*out = row_str(&r, 0);
		rows_end(&r);
	}
	return rc == RC_NONE ? RC_OK : rc;
}

static void add(struct buf *b, struct str s)
{
	buf_add(b, s);
	buf_addc(b, ' ');
}

static void add_kind(struct buf *b, const struct flow *w, const struct ward_case *c, int64_t now)
{
	const struct procedure *p = case_present(w, c, now);
	if (p == NULL)
		p = c->procedure;
	for (enum lang l = LANG_vi; l < LANG_COUNT; l++)
		if (l == LANG_vi || !str_eq(p->title[l], p->title[LANG_vi]))
			add(b, p->title[l]);
}

static void add_area(struct buf *b, struct arena *a, const struct flow *w,
                     const struct ward_case *c)
{
	struct area area;
	if (c->place.area.v != 0 && place_area(w->places, a, c->place.area, &area))
		add(b, area.name);
}

static struct str masked(struct tx *tx, const struct flow *w, struct str s)
{
	size_t n;
	const struct str *names = place_names(w->places, tx_ward(tx), &n);
	struct arena *a = tx_arena(tx);
	return text_mask_people(a, text_mask_ids(a, s, NULL), names, n, NULL);
}

static enum rc put(struct tx *tx, const char *scope, const struct ward_case *c, struct buf *b,
                   struct fault *f)
{
	struct str *tokens = NULL;
	struct str text = arena_take(tx_arena(tx), b);
	size_t n = text_tokens(tx_arena(tx), text, &tokens);
	return search_put(tx, scope, c->id.v, tokens, n, f);
}

static enum rc put_unit(struct tx *tx, const struct flow *w, const struct ward_case *c,
                        const struct str *known, struct fault *f)
{
	struct str text = STR_EMPTY;
	enum rc rc = RC_OK;
	if (known != NULL)
		text = *known;
	else
		rc = case_first_text(tx, c->id, &text, f);
	if (rc != RC_OK)
		return rc;
	struct buf b = {0};
	add(&b, search_unit_token(tx_arena(tx), case_unit(c)));
	add(&b, str_of(c->code));
	add(&b, str_of(c->public_code));
	/* Its words say the same of what is found already; those of a flood would hide what is looked for. */
	if (case_apart(c))
		return put(tx, SCOPE_DESK, c, &b, f);
	add_kind(&b, w, c, tx_now(tx));
	add_area(&b, tx_arena(tx), w, c);
	add(&b, masked(tx, w, c->place.street));
	add(&b, masked(tx, w, c->place.landmark));
	add(&b, masked(tx, w, text));
	return put(tx, SCOPE_DESK, c, &b, f);
}

static enum rc put_public(struct tx *tx, const struct flow *w, const struct ward_case *c,
                          struct fault *f)
{
	struct buf b = {0};
	add(&b, str_of(c->public_code));
	add_kind(&b, w, c, tx_now(tx));
	add_area(&b, tx_arena(tx), w, c);
	add(&b, masked(tx, w, c->released_text));
	return put(tx, SCOPE_PUBLIC, c, &b, f);
}

static enum rc take_out(struct tx *tx, const char *scope, const struct ward_case *c,
                        struct fault *f)
{
	return search_put(tx, scope, c->id.v, NULL, 0, f);
}

static bool same_words(const struct ward_case *a, const struct ward_case *b)
{
	return a->lead.v == b->lead.v && a->flood.v == b->flood.v && str_eq(a->kind, b->kind) && a->place.area.v == b->place.area.v &&
	       str_eq(a->place.street, b->place.street) &&
	       str_eq(a->place.landmark, b->place.landmark) &&
	       str_eq(a->released_text, b->released_text);
}

static bool shown(const struct ward_case *c)
{
	return c->listed && !c->withheld && !case_apart(c) && c->gone_day == 0;
}

enum rc search_case(struct tx *tx, const struct flow *w, const struct ward_case *before,
                    const struct ward_case *c, const struct str *text, struct fault *f)
{
	bool was_open = before != NULL && state_open(before->state), is_open = state_open(c->state);
	bool was_shown = before != NULL && shown(before);
	bool moved = before != NULL && before->unit.v != c->unit.v;
	bool words = before == NULL || !same_words(before, c);
	enum rc rc = RC_OK;
	if (was_open && !is_open)
		rc = take_out(tx, SCOPE_DESK, c, f);
	if (rc == RC_OK && is_open && (words || moved || !was_open))
		rc = put_unit(tx, w, c, text, f);
	if (rc == RC_OK && was_shown && !shown(c))
		rc = take_out(tx, SCOPE_PUBLIC, c, f);
	if (rc == RC_OK && shown(c) && (words || !was_shown))
		rc = put_public(tx, w, c, f);
	return rc;
}

enum rc search_refresh(struct tx *tx, const struct flow *w, const struct ward_case *c,
                       struct fault *f)
{
	enum rc rc = state_open(c->state) ? put_unit(tx, w, c, NULL, f) : take_out(tx, SCOPE_DESK, c, f);
	if (rc != RC_OK)
		return rc;
	return shown(c) ? put_public(tx, w, c, f) : take_out(tx, SCOPE_PUBLIC, c, f);
}

/* "SM-P-83H5XQT": no plate, though it has the look of one. */
static bool is_public_code(struct str s)
{
	return s.n == 12 && s.p[2] == '-' && (s.p[3] == 'P' || s.p[3] == 'p') && s.p[4] == '-';
}

enum rc search_query(struct tx *tx, const struct flow *w, struct str words, struct str **tokens,
                     size_t *n, struct fault *f)
{
	char code[16];
	words = str_trim(words);
	if (code_read(words, code) == RC_OK) {
		words = arena_copy(tx_arena(tx), str_of(code));
	} else if (!is_public_code(words)) {
		size_t names_n;
		const struct str *names = place_names(w->places, tx_ward(tx), &names_n);
		bool ids = false, people = false;
		(void)text_mask_ids(tx_arena(tx), words, &ids);
		(void)text_mask_people(tx_arena(tx), words, names, names_n, &people);
		if (ids || people)
			return fault_set(f, RC_REFUSED, "the words look like a person, plate or number");
	}
	struct str *own;
	*n = text_tokens(tx_arena(tx), words, &own);
	*tokens = arena_array(tx_arena(tx), *n + 1, sizeof **tokens);
	for (size_t i = 0; i < *n; i++)
		(*tokens)[i + 1] = own[i];
	return RC_OK;
}

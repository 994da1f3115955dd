/* A row on its way between engines, as bytes; and the names of what it is made of, for a statement. */
#include "kit/store/move_impl.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

bool move_field(struct str *rest, struct str *value, bool *null)
{
	uint32_t n;
	if (rest->n < sizeof n)
		return false;
	memcpy(&n, rest->p, sizeof n);
	n = be32toh(n);
	*rest = str_sub(*rest, sizeof n, SIZE_MAX);
	*null = n == UINT32_MAX;
	*value = STR_EMPTY;
	if (*null)
		return true;
	if (n > rest->n)
		return false;
	*value = str_n(rest->p, n);
	*rest = str_sub(*rest, n, SIZE_MAX);
	return true;
}

struct str move_fields(struct str row) { return str_sub(row, 2, SIZE_MAX); }

int64_t move_number(struct str value)
{
	uint64_t x = 0;
	if (value.n == sizeof x)
		memcpy(&x, value.p, sizeof x);
	return (int64_t)be64toh(x);
}

void move_put_count(struct buf *b, size_t n)
{
	uint16_t x = htobe16((uint16_t)n);
	buf_add(b, str_n((const char *)&x, sizeof x));
}

static void put_length(struct buf *b, uint32_t n)
{
	uint32_t x = htobe32(n);
	buf_add(b, str_n((const char *)&x, sizeof x));
}

void move_put_null(struct buf *b) { put_length(b, UINT32_MAX); }

void move_put_number(struct buf *b, int64_t n)
{
	uint64_t x = htobe64((uint64_t)n);
	put_length(b, sizeof x);
	buf_add(b, str_n((const char *)&x, sizeof x));
}

void move_put_bytes(struct buf *b, struct str s)
{
	put_length(b, (uint32_t)s.n);
	buf_add(b, s);
}

void move_key(const struct move_table *t, struct str row, struct buf *out)
{
	out->n = 0;
	move_put_count(out, t->key_count);
	for (size_t k = 0; k < t->key_count; k++) {
		struct str rest = move_fields(row), value = STR_EMPTY;
		bool null = true;
		for (size_t i = 0; i <= t->key[k] && move_field(&rest, &value, &null); i++)
			;
		if (null)
			move_put_null(out);
		else
			move_put_bytes(out, value);
	}
}

int move_key_order(const struct move_table *t, struct str a, struct str b)
{
	struct buf key[2] = {{0}, {0}};
	int order = 0;
	move_key(t, a, &key[0]);
	move_key(t, b, &key[1]);
	struct str left = move_fields(buf_str(&key[0])), right = move_fields(buf_str(&key[1])), x, y;
	bool no_x, no_y;
	for (size_t k = 0; order == 0 && k < t->key_count; k++) {
		if (!move_field(&left, &x, &no_x) || !move_field(&right, &y, &no_y))
			break;
		int64_t m = move_number(x), n = move_number(y);
		order = t->types[t->key[k]] == 'i' ? (m > n) - (m < n) : str_cmp(x, y);
	}
	buf_release(&key[0]);
	buf_release(&key[1]);
	return order;
}

struct str move_key_text(struct arena *a, const struct move_table *t, struct str key)
{
	struct str rest = move_fields(key), value;
	struct buf b = {0};
	bool null;
	for (size_t k = 0; k < t->key_count && move_field(&rest, &value, &null); k++) {
		struct str name = t->columns[t->key[k]];
		char type = t->types[t->key[k]];
		buf_addf(&b, "%s%.*s ", b.n > 0 ? ", " : "", PSTR(name));
		if (null)
			buf_addz(&b, "NULL");
		else if (type == 'i')
			buf_addf(&b, "%lld", (long long)move_number(value));
		else
			buf_add(&b, type == 't' ? value : hex_of(a, value));
	}
	return arena_take(a, &b);
}

static int compare_words(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static struct str small(struct arena *a, struct str w)
{
	char *p = arena_alloc(a, w.n + 1);
	for (size_t i = 0; i < w.n; i++)
		p[i] = (char)((w.p[i] & 0x80) == 0 ? tolower((unsigned char)w.p[i]) : w.p[i]);
	return str_n(p, w.n);
}

enum rc move_words(struct arena *a, const char *scope, struct str words, struct str *out,
                   struct fault *f)
{
	size_t n = 0, most = 1;
	struct buf b = {0};
	for (size_t i = 0; i < words.n; i++)
		most += words.p[i] == ' ';
	struct str *list = arena_array(a, most, sizeof *list);
	while (words.p != NULL && words.n > 0) {
		struct str w = str_cut(&words, ' ');
		if (w.n == 0)
			continue;
		w = small(a, w);
		if (w.p[0] == '_')
			w = arena_fmt(a, "%.*s%s", PSTR(w), scope);
		list[n++] = w;
	}
	qsort(list, n, sizeof *list, compare_words);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || !str_eq(list[i], list[i - 1]))
			buf_join(&b, " ", list[i]);
	*out = arena_take(a, &b);
	return a->over ? fault_set(f, RC_NOMEM, "too many words in a row of the search") : RC_OK;
}

void move_name(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	buf_add(b, s);          /* tables' and columns' names come from the schema's steps */
	buf_addc(b, '"');
}

void move_names(struct buf *b, const struct move_table *t, bool key)
{
	for (size_t i = 0; i < (key ? t->key_count : t->column_count); i++) {
		if (i > 0)
			buf_addz(b, ", ");
		move_name(b, t->columns[key ? t->key[i] : i]);
	}
}

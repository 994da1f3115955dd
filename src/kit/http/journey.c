/* Answers of a form over several pages, sealed in the page under the key "form".
 * Plain text: version 1, number (16), began_at (8), then name and value of each answer with their
 * lengths (4 bytes, little-endian). Field: the key's number, a dot, the sealed text. */
#include "kit/http/internal.h"

#include <string.h>

enum { VERSION = 1, ANSWERS_MAX = 200, HEAD = 1 + 16 + 8 };

void journey_begin(struct request *q, struct journey *j)
{
	*j = (struct journey){.began_at = q->now};
	random_bytes(j->number, sizeof j->number);
}

static struct str about_of(const struct request *q, const char *purpose)
{
	return arena_fmt(q->arena, "journey %zu %s %lld", strlen(purpose), purpose,
	                 (long long)(q->ward != NULL ? q->ward->id.v : 0));
}

static void put_u32(struct buf *b, size_t v)
{
	if (v > UINT32_MAX)
		BUG("an answer of %zu bytes", v);
	for (int i = 0; i < 4; i++)
		buf_addc(b, (char)(v >> (8 * i)));
}

struct str journey_seal(struct request *q, const char *purpose, const struct journey *j)
{
	const struct call *c = q->internal;
	struct buf b = {0};
	buf_addc(&b, VERSION);
	buf_add(&b, str_n((const char *)j->number, sizeof j->number));
	for (int i = 0; i < 8; i++)
		buf_addc(&b, (char)((uint64_t)j->began_at >> (8 * i)));
	for (size_t i = 0; i < j->count; i++) {
		put_u32(&b, j->answers[i].name.n);
		put_u32(&b, j->answers[i].value.n);
		buf_add(&b, j->answers[i].name);
		buf_add(&b, j->answers[i].value);
	}
	struct str plain = arena_take(q->arena, &b);
	int number;
	struct key k;
	struct fault f = {0};
	if (keys_current(c->http->c.keys, "form", &number, &k, &f) != RC_OK) {
		/* An empty field: the next page says that the form is stale, and nothing was lost. */
		log_fault("http", "sealing a form", &f);
		return STR_EMPTY;
	}
	struct str sealed = seal_field(q->arena, &k, about_of(q, purpose), plain);
	return arena_fmt(q->arena, "%d.%.*s", number, PSTR(sealed));
}

static uint64_t number_at(struct str s, size_t from, size_t bytes)
{
	uint64_t v = 0;
	for (size_t i = bytes; i > 0; i--)
		v = v << 8 | (uint8_t)s.p[from + i - 1];
	return v;
}

static enum rc parse(struct request *q, struct str plain, struct journey *j)
{
	if (plain.n < HEAD || plain.p[0] != VERSION)
		return RC_STALE;
	*j = (struct journey){0};
	memcpy(j->number, plain.p + 1, sizeof j->number);
	j->began_at = (int64_t)number_at(plain, 1 + sizeof j->number, 8);
	j->answers = arena_array(q->arena, ANSWERS_MAX, sizeof *j->answers);
	struct str rest = str_sub(plain, HEAD, plain.n);
	while (rest.n > 0) {
		if (rest.n < 8 || j->count == ANSWERS_MAX)
			return RC_STALE;
		size_t name = (size_t)number_at(rest, 0, 4), value = (size_t)number_at(rest, 4, 4);
		rest = str_sub(rest, 8, rest.n);
		if (name > rest.n || value > rest.n - name)
			return RC_STALE;
		j->answers[j->count++] =
			(struct pair){str_sub(rest, 0, name), str_sub(rest, name, value)};
		rest = str_sub(rest, name + value, rest.n);
	}
	return RC_OK;
}

enum rc journey_open(struct request *q, const char *purpose, struct journey *j)
{
	const struct call *c = q->internal;
	struct keys *keys = c->http->c.keys;
	struct str sealed = request_form(q, "s");
	struct str number_text = str_cut(&sealed, '.'), plain;
	int64_t number;
	struct key k;
	if (sealed.n == 0 || !str_i64(number_text, &number) || number < 1 || number > INT32_MAX)
		return RC_STALE;
	enum rc rc = keys_find(keys, "form", (int)number, &k, NULL);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_STALE : rc;
	int64_t retired = keys_retired_at(keys, "form", (int)number);
	if (retired != 0 && q->now - retired > US_DAY)
		return RC_STALE;
	rc = open_field(q->arena, &k, about_of(q, purpose), sealed, &plain);
	if (rc != RC_OK)
		return rc;
	struct journey found;
	rc = parse(q, plain, &found);
	if (rc != RC_OK)
		return rc;
	if (q->now - found.began_at > US_DAY || found.began_at - q->now > US_HOUR)
		return RC_STALE;
	*j = found;
	return RC_OK;
}

struct str journey_get(const struct journey *j, const char *name)
{
	for (size_t i = 0; i < j->count; i++)
		if (str_is(j->answers[i].name, name))
			return j->answers[i].value;
	return STR_EMPTY;
}

void journey_set(struct request *q, struct journey *j, const char *name, struct str value)
{
	for (size_t i = 0; i < j->count; i++)
		if (str_is(j->answers[i].name, name)) {
			j->answers[i].value = value;
			return;
		}
	if (j->count == ANSWERS_MAX)
		BUG("a journey of more than %d answers", (int)ANSWERS_MAX);
	if (j->answers == NULL)
		j->answers = arena_array(q->arena, ANSWERS_MAX, sizeof *j->answers);
	j->answers[j->count++] = (struct pair){arena_copy(q->arena, str_of(name)), value};
}

struct hash journey_hash(const struct journey *j)
{
	return hash_of(NULL, "journey", str_n((const char *)j->number, sizeof j->number));
}

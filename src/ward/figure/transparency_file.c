/* The bytes of a transparency page, and its detached signature. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "ward/figure/transparency.h"

#define FORMAT "xom transparency 1"
#define SIGNATURE "xom signature 1"

struct hash transparency_hash(struct str body) { return hash_of(NULL, FORMAT, body); }

/* ---------------------------------------------------------------- writing */

static int in_order(const struct transparency_figure *x, const struct transparency_figure *y)
{
	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	bool a = str_is(x->of, TRANSPARENCY_ALL), b = str_is(y->of, TRANSPARENCY_ALL);
	return a != b ? (a ? 1 : -1) : str_cmp(x->of, y->of);
}

static int by_order(const void *x, const void *y) { return in_order(x, y); }

static void add_figures(struct buf *b, const struct transparency *t)
{
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct transparency_figure *x = &t->figures[i];
		buf_addf(b, "%s\n{\"section\":\"%s\",\"of\":", i > 0 ? "," : "", transparency_section_name(x->section));
		text_json(b, x->of);
		if (x->told == TOLD_number)
			buf_addf(b, ",\"n\":%lld", (long long)x->n);
		else if (x->told == TOLD_few)
			buf_addf(b, ",\"few\":%lld", (long long)x->n);
		buf_addc(b, '}');
	}
}

static void add_definitions(struct buf *b, struct arena *a, const struct transparency *t)
{
	for (size_t i = 0; i < t->definition_count; i++) {
		const struct transparency_definition *d = &t->definitions[i];
		buf_addf(b, "%s\n{\"of\":", i > 0 ? "," : "");
		text_json(b, d->kind);
		buf_addf(b, ",\"from\":\"%s\",\"published\":\"%s\",\"by\":", text_day_iso(a, d->from).p,
		         text_iso(a, d->published_at).p);
		text_json(b, d->by);
		buf_addz(b, ",\"checksum\":");
		text_json(b, d->checksum);
		buf_addc(b, '}');
	}
}

static void add_heads(struct buf *b, struct arena *a, const struct transparency *t)
{
	for (size_t i = 0; i < t->head_count; i++) {
		const struct ward_head *h = &t->heads[i];
		buf_addf(b, "%s\n{\"day\":\"%s\",\"digest\":\"%s\",\"key\":\"%s\",\"signature\":\"%s\"}", i > 0 ? "," : "",
		         text_day_iso(a, h->day).p, hex_of(a, hash_str(&h->digest)).p,
		         hex_of(a, str_n((const char *)h->public_key, sizeof h->public_key)).p,
		         hex_of(a, str_n((const char *)h->signature, sizeof h->signature)).p);
	}
}

struct str transparency_write(struct arena *a, const struct transparency *t)
{
	struct buf b = {0};
	if (t->figure_count > 0)
		qsort(t->figures, t->figure_count, sizeof *t->figures, by_order);
	buf_addz(&b, "{\n\"format\":\"" FORMAT "\",\n\"ward\":");
	text_json(&b, t->ward);
	buf_addf(&b, ",\n\"quarter\":\"%.*s\",\n\"number\":%d,\n\"made\":\"%s\",\n\"figures\":[",
	         PSTR(period_name(a, &t->quarter)), t->number, text_day_iso(a, t->made_day).p);
	add_figures(&b, t);
	buf_addz(&b, "],\n\"definitions\":[");
	add_definitions(&b, a, t);
	buf_addz(&b, "],\n\"heads\":[");
	add_heads(&b, a, t);
	buf_addz(&b, "]\n}\n");
	return arena_take(a, &b);
}

/* ---------------------------------------------------------------- reading */

static struct str text_of(struct arena *a, const json_t *map, const char *key)
{
	return arena_copy(a, str_of(json_string_value(json_object_get(map, key))));
}

static bool read_figure(struct arena *a, const json_t *row, struct transparency_figure *x)
{
	struct str section = text_of(a, row, "section");
	const json_t *n = json_object_get(row, "n"), *few = json_object_get(row, "few");
	*x = (struct transparency_figure){.of = text_of(a, row, "of"), .told = TOLD_unknown};
	for (enum transparency_section s = TS_unset + 1; s < TS_COUNT; s++)
		if (str_is(section, transparency_section_name(s)))
			x->section = s;
	if (json_is_integer(n) || json_is_integer(few)) {
		x->told = json_is_integer(n) ? TOLD_number : TOLD_few;
		x->n = json_integer_value(json_is_integer(n) ? n : few);
	}
	return x->of.n > 0;            /* a section of a later program is passed over */
}

static bool read_time(struct str s, int64_t *out)
{
	struct str rest = s, day = str_cut(&rest, 'T');
	int32_t d;
	int64_t h, m, sec;
	struct str hour = str_cut(&rest, ':'), minute = str_cut(&rest, ':');
	if (!day_parse(day, &d) || !str_i64(hour, &h) || !str_i64(minute, &m) || rest.n < 2 ||
	    !str_i64(str_sub(rest, 0, 2), &sec))
		return false;
	*out = day_start(d) + 7 * US_HOUR + h * US_HOUR + m * US_MINUTE + sec * US_SECOND;
	return true;
}

static bool read_definition(struct arena *a, const json_t *row, struct transparency_definition *d)
{
	*d = (struct transparency_definition){.kind = text_of(a, row, "of"), .by = text_of(a, row, "by"),
	                                      .checksum = text_of(a, row, "checksum")};
	return day_parse(text_of(a, row, "from"), &d->from) && read_time(text_of(a, row, "published"), &d->published_at);
}

static bool read_head(struct arena *a, const json_t *row, struct ward_head *h)
{
	return day_parse(text_of(a, row, "day"), &h->day) &&
	       hex_read(text_of(a, row, "digest"), h->digest.b, sizeof h->digest.b) &&
	       hex_read(text_of(a, row, "key"), h->public_key, sizeof h->public_key) &&
	       hex_read(text_of(a, row, "signature"), h->signature, sizeof h->signature);
}

static bool read_all(struct arena *a, const json_t *json, struct transparency *t)
{
	const json_t *figures = json_object_get(json, "figures"), *definitions = json_object_get(json, "definitions"),
	             *heads = json_object_get(json, "heads");
	t->ward = text_of(a, json, "ward");
	t->number = (int)json_integer_value(json_object_get(json, "number"));
	if (!str_is(text_of(a, json, "format"), FORMAT) || t->ward.n == 0 || t->number < 1 ||
	    !period_parse(text_of(a, json, "quarter"), &t->quarter) || t->quarter.kind != PERIOD_quarter ||
	    !day_parse(text_of(a, json, "made"), &t->made_day))
		return false;
	t->figures = arena_array(a, json_array_size(figures) + 1, sizeof *t->figures);
	t->definitions = arena_array(a, json_array_size(definitions) + 1, sizeof *t->definitions);
	t->heads = arena_array(a, json_array_size(heads) + 1, sizeof *t->heads);
	for (size_t i = 0; i < json_array_size(figures); i++) {
		struct transparency_figure x;
		if (!read_figure(a, json_array_get(figures, i), &x))
			return false;
		if (x.section != TS_unset)
			t->figures[t->figure_count++] = x;
	}
	for (size_t i = 0; i < json_array_size(definitions); i++)
		if (!read_definition(a, json_array_get(definitions, i), &t->definitions[t->definition_count++]))
			return false;
	for (size_t i = 0; i < json_array_size(heads); i++)
		if (!read_head(a, json_array_get(heads, i), &t->heads[t->head_count++]))
			return false;
	return true;
}

enum rc transparency_read(struct arena *a, struct str body, struct transparency *out, struct fault *f)
{
	json_error_t e;
	json_t *json = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &e);
	*out = (struct transparency){.body = body};
	bool ok = json != NULL && read_all(a, json, out);
	json_decref(json);
	return ok ? RC_OK : fault_set(f, RC_SYNTAX, "this is no transparency page as the program writes it");
}

/* ---------------------------------------------------------------- the signature beside it */

struct str transparency_signature_write(struct arena *a, const struct transparency *t)
{
	const struct ward_signature *s = &t->signature;
	return arena_fmt(a, SIGNATURE "\nward %.*s\nof %.*s, number %d\nkey %s\nsignature %s\n", PSTR(t->ward),
	                 PSTR(period_name(a, &t->quarter)), t->number,
	                 hex_of(a, str_n((const char *)s->public_key, sizeof s->public_key)).p,
	                 hex_of(a, str_n((const char *)s->signature, sizeof s->signature)).p);
}

enum rc transparency_signature_read(struct str file, struct ward_signature *out, struct fault *f)
{
	bool key = false, signature = false, head = str_is(str_trim(str_cut(&file, '\n')), SIGNATURE);
	while (head && file.n > 0) {
		struct str value = str_trim(str_cut(&file, '\n')), name = str_cut(&value, ' ');
		if (str_is(name, "key"))
			key = hex_read(value, out->public_key, sizeof out->public_key);
		else if (str_is(name, "signature"))
			signature = hex_read(value, out->signature, sizeof out->signature);
	}
	return key && signature ? RC_OK : fault_set(f, RC_SYNTAX, "this is no signature as the program writes it");
}

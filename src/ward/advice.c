#include "ward/advice.h"

#include "kit/base/text.h"

/* A longer list is left to the server: a phone on 3G pays for each byte. */
enum { PLACES_BYTES = 8192 };

static const char *const WHAT[SPAN_COUNT] = {[SPAN_name] = "advice.name",
                                             [SPAN_plate] = "advice.plate",
                                             [SPAN_phone] = "advice.phone",
                                             [SPAN_identity] = "advice.identity"};

static size_t spans_of(const struct request *q, struct str text, struct text_span **out)
{
	size_t n;
	const struct str *names = place_names(q->app->places, q->ward->id, &n);
	return text_people(q->arena, text, names, n, out);
}

static void cut(struct advice_part *parts, size_t *n, struct str text, size_t from, size_t to,
                struct str what)
{
	if (to > from)
		parts[(*n)++] = (struct advice_part){str_sub(text, from, to - from), what};
}

size_t advice_parts(const struct request *q, struct str text, struct advice_part **out)
{
	struct text_span *spans;
	size_t count = spans_of(q, text, &spans), n = 0, at = 0;
	if (count == 0)
		return 0;
	*out = arena_array(q->arena, 2 * count + 1, sizeof **out);
	for (size_t i = 0; i < count; i++) {
		const struct text_span *s = &spans[i];
		cut(*out, &n, text, at, s->from, STR_EMPTY);
		at = s->from + s->n;
		cut(*out, &n, text, s->from, at, request_text(q, WHAT[s->kind]));
	}
	cut(*out, &n, text, at, text.n, STR_EMPTY);
	return n;
}

/* "|" between them; "*" instead of a list that is too long. */
static struct str places_text(const struct request *q)
{
	size_t n;
	const struct str *names = place_names(q->app->places, q->ward->id, &n);
	struct buf b = {0};
	for (size_t i = 0; i < n; i++)
		buf_join(&b, "|", names[i]);
	struct str all = arena_take(q->arena, &b);
	return all.n > PLACES_BYTES ? STR("*") : all;
}

const struct form_advice *advice_field(const struct request *q, struct str sent)
{
	struct form_advice *a = arena_alloc(q->arena, sizeof *a);
	struct advice_part *parts = NULL;
	*a = (struct form_advice){.js = http_asset(q->app->http, q->arena, "advice.js"),
	                          .places = places_text(q)};
	a->count = sent.n > 0 ? advice_parts(q, sent, &parts) : 0;
	a->parts = parts;
	return a;
}

bool advice_asks(const struct request *q, const char *field, struct str text)
{
	struct text_span *spans;
	return !request_has(q, arena_fmt(q->arena, "%s-advised", field).p) && spans_of(q, text, &spans) > 0;
}

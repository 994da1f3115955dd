/* What was filtered or searched for, as a look keeps it, in people's words: no number of the database, no name of the
 * program's own. A look for a request begins with the request's code, which leads to the request. */
#include "rooms/oversight/oversight_looks.h"

#include "ward/flow/looks.h"
#include "ward/page.h"

/* Words of their own: texts under "looks.filter.<name>". */
static const char *const ALONE[] = {"refused", "bulk", "now", "escalated", "area", "mediation", "redress", "holds",
                                    "agency", "near", "lost", NULL};
/* Sorts of an agency's file: texts under "agency.form.<name>". */
static const char *const FILE_SORTS[] = {"csv", "xlsx", "json", "command", NULL};
static const char *const DUE[] = {"due", "unit", "week", NULL};

static bool one_of(struct str name, const char *const *list)
{
	for (; *list != NULL; list++)
		if (str_is(name, *list))
			return true;
	return false;
}

static struct str word(const struct request *q, const char *prefix, struct str name)
{
	return request_text(q, arena_fmt(q->arena, "%s.%.*s", prefix, PSTR(name)).p);
}

/* A number of the database says when its row was made. */
static struct str made_words(const struct request *q, const char *what, int64_t id)
{
	return arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, what)),
	                 PSTR(text_date(q->arena, q->lang, day_of(id_at(id)))));
}

static struct str alone_words(const struct request *q, struct str name)
{
	int64_t n;
	int32_t day;
	if (one_of(name, ALONE))
		return word(q, "looks.filter", name);
	if (one_of(name, FILE_SORTS))
		return word(q, "agency.form", name);
	if (look_kind_known(name))
		return word(q, "look", name);
	if (day_parse(name, &day))
		return text_date(q->arena, q->lang, day);
	return str_i64(name, &n) ? made_words(q, "looks.filter.sheet", n) : name;
}

static struct str queue_words(const struct request *q, struct str name)
{
	for (enum queue k = QUEUE_new; k < QUEUE_COUNT; k++)
		if (str_is(name, queue_name(k)))
			return word(q, "queue", name);
	return name;
}

static struct str unit_words(const struct unit *units, size_t count, struct str slug)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(units[i].slug, slug))
			return units[i].name;
	return slug;
}

/* One "name=value"; what is not known stays as it was typed. */
static struct str pair_words(const struct request *q, const struct unit *units, size_t count, struct str name,
                             struct str value)
{
	struct str plain;
	int64_t n = 0;
	int32_t day;
	if (!text_percent(q->arena, value, false, &plain) || !text_utf8_ok(plain))
		return value;
	bool number = str_i64(plain, &n);
	if (day_parse(plain, &day))
		return text_date(q->arena, q->lang, day);
	if (str_is(name, "queue"))
		return queue_words(q, plain);
	if (str_is(name, "kind"))
		return label_kind(q, plain);
	if (str_is(name, "area") && number)
		return n == 0 ? request_text(q, "desk.area.unsure") : label_area(q, (struct area_id){n});
	if (str_is(name, "day") && number)
		return text_date(q->arena, q->lang, (int32_t)n);
	if (str_is(name, "flood") && number)
		return made_words(q, "looks.filter.flood", n);
	if (str_is(name, "since"))
		return request_text(q, "looks.filter.shift");
	if (str_is(name, "role") && role_parse(plain) != ROLE_unset)
		return word(q, "role", plain);
	if (str_is(name, "what") && look_kind_known(plain))
		return word(q, "look", plain);
	if (str_is(name, "unit"))
		return unit_words(units, count, plain);
	if (str_is(name, "due") && one_of(plain, DUE))
		return request_text(q, arena_fmt(q->arena, "due.%.*s.title", PSTR(plain)).p);
	return str_is(name, "words") ? arena_fmt(q->arena, "“%.*s”", PSTR(plain)) : plain;
}

struct str look_filter_words(const struct request *q, const struct unit *units, size_t count, struct str filter,
                             struct str *code)
{
	struct buf b = {0};
	char read[16];
	struct str rest = filter, first = str_cut(&rest, ' ');
	*code = STR_EMPTY;
	if (code_read(first, read) == RC_OK) {
		*code = arena_copy(q->arena, str_of(read));
		filter = rest;
	} else if (one_of(first, ALONE) && rest.n > 0) {   /* "near kind=…", "lost day=…" */
		buf_join(&b, ", ", word(q, "looks.filter", first));
		filter = rest;
	}
	while (filter.n > 0) {
		struct str value = str_cut(&filter, '&'), pair = value, name = str_cut(&value, '=');
		buf_join(&b, ", ", value.p == NULL ? alone_words(q, pair) : pair_words(q, units, count, name, value));
	}
	return arena_take(q->arena, &b);
}

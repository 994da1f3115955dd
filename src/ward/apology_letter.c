#include "ward/apology_letter.h"

#include "kit/base/text.h"
#include "ward/calendar/span.h"
#include "ward/document/document.h"
#include "ward/fill.h"

/* Sizes in points, from the decree's table. */
static const double BODY = 14, TITLE = 14, SIGNED = 13, INDENT = 34, RECIPIENTS = 12, LIST = 11;

struct writing {
	const struct app *app;
	struct arena *a;
	const struct ward *ward;
	const struct ward_case *c;
	const struct apology *letter;
	struct document *d;
};

static struct str word(const struct writing *k, const char *key) { return po_text(k->app->po, LANG_vi, key); }

static struct str day(const struct writing *k, int32_t d) { return text_date(k->a, LANG_vi, d); }

static struct str upper(const struct writing *k, struct str s) { return text_upper(k->a, s); }

/* "Phường Sông Mây" is at "Sông Mây": the place's own name stands in the line of the day. Within a sentence
 * it is "phường Sông Mây". */
static const struct {
	const char *name, *within;
} KINDS[] = {{"Phường ", "phường "}, {"Xã ", "xã "}, {"Đặc khu ", "đặc khu "}};

static struct str place_name(const struct writing *k, bool with_kind)
{
	for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++)
		if (str_starts(k->ward->name, str_of(KINDS[i].name))) {
			struct str own = str_sub(k->ward->name, str_of(KINDS[i].name).n, k->ward->name.n);
			return with_kind ? arena_fmt(k->a, "%s%.*s", KINDS[i].within, PSTR(own)) : own;
		}
	return k->ward->name;
}

static void heading(const struct writing *k)
{
	struct date d = date_from_day(k->letter->day);
	/* The decree: a day under 10 and a month under 3 get a nought in front. */
	struct str when = arena_fmt(k->a, "%.*s, ngày %02d tháng %0*d năm %d", PSTR(place_name(k, false)), d.day,
	                            d.month < 3 ? 2 : 1, d.month, d.year);
	document_national(k->d, &(struct national_heading){
		.issuer = arena_fmt(k->a, "%.*s\n%.*s", PSTR(word(k, "apology.letter.committee")),
		                    PSTR(upper(k, k->ward->name))),
		.number = word(k, "apology.letter.number"),
		.place_day = when,
	});
}

static void paragraph(const struct writing *k, struct str words)
{
	document_text(k->d, words, &(struct document_style){.size = BODY, .align = ALIGN_justify, .first = INDENT,
	                                                    .after = 6});
}

static struct str kind_of(const struct writing *k)
{
	const struct procedure *p = procedure_of_kind(k->app->procedures, k->c->kind, k->letter->day);
	return p != NULL ? p->title[LANG_vi] : k->c->procedure->title[LANG_vi];
}

/* Both dates where they differ; one that was never moved is said once. */
static struct str dates(const struct writing *k)
{
	int32_t present = day_of(k->letter->due_at - 1);
	const struct filling values[] = {{"first", day(k, k->letter->first_day)}, {"present", day(k, present)}};
	return text_fill(k->a, word(k, k->letter->first_day == present ? "apology.letter.date"
	                                                               : "apology.letter.dates"), values, 2);
}

static struct str late(const struct writing *k)
{
	struct lateness l;
	const struct due due = {.due_at = k->letter->due_at, .last_day = day_of(k->letter->due_at - 1)};
	int64_t at = day_start(k->letter->day + 1) - 1;
	if (clock_late(k->app->calendar, &due, at, &l, NULL) != RC_OK)
		return text_fill(k->a, word(k, "apology.letter.late.calendar"),
		                 &(struct filling){"calendar", text_count(k->a, LANG_vi,
		                                                          k->letter->day - due.last_day)}, 1);
	return text_fill(k->a, word(k, "apology.letter.late"),
	                 (const struct filling[]){{"working", text_count(k->a, LANG_vi, l.working_days)},
	                                          {"calendar", text_count(k->a, LANG_vi, l.calendar_days)}}, 2);
}

static void body(const struct writing *k, struct str why)
{
	struct str code = arena_copy(k->a, str_of(k->c->code));
	const struct document_style plain = {.size = BODY, .after = 4};
	document_space(k->d, 14);
	document_text(k->d, word(k, "apology.letter.title"),
	              &(struct document_style){.size = TITLE, .bold = true, .align = ALIGN_centre, .after = 2});
	document_text(k->d, text_fill(k->a, word(k, "apology.letter.about"), &(struct filling){"code", code}, 1),
	              &(struct document_style){.size = TITLE, .bold = true, .align = ALIGN_centre, .after = 14});
	document_text(k->d, text_fill(k->a, word(k, "apology.letter.to"), &(struct filling){"code", code}, 1),
	              &(struct document_style){.size = BODY, .align = ALIGN_centre, .after = 4});
	document_blank(k->d, word(k, "apology.letter.name"), 0, &plain);
	document_blank(k->d, word(k, "apology.letter.address"), 0, &plain);
	document_space(k->d, 8);
	paragraph(k, text_fill(k->a, word(k, "apology.letter.received"),
	                       (const struct filling[]){{"ward", place_name(k, true)}, {"code", code},
	                                                {"kind", kind_of(k)},
	                                                {"day", day(k, day_of(k->c->received_at))}}, 4));
	if (k->c->top != NULL)
		paragraph(k, word(k, "apology.letter.shared"));
	paragraph(k, arena_fmt(k->a, "%.*s %.*s", PSTR(dates(k)), PSTR(late(k))));
	if (why.n > 0)
		paragraph(k, text_fill(k->a, word(k, "apology.letter.why"), &(struct filling){"why", why}, 1));
	else
		document_blank(k->d, word(k, "apology.letter.why.blank"), 2, &plain);
	paragraph(k, text_fill(k->a, word(k, "apology.letter.sorry"),
	                       (const struct filling[]){{"ward", place_name(k, true)},
	                                                {"day", day(k, k->letter->new_day)}}, 2));
	paragraph(k, word(k, "apology.letter.stays"));
	if (k->ward->hotline.n > 0)
		paragraph(k, text_fill(k->a, word(k, "apology.letter.call"),
		                       &(struct filling){"phone", k->ward->hotline}, 1));
}

static void signature(const struct writing *k)
{
	const struct document_style list = {.size = LIST, .align = ALIGN_left};
	const struct document_line left[] = {
		{.words = word(k, "apology.letter.recipients"),
		 .style = {.size = RECIPIENTS, .bold = true, .italic = true, .align = ALIGN_left}},
		{.words = word(k, "apology.letter.recipient.1"), .style = list},
		{.words = word(k, "apology.letter.recipient.2"), .style = list},
	};
	const struct document_style strong = {.size = SIGNED, .bold = true, .align = ALIGN_centre};
	const struct document_style quiet = {.size = SIGNED, .italic = true, .align = ALIGN_centre};
	const struct document_line right[] = {
		{.words = word(k, "apology.letter.for"), .style = strong},
		{.words = word(k, "apology.letter.office"), .style = strong},
		{.words = word(k, "apology.letter.sign"), .style = quiet},
		{.style = strong}, {.style = strong}, {.style = strong},
		{.words = word(k, "apology.letter.signer"), .style = {.size = SIGNED, .align = ALIGN_centre}},
	};
	document_keep(k->d, 150);
	document_space(k->d, 12);
	document_beside(k->d, 0.45, left, sizeof left / sizeof *left, right, sizeof right / sizeof *right);
}

enum rc apology_letter(const struct app *app, struct arena *a, const struct ward *ward,
                       const struct ward_case *c, const struct apology *letter, struct str why,
                       struct buf *out, struct fault *f)
{
	struct writing k = {.app = app, .a = a, .ward = ward, .c = c, .letter = letter};
	enum rc rc = document_begin(&k.d, a, &(struct document_page){
		.title = arena_fmt(a, "%.*s %s", PSTR(word(&k, "apology.letter.file")), c->code), .serif = true,
		.margin = DOCUMENT_OFFICIAL, .numbers = true}, f);
	if (rc != RC_OK)
		return rc;
	heading(&k);
	body(&k, why);
	signature(&k);
	return document_end(k.d, out, f);
}

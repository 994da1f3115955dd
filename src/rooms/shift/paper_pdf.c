/* The paper list as an A4 PDF, for a printer that no browser stands before: the same columns as the page,
 * black on white, room to write by hand. */
#include "kit/base/text.h"
#include "rooms/shift/shift.h"
#include "ward/document/document.h"

enum { COLUMNS = 5 };

struct sheet_pdf {
	const struct app *app;
	struct arena *a;
	const struct paper *p;
};

static struct str word(const struct sheet_pdf *s, const char *key)
{
	return po_text(s->app->po, LANG_vi, key);
}

/* Each page says whose it is, of when, which page, and what becomes of it. */
static void head(struct document *d, int page, void *ctx)
{
	static const struct document_style TITLE = {.size = 14, .bold = true, .after = 2}, MADE = {.size = 10, .after = 6};
	const struct sheet_pdf *s = ctx;
	document_text(d, arena_fmt(s->a, "%.*s – %.*s", PSTR(word(s, "paper.title")), PSTR(s->p->unit.name)), &TITLE);
	document_text(d, arena_fmt(s->a, "%.*s · %.*s %d", PSTR(text_datetime(s->a, LANG_vi, s->p->made_at)),
	                           PSTR(word(s, "paper.page")), page), &MADE);
}

static struct str area_name(const struct sheet_pdf *s, struct area_id id)
{
	struct area area;
	return id.v != 0 && place_area(s->app->places, s->a, id, &area) ? area.name : STR_EMPTY;
}

/* As the page has it: kind, where, how it stands and until when; of another unit's the code alone. */
static struct str about(const struct sheet_pdf *s, const struct paper_row *row)
{
	const struct ward_case *c = &row->c;
	struct buf b = {0};
	if (row->gone)
		return word(s, "bulk.why.gone");
	const struct procedure *kind = procedure_of_kind(s->app->procedures, c->kind, s->p->day);
	buf_add(&b, kind != NULL ? kind->title[LANG_vi] : c->procedure->title[LANG_vi]);
	struct str area = area_name(s, c->place.area);
	if (c->place.street.n + area.n > 0)
		buf_addf(&b, "\n%.*s%s%.*s", PSTR(c->place.street), c->place.street.n > 0 && area.n > 0 ? ", " : "",
		         PSTR(area));
	if (c->place.landmark.n > 0)
		buf_addf(&b, "\n%.*s", PSTR(c->place.landmark));
	buf_addf(&b, "\n%.*s", PSTR(word(s, arena_fmt(s->a, "state.%s", state_name(row->state)).p)));
	if (row->due_at > 0)
		buf_addf(&b, ", %.*s %.*s", PSTR(word(s, "desk.due")),
		         PSTR(text_date(s->a, LANG_vi, day_of(row->due_at - 1))));
	if (paper_latest(s->p, row))
		buf_addf(&b, " %.*s", PSTR(word(s, "clock.latest")));
	if (row->due_at > 0 && row->due_at <= s->p->made_at)
		buf_addf(&b, " (%.*s)", PSTR(word(s, "case.late")));
	return arena_take(s->a, &b);
}

static void table(const struct sheet_pdf *s, struct document *d)
{
	static const char *const HEADS[COLUMNS] = {"paper.no", "paper.case", "paper.what", "paper.words", "paper.at"};
	static const double WIDTH[COLUMNS] = {28, 190, 90, 155, 60};
	struct str heads[COLUMNS];
	for (int i = 0; i < COLUMNS; i++)
		heads[i] = word(s, HEADS[i]);
	document_table_begin(d, &(struct document_table){WIDTH, heads, COLUMNS, 9, 48});
	for (size_t i = 0; i < s->p->count; i++) {
		const struct paper_row *row = &s->p->rows[i];
		document_row(d, (const struct document_cell[COLUMNS]){
		                        {.words = arena_fmt(s->a, "%d", row->no)},
		                        {.bold = arena_copy(s->a, str_of(row->c.code)), .words = about(s, row)}});
	}
	document_table_end(d);
}

enum rc paper_pdf(const struct app *app, struct arena *a, const struct paper *p, struct buf *out,
                  struct fault *f)
{
	static const struct document_style PLAIN = {.size = 10};
	struct sheet_pdf s = {app, a, p};
	struct document *d;
	enum rc rc = document_begin(&d, a, &(struct document_page){.title = word(&s, "paper.title"),
	                                                           .margin = DOCUMENT_NARROW,
	                                                           .foot = word(&s, "paper.pdf.foot"),
	                                                           .head = head, .ctx = &s}, f);
	if (rc != RC_OK)
		return rc;
	if (p->count == 0)
		document_text(d, word(&s, "paper.empty"), &PLAIN);
	else
		table(&s, d);
	return document_end(d, out, f);
}

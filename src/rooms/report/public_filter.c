#include <string.h>

#include "rooms/report/report.h"

enum { MONTHS_SHOWN = 24 };
#define BIT(s) (UINT32_C(1) << STATE_##s)
static const struct standing_row {
	const char *name;
	uint32_t states;
} STANDINGS[] = {
	{"all", 0},
	{"open", BIT(received) | BIT(working) | BIT(asked)},
	{"received", BIT(received)},
	{"working", BIT(working)},
	{"asked", BIT(asked)},
	{"done", BIT(closed) | BIT(solved) | BIT(withdrawn)},
};
enum { STANDING_COUNT = sizeof STANDINGS / sizeof *STANDINGS };

static void wrong(struct request *q, struct public_filter *p, struct str *error, const char *key)
{
	*error = request_text(q, key);
	p->wrong = true;
}

/* Kinds that are never listed are as unknown here as those that do not exist. */
static void read_kind(struct request *q, struct public_filter *p)
{
	struct str kind = request_query(q, "kind");
	const struct procedure *known = procedure_of_kind(q->app->procedures, kind, day_of(q->now));
	if (kind.n == 0)
		return;
	if (known == NULL || !known->listed || known->conduct)
		wrong(q, p, &p->kind_error, "filter.kind.unknown");
	else
		p->kind = p->f.kind = known->name;
}

static void read_area(struct request *q, struct public_filter *p)
{
	struct str area = request_query(q, "area");
	if (area.n > 0 && choices_area(q, area, &p->f.area))
		p->area = area;
	else if (area.n > 0)
		wrong(q, p, &p->area_error, "filter.area.unknown");
}

uint32_t filter_states(struct str standing)
{
	for (size_t i = 0; i < STANDING_COUNT; i++)
		if (str_is(standing, STANDINGS[i].name))
			return STANDINGS[i].states;
	return 0;
}

static void read_state(struct request *q, struct public_filter *p, const char *otherwise)
{
	struct str state = request_query(q, "state");
	p->state = state.n > 0 ? state : str_of(otherwise);
	for (size_t i = 0; i < STANDING_COUNT; i++)
		if (str_is(p->state, STANDINGS[i].name)) {
			p->f.states = STANDINGS[i].states;
			p->any |= state.n > 0 && !str_is(state, otherwise);
			return;
		}
	wrong(q, p, &p->state_error, "filter.state.unknown");
	p->state = STR("all");
}

static bool digits(struct str s, size_t n, int64_t *out)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= n && str_i64(s, out);
}

/* "2026-11" */
static void read_month(struct request *q, struct public_filter *p)
{
	struct str month = request_query(q, "month");
	int64_t year, number;
	if (month.n == 0)
		return;
	if (month.n != 7 || month.p[4] != '-' || !digits(str_sub(month, 0, 4), 4, &year) ||
	    !digits(str_sub(month, 5, 2), 2, &number) || year < 2000 || number < 1 || number > 12) {
		wrong(q, p, &p->month_error, "filter.month.unreadable");
		return;
	}
	p->month = month;
	p->f.month = (int32_t)(year * 12 + number - 1);
}

/* "C12-7", a side in cells; or "none": those without a square. */
static void read_cell(struct request *q, struct public_filter *p)
{
	struct str cell = request_query(q, "cell"), side = request_query(q, "side");
	int64_t column, row, cells = 1;
	if (cell.n == 0)
		return;
	if (str_is(cell, "none")) {
		p->cell = cell;
		p->f.square = 1;
		return;
	}
	struct str rest = str_sub(cell, 1, cell.n);
	struct str first = str_cut(&rest, '-');
	if (cell.p[0] != 'C' || rest.p == NULL || !digits(first, 5, &column) || !digits(rest, 5, &row) ||
	    column < 1 || (side.n > 0 && !digits(side, 2, &cells)) || cells < 1 || cells > SQUARE_MAX) {
		wrong(q, p, &p->cell_error, "filter.cell.unreadable");
		return;
	}
	p->cell = cell;
	p->side = side;
	p->f.cell = (struct cell){(int32_t)column, (int32_t)row};
	p->f.square = (int)cells;
}

void filter_read(struct request *q, const char *state, struct public_filter *out)
{
	*out = (struct public_filter){.f = {.listed = true}};
	read_kind(q, out);
	read_area(q, out);
	read_state(q, out, state);
	read_month(q, out);
	read_cell(q, out);
	out->any |= out->kind.n + out->area.n + out->month.n + out->cell.n > 0;
}

static void add_select(struct vobj *page, int fields, int errors, const struct view *v,
                       const char *name, struct str label, struct choices c, struct str error)
{
	form_field_add(page, fields, errors, v,
	               &(struct form_field){.kind = FORM_SELECT, .name = name, .label = label,
	                                    .error = error, .options = c.options,
	                                    .option_count = c.count});
}

static struct choices listed_kinds(struct request *q, struct str chosen,
                                   const struct form_option *any)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, day_of(q->now), kinds, CATEGORY_COUNT), k = 0;
	struct form_option *options = arena_array(q->arena, n + 1, sizeof *options);
	options[k++] = *any;
	for (size_t i = 0; i < n; i++)
		if (kinds[i]->listed && !kinds[i]->conduct)
			options[k++] = (struct form_option){.value = kinds[i]->name,
			                                    .label = kinds[i]->title[q->lang],
			                                    .checked = str_eq(kinds[i]->name, chosen)};
	return (struct choices){options, k};
}

static struct choices standings(struct request *q, struct str chosen)
{
	struct form_option *options = arena_array(q->arena, STANDING_COUNT, sizeof *options);
	for (size_t i = 0; i < STANDING_COUNT; i++) {
		const char *name = STANDINGS[i].name;
		options[i] = (struct form_option){
			.value = str_of(name),
			.label = request_text(q, arena_fmt(q->arena, "filter.state.%s", name).p),
			.checked = str_is(chosen, name)};
	}
	return (struct choices){options, STANDING_COUNT};
}

static struct form_option month_option(struct request *q, int32_t month, int32_t chosen)
{
	int year = month / 12, number = month % 12 + 1;
	return (struct form_option){
		.value = arena_fmt(q->arena, "%04d-%02d", year, number),
		.label = arena_fmt(q->arena, "%.*s %d/%d", PSTR(request_text(q, "filter.month.one")), number,
		                   year),
		.checked = month == chosen};
}

/* Two years back, and whichever was asked for. */
static struct choices months(struct request *q, int32_t chosen, const struct form_option *any)
{
	struct form_option *options = arena_array(q->arena, MONTHS_SHOWN + 2, sizeof *options);
	int32_t now = case_month(q->now);
	size_t k = 0;
	options[k++] = *any;
	if (chosen > now)
		options[k++] = month_option(q, chosen, chosen);
	for (int32_t i = 0; i < MONTHS_SHOWN; i++)
		options[k++] = month_option(q, now - i, chosen);
	if (chosen != 0 && chosen <= now - MONTHS_SHOWN)
		options[k++] = month_option(q, chosen, chosen);
	return (struct choices){options, k};
}

void filter_fields(struct request *q, const struct view *v, const struct public_filter *p,
                   struct vobj *page, int fields, int errors)
{
	const struct form_option any = {.value = STR(""), .label = request_text(q, "filter.any")};
	add_select(page, fields, errors, v, "kind", request_text(q, "report.check.kind"),
	           listed_kinds(q, p->kind, &any), p->kind_error);
	add_select(page, fields, errors, v, "area", request_text(q, "report.area.label"),
	           choices_areas(q, p->area, &any, false), p->area_error);
	add_select(page, fields, errors, v, "state", request_text(q, "filter.state"),
	           standings(q, p->state), p->state_error);
	add_select(page, fields, errors, v, "month", request_text(q, "filter.month"),
	           months(q, p->f.month, &any), p->month_error);
	if (p->cell_error.n > 0)
		form_error_add(page, errors, p->cell_error, STR("#kind"));
}

static void add_pair(struct buf *b, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	buf_addf(b, "%c%s=", b->n == 0 ? '?' : '&', name);
	text_url(b, value);
}

struct str filter_link(struct request *q, const char *path, const struct public_filter *p,
                       bool square)
{
	struct buf b = {0};
	add_pair(&b, "kind", p->kind);
	add_pair(&b, "area", p->area);
	if (p->any)
		add_pair(&b, "state", p->state);
	add_pair(&b, "month", p->month);
	if (square) {
		add_pair(&b, "cell", p->cell);
		add_pair(&b, "side", p->side);
	}
	struct str query = arena_take(q->arena, &b);
	return request_link(q, "%s%.*s", path, PSTR(query));
}

/* The public map: plain counts of the cases in each square of the grid, drawn by the server; the
 * script of web/map.js draws the same numbers finer. Squares carry numbers, all in one colour: no
 * place is made to look worse than another by its tint. */
#include "rooms/report/report.h"

/* Squares across the drawn picture, so that a thumb finds one; cells sent to the script. */
enum { ACROSS = 12, CELLS_MAX = 2500, METRES = 100 };

enum { MO_D, MO_NAME, MO_X, MO_Y, MO_WARD, MO_FIELDS };
static const struct field OUTLINE_F[] = {
	[MO_D] = {"d", V_TEXT, SEE_PUBLIC, "the boundary, as an SVG path in metres", NULL, NULL},
	[MO_NAME] = {"name", V_TEXT, SEE_PUBLIC, "name of the khu vực", NULL, NULL},
	[MO_X] = {"x", V_INT, SEE_PUBLIC, "where the name stands", NULL, "m"},
	[MO_Y] = {"y", V_INT, SEE_PUBLIC, "where the name stands", NULL, "m"},
	[MO_WARD] = {"ward", V_BOOL, SEE_PUBLIC, "the ward's own boundary", NULL, NULL},
};
static const struct shape MAP_OUTLINE = SHAPE("map_outline", OUTLINE_F);

enum { MS_NAME, MS_AREA, MS_N, MS_URL, MS_X, MS_Y, MS_TX, MS_TY, MS_COLUMN, MS_ROW, MS_REPORTS, MS_FIELDS };
static const struct field SQUARE_F[] = {
	[MS_NAME] = {"cell", V_TEXT, SEE_PUBLIC, "its south-west cell of the 100 m grid", NULL, NULL},
	[MS_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực of its middle", NULL, NULL},
	[MS_N] = {"n", V_INT, SEE_PUBLIC, "cases in it", NULL, "cases"},
	[MS_URL] = {"url", V_URL, SEE_PUBLIC, "the list of them", NULL, NULL},
	[MS_X] = {"x", V_INT, SEE_PUBLIC, "its west side in the picture", NULL, "m"},
	[MS_Y] = {"y", V_INT, SEE_PUBLIC, "its north side in the picture", NULL, "m"},
	[MS_TX] = {"tx", V_INT, SEE_PUBLIC, "where its number stands", NULL, "m"},
	[MS_TY] = {"ty", V_INT, SEE_PUBLIC, "where its number stands", NULL, "m"},
	[MS_COLUMN] = {"column", V_INT, SEE_PUBLIC, "column of that cell, from 1 in the west", NULL, NULL},
	[MS_ROW] = {"row", V_INT, SEE_PUBLIC, "row of that cell, from 1 in the south", NULL, NULL},
	[MS_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of them", NULL, "reports"},
};
static const struct shape MAP_SQUARE = SHAPE("map_square", SQUARE_F);

enum { MA_NAME, MA_N, MA_URL, MA_REPORTS, MA_SEVERAL, MA_FIELDS };
static const struct field AREA_F[] = {
	[MA_NAME] = {"name", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[MA_N] = {"n", V_INT, SEE_PUBLIC, "cases in it, with and without a square", NULL, "cases"},
	[MA_URL] = {"url", V_URL, SEE_PUBLIC, "the list of them", NULL, NULL},
	[MA_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of them", NULL, "reports"},
	[MA_SEVERAL] = {"several", V_BOOL, SEE_PUBLIC, "more reports than cases", NULL, NULL},
};
static const struct shape MAP_AREA = SHAPE("map_area", AREA_F);

enum { PM_SQUARES, PM_AREAS, PM_OUTLINES, PM_REPORTS, PM_MORE, PM_TOTAL, PM_NOWHERE, PM_NOWHERE_URL, PM_METRES, PM_SIDE,
	PM_BOX, PM_FONT, PM_SMALL, PM_WEST, PM_SOUTH, PM_CELL_LON, PM_CELL_LAT, PM_COLUMNS, PM_ROWS,
	PM_LIST, PM_DATA, PM_BOUNDS, PM_SCRIPT, PM_STYLE, PM_TILES, PM_CREDIT, PM_CSV, PM_JSON, PM_XLSX, PM_ATOM,
	PM_FEED, PM_ACTION, PM_FORM_FIELDS, PM_ERRORS, PM_FILTERED, PM_CLEAR, PM_DRAWN, PM_FIELDS };
static const struct field MAP_F[] = {
	[PM_SQUARES] = {"squares", V_LIST, SEE_PUBLIC, "squares with cases, from the south-west",
	                &MAP_SQUARE, NULL},
	[PM_AREAS] = {"areas", V_LIST, SEE_PUBLIC, "the same cases by khu vực", &MAP_AREA, NULL},
	[PM_OUTLINES] = {"outlines", V_LIST, SEE_PUBLIC, "boundaries of the picture", &MAP_OUTLINE, NULL},
	[PM_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of them", NULL, "reports"},
	[PM_MORE] = {"more", V_BOOL, SEE_PUBLIC, "more reports than cases", NULL, NULL},
	[PM_TOTAL] = {"total", V_INT, SEE_PUBLIC, "all of these cases", NULL, "cases"},
	[PM_NOWHERE] = {"nowhere", V_INT, SEE_PUBLIC, "those of them without a square", NULL, "cases"},
	[PM_NOWHERE_URL] = {"nowhere_list", V_URL, SEE_PUBLIC, "the list of those", NULL, NULL},
	[PM_METRES] = {"metres", V_INT, SEE_PUBLIC, "side of a square", NULL, "m"},
	[PM_SIDE] = {"side", V_INT, SEE_PUBLIC, "side of a square", NULL, "cells"},
	[PM_BOX] = {"box", V_TEXT, SEE_PUBLIC, "the picture's viewBox", NULL, NULL},
	[PM_FONT] = {"font", V_INT, SEE_PUBLIC, "height of numbers in the picture", NULL, "m"},
	[PM_SMALL] = {"small", V_INT, SEE_PUBLIC, "height of names in the picture", NULL, "m"},
	[PM_WEST] = {"west", V_TEXT, SEE_PUBLIC, "longitude of the grid's corner", NULL, "degrees"},
	[PM_SOUTH] = {"south", V_TEXT, SEE_PUBLIC, "latitude of the grid's corner", NULL, "degrees"},
	[PM_CELL_LON] = {"cell_lon", V_TEXT, SEE_PUBLIC, "width of a cell", NULL, "degrees"},
	[PM_CELL_LAT] = {"cell_lat", V_TEXT, SEE_PUBLIC, "height of a cell", NULL, "degrees"},
	[PM_COLUMNS] = {"columns", V_INT, SEE_PUBLIC, "cells of the grid from west to east", NULL, NULL},
	[PM_ROWS] = {"rows", V_INT, SEE_PUBLIC, "cells of the grid from south to north", NULL, NULL},
	[PM_LIST] = {"list", V_URL, SEE_PUBLIC, "the same cases as a list", NULL, NULL},
	[PM_DATA] = {"data", V_TEXT, SEE_PUBLIC, "address of this map for the script", NULL, NULL},
	[PM_BOUNDS] = {"bounds", V_TEXT, SEE_PUBLIC, "address of the boundaries, GeoJSON", NULL, NULL},
	[PM_SCRIPT] = {"script", V_URL, SEE_PUBLIC, "the map's script", NULL, NULL},
	[PM_STYLE] = {"style", V_TEXT, SEE_PUBLIC, "address of its style sheet", NULL, NULL},
	[PM_TILES] = {"tiles", V_TEXT, SEE_PUBLIC, "address of a tile server, if one is set", NULL, NULL},
	[PM_CREDIT] = {"credit", V_TEXT, SEE_PUBLIC, "whose tiles they are", NULL, NULL},
	[PM_CSV] = {"csv", V_URL, SEE_PUBLIC, "the squares as CSV", NULL, NULL},
	[PM_JSON] = {"json", V_URL, SEE_PUBLIC, "the map as JSON", NULL, NULL},
	[PM_XLSX] = {"xlsx", V_URL, SEE_PUBLIC, "the squares as a spreadsheet", NULL, NULL},
	[PM_ATOM] = {"atom", V_URL, SEE_PUBLIC, "news of these cases, as Atom", NULL, NULL},
	[PM_FEED] = {"feed", V_URL, SEE_PUBLIC, "the same as JSON Feed", NULL, NULL},
	[PM_ACTION] = {"action", V_URL, SEE_PUBLIC, "where the filter is sent", NULL, NULL},
	[PM_FORM_FIELDS] = {"fields", V_LIST, SEE_PUBLIC, "the filter's fields", &FORM_FIELD, NULL},
	[PM_ERRORS] = {"errors", V_LIST, SEE_PUBLIC, "what of the filter can't be read", &FORM_ERROR,
	               NULL},
	[PM_FILTERED] = {"filtered", V_BOOL, SEE_PUBLIC, "something is asked for", NULL, NULL},
	[PM_CLEAR] = {"clear", V_URL, SEE_PUBLIC, "without the filter", NULL, NULL},
	[PM_DRAWN] = {"drawn", V_BOOL, SEE_PUBLIC, "the ward has boundaries to draw", NULL, NULL},
};
const struct shape PUBLIC_MAP = SHAPE("public_map", MAP_F);

struct mapping {
	struct request *q;
	struct public_filter p;
	struct map_count *counts;
	size_t count;
	struct grid grid;
	int side;                     /* of a square, in cells */
	int32_t across, up;           /* squares */
	int64_t *squares, *reports;   /* across × up */
	int64_t total, nowhere, more;
};

static enum rc counts_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct mapping *m = ctx;
	return map_counts(tx, &m->p.f, &m->counts, &m->count, f);
}

/* Squares of as many cells as keep their number within bounds; a program gets finer ones. */
static void gather(struct mapping *m)
{
	const struct grid *g = &m->grid;
	m->side = 1;
	if (m->q->format == FORMAT_HTML)
		m->side = (g->columns + ACROSS - 1) / ACROSS;
	else
		while ((g->columns / m->side + 1) * (g->rows / m->side + 1) > CELLS_MAX)
			m->side++;
	m->side = m->side < 1 ? 1 : m->side > SQUARE_MAX ? SQUARE_MAX : m->side;
	m->across = (g->columns + m->side - 1) / m->side;
	m->up = (g->rows + m->side - 1) / m->side;
	m->squares = arena_array(m->q->arena, (size_t)m->across * (size_t)m->up + 1, sizeof *m->squares);
	m->reports = arena_array(m->q->arena, (size_t)m->across * (size_t)m->up + 1, sizeof *m->reports);
	for (size_t i = 0; i < m->count; i++) {
		const struct map_count *c = &m->counts[i];
		m->total += c->n;
		m->more += c->more;
		if (c->cell.column < 1 || c->cell.column > g->columns || c->cell.row < 1 ||
		    c->cell.row > g->rows)
			m->nowhere += c->n;
		else {
			int32_t at = (c->cell.row - 1) / m->side * m->across + (c->cell.column - 1) / m->side;
			m->squares[at] += c->n;
			m->reports[at] += c->n + c->more;
		}
	}
}

static int metres_x(const struct grid *g, double lon)
{
	return (int)((lon - g->west) / g->cell_lon * METRES);
}
static int metres_y(const struct grid *g, double lat)
{
	return (int)((g->rows - (lat - g->south) / g->cell_lat) * METRES);
}

static void draw_outline(struct mapping *m, struct vobj *page, const struct outline *o, bool ward)
{
	struct buf d = {0};
	double x = 0, y = 0, sum = 0;
	for (size_t i = 0; i < o->count; i++) {
		const struct ring *r = &o->rings[i];
		for (size_t k = 0; k + 1 < r->count; k++) {
			const double *p = &r->points[2 * k];
			buf_addf(&d, "%s%d %d", k == 0 ? "M" : k == 1 ? "L" : " ", metres_x(&m->grid, p[0]),
			         metres_y(&m->grid, p[1]));
			/* The centre of the first ring, where the name stands. */
			double part = i == 0 ? p[0] * p[3] - p[2] * p[1] : 0;
			sum += part;
			x += (p[0] + p[2]) * part;
			y += (p[1] + p[3]) * part;
		}
		buf_addc(&d, 'z');
	}
	struct vobj *item = view_item(page, PM_OUTLINES);
	view_text(item, MO_D, arena_take(m->q->arena, &d));
	view_bool(item, MO_WARD, ward);
	if (ward || sum == 0)
		return;
	/* On the line between two rows of squares, where no number is. */
	int side = m->side * METRES, up = m->grid.rows * METRES - metres_y(&m->grid, y / (3 * sum));
	view_text(item, MO_NAME, o->area.name);
	view_int(item, MO_X, metres_x(&m->grid, x / (3 * sum)));
	view_int(item, MO_Y, m->grid.rows * METRES - (up + side / 2) / side * side);
}

static struct str square_link(struct mapping *m, struct str cell)
{
	struct public_filter p = m->p;
	p.cell = cell;
	p.side = m->side > 1 ? arena_fmt(m->q->arena, "%d", m->side) : STR_EMPTY;
	p.any = true;
	return filter_link(m->q, "/cases", &p, true);
}

static void add_squares(struct mapping *m, struct vobj *page)
{
	struct request *q = m->q;
	const struct grid *g = &m->grid;
	for (int32_t i = 0; i < m->across * m->up; i++) {
		if (m->squares[i] == 0)
			continue;
		int32_t column = i % m->across * m->side, row = i / m->across * m->side;
		int side = m->side * METRES, x = column * METRES, y = (g->rows - row) * METRES - side;
		struct str cell = arena_fmt(q->arena, "C%d-%d", column + 1, row + 1);
		struct area area;
		struct area_id in;
		struct vobj *o = view_item(page, PM_SQUARES);
		view_text(o, MS_NAME, cell);
		view_int(o, MS_N, m->squares[i]);
		view_int(o, MS_REPORTS, m->reports[i]);
		view_url(o, MS_URL, square_link(m, cell));
		if (q->format == FORMAT_HTML) {
			view_int(o, MS_X, x);
			view_int(o, MS_Y, y);
			view_int(o, MS_TX, x + side / 2);
			view_int(o, MS_TY, y + side / 2);
		} else {
			view_int(o, MS_COLUMN, column + 1);
			view_int(o, MS_ROW, row + 1);
		}
		if (place_locate(q->app->places, "khu_vuc", g->west + (column + m->side / 2.0) * g->cell_lon,
		                 g->south + (row + m->side / 2.0) * g->cell_lat, day_of(q->now), &in) == RC_OK &&
		    place_area(q->app->places, q->arena, in, &area))
			view_text(o, MS_AREA, area.name);
	}
}

static void add_area(struct mapping *m, struct vobj *page, struct str name, struct area_id id)
{
	int64_t n = 0, more = 0;
	for (size_t i = 0; i < m->count; i++)
		if (m->counts[i].area.v == id.v) {
			n += m->counts[i].n;
			more += m->counts[i].more;
		}
	if (n == 0 && id.v == 0)
		return;
	struct vobj *o = view_item(page, PM_AREAS);
	view_text(o, MA_NAME, name);
	view_int(o, MA_N, n);
	view_int(o, MA_REPORTS, n + more);
	view_bool(o, MA_SEVERAL, more > 0);
	if (id.v == 0 || n == 0)
		return;
	struct public_filter p = m->p;
	p.area = arena_fmt(m->q->arena, "%lld", (long long)id.v);
	p.any = true;
	view_url(o, MA_URL, filter_link(m->q, "/cases", &p, false));
}

static void add_areas(struct mapping *m, struct vobj *page)
{
	struct request *q = m->q;
	struct area *areas;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id, day_of(q->now), &areas);
	for (size_t i = 0; i < n; i++)
		if (m->p.f.area.v == 0 || m->p.f.area.v == areas[i].id.v)
			add_area(m, page, areas[i].name, areas[i].id);
	if (m->p.f.area.v == 0)
		add_area(m, page, request_text(q, "figures.area.unknown"), (struct area_id){0});
}

static void add_picture(struct mapping *m, struct vobj *page)
{
	struct request *q = m->q;
	const struct grid *g = &m->grid;
	struct outline *all;
	size_t n = place_outlines(q->app->places, q->arena, q->ward->id, day_of(q->now), &all);
	enum { MARGIN = 30 };
	for (size_t i = 0; i < n; i++)
		draw_outline(m, page, &all[i], i == 0);
	view_bool(page, PM_DRAWN, n > 0);
	view_text(page, PM_BOX, arena_fmt(q->arena, "%d %d %d %d", -MARGIN, -MARGIN,
	                                  g->columns * METRES + 2 * MARGIN,
	                                  g->rows * METRES + 2 * MARGIN));
	view_int(page, PM_FONT, m->side * METRES * 9 / 20);
	view_int(page, PM_SMALL, g->columns * METRES / 26);
	struct http *http = q->app->http;
	const struct settings *s = &q->app->settings;
	view_text(page, PM_DATA, filter_link(q, "/map.json", &m->p, false));
	view_text(page, PM_BOUNDS, request_link(q, "/map/areas.geojson"));
	view_url(page, PM_SCRIPT, http_asset(http, q->arena, "map.js"));
	view_text(page, PM_STYLE, http_asset(http, q->arena, "map.css"));
	view_text(page, PM_TILES, str_of(s->tile_url));
	view_text(page, PM_CREDIT, str_of(s->tile_credit));
}

static void add_grid(struct mapping *m, struct vobj *page)
{
	const struct grid *g = &m->grid;
	struct arena *a = m->q->arena;
	view_text(page, PM_WEST, arena_fmt(a, "%.7f", g->west));
	view_text(page, PM_SOUTH, arena_fmt(a, "%.7f", g->south));
	view_text(page, PM_CELL_LON, arena_fmt(a, "%.10f", g->cell_lon));
	view_text(page, PM_CELL_LAT, arena_fmt(a, "%.10f", g->cell_lat));
	view_int(page, PM_COLUMNS, g->columns);
	view_int(page, PM_ROWS, g->rows);
}

static void add_links(struct mapping *m, struct vobj *page)
{
	struct request *q = m->q;
	struct public_filter p = m->p;
	view_url(page, PM_CSV, filter_link(q, "/map.csv", &p, false));
	view_url(page, PM_JSON, filter_link(q, "/map.json", &p, false));
	view_url(page, PM_XLSX, filter_link(q, "/map.xlsx", &p, false));
	view_url(page, PM_ATOM, filter_link(q, "/feed.atom", &p, false));
	view_url(page, PM_FEED, filter_link(q, "/feed.json", &p, false));
	view_url(page, PM_ACTION, request_link(q, "/map"));
	view_url(page, PM_CLEAR, request_link(q, "/map"));
	view_bool(page, PM_FILTERED, p.any);
	p.any = true;                 /* the list shows others when no state is named */
	view_url(page, PM_LIST, filter_link(q, "/cases", &p, false));
	p.cell = STR("none");
	if (m->nowhere > 0)
		view_url(page, PM_NOWHERE_URL, filter_link(q, "/cases", &p, true));
}

enum rc public_map(struct request *q, struct reply *r, struct fault *f)
{
	struct mapping m = {.q = q};
	filter_read(q, "open", &m.p);
	bool drawn = place_grid(q->app->places, q->ward->id, &m.grid);
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, counts_tx, &m, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &PUBLIC_MAP);
	gather(&m);
	add_squares(&m, page);
	add_areas(&m, page);
	if (drawn && q->format == FORMAT_HTML)
		add_picture(&m, page);
	if (drawn && q->format != FORMAT_HTML)
		add_grid(&m, page);
	view_int(page, PM_TOTAL, m.total);
	view_int(page, PM_REPORTS, m.total + m.more);
	view_bool(page, PM_MORE, m.more > 0);
	view_int(page, PM_NOWHERE, m.nowhere);
	view_int(page, PM_METRES, m.side * METRES);
	view_int(page, PM_SIDE, m.side);
	add_links(&m, page);
	if (q->format == FORMAT_HTML)
		filter_fields(q, &v, &m.p, page, PM_FORM_FIELDS, PM_ERRORS);
	reply_title(r, request_text(q, "map.title"));
	reply_page(q, r, "report/map", &PUBLIC_MAP, page, m.p.wrong ? 422 : 200);
	return RC_OK;
}

enum rc public_areas(struct request *q, struct reply *r, struct fault *f)
{
	struct str json;
	enum rc rc = place_outlines_json(q->app->places, q->arena, q->ward->id, day_of(q->now), &json, f);
	if (rc == RC_OK)
		reply_bytes(q, r, STR("application/geo+json"), json);
	return rc;
}

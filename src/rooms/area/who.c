/* "Who is my …?": for everybody, from the ward's own table (ward/router/nearby.h). By street, by khu vực, or by where
 * one stands: that is worked out on the device, from the boundaries that the map shows; no position is ever sent. */
#include "rooms/area/area.h"
#include "ward/qr.h"
#include "ward/router/nearby.h"
#include "ward/ward_setting.h"

enum { ROWS_MOST = 40, NAMES_MOST = 4, STREET_TYPED = 80 };

enum { WR_SORT, WR_NAME, WR_PHONE, WR_TEL, WR_ADDRESS, WR_HOURS, WR_SINCE, WR_WHOLE, WR_PEOPLE, WR_FIELDS };
static const struct field ROW_F[] = {
	[WR_SORT] = {"sort", V_KEY, SEE_PUBLIC, "what it is", NULL, NULL},
	[WR_NAME] = {"name", V_TEXT, SEE_PUBLIC, "the office; none: nothing is entered", NULL, NULL},
	[WR_PHONE] = {"phone", V_TEXT, SEE_PUBLIC, "its telephone", NULL, NULL},
	[WR_TEL] = {"tel", V_URL, SEE_PUBLIC, "to call it", NULL, NULL},
	[WR_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "where it is", NULL, NULL},
	[WR_HOURS] = {"hours", V_TEXT, SEE_PUBLIC, "when it is open", NULL, NULL},
	[WR_SINCE] = {"since", V_DAY, SEE_PUBLIC, "from which day this holds", NULL, NULL},
	[WR_WHOLE] = {"whole", V_BOOL, SEE_PUBLIC, "for the whole ward", NULL, NULL},
	[WR_PEOPLE] = {"people", V_TEXT, SEE_PUBLIC, "names of the khu vực's heads, where the ward shows them", NULL, NULL},
};
static const struct shape ROW = SHAPE("who_row", ROW_F);

enum { WL_LABEL, WL_URL, WL_CODE, WL_AREA, WL_FIELDS };
static const struct field LINK_F[] = {
	[WL_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "khu vực, or street", NULL, NULL},
	[WL_URL] = {"url", V_URL, SEE_PUBLIC, "who is there", NULL, NULL},
	[WL_CODE] = {"code", V_TEXT, SEE_PUBLIC, "code of the khu vực", NULL, NULL},
	[WL_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực of the street", NULL, NULL},
};
static const struct shape LINK = SHAPE("who_link", LINK_F);

enum { WH_ROWS, WH_ACTION, WH_TYPED, WH_STREETS, WH_NONE, WH_WIDE, WH_AREAS, WH_AREA, WH_CODE, WH_CARD, WH_DAY, WH_JS,
	WH_BOUNDS, WH_QR, WH_BOX, WH_ADDRESS, WH_BACK, WH_FIELDS };
static const struct field WHO_F[] = {
	[WH_ROWS] = {"rows", V_LIST, SEE_PUBLIC, "who is there, by sort", &ROW, NULL},
	[WH_ACTION] = {"action", V_URL, SEE_PUBLIC, "where a street is asked for", NULL, NULL},
	[WH_TYPED] = {"typed", V_TEXT, SEE_PUBLIC, "the street as typed", NULL, NULL},
	[WH_STREETS] = {"streets", V_LIST, SEE_PUBLIC, "streets that it may be", &LINK, NULL},
	[WH_NONE] = {"none", V_BOOL, SEE_PUBLIC, "no street of the ward's list is called so", NULL, NULL},
	[WH_WIDE] = {"wide", V_BOOL, SEE_PUBLIC, "the list names no khu vực for it", NULL, NULL},
	[WH_AREAS] = {"areas", V_LIST, SEE_PUBLIC, "the ward's khu vực", &LINK, NULL},
	[WH_AREA] = {"area", V_TEXT, SEE_PUBLIC, "the khu vực that is shown", NULL, NULL},
	[WH_CODE] = {"area_code", V_TEXT, SEE_PUBLIC, "its code", NULL, NULL},
	[WH_CARD] = {"card", V_URL, SEE_PUBLIC, "a card for the door, to print", NULL, NULL},
	[WH_DAY] = {"as_of", V_DAY, SEE_PUBLIC, "day of the page", NULL, NULL},
	[WH_JS] = {"who_js", V_URL, SEE_PUBLIC, "script of \"where I am\"", NULL, NULL},
	[WH_BOUNDS] = {"bounds", V_URL, SEE_PUBLIC, "boundaries of the khu vực", NULL, NULL},
	[WH_QR] = {"qr", V_TEXT, SEE_PUBLIC, "QR code of the page, as an SVG path", NULL, NULL},
	[WH_BOX] = {"qr_box", V_TEXT, SEE_PUBLIC, "its viewBox", NULL, NULL},
	[WH_ADDRESS] = {"address", V_TEXT, SEE_PUBLIC, "the same address, to type", NULL, NULL},
	[WH_BACK] = {"back", V_URL, SEE_PUBLIC, "the page", NULL, NULL},
};
const struct shape WHO = SHAPE("who", WHO_F);

struct asking {
	struct str typed;
	const struct area *area;
	struct area *areas;
	size_t area_count;
	struct nearby *all;
	size_t count;
	struct street_found streets[STREETS_FOUND];
	size_t street_count;
	bool names;
	struct account *heads;
	size_t head_count;
};

static enum rc who_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *k = ctx;
	enum rc rc = nearby_list(tx, day_of(tx_now(tx)), &k->all, &k->count, f);
	if (rc == RC_OK && k->typed.n > 0)
		rc = streets_find(tx, k->typed, k->streets, &k->street_count, f);
	if (rc == RC_OK && k->names && k->area != NULL)
		rc = area_head_accounts(tx, k->area->id, &k->heads, &k->head_count, f);
	return rc;
}

static const struct area *area_by_code(const struct asking *k, struct str code)
{
	for (size_t i = 0; i < k->area_count; i++)
		if (str_eq(k->areas[i].code, code) && code.n > 0)
			return &k->areas[i];
	return NULL;
}

static struct str area_link(struct request *q, struct str code)
{
	return request_link(q, "/who?area=%.*s", PSTR(code));
}

/* Every sort has a line, so that it is plain what the ward has not entered. */
static void show_rows(struct request *q, struct vobj *page, const struct asking *k)
{
	const struct nearby *rows[ROWS_MOST];
	size_t n = nearby_of(k->all, k->count, k->area->id, rows, ROWS_MOST);
	for (enum nearby_sort s = NEARBY_unset + 1; s < NEARBY_COUNT; s++) {
		struct str label = request_text(q, arena_fmt(q->arena, "nearby.%s", nearby_name(s)).p);
		bool any = false;
		for (size_t i = 0; i < n; i++) {
			if (rows[i]->sort != s)
				continue;
			struct vobj *o = view_item(page, WH_ROWS);
			any = true;
			view_key(o, WR_SORT, str_of(nearby_name(s)), label);
			view_text(o, WR_NAME, rows[i]->name);
			view_text(o, WR_PHONE, rows[i]->phone);
			if (rows[i]->phone.n > 0)
				view_url(o, WR_TEL, tel_url(q->arena, rows[i]->phone));
			view_text(o, WR_ADDRESS, rows[i]->address);
			view_text(o, WR_HOURS, rows[i]->hours);
			view_day(o, WR_SINCE, rows[i]->valid_from);
			view_bool(o, WR_WHOLE, rows[i]->area.v == 0);
			struct buf people = {0};
			for (size_t h = 0; s == NEARBY_area_head && h < k->head_count && h < NAMES_MOST; h++)
				buf_join(&people, ", ", k->heads[h].name);
			view_text(o, WR_PEOPLE, arena_take(q->arena, &people));
		}
		if (!any)
			view_key(view_item(page, WH_ROWS), WR_SORT, str_of(nearby_name(s)), label);
	}
}

static void show_area(struct request *q, struct vobj *page, const struct asking *k)
{
	view_text(page, WH_AREA, k->area->name);
	view_text(page, WH_CODE, k->area->code);
	view_url(page, WH_CARD, request_link(q, "/who/%.*s/card", PSTR(k->area->code)));
	show_rows(q, page, k);
}

static void read_areas(struct request *q, struct asking *k)
{
	k->area_count = place_khu_vuc(q->app->places, q->arena, q->ward->id, day_of(q->now), &k->areas);
	k->names = ward_setting_yes(q->app, q->ward->id, WS_area_head_names);
}

/* One street in one khu vực: its page at once. */
static const struct area *only_area(const struct asking *k)
{
	const struct area *one = NULL;
	for (size_t i = 0; i < k->street_count; i++) {
		const struct area *a = area_by_code(k, k->streets[i].area);
		if (a == NULL || (one != NULL && one != a))
			return NULL;
		one = a;
	}
	return one;
}

static void show_streets(struct request *q, struct vobj *page, const struct asking *k)
{
	view_bool(page, WH_NONE, k->street_count == 0);
	for (size_t i = 0; i < k->street_count; i++) {
		const struct area *a = area_by_code(k, k->streets[i].area);
		if (a == NULL) {
			view_bool(page, WH_WIDE, true);
			continue;
		}
		struct vobj *o = view_item(page, WH_STREETS);
		view_text(o, WL_LABEL, k->streets[i].name);
		view_text(o, WL_AREA, a->name);
		view_url(o, WL_URL, area_link(q, a->code));
	}
}

enum rc who_page(struct request *q, struct reply *r, struct fault *f)
{
	struct asking k = {0};
	struct str code = request_query(q, "area");
	read_areas(q, &k);
	if (text_clean(q->arena, request_query(q, "street"), TEXT_LINE, STREET_TYPED, &k.typed) != RC_OK)
		k.typed = STR_EMPTY;
	k.area = area_by_code(&k, code);
	if (code.n > 0 && k.area == NULL)
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, who_tx, &k, f);
	if (rc == RC_OK && k.area == NULL && (k.area = only_area(&k)) != NULL && k.names)
		rc = store_read(q->app->store, q->ward->id, q->arena, who_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &WHO);
	view_url(page, WH_ACTION, request_link(q, "/who"));
	view_text(page, WH_TYPED, k.typed);
	view_day(page, WH_DAY, day_of(q->now));
	view_url(page, WH_JS, http_asset(q->app->http, q->arena, "who.js"));
	view_url(page, WH_BOUNDS, request_link(q, "/map/areas.geojson"));
	if (k.typed.n > 0)
		show_streets(q, page, &k);
	if (k.area != NULL)
		show_area(q, page, &k);
	for (size_t i = 0; i < k.area_count; i++) {
		struct vobj *o = view_item(page, WH_AREAS);
		view_text(o, WL_LABEL, k.areas[i].name);
		view_text(o, WL_CODE, k.areas[i].code);
		view_url(o, WL_URL, area_link(q, k.areas[i].code));
	}
	reply_title(r, k.area != NULL ? arena_fmt(q->arena, "%.*s, %.*s", PSTR(request_text(q, "who.title")), PSTR(k.area->name))
	                              : request_text(q, "who.title"));
	reply_view(q, r, page);
	return RC_OK;
}

enum rc who_card(struct request *q, struct reply *r, struct fault *f)
{
	struct asking k = {0};
	struct str path, box;
	read_areas(q, &k);
	k.area = area_by_code(&k, request_param(q, "area"));
	if (k.area == NULL)
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, who_tx, &k, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &WHO);
	struct str here = arena_fmt(q->arena, "%s%.*s", q->app->settings.base_url, PSTR(area_link(q, k.area->code)));
	show_area(q, page, &k);
	view_day(page, WH_DAY, day_of(q->now));
	view_url(page, WH_BACK, area_link(q, k.area->code));
	view_text(page, WH_ADDRESS, here);
	if (qr_draw(q->arena, here, &path, &box)) {
		view_text(page, WH_QR, path);
		view_text(page, WH_BOX, box);
	}
	reply_title(r, arena_fmt(q->arena, "%.*s, %.*s", PSTR(request_text(q, "who.card")), PSTR(k.area->name)));
	reply_view(q, r, page);
	return RC_OK;
}

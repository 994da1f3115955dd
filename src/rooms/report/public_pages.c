#include "rooms/report/report.h"
#include "ward/flow/redress.h"

static const struct field KIND_F[] = {
	[HK_TITLE] = {"title", V_TEXT, SEE_PUBLIC, "what can be reported", NULL, NULL},
	[HK_ABOUT] = {"about", V_TEXT, SEE_PUBLIC, "what belongs to it", NULL, NULL},
	[HK_CLOCK] = {"clock", V_URL, SEE_PUBLIC, "when it would be finished, reported today", NULL, NULL},
	[HK_URL] = {"url", V_URL, SEE_PUBLIC, "begins a report of this kind", NULL, NULL},
};
const struct shape HOME_KIND = SHAPE("home_kind", KIND_F);

static const struct field HOME_F[] = {
	[HOME_REPORT] = {"report", V_URL, SEE_PUBLIC, "the questions that lead to the right door", NULL, NULL},
	[HOME_FOLLOW] = {"follow", V_URL, SEE_PUBLIC, "follows one", NULL, NULL},
	[HOME_CASES] = {"cases", V_URL, SEE_PUBLIC, "public list", NULL, NULL},
	[HOME_MAP] = {"map", V_URL, SEE_PUBLIC, "public map", NULL, NULL},
	[HOME_FIGURES] = {"figures", V_URL, SEE_PUBLIC, "figures", NULL, NULL},
	[HOME_WHO] = {"who", V_URL, SEE_PUBLIC, "who is where for a khu vực", NULL, NULL},
	[HOME_CLOCK] = {"clock", V_URL, SEE_PUBLIC, "how deadlines are reckoned", NULL, NULL},
	[HOME_KINDS] = {"kinds", V_LIST, SEE_PUBLIC, "what can be reported", &HOME_KIND, NULL},
};
const struct shape HOME = SHAPE("home", HOME_F);

static const struct field PHOTO_F[] = {
	[PP_URL] = {"url", V_URL, SEE_PUBLIC, "the photo", NULL, NULL},
	[PP_THUMB] = {"thumb", V_URL, SEE_PUBLIC, "the small one", NULL, "image"},
	[PP_LABEL] = {"label", V_TEXT, SEE_PUBLIC, "words for who does not see it", NULL, NULL},
};
const struct shape PUBLIC_PHOTO = SHAPE("public_photo", PHOTO_F);

static const struct field CASE_F[] = {
	[PC_CODE] = {"code", V_TEXT, SEE_PUBLIC, "public code", NULL, NULL},
	[PC_URL] = {"url", V_URL, SEE_PUBLIC, "its page", NULL, NULL},
	[PC_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind, by its procedure", NULL, NULL},
	[PC_STATE] = {"state", V_KEY, SEE_PUBLIC, "where it stands", NULL, NULL},
	[PC_OPEN] = {"open", V_BOOL, SEE_PUBLIC, "it is being worked on", NULL, NULL},
	[PC_RECEIVED] = {"received", V_DAY, SEE_PUBLIC, "day of receipt", NULL, NULL},
	[PC_DUE] = {"due", V_DAY, SEE_PUBLIC, "last day of the next deadline", NULL, NULL},
	[PC_LATEST] = {"latest", V_TEXT, SEE_PUBLIC, "at the latest: its clock stands", NULL, NULL},
	[PC_LATE] = {"late", V_BOOL, SEE_PUBLIC, "that day is over", NULL, NULL},
	[PC_CLOSED] = {"closed", V_DAY, SEE_PUBLIC, "day of closing", NULL, NULL},
	[PC_AREA] = {"area", V_TEXT, SEE_PUBLIC, "khu vực", NULL, NULL},
	[PC_CELL] = {"cell", V_TEXT, SEE_PUBLIC, "square of the 100 m grid", NULL, NULL},
	[PC_REPORTS] = {"reports", V_INT, SEE_PUBLIC, "reports of the matter", NULL, "reports"},
	[PC_SEVERAL] = {"several", V_BOOL, SEE_PUBLIC, "more than one", NULL, NULL},
	[PC_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "words as the desk released them", NULL, NULL},
	[PC_OUTCOME] = {"outcome", V_KEY, SEE_PUBLIC, "how it ended", NULL, NULL},
	[PC_WHY_LATE] = {"why_late", V_TEXT, SEE_PUBLIC, "why that day was missed, as the office told", NULL, NULL},
	[PC_FIRST] = {"first_due", V_DAY, SEE_PUBLIC, "that day as first promised", NULL, NULL},
	[PC_ENDED] = {"ended_due", V_DAY, SEE_PUBLIC, "of a closed one, last day that counted then", NULL, NULL},
	[PC_LATE_DAYS] = {"late_days", V_INT, SEE_PUBLIC, "how late it is, or was when it ended", NULL, "days"},
	[PC_LATE_WORKING] = {"late_working", V_INT, SEE_PUBLIC, "the same in working days", NULL, "days"},
	[PC_CLOCK] = {"clock", V_OBJ, SEE_PUBLIC, "both dates, and why they are so", &CLOCK, NULL},
	[PC_UNIT] = {"unit", V_TEXT, SEE_PUBLIC, "unit that has it", NULL, NULL},
	[PC_REDRESS] = {"redress", V_URL, SEE_PUBLIC, "\"I think something here is about me\"", NULL, NULL},
	[PC_GONE] = {"gone", V_BOOL, SEE_PUBLIC, "there are no words that could be shown yet", NULL, NULL},
	[PC_BEFORE] = {"before", V_LIST, SEE_PUBLIC, "the reporter's photos, as the desk released them",
	               &PUBLIC_PHOTO, NULL},
	[PC_AFTER] = {"after", V_LIST, SEE_PUBLIC, "the desk's own photos, as it released them",
	              &PUBLIC_PHOTO, NULL},
};
const struct shape PUBLIC_CASE = SHAPE("public_case", CASE_F);

enum { WI_NAME, WI_URL, WI_FIELDS };
static const struct field WARD_F[] = {
	[WI_NAME] = {"name", V_TEXT, SEE_PUBLIC, "name of the ward", NULL, NULL},
	[WI_URL] = {"url", V_URL, SEE_PUBLIC, "its first page", NULL, NULL},
};
static const struct shape WARD_ITEM = SHAPE("ward", WARD_F);

enum { WS_LIST, WS_FIELDS };
static const struct field WARDS_F[] = {
	[WS_LIST] = {"wards", V_LIST, SEE_PUBLIC, "all wards of this server", &WARD_ITEM, NULL},
};
const struct shape WARDS = SHAPE("wards", WARDS_F);

/* The address of no ward, where the server has several: which one is yours? */
static enum rc choose_ward(struct request *q, struct reply *r)
{
	enum { MOST = 256 };
	const struct ward **all = arena_array(q->arena, MOST, sizeof *all);
	size_t n = ward_all(q->app->places, all, MOST);
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &WARDS);
	for (size_t i = 0; i < n; i++) {
		struct vobj *item = view_item(page, WS_LIST);
		view_text(item, WI_NAME, all[i]->name);
		view_url(item, WI_URL, arena_fmt(q->arena, "/%.*s%.*s/", PSTR(all[i]->slug),
		                                 PSTR(lang_prefix(q->lang))));
	}
	reply_title(r, request_text(q, "wards.title"));
	reply_page(q, r, "report/wards", &WARDS, page, 200);
	return RC_OK;
}

enum rc home_page(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	if (q->ward == NULL)
		return choose_ward(q, r);
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &HOME);
	view_url(page, HOME_REPORT, request_link(q, "/door"));
	view_url(page, HOME_FOLLOW, request_link(q, "/follow"));
	view_url(page, HOME_CASES, request_link(q, "/cases"));
	view_url(page, HOME_MAP, request_link(q, "/map"));
	view_url(page, HOME_FIGURES, request_link(q, "/figures"));
	view_url(page, HOME_WHO, request_link(q, "/who"));
	view_url(page, HOME_CLOCK, request_link(q, "/clock"));
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), kinds,
	                              CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++) {
		struct vobj *item = view_item(page, HOME_KINDS);
		view_text(item, HK_TITLE, kinds[i]->title[q->lang]);
		view_text(item, HK_ABOUT, kinds[i]->about[q->lang]);
		view_url(item, HK_URL, request_link(q, "/report?kind=%.*s", PSTR(kinds[i]->name)));
		view_url(item, HK_CLOCK, request_link(q, "/clock?kind=%.*s", PSTR(kinds[i]->name)));
	}
	reply_title(r, request_text(q, "home.report.title")); /* the ward's name stands behind it */
	reply_view(q, r, page);
	return RC_OK;
}

void public_row_fill(struct request *q, struct vobj *o, const struct case_row *c)
{
	view_text(o, PC_CODE, arena_copy(q->arena, str_of(c->public_code)));
	view_url(o, PC_URL, request_link(q, "/case/%s", c->public_code));
	view_key(o, PC_KIND, c->kind, label_kind(q, c->kind));
	view_key(o, PC_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_bool(o, PC_OPEN, state_open(c->state));
	view_day(o, PC_RECEIVED, day_of(c->received_at));
	if (state_open(c->state) && c->due_at > 0) {
		view_day(o, PC_DUE, day_of(c->due_at - 1));
		view_text(o, PC_LATEST, clock_latest_words(q, c->paused_until));
		view_bool(o, PC_LATE, q->now >= c->due_at);
	}
	struct lateness late;
	if (c->first_due_at > 0)
		view_day(o, PC_FIRST, day_of(c->first_due_at - 1));
	if (c->ended_due_at > 0 && !state_open(c->state))
		view_day(o, PC_ENDED, day_of(c->ended_due_at - 1));
	if (case_row_lateness(&q->app->flow, c, q->now, &late) == RC_OK) {
		view_int(o, PC_LATE_DAYS, late.calendar_days);
		view_int(o, PC_LATE_WORKING, late.working_days);
	}
	if (c->closed_at > 0)
		view_day(o, PC_CLOSED, day_of(c->closed_at));
	view_text(o, PC_AREA, label_area(q, c->area));
	if (c->cell.column > 0)
		view_text(o, PC_CELL, arena_fmt(q->arena, "C%d-%d", c->cell.column, c->cell.row));
	view_int(o, PC_REPORTS, c->reports);
	view_bool(o, PC_SEVERAL, c->reports > 1);
	view_text(o, PC_TEXT, c->released_text);
	if (c->outcome.n > 0)
		view_key(o, PC_OUTCOME, c->outcome,
		         request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
}

/* What the reporter sent is how it was, what the desk took is how it is now. */
void public_photos_fill(struct request *q, struct vobj *o, const char *code,
                        const struct attachment *photos, size_t count, size_t most)
{
	size_t shown[2] = {0};
	for (size_t i = 0; i < count; i++) {
		bool before = photos[i].by_reporter;
		if (!photos[i].released || shown[before]++ >= most)
			continue;
		struct str name = photos[i].photo.name;
		struct vobj *photo = view_item(o, before ? PC_BEFORE : PC_AFTER);
		view_url(photo, PP_URL, request_link(q, "/case/%s/photo/%.*s", code, PSTR(name)));
		view_url(photo, PP_THUMB, request_link(q, "/case/%s/photo/%.*s?thumb=1", code, PSTR(name)));
		view_text(photo, PP_LABEL, request_text(q, before ? "photo.before" : "photo.after"));
	}
}

struct one {
	const struct flow *w;
	struct str code;
	struct ward_case c;
	struct attachment *photos;
	struct entry *entries;
	size_t photo_count, entry_count;
	bool gone;                    /* its words were erased by an answer of oversight */
	struct unit unit;
	struct str lead;              /* public code of the case that it follows */
};

static enum rc one_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct one *o = ctx;
	enum rc rc = case_by_public_code(tx, o->w, o->code, &o->c, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, &o->c, &o->photos, &o->photo_count, f);
	if (rc == RC_OK && o->c.clock.pause_count + o->c.clock.extension_count > 0)
		rc = case_timeline(tx, o->w, &o->c, &o->entries, &o->entry_count, f);
	if (rc == RC_OK && o->c.released_text.n == 0)
		rc = redress_removed(tx, o->c.id, &o->gone, f);
	if (rc == RC_OK && unit_get(tx, o->c.unit, &o->unit, NULL) != RC_OK)
		o->unit = (struct unit){0};
	return rc == RC_NONE ? case_public_lead(tx, o->w, o->code, &o->lead, f) : rc;
}

static struct case_row row_of(const struct ward_case *c)
{
	struct case_row row = {.id = c->id, .kind = c->kind, .state = c->state, .area = c->place.area,
	                       .cell = c->place.cell, .received_at = c->received_at, .due_at = c->due_at, .first_due_at = c->first_due_at,
	                       .ended_due_at = c->ended_due_at, .paused_until = c->paused_until,
	                       .closed_at = c->closed_at, .released_text = c->released_text,
	                       .outcome = c->outcome, .reports = case_reports(c)};
	_Static_assert(sizeof row.public_code == sizeof c->public_code, "one kind of code");
	for (size_t i = 0; i < sizeof row.public_code; i++)
		row.public_code[i] = c->public_code[i];
	return row;
}

static const char *format_suffix(const struct request *q)
{
	switch (q->format) {
	case FORMAT_JSON: return ".json";
	case FORMAT_CSV: return ".csv";
	case FORMAT_XLSX: return ".xlsx";
	case FORMAT_HTML: break;
	}
	return "";
}

enum rc public_case(struct request *q, struct reply *r, struct fault *f)
{
	struct one o = {.w = &q->app->flow, .code = request_param(q, "code")};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, one_tx, &o, f);
	if (rc != RC_OK)
		return rc;
	if (o.lead.n > 0) {                    /* not for ever: it may be split off again */
		reply_redirect(q, r, request_link(q, "/case/%.*s%s", PSTR(o.lead), format_suffix(q)));
		return RC_OK;
	}
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &PUBLIC_CASE);
	struct case_row row = row_of(&o.c);
	public_row_fill(q, page, &row);
	view_text(page, PC_UNIT, o.unit.name);
	view_bool(page, PC_GONE, o.gone);
	clock_fill(q, page, PC_CLOCK, &o.c, o.entries, o.entry_count);
	view_text(page, PC_WHY_LATE, state_open(o.c.state) ? o.c.why_late : STR_EMPTY);
	if (redress_kind(&q->app->flow, q->ward->id, day_of(q->now)) != NULL)
		view_url(page, PC_REDRESS, request_link(q, "/redress?case=%s", o.c.public_code));
	public_photos_fill(q, page, o.c.public_code, o.photos, o.photo_count, SIZE_MAX);
	reply_title(r, arena_fmt(q->arena, "%.*s %s", PSTR(label_kind(q, o.c.kind)), o.c.public_code));
	reply_view(q, r, page);
	return RC_OK;
}

enum rc public_photo(struct request *q, struct reply *r, struct fault *f)
{
	struct one o = {.w = &q->app->flow, .code = request_param(q, "code")};
	struct str name = request_param(q, "name");
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, one_tx, &o, f);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < o.photo_count; i++)
		if (o.photos[i].released && str_eq(o.photos[i].photo.name, name))
			return photo_answer(q, r, &o.photos[i].photo, f);
	return RC_NONE;
}

/* All that is kept about a report and is its reporter's to see, as one file to take home: a zip of a page to
 * read, the same for programs, and the photos as the ward keeps them. It is no look: nobody else's act. */
#include "rooms/report/yours.h"

#include "kit/archive/zip.h"
#include "kit/base/log.h"

enum { FP_NAME, FP_LABEL, FP_TEXT, FP_RULE, FP_UNTIL, FP_ERASED, FP_YOURS, FP_HOW, FP_FIELDS };
static const struct field PART_F[] = {
	[FP_NAME] = {"name", V_TEXT, SEE_REPORTER, "which part it is", NULL, NULL},
	[FP_LABEL] = {"label", V_TEXT, SEE_REPORTER, "the same in words", NULL, NULL},
	[FP_TEXT] = {"text", V_TEXT, SEE_REPORTER, "the words", NULL, NULL},
	[FP_RULE] = {"rule", V_TEXT, SEE_REPORTER, "rule by which they are kept, or were erased", NULL, NULL},
	[FP_UNTIL] = {"until", V_DAY, SEE_REPORTER, "last day that they are kept, once the case has ended", NULL, NULL},
	[FP_ERASED] = {"erased", V_DAY, SEE_REPORTER, "day on which they were erased", NULL, NULL},
	[FP_YOURS] = {"by_you", V_BOOL, SEE_REPORTER, "the reporter had them erased", NULL, NULL},
	[FP_HOW] = {"how", V_TEXT, SEE_REPORTER, "by whom they were erased, where it was not their time", NULL, NULL},
};
static const struct shape PART = SHAPE("file_part", PART_F);

enum { FO_FILE, FO_LABEL, FO_WIDTH, FO_HEIGHT, FO_BYTES, FO_PUBLIC, FO_MISSING, FO_FIELDS };
static const struct field PHOTO_F[] = {
	[FO_FILE] = {"file", V_URL, SEE_REPORTER, "name of its file in this archive", NULL, "image"},
	[FO_LABEL] = {"label", V_TEXT, SEE_REPORTER, "words for who does not see it", NULL, NULL},
	[FO_WIDTH] = {"width", V_INT, SEE_REPORTER, "width", NULL, "pixels"},
	[FO_HEIGHT] = {"height", V_INT, SEE_REPORTER, "height", NULL, "pixels"},
	[FO_BYTES] = {"bytes", V_INT, SEE_REPORTER, "size of the file", NULL, "bytes"},
	[FO_PUBLIC] = {"public", V_BOOL, SEE_REPORTER, "the office showed it to everybody", NULL, NULL},
	[FO_MISSING] = {"missing", V_BOOL, SEE_REPORTER, "it could not be read now", NULL, NULL},
};
static const struct shape PHOTO = SHAPE("file_photo", PHOTO_F);

enum { FE_AT, FE_WHAT, FE_WHO, FE_MINE, FE_PARTS, FE_PHOTOS, FE_FIELDS };
static const struct field ENTRY_F[] = {
	[FE_AT] = {"at", V_TIME, SEE_REPORTER, "when", NULL, NULL},
	[FE_WHAT] = {"what", V_KEY, SEE_REPORTER, "what was done", NULL, NULL},
	[FE_WHO] = {"who", V_TEXT, SEE_REPORTER, "you, or the unit", NULL, NULL},
	[FE_MINE] = {"mine", V_BOOL, SEE_REPORTER, "the reporter did it", NULL, NULL},
	[FE_PARTS] = {"parts", V_LIST, SEE_REPORTER, "what was said", &PART, NULL},
	[FE_PHOTOS] = {"photos", V_LIST, SEE_REPORTER, "photos that came with it", &PHOTO, NULL},
};
static const struct shape ENTRY = SHAPE("file_entry", ENTRY_F);

enum { FL_DAY, FL_ROLE, FL_UNIT, FL_FIELDS };
static const struct field LOOK_F[] = {
	[FL_DAY] = {"day", V_DAY, SEE_REPORTER, "day of the look", NULL, NULL},
	[FL_ROLE] = {"role", V_KEY, SEE_REPORTER, "role of who looked", NULL, NULL},
	[FL_UNIT] = {"unit", V_TEXT, SEE_REPORTER, "unit of who looked", NULL, NULL},
};
static const struct shape LOOK = SHAPE("file_look", LOOK_F);

enum {
	KF_LANG, KF_WARD, KF_MADE, KF_CODE, KF_PUBLIC_CODE, KF_KIND, KF_STATE, KF_OUTCOME, KF_RECEIVED, KF_EVENT, KF_EVENT_DAY, KF_DUE,
	KF_ENDED, KF_UNIT, KF_AREA, KF_STREET, KF_LANDMARK, KF_LAT, KF_LON, KF_CELL, KF_MAIL, KF_LEAD, KF_KEPT,
	KF_TIMELINE, KF_LOOKS, KF_FIELDS
};
static const struct field FILE_F[] = {
	[KF_LANG] = {"language", V_TEXT, SEE_REPORTER, "language of the words", NULL, NULL},
	[KF_WARD] = {"ward", V_TEXT, SEE_REPORTER, "the ward", NULL, NULL},
	[KF_MADE] = {"made", V_TIME, SEE_REPORTER, "when this file was made", NULL, NULL},
	[KF_CODE] = {"code", V_TEXT, SEE_REPORTER, "the receipt's code", NULL, NULL},
	[KF_PUBLIC_CODE] = {"public_code", V_TEXT, SEE_REPORTER, "code of its public page, while it has one", NULL, NULL},
	[KF_KIND] = {"kind", V_KEY, SEE_REPORTER, "what was reported", NULL, NULL},
	[KF_STATE] = {"state", V_KEY, SEE_REPORTER, "where it stands", NULL, NULL},
	[KF_OUTCOME] = {"outcome", V_KEY, SEE_REPORTER, "how it ended", NULL, NULL},
	[KF_RECEIVED] = {"received", V_TIME, SEE_REPORTER, "when it was received", NULL, NULL},
	[KF_EVENT] = {"event", V_TIME, SEE_REPORTER, "when it happened, as told at the counter", NULL, NULL},
	[KF_EVENT_DAY] = {"event_day", V_DAY, SEE_REPORTER, "on which day, as a request to look again told", NULL, NULL},
	[KF_DUE] = {"due", V_DAY, SEE_REPORTER, "by when the next step is due", NULL, NULL},
	[KF_ENDED] = {"ended", V_TIME, SEE_REPORTER, "when it ended", NULL, NULL},
	[KF_UNIT] = {"unit", V_TEXT, SEE_REPORTER, "who has it", NULL, NULL},
	[KF_AREA] = {"area", V_TEXT, SEE_REPORTER, "the khu vực", NULL, NULL},
	[KF_STREET] = {"street", V_TEXT, SEE_REPORTER, "the street", NULL, NULL},
	[KF_LANDMARK] = {"landmark", V_TEXT, SEE_REPORTER, "what one finds it by", NULL, NULL},
	[KF_LAT] = {"lat", V_TEXT, SEE_REPORTER, "latitude of the position", NULL, "degrees"},
	[KF_LON] = {"lon", V_TEXT, SEE_REPORTER, "longitude of the position", NULL, "degrees"},
	[KF_CELL] = {"cell", V_TEXT, SEE_REPORTER, "the 100 m square that everybody sees", NULL, NULL},
	[KF_MAIL] = {"mail_kept", V_BOOL, SEE_REPORTER, "an address for mails is kept, which is on no page and in no file", NULL, NULL},
	[KF_LEAD] = {"handled_with", V_TEXT, SEE_REPORTER, "public code of the case that it is handled with", NULL, NULL},
	[KF_KEPT] = {"kept", V_LIST, SEE_REPORTER, "what is kept, for what and until when", &YOURS_ROW, NULL},
	[KF_TIMELINE] = {"timeline", V_LIST, SEE_REPORTER, "what happened", &ENTRY, NULL},
	[KF_LOOKS] = {"looks", V_LIST, SEE_REPORTER, "who looked at it", &LOOK, NULL},
};
const struct shape YOURS_FILE = SHAPE("yours_file", FILE_F);

struct making {
	struct request *q;
	const struct yours_data *d;
	struct zip *zip;
	int photos;
};

static const struct own_part *own_of(const struct yours_data *d, int seq, size_t number)
{
	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].seq == seq && d->parts[i].part == (int)number + 1)
			return &d->parts[i];
	return NULL;
}

static void add_parts(struct making *m, struct vobj *item, const struct entry *e)
{
	struct request *q = m->q;
	for (size_t i = 0; i < e->part_count; i++) {
		const struct entry_part *p = &e->parts[i];
		if (!follow_part_shown(e, p))
			continue;
		const struct own_part *own = own_of(m->d, e->seq, i);
		struct vobj *part = view_item(item, FE_PARTS);
		view_text(part, FP_NAME, p->name);
		view_text(part, FP_LABEL, request_text(q, arena_fmt(q->arena, "part.%.*s", PSTR(p->name)).p));
		view_text(part, FP_TEXT, p->erased_day == 0 ? follow_part_words(q, p) : STR_EMPTY);
		view_text(part, FP_RULE, p->erased_day != 0 ? p->erased_rule : own != NULL ? own->rule : STR_EMPTY);
		view_day(part, FP_UNTIL, p->erased_day == 0 && own != NULL ? own->due_day : 0);
		view_day(part, FP_ERASED, p->erased_day);
		view_bool(part, FP_YOURS, str_is(p->erased_rule, ERASED_BY_REPORTER));
		view_text(part, FP_HOW, kept_erased(q, p->erased_rule, true));
	}
}

/* The photo as it is kept. One that can't be read now is said to be missing: the rest is worth having. */
static enum rc add_photo(struct making *m, struct vobj *item, const struct attachment *a, struct fault *f)
{
	struct request *q = m->q;
	struct arena own;
	struct str bytes = STR_EMPTY;
	struct fault why = {0};
	struct str name = arena_fmt(q->arena, "%.*s-%d.jpg", PSTR(request_text(q, "yours.file.photo")), ++m->photos);
	struct vobj *o = view_item(item, FE_PHOTOS);
	arena_init(&own, (size_t)32 << 20);
	enum rc rc = media_read(q->app->media, &own, q->ward->id, a->photo.name, &a->photo.hash, false, &bytes, &why);
	bool there = rc == RC_OK && zip_size(m->zip) + bytes.n + ((size_t)2 << 20) < ZIP_MAX;
	view_text(o, FO_LABEL, arena_fmt(q->arena, "%.*s %d", PSTR(request_text(q, "photo.label")), m->photos));
	view_int(o, FO_WIDTH, a->photo.width);
	view_int(o, FO_HEIGHT, a->photo.height);
	view_int(o, FO_BYTES, a->photo.size);
	view_bool(o, FO_PUBLIC, a->released);
	view_bool(o, FO_MISSING, !there);
	if (rc != RC_OK)
		log_warn("photo", "%s", why.text);
	rc = RC_OK;
	if (there) {
		view_url(o, FO_FILE, name);
		rc = zip_add(m->zip, name.p, bytes, false, q->now / US_SECOND, f);
	}
	arena_release(&own);
	return rc;
}

static enum rc add_timeline(struct making *m, struct vobj *page, struct fault *f)
{
	struct request *q = m->q;
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < m->d->entry_count; i++) {
		const struct entry *e = &m->d->entries[i];
		if (!verb_for_reporter(e->verb))
			continue;
		struct str verb = str_of(verb_name(e->verb));
		struct vobj *item = view_item(page, KF_TIMELINE);
		view_time(item, FE_AT, e->at);
		view_key(item, FE_WHAT, verb, label_did(q, m->d->c.procedure, e->verb));
		view_bool(item, FE_MINE, e->by_reporter);
		view_text(item, FE_WHO, follow_who(q, e));
		add_parts(m, item, e);
		for (size_t k = 0; rc == RC_OK && k < m->d->photo_count; k++)
			if (m->d->photos[k].seq == e->seq)
				rc = add_photo(m, item, &m->d->photos[k], f);
	}
	return rc;
}

static void add_looks(struct request *q, struct vobj *page, const struct yours_data *d)
{
	for (size_t i = 0; i < d->look_count; i++) {
		struct vobj *item = view_item(page, KF_LOOKS);
		view_day(item, FL_DAY, d->looks[i].day);
		view_key(item, FL_ROLE, d->looks[i].role,
		         request_text(q, arena_fmt(q->arena, "role.%.*s", PSTR(d->looks[i].role)).p));
		view_text(item, FL_UNIT, label_unit_of(d->looks[i].role, d->looks[i].unit));
	}
}

static void add_place(struct request *q, struct vobj *page, const struct case_place *p)
{
	view_text(page, KF_AREA, label_area(q, p->area));
	view_text(page, KF_STREET, p->street);
	view_text(page, KF_LANDMARK, p->landmark);
	if (p->has_point) {
		view_text(page, KF_LAT, arena_fmt(q->arena, "%.7f", p->lat));
		view_text(page, KF_LON, arena_fmt(q->arena, "%.7f", p->lon));
	}
	if (p->cell.column != 0)
		view_text(page, KF_CELL, arena_fmt(q->arena, "C%d-%02d", (int)p->cell.column, (int)p->cell.row));
}

static enum rc fill(struct making *m, struct vobj *page, struct fault *f)
{
	struct request *q = m->q;
	const struct ward_case *c = &m->d->c, *told = c->top != NULL ? c->top : c;
	view_text(page, KF_LANG, str_of(lang_name(q->lang)));
	view_text(page, KF_WARD, q->ward->name);
	view_time(page, KF_MADE, q->now);
	view_text(page, KF_CODE, arena_copy(q->arena, str_of(c->code)));
	if (c->top == NULL && c->listed && !c->withheld)
		view_text(page, KF_PUBLIC_CODE, arena_copy(q->arena, str_of(c->public_code)));
	view_key(page, KF_KIND, c->kind, label_kind(q, c->kind));
	view_key(page, KF_STATE, str_of(state_name(told->state)), label_case_state(q, told->procedure, told->state));
	if (told->outcome.n > 0 && (c->top == NULL || case_lead_shown(c)))
		view_key(page, KF_OUTCOME, told->outcome,
		         request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(told->outcome)).p));
	view_time(page, KF_RECEIVED, c->received_at);
	if (!c->procedure->oversight)
		view_time(page, KF_EVENT, c->event_at);
	else if (c->event_at != 0)
		view_day(page, KF_EVENT_DAY, day_of(c->event_at));
	if (c->top == NULL && state_open(c->state) && c->due_at > 0)
		view_day(page, KF_DUE, day_of(c->due_at - 1));
	view_time(page, KF_ENDED, case_ended_at(c));
	view_text(page, KF_UNIT, m->d->unit.name);
	add_place(q, page, &c->place);
	view_bool(page, KF_MAIL, m->d->contact != CONTACT_none);
	if (case_lead_shown(c))
		view_text(page, KF_LEAD, arena_copy(q->arena, str_of(told->public_code)));
	yours_rows(q, page, KF_KEPT, m->d, false);
	add_looks(q, page, m->d);
	return add_timeline(m, page, f);
}

static enum rc add_words(struct making *m, const struct vobj *page, struct fault *f)
{
	struct request *q = m->q;
	struct buf html = {0}, json = {0};
	struct str name = request_text(q, "yours.file.name");
	const struct template *t = templates_find(q->app->templates, STR("report/yours_file"), q->lang);
	enum rc rc = t == NULL ? fault_set(f, RC_FAIL, "no template report/yours_file")
	                       : template_render(t, &html, page, NULL, f);
	view_json(&json, page);
	if (rc == RC_OK && (html.failed || json.failed))
		rc = fault_set(f, RC_NOMEM, "no memory for the file");
	if (rc == RC_OK)
		rc = zip_add(m->zip, arena_fmt(q->arena, "%.*s.html", PSTR(name)).p, buf_str(&html), true,
		             q->now / US_SECOND, f);
	if (rc == RC_OK)
		rc = zip_add(m->zip, arena_fmt(q->arena, "%.*s.json", PSTR(name)).p, buf_str(&json), true,
		             q->now / US_SECOND, f);
	buf_release(&html);
	buf_release(&json);
	return rc;
}

enum rc yours_file(struct request *q, struct reply *r, struct fault *f)
{
	struct yours_data d = {.w = &q->app->flow};
	struct making m = {.q = q, .d = &d};
	struct buf out = {0};
	enum rc rc = follow_opened(q, r, &d.id, f);
	if (rc != RC_OK || d.id.v == 0)
		return rc;
	rc = store_read(q->app->store, q->ward->id, q->arena, yours_read, &d, f);
	if (rc == RC_OK)
		rc = zip_new(&m.zip, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_REPORTER);
	struct vobj *page = view_new(&v, &YOURS_FILE);
	rc = fill(&m, page, f);
	if (rc == RC_OK)
		rc = add_words(&m, page, f);
	if (rc == RC_OK)
		rc = zip_end(m.zip, &out, f);
	zip_free(m.zip);
	if (rc != RC_OK)
		return rc;
	reply_buf(q, r, STR("application/zip"), &out);
	/* Whoever sees the name among downloads learns no code from it. */
	reply_download(r, arena_fmt(q->arena, "%.*s-%.*s.zip", PSTR(request_text(q, "yours.file.name")),
	                            PSTR(text_day_iso(q->arena, day_of(q->now)))));
	return RC_OK;
}

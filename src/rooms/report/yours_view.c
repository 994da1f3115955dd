#include "rooms/report/yours.h"

static const struct field ROW_F[] = {
	[KR_WHAT] = {"what", V_TEXT, SEE_REPORTER, "what is kept", NULL, NULL},
	[KR_DAY] = {"day", V_DAY, SEE_REPORTER, "when it came", NULL, NULL},
	[KR_HOLDS] = {"holds", V_TEXT, SEE_REPORTER, "what it holds: the reporter's own words, or what it is", NULL, NULL},
	[KR_WHY] = {"why", V_TEXT, SEE_REPORTER, "what it is kept for", NULL, NULL},
	[KR_RULE] = {"rule", V_TEXT, SEE_REPORTER, "rule by which it is kept", NULL, NULL},
	[KR_UNTIL] = {"until", V_DAY, SEE_REPORTER, "last day that it is kept", NULL, NULL},
	[KR_AFTER] = {"after", V_TEXT, SEE_REPORTER, "how long after the case has ended", NULL, NULL},
	[KR_ERASED] = {"erased", V_DAY, SEE_REPORTER, "day on which it was erased", NULL, NULL},
	[KR_YOURS] = {"by_you", V_BOOL, SEE_REPORTER, "the reporter had it erased", NULL, NULL},
	[KR_HOW] = {"how", V_TEXT, SEE_REPORTER, "by whom it was erased, where it was not its time", NULL, NULL},
	[KR_THUMB] = {"thumb", V_URL, SEE_REPORTER, "the small photo", NULL, "image"},
};
const struct shape YOURS_ROW = SHAPE("yours_row", ROW_F);

enum rc yours_read(struct tx *tx, void *data, struct fault *f)
{
	struct yours_data *d = data;
	enum rc rc = case_get(tx, d->w, d->id, &d->c, f);
	if (rc == RC_OK)
		rc = own_parts(tx, &d->c, &d->parts, &d->part_count, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, d->w, &d->c, &d->entries, &d->entry_count, f);
	if (rc == RC_OK)
		rc = follow_codes(tx, d->entries, d->entry_count, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, &d->c, &d->photos, &d->photo_count, f);
	if (rc == RC_OK)
		rc = look_of_case(tx, d->id, &d->looks, &d->look_count, f);
	if (rc == RC_OK)
		rc = contact_state(tx, d->id, &d->contact, f);
	if (rc == RC_OK && d->c.held_until != 0)
		rc = hold_of_case(tx, d->id, &d->holds, &d->hold_count, f);
	const struct ward_case *worked = d->c.top != NULL ? d->c.top : &d->c;
	if (rc == RC_OK && unit_get(tx, worked->unit, &d->unit, NULL) != RC_OK)
		d->unit = (struct unit){0};
	return rc;
}

struct str yours_words(struct request *q, const struct own_part *p)
{
	if (str_is(p->name, "event") || str_is(p->name, "subject") || str_is(p->name, "not_head"))
		return request_text(q, arena_fmt(q->arena, "yours.told.%.*s", PSTR(p->name)).p);
	switch (p->verb) {
	case VERB_answer: return request_text(q, "yours.told.answer");
	case VERB_amend: return request_text(q, "yours.told.amend");
	case VERB_reopen: return request_text(q, "yours.told.reopen");
	default: return request_text(q, "yours.told.open");
	}
}

const struct attachment *yours_photo(struct request *q, const struct yours_data *d, const struct own_part *p)
{
	for (size_t i = 0; i < d->photo_count; i++)
		if (d->photos[i].seq == p->seq && str_eq(hex_of(q->arena, hash_str(&d->photos[i].photo.hash)), p->body))
			return &d->photos[i];
	return NULL;
}

/* ---------------------------------------------------------------- one row */

/* The same words stand within a line of the timeline, and at the head of a row here. */
static struct str headed(struct request *q, const char *name)
{
	struct str s = request_text(q, arena_fmt(q->arena, "yours.what.%s", name).p);
	size_t first = 1;
	while (first < s.n && ((unsigned char)s.p[first] & 0xC0) == 0x80)
		first++;
	return arena_fmt(q->arena, "%.*s%.*s", PSTR(text_upper(q->arena, str_sub(s, 0, first))),
	                 PSTR(str_sub(s, first, s.n)));
}

static struct str why_of(struct request *q, const struct yours_data *d, const char *part)
{
	const struct procedure *p = d->c.procedure;
	for (size_t i = 0; i < p->retention_count; i++)
		if (str_is(p->retention[i].part, part))
			return p->retention[i].why[q->lang].n > 0 ? p->retention[i].why[q->lang] : p->retention[i].why[LANG_vi];
	return STR_EMPTY;
}

static struct str rule_of(const struct yours_data *d, const char *part)
{
	const struct procedure *p = d->c.procedure;
	for (size_t i = 0; i < p->retention_count; i++)
		if (str_is(p->retention[i].part, part))
			return p->retention[i].rule;
	return STR_EMPTY;
}

/* Until when by the rule: a day once the case has ended, so long after that before. */
static void add_until(struct request *q, struct vobj *row, const struct yours_data *d, struct str rule, int32_t due)
{
	/* By an order the parts stay longer; the address goes as promised. */
	bool held = d->c.held_until != 0 && !str_is(rule, CONTACT_RULE);
	view_text(row, KR_RULE, rule);
	int64_t ended = case_ended_at(&d->c);
	if (due == 0 && ended != 0 && retention_day(d->w, rule, ended, &due, NULL) != RC_OK)
		due = 0;
	if (due != 0)
		view_day(row, KR_UNTIL, held && due < d->c.held_until ? d->c.held_until : due);
	if (due == 0 || !held || due >= d->c.held_until)
		view_text(row, KR_AFTER, kept_long(q, rule));
}

static void add_fate(struct request *q, struct vobj *row, const struct yours_data *d, const struct own_part *p)
{
	if (p->erased_day == 0) {
		add_until(q, row, d, p->rule, p->due_day);
		return;
	}
	view_day(row, KR_ERASED, p->erased_day);
	view_bool(row, KR_YOURS, str_is(p->erased_rule, ERASED_BY_REPORTER));
	view_text(row, KR_HOW, kept_erased(q, p->erased_rule, true));
	view_text(row, KR_RULE, p->erased_rule);
}

static struct vobj *add_row(struct request *q, struct vobj *page, int field, const struct yours_data *d,
                            struct str what, const char *retention)
{
	struct vobj *row = view_item(page, field);
	view_text(row, KR_WHAT, what);
	view_text(row, KR_WHY, why_of(q, d, retention));
	return row;
}

/* What the reporter typed, other than what they chose or a day: those are said by the row's name. */
static bool wrote(const struct own_part *p)
{
	return (p->what == OWN_words || p->what == OWN_thanks) && !str_is(p->name, "event") &&
	       !str_is(p->name, "subject") && !str_is(p->name, "not_head");
}

static void add_own(struct request *q, struct vobj *page, int field, const struct yours_data *d, bool thumbs)
{
	for (size_t i = 0; i < d->part_count; i++) {
		const struct own_part *p = &d->parts[i];
		if (p->what != OWN_words && p->what != OWN_photo && p->what != OWN_thanks)
			continue;
		if (p->erased_day == 0 && p->body.n == 0)
			continue; /* nothing was written */
		struct vobj *row = add_row(q, page, field, d,
		                           p->what == OWN_words ? yours_words(q, p)
		                                                : headed(q, own_name(p->what)),
		                           arena_z(q->arena, p->retention));
		view_day(row, KR_DAY, day_of(p->at));
		if (p->erased_day == 0 && wrote(p))
			view_text(row, KR_HOLDS, p->body);
		add_fate(q, row, d, p);
		const struct attachment *a = thumbs && p->what == OWN_photo ? yours_photo(q, d, p) : NULL;
		if (a != NULL)
			view_url(row, KR_THUMB, request_link(q, "/receipt/photo/%.*s?thumb=1", PSTR(a->photo.name)));
	}
}

/* The place is told once, and may be corrected: what counts is one row. */
static void add_place(struct request *q, struct vobj *page, int field, const struct yours_data *d)
{
	const struct case_place *at = &d->c.place;
	const struct own_part *last = NULL;
	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].what == OWN_place)
			last = &d->parts[i];
	if (last == NULL)
		return;
	struct buf b = {0};
	buf_join(&b, ", ", at->landmark);
	buf_join(&b, ", ", at->street);
	if (at->has_point)
		buf_join(&b, "; ", request_text(q, "yours.place.point"));
	struct vobj *row = add_row(q, page, field, d, headed(q, "place"), "place");
	view_text(row, KR_HOLDS, arena_take(q->arena, &b));
	add_fate(q, row, d, last);
}

static bool any(const struct yours_data *d, enum own_what what)
{
	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].what == what && d->parts[i].erased_day == 0)
			return true;
	return false;
}

static void add_others(struct request *q, struct vobj *page, int field, const struct yours_data *d)
{
	if (any(d, OWN_shown))
		add_until(q, add_row(q, page, field, d, headed(q, "shown"), "text"), d, rule_of(d, "text"), 0);
	if (any(d, OWN_office))
		add_until(q, add_row(q, page, field, d, headed(q, "office"), "text"), d, rule_of(d, "text"), 0);
	if (rule_of(d, "note").n > 0)   /* said whether there are any or not: that is not told */
		add_until(q, add_row(q, page, field, d, headed(q, "notes"), "note"), d, rule_of(d, "note"), 0);
	if (d->contact != CONTACT_none) {
		struct vobj *row = view_item(page, field);
		view_text(row, KR_WHAT, headed(q, "mail"));
		view_text(row, KR_HOLDS, request_text(q, "yours.mail.unseen"));
		view_text(row, KR_WHY, request_text(q, "yours.mail.why"));
		add_until(q, row, d, STR(CONTACT_RULE), 0);
	}
	struct vobj *looks = view_item(page, field);
	view_text(looks, KR_WHAT, headed(q, "looks"));
	view_text(looks, KR_HOLDS, request_text(q, "yours.looks.holds"));
	view_text(looks, KR_WHY, request_text(q, "yours.looks.why"));
	struct vobj *row = add_row(q, page, field, d, headed(q, "figures"), "figures");
	view_text(row, KR_HOLDS, request_text(q, "yours.figures.holds"));
	add_until(q, row, d, rule_of(d, "figures"), 0);
}

void yours_rows(struct request *q, struct vobj *page, int field, const struct yours_data *d, bool thumbs)
{
	add_own(q, page, field, d, thumbs);
	add_place(q, page, field, d);
	add_others(q, page, field, d);
}

/* ---------------------------------------------------------------- what can go */

static bool can_go(const struct yours_data *d, enum own_what what)
{
	for (size_t i = 0; i < d->part_count; i++)
		if (d->parts[i].what == what && own_erasable(&d->c, &d->parts[i]) && d->parts[i].body.n > 0)
			return true;
	return false;
}

/* More than khu vực and square, which stay as figures. */
static bool place_told(const struct yours_data *d)
{
	for (size_t i = 0; i < d->part_count; i++) {
		const struct own_part *p = &d->parts[i];
		if (p->what == OWN_place && own_erasable(&d->c, p) && (str_find(p->body, STR("street ")) != SIZE_MAX ||
		                             str_find(p->body, STR("landmark ")) != SIZE_MAX ||
		                             str_find(p->body, STR("point ")) != SIZE_MAX))
			return true;
	}
	return false;
}

static struct yours_choice sort_choice(struct request *q, enum own_what what)
{
	const char *name = own_name(what);
	return (struct yours_choice){.key = str_of(name), .what = what,
	                            .label = request_text(q, arena_fmt(q->arena, "yours.erase.%s", name).p),
	                            .hint = request_text(q, arena_fmt(q->arena, "yours.erase.%s.hint", name).p)};
}

size_t yours_choices(struct request *q, const struct yours_data *d, struct yours_choice **out)
{
	struct yours_choice *list = arena_array(q->arena, OWN_PHOTOS_MAX + 4, sizeof *list);
	size_t n = 0, number = 0;
	*out = list;
	if (can_go(d, OWN_words))
		list[n++] = sort_choice(q, OWN_words);
	for (size_t i = 0; i < d->part_count && number < OWN_PHOTOS_MAX; i++) {
		const struct own_part *p = &d->parts[i];
		if (p->what != OWN_photo || !own_erasable(&d->c, p))
			continue;
		list[n++] = (struct yours_choice){
			.key = arena_fmt(q->arena, "photo-%d-%d", p->seq, p->part),
			.what = OWN_photo,
			.label = arena_fmt(q->arena, "%.*s %zu (%.*s)", PSTR(request_text(q, "yours.erase.photo")), ++number,
			                   PSTR(text_date(q->arena, q->lang, day_of(p->at)))),
			.photo = {p->seq, p->part}};
	}
	if (place_told(d))
		list[n++] = sort_choice(q, OWN_place);
	if (can_go(d, OWN_thanks))
		list[n++] = sort_choice(q, OWN_thanks);
	if (d->contact != CONTACT_none)
		list[n++] = (struct yours_choice){.key = STR("mail"), .label = request_text(q, "yours.erase.mail"),
		                                 .hint = request_text(q, "yours.erase.mail.hint")};
	return n;
}

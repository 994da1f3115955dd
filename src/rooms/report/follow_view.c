#include "rooms/report/report.h"

enum { PART_LABEL, PART_TEXT, PART_ERASED, PART_RULE, PART_FIELDS };
static const struct field PART_F[] = {
	[PART_LABEL] = {"label", V_TEXT, SEE_REPORTER, "what the words are", NULL, NULL},
	[PART_TEXT] = {"text", V_TEXT, SEE_REPORTER, "the words", NULL, NULL},
	[PART_ERASED] = {"erased", V_DAY, SEE_REPORTER, "day on which they were erased", NULL, NULL},
	[PART_RULE] = {"rule", V_TEXT, SEE_REPORTER, "rule by which they were", NULL, NULL},
};
static const struct shape PART = SHAPE("part", PART_F);

enum { PHOTO_URL, PHOTO_THUMB, PHOTO_LABEL, PHOTO_FIELDS };
static const struct field PHOTO_F[] = {
	[PHOTO_URL] = {"url", V_URL, SEE_REPORTER, "the photo", NULL, NULL},
	[PHOTO_THUMB] = {"thumb", V_URL, SEE_REPORTER, "the small one", NULL, "image"},
	[PHOTO_LABEL] = {"label", V_TEXT, SEE_REPORTER, "words for who does not see it", NULL, NULL},
};
static const struct shape PHOTO = SHAPE("photo", PHOTO_F);

enum { ENTRY_AT, ENTRY_WHAT, ENTRY_WHO, ENTRY_MINE, ENTRY_PARTS, ENTRY_PHOTOS, ENTRY_FIELDS };
static const struct field ENTRY_F[] = {
	[ENTRY_AT] = {"at", V_TIME, SEE_REPORTER, "when", NULL, NULL},
	[ENTRY_WHAT] = {"what", V_KEY, SEE_REPORTER, "what was done", NULL, NULL},
	[ENTRY_WHO] = {"who", V_TEXT, SEE_REPORTER, "role and unit", NULL, NULL},
	[ENTRY_MINE] = {"mine", V_BOOL, SEE_REPORTER, "the reporter did it", NULL, NULL},
	[ENTRY_PARTS] = {"parts", V_LIST, SEE_REPORTER, "what was said", &PART, NULL},
	[ENTRY_PHOTOS] = {"photos", V_LIST, SEE_REPORTER, "photos that came with it", &PHOTO, NULL},
};
static const struct shape ENTRY = SHAPE("entry", ENTRY_F);

enum { LOOK_DAY, LOOK_ROLE, LOOK_UNIT, LOOK_FIELDS };
static const struct field LOOK_F[] = {
	[LOOK_DAY] = {"day", V_DAY, SEE_REPORTER, "day of the look", NULL, NULL},
	[LOOK_ROLE] = {"role", V_KEY, SEE_REPORTER, "role of who looked", NULL, NULL},
	[LOOK_UNIT] = {"unit", V_TEXT, SEE_REPORTER, "unit of who looked", NULL, NULL},
};
static const struct shape LOOK = SHAPE("look", LOOK_F);

enum {
	F_CODE, F_KIND, F_STATE, F_OPEN, F_RECEIVED, F_EVENT, F_DUE, F_LATE, F_WHY_LATE, F_UNIT, F_PLACE, F_TIMELINE,
	F_LOOKS, F_QUESTION, F_CAN_ANSWER, F_CAN_WITHDRAW, F_CAN_CONFIRM, F_CAN_REOPEN, F_S, F_ANSWER,
	F_WITHDRAW, F_SOLVED, F_REOPEN, F_CLOSE, F_PUBLIC, F_OUTCOME, F_ERRORS, F_ANSWER_FIELDS,
	F_SOLVED_FIELDS, F_REOPEN_FIELDS, F_NOTICE, F_WITHHELD, F_MAIL, F_MAIL_KEPT, F_MAIL_FAILING, F_MAIL_OFFERED,
	F_MAIL_FIELDS, F_MAIL_URL, F_MAIL_DELETE, F_REMINDER, F_FIELDS
};
static const struct field FOLLOW_F[] = {
	[F_CODE] = {"code", V_TEXT, SEE_REPORTER, "the receipt's code", NULL, NULL},
	[F_KIND] = {"kind", V_KEY, SEE_REPORTER, "what was reported", NULL, NULL},
	[F_STATE] = {"state", V_KEY, SEE_REPORTER, "where it stands", NULL, NULL},
	[F_OPEN] = {"open", V_BOOL, SEE_REPORTER, "it is being worked on", NULL, NULL},
	[F_RECEIVED] = {"received", V_TIME, SEE_REPORTER, "when it was received", NULL, NULL},
	[F_EVENT] = {"event", V_TIME, SEE_REPORTER, "when it happened, as told at the counter", NULL, NULL},
	[F_DUE] = {"due", V_DAY, SEE_REPORTER, "by when the next step is due", NULL, NULL},
	[F_LATE] = {"late", V_BOOL, SEE_REPORTER, "that day is over", NULL, NULL},
	[F_WHY_LATE] = {"why_late", V_TEXT, SEE_REPORTER, "why, as the office told", NULL, NULL},
	[F_UNIT] = {"unit", V_TEXT, SEE_REPORTER, "who has it", NULL, NULL},
	[F_PLACE] = {"place", V_TEXT, SEE_REPORTER, "where", NULL, NULL},
	[F_TIMELINE] = {"timeline", V_LIST, SEE_REPORTER, "what happened", &ENTRY, NULL},
	[F_LOOKS] = {"looks", V_LIST, SEE_REPORTER, "who looked at it", &LOOK, NULL},
	[F_QUESTION] = {"question", V_TEXT, SEE_REPORTER, "what the desk asks", NULL, NULL},
	[F_CAN_ANSWER] = {"can_answer", V_BOOL, SEE_REPORTER, "an answer is waited for", NULL, NULL},
	[F_CAN_WITHDRAW] = {"can_withdraw", V_BOOL, SEE_REPORTER, "may be withdrawn", NULL, NULL},
	[F_CAN_CONFIRM] = {"can_confirm", V_BOOL, SEE_REPORTER, "may say: solved", NULL, NULL},
	[F_CAN_REOPEN] = {"can_reopen", V_BOOL, SEE_REPORTER, "may say: not solved", NULL, NULL},
	[F_S] = {"s", V_TEXT, SEE_REPORTER, "seal of the page's forms", NULL, NULL},
	[F_ANSWER] = {"answer_url", V_URL, SEE_REPORTER, "where an answer is sent", NULL, NULL},
	[F_WITHDRAW] = {"withdraw_url", V_URL, SEE_REPORTER, "where it is withdrawn", NULL, NULL},
	[F_SOLVED] = {"solved_url", V_URL, SEE_REPORTER, "where solved is said", NULL, NULL},
	[F_REOPEN] = {"reopen_url", V_URL, SEE_REPORTER, "where it is reopened", NULL, NULL},
	[F_CLOSE] = {"close_url", V_URL, SEE_REPORTER, "forgets the receipt in this browser", NULL, NULL},
	[F_PUBLIC] = {"public_url", V_URL, SEE_REPORTER, "its public page", NULL, NULL},
	[F_OUTCOME] = {"outcome", V_KEY, SEE_REPORTER, "how it ended", NULL, NULL},
	[F_ERRORS] = {"errors", V_LIST, SEE_REPORTER, "what is wrong", &FORM_ERROR, NULL},
	[F_ANSWER_FIELDS] = {"answer_fields", V_LIST, SEE_REPORTER, "fields of the answer", &FORM_FIELD,
	                     NULL},
	[F_SOLVED_FIELDS] = {"solved_fields", V_LIST, SEE_REPORTER, "words of thanks", &FORM_FIELD, NULL},
	[F_REOPEN_FIELDS] = {"reopen_fields", V_LIST, SEE_REPORTER, "fields of reopening", &FORM_FIELD,
	                     NULL},
	[F_NOTICE] = {"notice", V_TEXT, SEE_REPORTER, "what has just been done", NULL, NULL},
	[F_WITHHELD] = {"withheld", V_BOOL, SEE_REPORTER, "the desk took the public page back", NULL,
	                NULL},
	[F_MAIL] = {"mail", V_BOOL, SEE_REPORTER, "there is something to say of mails", NULL, NULL},
	[F_MAIL_KEPT] = {"mail_kept", V_BOOL, SEE_REPORTER, "an address is kept, unseen", NULL, NULL},
	[F_MAIL_FAILING] = {"mail_failing", V_BOOL, SEE_REPORTER, "mail to it came back", NULL, NULL},
	[F_MAIL_OFFERED] = {"mail_offered", V_BOOL, SEE_REPORTER, "one may be left", NULL, NULL},
	[F_MAIL_FIELDS] = {"mail_fields", V_LIST, SEE_REPORTER, "field of the address", &FORM_FIELD, NULL},
	[F_MAIL_URL] = {"mail_url", V_URL, SEE_REPORTER, "where the address is sent", NULL, NULL},
	[F_MAIL_DELETE] = {"mail_delete_url", V_URL, SEE_REPORTER, "where it is erased", NULL, NULL},
	[F_REMINDER] = {"reminder", V_URL, SEE_REPORTER, "the day for one's own calendar", NULL, NULL},
};
const struct shape FOLLOW = SHAPE("follow", FOLLOW_F);

struct follow_data {
	const struct flow *w;
	struct case_id id;
	struct ward_case c;
	struct entry *entries;
	struct attachment *photos;
	struct look_day *looks;
	struct unit unit;
	size_t entry_count, photo_count, look_count;
	enum contact_state contact;
};

static enum rc read_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct follow_data *d = ctx;
	enum rc rc = case_get(tx, d->w, d->id, &d->c, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, d->w, &d->c, &d->entries, &d->entry_count, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, &d->c, &d->photos, &d->photo_count, f);
	if (rc == RC_OK)
		rc = look_of_case(tx, d->id, &d->looks, &d->look_count, f);
	if (rc == RC_OK)
		rc = contact_state(tx, d->id, &d->contact, f);
	if (rc == RC_OK && unit_get(tx, d->c.unit, &d->unit, NULL) != RC_OK)
		d->unit = (struct unit){0};
	return rc;
}

static void add_parts(struct request *q, struct vobj *item, const struct entry *e)
{
	for (size_t i = 0; i < e->part_count; i++) {
		const struct entry_part *p = &e->parts[i];
		if (str_is(p->name, "photo") || str_is(p->name, "place") || str_is(p->name, "due") ||
		    str_is(p->name, "event"))
			continue; /* shown as pictures and fields of their own */
		if (str_is(p->name, "reason") && !e->by_reporter)
			continue; /* written for colleagues: rights/fields.yaml */
		struct vobj *part = view_item(item, ENTRY_PARTS);
		view_text(part, PART_LABEL, request_text(q, arena_fmt(q->arena, "part.%.*s", PSTR(p->name)).p));
		if (str_is(p->name, "outcome"))
			view_text(part, PART_TEXT,
			          request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(p->body)).p));
		else if (str_is(p->name, "kind"))
			view_text(part, PART_TEXT, label_kind(q, p->body));
		else if (str_is(p->name, "channel"))
			view_text(part, PART_TEXT, label_keys(q, "channel", p->body));
		else if (str_is(p->name, "checked"))
			view_text(part, PART_TEXT, label_keys(q, "reissue.check", p->body));
		else
			view_text(part, PART_TEXT, p->body);
		view_day(part, PART_ERASED, p->erased_day);
		view_text(part, PART_RULE, p->erased_rule);
	}
}

static void add_timeline(struct request *q, struct vobj *page, const struct follow_data *d)
{
	for (size_t i = 0; i < d->entry_count; i++) {
		const struct entry *e = &d->entries[i];
		if (!verb_for_reporter(e->verb))
			continue;
		struct vobj *item = view_item(page, F_TIMELINE);
		struct str verb = str_of(verb_name(e->verb));
		view_time(item, ENTRY_AT, e->at);
		view_key(item, ENTRY_WHAT, verb, request_text(q, arena_fmt(q->arena, "did.%.*s", PSTR(verb)).p));
		view_bool(item, ENTRY_MINE, e->by_reporter);
		view_text(item, ENTRY_WHO, e->by_reporter ? request_text(q, "follow.you") : e->unit);
		add_parts(q, item, e);
		for (size_t k = 0; k < d->photo_count; k++) {
			if (d->photos[k].seq != e->seq)
				continue;
			struct str name = d->photos[k].photo.name;
			struct vobj *photo = view_item(item, ENTRY_PHOTOS);
			view_url(photo, PHOTO_URL, request_link(q, "/receipt/photo/%.*s", PSTR(name)));
			view_url(photo, PHOTO_THUMB,
			         request_link(q, "/receipt/photo/%.*s?thumb=1", PSTR(name)));
			view_text(photo, PHOTO_LABEL, request_text(q, "photo.label"));
		}
	}
}

static void add_looks(struct request *q, struct vobj *page, const struct follow_data *d)
{
	for (size_t i = 0; i < d->look_count; i++) {
		struct vobj *item = view_item(page, F_LOOKS);
		struct str role = d->looks[i].role;
		view_day(item, LOOK_DAY, d->looks[i].day);
		view_key(item, LOOK_ROLE, role, request_text(q, arena_fmt(q->arena, "role.%.*s", PSTR(role)).p));
		view_text(item, LOOK_UNIT, d->looks[i].unit);
	}
}

static void add_forms(struct request *q, struct vobj *page, const struct view *v, uint32_t verbs,
                      const struct follow_data *d, const struct follow_draft *draft)
{
	view_bool(page, F_CAN_ANSWER, (verbs >> VERB_answer & 1) != 0);
	view_bool(page, F_CAN_WITHDRAW, (verbs >> VERB_withdraw & 1) != 0);
	view_bool(page, F_CAN_CONFIRM, (verbs >> VERB_solved & 1) != 0);
	view_bool(page, F_CAN_REOPEN, (verbs >> VERB_reopen & 1) != 0);
	view_url(page, F_ANSWER, request_link(q, "/receipt/answer"));
	view_url(page, F_WITHDRAW, request_link(q, "/receipt/withdraw"));
	view_url(page, F_SOLVED, request_link(q, "/receipt/solved"));
	view_url(page, F_REOPEN, request_link(q, "/receipt/reopen"));
	view_url(page, F_CLOSE, request_link(q, "/receipt/close"));
	/* The seal names the case and its version: a second tap on the same button finds it changed. */
	struct journey j;
	journey_begin(q, &j);
	journey_set(q, &j, "case", arena_fmt(q->arena, "%lld", (long long)d->c.id.v));
	journey_set(q, &j, "version", arena_fmt(q->arena, "%lld", (long long)d->c.version));
	journey_set(q, &j, "seen", arena_fmt(q->arena, "%d", d->c.seq));
	view_text(page, F_S, journey_seal(q, "receipt", &j));
	if ((verbs >> VERB_answer & 1) != 0) {
		form_field_add(page, F_ANSWER_FIELDS, F_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA,
		                                    .name = "answer",
		                                    .label = request_text(q, "follow.answer.label"),
		                                    .value = draft->answer,
		                                    .error = draft->answer_error,
		                                    .max = TEXT_MAX,
		                                    .rows = 4});
		if (d->c.procedure->photos)
			form_field_add(page, F_ANSWER_FIELDS, F_ERRORS, v,
			               &(struct form_field){.kind = FORM_FILES,
			                                    .name = "photos",
			                                    .label = request_text(q, "report.photos.label"),
			                                    .hint = request_text(q, "report.photos.hint"),
			                                    .error = draft->photos_error});
	}
	if ((verbs >> VERB_solved & 1) != 0)
		form_field_add(page, F_SOLVED_FIELDS, F_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA,
		                                    .name = "thanks",
		                                    .label = request_text(q, "follow.thanks.label"),
		                                    .hint = request_text(q, "follow.thanks.hint"),
		                                    .value = draft->thanks,
		                                    .error = draft->thanks_error,
		                                    .max = THANKS_MAX,
		                                    .rows = 2});
	if ((verbs >> VERB_reopen & 1) != 0)
		form_field_add(page, F_REOPEN_FIELDS, F_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA,
		                                    .name = "reason",
		                                    .label = request_text(q, "follow.reopen.label"),
		                                    .value = draft->reopen,
		                                    .error = draft->reopen_error,
		                                    .max = TEXT_MAX,
		                                    .rows = 3});
}

/* That an address is kept, never which. */
static void add_mail(struct request *q, struct vobj *page, const struct view *v,
                     const struct follow_data *d, const struct follow_draft *draft)
{
	bool kept = d->contact != CONTACT_none;
	bool offered = mail_offered(q) && (state_open(d->c.state) || kept);
	view_bool(page, F_MAIL, kept || offered);
	view_bool(page, F_MAIL_KEPT, kept);
	view_bool(page, F_MAIL_FAILING, d->contact == CONTACT_failing);
	view_bool(page, F_MAIL_OFFERED, offered);
	view_url(page, F_MAIL_URL, request_link(q, "/receipt/mail"));
	view_url(page, F_MAIL_DELETE, request_link(q, "/receipt/mail/delete"));
	mail_field_add(q, page, F_MAIL_FIELDS, F_ERRORS, v, draft->mail, draft->mail_error);
}

/* The last question of the desk, while it is open. */
static struct str open_question(const struct follow_data *d)
{
	if (d->c.state != STATE_asked)
		return STR_EMPTY;
	for (size_t i = d->entry_count; i-- > 0;)
		if (d->entries[i].verb == VERB_ask)
			for (size_t k = 0; k < d->entries[i].part_count; k++)
				if (str_is(d->entries[i].parts[k].name, "text"))
					return d->entries[i].parts[k].body;
	return STR_EMPTY;
}

enum rc follow_show(struct request *q, struct reply *r, struct case_id id,
                    const struct follow_draft *draft, struct fault *f)
{
	static const struct follow_draft NOTHING = {0};
	if (draft == NULL)
		draft = &NOTHING;
	struct follow_data d = {.w = &q->app->flow, .id = id};
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_all, &d, f);
	if (rc != RC_OK)
		return rc;
	const struct ward_case *c = &d.c;
	struct view v = request_view(q, SEE_REPORTER);
	struct vobj *page = view_new(&v, &FOLLOW);
	view_text(page, F_CODE, arena_copy(q->arena, str_of(c->code)));
	view_key(page, F_KIND, c->kind, label_kind(q, c->kind));
	view_key(page, F_STATE, str_of(state_name(c->state)), label_state(q, c->state));
	view_bool(page, F_OPEN, state_open(c->state));
	view_time(page, F_RECEIVED, c->received_at);
	view_time(page, F_EVENT, c->event_at);
	if (c->due_at > 0 && state_open(c->state)) {
		view_day(page, F_DUE, day_of(c->due_at - 1));
		view_bool(page, F_LATE, case_late(c, q->now));
		view_text(page, F_WHY_LATE, c->why_late);
		if (q->now < c->due_at)
			view_url(page, F_REMINDER, reminder_link(q, day_of(c->due_at - 1)));
	}
	view_text(page, F_UNIT, d.unit.name);
	struct str area = label_area(q, c->place.area);
	view_text(page, F_PLACE,
	          arena_fmt(q->arena, "%.*s%s%.*s%s%.*s", PSTR(c->place.landmark),
	                    c->place.landmark.n > 0 && c->place.street.n > 0 ? ", " : "",
	                    PSTR(c->place.street),
	                    (c->place.landmark.n > 0 || c->place.street.n > 0) && area.n > 0 ? ", " : "",
	                    PSTR(area)));
	if (c->outcome.n > 0)
		view_key(page, F_OUTCOME, c->outcome,
		         request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(c->outcome)).p));
	if (c->listed && !c->withheld)
		view_url(page, F_PUBLIC, request_link(q, "/case/%s", c->public_code));
	view_bool(page, F_WITHHELD, c->withheld);
	view_text(page, F_QUESTION, open_question(&d));
	view_text(page, F_NOTICE, draft->notice);
	add_timeline(q, page, &d);
	add_looks(q, page, &d);
	add_forms(q, page, &v, case_verbs(&q->app->flow, c, NULL, q->now), &d, draft);
	add_mail(q, page, &v, &d, draft);
	bool wrong = draft->answer_error.n + draft->reopen_error.n + draft->photos_error.n +
	                 draft->mail_error.n + draft->thanks_error.n > 0;
	reply_title(r, arena_fmt(q->arena, "%.*s %s", PSTR(request_text(q, "follow.title")), c->code));
	reply_page(q, r, "report/follow", &FOLLOW, page, wrong ? 422 : 200);
	return RC_OK;
}

#include "rooms/report/report.h"
#include "ward/flow/apology.h"
#include "ward/flow/own.h"

enum { PART_LABEL, PART_TEXT, PART_ERASED, PART_RULE, PART_YOURS, PART_HOW, PART_FIELDS };
static const struct field PART_F[] = {
	[PART_LABEL] = {"label", V_TEXT, SEE_REPORTER, "what the words are", NULL, NULL},
	[PART_TEXT] = {"text", V_TEXT, SEE_REPORTER, "the words", NULL, NULL},
	[PART_ERASED] = {"erased", V_DAY, SEE_REPORTER, "day on which they were erased", NULL, NULL},
	[PART_RULE] = {"rule", V_TEXT, SEE_REPORTER, "how long they are kept, by the rule by which they were", NULL, NULL},
	[PART_YOURS] = {"by_you", V_BOOL, SEE_REPORTER, "the reporter had them erased", NULL, NULL},
	[PART_HOW] = {"how", V_TEXT, SEE_REPORTER, "by whom they were erased, where it was not their time", NULL, NULL},
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
	F_CODE, F_REDRESS, F_FINAL, F_UNFOUNDED, F_KIND, F_STATE, F_OPEN, F_RECEIVED, F_EVENT, F_EVENT_DAY, F_DUE, F_LATE, F_WHY_LATE, F_UNIT, F_PLACE, F_TIMELINE,
	F_LOOKS, F_QUESTION, F_CAN_ANSWER, F_CAN_WITHDRAW, F_CAN_CONFIRM, F_CAN_REOPEN, F_S, F_ANSWER,
	F_WITHDRAW, F_SOLVED, F_REOPEN, F_CLOSE, F_PUBLIC, F_OUTCOME, F_DOORS, F_ERRORS, F_ANSWER_FIELDS,
	F_SOLVED_FIELDS, F_REOPEN_FIELDS, F_NOTICE, F_WITHHELD, F_MAIL, F_MAIL_KEPT, F_MAIL_FAILING, F_MAIL_OFFERED,
	F_MAIL_FIELDS, F_MAIL_URL, F_MAIL_DELETE, F_REMINDER, F_CLOCK, F_APOLOGY, F_APOLOGY_DAY, F_APOLOGY_AT,
	F_LEAD, F_LEAD_URL, F_LEAD_CODE, F_LEAD_HIDDEN, F_OWN, F_BEHIND, F_SORTS, F_LATEST, F_REPORTS, F_OTHERS, F_DANGER, F_NOBODY, F_HELD, F_KEPT, F_FLOOD, F_CLEARED, F_FIELDS
};

/* Its own dates beside those of the case that it follows. */
enum { OWN_DUE, OWN_LATEST, OWN_CLOCK, OWN_FIELDS };
static const struct field OWN_F[] = {
	[OWN_DUE] = {"day", V_DAY, SEE_REPORTER, "last day that its own clock gives", NULL, NULL},
	[OWN_LATEST] = {"latest", V_TEXT, SEE_REPORTER, "at the latest: its clock stands", NULL, NULL},
	[OWN_CLOCK] = {"clock", V_OBJ, SEE_REPORTER, "both dates, and why they are so", &CLOCK, NULL},
};
static const struct shape OWN = SHAPE("own_clock", OWN_F);

static const struct field FOLLOW_F[] = {
	[F_HELD] = {"held_until", V_DAY, SEE_REPORTER, "until when a legal hold keeps anything of it from being erased", NULL, NULL},
	[F_NOBODY] = {"nobody", V_BOOL, SEE_REPORTER, "nobody may read it by rule any more: where else to turn to", NULL, NULL},
	[F_KEPT] = {"kept_url", V_URL, SEE_REPORTER, "what is kept of it: taking it home, putting it right, erasing", NULL, NULL},
	[F_FLOOD] = {"flood", V_BOOL, SEE_REPORTER, "it came with many alike, and stands with them in a group", NULL, NULL},
	[F_CLEARED] = {"flood_cleared", V_BOOL, SEE_REPORTER, "it was taken out with them", NULL, NULL},
	[F_DANGER] = {"danger", V_OBJ, SEE_REPORTER, "numbers to call, when what is typed speaks of danger", &DANGER, NULL},
	[F_CODE] = {"code", V_TEXT, SEE_REPORTER, "the receipt's code", NULL, NULL},
	[F_REDRESS] = {"redress", V_BOOL, SEE_REPORTER, "a request to look again at something about oneself", NULL, NULL},
	[F_FINAL] = {"final", V_BOOL, SEE_REPORTER, "its appeal was decided", NULL, NULL},
	[F_UNFOUNDED] = {"unfounded", V_BOOL, SEE_REPORTER, "oversight found it to be unfounded", NULL, NULL},
	[F_KIND] = {"kind", V_KEY, SEE_REPORTER, "what was reported", NULL, NULL},
	[F_STATE] = {"state", V_KEY, SEE_REPORTER, "where it stands", NULL, NULL},
	[F_OPEN] = {"open", V_BOOL, SEE_REPORTER, "it is being worked on", NULL, NULL},
	[F_RECEIVED] = {"received", V_TIME, SEE_REPORTER, "when it was received", NULL, NULL},
	[F_EVENT] = {"event", V_TIME, SEE_REPORTER, "when it happened, as told at the counter", NULL, NULL},
	[F_EVENT_DAY] = {"event_day", V_DAY, SEE_REPORTER, "on which day, as a request to look again told", NULL, NULL},
	[F_DUE] = {"due", V_DAY, SEE_REPORTER, "by when the next step is due", NULL, NULL},
	[F_LATEST] = {"latest", V_TEXT, SEE_REPORTER, "at the latest: its clock stands", NULL, NULL},
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
	[F_DOORS] = {"doors", V_BOOL, SEE_REPORTER, "the talk led to no agreement: where else to go", NULL, NULL},
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
	[F_CLOCK] = {"clock", V_OBJ, SEE_REPORTER, "both dates, and why they are so", &CLOCK, NULL},
	[F_LEAD] = {"lead", V_BOOL, SEE_REPORTER, "handled with another report of the same matter", NULL, NULL},
	[F_LEAD_URL] = {"lead_url", V_URL, SEE_REPORTER, "that case's public page", NULL, NULL},
	[F_LEAD_CODE] = {"lead_code", V_TEXT, SEE_REPORTER, "its public code", NULL, NULL},
	[F_LEAD_HIDDEN] = {"lead_hidden", V_BOOL, SEE_REPORTER, "that case is shown to nobody: how far it is, and no more", NULL, NULL},
	[F_OWN] = {"own", V_OBJ, SEE_REPORTER, "by its own clock, while it follows", &OWN, NULL},
	[F_BEHIND] = {"behind", V_BOOL, SEE_REPORTER, "it was being worked on before; that case is not looked at yet", NULL, NULL},
	[F_SORTS] = {"sorts", V_BOOL, SEE_REPORTER, "that case's clock was stopped or extended: of why it is told what sort", NULL, NULL},
	[F_REPORTS] = {"reports", V_INT, SEE_REPORTER, "reports of the matter, when more than one", NULL, "reports"},
	[F_OTHERS] = {"others", V_BOOL, SEE_REPORTER, "can't be withdrawn, because others reported it", NULL, NULL},
	[F_REMINDER] = {"reminder", V_URL, SEE_REPORTER, "the day for one's own calendar", NULL, NULL},
	[F_APOLOGY] = {"apology", V_URL, SEE_REPORTER, "the letter of apology, to print", NULL, NULL},
	[F_APOLOGY_DAY] = {"apology_day", V_DAY, SEE_REPORTER, "by when it will be done, as the letter says", NULL,
	                   NULL},
	[F_APOLOGY_AT] = {"apology_at", V_TIME, SEE_REPORTER, "when the letter was given", NULL, NULL},
};
const struct shape FOLLOW = SHAPE("follow", FOLLOW_F);

struct follow_data {
	const struct flow *w;
	struct case_id id;
	struct ward_case c;
	const struct ward_case *told; /* the case whose progress it is: its own, or the one that it follows */
	bool hidden;                  /* that one is shown to nobody: only how far it is is told */
	int64_t since;                /* since when it follows that one */
	struct ward_case alone;       /* as it stands by its own clock */
	struct entry *entries, *steps; /* steps: that one's */
	struct attachment *photos;
	struct look_day *looks;
	struct unit unit;
	size_t entry_count, step_count, photo_count, look_count;
	enum contact_state contact;
	struct apology letter;
	bool nobody;                  /* may read it */
};

static enum rc read_lead(struct tx *tx, struct follow_data *d, struct fault *f)
{
	d->told = d->c.top != NULL ? d->c.top : &d->c;
	d->hidden = d->c.top != NULL && !case_lead_shown(&d->c);
	d->alone = case_alone(d->w, tx_arena(tx), &d->c, tx_now(tx));
	enum rc rc = case_lead_since(tx, d->w, &d->c, &d->since, f);
	return rc == RC_OK && d->c.top != NULL
	               ? case_timeline(tx, d->w, d->told, &d->steps, &d->step_count, f)
	               : rc;
}

enum rc follow_codes(struct tx *tx, struct entry *entries, size_t count, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		for (size_t k = 0; rc == RC_OK && k < entries[i].part_count; k++) {
			struct entry_part *p = &entries[i].parts[k];
			struct case_id id;
			if (!str_is(p->name, "case") && !str_is(p->name, "follower"))
				continue;
			rc = case_public_id(tx, p->body, &id, f);
			if (id.v < 0)
				p->body = STR_EMPTY;
		}
	return rc;
}

static enum rc read_all(struct tx *tx, void *ctx, struct fault *f)
{
	struct follow_data *d = ctx;
	enum rc rc = case_get(tx, d->w, d->id, &d->c, f);
	if (rc == RC_OK)
		rc = read_lead(tx, d, f);
	if (rc == RC_OK)
		rc = case_timeline(tx, d->w, &d->c, &d->entries, &d->entry_count, f);
	if (rc == RC_OK)
		rc = follow_codes(tx, d->entries, d->entry_count, f);
	if (rc == RC_OK)
		rc = case_attachments(tx, &d->c, &d->photos, &d->photo_count, f);
	if (rc == RC_OK)
		rc = look_of_case(tx, d->id, &d->looks, &d->look_count, f);
	if (rc == RC_OK)
		rc = apology_told(tx, d->w, &d->c, &d->letter, f);
	if (rc == RC_OK)
		rc = contact_state(tx, d->id, &d->contact, f);
	if (rc == RC_OK && procedure_by_rule(d->c.procedure) && state_open(d->c.state))
		rc = office_waits(tx, d->c.unit, &d->nobody, f);
	if (rc == RC_OK && unit_get(tx, d->told->unit, &d->unit, NULL) != RC_OK)
		d->unit = (struct unit){0};
	return rc;
}

bool follow_part_shown(const struct entry *e, const struct entry_part *p)
{
	if (str_is(p->name, "flood"))
		return false;                      /* a number that says nothing to its reporter */
	if ((str_is(p->name, "photo") || str_is(p->name, "place") || str_is(p->name, "due") || str_is(p->name, "event")) &&
	    p->erased_rule.n == 0)
		return false; /* shown as pictures and fields of their own */
	if (str_is(p->name, "reason") && !e->by_reporter)
		return false; /* written for colleagues: rights/fields.yaml */
	bool may_be_empty = str_is(p->name, "text") || str_is(p->name, "case") || str_is(p->name, "follower");
	return !may_be_empty || p->body.n > 0 || p->erased_rule.n > 0; /* who joined had nothing to add; follow_codes */
}

struct str follow_who(struct request *q, const struct entry *e)
{
	if (e->by_reporter)
		return request_text(q, "follow.you");
	if (e->unit.n > 0 || e->role.n == 0 || str_is(e->role, "anyone"))
		return e->unit;               /* the clock's own step is nobody's */
	return request_text(q, arena_fmt(q->arena, "role.%.*s", PSTR(e->role)).p);
}

struct str follow_part_words(struct request *q, const struct entry_part *p)
{
	if (p->erased_rule.n > 0)
		return STR_EMPTY;
	if (str_is(p->name, "outcome"))
		return request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(p->body)).p);
	if (str_is(p->name, "new_day") || str_is(p->name, "letter_day") || str_is(p->name, "hold_day") ||
	    str_is(p->name, "hold_until") || str_is(p->name, "agency_day") || str_is(p->name, "agency_until"))
		return label_day(q, p->body);
	if (str_is(p->name, "kind"))
		return label_kind(q, p->body);
	if (str_is(p->name, "recalendar"))
		return clock_moved_words(q, p->body);
	if (str_is(p->name, "channel"))
		return label_keys(q, "channel", p->body);
	if (str_is(p->name, "checked"))
		return label_keys(q, "reissue.check", p->body);
	if (str_is(p->name, "gone"))
		return label_keys(q, "yours.what", p->body);
	if (str_is(p->name, "sort") && p->body.n > 0)
		return label_keys(q, "sort", p->body);
	if (str_is(p->name, "with_area") && p->body.n > 0)
		return request_text(q, "part.with_area.yes");
	if (str_is(p->name, "not_head") && p->body.n > 0)
		return request_text(q, "part.not_head.yes");
	if (str_is(p->name, "subject") && p->body.n > 0)
		return label_subject(q, p->body);
	return p->body;
}

static void add_parts(struct request *q, struct vobj *item, const struct entry *e)
{
	for (size_t i = 0; i < e->part_count; i++) {
		const struct entry_part *p = &e->parts[i];
		if (!follow_part_shown(e, p))
			continue;
		struct vobj *part = view_item(item, ENTRY_PARTS);
		view_text(part, PART_LABEL, request_text(q, arena_fmt(q->arena, "part.%.*s", PSTR(p->name)).p));
		view_text(part, PART_TEXT, follow_part_words(q, p));
		view_day(part, PART_ERASED, p->erased_day);
		view_text(part, PART_RULE, kept_words(q, p->erased_rule));
		view_bool(part, PART_YOURS, str_is(p->erased_rule, ERASED_BY_REPORTER));
		view_text(part, PART_HOW, kept_erased(q, p->erased_rule, false));
	}
}

/* What is told of the case that it follows: how far it is, and the answer that is for all; not what was
 * asked and said with its own reporter. */
static bool told_to_all(enum verb v)
{
	return v == VERB_take || v == VERB_assign || v == VERB_close || v == VERB_settle || v == VERB_pass_up || v == VERB_unclose || v == VERB_reopen ||
	       v == VERB_explain || v == VERB_pause || v == VERB_resume || v == VERB_extend || v == VERB_recalendar ||
	       v == VERB_apologise;
}

/* Of one that is shown to nobody: that its own report ended with it, or goes on. */
static bool told_of_hidden(enum verb v)
{
	return v == VERB_close || v == VERB_settle || v == VERB_unclose || v == VERB_reopen;
}

/* Who stopped or extended it wrote why to that one's reporter: who follows is told what sort of reason it was. */
static void add_sort(struct request *q, struct vobj *item, const struct follow_data *d, const struct entry *e)
{
	struct str sort = e->verb == VERB_extend ? clock_extension_words(q, d->told, e) : STR_EMPTY;
	if (sort.n == 0)
		return;
	struct vobj *part = view_item(item, ENTRY_PARTS);
	view_text(part, PART_LABEL, request_text(q, "part.clock_rule"));
	view_text(part, PART_TEXT, sort);
}

static void add_step(struct request *q, struct vobj *page, const struct follow_data *d, const struct entry *e)
{
	bool hidden = d->hidden;
	static const char *const PARTS[] = {"result", "outcome", "sort", "why_late", "unit", "letter_day", "new_day"};
	struct vobj *item = view_item(page, F_TIMELINE);
	struct str verb = str_of(verb_name(e->verb));
	struct entry shown = *e;
	shown.parts = arena_array(q->arena, e->part_count + 1, sizeof *shown.parts);
	shown.part_count = 0;
	for (size_t i = 0; !hidden && i < e->part_count; i++)
		for (size_t k = 0; k < sizeof PARTS / sizeof *PARTS; k++)
			if (str_is(e->parts[i].name, PARTS[k]))
				shown.parts[shown.part_count++] = e->parts[i];
	view_time(item, ENTRY_AT, e->at);
	view_key(item, ENTRY_WHAT, verb, request_text(q, arena_fmt(q->arena, "did.%.*s", PSTR(verb)).p));
	view_text(item, ENTRY_WHO, e->unit);
	add_parts(q, item, &shown);
	if (!hidden)
		add_sort(q, item, d, e);
}

/* Steps of the case that it follows, up to a moment. */
static size_t add_steps(struct request *q, struct vobj *page, const struct follow_data *d, size_t next,
                        int64_t until)
{
	for (; next < d->step_count && d->steps[next].at < until; next++)
		if (d->steps[next].at > d->since &&
		    (d->hidden ? told_of_hidden(d->steps[next].verb) : told_to_all(d->steps[next].verb)))
			add_step(q, page, d, &d->steps[next]);
	return next;
}

static void add_timeline(struct request *q, struct vobj *page, const struct follow_data *d)
{
	size_t next = 0;
	for (size_t i = 0; i < d->entry_count; i++) {
		const struct entry *e = &d->entries[i];
		next = add_steps(q, page, d, next, e->at);
		if (!verb_for_reporter(e->verb))
			continue;
		struct vobj *item = view_item(page, F_TIMELINE);
		struct str verb = str_of(verb_name(e->verb));
		view_time(item, ENTRY_AT, e->at);
		view_key(item, ENTRY_WHAT, verb, label_did(q, d->c.procedure, e->verb));
		view_bool(item, ENTRY_MINE, e->by_reporter);
		view_text(item, ENTRY_WHO, follow_who(q, e));
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
	(void)add_steps(q, page, d, next, INT64_MAX);
}

static void add_looks(struct request *q, struct vobj *page, const struct follow_data *d)
{
	for (size_t i = 0; i < d->look_count; i++) {
		struct vobj *item = view_item(page, F_LOOKS);
		struct str role = d->looks[i].role;
		view_day(item, LOOK_DAY, d->looks[i].day);
		view_key(item, LOOK_ROLE, role, request_text(q, arena_fmt(q->arena, "role.%.*s", PSTR(role)).p));
		view_text(item, LOOK_UNIT, label_unit_of(role, d->looks[i].unit));
	}
}

static const struct form_advice *advice_of(struct request *q, const struct follow_draft *draft,
                                           const char *field, struct str typed)
{
	bool told = draft->advised != NULL && strcmp(draft->advised, field) == 0;
	return advice_field(q, told ? typed : STR_EMPTY);
}

static struct str photos_hint(struct request *q, const struct follow_draft *draft)
{
	struct str names[PHOTOS_MAX], hint = request_text(q, "report.photos.hint");
	size_t n = draft->kept != NULL ? answers_photos(q, draft->kept, names) : 0;
	return n == 0 ? hint
	              : arena_fmt(q->arena, "%.*s %zu. %.*s", PSTR(request_text(q, "follow.photos.kept")), n,
	                          PSTR(hint));
}

/* It names the case and its version: a second tap on the same button finds it changed. */
struct str follow_seal(struct request *q, const struct ward_case *c, const struct journey *kept)
{
	struct journey j;
	if (kept != NULL)
		j = *kept;
	else
		journey_begin(q, &j);
	journey_set(q, &j, "case", arena_fmt(q->arena, "%lld", (long long)c->id.v));
	journey_set(q, &j, "version", arena_fmt(q->arena, "%lld", (long long)c->version));
	journey_set(q, &j, "seen", arena_fmt(q->arena, "%d", c->seq));
	return journey_seal(q, "receipt", &j);
}

static void add_forms(struct request *q, struct vobj *page, const struct view *v, uint64_t verbs,
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
	view_text(page, F_S, follow_seal(q, &d->c, draft->kept));
	if ((verbs >> VERB_answer & 1) != 0) {
		form_field_add(page, F_ANSWER_FIELDS, F_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA,
		                                    .name = "answer",
		                                    .label = request_text(q, "follow.answer.label"),
		                                    .value = draft->answer,
		                                    .error = draft->answer_error,
		                                    .advice = advice_of(q, draft, "answer", draft->answer),
		                                    .max = TEXT_MAX,
		                                    .rows = 4});
		if (d->c.procedure->photos)
			form_field_add(page, F_ANSWER_FIELDS, F_ERRORS, v,
			               &(struct form_field){.kind = FORM_FILES,
			                                    .name = "photos",
			                                    .label = request_text(q, "report.photos.label"),
			                                    .hint = photos_hint(q, draft),
			                                    .error = draft->photos_error});
	}
	if ((verbs >> VERB_solved & 1) != 0 && !d->c.procedure->oversight)
		form_field_add(page, F_SOLVED_FIELDS, F_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA,
		                                    .name = "thanks",
		                                    .label = request_text(q, "follow.thanks.label"),
		                                    .hint = request_text(q, "follow.thanks.hint"),
		                                    .value = draft->thanks,
		                                    .error = draft->thanks_error,
		                                    .advice = advice_of(q, draft, "thanks", draft->thanks),
		                                    .max = THANKS_MAX,
		                                    .rows = 2});
	if ((verbs >> VERB_reopen & 1) != 0)
		form_field_add(page, F_REOPEN_FIELDS, F_ERRORS, v,
		               &(struct form_field){.kind = FORM_AREA,
		                                    .name = "reason",
		                                    .label = request_text(q, d->c.procedure->oversight ? "redress.appeal.label" : "follow.reopen.label"),
		                                    .value = draft->reopen,
		                                    .error = draft->reopen_error,
		                                    .advice = advice_of(q, draft, "reason", draft->reopen),
		                                    .max = TEXT_MAX,
		                                    .rows = 3});
}

/* That an address is kept, never which. */
static void add_mail(struct request *q, struct vobj *page, const struct view *v,
                     const struct follow_data *d, const struct follow_draft *draft)
{
	bool kept = d->contact != CONTACT_none;
	bool offered = mail_offered(q) && (state_open(d->told->state) || kept);
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
	if (d->c.state != STATE_asked || d->c.top != NULL)
		return STR_EMPTY;
	for (size_t i = d->entry_count; i-- > 0;)
		if (d->entries[i].verb == VERB_ask)
			for (size_t k = 0; k < d->entries[i].part_count; k++)
				if (str_is(d->entries[i].parts[k].name, "text"))
					return d->entries[i].parts[k].body;
	return STR_EMPTY;
}

/* The date that counts and what came of it: of one that follows those of the case that it follows, with
 * its own beside them; where that one is shown to nobody, its own alone. */
static void add_dates(struct request *q, struct vobj *page, const struct follow_data *d)
{
	const struct ward_case *dated = d->hidden ? &d->alone : d->told;
	if (dated->due_at > 0 && state_open(dated->state)) {
		view_day(page, F_DUE, day_of(dated->due_at - 1));
		view_text(page, F_LATEST, clock_latest_words(q, dated->paused_until));
		view_bool(page, F_LATE, d->hidden ? q->now >= dated->due_at : case_late(dated, q->now));
		view_text(page, F_WHY_LATE, d->hidden ? STR_EMPTY : dated->why_late);
		if (q->now < dated->due_at)
			view_url(page, F_REMINDER, reminder_link(q, day_of(dated->due_at - 1)));
	}
	if (d->c.top != NULL && !d->hidden) {
		/* Who stopped it, and when; why may be between the desk and that one's reporter. */
		struct entry *bare = arena_array(q->arena, d->step_count + 1, sizeof *bare);
		for (size_t i = 0; i < d->step_count; i++) {
			bare[i] = d->steps[i];
			bare[i].part_count = 0;
		}
		clock_fill_followed(q, page, F_CLOCK, d->told, bare, d->step_count);
		struct vobj *own = view_obj(page, F_OWN);
		int64_t due = state_open(d->alone.state) ? d->alone.due_at : d->alone.ended_due_at;
		if (due != 0)
			view_day(own, OWN_DUE, day_of(due - 1));
		if (state_open(d->alone.state))
			view_text(own, OWN_LATEST, clock_latest_words(q, d->alone.paused_until));
		clock_fill(q, own, OWN_CLOCK, &d->alone, d->entries, d->entry_count);
	} else
		clock_fill(q, page, F_CLOCK, &d->alone, d->entries, d->entry_count);
	if (d->letter.given_at != 0) {
		view_url(page, F_APOLOGY, request_link(q, "/receipt/apology"));
		view_day(page, F_APOLOGY_DAY, d->letter.new_day);
		view_time(page, F_APOLOGY_AT, d->letter.given_at);
	}
}

enum rc follow_show(struct request *q, struct reply *r, struct case_id id,
                    const struct follow_draft *draft, struct fault *f)
{
	static const struct follow_draft NOTHING = {0};
	static const uint64_t TYPES = UINT64_C(1) << VERB_answer | UINT64_C(1) << VERB_reopen;
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
	const struct ward_case *told = d.told;
	const char *asked = c->top != NULL ? "state.asked.other" : c->procedure->oversight ? "state.asked.you" : "state.asked";
	view_key(page, F_STATE, str_of(state_name(told->state)),
	         told->state == STATE_asked ? request_text(q, asked) : label_state(q, told->state));
	view_bool(page, F_OPEN, state_open(told->state));
	view_bool(page, F_LEAD, c->top != NULL);
	view_bool(page, F_LEAD_HIDDEN, d.hidden);
	view_bool(page, F_BEHIND, c->top != NULL && !d.hidden && told->state == STATE_received && c->state > told->state && state_open(c->state));
	view_bool(page, F_SORTS, c->top != NULL && !d.hidden && told->clock.pause_count + told->clock.extension_count > 0);
	if (case_lead_shown(c)) {
		view_text(page, F_LEAD_CODE, arena_copy(q->arena, str_of(told->public_code)));
		view_url(page, F_LEAD_URL, request_link(q, "/case/%s", told->public_code));
	}
	if (case_reports(told) > 1 && !d.hidden)
		view_int(page, F_REPORTS, case_reports(told));
	view_bool(page, F_OTHERS, c->more > 0 && state_open(told->state) && c->top == NULL);
	view_time(page, F_RECEIVED, c->received_at);
	if (!c->procedure->oversight)
		view_time(page, F_EVENT, c->event_at);
	else if (c->event_at != 0)             /* a request tells the day alone */
		view_day(page, F_EVENT_DAY, day_of(c->event_at));
	add_dates(q, page, &d);
	view_text(page, F_UNIT, d.unit.name);
	struct str area = label_area(q, c->place.area);
	view_text(page, F_PLACE,
	          arena_fmt(q->arena, "%.*s%s%.*s%s%.*s", PSTR(c->place.landmark),
	                    c->place.landmark.n > 0 && c->place.street.n > 0 ? ", " : "",
	                    PSTR(c->place.street),
	                    (c->place.landmark.n > 0 || c->place.street.n > 0) && area.n > 0 ? ", " : "",
	                    PSTR(area)));
	if (told->outcome.n > 0 && !d.hidden)
		view_key(page, F_OUTCOME, told->outcome,
		         request_text(q, arena_fmt(q->arena, "outcome.%.*s", PSTR(told->outcome)).p));
	view_bool(page, F_REDRESS, c->procedure->oversight);
	view_bool(page, F_FINAL, c->procedure->oversight && str_is(c->closed_from, "appealed") && !state_open(c->state));
	view_bool(page, F_UNFOUNDED, !c->procedure->oversight && str_is(told->outcome, "unfounded") && !d.hidden);
	view_bool(page, F_NOBODY, d.nobody);
	if (d.c.held_until != 0)
		view_day(page, F_HELD, d.c.held_until);
	view_bool(page, F_DOORS, str_is(c->outcome, "not_agreed") || str_is(c->outcome, "no_talk"));
	view_bool(page, F_FLOOD, c->flood.v != 0 && state_open(c->state));
	view_bool(page, F_CLEARED, c->flood.v != 0 && !state_open(c->state));
	if (c->top == NULL && c->listed && !c->withheld && c->flood.v == 0)
		view_url(page, F_PUBLIC, request_link(q, "/case/%s", c->public_code));
	view_bool(page, F_WITHHELD, c->top == NULL && c->withheld);
	view_url(page, F_KEPT, request_link(q, "/receipt/kept"));
	view_text(page, F_QUESTION, open_question(&d));
	view_text(page, F_NOTICE, draft->notice);
	add_timeline(q, page, &d);
	add_looks(q, page, &d);
	uint64_t verbs = case_verbs(&q->app->flow, c, NULL, q->now);
	add_forms(q, page, &v, verbs, &d, draft);
	add_mail(q, page, &v, &d, draft);
	danger_fill(q, page, F_DANGER, (struct danger_look){.said = draft->danger, .live = (verbs & TYPES) != 0});
	if (draft->danger)
		form_error_add(page, F_ERRORS, request_text(q, "danger.again"), STR("#danger"));
	if (draft->advised != NULL)
		form_error_add(page, F_ERRORS, request_text(q, "advice.again"),
		               arena_fmt(q->arena, "#%s", draft->advised));
	bool wrong = draft->advised != NULL || draft->danger || draft->answer_error.n + draft->reopen_error.n + draft->photos_error.n +
	                 draft->mail_error.n + draft->thanks_error.n > 0;
	reply_title(r, arena_fmt(q->arena, "%.*s %s", PSTR(request_text(q, "follow.title")), c->code));
	reply_page(q, r, "report/follow", &FOLLOW, page, wrong ? 422 : 200);
	return RC_OK;
}

#include "rooms/desk/desk_templates.h"
#include "ward/fill.h"

/* The forms below a case: which steps this officer may take now, and what each asks. */

struct making {
	struct request *q;
	struct vobj *page, *action;
	const struct view *v;
	const struct desk_data *d;
	const struct desk_draft *draft;   /* an empty one where another step was sent */
};

/* The unit's templates for this step and kind of case. */
static void add_templates(struct making *m, int use)
{
	const struct desk_data *d = m->d;
	if (m->q->format != FORMAT_HTML)
		return;
	for (size_t i = 0; i < d->template_count; i++) {
		const struct reply_template *t = &d->templates[i];
		if ((t->uses & use) == 0 || t->unit.v != d->c.unit.v ||
		    (t->kind.n > 0 && !str_eq(t->kind, d->c.kind)))
			continue;
		struct vobj *o = view_item(m->action, DA_TEMPLATES);
		view_text(o, DT_ID, arena_fmt(m->q->arena, "%lld", (long long)t->id));
		view_text(o, DT_TITLE, t->title);
		view_text(o, DT_TEXT, template_fill(m->q, d, t->body, use));
	}
	view_url(m->action, DA_MANAGE, request_link(m->q, "/desk/templates"));
}

static void begin(struct making *m, enum verb verb, const struct desk_draft *sent)
{
	static const struct desk_draft NOTHING = {0};
	struct request *q = m->q;
	const char *name = verb_name(verb);
	m->draft = sent->verb == verb ? sent : &NOTHING;
	m->action = view_item(m->page, DC_ACTIONS);
	static const int USES[VERB_COUNT] = {[VERB_ask] = USE_ask, [VERB_close] = USE_close,
		[VERB_release] = USE_release, [VERB_note] = USE_note};
	if (USES[verb] != 0)
		add_templates(m, USES[verb]);
	view_text(m->action, DA_ID, str_of(name));
	view_text(m->action, DA_TITLE, request_text(q, arena_fmt(q->arena, "desk.%s.title", name).p));
	view_text(m->action, DA_BUTTON, request_text(q, arena_fmt(q->arena, "desk.%s.button", name).p));
	view_url(m->action, DA_URL, request_link(q, "/desk/case/%s/%s", m->d->c.code, name));
	view_text(m->action, DA_VERSION, arena_fmt(q->arena, "%lld", (long long)m->d->c.version));
	view_text(m->action, DA_SEEN, arena_fmt(q->arena, "%d", m->d->c.seq));
	view_bool(m->action, DA_OPEN, sent->verb == verb);
	if (m->draft->id != 0) {
		view_text(m->action, DA_DRAFT, arena_fmt(q->arena, "%lld", (long long)m->draft->id));
		view_int(m->action, DA_KEPT, (int64_t)m->draft->kept);
	}
}

/* Ids are the step's and the field's, since several forms stand on one page. */
static void add_field(struct making *m, struct form_field ff)
{
	form_field_add(m->action, DA_FORM_FIELDS, -1, m->v, &ff);
	if (ff.error.n > 0)
		form_error_add(m->page, DC_ERRORS, ff.error, arena_fmt(m->q->arena, "#%s", ff.name));
}

/* What the reporter or everybody reads: who is named in it is pointed out before it goes. */
static void told_field(struct making *m, struct form_field ff)
{
	bool advised = m->draft->advised;
	ff.advice = advice_field(m->q, advised ? m->draft->text : STR_EMPTY);
	add_field(m, ff);
	if (advised)
		form_error_add(m->page, DC_ERRORS, request_text(m->q, "advice.again"),
		               arena_fmt(m->q->arena, "#%s", ff.name));
}

static void told_text(struct making *m, const char *name, const char *label, int rows)
{
	told_field(m, (struct form_field){.kind = FORM_AREA,
	                                  .name = name,
	                                  .label = request_text(m->q, label),
	                                  .value = desk_with_originals(m->q) ? m->draft->text : STR_EMPTY,
	                                  .error = m->draft->text_error,
	                                  .rows = rows,
	                                  .max = DESK_TEXT_MAX});
}

static void text_field(struct making *m, const char *name, const char *label, struct str value,
                       struct str error, int rows)
{
	add_field(m, (struct form_field){.kind = rows > 1 ? FORM_AREA : FORM_TEXT,
	                                 .name = name,
	                                 .label = request_text(m->q, label),
	                                 .value = desk_with_originals(m->q) ? value : STR_EMPTY,
	                                 .error = error,
	                                 .rows = rows,
	                                 .max = rows > 1 ? DESK_TEXT_MAX : 0});
}

static void photo_field(struct making *m, const char *name)
{
	view_bool(m->action, DA_FILES, true);
	add_field(m, (struct form_field){.kind = FORM_FILES,
	                                 .name = name,
	                                 .label = request_text(m->q, "report.photos.label"),
	                                 .hint = request_text(m->q, "report.photos.hint"),
	                                 .error = m->draft->photos_error});
}

static void assign_form(struct making *m)
{
	const struct desk_data *d = m->d;
	struct form_option *options = arena_array(m->q->arena, d->unit_count + 1, sizeof *options);
	size_t n = 0;
	for (size_t i = 0; i < d->unit_count; i++)
		if (d->units[i].id.v != d->c.unit.v && d->units[i].until_day == 0)
			options[n++] = (struct form_option){.value = d->units[i].slug,
			                                    .label = d->units[i].name,
			                                    .checked = str_eq(d->units[i].slug, m->draft->unit)};
	add_field(m, (struct form_field){.kind = FORM_RADIOS,
	                                 .name = "assign-unit",
	                                 .label = request_text(m->q, "desk.assign.unit"),
	                                 .error = m->draft->unit_error,
	                                 .options = options,
	                                 .option_count = n});
	text_field(m, "assign-reason", "desk.reason.label", m->draft->reason, m->draft->reason_error, 2);
}

static void appoint_form(struct making *m)
{
	static const char *const NAMES[] = {"appoint-first", "appoint-second"};
	static const char *const LABELS[] = {"desk.appoint.first", "desk.appoint.second"};
	const struct desk_data *d = m->d;
	for (size_t i = 0; i < 2; i++) {
		struct form_option *options = arena_array(m->q->arena, d->mediator_count + 1, sizeof *options);
		size_t n = 0;
		options[n++] = (struct form_option){.value = STR(""), .label = request_text(m->q, "desk.appoint.choose")};
		for (size_t k = 0; k < d->mediator_count; k++) {
			struct str id = arena_fmt(m->q->arena, "%lld", (long long)d->mediators[k].id.v);
			options[n++] = (struct form_option){.value = id, .label = d->mediators[k].name,
			                                    .checked = str_eq(id, m->draft->mediators[i])};
		}
		add_field(m, (struct form_field){.kind = FORM_SELECT, .name = NAMES[i],
		                                 .label = request_text(m->q, LABELS[i]),
		                                 .hint = i == 0 && d->mediator_count < 2
		                                                 ? request_text(m->q, "desk.appoint.few") : STR_EMPTY,
		                                 .error = i == 1 ? m->draft->mediators_error : STR_EMPTY,
		                                 .options = options, .option_count = n});
	}
}

static void correct_form(struct making *m)
{
	struct request *q = m->q;
	const struct ward_case *c = &m->d->c;
	bool sent = m->draft->verb == VERB_correct;
	struct choices kinds = choices_corrected(q, c->procedure, sent ? m->draft->kind : c->kind);
	add_field(m, (struct form_field){.kind = FORM_SELECT,
	                                 .name = "correct-kind",
	                                 .label = request_text(q, "report.check.kind"),
	                                 .error = m->draft->kind_error,
	                                 .options = kinds.options,
	                                 .option_count = kinds.count});
	struct str now = sent ? m->draft->area : arena_fmt(q->arena, "%lld", (long long)c->place.area.v);
	const struct form_option unknown = {.value = STR("0"),
	                                    .label = request_text(q, "desk.area.unknown"),
	                                    .checked = str_is(now, "0")};
	struct choices areas = choices_areas(q, now, &unknown, false);
	add_field(m, (struct form_field){.kind = FORM_SELECT,
	                                 .name = "correct-area",
	                                 .label = request_text(q, "report.area.label"),
	                                 .error = m->draft->area_error,
	                                 .options = areas.options,
	                                 .option_count = areas.count});
	text_field(m, "correct-street", "report.street.label", sent ? m->draft->street : c->place.street,
	           m->draft->street_error, 1);
	text_field(m, "correct-landmark", "report.landmark.label",
	           sent ? m->draft->landmark : c->place.landmark, m->draft->landmark_error, 1);
	text_field(m, "correct-reason", "desk.reason.label", m->draft->reason, m->draft->reason_error, 2);
}

static bool was_ticked(const struct desk_draft *draft, struct str id)
{
	for (size_t i = 0; i < draft->release_count; i++)
		if (str_eq(draft->release[i], id))
			return true;
	return false;
}

static void release_form(struct making *m)
{
	struct request *q = m->q;
	const struct desk_data *d = m->d;
	bool sent = m->draft->verb == VERB_release;
	/* The public text is written beside the original, which is not copied into it: what is not
	 * meant for everybody must not slip through. */
	if (desk_with_originals(q))
		view_text(m->action, DA_ORIGINAL, desk_original(d));
	told_field(m, (struct form_field){
		.kind = FORM_AREA, .name = "release-text", .label = request_text(q, "desk.release.text"),
		.value = !desk_with_originals(q) ? STR_EMPTY : sent ? m->draft->text : d->c.released_text,
		.error = m->draft->text_error, .rows = 4, .max = DESK_TEXT_MAX});
	for (size_t i = 0; i < d->photo_count; i++) {
		struct vobj *o = view_item(m->action, DA_RELEASE);
		struct str id = arena_fmt(q->arena, "%lld", (long long)d->photos[i].id.v);
		view_text(o, DP_ID, id);
		view_bool(o, DP_RELEASED, sent ? was_ticked(m->draft, id) : d->photos[i].released);
		view_text(o, DP_LABEL, arena_fmt(q->arena, "%.*s %zu", PSTR(request_text(q, "photo.label")), i + 1));
		view_url(o, DP_THUMB, request_link(q, "/desk/case/%s/photo/%.*s?thumb=1", d->c.code,
		                                   PSTR(d->photos[i].photo.name)));
	}
}

static void close_form(struct making *m)
{
	struct request *q = m->q;
	struct form_option options[OUTCOME_COUNT];
	for (size_t i = 0; i < OUTCOME_COUNT; i++)
		options[i] = (struct form_option){
			.value = str_of(OUTCOMES[i]),
			.label = request_text(q, arena_fmt(q->arena, "outcome.%s", OUTCOMES[i]).p),
			.checked = str_is(m->draft->outcome, OUTCOMES[i])};
	add_field(m, (struct form_field){.kind = FORM_RADIOS,
	                                 .name = "close-outcome",
	                                 .label = request_text(q, "desk.close.outcome"),
	                                 .error = m->draft->outcome_error,
	                                 .options = options,
	                                 .option_count = OUTCOME_COUNT});
	told_text(m, "close-text", "desk.close.text", 4);
	if (m->d->follower_count > 0)
		view_text(m->action, DA_NOTE, request_text(q, "desk.followers.hint"));
	if (m->d->c.procedure->photos)
		photo_field(m, "close-photos");
}

/* Open by itself when it is wanted: late, and nobody was told why. */
static void explain_form(struct making *m)
{
	struct request *q = m->q;
	const struct ward_case *c = &m->d->c;
	bool sent = m->draft->verb == VERB_explain;
	if (case_late(c, q->now) && c->why_late.n == 0)
		view_bool(m->action, DA_OPEN, true);
	told_field(m, (struct form_field){.kind = FORM_AREA,
	                                 .name = "explain-text",
	                                 .label = request_text(q, "desk.explain.text"),
	                                 .hint = request_text(q, c->listed ? "desk.explain.hint"
	                                                                   : "desk.explain.hint.reporter"),
	                                 .value = sent ? m->draft->text : c->why_late,
	                                 .error = m->draft->text_error,
	                                 .rows = 3,
	                                 .max = DESK_WHY_MAX});
}

/* No date to fill in: how long it will be is the rule's, and said before. */
static void clock_form(struct making *m, bool pause)
{
	struct request *q = m->q;
	const struct ward_case *c = &m->d->c;
	int left;
	const struct rule *rule = case_extendable(&q->app->flow, c, &left);
	struct str length = pause ? clock_amount_words(q, case_pause_cap(&q->app->flow, c, PAUSE_authority), RULE_calendar_day)
	                    : rule != NULL ? clock_amount_words(q, rule->extend.amount, rule->extend.unit)
	                                   : STR_EMPTY;
	const struct filling values[] = {{"length", length}, {"left", arena_fmt(q->arena, "%d", left)}};
	told_field(m, (struct form_field){.kind = FORM_AREA,
	                                 .name = pause ? "pause-text" : "extend-text",
	                                 .label = request_text(q, pause ? "desk.pause.text" : "desk.extend.text"),
	                                 .hint = text_fill(q->arena, request_text(q, pause ? "desk.pause.hint" : "desk.extend.hint"), values, 2),
	                                 .value = m->draft->text,
	                                 .error = m->draft->text_error,
	                                 .rows = 3,
	                                 .max = DESK_WHY_MAX});
}

/* The other case: one near it, or by its code. */
static void merge_form(struct making *m)
{
	struct request *q = m->q;
	struct form_option options[NEAR_MOST];
	size_t n = desk_near_options(q, m->d, m->draft->near, options);
	desk_merge_around(q, m->action, m->d, m->draft->around);
	if (n > 0)
		add_field(m, (struct form_field){.kind = FORM_RADIOS,
		                                 .name = "merge-near",
		                                 .label = request_text(q, "desk.merge.near"),
		                                 .options = options,
		                                 .option_count = n});
	add_field(m, (struct form_field){.kind = FORM_TEXT,
	                                 .name = "merge-code",
	                                 .label = request_text(q, "desk.merge.code"),
	                                 .hint = request_text(q, "desk.merge.hint"),
	                                 .value = m->draft->lead,
	                                 .error = m->draft->lead_error,
	                                 .autocomplete = "off",
	                                 .narrow = true});
	text_field(m, "merge-reason", "desk.reason.label", m->draft->reason, m->draft->reason_error, 2);
}

static void reason_form(struct making *m, const char *name)
{
	text_field(m, name, "desk.reason.label", m->draft->reason, m->draft->reason_error, 2);
	view_bool(m->action, DA_WARN, true);
}

/* There is something to withdraw only where something was released. */
static bool anything_released(const struct desk_data *d)
{
	bool any = d->c.released_text.n > 0 || (d->c.listed && d->c.why_late.n > 0);
	for (size_t i = 0; i < d->photo_count; i++)
		any = any || d->photos[i].released;
	return any;
}

void desk_actions(struct request *q, struct vobj *page, const struct view *v,
                  const struct desk_data *d, const struct desk_draft *draft)
{
	/* In the order of an officer's day. */
	static const enum verb ORDER[] = {VERB_ungather, VERB_unclose, VERB_take, VERB_appoint, VERB_explain, VERB_resume, VERB_ask, VERB_close, VERB_pause, VERB_extend, VERB_release,
		VERB_note, VERB_photo, VERB_assign, VERB_correct, VERB_merge, VERB_unmerge, VERB_split, VERB_unrelease, VERB_withhold, VERB_unwithhold};
	uint64_t verbs = case_verbs(&q->app->flow, &d->c, &q->actor, q->now);
	struct making m = {.q = q, .page = page, .v = v, .d = d};
	/* Who reads without working the case, as oversight does, gets no forms. */
	if (!case_handled_by(&d->c, &q->actor))
		verbs = 0;
	for (enum verb w = VERB_take; d->waits && w < VERB_COUNT; w++)
		if (verb_crosses(w))
			verbs &= ~(UINT64_C(1) << w);
	/* Somebody was quicker and the step is gone, with its form: the words must not be. */
	if (draft->verb != VERB_unset && draft->id == 0 && (verbs >> draft->verb & 1) == 0) {
		struct str typed = draft->text.n > 0 ? draft->text : draft->reason;
		view_text(page, DC_TYPED, draft->lead.n == 0 ? typed : arena_fmt(q->arena, "%.*s\n%.*s", PSTR(draft->lead), PSTR(typed)));
	}
	for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++) {
		enum verb verb = ORDER[i];
		if ((verbs >> verb & 1) == 0 || (verb == VERB_unrelease && !anything_released(d)))
			continue;
		begin(&m, verb, draft);
		switch (verb) {
		case VERB_ungather:
		case VERB_take:
			view_bool(m.action, DA_PLAIN, true);
			break;
		case VERB_ask:
			told_text(&m, "ask-text", "desk.ask.text", 3);
			break;
		case VERB_unclose:
			told_text(&m, "unclose-text", "desk.unclose.text", 3);
			break;
		case VERB_note:
			text_field(&m, "note-text", "desk.note.text", m.draft->text, m.draft->text_error, 3);
			break;
		case VERB_explain:
			explain_form(&m);
			break;
		case VERB_resume:
			view_bool(m.action, DA_PLAIN, true);
			break;
		case VERB_pause:
		case VERB_extend:
			clock_form(&m, verb == VERB_pause);
			break;
		case VERB_photo:
			photo_field(&m, "photo-photos");
			break;
		case VERB_assign:
			assign_form(&m);
			break;
		case VERB_appoint:
			appoint_form(&m);
			break;
		case VERB_correct:
			correct_form(&m);
			break;
		case VERB_release:
			release_form(&m);
			break;
		case VERB_unrelease:
			reason_form(&m, "unrelease-reason");
			break;
		case VERB_withhold:
			reason_form(&m, "withhold-reason");
			break;
		case VERB_unwithhold:
			text_field(&m, "unwithhold-reason", "desk.reason.label", m.draft->reason,
			           m.draft->reason_error, 2);
			break;
		case VERB_merge:
			merge_form(&m);
			break;
		case VERB_unmerge:
			text_field(&m, "unmerge-reason", "desk.reason.label", m.draft->reason, m.draft->reason_error, 2);
			break;
		case VERB_split:
			text_field(&m, "split-reason", "desk.reason.label", m.draft->reason, m.draft->reason_error, 2);
			break;
		case VERB_close:
			close_form(&m);
			break;
		default:
			BUG("a step without a form: %s", verb_name(verb));
		}
	}
}

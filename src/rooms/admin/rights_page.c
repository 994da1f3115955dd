/* /rights: what is refused and promised, in plain words, with what proves each line; the definitions'
 * hash and who changed them; how to try to break it. Public, the same for everybody. */
#include "rooms/admin/admin.h"
#include "ward/people/second.h"
#include "ward/promises.h"

enum { CHANGES = 50, ACTS_MOST = 1000 };

enum { RT_FILE, RT_GREEN, RT_FIELDS };
static const struct field TEST_F[] = {
	[RT_FILE] = {"file", V_TEXT, SEE_PUBLIC, "a test that proves it", NULL, NULL},
	[RT_GREEN] = {"green", V_DAY, SEE_PUBLIC, "day of its last wholly green run", NULL, NULL},
};
static const struct shape TEST = SHAPE("rights_test", TEST_F);
enum { RP_ID, RP_NUMBER, RP_TITLE, RP_TEXT, RP_OFFERED, RP_TESTS, RP_FIELDS };
static const struct field PROMISE_F[] = {
	[RP_ID] = {"id", V_TEXT, SEE_PUBLIC, "place on the page", NULL, NULL},
	[RP_NUMBER] = {"number", V_INT, SEE_PUBLIC, "its number", NULL, NULL},
	[RP_TITLE] = {"title", V_TEXT, SEE_PUBLIC, "what", NULL, NULL},
	[RP_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "in plain words", NULL, NULL},
	[RP_OFFERED] = {"offered", V_BOOL, SEE_PUBLIC, "built and proved", NULL, NULL},
	[RP_TESTS] = {"tests", V_LIST, SEE_PUBLIC, "what proves it", &TEST, NULL},
};
static const struct shape PROMISE = SHAPE("rights_line", PROMISE_F);
enum { RC_KIND, RC_FROM, RC_AT, RC_WHO, RC_MARK, RC_SECOND, RC_SECOND_DAY, RC_FIELDS };
static const struct field CHANGE_F[] = {
	[RC_KIND] = {"kind", V_KEY, SEE_PUBLIC, "kind whose procedure was published", NULL, NULL},
	[RC_FROM] = {"valid_from", V_DAY, SEE_PUBLIC, "valid from", NULL, NULL},
	[RC_AT] = {"at", V_TIME, SEE_PUBLIC, "when it was published", NULL, NULL},
	[RC_WHO] = {"by", V_TEXT, SEE_PUBLIC, "by which role", NULL, NULL},
	[RC_MARK] = {"mark", V_TEXT, SEE_PUBLIC, "beginning of its checksum", NULL, NULL},
	[RC_SECOND] = {"second", V_TEXT, SEE_PUBLIC, "the second organisation, where it signed", NULL, NULL},
	[RC_SECOND_DAY] = {"second_day", V_DAY, SEE_PUBLIC, "when that was", NULL, NULL},
};
static const struct shape CHANGE = SHAPE("rights_change", CHANGE_F);
enum { RA_WHAT, RA_TEXT, RA_DAY, RA_FROM, RA_UNTIL, RA_SECOND, RA_FIELDS };
static const struct field ACT_F[] = {
	[RA_WHAT] = {"what", V_TEXT, SEE_PUBLIC, "grant, end, signer, definitions, link", NULL, NULL},
	[RA_TEXT] = {"text", V_TEXT, SEE_PUBLIC, "the same in words, with the office", NULL, NULL},
	[RA_DAY] = {"day", V_DAY, SEE_PUBLIC, "when it was done", NULL, NULL},
	[RA_FROM] = {"from", V_DAY, SEE_PUBLIC, "first day of oversight", NULL, NULL},
	[RA_UNTIL] = {"until", V_DAY, SEE_PUBLIC, "its last day", NULL, NULL},
	[RA_SECOND] = {"second", V_TEXT, SEE_PUBLIC, "the organisation that signed; none: one signature", NULL, NULL},
};
static const struct shape ACT = SHAPE("rights_act", ACT_F);
enum { RI_REFUSED, RI_PROMISED, RI_HASH, RI_GREEN, RI_COMMIT, RI_CHANGES, RI_SOURCE, RI_SIGNER, RI_SIGNER_DAY,
       RI_SIGNER_KEY, RI_SIGNER_FIRST, RI_ACTS, RI_DEMO, RI_FIELDS };
static const struct field RIGHTS_F[] = {
	[RI_REFUSED] = {"refusals", V_LIST, SEE_PUBLIC, "what is refused", &PROMISE, NULL},
	[RI_PROMISED] = {"promises", V_LIST, SEE_PUBLIC, "what is promised", &PROMISE, NULL},
	[RI_HASH] = {"definitions", V_TEXT, SEE_PUBLIC, "hash of all live definitions", NULL, NULL},
	[RI_GREEN] = {"all_green", V_DAY, SEE_PUBLIC, "day of the last wholly green run", NULL, NULL},
	[RI_COMMIT] = {"commit", V_TEXT, SEE_PUBLIC, "source that was tested", NULL, NULL},
	[RI_CHANGES] = {"changes", V_LIST, SEE_PUBLIC, "definitions published, newest first", &CHANGE,
	                NULL},
	[RI_SOURCE] = {"source_code", V_URL, SEE_PUBLIC, "source of what runs here", NULL, NULL},
	[RI_SIGNER] = {"signer", V_TEXT, SEE_PUBLIC, "the second organisation, if there is one", NULL, NULL},
	[RI_SIGNER_DAY] = {"signer_from", V_DAY, SEE_PUBLIC, "since when it signs", NULL, NULL},
	[RI_SIGNER_KEY] = {"signer_key", V_TEXT, SEE_PUBLIC, "its public key, as it has it itself", NULL, NULL},
	[RI_SIGNER_FIRST] = {"signer_first", V_BOOL, SEE_PUBLIC, "entered by the operator: there was none before", NULL, NULL},
	[RI_ACTS] = {"acts", V_LIST, SEE_PUBLIC, "what was signed about oversight, newest first", &ACT, NULL},
	[RI_DEMO] = {"demo", V_BOOL, SEE_PUBLIC, "a demo: the operator may grant oversight, too", NULL, NULL},
};
const struct shape RIGHTS = SHAPE("rights", RIGHTS_F);

struct rights_work {
	struct procedure_version *rows;
	size_t count, act_count;
	struct second_signer signer;
	struct second_act *acts;
};

static enum rc read_changes(struct tx *tx, void *ctx, struct fault *f)
{
	struct rights_work *w = ctx;
	enum rc rc = procedure_versions(tx, STR_EMPTY, CHANGES, &w->rows, &w->count, f);
	if (rc == RC_OK)
		rc = second_present(tx, &w->signer, f);
	return rc == RC_OK ? second_acts(tx, ACTS_MOST, &w->acts, &w->act_count, f) : rc;
}

/* Who signs for oversight, and what was signed: role, office, organisation, day; no person. */
static void second(struct request *q, struct vobj *page, const struct rights_work *w)
{
	view_bool(page, RI_DEMO, q->ward->demo);
	if (w->signer.n > 0) {
		view_text(page, RI_SIGNER, w->signer.organisation);
		view_day(page, RI_SIGNER_DAY, w->signer.from_day);
		view_text(page, RI_SIGNER_KEY, second_key_text(q->arena, w->signer.key));
		view_bool(page, RI_SIGNER_FIRST, w->signer.n == 1);
	}
	for (size_t i = 0; i < w->act_count; i++) {
		const struct second_act *x = &w->acts[i];
		struct vobj *o = view_item(page, RI_ACTS);
		const char *key = arena_fmt(q->arena, "rights.act.%s%s", second_what_name(x->what), x->first ? ".first" : "").p;
		view_text(o, RA_WHAT, str_of(second_what_name(x->what)));
		view_text(o, RA_TEXT, x->what == SECOND_signer
			? arena_fmt(q->arena, "%.*s: %.*s", PSTR(request_text(q, key)), PSTR(x->s.organisation))
			: request_text(q, key));
		view_day(o, RA_DAY, x->day);
		view_day(o, RA_FROM, x->s.from);
		view_day(o, RA_UNTIL, x->s.until);
		view_text(o, RA_SECOND, x->organisation);
	}
}

static void line(struct request *q, struct vobj *page, const struct promise *x)
{
	struct vobj *o = view_item(page, x->refused ? RI_REFUSED : RI_PROMISED);
	view_text(o, RP_ID, arena_fmt(q->arena, "%s-%d", x->refused ? "refused" : "promise", x->number));
	view_int(o, RP_NUMBER, x->number);
	view_text(o, RP_TITLE, x->title[q->lang]);
	view_text(o, RP_TEXT, x->text[q->lang]);
	view_bool(o, RP_OFFERED, x->offered);
	for (size_t i = 0; i < x->test_count; i++) {
		struct vobj *t = view_item(o, RP_TESTS);
		view_text(t, RT_FILE, x->tests[i].file);
		view_day(t, RT_GREEN, x->tests[i].green_day);
	}
}

enum rc rights_page(struct request *q, struct reply *r, struct fault *f)
{
	struct rights_work w = {0};
	const struct promises *p = &q->app->promises;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_changes, &w, f);
	if (rc != RC_OK)
		return rc;
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &RIGHTS);
	struct hash all = procedures_hash(q->app->procedures, day_of(q->now));
	for (size_t i = 0; i < p->count; i++)
		line(q, page, &p->list[i]);
	view_text(page, RI_HASH, hex_of(q->arena, hash_str(&all)));
	view_day(page, RI_GREEN, p->green_day);
	view_text(page, RI_COMMIT, p->commit);
	if (q->app->settings.source_url[0] != '\0')
		view_url(page, RI_SOURCE, str_of(q->app->settings.source_url));
	for (size_t i = 0; i < w.count; i++) {
		struct vobj *o = view_item(page, RI_CHANGES);
		view_key(o, RC_KIND, w.rows[i].name, label_kind(q, w.rows[i].name));
		view_day(o, RC_FROM, w.rows[i].valid_from);
		view_time(o, RC_AT, w.rows[i].published_at);
		view_text(o, RC_WHO, request_text(q, str_is(w.rows[i].who, "admin") ? "role.admin"
		                                                                     : "admin.operator"));
		view_text(o, RC_MARK, hex_of(q->arena, str_sub(hash_str(&w.rows[i].checksum), 0, 8)));
		const struct second_change change = {w.rows[i].name, w.rows[i].valid_from, w.rows[i].checksum};
		const struct second_act *by = second_countersigned(w.acts, w.act_count, &change);
		if (by != NULL) {
			view_text(o, RC_SECOND, by->organisation);
			view_day(o, RC_SECOND_DAY, by->day);
		}
	}
	second(q, page, &w);
	reply_title(r, request_text(q, "rights.title"));
	reply_view(q, r, page);
	return RC_OK;
}

/* Kinds and their procedures: what is published, compared, withdrawn, put in its place. */
#include "rooms/admin/compare.h"
#include "kit/http/spool.h"
#include "ward/flow/procedure_file.h"
#include "ward/refresh.h"

enum { BYTES_MAX = 64 << 10, VERSIONS = 50, FILES = 64 };

struct procedure_work {
	struct request *q;
	struct str kind;
	struct procedure_version *versions;
	size_t count;
	int64_t open;
	int32_t day;
	bool offer;
	struct procedure parsed;
	size_t published;
	struct fault fault;
};

static enum rc read_versions(struct tx *tx, void *ctx, struct fault *f)
{
	struct procedure_work *w = ctx;
	enum rc rc = procedure_versions(tx, w->kind, VERSIONS, &w->versions, &w->count, f);
	return rc == RC_OK && w->kind.n > 0 ? case_open_of_kind(tx, w->kind, &w->open, f) : rc;
}

static void state_cell(struct admin_page *p, const struct procedure *one)
{
	struct request *q = p->q;
	int32_t from = procedure_withdrawn_from(q->app->procedures, q->ward->id, one->name);
	bool over = from != 0 && from <= day_of(q->now);
	if (!over && procedure_unit_missing(q->app->procedures, q->ward->id, one, day_of(q->now)))
		ap_cell_tag(p, "warn", request_text(q, "admin.kind.nounit"));
	else if (from == 0)
		ap_cell_tag(p, "good", request_text(q, "admin.kind.offered"));
	else
		ap_cell_tag(p, over ? "quiet" : "warn",
		            arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "admin.kind.withdrawn")),
		                      PSTR(admin_date(q, from))));
}

static struct str short_hash(struct request *q, const struct hash *h)
{
	return hex_of(q->arena, str_sub(hash_str(h), 0, 8));
}

/* What is read of the file that was sent, or of the program's own. */
static void check_forms(struct admin_page *p)
{
	struct request *q = p->q;
	const char **files = NULL;
	struct fault f = {0};
	size_t n = 0;
	ap_section(p, "new", "admin.kind.new", "admin.kind.new.text");
	if (!admin_one_ward(q))
		ap_warn(p, request_text(q, "admin.kind.shared"));
	ap_form(p, "admin.kind.upload", "", request_link(q, "/admin/procedures"), "admin.kind.check");
	ap_form_open(p);
	ap_file(p, "definition", "admin.kind.file", "admin.kind.file.hint", ".yaml,.yml");
	const char *dir = arena_fmt(q->arena, "%s/procedures", q->app->settings.share).p;
	if (procedure_files(q->arena, dir, &files, &n, &f) != RC_OK || n == 0)
		return;
	struct form_option *options = arena_array(q->arena, n, sizeof *options);
	for (size_t i = 0; i < n; i++) {
		struct str name = str_of(files[i]);
		while (str_find(name, STR("/")) != SIZE_MAX)
			(void)str_cut(&name, '/');
		options[i] = (struct form_option){.value = name, .label = name};
	}
	ap_form(p, "admin.kind.share", "", request_link(q, "/admin/procedures"), "admin.kind.check");
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "share",
	                                 .label = request_text(q, "admin.kind.share.which"),
	                                 .options = options, .option_count = n});
}

static void kinds_table(struct admin_page *p)
{
	static const char *const HEADS[] = {"admin.kind", "admin.kind.state", "admin.kind.since",
	                                    "admin.kind.unit", "admin.kind.mark", NULL};
	struct request *q = p->q;
	const struct procedure *kinds[CATEGORY_COUNT];
	int32_t today = day_of(q->now);
	size_t n = procedures_all(q->app->procedures, today, kinds, CATEGORY_COUNT);
	struct hash all = procedures_hash(q->app->procedures, today);
	ap_section(p, "kinds", "admin.kind.now", "");
	ap_fact(p, request_text(q, "admin.kind.definitions"), hex_of(q->arena, hash_str(&all)));
	ap_table(p, HEADS, "admin.kind.none");
	for (size_t i = 0; i < n; i++) {
		ap_row(p);
		ap_cell_link(p, kinds[i]->title[q->lang],
		             request_link(q, "/admin/procedures/%.*s", PSTR(kinds[i]->name)));
		state_cell(p, kinds[i]);
		ap_cell_day(p, kinds[i]->valid_from, "");
		ap_cell(p, kinds[i]->unit);
		ap_cell(p, short_hash(q, &kinds[i]->checksum));
	}
}

static enum rc show_all(struct request *q, struct reply *r, struct str wrong)
{
	struct admin_page p;
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = admin_homeless(q, kinds);
	ap_begin(&p, q, "admin.procedures", "admin.procedures.lead");
	kinds_table(&p);
	for (size_t i = 0; i < n; i++)
		ap_warn(&p, admin_homeless_words(q, kinds[i]));
	check_forms(&p);
	if (wrong.n > 0)
		ap_wrong(&p, wrong);
	reply_title(r, request_text(q, "admin.procedures"));
	return ap_reply(&p, r);
}

enum rc procedures_page(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	return show_all(q, r, STR_EMPTY);
}

/* --- one kind --- */

static struct str who(struct request *q, struct str by)
{
	return request_text(q, str_is(by, "admin") ? "role.admin" : "admin.operator");
}

static void versions_table(struct admin_page *p, const struct procedure_work *w)
{
	static const char *const HEADS[] = {"admin.kind.since", "admin.kind.when", "admin.log.who",
	                                    "admin.kind.mark", "admin.kind.compare", NULL};
	struct request *q = p->q;
	ap_section(p, "versions", "admin.kind.versions", "");
	ap_table(p, HEADS, "");
	for (size_t i = 0; i < w->count; i++) {
		const struct procedure_version *v = &w->versions[i];
		ap_row(p);
		ap_cell_day(p, v->valid_from, "");
		ap_cell(p, text_datetime(q->arena, q->lang, v->published_at));
		ap_cell(p, who(q, v->who));
		ap_cell(p, short_hash(q, &v->checksum));
		if (i + 1 < w->count)
			ap_cell_link(p, request_text(q, "admin.kind.compare.before"),
			             request_link(q, "/admin/procedures/%.*s/compare?from=%lld&to=%lld",
			                          PSTR(w->kind), (long long)w->versions[i + 1].id.v,
			                          (long long)v->id.v));
		else
			ap_cell(p, request_text(q, "admin.kind.first"));
	}
}

static void withdraw_form(struct admin_page *p, const struct procedure_work *w,
                          const struct procedure *now, int32_t from)
{
	struct request *q = p->q;
	struct str action = request_link(q, "/admin/procedures/%.*s", PSTR(w->kind));
	ap_section(p, "withdraw", "admin.kind.withdraw", "admin.kind.withdraw.text");
	/* A kind that is not listed one by one is nobody's live figure (RIGHTS.md promise 5). */
	if (now->listed && !now->conduct)
		ap_fact(p, request_text(q, "admin.kind.open"), text_count(q->arena, q->lang, w->open));
	else
		ap_item(p, request_text(q, "admin.kind.open.hidden"), STR_EMPTY);
	if (from != 0) {
		ap_warn(p, arena_fmt(q->arena, "%.*s %.*s.", PSTR(request_text(q, "admin.kind.withdrawn")),
		                     PSTR(admin_date(q, from))));
		ap_form(p, "admin.kind.offer", "admin.kind.offer.text", action, "admin.kind.offer");
		ap_hidden(p, "do", STR("offer"));
		return;
	}
	struct str typed = request_form(q, "last"), clean;
	if (text_clean(q->arena, typed, TEXT_LINE, 40, &clean) != RC_OK || clean.n == 0)
		clean = admin_date(q, day_of(q->now));
	ap_form(p, "admin.kind.withdraw", "", action, "admin.kind.withdraw");
	ap_form_warn(p);
	ap_hidden(p, "do", STR("withdraw"));
	ap_day(p, "last", "admin.kind.withdraw.from", "admin.day.hint", clean,
	        w->fault.rc != RC_OK ? request_text(q, "admin.kind.withdraw.wrong") : STR_EMPTY);
}

static enum rc show_kind(struct request *q, struct reply *r, struct procedure_work *w,
                         struct fault *f)
{
	struct admin_page p;
	const struct procedure *now = procedure_of_kind(q->app->procedures, w->kind, day_of(q->now));
	if (now == NULL)
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_versions, w, f);
	if (rc != RC_OK)
		return rc;
	ap_begin_named(&p, q, now->title[q->lang], "");
	ap_back(&p, "admin.procedures", "/admin/procedures");
	ap_section(&p, "kind", "", "");
	ap_fact(&p, request_text(q, "admin.kind.about"), now->about[q->lang]);
	ap_fact(&p, request_text(q, "admin.kind.unit"), now->unit);
	ap_fact(&p, request_text(q, "admin.kind.listed"),
	        request_text(q, now->listed ? "admin.yes" : "admin.no"));
	ap_fact(&p, request_text(q, "admin.kind.photos"),
	        request_text(q, now->photos ? "admin.yes" : "admin.no"));
	versions_table(&p, w);
	withdraw_form(&p, w, now, procedure_withdrawn_from(q->app->procedures, q->ward->id, w->kind));
	reply_title(r, now->title[q->lang]);
	return ap_reply(&p, r);
}

enum rc procedure_page(struct request *q, struct reply *r, struct fault *f)
{
	struct procedure_work w = {.q = q, .kind = request_param(q, "kind")};
	return show_kind(q, r, &w, f);
}

static enum rc withdraw_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct procedure_work *w = ctx;
	enum rc rc = w->offer ? procedure_offer(tx, w->kind, f)
	                      : procedure_withdraw(tx, w->kind, w->day, f);
	if (rc != RC_OK)
		return rc;
	return admin_log_add(tx, w->q->actor.account,
	                     w->offer ? ACT_procedure_offer : ACT_procedure_withdraw, w->kind,
	                     w->offer ? STR_EMPTY : text_day_iso(tx_arena(tx), w->day), f);
}

enum rc procedure_withdraw_send(struct request *q, struct reply *r, struct fault *f)
{
	struct procedure_work w = {.q = q, .kind = request_param(q, "kind"),
	                           .offer = str_is(request_form(q, "do"), "offer")};
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (procedure_of_kind(q->app->procedures, w.kind, day_of(q->now)) == NULL)
		return RC_NONE;
	if (!w.offer && !str_is(request_form(q, "do"), "withdraw"))
		return RC_BAD_REQUEST;
	if (!w.offer && (!admin_day(request_form(q, "last"), false, &w.day) || w.day < day_of(q->now))) {
		(void)fault_at(&w.fault, RC_INVALID, "", 0, "last", "no day from today on");
		return show_kind(q, r, &w, f);
	}
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, withdraw_tx, &w, f);
	if (rc == RC_OK || rc == RC_NONE) {
		enum rc seen = definitions_seen(q->app, f);
		if (seen != RC_OK)
			return seen;
		admin_done(q, r, rc == RC_NONE ? "nothing" : w.offer ? "offered" : "withdrawn",
		           arena_fmt(q->arena, "/admin/procedures/%.*s", PSTR(w.kind)));
		return RC_OK;
	}
	return rc;
}

/* --- two versions side by side --- */

static const struct procedure_version *version_of(const struct procedure_work *w, struct str text)
{
	int64_t id;
	if (!str_i64(text, &id))
		return NULL;
	for (size_t i = 0; i < w->count; i++)
		if (w->versions[i].id.v == id)
			return &w->versions[i];
	return NULL;
}

static struct str version_label(struct request *q, const struct procedure_version *v)
{
	return arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "admin.since")),
	                 PSTR(admin_date(q, v->valid_from)));
}

enum rc procedure_compare(struct request *q, struct reply *r, struct fault *f)
{
	struct procedure_work w = {.q = q, .kind = request_param(q, "kind")};
	struct admin_page p;
	if (procedure_of_kind(q->app->procedures, w.kind, day_of(q->now)) == NULL)
		return RC_NONE;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, read_versions, &w, f);
	if (rc != RC_OK)
		return rc;
	const struct procedure_version *from = version_of(&w, request_query(q, "from"));
	const struct procedure_version *to = version_of(&w, request_query(q, "to"));
	if (from == NULL || to == NULL)
		return RC_NONE;
	ap_begin(&p, q, "admin.kind.compared", "admin.kind.compared.lead");
	ap_back(&p, "admin.procedures",
	        arena_fmt(q->arena, "/admin/procedures/%.*s", PSTR(w.kind)).p);
	ap_section_text(&p, "lines", label_kind(q, w.kind), STR_EMPTY);
	ap_compare(&p, version_label(q, from), version_label(q, to));
	if (compare_texts(&p, from->bytes, to->bytes) == 0)
		ap_item(&p, request_text(q, "admin.kind.same"), STR_EMPTY);
	reply_title(r, request_text(q, "admin.kind.compared"));
	return ap_reply(&p, r);
}

/* --- a new one: checked, compared, published --- */

static enum rc sent_file(struct request *q, struct str *name, struct str *bytes, struct fault *f)
{
	struct buf b = {.max = BYTES_MAX + 1};
	struct str block;
	if (q->upload_count == 0 || q->uploads[0].size == 0)
		return RC_NONE;
	if (q->uploads[0].size > BYTES_MAX)
		return RC_TOO_BIG;
	if (text_clean(q->arena, q->uploads[0].file_name, TEXT_LINE, 100, name) != RC_OK || name->n == 0)
		*name = STR("?");
	enum rc rc = spool_rewind(q->uploads[0].spool, f);
	while (rc == RC_OK && (rc = spool_read(q->uploads[0].spool, &block, f)) == RC_OK)
		buf_add(&b, block);
	*bytes = arena_take(q->arena, &b);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc share_file(struct request *q, struct str *name, struct str *bytes, struct fault *f)
{
	const char **files, *dir = arena_fmt(q->arena, "%s/procedures", q->app->settings.share).p;
	size_t n;
	*name = request_form(q, "share");
	enum rc rc = procedure_files(q->arena, dir, &files, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct str base = str_of(files[i]);
		while (str_find(base, STR("/")) != SIZE_MAX)
			(void)str_cut(&base, '/');
		if (str_eq(base, *name))     /* one of the folder's own names, never a path that was sent */
			return file_read(q->arena, files[i], BYTES_MAX, bytes, f);
	}
	return rc == RC_OK ? RC_NONE : rc;
}

/* A form's line ends are the browser's. */
static struct str unix_lines(struct arena *a, struct str s)
{
	struct buf b = {.max = BYTES_MAX * 2};
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\r' || i + 1 >= s.n || s.p[i + 1] != '\n')
			buf_addc(&b, s.p[i]);
	return arena_take(a, &b);
}

static void faults_table(struct admin_page *p, const struct yaml_reader *y)
{
	static const char *const HEADS[] = {"admin.fault.file", "admin.fault.line", "admin.fault.field",
	                                    "admin.fault.why", NULL};
	struct request *q = p->q;
	size_t kept = sizeof y->faults / sizeof *y->faults;
	ap_section(p, "faults", "admin.fault.title", "admin.fault.text");
	ap_table(p, HEADS, "");
	for (size_t i = 0; i < y->fault_count && i < kept; i++) {
		const struct fault *x = &y->faults[i];
		struct str text = str_of(x->text), field = str_of(x->field), file = str_of(x->file);
		ap_row(p);
		ap_cell(p, text_utf8_ok(file) ? arena_copy(q->arena, file) : STR("?"));
		ap_cell(p, arena_fmt(q->arena, "%d", x->line));
		ap_cell(p, text_utf8_ok(field) ? arena_copy(q->arena, field) : STR("?"));
		ap_cell(p, text_utf8_ok(text) ? arena_copy(q->arena, text) : STR("?"));
	}
}

static void checked(struct admin_page *p, const struct procedure *x, struct str day_error)
{
	struct request *q = p->q;
	const struct procedure *now = procedure_of_kind(q->app->procedures, x->name, day_of(q->now));
	ap_section_text(p, "lines", x->title[q->lang],
	                request_text(q, now != NULL ? "admin.kind.fine" : "admin.kind.fine.new"));
	if (now != NULL) {
		ap_compare(p, arena_fmt(q->arena, "%.*s %.*s", PSTR(request_text(q, "admin.since")),
		                        PSTR(admin_date(q, now->valid_from))),
		           request_text(q, "admin.kind.this"));
		if (compare_texts(p, now->bytes, x->bytes) == 0) {
			ap_item(p, request_text(q, "admin.kind.same"), STR_EMPTY);
			return;
		}
	}
	ap_section(p, "publish", "admin.kind.publish", "admin.kind.publish.text");
	if (!admin_one_ward(q)) {
		ap_warn(p, request_text(q, "admin.kind.shared"));
		return;
	}
	struct str typed = request_form(q, "since"), clean;
	if (text_clean(q->arena, typed, TEXT_LINE, 40, &clean) != RC_OK || clean.n == 0)
		clean = admin_date(q, day_of(q->now));
	ap_form(p, "", "", request_link(q, "/admin/procedures/publish"), "admin.kind.publish");
	ap_form_open(p);
	ap_hidden(p, "yaml", x->bytes);
	ap_day(p, "since", "admin.kind.publish.from", "admin.day.hint", clean, day_error);
}

static enum rc show_checked(struct request *q, struct reply *r, struct str name, struct str bytes,
                            struct str day_error)
{
	struct yaml_reader *y = ARENA_NEW(q->arena, struct yaml_reader);
	struct procedure x = {0};
	struct admin_page p;
	enum rc rc = procedure_parse(y, q->arena, arena_z(q->arena, name), bytes, q->app->rules,
	                             q->app->refused, &x);
	ap_begin(&p, q, "admin.kind.checked", "");
	ap_back(&p, "admin.procedures", "/admin/procedures");
	if (rc != RC_OK) {
		faults_table(&p, y);
		ap_wrong(&p, request_text(q, "admin.kind.refused"));
	} else {
		checked(&p, &x, day_error);
	}
	reply_title(r, request_text(q, "admin.kind.checked"));
	return ap_reply(&p, r);
}

enum rc procedure_check_send(struct request *q, struct reply *r, struct fault *f)
{
	struct str name = STR_EMPTY, bytes = STR_EMPTY;
	if (q->body_rc == RC_TOO_BIG)
		return show_all(q, r, request_text(q, "admin.kind.big"));
	if (q->body_rc != RC_OK)
		return q->body_rc;
	enum rc rc = request_has(q, "share") ? share_file(q, &name, &bytes, f)
	                                     : sent_file(q, &name, &bytes, f);
	if (rc == RC_NONE)
		return show_all(q, r, request_text(q, "admin.kind.nofile"));
	if (rc == RC_TOO_BIG)
		return show_all(q, r, request_text(q, "admin.kind.big"));
	return rc == RC_OK ? show_checked(q, r, name, bytes, STR_EMPTY) : rc;
}

static enum rc publish_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct procedure_work *w = ctx;
	enum rc rc = procedure_publish(tx, w->q->app->procedures, &w->parsed, w->day, STR("admin"),
	                               &w->published, f);
	if (rc != RC_OK || w->published == 0)
		return rc;
	struct str mark = hex_of(tx_arena(tx), str_sub(hash_str(&w->parsed.checksum), 0, 8));
	return admin_log_add(tx, w->q->actor.account, ACT_procedure_publish, w->parsed.name,
	                     arena_fmt(tx_arena(tx), "%.*s, %.*s", PSTR(text_day_iso(tx_arena(tx), w->day)),
	                               PSTR(mark)), f);
}

enum rc procedure_publish_send(struct request *q, struct reply *r, struct fault *f)
{
	struct procedure_work w = {.q = q};
	struct yaml_reader *y = ARENA_NEW(q->arena, struct yaml_reader);
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!admin_one_ward(q))
		return RC_DENIED;
	struct str yaml = unix_lines(q->arena, request_form(q, "yaml"));
	if (yaml.n > BYTES_MAX)
		return RC_TOO_BIG;
	if (!admin_day(request_form(q, "since"), false, &w.day) || w.day < day_of(q->now))
		return show_checked(q, r, STR("yaml"), yaml, request_text(q, "admin.kind.withdraw.wrong"));
	if (procedure_parse(y, q->arena, "yaml", yaml, q->app->rules, q->app->refused, &w.parsed) != RC_OK)
		return show_checked(q, r, STR("yaml"), yaml, STR_EMPTY);
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, publish_tx, &w, f);
	if (rc == RC_INVALID)
		return show_checked(q, r, STR("yaml"), yaml, request_text(q, "admin.kind.later"));
	if (rc == RC_REFUSED)
		return show_checked(q, r, STR("yaml"), yaml, request_text(q, "admin.kind.category"));
	if (rc == RC_OK)
		rc = definitions_seen(q->app, f);
	if (rc == RC_OK)
		admin_done(q, r, w.published > 0 ? "published" : "nothing", STR("/admin/procedures"));
	return rc;
}

/* The ward's areas: listed with their days, imported after a look at overlaps and gaps; street names. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "kit/http/spool.h"
#include "rooms/admin/admin.h"
#include "ward/refresh.h"

enum { NAMES_BYTES = 1 << 20 };

/* Boundaries are worked on one file at a time: a second one waits for nobody, it is told to come back. */
static pthread_mutex_t working = PTHREAD_MUTEX_INITIALIZER;

/* One file waits between the look and the yes, of the ward's own. */
static const char *waiting_file(struct request *q, const char *ending)
{
	return arena_fmt(q->arena, "%s/import-%lld.%s", q->app->settings.data, (long long)q->ward->id.v,
	                 ending).p;
}

static enum rc keep_upload(struct request *q, const char *path, size_t most, struct hash *hash,
                           struct fault *f)
{
	struct buf b = {.max = most + 1};
	struct str block;
	if (q->upload_count == 0 || q->uploads[0].size == 0)
		return RC_NONE;
	if (q->uploads[0].size > most)
		return RC_TOO_BIG;
	enum rc rc = spool_rewind(q->uploads[0].spool, f);
	while (rc == RC_OK && (rc = spool_read(q->uploads[0].spool, &block, f)) == RC_OK)
		buf_add(&b, block);
	if (rc != RC_NONE) {
		buf_release(&b);
		return rc;
	}
	*hash = hash_of(NULL, "xom.import", buf_str(&b));
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t done = 0;
	while (fd >= 0 && done < b.n) {
		ssize_t n = write(fd, b.p + done, b.n - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	bool all = fd >= 0 && done == b.n;
	rc = all ? RC_OK : fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot keep the file: %s",
	                             strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	buf_release(&b);
	return rc;
}

/* --- the list --- */

static struct str level_label(struct request *q, struct str level)
{
	return request_text(q, str_is(level, "khu_vuc") ? "admin.area.khu_vuc" : "admin.area.commune");
}

static void upload_form(struct admin_page *p)
{
	struct request *q = p->q;
	bool commune = str_is(request_form(q, "level"), "commune");
	const struct form_option levels[] = {
		{.value = STR("khu_vuc"), .label = request_text(q, "admin.area.khu_vuc"), .checked = !commune},
		{.value = STR("commune"), .label = request_text(q, "admin.area.commune"), .checked = commune}};
	struct str from;
	if (text_clean(q->arena, request_form(q, "valid"), TEXT_LINE, 40, &from) != RC_OK || from.n == 0)
		from = admin_date(q, day_of(q->now));
	int32_t day;
	ap_section(p, "import", "admin.area.import", "admin.area.import.text");
	ap_form(p, "", "", request_link(q, "/admin/areas"), "admin.area.look");
	ap_form_open(p);
	ap_field(p, &(struct form_field){.kind = FORM_SELECT, .name = "level", .options = levels,
	                                 .label = request_text(q, "admin.area.level"),
	                                 .option_count = 2});
	ap_day(p, "valid", "admin.area.from", "admin.day.hint", from,
	        admin_day(from, false, &day) ? STR_EMPTY : request_text(q, "admin.day.wrong"));
	ap_file(p, "areas", "admin.area.file", "admin.area.file.hint", ".geojson,.json");
	ap_section(p, "names", "admin.area.names", "admin.area.names.text");
	size_t n = 0;
	(void)place_names(q->app->places, q->ward->id, &n);
	ap_fact(p, request_text(q, "admin.area.names.now"), text_count(q->arena, q->lang, (int64_t)n));
	ap_form(p, "", "", request_link(q, "/admin/areas/names"), "admin.area.names.send");
	ap_form_open(p);
	ap_file(p, "streets", "admin.area.names.file", "admin.area.names.hint", ".yaml,.yml");
}

static enum rc show_list(struct request *q, struct reply *r, struct str wrong)
{
	static const char *const HEADS[] = {"admin.area.name", "admin.area.code", "admin.area.level",
	                                    "admin.area.from", "admin.area.until", NULL};
	struct admin_page p;
	struct area *areas;
	int32_t today = day_of(q->now);
	size_t n = place_ward_areas(q->app->places, q->arena, q->ward->id, &areas);
	ap_begin(&p, q, "admin.areas", "admin.areas.lead");
	ap_section(&p, "list", "admin.area.list", "");
	ap_table(&p, HEADS, "admin.area.none");
	for (size_t i = 0; i < n; i++) {
		bool over = areas[i].valid_to != 0 && areas[i].valid_to < today;
		ap_row(&p);
		ap_cell(&p, areas[i].name);
		ap_cell(&p, areas[i].code);
		ap_cell(&p, level_label(q, areas[i].level));
		ap_cell_day(&p, areas[i].valid_from, "");
		if (over)
			ap_cell_tag(&p, "quiet", admin_date(q, areas[i].valid_to));
		else
			ap_cell_day(&p, areas[i].valid_to, "admin.person.nolast");
	}
	upload_form(&p);
	if (wrong.n > 0)
		ap_wrong(&p, wrong);
	reply_title(r, request_text(q, "admin.areas"));
	return ap_reply(&p, r);
}

enum rc areas_page(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	return show_list(q, r, STR_EMPTY);
}

/* --- the look --- */

static void lines_table(struct admin_page *p, const struct import_report *r)
{
	static const char *const HEADS[] = {"admin.area.feature", "admin.area.code", "admin.fault.why",
	                                    NULL};
	struct request *q = p->q;
	ap_section(p, "said", "admin.area.said", "");
	ap_fact(p, request_text(q, "admin.area.taken"), text_count(q->arena, q->lang, (int64_t)r->taken));
	ap_fact(p, request_text(q, "admin.area.refused"),
	        text_count(q->arena, q->lang, (int64_t)r->refused));
	if (r->line_count == 0)
		return;
	ap_table(p, HEADS, "");
	for (size_t i = 0; i < r->line_count && i < 200; i++) {
		ap_row(p);
		ap_cell(p, arena_fmt(q->arena, "%d", r->lines[i].feature));
		ap_cell(p, r->lines[i].code);
		ap_cell(p, r->lines[i].text);
	}
}

static struct str square(struct request *q, double m)
{
	return arena_fmt(q->arena, "%.*s m²", PSTR(text_count(q->arena, q->lang, (int64_t)llround(m))));
}

static void parts_table(struct admin_page *p, const struct area_preview *v)
{
	static const char *const OVERLAPS[] = {"admin.area.first", "admin.area.second", "admin.area.size",
	                                       NULL};
	static const char *const GAPS[] = {"admin.area.gap", "admin.area.size", NULL};
	struct request *q = p->q;
	ap_section(p, "overlaps", "admin.area.overlaps", "");
	ap_table(p, OVERLAPS, "admin.area.overlaps.none");
	for (size_t i = 0; i < v->overlap_count; i++) {
		ap_row(p);
		ap_cell(p, v->overlaps[i].first);
		ap_cell(p, v->overlaps[i].second);
		ap_cell(p, square(q, v->overlaps[i].square_m));
	}
	ap_section(p, "gaps", "admin.area.gaps", "");
	ap_table(p, GAPS, "admin.area.gaps.none");
	for (size_t i = 0; i < v->gap_count; i++) {
		ap_row(p);
		ap_cell(p, arena_fmt(q->arena, "%zu", i + 1));
		ap_cell(p, square(q, v->gaps[i].square_m));
	}
}

static void picture(struct admin_page *p, const struct area_preview *v)
{
	struct request *q = p->q;
	ap_section(p, "picture", "admin.area.picture", "");
	ap_picture(p, arena_fmt(q->arena, "-10 -10 %d %d", v->width + 20, v->height + 20),
	           request_text(q, "admin.area.picture"));
	for (size_t i = 0; i < v->area_count; i++)
		ap_shape(p, v->areas[i].fresh ? "new" : "old", v->areas[i].path, v->areas[i].name);
	for (size_t i = 0; i < v->gap_count; i++)
		ap_shape(p, "sliver", v->gaps[i].path, square(q, v->gaps[i].square_m));
	for (size_t i = 0; i < v->overlap_count; i++)
		ap_shape(p, "overlap", v->overlaps[i].path, square(q, v->overlaps[i].square_m));
}

static void show_look(struct request *q, struct reply *r, const struct area_preview *v,
                      struct str level, int32_t from, const struct hash *hash)
{
	struct admin_page p;
	ap_begin(&p, q, "admin.area.looked", "admin.area.looked.lead");
	ap_back(&p, "admin.areas", "/admin/areas");
	if (v->area_count > 0)
		picture(&p, v);
	parts_table(&p, v);
	lines_table(&p, &v->report);
	if (v->report.taken > 0) {
		ap_section(&p, "take", "admin.area.take", "admin.area.take.text");
		ap_form(&p, "", "", request_link(q, "/admin/areas/take"), "admin.area.take");
		ap_form_open(&p);
		ap_hidden(&p, "level", level);
		ap_hidden(&p, "valid", text_day_iso(q->arena, from));
		ap_hidden(&p, "mark", hex_of(q->arena, hash_str(hash)));
	} else {
		ap_wrong(&p, request_text(q, "admin.area.nothing"));
	}
	reply_title(r, request_text(q, "admin.area.looked"));
	(void)ap_reply(&p, r);
}

static bool known_level(struct str level)
{
	return str_is(level, "khu_vuc") || str_is(level, "commune");
}

enum rc areas_preview(struct request *q, struct reply *r, struct fault *f)
{
	struct area_preview v;
	struct hash hash;
	struct fault why = {0};
	struct str level = request_form(q, "level");
	int32_t from;
	if (q->body_rc == RC_TOO_BIG)
		return show_list(q, r, request_text(q, "admin.area.big"));
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!known_level(level))
		return RC_BAD_REQUEST;
	if (!admin_day(request_form(q, "valid"), false, &from))
		return show_list(q, r, STR_EMPTY);
	if (pthread_mutex_trylock(&working) != 0)
		return RC_AGAIN;
	const char *path = waiting_file(q, "geojson");
	enum rc rc = keep_upload(q, path, IMPORT_PAGE_BYTES, &hash, f);
	if (rc == RC_OK) {
		rc = place_preview(q->app->places, q->arena, path, level, from, q->ward->id, &v, &why);
		if (rc != RC_OK)
			(void)unlink(path);
	}
	(void)pthread_mutex_unlock(&working);
	if (rc == RC_OK) {
		show_look(q, r, &v, level, from, &hash);
		return RC_OK;
	}
	if (rc == RC_NONE || rc == RC_TOO_BIG)
		return show_list(q, r, request_text(q, rc == RC_NONE ? "admin.kind.nofile" : "admin.area.big"));
	if (rc != RC_INVALID)
		return rc;
	return show_list(q, r, arena_fmt(q->arena, "%.*s %d. %.*s",
	                                 PSTR(request_text(q, "admin.area.broken")), why.line,
	                                 PSTR(text_utf8_ok(str_of(why.text))
	                                          ? arena_copy(q->arena, str_of(why.text)) : STR("?"))));
}

static enum rc log_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct admin_entry *e = ctx;
	return admin_log_add(tx, e->account, e->act, e->subject, e->detail, f);
}

static enum rc seen_and_logged(struct request *q, enum admin_act act, struct str subject,
                               struct str detail, struct fault *f)
{
	struct admin_entry e = {.account = q->actor.account, .act = act, .subject = subject,
	                        .detail = detail};
	enum rc rc = store_write(q->app->store, q->ward->id, q->arena, log_tx, &e, f);
	return rc == RC_OK ? definitions_seen(q->app, f) : rc;
}

enum rc areas_confirm(struct request *q, struct reply *r, struct fault *f)
{
	struct import_report report;
	struct str level = request_form(q, "level"), bytes;
	int32_t from;
	if (q->body_rc != RC_OK)
		return q->body_rc;
	if (!known_level(level) || !admin_day(request_form(q, "valid"), false, &from))
		return RC_BAD_REQUEST;
	const char *path = waiting_file(q, "geojson");
	if (pthread_mutex_trylock(&working) != 0)
		return RC_AGAIN;
	enum rc rc = file_read(q->arena, path, IMPORT_PAGE_BYTES, &bytes, f);
	struct hash hash = hash_of(NULL, "xom.import", rc == RC_OK ? bytes : STR_EMPTY);
	/* Somebody looked at another file meanwhile: what was seen is what is taken. */
	if (rc == RC_OK && !str_eq(hex_of(q->arena, hash_str(&hash)), request_form(q, "mark")))
		rc = RC_NONE;
	bool there = rc == RC_OK;
	if (there)
		rc = place_import_ward(q->app->store, q->arena, path, level, from, q->app->places, q->ward->id,
		                       &report, f);
	if (there)
		(void)unlink(path);
	(void)pthread_mutex_unlock(&working);
	if (rc == RC_NONE)
		return show_list(q, r, request_text(q, "admin.area.gone"));
	if (rc != RC_OK)
		return rc;
	rc = seen_and_logged(q, ACT_areas, level,
	                     arena_fmt(q->arena, "%.*s: %zu, %zu", PSTR(text_day_iso(q->arena, from)),
	                               report.taken, report.refused), f);
	if (rc != RC_OK)
		return rc;
	if (report.refused == 0) {
		admin_done(q, r, "areas", STR("/admin/areas"));
		return RC_OK;
	}
	struct admin_page p;
	ap_begin(&p, q, "admin.area.result", "");
	ap_back(&p, "admin.areas", "/admin/areas");
	lines_table(&p, &report);
	reply_title(r, request_text(q, "admin.area.result"));
	return ap_reply(&p, r);
}

enum rc names_send(struct request *q, struct reply *r, struct fault *f)
{
	struct hash hash;
	struct fault why = {0};
	size_t count = 0;
	if (q->body_rc == RC_TOO_BIG)
		return show_list(q, r, request_text(q, "admin.area.big"));
	if (q->body_rc != RC_OK)
		return q->body_rc;
	const char *path = waiting_file(q, "yaml");
	enum rc rc = keep_upload(q, path, NAMES_BYTES, &hash, f);
	if (rc == RC_OK) {
		rc = place_names_import(q->app->store, q->arena, q->ward, path, &count, &why);
		(void)unlink(path);
	}
	if (rc == RC_NONE || rc == RC_TOO_BIG)
		return show_list(q, r, request_text(q, rc == RC_NONE ? "admin.kind.nofile" : "admin.area.big"));
	if (rc == RC_INVALID)
		return show_list(q, r, arena_fmt(q->arena, "%.*s %d. %s: %s",
		                                 PSTR(request_text(q, "admin.area.broken")), why.line,
		                                 text_utf8_ok(str_of(why.field)) ? why.field : "?",
		                                 text_utf8_ok(str_of(why.text)) ? why.text : "?"));
	if (rc == RC_OK)
		rc = seen_and_logged(q, ACT_names, STR_EMPTY, text_count(q->arena, LANG_en, (int64_t)count), f);
	if (rc == RC_OK)
		admin_done(q, r, "names", STR("/admin/areas"));
	return rc;
}

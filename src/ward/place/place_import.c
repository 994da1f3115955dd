/* Import of a GeoJSON file: reads it, reads its features, writes them in slices. */
#include "ward/place/place_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/text.h"

enum { FILE_MAX = 64 << 20, SLICE_BYTES = 512 << 10 };

/* ---- the file ---- */

static enum rc read_fd(int fd, const char *file, struct str *out, struct fault *f)
{
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fault_set(f, RC_IO, "%s is not a file", file);
	if (st.st_size > FILE_MAX)
		return fault_set(f, RC_TOO_BIG, "%s has %lld MiB; at most %d are read", file,
		                 (long long)(st.st_size >> 20), FILE_MAX >> 20);
	char *p = malloc((size_t)st.st_size + 1);
	if (p == NULL)
		return fault_set(f, RC_NOMEM, "no memory for %s", file);
	size_t n = 0;
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			free(p);
			return fault_set(f, RC_IO, "cannot read %s: %s", file,
			                 got == 0 ? "it became shorter" : strerror(errno));
		}
		n += (size_t)got;
	}
	*out = (struct str){p, n};
	return RC_OK;
}

static enum rc read_whole(const char *file, struct str *out, struct fault *f)
{
	/* Not blocking: a pipe by that name must not hold us. */
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fault_set(f, RC_IO, "cannot open %s: %s", file, strerror(errno));
	enum rc rc = read_fd(fd, file, out, f);
	(void)close(fd);
	return rc;
}

/* Length of the UTF-8 sequence at p, 0 when it is none. */
static size_t sequence(const char *p, size_t left)
{
	for (size_t n = 1; n <= 4 && n <= left; n++)
		if (*p == '\0' || text_utf8_ok((struct str){p, n}))
			return n;
	return 0;
}

/* So that one feature's broken name does not cost the others: each broken byte becomes U+FFFD, and
 * feature_read refuses the name that has one. */
static enum rc repair_utf8(struct str *bytes, struct fault *f)
{
	struct buf b = {.max = (size_t)4 * FILE_MAX};
	for (size_t i = 0, n; i < bytes->n; i += n) {
		n = sequence(bytes->p + i, bytes->n - i);
		if (n > 0)
			buf_add(&b, str_sub(*bytes, i, n));
		else
			buf_addz(&b, "\xef\xbf\xbd");
		n += n == 0;
	}
	if (b.failed) {
		buf_release(&b);
		return fault_set(f, RC_NOMEM, "no memory to read a file that is not UTF-8");
	}
	free((char *)(uintptr_t)bytes->p);
	*bytes = (struct str){b.p, b.n};
	return RC_OK;
}

static enum rc parse(const char *file, json_t **out, struct fault *f)
{
	struct str bytes = STR_EMPTY;
	enum rc rc = read_whole(file, &bytes, f);
	if (rc != RC_OK)
		return rc;
	if (!text_utf8_ok(bytes))
		rc = repair_utf8(&bytes, f);
	if (rc == RC_OK) {
		struct str text = bytes;
		if (str_starts(text, STR("\xef\xbb\xbf")))   /* a byte order mark */
			text = str_sub(text, 3, SIZE_MAX);
		json_error_t e;
		*out = json_loadb(text.p, text.n, JSON_DECODE_INT_AS_REAL, &e);
		if (*out == NULL)
			rc = fault_at(f, RC_INVALID, file, e.line, "", "not JSON: %s", e.text);
	}
	free((char *)(uintptr_t)bytes.p);
	return rc;
}

/* ---- the database ---- */

static const struct sql Q_PARENT = SQL_GLOBAL(
	"SELECT id, level FROM area WHERE code=?1 AND valid_from<=?2 "
	"AND (valid_to IS NULL OR valid_to>=?2) ORDER BY valid_from DESC, id LIMIT 1", "ti", "it");
static const struct sql Q_SAME = SQL_GLOBAL(
	"SELECT id, name, level, valid_to, boundary, parent_id FROM area WHERE code=?1 AND valid_from=?2",
	"ti", "ittIbI");
static const struct sql Q_OVERLAP = SQL_GLOBAL(
	"SELECT id, valid_from, valid_to FROM area WHERE code=?1 AND valid_from<=?3 "
	"AND (valid_to IS NULL OR valid_to>=?2) ORDER BY valid_from, id LIMIT 2", "tii", "iiI");
static const struct sql Q_END = SQL_GLOBAL("UPDATE area SET valid_to=?2 WHERE id=?1", "ii", "");
static const struct sql Q_ADD = SQL_GLOBAL(
	"INSERT INTO area (id, parent_id, level, code, name, valid_from, valid_to, boundary, raster) "
	"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", "iItttiIbb", "");

enum outcome { PUT_NEW = 1, PUT_SAME, PUT_REFUSED };
struct put {
	struct feature *x;
	int64_t id;
	enum outcome outcome;
	const char *refused;
	struct str note;
};
/* A slice of features; written whole or not. The outcomes are copied out after the commit. */
struct slice {
	struct put *puts;
	size_t count;
	struct arena *arena;
};

static enum rc find_parent(struct tx *tx, struct put *p, int64_t *id, struct fault *f)
{
	struct rows r;
	*id = 0;
	if (p->x->parent.n == 0)
		return RC_OK;
	enum rc rc = sql_one(tx, &Q_PARENT, &r, BIND(v_text(p->x->parent), v_int(p->x->valid_from)), f);
	if (rc == RC_OK) {
		*id = row_int(&r, 0);
		if (level_rank(row_str(&r, 1)) >= p->x->rank)
			p->refused = "its parent is no larger area than itself";
		rows_end(&r);
	} else if (rc == RC_NONE) {
		p->refused = "its parent is not known on that day";
		rc = RC_OK;
	}
	return rc;
}

/* RC_NONE: there is no area of that code and day. */
static enum rc compare_same(struct tx *tx, struct put *p, int64_t parent, struct fault *f)
{
	const struct feature *x = p->x;
	struct rows r;
	enum rc rc = sql_one(tx, &Q_SAME, &r, BIND(v_text(x->code), v_int(x->valid_from)), f);
	if (rc != RC_OK)
		return rc;
	if (str_eq(row_str(&r, 1), x->name) && str_is(row_str(&r, 2), LEVELS[x->rank]) &&
	    (x->valid_to == 0 || row_int(&r, 3) == x->valid_to) && str_eq(row_str(&r, 4), x->wkb) &&
	    row_int(&r, 5) == parent)
		p->outcome = PUT_SAME;
	else
		p->refused = "another area has this code from the same day";
	rows_end(&r);
	return RC_OK;
}

/* Ends the one area whose time this one takes over; anything else that overlaps is refused. */
static enum rc make_way(struct tx *tx, struct put *p, struct arena *a, struct fault *f)
{
	const struct feature *x = p->x;
	int64_t id = 0;
	int32_t from = 0;
	bool open = false;
	size_t found = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_OVERLAP, &r,
	                      BIND(v_text(x->code), v_int(x->valid_from),
	                           v_int(x->valid_to != 0 ? x->valid_to : INT32_MAX)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		id = row_int(&r, 0);
		from = (int32_t)row_int(&r, 1);
		open = row_null(&r, 2);
		found++;
	}
	rows_end(&r);
	if (rc != RC_NONE)
		return rc;
	if (found == 0)
		return RC_OK;
	if (found > 1 || !open || from >= x->valid_from || x->valid_to != 0) {
		p->refused = "its time overlaps that of another area of this code";
		return RC_OK;
	}
	p->note = arena_fmt(a, "the area that had this code since %.*s now ends the day before",
	                    PSTR(text_day_iso(a, from)));
	return sql_run(tx, &Q_END, BIND(v_int(id), v_int(x->valid_from - 1)), NULL, f);
}

/* A code that is, or was, another ward's. */
static enum rc held_elsewhere(struct tx *tx, struct put *p, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT 1 FROM area a LEFT JOIN area p ON p.id = a.parent_id WHERE a.code = ?1 AND "
		"a.code <> ?2 AND COALESCE(p.code, '') <> ?2 LIMIT 1", "tt", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_text(p->x->code), v_text(p->x->ward_code)), f);
	if (rc == RC_OK) {
		rows_end(&r);
		p->refused = "its code belongs to another ward";
	}
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc put_one(struct tx *tx, struct put *p, struct arena *a, struct fault *f)
{
	const struct feature *x = p->x;
	int64_t parent = 0;
	enum rc rc = find_parent(tx, p, &parent, f);
	if (rc == RC_OK && p->refused == NULL && x->ward_code.n > 0)
		rc = held_elsewhere(tx, p, f);
	if (rc == RC_OK && p->refused == NULL)
		rc = compare_same(tx, p, parent, f);
	else if (rc == RC_OK)
		p->outcome = PUT_REFUSED;
	if (rc == RC_NONE)
		rc = make_way(tx, p, a, f);
	if (rc != RC_OK || p->outcome == PUT_SAME)
		return rc;
	if (p->refused != NULL) {
		p->outcome = PUT_REFUSED;
		return RC_OK;
	}
	p->outcome = PUT_NEW;
	return sql_run(tx, &Q_ADD,
	               BIND(v_int(p->id), v_int0(parent), v_text(str_of(LEVELS[x->rank])),
	                    v_text(x->code), v_text(x->name), v_int(x->valid_from), v_int0(x->valid_to),
	                    v_blob(x->wkb), v_blob(x->raster)), NULL, f);
}

static enum rc put_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct slice *s = ctx;
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < s->count; i++) {
		struct put *p = &s->puts[i];
		*p = (struct put){.x = p->x, .id = p->id};   /* it may be the second time */
		rc = put_one(tx, p, s->arena, f);
	}
	return rc == RC_OK ? definition_changed(tx, DEFINITION_AREAS, f) : rc;
}

/* ---- the whole ---- */

static int by_rank(const void *a, const void *b)
{
	const struct put *x = a, *y = b;
	int c = (x->x->rank > y->x->rank) - (x->x->rank < y->x->rank);
	return c != 0 ? c : (x->x->number > y->x->number) - (x->x->number < y->x->number);
}

static int by_key(const void *a, const void *b)
{
	const struct feature *x = *(struct feature *const *)a, *y = *(struct feature *const *)b;
	int c = str_cmp(x->code, y->code);
	c = c != 0 ? c : (x->valid_from > y->valid_from) - (x->valid_from < y->valid_from);
	return c != 0 ? c : (x->number > y->number) - (x->number < y->number);
}

/* Of several with one code and day the first stands. */
static void refuse_twice(struct feature *all, size_t n, struct arena *a)
{
	struct feature **sorted = arena_array(a, n + 1, sizeof(struct feature *));
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].refused == NULL)
			sorted[count++] = &all[i];
	qsort(sorted, count, sizeof *sorted, by_key);
	const struct feature *first = NULL;
	for (size_t i = 0; i < count; i++) {
		struct feature *x = sorted[i];
		if (first == NULL || !str_eq(x->code, first->code) || x->valid_from != first->valid_from) {
			first = x;
			continue;
		}
		x->refused = "its code is in the file already";
		x->why = arena_fmt(a, "feature %d", first->number);
	}
}

/* Larger areas first, so that a parent is there before what lies in it. */
static enum rc write_all(struct store *s, struct feature *all, size_t n, struct arena *a,
                         struct fault *f)
{
	struct put *puts = arena_array(a, n + 1, sizeof *puts);
	struct clock machine;
	struct idgen ids;
	clock_init(&machine);
	idgen_init(&ids, &machine);
	size_t count = 0;
	for (size_t i = 0; i < n; i++)
		if (all[i].refused == NULL)
			puts[count++] = (struct put){.x = &all[i], .id = idgen_next(&ids)};
	qsort(puts, count, sizeof *puts, by_rank);
	for (size_t from = 0, to; from < count; from = to) {
		size_t bytes = 0;
		for (to = from; to < count && (to == from || bytes < SLICE_BYTES); to++)
			bytes += puts[to].x->wkb.n + puts[to].x->raster.n;
		struct slice slice = {puts + from, to - from, a};
		enum rc rc = store_write(s, (struct ward_id){0}, a, put_slice, &slice, f);
		if (rc != RC_OK)
			return rc;
	}
	for (size_t i = 0; i < count; i++) {
		struct feature *x = puts[i].x;
		x->note = puts[i].note;
		if (puts[i].outcome == PUT_REFUSED) {
			x->refused = puts[i].refused;
			x->why = x->parent;
		} else if (puts[i].outcome == PUT_SAME) {
			x->note = STR("is there already, unchanged");
		}
	}
	return RC_OK;
}

static void line(struct import_report *out, struct arena *a, const struct feature *x,
                 const char *what, struct str detail)
{
	if (out->line_count == IMPORT_LINES)
		return;
	if (out->lines == NULL)
		out->lines = arena_array(a, IMPORT_LINES, sizeof *out->lines);
	out->lines[out->line_count++] = (struct import_line){
		.feature = x->number, .refused = x->refused != NULL, .code = arena_copy(a, x->code),
		.text = detail.n > 0 ? arena_fmt(a, "%s (%.*s)", what, PSTR(detail))
		                     : arena_copy(a, str_of(what))};
}

void features_report(struct import_report *out, struct arena *a, const struct feature *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct feature *x = &all[i];
		if (x->refused != NULL) {
			out->refused++;
			line(out, a, x, x->refused, x->why);
			continue;
		}
		out->taken++;
		if (x->mended) {
			out->mended++;
			line(out, a, x, "its boundary was mended", x->why);
		}
		if (x->note.n > 0)
			line(out, a, x, arena_z(a, x->note), STR_EMPTY);
	}
}

/* Of another ward, or more than a page takes. */
static void refuse_foreign(struct feature *x, size_t i)
{
	if (x->ward_code.n == 0 || x->refused != NULL)
		return;
	bool own = str_is(str_of(LEVELS[x->rank]), "commune") && str_eq(x->code, x->ward_code);
	bool inside = str_is(str_of(LEVELS[x->rank]), "khu_vuc") && str_eq(x->parent, x->ward_code);
		if (!own && !inside)
		x->refused = "is not of this ward";
	else if (i >= IMPORT_PAGE_AREAS)
		x->refused = "more areas than a page takes; the operator's command does";
}

enum rc features_read(struct arena *work, const char *file, int rank, int32_t valid_from,
                      struct str ward_code, struct feature **all, json_t **json, struct fault *f)
{
	enum rc rc = parse(file, json, f);
	if (rc != RC_OK)
		return rc;
	const json_t *list = json_object_get(*json, "features"), *type = json_object_get(*json, "type");
	if (!json_is_string(type) || !str_is(str_of(json_string_value(type)), "FeatureCollection") ||
	    !json_is_array(list))
		return fault_at(f, RC_INVALID, file, 0, "", "not a GeoJSON FeatureCollection");
	size_t n = json_array_size(list);
	*all = arena_array(work, n + 1, sizeof **all);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct feature *x = &(*all)[i];
		*x = (struct feature){.number = (int)i + 1, .rank = rank, .valid_from = valid_from,
		                      .ward_code = ward_code};
		rc = feature_read(x, work, json_array_get(list, i), f);
		refuse_foreign(x, i);
	}
	if (rc == RC_OK)
		refuse_twice(*all, n, work);
	return rc;
}

static enum rc import(struct store *s, struct arena *a, const char *file, struct str level,
                      int32_t valid_from, struct str ward_code, struct import_report *out,
                      struct fault *f)
{
	*out = (struct import_report){0};
	int rank = level_rank(level);
	if (rank < 0)
		return fault_set(f, RC_INVALID, "there is no level \"%.*s\": province, commune or khu_vuc",
		                 PSTR(level));
	json_t *json = NULL;
	struct arena work;   /* not the caller's: boundaries pass a request's limit */
	arena_init(&work, (size_t)4 << 30);
	struct feature *all = NULL;
	enum rc rc = features_read(&work, file, rank, valid_from, ward_code, &all, &json, f);
	size_t n = rc == RC_OK ? json_array_size(json_object_get(json, "features")) : 0;
	if (rc == RC_OK)
		rc = write_all(s, all, n, &work, f);
	if (rc == RC_OK)
		features_report(out, a, all, n);
	arena_release(&work);
	json_decref(json);
	return rc;
}

enum rc place_import(struct store *s, struct arena *a, const char *file, struct str level,
                     int32_t valid_from, struct import_report *out, struct fault *f)
{
	return import(s, a, file, level, valid_from, STR_EMPTY, out, f);
}

enum rc place_import_ward(struct store *s, struct arena *a, const char *file, struct str level,
                          int32_t valid_from, const struct places *p, struct ward_id w,
                          struct import_report *out, struct fault *f)
{
	const struct ward_row *row = ward_row_of(snapshot_of(p), w);
	return row == NULL ? RC_NONE : import(s, a, file, level, valid_from, row->area_code, out, f);
}

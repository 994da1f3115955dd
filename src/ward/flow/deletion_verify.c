/* Proving the deletion list: each line follows the one before and is signed, and the database and
 * the file say the same. */
#include <stdarg.h>

#include "ward/flow/deletion_private.h"

enum { SLICE = 200, SAY_MAX = 20 };

struct proof {
	const struct flow *w;
	struct ward_id ward;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	struct deletion_report *out;
	int64_t after;                /* number of the last row read */
	struct hash hash;             /* and its hash */
	struct deletion *list;
	size_t count;
	bool no_file;                 /* it is not asked for */
};

static void wrong(struct proof *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct proof *p, const char *fmt, ...)
{
	char line[300];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (p->out->faults++ < SAY_MAX && p->say != NULL)
		p->say(p->ctx, line);
}

static void check_line(struct proof *p, const struct deletion *d, const char *where)
{
	struct hash h = deletion_hash(p->ward, &p->hash, d);
	if (d->n != p->after + 1 || !hash_eq(&h, &d->hash))
		wrong(p, "deletion %lld %s does not follow number %lld", (long long)d->n, where,
		      (long long)p->after);
	if (!deletion_signed(p->w, p->ward, d))
		wrong(p, "deletion %lld %s is not signed by the ward's key", (long long)d->n, where);
	p->after = d->n;
	p->hash = d->hash;
}

static enum rc slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct proof *p = ctx;
	return deletion_list(tx, p->after, SLICE, &p->list, &p->count, f);
}

/* Each row against the line of its number; *file NULL: there is none, or it has ended. */
static enum rc against_line(struct proof *p, const struct deletion *row, struct deletion_file **file,
                            struct arena *a, int64_t *missing, struct fault *f)
{
	struct deletion line;
	enum rc rc = *file != NULL ? deletion_file_next(*file, a, &line, f) : RC_NONE;
	if (rc == RC_NONE) {
		deletion_file_close(*file);
		*file = NULL;
		*missing = *missing == 0 ? row->n : *missing;
		return RC_OK;
	}
	if (rc != RC_OK)
		return rc;
	p->out->lines++;
	if (line.n != row->n || !hash_eq(&line.hash, &row->hash) || !str_eq(line.code, row->code) ||
	    !str_eq(line.kind, row->kind) || !str_eq(line.rule, row->rule) || line.day != row->day ||
	    memcmp(line.signature, row->signature, sizeof row->signature) != 0)
		wrong(p, "deletion %lld is not the same in the file", (long long)row->n);
	return RC_OK;
}

/* Lines of the file that no row stands for: signed, but the database does not know of them. */
static enum rc rest_of_file(struct proof *p, struct deletion_file *file, struct arena *a,
                            struct fault *f)
{
	struct deletion line;
	int64_t first = 0;
	enum rc rc = RC_OK;
	while (file != NULL && (rc = deletion_file_next(file, a, &line, f)) == RC_OK) {
		p->out->lines++;
		first = first == 0 ? line.n : first;
		check_line(p, &line, "of the file");
		arena_reset(a);
	}
	if (first != 0)
		wrong(p, "the database lacks the deletions from number %lld on: it is an older copy",
		      (long long)first);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc walk(struct proof *p, struct deletion_file **file, struct arena *a, struct fault *f)
{
	int64_t missing = 0;
	enum rc rc;
	do {
		arena_reset(a);
		rc = store_read(p->w->store, p->ward, a, slice, p, f);
		for (size_t i = 0; rc == RC_OK && i < p->count; i++) {
			p->out->rows++;
			check_line(p, &p->list[i], "of the database");
			rc = p->no_file ? RC_OK : against_line(p, &p->list[i], file, a, &missing, f);
		}
	} while (rc == RC_OK && p->count == SLICE);
	if (missing != 0)
		wrong(p, "the file lacks the deletions from number %lld on", (long long)missing);
	return rc == RC_OK ? rest_of_file(p, *file, a, f) : rc;
}

enum rc deletions_verify(const struct flow *w, struct ward_id ward, bool with_file,
                         void (*say)(void *ctx, const char *line), void *ctx,
                         struct deletion_report *out, struct fault *f)
{
	struct proof p = {.w = w, .ward = ward, .say = say, .ctx = ctx, .out = out, .no_file = !with_file};
	struct deletion_file *file = NULL;
	struct fault why = {0};
	struct arena a;
	*out = (struct deletion_report){0};
	enum rc rc = with_file ? deletion_file_open(&file, w->deletions, ward, &why) : RC_NONE;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (rc == RC_OK || rc == RC_NONE)
		rc = walk(&p, &file, &a, &why);
	arena_release(&a);
	deletion_file_close(file);
	if (rc == RC_CORRUPT) {
		wrong(&p, "the deletion list: %s", why.text);
		return RC_OK;
	}
	if (rc != RC_OK && f != NULL)
		*f = why;
	return rc;
}

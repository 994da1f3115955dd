/* Proving the deletion list: each line follows the one before and is signed, and the database and
 * the file say the same. */
#include <stdarg.h>
#include <time.h>

#include "ward/flow/deletion_private.h"

enum { SLICE = 200, SAY_MAX = 20, FILE_WAIT_MS = 10 * 1000, LOOK_MS = 100 };

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
	struct deletion_file *file;   /* NULL: there is none yet */
	struct deletion ahead;        /* its next line, when it is read already */
	bool read_ahead;
	int64_t missing;              /* the first row that it lacks */
	int waited_ms;
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

/* The file's next line. RC_NONE: there is none yet, or no file. */
static enum rc next_line(struct proof *p, struct arena *a, struct deletion *out, struct fault *f)
{
	enum rc rc = p->file != NULL ? RC_OK : deletion_file_open(&p->file, p->w->deletions, p->ward, f);
	return rc == RC_OK ? deletion_file_next(p->file, a, out, f) : rc;
}

/* The line of a row: what was erased a moment ago is on its way there. */
static enum rc line_of_row(struct proof *p, struct arena *a, struct deletion *out, struct fault *f)
{
	if (p->read_ahead) {
		*out = p->ahead;
		p->read_ahead = false;
		return RC_OK;
	}
	enum rc rc;
	while ((rc = next_line(p, a, out, f)) == RC_NONE && p->waited_ms < FILE_WAIT_MS) {
		(void)nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
		p->waited_ms += LOOK_MS;
	}
	return rc;
}

/* Each row against the line of its number. */
static enum rc against_line(struct proof *p, const struct deletion *row, struct arena *a, struct fault *f)
{
	struct deletion line;
	enum rc rc = line_of_row(p, a, &line, f);
	if (rc == RC_NONE) {
		p->missing = p->missing == 0 ? row->n : p->missing;
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
static enum rc rest_of_file(struct proof *p, struct arena *a, struct fault *f)
{
	enum rc rc = RC_OK;
	int64_t first = p->ahead.n;
	bool some = p->read_ahead;
	while (rc == RC_OK && p->read_ahead) {
		p->out->lines++;
		check_line(p, &p->ahead, "of the file");
		arena_reset(a);
		rc = next_line(p, a, &p->ahead, f);
	}
	if (some)
		wrong(p, "the database lacks the deletions from number %lld on: it is an older copy",
		      (long long)first);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The file is looked at before the database each time: what stands there already has its row. */
static enum rc walk(struct proof *p, struct arena *a, struct fault *f)
{
	enum rc rc;
	do {
		arena_reset(a);
		rc = p->no_file || p->missing != 0 ? RC_NONE : next_line(p, a, &p->ahead, f);
		p->read_ahead = rc == RC_OK;
		if (rc == RC_OK || rc == RC_NONE)
			rc = store_read(p->w->store, p->ward, a, slice, p, f);
		for (size_t i = 0; rc == RC_OK && i < p->count; i++) {
			p->out->rows++;
			check_line(p, &p->list[i], "of the database");
			rc = p->no_file || p->missing != 0 ? RC_OK : against_line(p, &p->list[i], a, f);
		}
	} while (rc == RC_OK && p->count > 0);
	if (p->missing != 0)
		wrong(p, "the file lacks the deletions from number %lld on", (long long)p->missing);
	return rc == RC_OK ? rest_of_file(p, a, f) : rc;
}

enum rc deletions_verify(const struct flow *w, struct ward_id ward, bool with_file,
                         void (*say)(void *ctx, const char *line), void *ctx,
                         struct deletion_report *out, struct fault *f)
{
	struct proof p = {.w = w, .ward = ward, .say = say, .ctx = ctx, .out = out, .no_file = !with_file};
	struct fault why = {0};
	struct arena a;
	*out = (struct deletion_report){0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = walk(&p, &a, &why);
	arena_release(&a);
	deletion_file_close(p.file);
	if (rc == RC_CORRUPT) {
		wrong(&p, "the deletion list: %s", why.text);
		return RC_OK;
	}
	if (rc != RC_OK && f != NULL)
		*f = why;
	return rc;
}

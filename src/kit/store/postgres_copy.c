/* The copy of a PostgreSQL database in use: a snapshot's rows, into a SQLite file of the same steps. */
#include "kit/store/postgres_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "kit/store/move_impl.h"

enum { MEMORY = 64 << 20, SLICE_ROWS = 100000 };

struct copying {
	store_pause_fn *pause;
	void *ctx;
	int fd;
};

static bool tick(void *ctx, struct move_job *job, const struct move_table *t, bool slice)
{
	const struct copying *c = ctx;
	(void)t;
	if (slice)
		file_flush(c->fd);
	return c->pause == NULL || c->pause(c->ctx, job->done, job->total > 0 ? job->total : 1);
}

/* The snapshot may be newer than the program that copies it: what it does not know would be lost. */
static enum rc check_steps(struct store *s, struct arena *a, struct fault *f)
{
	struct store_peek peek;
	enum rc rc = store_peek(&s->config, a, &peek, f);
	return rc == RC_OK && peek.newer.n > 0 ? upgrade_newer(peek.newer, f) : rc;
}

static enum rc copy_rows(struct store *s, const char *to, struct copying *c, struct arena *a, struct fault *f)
{
	struct move_side from = {.m = &PQ_MOVER, .path = s->config.path, .use = USE_SNAPSHOT};
	struct move_side into = {.m = &LITE_MOVER, .path = to, .use = USE_FILL};
	struct move_table *tables = NULL;
	struct store *made = NULL;
	size_t n = 0;
	const struct store_config config = {.path = to, .steps = s->config.steps, .clock = s->config.clock,
	                                    .readers = 1};
	struct move_job job = {.from = &from, .to = &into, .a = a, .slice = SLICE_ROWS, .tick = tick, .ctx = c};
	enum rc rc = store_open(&made, &config, f);
	if (rc == RC_OK)
		rc = from.m->open(&from, f);
	if (rc == RC_OK)
		rc = check_steps(s, a, f);
	if (rc == RC_OK)
		rc = move_tables(made, &from, a, &tables, &n, f);
	store_close(made);
	if (rc == RC_OK)
		rc = into.m->open(&into, f);
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		int64_t rows;
		rc = from.m->count(&from, &tables[i], &rows, f);
		job.total += rc == RC_OK ? rows : 0;
	}
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		rc = move_copy(&job, &tables[i], STR_EMPTY, f);
	if (rc == RC_OK)
		rc = into.m->settle(&into, f);
	into.m->close(&into);
	from.m->close(&from);
	return rc;
}

enum rc pq_copy(struct store *s, const char *to, store_pause_fn *pause, void *ctx, struct fault *f)
{
	static const char *const behind[] = {"", "-wal", "-shm", "-journal"};
	struct arena a;
	/* For its owner alone before there is anything in it. */
	struct copying c = {.pause = pause, .ctx = ctx,
	                    .fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
	if (c.fd < 0)
		return fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot create %s: %s", to, strerror(errno));
	arena_init(&a, MEMORY);
	enum rc rc = copy_rows(s, to, &c, &a, f);
	/* On disk before anybody relies on it. Closed after SQLite's own: that would end its locks. */
	if (rc == RC_OK && fsync(c.fd) != 0)
		rc = fault_set(f, RC_IO, "cannot store %s: %s", to, strerror(errno));
	(void)close(c.fd);
	for (size_t i = 0; rc != RC_OK && i < sizeof behind / sizeof *behind; i++)
		(void)unlink(arena_fmt(&a, "%s%s", to, behind[i]).p);
	arena_release(&a);
	return rc;
}

struct asked {
	int64_t bytes;
};

static enum rc size_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asked *x = ctx;
	PGresult *r = NULL;
	enum rc rc = pq_exec(pq_conn_of(tx), &(struct pq_call){.text = "SELECT pg_database_size(current_database())"},
	                     &r, f);
	x->bytes = rc == RC_OK ? pq_int(r, 0, 0) : 0;
	PQclear(r);
	return rc;
}

enum rc pq_size(struct store *s, int64_t *bytes, struct fault *f)
{
	struct arena a;
	struct asked x = {0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = pq_read(s, (struct ward_id){0}, &a, size_tx, &x, f);
	arena_release(&a);
	*bytes = x.bytes;
	return rc;
}

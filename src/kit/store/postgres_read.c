/* Readers: a bounded pool of connections, each read in its own snapshot (REPEATABLE READ). */
#include "kit/store/postgres_impl.h"

#include <stdlib.h>

#define BEGIN_READ "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

enum rc pq_reader_take(struct store *s, struct pq_conn **out, struct fault *f)
{
	void *c;
	enum rc rc = pool_take(&s->readers, &c, f);
	*out = c;
	if (rc != RC_OK || c != NULL)
		return rc;
	struct pq_conn *fresh = calloc(1, sizeof *fresh);
	if (fresh == NULL)
		BUG("no memory for a reader");
	fresh->lost = true;
	*out = fresh;
	return RC_OK;
}

static enum rc begin(struct store *s, struct pq_conn *c, struct fault *f)
{
	enum rc rc = RC_OK;
	if (!pq_usable(s, c)) {
		pq_disconnect(c);
		rc = pq_connect(c, s->config.path, PQ_READER, s->config.read_limit_us, f);
	}
	if (rc == RC_OK)
		rc = pq_exec(c, &(struct pq_call){.text = BEGIN_READ}, NULL, f);
	return rc;
}

static void end(struct pq_conn *c)
{
	c->queued_n = 0;
	if (c->lost || c->pg == NULL)
		return;
	/* Nothing was written; it only ends the snapshot. */
	if (pq_exec(c, &(struct pq_call){.text = "ROLLBACK"}, NULL, NULL) != RC_OK)
		c->lost = true;
}

enum rc pq_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                struct fault *f)
{
	struct pq_conn *c;
	enum rc rc = pq_reader_take(s, &c, f);
	if (rc != RC_OK)
		return rc;
	int64_t began = clock_ticks();
	struct fault own = {0};
	bool used = pq_usable(s, c);
	rc = begin(s, c, &own);
	if (rc != RC_OK && used && c->lost) { /* the server was started anew while this one was idle */
		pq_suspect(s, c);
		rc = begin(s, c, &own);
	}
	if (rc == RC_OK) {
		struct tx tx = {.store = s, .conn = &c->conn, .ward = ward, .arena = a,
		                .now = clock_now(s->config.clock)};
		own = (struct fault){0};
		c->deadline = began + s->config.read_limit_us;
		rc = tx_run(&tx, fn, ctx, began, &own);
		c->deadline = INT64_MAX;
	}
	if (rc < 0 && c->lost) {
		pq_suspect(s, c);
		pq_health(s, &own);
		rc = own.rc = RC_AGAIN;
	} else {
		pq_health(s, NULL);
	}
	if (rc != RC_OK && f != NULL && own.rc != RC_OK)
		*f = own;
	end(c);
	pool_give(&s->readers, c);
	return rc;
}

void pq_reader_close(void *conn)
{
	pq_disconnect(conn);
	free(conn);
}

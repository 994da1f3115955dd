/* Readers: a bounded pool of connections, each read in its own snapshot. */
#include "kit/store/sqlite_impl.h"

#include <stdlib.h>

enum rc lite_reader_take(struct store *s, struct lite_conn **out, struct fault *f)
{
	void *c;
	*out = NULL;
	enum rc rc = pool_take(&s->readers, &c, f);
	if (rc != RC_OK || (*out = c) != NULL)
		return rc;
	rc = lite_reader_new(s, out, f);
	if (rc != RC_OK)
		pool_give(&s->readers, NULL);
	return rc;
}

enum rc lite_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                  struct fault *f)
{
	struct lite_conn *c;
	enum rc rc = lite_reader_take(s, &c, f);
	if (rc != RC_OK)
		return rc;
	int64_t began = clock_ticks();
	c->deadline = INT64_MAX;
	rc = lite_control(c, C_BEGIN, f);
	if (rc == RC_OK) {
		struct tx tx = {.store = s, .conn = &c->conn, .ward = ward, .arena = a,
		                .now = clock_now(s->config.clock)};
		struct fault own = {0};
		c->deadline = began + s->config.read_limit_us;
		rc = tx_run(&tx, fn, ctx, began, &own);
		c->deadline = INT64_MAX;
		if (rc != RC_OK && f != NULL && own.rc != RC_OK)
			*f = own;
	}
	/* Nothing was written; COMMIT of a read only ends the snapshot. */
	if (lite_in_tx(c) && lite_control(c, C_COMMIT, NULL) != RC_OK && lite_in_tx(c))
		(void)lite_control(c, C_ROLLBACK, NULL);
	pool_give(&s->readers, c);
	return rc;
}

void lite_reader_close(void *conn)
{
	lite_conn_close(conn);
	free(conn);
}

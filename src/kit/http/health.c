/* What a supervisor or a proxy asks: does it run, may requests be sent here. Of no ward, under any
 * host name (who asks knows an address only), answered on the I/O thread. */
#include "kit/http/internal.h"

bool health_answer(struct call *c, enum MHD_Result *result)
{
	struct http *h = c->http;
	struct str path = str_n(c->target, c->target_size);
	bool ready = str_is(path, "/readyz");
	if (c->target_size > URL_MAX || (!ready && !str_is(path, "/healthz")))
		return false;
	bool draining = atomic_load(&h->stopping);
	bool fine = !ready || (!draining && (h->c.hooks.ready == NULL || h->c.hooks.ready(h->c.app)));
	struct str text = fine ? STR("ok\n") : STR("not ready\n");
	struct MHD_Response *m = MHD_create_response_from_buffer(text.n, (void *)(uintptr_t)text.p,
	                                                         MHD_RESPMEM_PERSISTENT);
	if (m == NULL)
		return false;
	answer_headers(h, m, STR("text/plain; charset=utf-8"), "no-store");
	if (draining)
		answer_header(m, "Connection", STR("close"));
	c->slot = COUNT_HEALTH;
	c->status = fine ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
	conn_state(c->conn, CONN_SEND);
	*result = MHD_queue_response(c->mhd, (unsigned)c->status, m);
	MHD_destroy_response(m);
	return true;
}

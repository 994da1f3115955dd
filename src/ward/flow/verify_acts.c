/* What those who are watched did, walked from its first row on: the administrators' log, the second organisation's
 * acts. Each is a chain whose end the daily heads sign (head_chain.c). */
#include "ward/flow/verify.h"
#include "ward/people/admin_log.h"
#include "ward/people/second.h"

static enum rc log_slice(struct tx *tx, void *ctx, struct fault *f)
{
	return admin_log_verify(tx, ctx, f);
}

static enum rc walk_log(const struct flow *w, struct ward_id ward, struct admin_log_walk *k, struct fault *f)
{
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (k->more = true; rc == RC_OK && k->more;) {
		arena_reset(&a);
		rc = store_read(w->store, ward, &a, log_slice, k, f);
	}
	arena_release(&a);
	return rc;
}

struct second_walk {
	void (*say)(void *ctx, const char *line);
	void *ctx;
	struct acts_report *out;
};

static enum rc second_whole(struct tx *tx, void *ctx, struct fault *f)
{
	struct second_walk *k = ctx;
	return second_verify(tx, k->say, k->ctx, &k->out->second, &k->out->second_faults, f);
}

static enum rc walk_second(const struct flow *w, struct ward_id ward, struct second_walk *k, struct fault *f)
{
	struct arena a;
	arena_init(&a, (size_t)256 << 20);   /* ten thousand statements of the longest */
	enum rc rc = store_read(w->store, ward, &a, second_whole, k, f);
	arena_release(&a);
	return rc;
}

enum rc acts_verify(const struct flow *w, struct ward_id ward, void (*say)(void *ctx, const char *line), void *ctx,
                    struct acts_report *out, struct fault *f)
{
	struct admin_log_walk log = {.say = say, .ctx = ctx};
	struct second_walk second = {say, ctx, out};
	*out = (struct acts_report){0};
	enum rc rc = walk_log(w, ward, &log, f);
	if (rc == RC_OK)
		rc = walk_second(w, ward, &second, f);
	out->log = log.rows;
	out->log_faults = log.faults;
	return rc;
}

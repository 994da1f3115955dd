#include "ward/clean.h"

#include "kit/base/log.h"

enum { REST_TIMES = 2 };
#define CLEAN_AT_US (3 * US_HOUR + 10 * US_MINUTE)   /* of the ward's day */

const char *const STORED_WORDS[] = {
	"agency_request.number", "agency_request.order_number", "agency_request.who",
	"attachment.name", "bulk.words", "bulk_item.words", "contact.sealed", "handover.notes", "look.filter", "look.salt", "mail_link.link_hash",
	"outbox.error", "outbox.payload", "part_body.body", "part_body.salt", "pending_move.why", "pending_move.words", "pending_photo.name",
	"ward_case.landmark", "ward_case.released_text", "ward_case.street", "ward_case.why_late", NULL,
};

enum rc clean_after(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	bool over = tx_now(tx) > day_start(day_of(tx_now(tx))) + CLEAN_AT_US;
	return over ? outbox_put(tx, "keep.files", 0, STR("late"), STR_EMPTY, f) : RC_OK;
}

struct merging {
	bool first, more;
};

static enum rc merge_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct merging *m = ctx;
	return search_merge(tx, m->first, &m->more, f);
}

static bool goes_on(void *ctx, int64_t done, int64_t total)
{
	(void)done;
	(void)total;
	return !job_stopping(ctx);
}

enum rc files_clean(struct app *app, struct ward_id ward, struct job_runner *runner, struct fault *f)
{
	struct merging m = {.first = true, .more = true};
	struct store_cleaned out;
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (; rc == RC_OK && m.more; m.first = false) {
		int64_t began = clock_ticks();
		arena_reset(&a);
		rc = store_write(app->store, ward, &a, merge_slice, &m, f);
		if (rc == RC_OK && m.more && !job_rest(runner, REST_TIMES * (clock_ticks() - began)))
			rc = fault_set(f, RC_AGAIN, "the server stops");
	}
	arena_release(&a);
	if (rc == RC_OK)
		rc = store_clean(app->store, goes_on, runner, &out, f);
	if (rc == RC_OK)
		log_info("keep", "what was erased is out of the database's files: %lld tables written anew, %s "
		         "locked for the longest, %lld ms%s", (long long)out.tables, out.longest,
		         (long long)(out.longest_us / 1000),
		         out.wal ? "" : "; not out of its journal: `xom doctor` says why");
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc clean(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	(void)a;
	return files_clean(app, job->ward, job->runner, f);
}

const struct job_kind CLEAN_JOBS[] = {
	{.name = "keep.files",
	 .run = clean,
	 .attempts = 20,
	 .lease_us = 3 * US_HOUR,
	 .every_us = US_DAY,
	 .at_us = CLEAN_AT_US,
	 .help = "takes what was erased out of the database's files and its journal"},
	{0},
};

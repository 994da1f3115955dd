#include "ward/recalendar_job.h"

#include "kit/base/log.h"
#include "ward/calendar/calendar_store.h"
#include "ward/flow/recalendar.h"

static enum rc present(struct tx *tx, void *ctx, struct fault *f)
{
	return definition_number(tx, DEFINITION_CALENDARS, ctx, f);
}

static enum rc last(struct tx *tx, void *ctx, struct fault *f) { return recalendar_last(tx, ctx, f); }

static enum rc done(struct tx *tx, void *ctx, struct fault *f)
{
	return recalendar_done(tx, *(const int64_t *)ctx, f);
}

static enum rc again(struct tx *tx, void *ctx, struct fault *f)
{
	(void)ctx;
	return recalendar_soon(tx, f);
}

enum rc recalendar_soon(struct tx *tx, struct fault *f)
{
	return outbox_put(tx, "flow.recalendar", 0, STR("now"), STR_EMPTY, f);
}

/* The number is written when all is done: whoever is killed before begins again, and finds what was moved
 * as it should be. */
static enum rc recalendar(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	int64_t now = 0, before = -1;
	size_t moved = 0;
	bool more = false;
	enum rc rc = store_read(app->store, (struct ward_id){0}, a, present, &now, f);
	if (rc == RC_OK)
		rc = store_read(app->store, job->ward, a, last, &before, f);
	if (rc != RC_OK || now == before)
		return rc;
	rc = calendars_refresh(app->store, app->calendar, app->rules, app->calendars_seen, f);
	if (rc == RC_OK)
		rc = recalendar_ward(&app->flow, job->ward, &moved, &more, f);
	if (rc == RC_OK && moved > 0)
		log_info("flow", "a changed calendar moved the dates of %zu open cases", moved);
	return rc == RC_OK ? store_write(app->store, job->ward, a, more ? again : done, &now, f) : rc;
}

const struct job_kind RECALENDAR_JOBS[] = {
	{.name = "flow.recalendar",
	 .run = recalendar,
	 .attempts = 20,
	 .lease_us = 5 * US_MINUTE,
	 .every_us = US_MINUTE,
	 .help = "moves the dates of open cases when the calendar of days off has changed"},
	{0},
};

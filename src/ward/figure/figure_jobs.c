/* What the figures do by themselves: the edition of each quarter that is over, and a recount of one
 * month a night. */
#include "kit/base/log.h"
#include "ward/figure/figure.h"

/* ---------------------------------------------------------------- figure.edition */

struct edition_work {
	const struct flow *w;
	const struct ward *ward;
	struct period quarter;
	int32_t first;                /* day of the first case's month */
};

static enum rc first_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct edition_work *k = ctx;
	return tally_first(tx, &k->first, f);
}

static enum rc there_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct edition_work *k = ctx;
	struct edition there;
	return edition_get(tx, &k->quarter, 0, &there, f);
}

/* Another server's night may have been quicker. */
static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct edition_work *k = ctx;
	enum rc rc = there_tx(tx, ctx, f);
	return rc == RC_NONE ? edition_make(tx, k->w, k->ward, &k->quarter, f) : rc;
}

/* From the quarter of the ward's first case on, so that none is left out after a night that failed. */
static enum rc editions(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct edition_work k = {.w = app_flow(app)};
	struct store *store = k.w->store;
	int32_t today = day_of(clock_now(k.w->clock));
	k.ward = ward_by_id(k.w->places, job->ward);
	if (k.ward == NULL)
		return RC_OK;
	enum rc rc = store_read(store, job->ward, a, first_tx, &k, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	k.quarter = period_of(PERIOD_quarter, k.first);
	for (; rc == RC_OK && k.quarter.to <= today; k.quarter = period_after(&k.quarter)) {
		rc = store_read(store, job->ward, a, there_tx, &k, f);
		if (rc != RC_NONE)
			continue;
		rc = store_write(store, job->ward, a, make_tx, &k, f);
		if (rc == RC_OK)
			flow_changed(job->ward);
	}
	return rc;
}

/* ---------------------------------------------------------------- figure.recount */

struct recount_work {
	int32_t first, today, from, to;
	struct tally_row *wrong;
	size_t count;
};

/* Any month up to now, each as likely. */
static void pick_month(struct recount_work *k)
{
	uint32_t random;
	uint32_t months = 0;
	for (int32_t m = k->first; m <= k->today; m = period_of(PERIOD_month, m).to)
		months++;
	random_bytes(&random, sizeof random);
	struct period p = period_of(PERIOD_month, k->first);
	for (uint32_t i = random % months; i > 0; i--)
		p = period_after(&p);
	k->from = p.from;
	k->to = p.to;
}

static enum rc recount_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct recount_work *k = ctx;
	enum rc rc = tally_first(tx, &k->first, f);
	if (rc != RC_OK)
		return rc;
	k->today = day_of(tx_now(tx));
	if (k->first > k->today)
		return RC_NONE;
	pick_month(k);
	return tally_compare(tx, k->from, k->to, &k->wrong, &k->count, f);
}

/* Tried once: the next try would look at another month, and the alarm would be gone. */
static enum rc recount(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct recount_work k = {0};
	enum rc rc = store_read(app_flow(app)->store, job->ward, a, recount_tx, &k, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	if (k.count == 0)
		return RC_OK;
	struct period month = period_of(PERIOD_month, k.from);
	struct str name = period_name(a, &month);
	log_warn("figure", "the figures of %.*s are not those of its cases: %zu rows differ; "
	         "xom rebuild makes them again", PSTR(name), k.count);
	return fault_set(f, RC_FAIL, "the figures of %.*s are not those of its cases: %zu rows differ; "
	                 "xom rebuild makes them again", PSTR(name), k.count);
}

const struct job_kind FIGURE_JOBS[] = {
	{.name = "figure.edition",
	 .run = editions,
	 .attempts = 20,
	 .lease_us = 10 * US_MINUTE,
	 .every_us = US_DAY,
	 .at_us = 30 * US_MINUTE,
	 .help = "makes the edition of each quarter that is over and has none"},
	{.name = "figure.recount",
	 .run = recount,
	 .attempts = 1,
	 .lease_us = 10 * US_MINUTE,
	 .every_us = US_DAY,
	 .at_us = 4 * US_HOUR,
	 .help = "counts the cases of one month, chosen at random, and compares with its figures"},
	{0},
};

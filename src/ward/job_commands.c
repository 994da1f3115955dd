/* xom jobs: what is to happen later, and what could not. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "kit/base/text.h"
#include "ward/commands.h"

enum { WARDS_MAX = 1024, ROWS_MAX = 1000 };
static const char *const STATES[] = {"waiting", "running", "dead"};

struct asking {
	const struct ward *ward;
	const char *state;
	int64_t retry;
	size_t count;
};

static enum rc list_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct asking *x = ctx;
	struct job_row *rows;
	enum rc rc = job_list(tx, str_of(x->state), ROWS_MAX, &rows, &x->count, f);
	for (size_t i = 0; rc == RC_OK && i < x->count; i++)
		(void)printf("%lld\t%.*s\t%s\t%.*s\t%.*s\t%lld\t%.*s\n", (long long)rows[i].id,
		             PSTR(x->ward->slug), x->state, PSTR(rows[i].kind),
		             PSTR(text_iso(tx_arena(tx), rows[i].due_at)), (long long)rows[i].attempts,
		             PSTR(rows[i].error));
	return rc;
}

static enum rc retry_tx(struct tx *tx, void *ctx, struct fault *f)
{
	return job_retry(tx, ((struct asking *)ctx)->retry, f);
}

static int list(struct app *app, const struct ward *const *wards, size_t n, struct fault *f)
{
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		for (size_t k = 0; rc == RC_OK && k < sizeof STATES / sizeof *STATES; k++) {
			struct asking x = {.ward = wards[i], .state = STATES[k]};
			arena_reset(&a);
			rc = store_read(app->store, wards[i]->id, &a, list_tx, &x, f);
		}
	arena_release(&a);
	if (rc != RC_OK)
		log_fault("jobs", "reading them", f);
	return rc == RC_OK ? 0 : 1;
}

/* Ids are unique over all wards: the ward that has it is found by asking each. */
static int retry(struct app *app, const struct ward *const *wards, size_t n, int64_t id,
                 struct fault *f)
{
	struct arena a;
	enum rc rc = RC_NONE;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; rc == RC_NONE && i < n; i++) {
		struct asking x = {.retry = id};
		rc = store_write(app->store, wards[i]->id, &a, retry_tx, &x, f);
	}
	arena_release(&a);
	if (rc == RC_OK)
		(void)printf("job %lld waits again\n", (long long)id);
	else if (rc == RC_NONE)
		(void)fprintf(stderr, "xom jobs: there is no dead job %lld; `xom jobs list` shows them\n",
		              (long long)id);
	else if (rc == RC_EXISTS)
		(void)fprintf(stderr, "xom jobs: another job of that kind waits already\n");
	else
		log_fault("jobs", "retrying", f);
	return rc == RC_OK ? 0 : 1;
}

static int jobs_run(struct app *app, int argc, char **argv)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = ward_all(app->places, wards, WARDS_MAX);
	struct fault f = {0};
	int64_t id;
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return list(app, wards, n, &f);
	if (argc == 3 && strcmp(argv[1], "retry") == 0 && str_i64(str_of(argv[2]), &id))
		return retry(app, wards, n, id, &f);
	(void)fprintf(stderr, "usage: xom jobs list | jobs retry ID\n");
	return 2;
}

const struct command JOB_COMMANDS[] = {
	{.name = "jobs",
	 .usage = "jobs list | jobs retry ID",
	 .help = "list      every job: id, ward, state (waiting, running, dead), kind, when it is due,\n"
	         "          attempts so far, and what went wrong last, separated by tabs\n"
	         "retry ID  a dead letter waits again, as if it had not been tried",
	 .needs = NEEDS_store,
	 .run = jobs_run},
	{0},
};

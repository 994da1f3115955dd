#include "fixture.h"

const struct ward_id A = {101}, B = {102};
static const struct schema_step *const LISTS[] = {JOB_SCHEMA, NULL};

static enum rc never(struct app *app, struct arena *a, const struct job *j, struct fault *f);
static enum rc noted(struct app *app, struct arena *a, const struct job *j, struct fault *f);

static const struct job_kind MAIL[] = {
	{"mail", noted, 3, US_MINUTE, 0, 0, 0, 0, "sends"},
	{"slow", never, 1, US_MINUTE, 0, 0, 0, 0, "ends when told"},
	{0},
};
const struct job_kind NET[] = {
	{.name = "net.post", .run = never, .attempts = 2, .lease_us = US_MINUTE, .help = "another machine"},
	{.name = "day", .run = noted, .attempts = 1, .lease_us = US_MINUTE, .from_us = 7 * US_HOUR,
	 .until_us = 21 * US_HOUR, .help = "by day alone"},
	{0},
};
const struct job_kind NIGHT[] = {
	{"fold", noted, 2, US_MINUTE, 10 * US_MINUTE, 0, 0, 0, "folds"},
	{"night", noted, 2, US_MINUTE, 0, 2 * US_HOUR, 0, 0, "erases"},
	{0},
};
const struct job_kind *const KINDS[] = {MAIL, NET, NULL};
const struct job_kind *const ALL[] = {MAIL, NET, NIGHT, NULL};

struct fixture x;

atomic_int runs, slow_runs, failing;
atomic_bool slow_go;
char last_payload[64];
static pthread_mutex_t payload_lock = PTHREAD_MUTEX_INITIALIZER;

static enum rc noted(struct app *app, struct arena *a, const struct job *j, struct fault *f)
{
	(void)app;
	(void)a;
	(void)pthread_mutex_lock(&payload_lock); /* both lanes' jobs come here */
	(void)snprintf(last_payload, sizeof last_payload, "%.*s", PSTR(j->payload));
	(void)pthread_mutex_unlock(&payload_lock);
	(void)atomic_fetch_add(&runs, 1);
	return atomic_load(&failing) > 0 ? fault_set(f, RC_IO, "the server does not answer") : RC_OK;
}

static enum rc never(struct app *app, struct arena *a, const struct job *j, struct fault *f)
{
	(void)app;
	(void)a;
	(void)j;
	(void)f;
	(void)atomic_fetch_add(&slow_runs, 1);
	while (!atomic_load(&slow_go))
		(void)sched_yield();
	(void)atomic_fetch_add(&slow_runs, 1);
	return RC_OK;
}

void open_store(void)
{
	struct store_config c = {.path = test_database(x.path), .steps = LISTS, .clock = &x.clock};
	struct fault f;
	if (store_open(&x.store, &c, &f) != RC_OK)
		fail_msg("%s", f.text);
}

int setup(void **state)
{
	(void)state;
	x = (struct fixture){.dir = "/tmp/xom-job-XXXXXX"};
	atomic_store(&runs, 0);
	atomic_store(&slow_runs, 0);
	atomic_store(&failing, 0);
	atomic_store(&slow_go, false);
	assert_int_equal(crypto_start(NULL), RC_OK);
	assert_non_null(mkdtemp(x.dir));
	(void)snprintf(x.path, sizeof x.path, "%s/xom.db", x.dir);
	clock_init(&x.clock);
	arena_init(&x.arena, ARENA_REQUEST_LIMIT);
	open_store();
	return 0;
}

int teardown(void **state)
{
	(void)state;
	store_close(x.store);
	test_database_drop(x.path);
	arena_release(&x.arena);
	(void)unlink(x.path);
	return rmdir(x.dir);
}

void move_clock(int64_t us) { (void)atomic_fetch_add(x.clock.shift, us); }

enum rc put_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct put *p = ctx;
	return outbox_put(tx, p->kind, p->due_at, str_of(p->dedup), str_of(p->payload), f);
}

enum rc cancel_fn(struct tx *tx, void *ctx, struct fault *f)
{
	const struct put *p = ctx;
	return outbox_cancel(tx, p->kind, str_of(p->dedup), f);
}

enum rc write_as(struct ward_id ward, tx_fn *fn, void *ctx)
{
	return store_write(x.store, ward, &x.arena, fn, ctx, NULL);
}

void put(struct ward_id ward, const char *kind, const char *dedup, int64_t due_at)
{
	struct put p = {kind, dedup, "payload", due_at};
	assert_int_equal(write_as(ward, put_fn, &p), RC_OK);
}

enum rc list_fn(struct tx *tx, void *ctx, struct fault *f)
{
	struct list *l = ctx;
	return job_list(tx, str_of(l->state), 100, &l->rows, &l->n, f);
}

size_t count(struct ward_id ward, const char *state)
{
	struct list l = {.state = state};
	struct arena own;
	arena_init(&own, ARENA_REQUEST_LIMIT);
	assert_int_equal(store_read(x.store, ward, &own, list_fn, &l, NULL), RC_OK);
	arena_release(&own);
	return l.n;
}

struct job_row only(struct ward_id ward)
{
	struct list l = {.state = ""};
	assert_int_equal(store_read(x.store, ward, &x.arena, list_fn, &l, NULL), RC_OK);
	assert_int_equal(l.n, 1);
	return l.rows[0];
}

enum rc claim(struct claim *c)
{
	*c = (struct claim){.kinds = ALL};
	return write_as((struct ward_id){0}, outbox_claim, c);
}

enum rc finish(const struct claim *c, enum rc how, const char *error)
{
	struct finish end = {c, how, str_of(error)};
	return write_as((struct ward_id){0}, outbox_finish, &end);
}

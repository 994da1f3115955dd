/* A disk that fails: a layer under SQLite (a VFS) whose writes and syncs of the journal can be made
 * to fail. What was acknowledged is there, what was refused is not, and nobody else suffers. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

static struct shim {
	sqlite3_vfs vfs, *real;
	atomic_int failing_syncs;      /* of the journal, from now on */
	atomic_int failing_writes;
	atomic_int syncs;              /* of the journal, that were done */
} shim;

struct shim_file {
	sqlite3_file base;
	bool journal;
	sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *file) { return ((struct shim_file *)file)->real; }
static bool hit(sqlite3_file *file, atomic_int *left)
{
	if (!((struct shim_file *)file)->journal || atomic_load(left) <= 0)
		return false;
	(void)atomic_fetch_sub(left, 1);
	return true;
}

static int x_close(sqlite3_file *f)
{
	int rc = real_of(f)->pMethods->xClose(real_of(f));
	free(real_of(f));
	return rc;
}
static int x_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	return hit(f, &shim.failing_writes) ? SQLITE_FULL
	                                    : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), n);
}
static int x_sync(sqlite3_file *f, int flags)
{
	if (hit(f, &shim.failing_syncs))
		return SQLITE_IOERR_FSYNC;
	if (((struct shim_file *)f)->journal)
		(void)atomic_fetch_add(&shim.syncs, 1);
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}
static int x_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), n);
}
static int x_lock(sqlite3_file *f, int l) { return real_of(f)->pMethods->xLock(real_of(f), l); }
static int x_unlock(sqlite3_file *f, int l) { return real_of(f)->pMethods->xUnlock(real_of(f), l); }
static int x_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}
static int x_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
static int x_sector(sqlite3_file *f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); }
static int x_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}
static int x_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}
static int x_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}
static void x_shm_barrier(sqlite3_file *f) { real_of(f)->pMethods->xShmBarrier(real_of(f)); }
static int x_shm_unmap(sqlite3_file *f, int drop)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), drop);
}

static const sqlite3_io_methods METHODS = {
	2, x_close, x_read, x_write, x_truncate, x_sync, x_size, x_lock, x_unlock, x_reserved,
	x_control, x_sector, x_device, x_shm_map, x_shm_lock, x_shm_barrier, x_shm_unmap, NULL, NULL,
};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	(void)vfs;
	struct shim_file *f = (struct shim_file *)file;
	*f = (struct shim_file){.journal = (flags & SQLITE_OPEN_WAL) != 0};
	f->real = calloc(1, (size_t)shim.real->szOsFile);
	if (f->real == NULL)
		return SQLITE_NOMEM;
	int rc = shim.real->xOpen(shim.real, name, f->real, flags, out);
	if (rc == SQLITE_OK)
		f->base.pMethods = &METHODS;
	else
		free(f->real);
	return rc;
}

static int group_setup(void **state)
{
	(void)state;
	shim.real = sqlite3_vfs_find(NULL);
	shim.vfs = *shim.real;
	shim.vfs.zName = "failing";
	shim.vfs.szOsFile = (int)sizeof(struct shim_file);
	shim.vfs.xOpen = x_open;
	return sqlite3_vfs_register(&shim.vfs, 1);
}

static int setup(void **state)
{
	static struct fixture x;
	fixture_open(&x);
	*state = &x;
	return 0;
}

static int teardown(void **state)
{
	atomic_store(&shim.failing_syncs, 0);
	atomic_store(&shim.failing_writes, 0);
	fixture_close(*state);
	return 0;
}

struct add {
	int64_t id;
	size_t bytes;
	int runs;
};

static enum rc add_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql put = SQL_WARD(
		"INSERT INTO item(ward_id, id, name, note) VALUES (?1, ?2, ?3, ?4)", "itb", "");
	struct add *a = ctx;
	char name[32];
	(void)snprintf(name, sizeof name, "n%lld", (long long)a->id);
	a->runs++;
	char *big = calloc(1, a->bytes + 1);
	if (big == NULL)
		return RC_NOMEM;
	enum rc rc = sql_run(tx, &put, BIND(v_int(a->id), v_text(str_of(name)),
	                                    v_blob(str_n(big, a->bytes))), NULL, f);
	free(big);
	return rc;
}

static void make(struct batch *b, struct fixture *x, struct add *a, size_t n)
{
	*b = (struct batch){.x = x, .n = n};
	for (size_t i = 0; i < n; i++) {
		a[i].id = (int64_t)i + 1;
		b->part[i] = (struct part){.fn = add_fn, .ctx = &a[i]};
	}
}

static void what_is_acknowledged_was_synced(void **state)
{
	struct fixture *x = *state;
	for (int64_t id = 1; id < 4; id++) {
		struct add a = {.id = id};
		int before = atomic_load(&shim.syncs);
		assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &a, NULL), RC_OK);
		assert_true(atomic_load(&shim.syncs) > before);
	}
	/* And several waiting ones by one sync, or group commit would be none. */
	struct add a[8] = {0};
	struct batch b;
	make(&b, x, a, 8);
	for (size_t i = 0; i < 8; i++)
		a[i].id += 100;
	int before = atomic_load(&shim.syncs);
	batch_run(&b);
	assert_true(atomic_load(&shim.syncs) <= before + 2); /* the holder's own, if any, and theirs */
}

static void fail_one_sync(struct batch *b)
{
	(void)b;
	atomic_store(&shim.failing_syncs, 1);
}

static void a_failed_sync_is_answered_by_a_second_run(void **state)
{
	struct fixture *x = *state;
	struct add a[4] = {0};
	struct batch b;
	make(&b, x, a, 4);
	b.when_waiting = fail_one_sync;
	batch_run(&b);
	assert_int_equal(atomic_load(&shim.failing_syncs), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(b.part[i].rc, RC_OK);
		assert_int_equal(b.part[i].fault.rc, RC_OK);
		assert_int_equal(a[i].runs, 2);
	}
	fixture_again(x);
	assert_int_equal(item_count(x, WARD_A), 4);
}

static void fail_two_syncs(struct batch *b)
{
	(void)b;
	atomic_store(&shim.failing_syncs, 2);
}

/* The whole batch fails, and then the first of those run alone: it is told so. */
static void a_refused_one_is_not_there(void **state)
{
	struct fixture *x = *state;
	struct add a[3] = {0};
	struct batch b;
	make(&b, x, a, 3);
	b.when_waiting = fail_two_syncs;
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_IO);
	assert_int_equal(b.part[0].fault.rc, RC_IO);
	assert_int_equal(b.part[1].rc, RC_OK);
	assert_int_equal(b.part[2].rc, RC_OK);
	fixture_again(x);
	assert_false(item_is(x, WARD_A, 1));
	assert_true(item_is(x, WARD_A, 2) && item_is(x, WARD_A, 3));
}

static void a_dead_disk_refuses_everyone(void **state)
{
	struct fixture *x = *state;
	struct add a[3] = {0};
	struct batch b;
	make(&b, x, a, 3);
	atomic_store(&shim.failing_syncs, 1000);
	batch_run(&b);
	for (int i = 0; i < 3; i++)
		assert_int_equal(b.part[i].rc, RC_IO);
	assert_int_equal(item_count(x, WARD_A), 0);
	atomic_store(&shim.failing_syncs, 0); /* it comes back, and so does the writer */
	struct add again = {.id = 9};
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &again, NULL), RC_OK);
	fixture_again(x);
	assert_int_equal(item_count(x, WARD_A), 1);
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

static void a_full_disk_at_commit(void **state)
{
	struct fixture *x = *state;
	struct add a[2] = {0};
	struct batch b;
	make(&b, x, a, 2);
	atomic_store(&shim.failing_writes, 1000);
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_FULL);
	assert_int_equal(b.part[1].rc, RC_FULL);
	atomic_store(&shim.failing_writes, 0);
	assert_int_equal(item_count(x, WARD_A), 0);
}

/* FULL inside a function takes back the whole transaction, the others' rows too: they are run
 * again and stay. */
static void a_full_disk_for_the_big_one(void **state)
{
	static const struct schema_step bound[] = {
		{"test-0001", "PRAGMA max_page_count = 60;"}, {0},
	};
	static const struct schema_step *const lists[] = {ITEM_STEPS, bound, NULL};
	struct fixture *x = *state;
	fixture_close(x);
	*x = (struct fixture){0};
	fixture_open_with(x, lists);
	struct add a[3] = {{.bytes = 100}, {.bytes = 4000000}, {.bytes = 100}};
	struct batch b;
	make(&b, x, a, 3);
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_OK);
	assert_int_equal(b.part[1].rc, RC_FULL);
	assert_int_equal(b.part[2].rc, RC_OK);
	assert_int_equal(a[0].runs, 2);
	fixture_again(x);
	assert_true(item_is(x, WARD_A, 1) && !item_is(x, WARD_A, 2) && item_is(x, WARD_A, 3));
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_acknowledged_was_synced), T(a_failed_sync_is_answered_by_a_second_run),
		T(a_refused_one_is_not_there),
		T(a_dead_disk_refuses_everyone), T(a_full_disk_at_commit), T(a_full_disk_for_the_big_one),
	};
	return cmocka_run_group_tests(tests, group_setup, NULL);
}

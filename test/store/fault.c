/* A disk and a memory that fail: layers under SQLite (a VFS, an allocator) in which any one operation
 * can be made to fail, or all from one on. What was acknowledged is there, what was refused is not,
 * nobody else suffers, and the writer is back as soon as the cause is gone. */
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "kit/store/sqlite_impl.h"

static struct shim {
	sqlite3_vfs vfs, *real;
	atomic_int failing_syncs;      /* of the journal, from now on */
	atomic_int failing_writes;
	atomic_int syncs;              /* of the journal, that were done */
} shim;

/* Counts operations from the moment it is armed; those from the `from`th on fail, `n` of them. */
struct trap {
	atomic_int seen, from, n, hits;
	int rc;
};
static struct trap disk, memory;
static sqlite3_mem_methods real_memory;

static bool caught(struct trap *t)
{
	int from = atomic_load(&t->from);
	if (from == 0)
		return false;
	int at = atomic_fetch_add(&t->seen, 1) + 1;
	if (at < from || at - from >= atomic_load(&t->n))
		return false;
	(void)atomic_fetch_add(&t->hits, 1);
	return true;
}

static void arm(struct trap *t, int from, int n)
{
	atomic_store(&t->from, 0);
	atomic_store(&t->seen, 0);
	atomic_store(&t->hits, 0);
	atomic_store(&t->n, n);
	atomic_store(&t->from, from);
}

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
	return caught(&disk) ? SQLITE_IOERR_READ : real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}
static int x_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	if (caught(&disk)) { /* half of it is there */
		(void)real_of(f)->pMethods->xWrite(real_of(f), p, n / 2, at);
		return disk.rc;
	}
	return hit(f, &shim.failing_writes) ? SQLITE_FULL
	                                    : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return caught(&disk) ? SQLITE_IOERR_TRUNCATE : real_of(f)->pMethods->xTruncate(real_of(f), n);
}
static int x_sync(sqlite3_file *f, int flags)
{
	if (hit(f, &shim.failing_syncs) || caught(&disk))
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
	return caught(&disk) ? SQLITE_IOERR_SHMMAP
	                     : real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
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

static void *x_malloc(int n) { return caught(&memory) ? NULL : real_memory.xMalloc(n); }
static void *x_realloc(void *p, int n) { return caught(&memory) ? NULL : real_memory.xRealloc(p, n); }

static int group_setup(void **state)
{
	(void)state;
	sqlite3_mem_methods failing;
	(void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
	failing = real_memory;
	failing.xMalloc = x_malloc;
	failing.xRealloc = x_realloc;
	(void)sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
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
	atomic_store(&disk.from, 0);
	atomic_store(&memory.from, 0);
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

/* --- each operation of a batch --- */

static struct { struct trap *trap; int from, n; } armed;
static void arm_when_waiting(struct batch *b)
{
	(void)b;
	arm(armed.trap, armed.from, armed.n);
}

/* Answers and rows agree, and the next batch is well again. */
static void agrees(struct fixture *x, const struct batch *b, const struct add *a)
{
	struct add next = {.id = a[b->n - 1].id + 1};
	for (size_t i = 0; i < b->n; i++) {
		const struct part *p = &b->part[i];
		if (item_is(x, WARD_A, a[i].id) != (p->rc == RC_OK))
			fail_msg("operation %d: part %zu was answered %s", armed.from, i, rc_name(p->rc));
		if (p->rc != RC_OK && p->rc != RC_FULL && p->rc != RC_IO && p->rc != RC_NOMEM)
			fail_msg("operation %d: %s: %s", armed.from, rc_name(p->rc), p->fault.text);
	}
	assert_int_equal(store_write(x->store, WARD_A, &x->arena, add_fn, &next, NULL), RC_OK);
}

/* The first, second … operation of a batch fails, once or with all that follow, until a batch has
 * fewer. The middle one is more than the cache holds: it is written to the journal before COMMIT. */
static void sweep(struct fixture *x, struct trap *trap, int n)
{
	static int64_t id;
	int hits = 0, refused = 0;
	id = 0;
	armed.trap = trap;
	armed.n = n;
	for (armed.from = 1;; armed.from += 1 + armed.from / 4) {
		struct add a[3] = {{.id = id + 1}, {.id = id + 2, .bytes = 5 << 20}, {.id = id + 3}};
		struct batch b = {.x = x, .n = 3, .when_waiting = arm_when_waiting};
		for (size_t i = 0; i < 3; i++)
			b.part[i] = (struct part){.fn = add_fn, .ctx = &a[i]};
		batch_run(&b);
		atomic_store(&trap->from, 0);
		agrees(x, &b, a);
		id += 4;
		for (size_t i = 0; i < 3; i++)
			refused += b.part[i].rc != RC_OK;
		if (atomic_load(&trap->hits) == 0)
			break;
		hits++;
	}
	assert_true(hits > 10);
	/* What fails once is run again and refuses nobody; what goes on failing refuses. */
	assert_true(n == 1 ? refused <= hits : refused > hits);
	fixture_again(x);
	assert_int_equal(store_check(x->store, &x->arena, &x->fault), RC_OK);
}

static void any_write_without_room(void **state)
{
	disk.rc = SQLITE_FULL;
	sweep(*state, &disk, 1);
}
static void any_operation_of_a_disk_fails(void **state)
{
	disk.rc = SQLITE_IOERR_WRITE;
	sweep(*state, &disk, 1);
}
static void a_disk_fails_from_any_operation_on(void **state)
{
	disk.rc = SQLITE_IOERR_WRITE;
	sweep(*state, &disk, 1 << 30);
}
static void any_piece_of_memory_is_missing(void **state) { sweep(*state, &memory, 1); }
static void memory_ends_at_any_piece(void **state) { sweep(*state, &memory, 1 << 30); }

/* What stops a statement takes back the whole transaction: the others are run again and stay. */
static enum rc interrupted_fn(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql all = SQL_WARD("SELECT id FROM item WHERE ward_id = ?1", "", "i");
	struct rows r;
	enum rc rc = sql_rows(tx, &all, &r, NO_BIND, f);
	if (rc == RC_OK)
		rc = rows_next(&r, f);
	if (rc == RC_OK)
		sqlite3_interrupt(lite_conn_of(tx)->db);
	rc = add_fn(tx, ctx, f);
	rows_end(&r);
	return rc;
}

static void an_interrupted_function(void **state)
{
	struct fixture *x = *state;
	struct add a[3] = {0};
	struct batch b;
	make(&b, x, a, 3);
	b.part[1].fn = interrupted_fn;
	batch_run(&b);
	assert_int_equal(b.part[0].rc, RC_OK);
	assert_true(b.part[1].rc < 0);
	assert_int_equal(b.part[2].rc, RC_OK);
	assert_int_equal(a[0].runs, 2);
	fixture_again(x);
	assert_true(item_is(x, WARD_A, 1) && !item_is(x, WARD_A, 2) && item_is(x, WARD_A, 3));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_acknowledged_was_synced), T(a_failed_sync_is_answered_by_a_second_run),
		T(a_refused_one_is_not_there),
		T(a_dead_disk_refuses_everyone), T(a_full_disk_at_commit), T(a_full_disk_for_the_big_one),
		T(any_write_without_room), T(any_operation_of_a_disk_fails), T(a_disk_fails_from_any_operation_on),
		T(any_piece_of_memory_is_missing), T(memory_ends_at_any_piece), T(an_interrupted_function),
	};
	return cmocka_run_group_tests(tests, group_setup, NULL);
}

/* kill -9 under load: the child says each acknowledged id over a pipe and is killed at some moment;
 * every id that was said is found again, once. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pthread.h>

#include "fixture.h"

enum { ROUNDS = 5, WRITERS = 8, ENOUGH = 200 };

struct writer {
	struct fixture *x;
	int64_t next;
	int out;
};

static enum rc add_fn(struct tx *tx, void *ctx, struct fault *f)
{
	int64_t id = *(int64_t *)ctx;
	char name[32];
	(void)snprintf(name, sizeof name, "n%lld", (long long)id);
	return item_add(tx, id, name, f);
}

static void *write_for_ever(void *arg)
{
	struct writer *w = arg;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (;; w->next++) {
		if (store_write(w->x->store, WARD_A, &a, add_fn, &w->next, NULL) != RC_OK)
			_exit(3);
		if (write(w->out, &w->next, sizeof w->next) != sizeof w->next)
			_exit(4);
		arena_reset(&a);
	}
	return NULL;
}

static void child(struct fixture *x, int round, int out)
{
	struct writer w[WRITERS];
	pthread_t t;
	if (store_open(&x->store, &x->config, NULL) != RC_OK)
		_exit(2);
	for (int i = 0; i < WRITERS; i++) {
		w[i] = (struct writer){x, ((int64_t)round * WRITERS + i + 1) * 1000000, out};
		if (pthread_create(&t, NULL, write_for_ever, &w[i]) != 0)
			_exit(5);
	}
	for (;;)
		(void)pause();
}

static void nothing_acknowledged_is_lost(void **state)
{
	struct fixture x;
	static int64_t said[1 << 16];
	size_t n = 0;
	(void)state;
	fixture_open(&x);
	for (int round = 0; round < ROUNDS; round++) {
		int pipes[2], status = 0;
		store_close(x.store);
		x.store = NULL;
		assert_int_equal(pipe(pipes), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			(void)close(pipes[0]);
			child(&x, round, pipes[1]);
		}
		(void)close(pipes[1]);
		size_t target = n + ENOUGH;
		while (n < sizeof said / sizeof *said &&
		       read(pipes[0], &said[n], sizeof said[n]) == sizeof said[n]) {
			n++;
			if (n == target)
				(void)kill(pid, SIGKILL); /* and read what it still could say */
		}
		(void)close(pipes[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_int_equal(store_open(&x.store, &x.config, &x.fault), RC_OK);
	}
	assert_true(n >= (size_t)ROUNDS * ENOUGH);
	for (size_t i = 0; i < n; i++)
		if (!item_is(&x, WARD_A, said[i]))
			fail_msg("%lld was acknowledged and is gone", (long long)said[i]);
	/* At most one a writer and round may be there without having been acknowledged. */
	assert_true(item_count(&x, WARD_A) <= (int64_t)n + ROUNDS * WRITERS);
	assert_int_equal(store_check(x.store, &x.arena, &x.fault), RC_OK);
	fixture_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The queue of passwords: of many at once some are told to come again, none gets a wrong answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "ward/people/people_impl.h"

static struct arena arena;
static struct fault fault;
static struct password_queue *queue;
static struct str stored;
static void *check_one(void *out)
{
	struct arena a;
	arena_init(&a, 1 << 20);
	*(enum rc *)out = password_check(queue, &a, stored, STR("mười ký tự đó"), NULL);
	arena_release(&a);
	return NULL;
}

static void bounded(void **state)
{
	(void)state;
	enum { MANY = 24 };
	pthread_t t[MANY];
	enum rc got[MANY];
	arena_init(&arena, 1 << 20);
	assert_int_equal(crypto_start(NULL), RC_OK);
	queue = password_queue_new();
	assert_int_equal(password_hash(queue, &arena, STR("mười ký tự đó"), &stored, &fault), RC_OK);
	assert_true(str_starts(stored, STR("$argon2id$v=19$m=65536,t=2,p=1$")));
	for (int i = 0; i < MANY; i++)
		assert_int_equal(pthread_create(&t[i], NULL, check_one, &got[i]), 0);
	size_t ok = 0, again = 0;
	for (int i = 0; i < MANY; i++) {
		(void)pthread_join(t[i], NULL);
		ok += got[i] == RC_OK;
		again += got[i] == RC_AGAIN;
	}
	assert_int_equal(ok + again, MANY);
	assert_true(ok >= 8);
	assert_int_equal(password_check(queue, &arena, stored, STR("mười ký tự đó"), NULL), RC_OK);
	assert_int_equal(password_check(queue, &arena, STR("not a hash"), STR("x"), NULL), RC_DENIED);
	assert_int_equal(password_check(queue, &arena, STR_EMPTY, STR_EMPTY, NULL), RC_DENIED);
	password_queue_free(queue);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bounded)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

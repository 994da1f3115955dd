#include <errno.h>
#include <pthread.h>
#include <sodium.h>

#include "kit/base/text.h"
#include "ward/people/people_impl.h"

enum { WAITING_MAX = 8 };

struct password_queue {
	pthread_mutex_t count_lock, work_lock;
	int waiting;
};

/* Nobody's, of the same cost: well-formed, all zero. */
static const char DUMMY[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/* Two passes over 64 MiB (libsodium's INTERACTIVE): 60 to 70 ms. */
static bool make(char out[crypto_pwhash_STRBYTES], struct str password)
{
	return crypto_pwhash_str_alg(out, password.p, password.n,
	                             crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE,
	                             crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE,
	                             crypto_pwhash_ALG_ARGON2ID13) == 0;
}

struct password_queue *password_queue_new(void)
{
	struct password_queue *q = calloc(1, sizeof *q);
	if (q == NULL)
		return NULL;
	(void)pthread_mutex_init(&q->count_lock, NULL);
	(void)pthread_mutex_init(&q->work_lock, NULL);
	return q;
}

void password_queue_free(struct password_queue *q)
{
	if (q == NULL)
		return;
	(void)pthread_mutex_destroy(&q->count_lock);
	(void)pthread_mutex_destroy(&q->work_lock);
	free(q);
}

static bool enter(struct password_queue *q)
{
	(void)pthread_mutex_lock(&q->count_lock);
	bool in = q->waiting < WAITING_MAX;
	q->waiting += in;
	(void)pthread_mutex_unlock(&q->count_lock);
	if (in)
		(void)pthread_mutex_lock(&q->work_lock);
	return in;
}

static void leave(struct password_queue *q)
{
	(void)pthread_mutex_unlock(&q->work_lock);
	(void)pthread_mutex_lock(&q->count_lock);
	q->waiting--;
	(void)pthread_mutex_unlock(&q->count_lock);
}

enum rc password_hash(struct password_queue *q, struct arena *a, struct str password,
                      struct str *out, struct fault *f)
{
	char text[crypto_pwhash_STRBYTES];
	struct str composed = text_compose(a, password);
	if (!enter(q))
		return fault_set(f, RC_AGAIN, "too many wait for the password check");
	bool ok = make(text, composed);
	leave(q);
	if (!ok)
		return fault_set(f, RC_NOMEM, "no memory for a password");
	*out = arena_copy(a, str_of(text));
	return RC_OK;
}

enum rc password_check(struct password_queue *q, struct arena *a, struct str stored,
                       struct str password, struct fault *f)
{
	/* Too long or broken ones are nobody's: they cost what others cost, no more. */
	bool possible = stored.n > 0 && stored.n < crypto_pwhash_STRBYTES && text_utf8_ok(password) &&
	                password.n <= PASSWORD_BYTES;
	struct str composed = possible ? text_compose(a, password) : STR("");
	const char *against = possible ? arena_z(a, stored) : DUMMY;
	if (!enter(q))
		return fault_set(f, RC_AGAIN, "too many wait for the password check");
	errno = 0;
	bool same = crypto_pwhash_str_verify(against, composed.p, composed.n) == 0;
	bool memory = errno == ENOMEM;
	leave(q);
	if (!same && memory)
		return fault_set(f, RC_NOMEM, "no memory for a password");
	return same && possible ? RC_OK : fault_set(f, RC_DENIED, "not the password");
}

/* The commonest of those that are long enough, folded. */
static const char *const COMMON[] = {
	"1234567890", "0123456789", "0987654321", "9876543210", "12345678910", "123456789a",
	"123456789q", "a123456789", "1234567891", "123456789abc", "abc123456789", "qwertyuiop",
	"qwerty12345", "qwerty123456", "1q2w3e4r5t", "1q2w3e4r5t6y", "1qaz2wsx3edc", "q1w2e3r4t5",
	"asdfghjkl1", "asdfghjkl;", "zxcvbnm123", "password12", "password123", "password1234",
	"p@ssw0rd123", "passw0rd123", "matkhau123", "matkhau1234", "matkhau12345", "mat khau 123",
	"matkhaumoi", "iloveyou123", "iloveyou12", "anhyeuem123", "anhyeuem12", "anhyeuem1234",
	"emyeuanh123", "emyeuanh12", "yeuem123456", "yeuanh123456", "khongbiet123", "khongcomatkhau",
	"khongcopass", "congan1234", "congan113113", "admin12345", "admin123456", "administrator",
	"vietnam123", "vietnam1234", "vietnam2026", "vietnam2025", "cantho1234", "cantho12345",
	"welcome123", "letmein123", "princess123", "football123", "dragon12345", "sunshine123",
	"11223344556", "1122334455", "112233445566", "123123123123", "1231231231", "1234512345",
	"0909090909", "6868686868", "1029384756", "abcdefghij", "abcd123456", "abcdef123456",
};

static bool repeated(struct str s)
{
	for (size_t period = 1; period <= 3; period++) {
		bool all = true;
		for (size_t i = period; i < s.n && all; i++)
			all = s.p[i] == s.p[i - period];
		if (all)
			return true;
	}
	return false;
}

enum rc password_good(struct arena *a, struct str password, struct str login, struct fault *f)
{
	if (!text_utf8_ok(password) || password.n > PASSWORD_BYTES)
		return fault_at(f, RC_INVALID, "", 0, "long", "the password is too long, or not a text");
	password = text_compose(a, password);
	if (text_length(password) < PASSWORD_MIN)
		return fault_at(f, RC_INVALID, "", 0, "short", "a password has 10 characters or more");
	struct str folded = text_fold(a, password);
	if (str_eq(folded, text_fold(a, login)))
		return fault_at(f, RC_INVALID, "", 0, "login", "the password is the login");
	bool common = repeated(folded);
	for (size_t i = 0; i < sizeof COMMON / sizeof *COMMON && !common; i++)
		common = str_is(folded, COMMON[i]);
	if (common)
		return fault_at(f, RC_INVALID, "", 0, "common", "the password is among the commonest");
	return RC_OK;
}

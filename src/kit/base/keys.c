#include "kit/base/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"

enum { NAME_MAX_BYTES = 48, KEYS_MAX = 4096 };

struct entry {
	char name[NAME_MAX_BYTES + 1];
	int number;
	int64_t made_at;
	struct key key;
};
struct keys {
	pthread_mutex_t lock;
	const struct clock *clock;
	char *dir;
	int fd;                /* of the folder */
	struct timespec seen;  /* its modification time when it was read */
	struct entry *list;    /* by name, then number */
	size_t count;
};

static bool name_ok(struct str s)
{
	if (s.n == 0 || s.n > NAME_MAX_BYTES || s.p[0] == '.')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '.' || s.p[i] == '-'))
			return false;
	return true;
}

/* NAME.NUMBER.key; files of other names are not ours. */
static bool parse_name(struct str file, struct entry *e)
{
	int64_t number;
	if (!str_ends(file, STR(".key")))
		return false;
	struct str name = str_sub(file, 0, file.n - 4);
	size_t dot = name.n;
	while (dot > 0 && name.p[dot - 1] != '.')
		dot--;
	if (dot < 2 || !str_i64(str_sub(name, dot, name.n), &number) || number < 1 ||
	    number > INT32_MAX || name.p[dot] == '0')
		return false;
	name = str_sub(name, 0, dot - 1);
	if (!name_ok(name))
		return false;
	memcpy(e->name, name.p, name.n);
	e->number = (int)number;
	return true;
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->name, y->name);
	return c != 0 ? c : (x->number > y->number) - (x->number < y->number);
}

/* 64 hex digits, a line end, the time it was made, a line end. */
static enum rc read_key(const struct keys *k, const char *file, struct entry *e, struct fault *f)
{
	char text[128];
	struct stat st;
	int fd = openat(k->fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fault_at(f, RC_IO, file, 0, "", "cannot open the key: %s", strerror(errno));
	ssize_t n = read(fd, text, sizeof text);
	bool safe = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0;
	(void)close(fd);
	if (!safe)
		return fault_at(f, RC_IO, file, 0, "", "others can read the key: chmod 600 it");
	size_t bytes = 0;
	struct str line = str_n(text, n > 0 ? (size_t)n : 0);
	bool ok = line.n > 66 && line.p[64] == '\n' && line.p[line.n - 1] == '\n' &&
	          sodium_hex2bin(e->key.b, KEY_SIZE, text, 64, NULL, &bytes, NULL) == 0 &&
	          bytes == KEY_SIZE && str_i64(str_sub(line, 65, line.n - 66), &e->made_at);
	sodium_memzero(text, sizeof text);
	return ok ? RC_OK : fault_at(f, RC_CORRUPT, file, 0, "", "not a key");
}

static enum rc load(struct keys *k, struct fault *f)
{
	struct stat st;
	if (fstat(k->fd, &st) != 0)
		return fault_set(f, RC_IO, "cannot look at %s: %s", k->dir, strerror(errno));
	int fd = openat(k->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return fault_set(f, RC_IO, "cannot list %s: %s", k->dir, strerror(errno));
	}
	enum rc rc = RC_OK;
	struct entry *list = NULL;
	size_t count = 0;
	for (struct dirent *de; rc == RC_OK && (de = readdir(d)) != NULL;) {
		struct entry e = {0};
		if (!parse_name(str_of(de->d_name), &e))
			continue;
		rc = read_key(k, de->d_name, &e, f);
		struct entry *more = rc == RC_OK ? reallocarray(list, count + 1, sizeof *list) : NULL;
		if (rc == RC_OK && (more == NULL || count == KEYS_MAX))
			rc = fault_set(f, RC_NOMEM, "too many keys in %s", k->dir);
		if (more != NULL)
			list = more;
		if (rc == RC_OK)
			list[count++] = e;
		sodium_memzero(&e, sizeof e);
	}
	(void)closedir(d);
	if (rc != RC_OK) {
		if (list != NULL)
			sodium_memzero(list, count * sizeof *list);
		free(list);
		return rc;
	}
	if (count > 0)
		qsort(list, count, sizeof *list, by_name);
	if (k->list != NULL)
		sodium_memzero(k->list, k->count * sizeof *k->list);
	free(k->list);
	k->list = list;
	k->count = count;
	k->seen = st.st_mtim;
	return RC_OK;
}

/* `xom keys rotate` may run beside a server: a changed folder is read again. */
static enum rc refresh(struct keys *k, struct fault *f)
{
	struct stat st;
	if (fstat(k->fd, &st) == 0 && st.st_mtim.tv_sec == k->seen.tv_sec &&
	    st.st_mtim.tv_nsec == k->seen.tv_nsec)
		return RC_OK;
	return load(k, f);
}

enum rc keys_open(struct keys **out, const char *dir, const struct clock *clock, struct fault *f)
{
	struct stat st;
	enum rc rc = folder_make(dir, f);
	if (rc != RC_OK)
		return rc;
	struct keys *k = calloc(1, sizeof *k);
	if (k == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	(void)pthread_mutex_init(&k->lock, NULL);
	k->clock = clock;
	k->dir = strdup(dir);
	k->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (k->fd < 0 || k->dir == NULL || fstat(k->fd, &st) != 0)
		rc = fault_set(f, RC_IO, "cannot open the keys' folder %s: %s", dir, strerror(errno));
	else if ((st.st_mode & 077) != 0)
		rc = fault_set(f, RC_IO, "others can read the keys' folder %s: chmod 700 it", dir);
	else
		rc = load(k, f);
	if (rc != RC_OK) {
		keys_free(k);
		return rc;
	}
	*out = k;
	return RC_OK;
}

void keys_free(struct keys *k)
{
	if (k == NULL)
		return;
	if (k->list != NULL)
		sodium_memzero(k->list, k->count * sizeof *k->list);
	free(k->list);
	if (k->fd >= 0)
		(void)close(k->fd);
	free(k->dir);
	(void)pthread_mutex_destroy(&k->lock);
	free(k);
}

/* The key of that number, or with 0 the highest. */
static const struct entry *find(const struct keys *k, const char *name, int number)
{
	const struct entry *best = NULL;
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->list[i].name, name) == 0 && (number == 0 || k->list[i].number == number))
			best = &k->list[i];
	return best;
}

static bool put(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);
		if (done < 0 && errno != EINTR)
			return false;
		p += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return true;
}

/* Written aside and linked into place whole, so that nobody ever reads half a key, and of two who
 * make the same number one wins: RC_EXISTS for the other. */
static enum rc write_key(struct keys *k, const char *name, int number, struct fault *f)
{
	char text[160], hex[KEY_SIZE * 2 + 1], file[96], aside[96];
	struct key key;
	uint64_t nonce;
	random_bytes(&key, sizeof key);
	random_bytes(&nonce, sizeof nonce);
	(void)sodium_bin2hex(hex, sizeof hex, key.b, KEY_SIZE);
	int n = snprintf(text, sizeof text, "%s\n%lld\n", hex, (long long)clock_now(k->clock));
	(void)snprintf(file, sizeof file, "%s.%d.key", name, number);
	(void)snprintf(aside, sizeof aside, ".%016llx.new", (unsigned long long)nonce);
	enum rc rc = RC_OK;
	int fd = openat(k->fd, aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !put(fd, text, (size_t)n) || fsync(fd) != 0)
		rc = fault_set(f, RC_IO, "cannot write a key in %s: %s", k->dir, strerror(errno));
	else if (linkat(k->fd, aside, k->fd, file, 0) != 0)
		rc = errno == EEXIST ? RC_EXISTS
		                     : fault_set(f, RC_IO, "cannot name a key in %s: %s", k->dir,
		                                 strerror(errno));
	if (fd >= 0) {
		(void)close(fd);
		(void)unlinkat(k->fd, aside, 0);
	}
	if (rc == RC_OK && fsync(k->fd) != 0)
		rc = fault_set(f, RC_IO, "cannot store a key in %s: %s", k->dir, strerror(errno));
	sodium_memzero(&key, sizeof key);
	sodium_memzero(text, sizeof text);
	sodium_memzero(hex, sizeof hex);
	return rc;
}

enum rc keys_current(struct keys *k, const char *name, int *number, struct key *out,
                     struct fault *f)
{
	if (!name_ok(str_of(name)))
		BUG("key name %s", name);
	(void)pthread_mutex_lock(&k->lock);
	enum rc rc = refresh(k, f);
	const struct entry *e = rc == RC_OK ? find(k, name, 0) : NULL;
	if (rc == RC_OK && e == NULL) {
		rc = write_key(k, name, 1, f);
		if (rc == RC_OK || rc == RC_EXISTS)
			rc = load(k, f);
		e = rc == RC_OK ? find(k, name, 0) : NULL;
		if (rc == RC_OK && e == NULL)
			rc = fault_set(f, RC_IO, "the key %s vanished from %s", name, k->dir);
	}
	if (rc == RC_OK) {
		if (number != NULL)
			*number = e->number;
		*out = e->key;
	}
	(void)pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keys_make(struct keys *k, struct fault *f)
{
	static const char *const NAMES[] = {"actor", "contact", "form", "guess", "mail", "pin", "receipt", "session"};
	struct key key;
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof NAMES / sizeof *NAMES; i++)
		rc = keys_current(k, NAMES[i], NULL, &key, f);
	sodium_memzero(&key, sizeof key);
	return rc;
}

enum rc keys_find(struct keys *k, const char *name, int number, struct key *out, struct fault *f)
{
	(void)pthread_mutex_lock(&k->lock);
	enum rc rc = refresh(k, f);
	const struct entry *e = rc == RC_OK && number > 0 ? find(k, name, number) : NULL;
	if (rc == RC_OK && number > 0 && e == NULL) { /* made within the file system's clock tick */
		rc = load(k, f);
		e = rc == RC_OK ? find(k, name, number) : NULL;
	}
	if (e != NULL)
		*out = e->key;
	else if (rc == RC_OK)
		rc = fault_set(f, RC_NONE, "no key %s.%d in %s", name, number, k->dir);
	(void)pthread_mutex_unlock(&k->lock);
	return rc;
}

int64_t keys_retired_at(struct keys *k, const char *name, int number)
{
	int64_t at = 0;
	(void)pthread_mutex_lock(&k->lock);
	(void)refresh(k, NULL);
	for (size_t i = k->count; i-- > 0;) /* the next one's making, whatever its number */
		if (strcmp(k->list[i].name, name) == 0 && k->list[i].number > number)
			at = k->list[i].made_at;
	(void)pthread_mutex_unlock(&k->lock);
	return at;
}

enum rc keys_rotate(struct keys *k, const char *name, int *number, struct fault *f)
{
	if (!name_ok(str_of(name)))
		return fault_set(f, RC_INVALID, "not the name of a key: \"%s\"", name);
	(void)pthread_mutex_lock(&k->lock);
	enum rc rc = refresh(k, f);
	const struct entry *e = rc == RC_OK ? find(k, name, 0) : NULL;
	int next = e != NULL ? e->number + 1 : 1;
	if (rc == RC_OK)
		rc = write_key(k, name, next, f);
	if (rc == RC_OK)
		rc = load(k, f);
	if (rc == RC_OK && number != NULL)
		*number = next;
	(void)pthread_mutex_unlock(&k->lock);
	return rc;
}

enum rc keys_list(struct keys *k, struct arena *a, struct key_info **list, size_t *count,
                  struct fault *f)
{
	(void)pthread_mutex_lock(&k->lock);
	enum rc rc = refresh(k, f);
	if (rc == RC_OK) {
		*list = arena_array(a, k->count + 1, sizeof **list);
		*count = k->count;
		for (size_t i = 0; i < k->count; i++)
			(*list)[i] = (struct key_info){arena_z(a, str_of(k->list[i].name)),
			                               k->list[i].number, k->list[i].made_at};
	}
	(void)pthread_mutex_unlock(&k->lock);
	return rc;
}

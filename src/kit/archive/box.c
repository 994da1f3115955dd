#include "kit/archive/box.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"

#define MAGIC "xom box 1\n"
#define PREFIX "xomkey1-"
enum {
	MAGIC_SIZE = sizeof MAGIC - 1,
	PREFIX_SIZE = sizeof PREFIX - 1,
	CHECK_SIZE = 4,
	SEALED_SIZE = crypto_box_SEALBYTES + crypto_secretstream_xchacha20poly1305_KEYBYTES,
	HEAD_SIZE = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
	PLAIN_SIZE = 64 << 10,
	FLUSH_SIZE = 1 << 20,
	CHUNK_SIZE = PLAIN_SIZE + crypto_secretstream_xchacha20poly1305_ABYTES,
};
_Static_assert(BOX_TEXT == PREFIX_SIZE + 2 * (32 + CHECK_SIZE) + 1, "text of a public key");

struct box_out {
	crypto_secretstream_xchacha20poly1305_state state;
	int fd;
	size_t n;                        /* plain bytes that wait for a whole chunk */
	size_t behind;                   /* bytes written since the last flush */
	unsigned char plain[PLAIN_SIZE], chunk[CHUNK_SIZE];
};
struct box_in {
	crypto_secretstream_xchacha20poly1305_state state;
	int fd;
	bool ended;
	unsigned char plain[PLAIN_SIZE], chunk[CHUNK_SIZE];
};

static struct hash check_of(const struct box_public *key)
{
	return hash_of(NULL, "xom box key 1", str_n((const char *)key->b, sizeof key->b));
}

static void public_text(const struct box_public *key, char out[BOX_TEXT])
{
	unsigned char both[32 + CHECK_SIZE];
	struct hash check = check_of(key);
	memcpy(both, key->b, 32);
	memcpy(both + 32, check.b, CHECK_SIZE);
	memcpy(out, PREFIX, PREFIX_SIZE);
	(void)sodium_bin2hex(out + PREFIX_SIZE, BOX_TEXT - PREFIX_SIZE, both, sizeof both);
}

bool box_public_parse(struct str text, struct box_public *out)
{
	unsigned char both[32 + CHECK_SIZE];
	size_t n = 0;
	text = str_trim(text);
	if (text.n != BOX_TEXT - 1 || !str_starts(text, STR(PREFIX)) ||
	    sodium_hex2bin(both, sizeof both, text.p + PREFIX_SIZE, text.n - PREFIX_SIZE, NULL, &n,
	                   NULL) != 0 || n != sizeof both)
		return false;
	memcpy(out->b, both, 32);
	struct hash check = check_of(out);
	return memcmp(check.b, both + 32, CHECK_SIZE) == 0;
}

static enum rc write_all(int fd, const void *p, size_t n, struct fault *f)
{
	const char *at = p;
	while (n > 0) {
		ssize_t done = write(fd, at, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fault_set(f, errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO,
			                 "cannot write: %s", strerror(errno));
		at += done;
		n -= (size_t)done;
	}
	return RC_OK;
}

/* As many as there are, up to n: fewer only at the end. */
static enum rc read_all(int fd, void *p, size_t n, size_t *got, struct fault *f)
{
	*got = 0;
	while (*got < n) {
		ssize_t done = read(fd, (char *)p + *got, n - *got);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fault_set(f, RC_IO, "cannot read: %s", strerror(errno));
		if (done == 0)
			break;
		*got += (size_t)done;
	}
	return RC_OK;
}

enum rc box_make(const char *path, char public[BOX_TEXT], struct fault *f)
{
	struct box_secret k;
	char text[2 * 32 + 2];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault_set(f, errno == EEXIST ? RC_EXISTS : RC_IO, "cannot create %s: %s", path,
		                 strerror(errno));
	(void)crypto_box_keypair(k.public.b, k.secret);
	(void)sodium_bin2hex(text, sizeof text, k.secret, sizeof k.secret);
	text[64] = '\n';
	enum rc rc = write_all(fd, text, 65, f);
	if (rc == RC_OK && fsync(fd) != 0)
		rc = fault_set(f, RC_IO, "cannot store %s: %s", path, strerror(errno));
	(void)close(fd);
	public_text(&k.public, public);
	sodium_memzero(&k, sizeof k);
	sodium_memzero(text, sizeof text);
	if (rc != RC_OK)
		(void)unlink(path);
	return rc;
}

enum rc box_secret_read(const char *path, struct box_secret *out, struct fault *f)
{
	char text[96];
	struct stat st;
	size_t n = 0, bytes = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_set(f, errno == ENOENT ? RC_NONE : RC_IO, "cannot open %s: %s", path,
		                 strerror(errno));
	enum rc rc = RC_OK;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		rc = fault_set(f, RC_IO, "others can read %s: chmod 600 it", path);
	else
		rc = read_all(fd, text, sizeof text, &n, f);
	(void)close(fd);
	if (rc == RC_OK && (n != 65 || text[64] != '\n' ||
	                    sodium_hex2bin(out->secret, 32, text, 64, NULL, &bytes, NULL) != 0 ||
	                    bytes != 32))
		rc = fault_set(f, RC_CORRUPT, "%s is not a secret key of xom backup", path);
	sodium_memzero(text, sizeof text);
	if (rc == RC_OK)
		(void)crypto_scalarmult_base(out->public.b, out->secret);
	return rc;
}

enum rc box_out_new(struct box_out **out, int fd, const struct box_public *to, struct fault *f)
{
	unsigned char key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
	unsigned char head[MAGIC_SIZE + SEALED_SIZE + HEAD_SIZE];
	struct box_out *b = calloc(1, sizeof *b);
	if (b == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	b->fd = fd;
	crypto_secretstream_xchacha20poly1305_keygen(key);
	memcpy(head, MAGIC, MAGIC_SIZE);
	bool sealed = crypto_box_seal(head + MAGIC_SIZE, key, sizeof key, to->b) == 0;
	(void)crypto_secretstream_xchacha20poly1305_init_push(&b->state,
	                                                      head + MAGIC_SIZE + SEALED_SIZE, key);
	sodium_memzero(key, sizeof key);
	enum rc rc = sealed ? write_all(fd, head, sizeof head, f)
	                    : fault_set(f, RC_INVALID, "not a public key that can be sealed to");
	if (rc != RC_OK) {
		box_out_free(b);
		return rc;
	}
	*out = b;
	return RC_OK;
}

static enum rc push(struct box_out *b, unsigned char tag, struct fault *f)
{
	unsigned long long n = 0;
	(void)crypto_secretstream_xchacha20poly1305_push(&b->state, b->chunk, &n, b->plain, b->n, NULL,
	                                                 0, tag);
	b->n = 0;
	b->behind += (size_t)n;
	enum rc rc = write_all(b->fd, b->chunk, (size_t)n, f);
	if (rc == RC_OK && b->behind >= FLUSH_SIZE) {
		file_flush(b->fd);
		b->behind = 0;
	}
	return rc;
}

enum rc box_write(struct box_out *b, const void *p, size_t n, struct fault *f)
{
	const unsigned char *at = p;
	while (n > 0) {
		/* A full chunk waits until more comes: the last one has to be told apart. */
		enum rc rc = b->n == PLAIN_SIZE ? push(b, 0, f) : RC_OK;
		if (rc != RC_OK)
			return rc;
		size_t take = PLAIN_SIZE - b->n < n ? PLAIN_SIZE - b->n : n;
		memcpy(b->plain + b->n, at, take);
		b->n += take;
		at += take;
		n -= take;
	}
	return RC_OK;
}

enum rc box_end(struct box_out *b, struct fault *f)
{
	return push(b, crypto_secretstream_xchacha20poly1305_TAG_FINAL, f);
}

void box_out_free(struct box_out *b)
{
	if (b == NULL)
		return;
	sodium_memzero(b, sizeof *b);
	free(b);
}

enum rc box_in_new(struct box_in **out, int fd, const struct box_secret *key, struct fault *f)
{
	unsigned char head[MAGIC_SIZE + SEALED_SIZE + HEAD_SIZE];
	unsigned char stream[crypto_secretstream_xchacha20poly1305_KEYBYTES];
	size_t n;
	enum rc rc = read_all(fd, head, sizeof head, &n, f);
	if (rc != RC_OK)
		return rc;
	if (n < sizeof head || memcmp(head, MAGIC, MAGIC_SIZE) != 0)
		return fault_set(f, RC_CORRUPT, "not an archive of xom backup");
	if (crypto_box_seal_open(stream, head + MAGIC_SIZE, SEALED_SIZE, key->public.b, key->secret) != 0)
		return fault_set(f, RC_DENIED, "it was not made for this key, or its beginning is damaged");
	struct box_in *b = calloc(1, sizeof *b);
	if (b == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	b->fd = fd;
	int ok = crypto_secretstream_xchacha20poly1305_init_pull(
		&b->state, head + MAGIC_SIZE + SEALED_SIZE, stream);
	sodium_memzero(stream, sizeof stream);
	if (ok != 0) {
		box_in_free(b);
		return fault_set(f, RC_CORRUPT, "its beginning is damaged");
	}
	*out = b;
	return RC_OK;
}

enum rc box_read(struct box_in *b, struct str *bytes, struct fault *f)
{
	size_t n;
	unsigned long long plain = 0;
	unsigned char tag = 0;
	*bytes = STR_EMPTY;
	enum rc rc = read_all(b->fd, b->chunk, sizeof b->chunk, &n, f);
	if (rc != RC_OK)
		return rc;
	if (b->ended)
		return n == 0 ? RC_OK : fault_set(f, RC_CORRUPT, "something stands behind its end");
	if (n < crypto_secretstream_xchacha20poly1305_ABYTES)
		return fault_set(f, RC_CORRUPT, "it is cut off");
	if (crypto_secretstream_xchacha20poly1305_pull(&b->state, b->plain, &plain, &tag, b->chunk, n,
	                                               NULL, 0) != 0)
		return fault_set(f, RC_CORRUPT, "it was damaged or cut off");
	b->ended = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	*bytes = str_n((const char *)b->plain, (size_t)plain);
	/* Nothing in the last chunk: look for what must not follow. */
	return b->ended && plain == 0 ? box_read(b, bytes, f) : RC_OK;
}

void box_in_free(struct box_in *b)
{
	if (b == NULL)
		return;
	sodium_memzero(b, sizeof *b);
	free(b);
}

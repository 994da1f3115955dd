#include "kit/http/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 64 << 10,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
};

/* The file is a row of blocks, each sealed under its number; only the last may be shorter. */
struct spool {
	int fd;
	bool reading;
	enum rc broken;          /* the first failure of writing; later calls repeat it */
	size_t size, used;       /* bytes taken in; bytes waiting in `block` */
	uint64_t next;           /* number of the next block to write or read */
	uint8_t key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	uint8_t block[BLOCK + TAG];
};

enum rc spool_new(struct spool **out, const char *dir, struct fault *f)
{
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (fd < 0)
		return fault_set(f, errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO,
		                 "no temporary file in %s: %s", dir, strerror(errno));
	struct spool *s = malloc(sizeof *s);
	if (s == NULL) {
		(void)close(fd);
		return fault_set(f, RC_NOMEM, "no memory for a spool");
	}
	s->fd = fd;
	s->reading = false;
	s->broken = RC_OK;
	s->size = s->used = 0;
	s->next = 0;
	randombytes_buf(s->key, sizeof s->key);
	*out = s;
	return RC_OK;
}

static void nonce_of(uint64_t number, uint8_t nonce[NONCE])
{
	memset(nonce, 0, NONCE);
	for (int i = 0; i < 8; i++)
		nonce[i] = (uint8_t)(number >> (8 * i));
}

static enum rc flush(struct spool *s, struct fault *f)
{
	if (s->used == 0)
		return RC_OK;
	uint8_t nonce[NONCE];
	nonce_of(s->next, nonce);
	unsigned long long sealed;
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(s->block, &sealed, s->block, s->used, NULL, 0,
	                                                 NULL, nonce, s->key);
	for (size_t done = 0; done < sealed;) {
		off_t at = (off_t)(s->next * sizeof s->block + done);
		ssize_t n = pwrite(s->fd, s->block + done, (size_t)sealed - done, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			bool full = n == 0 || errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
			s->broken = full ? RC_FULL : RC_IO;
			return fault_set(f, s->broken, "cannot write a spool: %s",
			                 n == 0 ? "no space" : strerror(errno));
		}
		done += (size_t)n;
	}
	s->next++;
	s->used = 0;
	return RC_OK;
}

enum rc spool_write(struct spool *s, struct str bytes, struct fault *f)
{
	if (s->reading)
		BUG("a spool is written after it was rewound");
	if (s->broken != RC_OK)
		return fault_set(f, s->broken, "the spool has failed before");
	while (bytes.n > 0) {
		size_t n = BLOCK - s->used;
		if (n > bytes.n)
			n = bytes.n;
		memcpy(s->block + s->used, bytes.p, n);
		s->used += n;
		s->size += n;
		bytes = str_sub(bytes, n, bytes.n);
		if (s->used == BLOCK) {
			enum rc rc = flush(s, f);
			if (rc != RC_OK)
				return rc;
		}
	}
	return RC_OK;
}

enum rc spool_rewind(struct spool *s, struct fault *f)
{
	if (s->broken != RC_OK)
		return fault_set(f, s->broken, "the spool has failed before");
	if (!s->reading) {
		enum rc rc = flush(s, f);
		if (rc != RC_OK)
			return rc;
		s->reading = true;
	}
	s->next = 0;
	return RC_OK;
}

enum rc spool_read(struct spool *s, struct str *bytes, struct fault *f)
{
	if (!s->reading)
		BUG("a spool is read before it was rewound");
	size_t before = (size_t)s->next * BLOCK;
	if (before >= s->size)
		return RC_NONE;
	size_t plain = s->size - before < BLOCK ? s->size - before : BLOCK;
	for (size_t done = 0; done < plain + TAG;) {
		ssize_t n = pread(s->fd, s->block + done, plain + TAG - done,
		                  (off_t)(s->next * sizeof s->block + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault_set(f, RC_IO, "cannot read a spool: %s",
			                 n == 0 ? "it was cut" : strerror(errno));
		done += (size_t)n;
	}
	uint8_t nonce[NONCE];
	nonce_of(s->next, nonce);
	unsigned long long n;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(s->block, &n, NULL, s->block, plain + TAG, NULL,
	                                               0, nonce, s->key) != 0)
		return fault_set(f, RC_IO, "a spool's bytes have changed on the disk");
	s->next++;
	*bytes = str_n((const char *)s->block, (size_t)n);
	return RC_OK;
}

size_t spool_size(const struct spool *s) { return s->size; }

void spool_free(struct spool *s)
{
	if (s == NULL)
		return;
	(void)close(s->fd);
	sodium_memzero(s, sizeof *s);
	free(s);
}

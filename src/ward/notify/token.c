/* Tokens that travel in envelopes: the contact's random number and 64 bits of a keyed hash over it
 * and the ward. Keys of before stay good: a bounce may take days. */
#include <sodium.h>

#include "ward/notify/notify_private.h"

static struct hash mac(const struct key *key, struct ward_id ward, int64_t contact)
{
	struct hasher h;
	hasher_init(&h, key, "xom mail token 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, contact);
	return hasher_end(&h);
}

static uint64_t first64(const struct hash *h)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v = v << 8 | h->b[i];
	return v;
}

static void write_token(const struct key *key, struct ward_id ward, int64_t contact, char out[33])
{
	struct hash h = mac(key, ward, contact);
	(void)snprintf(out, 33, "%016llx%016llx", (unsigned long long)contact,
	               (unsigned long long)first64(&h));
}

enum rc token_make(struct keys *k, struct ward_id ward, int64_t contact, char out[33],
                   struct fault *f)
{
	struct key key;
	int number;
	enum rc rc = keys_current(k, "mail", &number, &key, f);
	if (rc == RC_OK)
		write_token(&key, ward, contact, out);
	sodium_memzero(&key, sizeof key);
	return rc;
}

enum rc token_read(struct keys *k, struct ward_id ward, const char token[33], int64_t *contact,
                   struct fault *f)
{
	struct key key;
	int newest = 0;
	uint64_t id = 0;
	for (int i = 0; i < 16; i++) {
		char c = token[i];
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return RC_NONE;
		id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	enum rc rc = id > INT64_MAX ? RC_NONE : keys_current(k, "mail", &newest, &key, f);
	bool good = false;
	for (int n = newest; rc == RC_OK && !good && n >= 1; n--) {
		char want[33];
		enum rc got = keys_find(k, "mail", n, &key, f);
		if (got == RC_NONE)
			continue;
		rc = got;
		if (rc == RC_OK)
			write_token(&key, ward, (int64_t)id, want);
		good = rc == RC_OK && sodium_memcmp(want, token, 32) == 0;
	}
	sodium_memzero(&key, sizeof key);
	*contact = (int64_t)id;
	return rc == RC_OK && !good ? RC_NONE : rc;
}

/* The same entry told twice (a crash between sending and writing it down) has the same number, by
 * which a mail program knows the second for the first. */
enum rc message_id(struct keys *k, struct ward_id ward, int64_t contact, int64_t seq, char out[33],
                   struct fault *f)
{
	struct key key;
	int number;
	struct hasher h;
	enum rc rc = keys_current(k, "mail", &number, &key, f);
	if (rc != RC_OK)
		return rc;
	hasher_init(&h, &key, "xom mail id 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, contact);
	hasher_i64(&h, seq);
	struct hash id = hasher_end(&h);
	sodium_memzero(&key, sizeof key);
	(void)sodium_bin2hex(out, 33, id.b, 16);
	return RC_OK;
}

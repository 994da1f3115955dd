#include "kit/base/hash.h"

#include <sodium.h>
#include <string.h>

enum rc crypto_start(struct fault *f)
{
	return sodium_init() >= 0 ? RC_OK : fault_set(f, RC_FAIL, "libsodium did not start");
}

void random_bytes(void *p, size_t n) { randombytes_buf(p, n); }

_Static_assert(sizeof(crypto_generichash_state) <= sizeof(struct hasher), "hasher too small");
_Static_assert(HASH_SIZE == crypto_generichash_BYTES && KEY_SIZE == crypto_generichash_KEYBYTES, "");

static crypto_generichash_state *state(struct hasher *h) { return (void *)h->opaque; }

void hasher_init(struct hasher *h, const struct key *key, const char *domain)
{
	if (crypto_generichash_init(state(h), key != NULL ? key->b : NULL,
	                            key != NULL ? KEY_SIZE : 0, HASH_SIZE) != 0)
		BUG("BLAKE2b did not start");
	hasher_str(h, str_of(domain));
}

void hasher_i64(struct hasher *h, int64_t v)
{
	uint8_t b[8];
	for (int i = 0; i < 8; i++)
		b[i] = (uint8_t)((uint64_t)v >> (8 * i));
	(void)crypto_generichash_update(state(h), b, sizeof b);
}

void hasher_str(struct hasher *h, struct str s)
{
	hasher_i64(h, (int64_t)s.n);
	(void)crypto_generichash_update(state(h), (const uint8_t *)s.p, s.n);
}

struct hash hasher_end(struct hasher *h)
{
	struct hash out;
	(void)crypto_generichash_final(state(h), out.b, sizeof out.b);
	return out;
}

struct hash hash_of(const struct key *key, const char *domain, struct str data)
{
	struct hasher h;
	hasher_init(&h, key, domain);
	hasher_str(&h, data);
	return hasher_end(&h);
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return sodium_memcmp(a->b, b->b, HASH_SIZE) == 0;
}

struct str hash_str(const struct hash *h) { return str_n((const char *)h->b, HASH_SIZE); }

bool hash_from(struct str s, struct hash *out)
{
	if (s.n != HASH_SIZE)
		return false;
	memcpy(out->b, s.p, HASH_SIZE);
	return true;
}

struct str hex_of(struct arena *a, struct str bytes)
{
	char *out = arena_alloc(a, bytes.n * 2 + 1);
	(void)sodium_bin2hex(out, bytes.n * 2 + 1, (const uint8_t *)bytes.p, bytes.n);
	return str_n(out, bytes.n * 2);
}

struct str base64url_of(struct arena *a, struct str bytes)
{
	size_t n = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *out = arena_alloc(a, n);
	(void)sodium_bin2base64(out, n, (const uint8_t *)bytes.p, bytes.n,
	                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return str_n(out, n - 1);
}

bool base64url_parse(struct arena *a, struct str text, struct str *bytes)
{
	uint8_t *out = arena_alloc(a, text.n / 4 * 3 + 3);
	size_t n;
	const char *end;
	if (sodium_base642bin(out, text.n / 4 * 3 + 3, text.p, text.n, NULL, &n, &end,
	                      sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    end != text.p + text.n)
		return false;
	*bytes = str_n((const char *)out, n);
	return true;
}

enum {
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};

struct str seal_field(struct arena *a, const struct key *k, struct str about, struct str plain)
{
	uint8_t *out = arena_alloc(a, NONCE + plain.n + TAG);
	randombytes_buf(out, NONCE);
	unsigned long long n;
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(
		out + NONCE, &n, (const uint8_t *)plain.p, plain.n, (const uint8_t *)about.p, about.n,
		NULL, out, k->b);
	return base64url_of(a, str_n((const char *)out, NONCE + (size_t)n));
}

enum rc open_field(struct arena *a, const struct key *k, struct str about, struct str sealed,
                   struct str *plain)
{
	struct str raw;
	if (!base64url_parse(a, sealed, &raw) || raw.n < NONCE + TAG)
		return RC_STALE;
	uint8_t *out = arena_alloc(a, raw.n);
	unsigned long long n;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    out, &n, NULL, (const uint8_t *)raw.p + NONCE, raw.n - NONCE,
		    (const uint8_t *)about.p, about.n, (const uint8_t *)raw.p, k->b) != 0)
		return RC_STALE;
	*plain = str_n((const char *)out, (size_t)n);
	return RC_OK;
}

void sign_key_from_seed(struct sign_key *k, const struct key *seed)
{
	(void)crypto_sign_seed_keypair(k->public, k->secret, seed->b);
}

void sign_hash(const struct sign_key *k, const struct hash *h, uint8_t sig[64])
{
	(void)crypto_sign_detached(sig, NULL, h->b, HASH_SIZE, k->secret);
}

bool sign_verify(const uint8_t public[32], const struct hash *h, const uint8_t sig[64])
{
	return crypto_sign_verify_detached(sig, h->b, HASH_SIZE, public) == 0;
}

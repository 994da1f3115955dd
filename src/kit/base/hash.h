/* Hashing, encodings and sealed fields over libsodium. crypto_start() is called once, in main. */
#ifndef XOM_BASE_HASH_H
#define XOM_BASE_HASH_H

#include "kit/base/arena.h"

enum { HASH_SIZE = 32, KEY_SIZE = 32, SALT_SIZE = 16 };

struct hash {
	uint8_t b[HASH_SIZE];
};
struct key {
	uint8_t b[KEY_SIZE];
};

enum rc crypto_start(struct fault *f);
void random_bytes(void *p, size_t n);

/* BLAKE2b-256. `domain` separates uses of one key: it is hashed first, with its length. A NULL
 * key hashes without one. */
struct hash hash_of(const struct key *key, const char *domain, struct str data);

/* For records of several parts: every part goes in with its length in front, so that no two
 * lists of parts hash alike. */
struct hasher {
	uint8_t opaque[384] __attribute__((aligned(64)));
};
void hasher_init(struct hasher *h, const struct key *key, const char *domain);
void hasher_str(struct hasher *h, struct str s);
void hasher_i64(struct hasher *h, int64_t v); /* 8 bytes, little-endian */
struct hash hasher_end(struct hasher *h);

bool hash_eq(const struct hash *a, const struct hash *b); /* in constant time */
struct str hash_str(const struct hash *h);                /* its 32 bytes, borrowed */
bool hash_from(struct str s, struct hash *out);           /* from exactly 32 bytes */

struct str hex_of(struct arena *a, struct str bytes);
struct str base64url_of(struct arena *a, struct str bytes);
bool base64url_parse(struct arena *a, struct str text, struct str *bytes);

/* Authenticated encryption of a field that travels through the page (XChaCha20-Poly1305, random
 * nonce; `about` is authenticated, not carried). Text out, base64url. open gives RC_STALE when the
 * field was tampered with, cut, made under another key or about something else. */
struct str seal_field(struct arena *a, const struct key *k, struct str about, struct str plain);
enum rc open_field(struct arena *a, const struct key *k, struct str about, struct str sealed,
                   struct str *plain);

/* Ed25519 over a message of parts hashed by the caller. */
struct sign_key {
	uint8_t secret[64], public[32];
};
void sign_key_from_seed(struct sign_key *k, const struct key *seed);
void sign_hash(const struct sign_key *k, const struct hash *h, uint8_t sig[64]);
bool sign_verify(const uint8_t public[32], const struct hash *h, const uint8_t sig[64]);

#endif

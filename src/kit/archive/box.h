/* A box: a stream of bytes that whoever has the public key can write, and only the holder of the
 * secret one can read; for backups, which leave the machine. libsodium throughout.
 *
 * A box is "xom box 1\n"; the stream's random key, sealed to the public key (crypto_box_seal, 80
 * bytes); the stream's header (24 bytes); then chunks of crypto_secretstream_xchacha20poly1305, 64 KiB
 * of plain bytes each (the last one less), the last with the tag FINAL and nothing behind it. So a
 * changed byte, a missing end and something appended are all noticed. The sealed key and the header
 * are authenticated by the first chunk. It says nothing about who wrote it.
 *
 * A public key is told as text: "xomkey1-" and 72 hex digits, the last 8 a checksum, because a backup
 * to a mistyped key is no backup. A secret key is a file for its owner alone (0600). */
#ifndef XOM_ARCHIVE_BOX_H
#define XOM_ARCHIVE_BOX_H

#include "kit/base/hash.h"

enum { BOX_TEXT = 81 };            /* of a public key, with its NUL */
struct box_public {
	uint8_t b[32];
};
struct box_secret {
	struct box_public public;
	uint8_t secret[32];            /* sodium_memzero it when done */
};

/* Makes a pair: the secret in a new file at `path` (RC_EXISTS when there is one), the public as
 * text. RC_IO. */
enum rc box_make(const char *path, char public[BOX_TEXT], struct fault *f);
/* RC_NONE, RC_IO (others can read it), RC_CORRUPT. */
enum rc box_secret_read(const char *path, struct box_secret *out, struct fault *f);
bool box_public_parse(struct str text, struct box_public *out);

/* Writing into an open file, which stays the caller's. box_end writes the last chunk; without it
 * what was written is no box. box_free takes NULL. RC_FULL, RC_IO. */
struct box_out;
enum rc box_out_new(struct box_out **out, int fd, const struct box_public *to, struct fault *f);
enum rc box_write(struct box_out *b, const void *p, size_t n, struct fault *f);
enum rc box_end(struct box_out *b, struct fault *f);
void box_out_free(struct box_out *b);

/* Reading. RC_DENIED: sealed to another key. RC_CORRUPT: not a box, changed or cut. *bytes is good
 * until the next call, empty at the end (which was checked then). */
struct box_in;
enum rc box_in_new(struct box_in **out, int fd, const struct box_secret *key, struct fault *f);
enum rc box_read(struct box_in *b, struct str *bytes, struct fault *f);
void box_in_free(struct box_in *b);

#endif

/* The keys: a folder of their own (0700, files 0600), outside the database and its backups.
 * A file NAME.NUMBER.key holds 32 random bytes in hex and, on a second line, when it was made
 * (microseconds UTC); the highest number is the current one, and older ones stay for what was made
 * with them. A folder that another process changed is read again. Names in use: "form" (sealed form
 * fields, 24 hours after rotation), "pin" (keyed hashes of PINs and links; kept as long as a receipt
 * names it), "receipt" (derives codes, PINs and links from journeys), "session" (form tokens of who
 * is signed in), "actor" (pseudonyms in the chains), "head.<ward id>" (Ed25519 seed of the daily
 * head and the deletion list), "contact" (addresses that only the machine uses; kept as long as a row
 * names it), "mail" (links of mails, tokens of bounces),
 * "guess" (what is guessed at, counted for several servers). Thread-safe. */
#ifndef XOM_BASE_KEYS_H
#define XOM_BASE_KEYS_H

#include "kit/base/clock.h"
#include "kit/base/hash.h"

struct keys;

/* Opens the folder, makes it when it is missing. RC_IO when it is readable by others. */
enum rc keys_open(struct keys **out, const char *dir, const struct clock *clock, struct fault *f);
void keys_free(struct keys *k);

/* The current key of that name, made when there is none yet. */
enum rc keys_current(struct keys *k, const char *name, int *number, struct key *out,
                     struct fault *f);
/* Makes what is missing of the names above that are the whole installation's (not head.<ward id>), so that
 * the folder can be copied to other servers before any of them is asked something. */
enum rc keys_make(struct keys *k, struct fault *f);
/* RC_NONE: no such key. */
enum rc keys_find(struct keys *k, const char *name, int number, struct key *out, struct fault *f);
/* When the key stopped being the current one (0: it still is), so that a caller can say for how
 * long it stays good. */
int64_t keys_retired_at(struct keys *k, const char *name, int number);
enum rc keys_rotate(struct keys *k, const char *name, int *number, struct fault *f);

struct key_info {
	const char *name;
	int number;
	int64_t made_at;
};
enum rc keys_list(struct keys *k, struct arena *a, struct key_info **list, size_t *count,
                  struct fault *f);

#endif

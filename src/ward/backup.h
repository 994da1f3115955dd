/* Backups: the database, the photos and the deletion list as of one moment, while serving, in an
 * archive sealed to one public key; the keys folder in a second one, sealed to another, to be kept
 * elsewhere (whoever finds one alone can open no receipt and forge no signature). Both public keys and
 * both folders are settings; the secret keys never lie on this machine.
 *
 *   DIR/xom-20261125T020000Z.data.box      about.json, xom.db, media/WARD/ab/NAME.jpg …,
 *                                          deletions/…, settings.yaml, end.json
 *   KEYS-DIR/xom-20261125T020000Z.keys.box about.json, keys/NAME.NUMBER.key …, end.json
 *
 * Photos of forms that weren't sent, and what can be made again, are not in it. The database is copied
 * into DATA/backup/ first, from one snapshot of either engine into a SQLite file, so the disk must have
 * room for it once more; that copy goes at the end, and at the next beginning after a crash. */
#ifndef XOM_WARD_BACKUP_H
#define XOM_WARD_BACKUP_H

#include "ward/room.h"

struct backup_to {
	const char *dir, *keys_dir;     /* existing folders; not the same */
	const char *key, *keys_key;     /* public keys as text (kit/archive/box.h); not the same */
	int keep_days;                  /* older archives of ours are removed after a success; 0: none */
	bool fast;                      /* does not slow itself */
	void (*say)(void *ctx, const char *line);  /* progress, for whoever waits; may be NULL */
	void *say_ctx;
};
struct backup_made {
	const char *data_file, *keys_file;  /* in the app's settings' arena */
	int64_t database_bytes, photos, photo_bytes, keys;
	int64_t missing;                /* photos that a row names and no file holds: see the log */
	int64_t removed;                /* old archives */
	int64_t took_us;
	bool same_place;                /* both archives lie on one disk */
};
/* RC_INVALID: what in *to is not usable, in plain words; RC_AGAIN: another backup is running; RC_FULL,
 * RC_IO. A failure leaves no half archive. The end, good or bad, is written down for doctor. */
enum rc backup_make(struct app *app, const struct backup_to *to, struct backup_made *out,
                    struct fault *f);

/* How the last ones ended: DATA/backup-state.json. RC_NONE: there was none. */
struct backup_state {
	int64_t good_at;                /* beginning of the last good one; 0: none was */
	int64_t tried_at;
	bool failed;                    /* the last one tried */
	bool same_place;
	struct str data_file, keys_file, error;   /* in the arena */
	int64_t missing;
};
enum rc backup_state_read(const struct settings *s, struct arena *a, struct backup_state *out,
                          struct fault *f);

struct restore_from {
	const char *data_file, *keys_file;        /* archives */
	const char *secret, *keys_secret;         /* files of the secret keys */
	const char *deletions;                    /* folder of the lists of what was erased, as they are
	                                             now; NULL: none is left but the backup's own */
	bool check;                               /* try it in a folder beside, then throw that away */
	void (*say)(void *ctx, const char *line);
	void *say_ctx;
};
struct restored {
	int64_t made_at;                          /* the moment that it holds */
	int64_t photos;
	int64_t erased;                           /* lines of the lists that the backup did not know */
	struct verify_report verify;              /* over all wards */
};
/* Into app->settings.data, which must not exist or be empty; app has its settings alone. All is made
 * in a folder beside it, brought to this program's schema, what was erased since is erased, and all
 * chains are verified, before it gets its name: nobody can serve a half one. RC_EXISTS, RC_DENIED (not
 * this secret key), RC_CORRUPT, RC_FULL (says what is needed), RC_IO. */
enum rc backup_restore(struct app *app, const struct restore_from *from, struct restored *out,
                       struct fault *f);

#endif

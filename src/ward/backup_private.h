/* Shared by the files of backup; nobody else includes it. */
#ifndef XOM_WARD_BACKUP_PRIVATE_H
#define XOM_WARD_BACKUP_PRIVATE_H

#include "kit/archive/pack.h"
#include "ward/backup.h"

/* What an archive says of itself, in its first entry. */
struct backup_about {
	int format;                       /* 1 */
	int64_t made_at, database_bytes, photos, photo_bytes;
	char version[32];
};
enum { BACKUP_FORMAT = 1 };

/* Entries' names. */
#define BACKUP_ABOUT "about.json"
#define BACKUP_DATABASE "xom.db"
#define BACKUP_SETTINGS "settings.yaml"
#define BACKUP_END "end.json"
#define BACKUP_MEDIA "media/"
#define BACKUP_DELETIONS "deletions/"
#define BACKUP_KEYS "keys/"

enum rc backup_state_write(const struct settings *s, struct arena *a,
                           const struct backup_state *state, struct fault *f);
/* Takes an archive's entries into the folder, those of a backup of that kind alone, no more bytes than
 * it announces. `keys`: the other one of the pair; *about stays that of the data, which came first.
 * RC_CORRUPT, RC_FULL, RC_IO; RC_INVALID: the keys are older than the data. */
enum rc backup_unpack(struct unpack *u, struct arena *a, const char *dir, bool keys,
                      struct backup_about *about, struct fault *f);
/* Bytes free for this user on the disk of a folder; -1: it can't be asked. */
int64_t backup_free_bytes(const char *dir);

#endif

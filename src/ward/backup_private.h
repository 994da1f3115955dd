/* Shared by the files of backup; nobody else includes it. */
#ifndef XOM_WARD_BACKUP_PRIVATE_H
#define XOM_WARD_BACKUP_PRIVATE_H

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
/* Bytes free for this user on the disk of a folder; -1: it can't be asked. */
int64_t backup_free_bytes(const char *dir);

#endif

/* An archive's entries into a folder. It may come from anybody who had the public key: nothing is taken
 * that it did not announce. */
#include "ward/backup_private.h"

#include <jansson.h>
#include <string.h>

#include "kit/base/file.h"

/* What stays free besides what is unpacked; settings, keys and deletion lists fit into it. */
#define SPARE_BYTES (INT64_C(64) << 20)
/* What a file takes at least, and the most that an archive can announce. */
#define BLOCK_BYTES INT64_C(4096)
#define ANNOUNCED_MAX (INT64_C(1) << 50)

struct unpacking {
	struct arena *a;
	const char *part;
	struct backup_about about;
	int64_t files;                    /* unpacked so far */
	int64_t left;                     /* bytes that may still come */
	int64_t expected;                 /* as its last entry says; -1: it did not come yet */
};

static enum rc read_about(struct unpacking *r, struct str bytes, struct fault *f)
{
	json_t *o = json_loadb(bytes.p, bytes.n, 0, NULL);
	struct backup_about *b = &r->about;
	int64_t format = json_integer_value(json_object_get(o, "format"));
	const char *version = json_string_value(json_object_get(o, "version"));
	b->made_at = json_integer_value(json_object_get(o, "made_at"));
	b->database_bytes = json_integer_value(json_object_get(o, "database_bytes"));
	b->photos = json_integer_value(json_object_get(o, "photos"));
	b->photo_bytes = json_integer_value(json_object_get(o, "photo_bytes"));
	(void)snprintf(b->version, sizeof b->version, "%s", version != NULL ? version : "?");
	json_decref(o);
	if (format != BACKUP_FORMAT)
		return fault_set(f, RC_CORRUPT, "it was made by another xom (%s), in a form that this one "
		                                "does not know", b->version);
	if (b->database_bytes < 0 || b->database_bytes > ANNOUNCED_MAX || b->photo_bytes < 0 ||
	    b->photo_bytes > ANNOUNCED_MAX || b->photos < 0 || b->photos > ANNOUNCED_MAX / BLOCK_BYTES)
		return fault_set(f, RC_CORRUPT, "it says sizes that cannot be");
	r->left = b->database_bytes + b->photo_bytes + b->photos * BLOCK_BYTES + SPARE_BYTES;
	return RC_OK;
}

static enum rc check_room(const struct unpacking *r, struct fault *f)
{
	int64_t need = r->about.database_bytes + r->about.photo_bytes + SPARE_BYTES;
	int64_t left = backup_free_bytes(r->part);
	if (left >= 0 && left < need)
		return fault_set(f, RC_FULL, "it needs %lld MiB at %s; %lld MiB are free",
		                 (long long)(need >> 20), r->part, (long long)(left >> 20));
	return RC_OK;
}

/* Makes the folders of "media/1/ab/NAME.jpg" below the part. */
static enum rc make_above(struct unpacking *r, struct str name, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < name.n; i++)
		if (name.p[i] == '/')
			rc = folder_make(arena_fmt(r->a, "%s/%.*s", r->part, (int)i, name.p).p, f);
	return rc;
}

static bool belongs(struct str name, bool keys)
{
	enum { FOLDERS_MAX = 4 };
	size_t folders = 0;
	for (size_t i = 0; i < name.n; i++)
		folders += name.p[i] == '/';
	if (folders > FOLDERS_MAX)
		return false;
	if (keys)
		return str_starts(name, STR(BACKUP_KEYS));
	return str_is(name, BACKUP_DATABASE) || str_is(name, BACKUP_SETTINGS) ||
	       str_starts(name, STR(BACKUP_MEDIA)) || str_starts(name, STR(BACKUP_DELETIONS));
}

static enum rc take_entry(struct unpacking *r, struct unpack *u, struct str name, int64_t size,
                          bool keys, struct fault *f)
{
	struct str bytes;
	if (str_is(name, BACKUP_END)) {
		enum rc rc = unpack_bytes(u, r->a, 4096, &bytes, f);
		json_t *o = rc == RC_OK ? json_loadb(bytes.p, bytes.n, 0, NULL) : NULL;
		r->expected = o != NULL ? json_integer_value(json_object_get(o, "files")) : -1;
		json_decref(o);
		return rc;
	}
	if (!belongs(name, keys))
		return fault_set(f, RC_CORRUPT, "it holds \"%.*s\", which no backup of that kind does",
		                 PSTR(name));
	if (size > ANNOUNCED_MAX || (r->left -= size + BLOCK_BYTES) < 0)
		return fault_set(f, RC_CORRUPT, "it holds more than it says");
	enum rc rc = make_above(r, name, f);
	if (rc == RC_OK)
		rc = unpack_file(u, arena_fmt(r->a, "%s/%.*s", r->part, PSTR(name)).p, f);
	r->files++;
	return rc;
}

static enum rc unpack_all(struct unpacking *r, struct unpack *u, bool keys, struct fault *f)
{
	struct str name, bytes;
	int64_t size;
	struct arena *whole = r->a, each;
	enum rc rc = unpack_next(u, &name, &size, f);
	if (rc == RC_NONE || (rc == RC_OK && !str_is(name, BACKUP_ABOUT)))
		return fault_set(f, RC_CORRUPT, "it does not begin like a backup");
	if (rc == RC_OK)
		rc = unpack_bytes(u, r->a, 4096, &bytes, f);
	struct backup_about data = r->about;
	if (rc == RC_OK)
		rc = read_about(r, bytes, f);
	if (rc == RC_OK && !keys)
		rc = check_room(r, f);
	if (rc == RC_OK && keys && r->about.made_at < data.made_at)
		rc = fault_set(f, RC_INVALID, "the archive of the keys is older than that of the data: keys "
		                              "made between them would be missing");
	r->files = 0;
	r->expected = -1;
	arena_init(&each, ARENA_REQUEST_LIMIT);
	r->a = &each;
	while (rc == RC_OK && (rc = unpack_next(u, &name, &size, f)) == RC_OK) {
		arena_reset(&each);
		rc = take_entry(r, u, name, size, keys, f);
	}
	r->a = whole;
	arena_release(&each);
	if (keys)
		r->about = data;
	if (rc != RC_NONE)
		return rc;
	if (r->expected != r->files)
		return fault_set(f, RC_CORRUPT, "it says %lld files and holds %lld", (long long)r->expected,
		                 (long long)r->files);
	return RC_OK;
}

enum rc backup_unpack(struct unpack *u, struct arena *a, const char *dir, bool keys,
                      struct backup_about *about, struct fault *f)
{
	struct unpacking r = {.a = a, .part = dir, .about = *about};
	enum rc rc = unpack_all(&r, u, keys, f);
	*about = r.about;
	return rc;
}

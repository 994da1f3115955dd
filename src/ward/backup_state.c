/* How the last backups ended, in one small file that doctor reads. */
#include "ward/backup_private.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/file.h"

#define FILE_NAME "backup-state.json"

static const char *state_path(const struct settings *s, struct arena *a)
{
	return arena_fmt(a, "%s/" FILE_NAME, s->data).p;
}

static struct str text_at(struct arena *a, const json_t *o, const char *name)
{
	return arena_copy(a, str_of(json_string_value(json_object_get(o, name))));
}

enum rc backup_state_read(const struct settings *s, struct arena *a, struct backup_state *out,
                          struct fault *f)
{
	struct str bytes;
	const char *path = state_path(s, a);
	*out = (struct backup_state){.data_file = STR_EMPTY, .keys_file = STR_EMPTY, .error = STR_EMPTY};
	enum rc rc = file_read(a, path, 64 << 10, &bytes, f);
	if (rc != RC_OK)
		return rc;
	json_t *o = json_loadb(bytes.p, bytes.n, 0, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		return fault_at(f, RC_CORRUPT, path, 0, "", "not written by xom backup");
	}
	out->good_at = json_integer_value(json_object_get(o, "good_at"));
	out->tried_at = json_integer_value(json_object_get(o, "tried_at"));
	out->failed = json_is_true(json_object_get(o, "failed"));
	out->same_place = json_is_true(json_object_get(o, "same_place"));
	out->missing = json_integer_value(json_object_get(o, "missing"));
	out->data_file = text_at(a, o, "data_file");
	out->keys_file = text_at(a, o, "keys_file");
	out->error = text_at(a, o, "error");
	json_decref(o);
	return RC_OK;
}

/* Written aside and renamed: whoever reads it meanwhile gets the old one. */
enum rc backup_state_write(const struct settings *s, struct arena *a,
                           const struct backup_state *state, struct fault *f)
{
	const char *path = state_path(s, a), *aside = arena_fmt(a, "%s.new", path).p;
	json_t *o = json_pack("{s:I,s:I,s:b,s:b,s:I,s:s%,s:s%,s:s%}", "good_at",
	                      (json_int_t)state->good_at, "tried_at", (json_int_t)state->tried_at,
	                      "failed", state->failed, "same_place", state->same_place, "missing",
	                      (json_int_t)state->missing, "data_file", state->data_file.p,
	                      state->data_file.n, "keys_file", state->keys_file.p, state->keys_file.n,
	                      "error", state->error.p, state->error.n);
	char *text = o != NULL ? json_dumps(o, JSON_INDENT(1)) : NULL;
	json_decref(o);
	if (text == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	size_t n = strlen(text);
	bool fine = fd >= 0 && write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	free(text);
	if (!fine || rename(aside, path) != 0)
		return fault_set(f, errno == ENOSPC ? RC_FULL : RC_IO, "cannot write %s: %s", path,
		                 strerror(errno));
	return RC_OK;
}

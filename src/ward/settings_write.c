#include "ward/settings_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"

struct str setting_scalar(struct arena *a, struct str value)
{
	bool plain = value.n > 0 && value.p[0] != '-' && value.p[0] != '?';
	for (size_t i = 0; plain && i < value.n; i++) {
		char c = value.p[i];
		plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		        c == '/' || c == '.' || c == '-' || c == '_' || c == '@' ||
		        (c == ':' && i + 1 < value.n && value.p[i + 1] != ' ');
	}
	if (plain && value.p[0] != '@')
		return value;
	struct buf b = {0};
	buf_addc(&b, '"');
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			buf_addc(&b, '\\');
		buf_addc(&b, value.p[i]);
	}
	buf_addc(&b, '"');
	return arena_take(a, &b);
}

/* Does the line set this name, at the top level? */
static bool sets(struct str line, const char *name)
{
	size_t n = strlen(name);
	return line.n > n && memcmp(line.p, name, n) == 0 && line.p[n] == ':';
}

static enum rc replace(const char *file, const char *aside, struct str text, struct fault *f)
{
	struct stat st;
	bool there = stat(file, &st) == 0;
	int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	bool fine = fd >= 0 && (!there || (fchmod(fd, st.st_mode & 07777) == 0 &&
	                                   fchown(fd, st.st_uid, st.st_gid) == 0)) &&
	            write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	struct settings read;
	enum rc rc = fine ? settings_load(&read, aside, f) : RC_OK;
	if (fine)
		settings_release(&read);
	if (rc != RC_OK) {
		(void)unlink(aside);
		return rc;
	}
	if (fine && rename(aside, file) == 0)
		return RC_OK;
	int why = errno;
	(void)unlink(aside);
	return fault_set(f, why == ENOSPC ? RC_FULL : RC_IO, "cannot write %s: %s", file, strerror(why));
}

enum rc settings_write(struct arena *a, const char *file, const struct setting_line *lines, size_t n,
                       size_t *changed, struct fault *f)
{
	struct str before = STR_EMPTY;
	struct buf out = {0};
	enum rc rc = file_read(a, file, 256 << 10, &before, f);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	bool *done = arena_array(a, n + 1, sizeof *done);
	*changed = 0;
	for (struct str rest = before; rest.n > 0;) {
		struct str line = str_cut(&rest, '\n');
		size_t i = 0;
		while (i < n && !sets(line, lines[i].name))
			i++;
		if (i == n) {
			buf_add(&out, line);
		} else {
			struct str now = arena_fmt(a, "%s: %.*s", lines[i].name, PSTR(lines[i].value));
			*changed += !done[i] && !str_eq(now, line);
			done[i] = true;
			if (lines[i].value.n == 0)
				continue;
			buf_add(&out, now);
		}
		buf_addc(&out, '\n');
	}
	for (size_t i = 0; i < n; i++)
		if (!done[i] && lines[i].value.n > 0) {
			buf_addf(&out, "%s: %.*s\n", lines[i].name, PSTR(lines[i].value));
			++*changed;
		}
	struct str text = arena_take(a, &out);
	return *changed > 0 ? replace(file, arena_fmt(a, "%s.new", file).p, text, f) : RC_OK;
}

/* The deletion list outside the database: append-only, synced. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/text.h"
#include "ward/flow/deletion_private.h"

enum { LINE_MAX_BYTES = 1024, FLUSH_STEP = 200 };

struct deletion_file {
	FILE *in;
	int64_t line;                 /* whole lines read, */
	off_t at;                     /* and where they end */
	char path[512];
};

static bool list_path(const char *dir, struct ward_id ward, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/%lld.list", dir, (long long)ward.v);
	return n > 0 && (size_t)n < size;
}

/* ---------------------------------------------------------------- reading */

static bool read_hex(struct str hex, uint8_t *out, size_t n)
{
	static const char DIGITS[] = "0123456789abcdef";
	if (hex.n != 2 * n)
		return false;
	for (size_t i = 0; i < hex.n; i++) {
		const char *at = hex.p[i] != '\0' ? strchr(DIGITS, hex.p[i]) : NULL;
		if (at == NULL)
			return false;
		out[i / 2] = (uint8_t)(out[i / 2] << 4 | (uint8_t)(at - DIGITS));
	}
	return true;
}

static bool read_line(struct arena *a, struct str line, struct deletion *out)
{
	enum { FIELDS = 8 };
	struct str field[FIELDS], rest = line;
	int64_t key_no;
	for (int i = 0; i < FIELDS; i++) {
		if (rest.p == NULL)
			return false;
		field[i] = str_cut(&rest, '\t');
	}
	*out = (struct deletion){.code = arena_copy(a, field[1]),
	                         .kind = arena_copy(a, field[2]),
	                         .rule = arena_copy(a, field[3])};
	if (rest.p != NULL || !str_i64(field[0], &out->n) || !day_parse(field[4], &out->day) ||
	    !str_i64(field[5], &key_no) || key_no < 1 || key_no > INT32_MAX)
		return false;
	out->key_no = (int)key_no;
	return read_hex(field[6], out->hash.b, sizeof out->hash.b) &&
	       read_hex(field[7], out->signature, sizeof out->signature);
}

enum rc deletion_file_open(struct deletion_file **out, const char *dir, struct ward_id ward,
                           struct fault *f)
{
	struct deletion_file *d = calloc(1, sizeof *d);
	if (d == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the deletion list");
	enum rc rc = RC_OK;
	if (!list_path(dir, ward, d->path, sizeof d->path))
		rc = fault_set(f, RC_INVALID, "the folder of the deletion list has too long a name");
	if (rc == RC_OK && (d->in = fopen(d->path, "re")) == NULL)
		rc = errno == ENOENT ? RC_NONE
		                     : fault_set(f, RC_IO, "cannot open %s: %s", d->path, strerror(errno));
	if (rc != RC_OK) {
		free(d);
		return rc;
	}
	*out = d;
	return RC_OK;
}

enum rc deletion_file_next(struct deletion_file *d, struct arena *a, struct deletion *out,
                           struct fault *f)
{
	char line[LINE_MAX_BYTES];
	errno = 0;
	struct str s = fgets(line, sizeof line, d->in) != NULL ? str_of(line) : STR_EMPTY;
	if (ferror(d->in))
		return fault_set(f, RC_IO, "cannot read %s: %s", d->path, strerror(errno));
	if (!str_ends(s, STR("\n")) && feof(d->in)) {
		/* Nothing, or cut off: it was never told to be there. What comes later is read from there. */
		clearerr(d->in);
		if (fseeko(d->in, d->at, SEEK_SET) != 0)
			return fault_set(f, RC_IO, "cannot read %s: %s", d->path, strerror(errno));
		return RC_NONE;
	}
	d->line++;
	d->at += (off_t)s.n;
	if (!str_ends(s, STR("\n")) || !read_line(a, str_sub(s, 0, s.n - 1), out))
		return fault_at(f, RC_CORRUPT, d->path, (int)d->line, "", "not a line of a deletion list");
	return RC_OK;
}

void deletion_file_close(struct deletion_file *d)
{
	if (d == NULL)
		return;
	(void)fclose(d->in);
	free(d);
}

/* ---------------------------------------------------------------- writing */

struct flushing {
	const struct flow *w;
	int fd;
	const char *path;
	struct deletion end;          /* the file's last line; n 0: it is empty */
	struct deletion *list;
	size_t count;
	bool agrees;
};

static enum rc io(const struct flushing *k, const char *doing, struct fault *f)
{
	return fault_set(f, errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO, "%s %s: %s", doing,
	                 k->path, strerror(errno));
}

/* The file's last whole line; a torn one after it is cut away. */
static enum rc find_end(struct flushing *k, struct arena *a, struct fault *f)
{
	struct stat st;
	char tail[2 * LINE_MAX_BYTES];
	if (fstat(k->fd, &st) != 0)
		return io(k, "cannot look at", f);
	off_t from = st.st_size > (off_t)sizeof tail ? st.st_size - (off_t)sizeof tail : 0;
	ssize_t got = pread(k->fd, tail, sizeof tail, from);
	if (got < 0)
		return io(k, "cannot read", f);
	size_t end = (size_t)got;
	while (end > 0 && tail[end - 1] != '\n')
		end--;
	if (end < (size_t)got && ftruncate(k->fd, from + (off_t)end) != 0)
		return io(k, "cannot mend", f);
	if (end == 0)
		return from == 0 ? RC_OK : fault_set(f, RC_CORRUPT, "%s ends in no line", k->path);
	size_t begin = end - 1;
	while (begin > 0 && tail[begin - 1] != '\n')
		begin--;
	if (!read_line(a, str_n(tail + begin, end - 1 - begin), &k->end))
		return fault_set(f, RC_CORRUPT, "the last line of %s is none", k->path);
	return RC_OK;
}

/* Does the database have the file's last line, and what comes after it? */
static enum rc read_after(struct tx *tx, void *ctx, struct fault *f)
{
	struct flushing *k = ctx;
	struct deletion *same = NULL;
	size_t n = 0;
	enum rc rc = RC_OK;
	k->agrees = true;
	if (k->end.n > 0)
		rc = deletion_list(tx, k->end.n - 1, 1, &same, &n, f);
	if (rc == RC_OK && k->end.n > 0) {
		if (n == 0)
			return fault_set(f, RC_CHANGED, "the database has fewer deletions than %s: it is older",
			                 k->path);
		k->agrees = same->n == k->end.n && hash_eq(&same->hash, &k->end.hash);
	}
	if (rc == RC_OK && !k->agrees)
		return fault_set(f, RC_CORRUPT, "%s and the database differ at number %lld", k->path,
		                 (long long)k->end.n);
	return rc == RC_OK ? deletion_list(tx, k->end.n, FLUSH_STEP, &k->list, &k->count, f) : rc;
}

static enum rc append(struct flushing *k, struct arena *a, struct fault *f)
{
	struct buf b = {0};
	for (size_t i = 0; i < k->count; i++) {
		const struct deletion *d = &k->list[i];
		buf_addf(&b, "%lld\t%.*s\t%.*s\t%.*s\t%.*s\t%d\t%.*s\t%.*s\n", (long long)d->n, PSTR(d->code),
		         PSTR(d->kind), PSTR(d->rule), PSTR(text_day_iso(a, d->day)), d->key_no,
		         PSTR(hex_of(a, hash_str(&d->hash))),
		         PSTR(hex_of(a, str_n((const char *)d->signature, sizeof d->signature))));
	}
	enum rc rc = b.failed ? fault_set(f, RC_NOMEM, "no memory for the deletion list") : RC_OK;
	for (size_t at = 0; rc == RC_OK && at < b.n;) {
		ssize_t n = write(k->fd, b.p + at, b.n - at);
		if (n < 0 && errno != EINTR)
			rc = io(k, "cannot write", f);
		else if (n > 0)
			at += (size_t)n;
	}
	buf_release(&b);
	return rc;
}

static enum rc flush_open(struct flushing *k, struct ward_id ward, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = find_end(k, &a, f);
	bool wrote = false;
	while (rc == RC_OK) {
		rc = store_read(k->w->store, ward, &a, read_after, k, f);
		if (rc != RC_OK || k->count == 0)
			break;
		rc = append(k, &a, f);
		wrote = true;
		k->end = (struct deletion){.n = k->list[k->count - 1].n, .hash = k->list[k->count - 1].hash};
		arena_reset(&a);
	}
	if (rc == RC_OK && wrote && fsync(k->fd) != 0)
		rc = io(k, "cannot sync", f);
	arena_release(&a);
	return rc;
}

enum rc deletions_flush(const struct flow *w, struct ward_id ward, struct fault *f)
{
	char path[512];
	if (!list_path(w->deletions, ward, path, sizeof path))
		return fault_set(f, RC_INVALID, "the folder of the deletion list has too long a name");
	enum rc rc = folder_make(w->deletions, f);
	if (rc != RC_OK)
		return rc;
	struct flushing k = {.w = w, .path = path};
	k.fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (k.fd < 0)
		return io(&k, "cannot open", f);
	/* One writer at a time: the night's job, a reporter's page, another process. */
	rc = flock(k.fd, LOCK_EX) == 0 ? flush_open(&k, ward, f) : io(&k, "cannot lock", f);
	(void)close(k.fd);
	if (rc != RC_OK)
		return rc;
	int dir = open(w->deletions, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && fsync(dir) != 0)
		rc = io(&k, "cannot sync the folder of", f);
	if (dir >= 0)
		(void)close(dir);
	return rc;
}

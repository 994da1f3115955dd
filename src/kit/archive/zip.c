#include "kit/archive/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

#include "kit/archive/pack.h"

struct zip {
	struct archive *to;
	struct buf bytes;
	bool ended;
};

static la_ssize_t take(struct archive *a, void *ctx, const void *p, size_t n)
{
	struct zip *z = ctx;
	buf_add(&z->bytes, str_n(p, n));
	if (z->bytes.failed || z->bytes.n > ZIP_MAX) {
		archive_set_error(a, ENOMEM, "no memory for the zip");
		return -1;
	}
	return (la_ssize_t)n;
}

static enum rc zip_fault(const struct zip *z, struct fault *f)
{
	const char *text = archive_error_string(z->to);
	return fault_set(f, RC_NOMEM, "the zip: %s", text != NULL ? text : "no memory");
}

enum rc zip_new(struct zip **out, struct fault *f)
{
	struct zip *z = calloc(1, sizeof *z);
	if (z == NULL || (z->to = archive_write_new()) == NULL) {
		free(z);
		return fault_set(f, RC_NOMEM, "no memory for a zip");
	}
	if (archive_write_set_format_zip(z->to) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(z->to, 0) != ARCHIVE_OK ||
	    archive_write_open(z->to, z, NULL, take, NULL) != ARCHIVE_OK) {
		enum rc rc = zip_fault(z, f);
		zip_free(z);
		return rc;
	}
	*out = z;
	return RC_OK;
}

enum rc zip_add(struct zip *z, const char *name, struct str bytes, bool small, int64_t at, struct fault *f)
{
	if (!pack_name_ok(str_of(name)))
		BUG("%s is no name of a file in an archive", name);
	if (z->bytes.n + bytes.n + 1024 > ZIP_MAX)
		return fault_set(f, RC_NOMEM, "the zip would be over %d bytes", ZIP_MAX);
	struct archive_entry *e = archive_entry_new();
	if (e == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a zip");
	archive_entry_set_pathname(e, name);
	archive_entry_set_size(e, (la_int64_t)bytes.n);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_perm(e, 0644);
	archive_entry_set_mtime(e, (time_t)at, 0);
	int ok = small ? archive_write_zip_set_compression_deflate(z->to)
	               : archive_write_zip_set_compression_store(z->to);
	if (ok == ARCHIVE_OK)
		ok = archive_write_header(z->to, e);
	archive_entry_free(e);
	if (ok != ARCHIVE_OK || archive_write_data(z->to, bytes.p, bytes.n) != (la_ssize_t)bytes.n)
		return zip_fault(z, f);
	return RC_OK;
}

size_t zip_size(const struct zip *z) { return z->bytes.n; }

enum rc zip_end(struct zip *z, struct buf *out, struct fault *f)
{
	z->ended = true;
	if (archive_write_close(z->to) != ARCHIVE_OK)
		return zip_fault(z, f);
	*out = z->bytes;
	z->bytes = (struct buf){0};
	return RC_OK;
}

void zip_free(struct zip *z)
{
	if (z == NULL)
		return;
	if (!z->ended)
		(void)archive_write_fail(z->to);
	(void)archive_write_free(z->to);
	buf_release(&z->bytes);
	free(z);
}

/* Built files of the pages (styles, scripts, fonts, pictures), read whole at the start and served
 * from memory. */
#include "kit/http/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 8 << 20, DEPTH_MAX = 3 };

static const struct {
	const char *end, *type;
} TYPES[] = {
	{".css", "text/css; charset=utf-8"},
	{".js", "text/javascript; charset=utf-8"},
	{".json", "application/json; charset=utf-8"},
	{".webmanifest", "application/json; charset=utf-8"},
	{".svg", "image/svg+xml"},
	{".png", "image/png"},
	{".jpg", "image/jpeg"},
	{".webp", "image/webp"},
	{".ico", "image/x-icon"},
	{".woff2", "font/woff2"},
	{".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(struct str name)
{
	for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
		if (str_ends(name, str_of(TYPES[i].end)))
			return TYPES[i].type;
	return NULL;
}

static enum rc file_whole(int dir, const char *name, const char *path, struct buf *out,
                          struct fault *f)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return fault_set(f, RC_IO, "cannot read the asset %s: %s", path, strerror(errno));
	char block[16 << 10];
	ssize_t n;
	while ((n = read(fd, block, sizeof block)) > 0 && out->n <= FILE_MAX)
		buf_add(out, str_n(block, (size_t)n));
	(void)close(fd);
	if (n != 0 || out->failed)
		return fault_set(f, RC_IO, "cannot read the asset %s, or it is over 8 MiB", path);
	return RC_OK;
}

static enum rc add(struct http *h, const char *name, struct str bytes, struct fault *f)
{
	struct asset *more = realloc(h->assets, (h->asset_count + 1) * sizeof *more);
	if (more == NULL)
		return fault_set(f, RC_NOMEM, "no memory for assets");
	h->assets = more;
	struct asset *a = &h->assets[h->asset_count];
	*a = (struct asset){.name = strdup(name)};
	if (a->name == NULL)
		return fault_set(f, RC_NOMEM, "no memory for assets");
	h->asset_count++;
	struct hash id = hash_of(NULL, "asset", bytes);
	(void)snprintf(a->version, sizeof a->version, "%02x%02x%02x%02x%02x", id.b[0], id.b[1],
	               id.b[2], id.b[3], id.b[4]);
	struct str type = str_of(type_of(str_of(name)));
	packed_init(&a->dated, h, type, bytes, "public, max-age=31536000, immutable");
	packed_again(&a->plain, h, &a->dated, type, "public, no-cache");
	return RC_OK;
}

static enum rc folder(struct http *h, const char *path, const char *prefix, int depth,
                      struct fault *f)
{
	DIR *d = opendir(path);
	if (d == NULL)
		return fault_set(f, RC_IO, "no assets in %s: %s", path, strerror(errno));
	enum rc rc = RC_OK;
	const struct dirent *e;
	while (rc == RC_OK && (e = readdir(d)) != NULL) {
		char name[512], full[1024];
		struct stat st;
		if (e->d_name[0] == '.')
			continue;
		if (snprintf(name, sizeof name, "%s%s", prefix, e->d_name) >= (int)sizeof name - 1 ||
		    snprintf(full, sizeof full, "%s/%s", path, e->d_name) >= (int)sizeof full) {
			rc = fault_set(f, RC_IO, "an asset's name is too long in %s", path);
			break;
		}
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
			(void)snprintf(name + strlen(name), 2, "/");
			rc = folder(h, full, name, depth + 1, f);
		} else if (S_ISREG(st.st_mode) && type_of(str_of(name)) != NULL) {
			struct buf b = {0};
			rc = file_whole(dirfd(d), e->d_name, full, &b, f);
			if (rc == RC_OK)
				rc = add(h, name, buf_str(&b), f);
			buf_release(&b);
		}
	}
	(void)closedir(d);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct asset *)a)->name, ((const struct asset *)b)->name);
}

enum rc assets_load(struct http *h, struct fault *f)
{
	if (h->c.assets == NULL)
		return RC_OK;
	enum rc rc = folder(h, h->c.assets, "", 0, f);
	if (rc == RC_OK && h->asset_count > 1)
		qsort(h->assets, h->asset_count, sizeof *h->assets, by_name);
	return rc;
}

void assets_free(struct http *h)
{
	for (size_t i = 0; i < h->asset_count; i++) {
		packed_release(&h->assets[i].plain);
		packed_release(&h->assets[i].dated);
		free(h->assets[i].name);
	}
	free(h->assets);
	h->assets = NULL;
	h->asset_count = 0;
}

static const struct asset *find(const struct http *h, struct str name)
{
	size_t low = 0, high = h->asset_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = str_cmp(name, str_of(h->assets[mid].name));
		if (order == 0)
			return &h->assets[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

bool assets_answer(struct call *c, enum MHD_Result *result)
{
	struct str query = str_n(c->target, c->target_size), host;
	if (c->target_size > URL_MAX || !str_starts(query, STR("/assets/")) ||
	    !call_header(c, "Host", &host) || !check_host(c->http, host))
		return false;
	struct str path = str_cut(&query, '?');
	const struct asset *a = find(c->http, str_sub(path, 8, path.n));
	if (a == NULL)
		return false;
	/* An address that names another version must not be kept for a year under this one. The style
	 * sheet can't know the versions: fonts carry their content's hash in their names (tools/assets). */
	bool dated = str_ends(path, STR(".woff2")) ||
	             (str_starts(query, STR("v=")) && str_is(str_sub(query, 2, query.n), a->version));
	c->slot = COUNT_ASSETS;
	*result = packed_queue(dated ? &a->dated : &a->plain, c);
	return true;
}

struct str http_asset(struct http *h, struct arena *a, const char *name)
{
	const struct asset *found = find(h, str_of(name));
	if (found == NULL)
		return arena_fmt(a, "/assets/%s", name);
	return arena_fmt(a, "/assets/%s?v=%s", name, found->version);
}

/* Procedure files on disk: listed, read and checked together. */
#include "ward/flow/procedure_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_MAX = 64 << 10, FILES_MAX = 256 };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum rc procedure_files(struct arena *a, const char *dir, const char ***out, size_t *count,
                        struct fault *f)
{
	DIR *d = opendir(dir);
	if (d == NULL)
		return fault_set(f, RC_IO, "cannot read the folder %s: %s", dir, strerror(errno));
	const char **list = arena_array(a, FILES_MAX, sizeof *list);
	enum rc rc = RC_OK;
	*count = 0;
	for (struct dirent *e; rc == RC_OK && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.' || strcmp(e->d_name, "router.yaml") == 0 || !str_ends(str_of(e->d_name), STR(".yaml")))
			continue;
		if (*count == FILES_MAX)
			rc = fault_set(f, RC_TOO_BIG, "%s holds more than %d procedures", dir, FILES_MAX);
		else
			list[(*count)++] = arena_fmt(a, "%s/%s", dir, e->d_name).p;
	}
	(void)closedir(d);
	qsort(list, *count, sizeof *list, by_name);
	*out = list;
	return rc;
}

enum rc procedure_file(struct arena *a, struct yaml_reader *y, const char *file,
                       const struct rules *rules, const struct refused *refused,
                       struct procedure *out)
{
	struct str bytes;
	struct fault f = {0};
	enum rc rc = file_read(a, file, BYTES_MAX, &bytes, &f);
	if (rc == RC_OK)
		return procedure_parse(y, a, file, bytes, rules, refused, out);
	y->arena = a;
	y->file = file;
	y->fault_count = 1;
	(void)fault_at(&y->faults[0], rc, file, 0, "", "%s",
	               rc == RC_TOO_BIG ? "is longer than 64 KiB" : f.text);
	return rc;
}

static size_t check_file(const char *file, struct procedure *out, struct arena *a,
                         const struct rules *rules, const struct refused *refused,
                         void (*say)(void *ctx, const struct fault *fault), void *ctx)
{
	struct yaml_reader y = {0};
	enum rc rc = procedure_file(a, &y, file, rules, refused, out);
	size_t kept = sizeof y.faults / sizeof *y.faults;
	for (size_t i = 0; i < y.fault_count && i < kept; i++)
		say(ctx, &y.faults[i]);
	if (rc == RC_OK || y.fault_count > 0)
		return y.fault_count;
	struct fault f;
	(void)fault_at(&f, rc, file, 0, "", "cannot be read: %s", rc_name(rc));
	say(ctx, &f);
	return 1;
}

size_t procedures_check(const char *const *paths, size_t count, const struct rules *rules,
                        const struct refused *refused,
                        void (*say)(void *ctx, const struct fault *fault), void *ctx)
{
	size_t faults = 0, seen = 0;
	struct arena a;
	arena_init(&a, (size_t)64 << 20);
	struct str *names = arena_array(&a, FILES_MAX, sizeof *names);
	for (size_t i = 0; i < count; i++) {
		const char **files = arena_array(&a, 1, sizeof *files);
		size_t n = 1;
		struct fault f = {0};
		files[0] = paths[i];
		if (!str_ends(str_of(paths[i]), STR(".yaml")) &&
		    procedure_files(&a, paths[i], &files, &n, &f) != RC_OK) {
			say(ctx, &f);
			faults++;
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			struct procedure p;
			faults += check_file(files[k], &p, &a, rules, refused, say, ctx);
			for (size_t s = 0; s < seen && p.name.n > 0; s++)
				if (str_eq(names[s], p.name)) {
					(void)fault_at(&f, RC_SYNTAX, files[k], p.line, "name",
					               "another file is named \"%.*s\" too", PSTR(p.name));
					say(ctx, &f);
					faults++;
				}
			if (seen < FILES_MAX)
				names[seen++] = p.name;
		}
	}
	arena_release(&a);
	return faults;
}

#include "kit/base/rc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct row {
	enum rc rc;
	int status;
	const char *name, *key;
} ROWS[] = {
#define X(name, number, status, key) {RC_##name, status, #name, key},
	RC_TABLE(X)
#undef X
};

static const struct row *find(enum rc rc)
{
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
		if (ROWS[i].rc == rc)
			return &ROWS[i];
	BUG("unknown rc %d", (int)rc);
}

const char *rc_name(enum rc rc) { return find(rc)->name; }
int rc_status(enum rc rc) { return find(rc)->status; }
const char *rc_key(enum rc rc) { return find(rc)->key; }

enum rc fault_set(struct fault *f, enum rc rc, const char *fmt, ...)
{
	if (f == NULL)
		return rc;
	*f = (struct fault){.rc = rc};
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return rc;
}

enum rc fault_at(struct fault *f, enum rc rc, const char *file, int line, const char *field,
                 const char *fmt, ...)
{
	if (f == NULL)
		return rc;
	*f = (struct fault){.rc = rc, .line = line};
	(void)snprintf(f->file, sizeof f->file, "%s", file != NULL ? file : "");
	(void)snprintf(f->field, sizeof f->field, "%s", field != NULL ? field : "");
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return rc;
}

const char *fault_describe(const struct fault *f, char *out, unsigned size)
{
	if (f->file[0] != '\0' && f->line > 0)
		(void)snprintf(out, size, "%s:%d: %s%s%s", f->file, f->line, f->field,
		               f->field[0] != '\0' ? ": " : "", f->text);
	else
		(void)snprintf(out, size, "%s%s%s%s%s", f->file, f->file[0] != '\0' ? ": " : "",
		               f->field, f->field[0] != '\0' ? ": " : "", f->text);
	return out;
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	(void)fprintf(stderr, "BUG %s:%d: ", file, line);
	va_list ap;
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	abort();
}

/* The opponent of intake and intakecpu: the same rows by raw SQLite, one thread, prepared
 * statements, WAL, synchronous=FULL. It takes the statements from the store's own trace of
 * reports (xom test-trace), so that they can't drift: literals become parameters, each form of a
 * statement is prepared once.
 *
 *   bench-raw DATABASE TRACE COMMIT     COMMIT: reports a transaction
 *
 * Prints "seconds CPU-seconds reports". Only what writes is run: reading is the server's own need. */
#include <ctype.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUES = 96, FORMS = 64 };

struct value {
	enum { INTEGER, REAL, TEXT, BLOB, NOTHING } kind;
	int64_t i;
	double d;
	char *bytes;
	int n;
};
struct step {
	int form;                  /* -1: end of a report */
	int count;
	struct value values[VALUES];
};
static struct {
	char *text;
	sqlite3_stmt *stmt;
} forms[FORMS];
static int form_count;

_Noreturn static void die(const char *what, const char *detail)
{
	(void)fprintf(stderr, "bench-raw: %s: %s\n", what, detail);
	exit(1);
}

static char *take_text(const char **p, struct value *v)
{
	const char *s = *p + 1;
	char *out = malloc(strlen(s) + 1), *to = out;
	while (!(s[0] == '\'' && s[1] != '\'')) {
		if (s[0] == '\'')
			s++;
		*to++ = *s++;
	}
	*p = s + 1;
	*v = (struct value){.kind = TEXT, .bytes = out, .n = (int)(to - out)};
	return out;
}

static void take_blob(const char **p, struct value *v)
{
	const char *s = *p + 2, *end = strchr(s, '\'');
	size_t n = (size_t)(end - s) / 2;
	char *out = malloc(n + 1);
	for (size_t i = 0; i < n; i++) {
		unsigned byte;
		(void)sscanf(s + 2 * i, "%2x", &byte);
		out[i] = (char)byte;
	}
	*p = end + 1;
	*v = (struct value){.kind = BLOB, .bytes = out, .n = (int)n};
}

static bool word_before(const char *sql, const char *p)
{
	return p > sql && (isalnum((unsigned char)p[-1]) || p[-1] == '_' || p[-1] == '"');
}

/* Turns the literals of a statement into parameters. */
static struct step parse(const char *sql)
{
	struct step s = {0};
	char *form = malloc(strlen(sql) * 2 + 1), *to = form;
	for (const char *p = sql; *p != '\0';) {
		struct value *v = &s.values[s.count];
		if (s.count == VALUES)
			die("too many values", sql);
		if (*p == '\'') {
			(void)take_text(&p, v);
		} else if ((*p == 'x' || *p == 'X') && p[1] == '\'' && !word_before(sql, p)) {
			take_blob(&p, v);
		} else if (strncmp(p, "NULL", 4) == 0 && !word_before(sql, p) && !isalnum((unsigned char)p[4])) {
			*v = (struct value){.kind = NOTHING};
			p += 4;
		} else if (isdigit((unsigned char)*p) && !word_before(sql, p)) {
			char *end;
			*v = (struct value){.kind = INTEGER, .i = strtoll(p, &end, 10)};
			p = end;
		} else {
			*to++ = *p++;
			continue;
		}
		s.count++;
		*to++ = '?';
	}
	*to = '\0';
	for (s.form = 0; s.form < form_count && strcmp(forms[s.form].text, form) != 0; s.form++)
		;
	if (s.form == form_count) {
		if (form_count == FORMS)
			die("too many forms", form);
		forms[form_count++].text = form;
	} else {
		free(form);
	}
	return s;
}

static bool writes(const char *sql)
{
	return strncasecmp(sql, "INSERT", 6) == 0 || strncasecmp(sql, "UPDATE", 6) == 0 ||
	       strncasecmp(sql, "DELETE", 6) == 0 || strncasecmp(sql, "REPLACE", 7) == 0;
}

static struct step *read_trace(const char *file, size_t *count)
{
	FILE *f = fopen(file, "re");
	if (f == NULL)
		die("cannot read", file);
	struct step *steps = NULL;
	char *line = NULL;
	size_t size = 0, n = 0;
	while (getdelim(&line, &size, '\0', f) >= 0) {
		if (line[0] != '\0' && !writes(line))
			continue;
		if ((n & (n - 1)) == 0)
			steps = realloc(steps, (n == 0 ? 1 : 2 * n) * sizeof *steps);
		if (line[0] == '\0')
			steps[n++] = (struct step){.form = -1};
		else
			steps[n++] = parse(line);
	}
	free(line);
	(void)fclose(f);
	*count = n;
	return steps;
}

static void run(sqlite3 *db, const char *sql)
{
	char *error;
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		die(sql, error);
}

static void run_step(sqlite3 *db, const struct step *s)
{
	sqlite3_stmt *st = forms[s->form].stmt;
	for (int i = 0; i < s->count; i++) {
		const struct value *v = &s->values[i];
		if (v->kind == INTEGER)
			(void)sqlite3_bind_int64(st, i + 1, v->i);
		else if (v->kind == TEXT)
			(void)sqlite3_bind_text(st, i + 1, v->bytes, v->n, SQLITE_STATIC);
		else if (v->kind == BLOB)
			(void)sqlite3_bind_blob(st, i + 1, v->bytes, v->n, SQLITE_STATIC);
		else
			(void)sqlite3_bind_null(st, i + 1);
	}
	int rc;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		;
	if (rc != SQLITE_DONE)
		die(forms[s->form].text, sqlite3_errmsg(db));
	(void)sqlite3_reset(st);
}

static double seconds(clockid_t which)
{
	struct timespec ts;
	(void)clock_gettime(which, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		die("usage", "bench-raw DATABASE TRACE COMMIT");
	size_t count, reports = 0, each = strtoul(argv[3], NULL, 10);
	struct step *steps = read_trace(argv[2], &count);
	sqlite3 *db;
	if (sqlite3_open(argv[1], &db) != SQLITE_OK)
		die("cannot open", argv[1]);
	run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-4000;"
	        "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON");
	for (int i = 0; i < form_count; i++)
		if (sqlite3_prepare_v3(db, forms[i].text, -1, SQLITE_PREPARE_PERSISTENT, &forms[i].stmt, NULL) !=
		    SQLITE_OK)
			die(forms[i].text, sqlite3_errmsg(db));
	double began = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
	bool open = false;
	for (size_t i = 0; i < count; i++) {
		if (!open) {
			run(db, "BEGIN IMMEDIATE");
			open = true;
		}
		if (steps[i].form >= 0) {
			run_step(db, &steps[i]);
		} else if (++reports % each == 0) {
			run(db, "COMMIT");
			open = false;
		}
	}
	if (open)
		run(db, "COMMIT");
	(void)printf("%.6f %.6f %zu\n", seconds(CLOCK_MONOTONIC) - began,
	             seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, reports);
	return 0;
}

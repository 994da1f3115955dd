#include "database.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 64 };
static struct {
	char file[256], url[320];
} made[MOST];

static const char *server(void)
{
	const char *url = getenv("XOM_PG_URL");
	return url != NULL ? url : "";
}

bool on_server(void) { return server()[0] != '\0'; }

static void die(const char *doing, PGconn *pg)
{
	(void)fprintf(stderr, "%s: %s\n", doing, PQerrorMessage(pg));
	abort();
}

static void command(const char *form, const char *name)
{
	char url[320], sql[400];
	(void)snprintf(url, sizeof url, "%s/postgres", server());
	(void)snprintf(sql, sizeof sql, form, name);
	PGconn *pg = PQconnectdb(url);
	PGresult *r = PQexec(pg, sql);
	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		die(sql, pg);
	PQclear(r);
	PQfinish(pg);
}

const char *test_database(const char *file)
{
	static int number;
	int i = 0;
	if (!on_server())
		return file;
	while (i < MOST && made[i].file[0] != '\0' && strcmp(made[i].file, file) != 0)
		i++;
	if (i == MOST)
		abort();
	if (made[i].file[0] == '\0') {
		char name[64];
		(void)snprintf(name, sizeof name, "unit_%d_%d", (int)getpid(), number++);
		(void)snprintf(made[i].file, sizeof made[i].file, "%s", file);
		(void)snprintf(made[i].url, sizeof made[i].url, "%s/%s", server(), name);
		command("CREATE DATABASE \"%s\" TEMPLATE template0", name);
	}
	return made[i].url;
}

void test_database_drop(const char *file)
{
	for (int i = 0; i < MOST && on_server(); i++)
		if (strcmp(made[i].file, file) == 0) {
			command("DROP DATABASE IF EXISTS \"%s\" WITH (FORCE)", strrchr(made[i].url, '/') + 1);
			made[i].file[0] = '\0';
			for (; i + 1 < MOST; i++)
				made[i] = made[i + 1];
			made[MOST - 1].file[0] = '\0';
			return;
		}
}

/* What the tests' SQL has of SQLite's: its few functions, the tables of its search and x'00'. Foreign
 * keys are not looked at: a test breaks what it likes. */
static const char *const LIKE_SQLITE =
	"SET client_min_messages = error; SET session_replication_role = replica;"
	"CREATE OR REPLACE FUNCTION zeroblob(n int) RETURNS bytea LANGUAGE sql AS "
	"$$SELECT decode(repeat('00', n), 'hex')$$;"
	"CREATE OR REPLACE FUNCTION hex(b bytea) RETURNS text LANGUAGE sql AS "
	"$$SELECT upper(encode(b, 'hex'))$$;"
	"CREATE OR REPLACE FUNCTION pragma_table_info(t text) RETURNS TABLE(name text) LANGUAGE sql AS "
	"$$SELECT attname::text FROM pg_attribute WHERE attrelid = t::regclass AND attnum > 0$$;"
	"CREATE OR REPLACE VIEW fts_desk AS SELECT id AS rowid, words::text AS words, ward_id AS ward "
	"FROM fts_word WHERE scope = 'desk';"
	"CREATE OR REPLACE VIEW fts_public AS SELECT id AS rowid, words::text AS words, ward_id AS ward "
	"FROM fts_word WHERE scope = 'public'";

static void unquote_blobs(char *to, size_t size, const char *sql)
{
	size_t n = 0;
	for (const char *p = sql; *p != '\0' && n + 4 < size; p++)
		if (p[0] == 'x' && p[1] == '\'' && (p == sql || strchr(" (,=", p[-1]) != NULL)) {
			p++;
			n += (size_t)snprintf(to + n, size - n, "'\\x");
		} else {
			to[n++] = *p;
		}
	to[n] = '\0';
}

static const char *value(const PGresult *r, int row, int i)
{
	enum { BOOL = 16 };
	if (PQgetisnull(r, row, i))
		return "-";
	const char *p = PQgetvalue(r, row, i);
	return PQftype(r, i) != BOOL ? p : p[0] == 't' ? "1" : "0";
}

bool test_database_sql(const char *file, const char *sql, char *out, size_t size, long *changed)
{
	size_t n = 0;
	char text[4000];
	PGconn *pg = PQconnectdb(test_database(file));
	PQclear(PQexec(pg, LIKE_SQLITE));
	unquote_blobs(text, sizeof text, sql);
	PGresult *r = NULL;
	long sum = 0;
	(void)PQsendQuery(pg, text);
	for (PGresult *next; (next = PQgetResult(pg)) != NULL;) { /* one a statement; the last failure or answer */
		PQclear(r);
		r = next;
		sum += strtol(PQcmdTuples(r), NULL, 10);
	}
	ExecStatusType status = PQresultStatus(r);
	bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
	if (size > 0)
		out[0] = '\0';
	if (!fine && size > 0)
		(void)snprintf(out, size, "%s", PQerrorMessage(pg));
	if (changed != NULL)
		*changed = fine ? sum : 0;
	for (int row = 0; fine && row < PQntuples(r); row++)
		for (int i = 0; i < PQnfields(r); i++)
			n += (size_t)snprintf(n < size ? out + n : NULL, n < size ? size - n : 0, "%s%c",
			                      value(r, row, i), i + 1 < PQnfields(r) ? '|' : '\n');
	PQclear(r);
	PQfinish(pg);
	return fine;
}

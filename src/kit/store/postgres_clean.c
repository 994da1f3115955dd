/* What was erased goes out of the files. A deleted row's bytes stay where they were, VACUUM only gives the
 * place free; so each table that holds what people wrote is written anew (VACUUM FULL: heap, indexes and
 * TOAST), the samples that ANALYZE keeps of its columns are done without, and the journal goes on in a new
 * file, so that the old ones can leave. */
#include "kit/store/postgres_impl.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "kit/base/log.h"

enum { POLL_MS = 200, TRIES = 6, TRY_AGAIN_MS = 3000 };

struct cleaning {
	struct store *store;
	struct pq_conn c;
	struct arena a;
	store_pause_fn *pause;
	void *ctx;
	struct store_cleaned *out;
	int64_t done, total;
	bool stopped;
};

enum rc pq_erased(struct tx *tx, struct fault *f)
{
	return pq_own(pq_conn_of(tx), OWN_ERASED, BIND(v_int(tx->ward.v)), NULL, f);
}

/* --- samples --- */

/* Written by the server, which knows how to quote. Without COLLATE the type would be another one. */
#define SAMPLED \
	"SELECT format('ALTER TABLE %I ALTER %I SET STATISTICS 0', t.relname, a.attname) || CASE WHEN EXISTS " \
	"(SELECT 1 FROM pg_stats s WHERE s.schemaname = current_schema() AND s.tablename = t.relname " \
	"AND s.attname = a.attname) THEN format('; ALTER TABLE %I ALTER %I TYPE %s%s', t.relname, a.attname, " \
	"format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> 0 THEN ' COLLATE \"C\"' ELSE '' END) " \
	"ELSE '' END FROM unnest(string_to_array($1, ' ')) AS w(name) " \
	"JOIN pg_class t ON t.relname = split_part(w.name, '.', 1) AND t.relnamespace = current_schema()::regnamespace " \
	"JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = split_part(w.name, '.', 2) " \
	"WHERE coalesce(a.attstattarget, -1) <> 0"

static struct str all_words(struct arena *a, const char *const *words)
{
	struct buf b = {0};
	buf_addz(&b, "fts_word.words");
	for (; words != NULL && *words != NULL; words++)
		buf_addf(&b, " %s", *words);
	return arena_take(a, &b);
}

enum rc pq_unsample(struct pq_conn *c, const char *const *words, struct fault *f)
{
	const Oid text = 25;
	const int format = 1;
	struct arena a;
	PGresult *r = NULL;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	struct str list = all_words(&a, words);
	const char *value = list.p;
	int length = (int)list.n;
	enum rc rc = pq_exec(c, &(struct pq_call){.text = SAMPLED, .n = 1, .in = &text, .values = &value,
	                                          .lengths = &length, .formats = &format}, &r, f);
	/* To the same type: nothing is written anew, and what was sampled goes. */
	for (int i = 0; rc == RC_OK && i < PQntuples(r); i++) {
		struct str sql = arena_copy(&a, pq_val(r, i, 0, SAMPLED).s);
		rc = pq_script(c, arena_z(&a, sql), f);
	}
	PQclear(r);
	arena_release(&a);
	return rc;
}

/* --- statements that take minutes --- */

static bool goes_on(struct cleaning *k)
{
	k->stopped = k->stopped || (k->pause != NULL && !k->pause(k->ctx, k->done, k->total));
	return !k->stopped;
}

static void cancel(struct cleaning *k)
{
	char why[256];
	PGcancel *c = PQgetCancel(k->c.pg);
	if (c != NULL)
		(void)PQcancel(c, why, sizeof why);
	PQfreeCancel(c);
}

/* Outside the pipeline, in which VACUUM can't be. Asks several times a second whether it may go on. */
static enum rc run(struct cleaning *k, const char *sql, struct fault *f)
{
	struct pq_conn *c = &k->c;
	bool told = false;
	if (PQsendQuery(c->pg, sql) != 1)
		return pq_rc(c, NULL, f, sql);
	for (;;) {
		int unsent = PQflush(c->pg);
		if (unsent < 0 || PQconsumeInput(c->pg) == 0)
			return pq_rc(c, NULL, f, sql);
		if (unsent == 0 && !PQisBusy(c->pg))
			break;
		struct pollfd p = {.fd = PQsocket(c->pg), .events = unsent > 0 ? POLLIN | POLLOUT : POLLIN};
		if (poll(&p, 1, POLL_MS) < 0 && errno != EINTR)
			return pq_rc(c, NULL, f, sql);
		if (!told && !goes_on(k)) {
			told = true;
			cancel(k);
		}
	}
	enum rc rc = RC_OK;
	for (PGresult *r; (r = PQgetResult(c->pg)) != NULL; PQclear(r))
		if (rc == RC_OK && PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
			rc = pq_rc(c, r, f, sql);
	return told && rc != RC_OK ? fault_set(f, RC_TIMEOUT, "it was stopped") : rc;
}

/* Who waits for a table's lock holds up all that come after: so briefly, and again a little later. */
static enum rc rewrite(struct cleaning *k, struct str table, struct fault *f)
{
	const char *sql = arena_fmt(&k->a, "VACUUM (FULL) \"%.*s\"", PSTR(table)).p;
	enum rc rc = RC_AGAIN;
	for (int i = 0; i < TRIES && rc != RC_OK && goes_on(k); i++) {
		int64_t began = clock_ticks();
		k->c.again = false;
		rc = run(k, sql, f);
		int64_t took = clock_ticks() - began;
		if (rc == RC_OK && took > k->out->longest_us) {
			k->out->longest_us = took;
			(void)snprintf(k->out->longest, sizeof k->out->longest, "%.*s", PSTR(table));
		}
		if (rc == RC_OK)
			k->out->tables++;
		if (rc == RC_OK || !k->c.again)
			break;
		for (int64_t until = clock_ticks() + TRY_AGAIN_MS * 1000; clock_ticks() < until && goes_on(k);)
			(void)poll(NULL, 0, POLL_MS);
	}
	if (k->stopped && rc != RC_OK)
		return fault_set(f, RC_TIMEOUT, "it was stopped");
	if (rc != RC_OK && k->c.again)
		return fault_set(f, RC_AGAIN, "%.*s was in use all the time", PSTR(table));
	return rc;
}

/* --- the night --- */

/* The tables of the columns, each once. */
static size_t tables_of(struct cleaning *k, struct str *out, size_t most)
{
	struct str all = all_words(&k->a, k->store->config.words);
	size_t n = 0;
	while (all.p != NULL && n < most) {
		struct str column = str_cut(&all, ' '), table = str_cut(&column, '.');
		bool there = false;
		for (size_t i = 0; i < n; i++)
			there |= str_eq(out[i], table);
		if (!there)
			out[n++] = table;
	}
	return n;
}

/* What was dropped of the samples lies in the catalogue's own file. */
static enum rc rewrite_all(struct cleaning *k, struct fault *f)
{
	enum { TABLES = 64 };
	struct str tables[TABLES];
	size_t n = tables_of(k, tables, TABLES);
	k->total = (int64_t)n + 1;
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++, k->done++)
		rc = rewrite(k, tables[i], f);
	return rc == RC_OK ? run(k, "VACUUM (FULL) pg_statistic", f) : rc;
}

static enum rc change_journal(struct cleaning *k, struct fault *f)
{
	enum rc rc = k->out->wal ? run(k, "SELECT pg_switch_wal()", f) : RC_OK;
	return rc == RC_OK && k->out->wal ? run(k, "CHECKPOINT", f) : rc;
}

/* What is erased meanwhile raises n again, and waits for the next time. */
static enum rc forget_marks(struct cleaning *k, const PGresult *marks, struct fault *f)
{
	enum rc rc = RC_OK;
	for (int i = 0; rc == RC_OK && i < PQntuples(marks); i++)
		rc = run(k, arena_fmt(&k->a, "DELETE FROM store_erased WHERE ward_id = %lld AND n = %lld",
		                      (long long)pq_int(marks, i, 0), (long long)pq_int(marks, i, 1)).p, f);
	return rc;
}

static enum rc begin(struct cleaning *k, PGresult **marks, struct fault *f)
{
	struct pq_conn *c = &k->c;
	PGresult *r = NULL;
	enum rc rc = pq_exec(c, &(struct pq_call){.text = "SELECT ward_id, n FROM store_erased"}, marks, f);
	if (rc == RC_OK && PQntuples(*marks) == 0)
		return RC_NONE;
	if (rc == RC_OK)
		rc = pq_exec(c, &(struct pq_call){.text = "SELECT pg_try_advisory_lock(88, 1), " PQ_MAY_CLEAN}, &r, f);
	bool free = rc == RC_OK && pq_int(r, 0, 0) != 0;
	k->out->wal = rc == RC_OK && pq_int(r, 0, 1) != 0;
	PQclear(r);
	if (rc == RC_OK && !free)
		return RC_NONE;
	if (rc == RC_OK)
		rc = pq_script(c, "SET lock_timeout = '2s'; SET maintenance_work_mem = '128MB'", f);
	if (rc == RC_OK)
		rc = pq_unsample(c, k->store->config.words, f);
	if (rc == RC_OK && PQexitPipelineMode(c->pg) != 1)
		rc = pq_rc(c, NULL, f, "leaving the pipeline");
	return rc;
}

enum rc pq_clean(struct store *s, store_pause_fn *pause, void *ctx, struct store_cleaned *out, struct fault *f)
{
	struct cleaning k = {.store = s, .pause = pause, .ctx = ctx, .out = out};
	PGresult *marks = NULL;
	arena_init(&k.a, ARENA_REQUEST_LIMIT);
	enum rc rc = pq_connect(&k.c, s->config.path, PQ_SETUP, 0, f);
	if (rc == RC_OK)
		rc = begin(&k, &marks, f);
	if (rc == RC_OK)
		rc = rewrite_all(&k, f);
	if (rc == RC_OK)
		rc = change_journal(&k, f);
	if (rc == RC_OK)
		rc = forget_marks(&k, marks, f);
	PQclear(marks);
	pq_disconnect(&k.c);   /* and its lock with it */
	arena_release(&k.a);
	return rc;
}

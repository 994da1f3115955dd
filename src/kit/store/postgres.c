/* The PostgreSQL engine: what it is called for, statements, rows. */
#include "kit/store/postgres_impl.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/log.h"
#include "kit/base/text.h"
#include "kit/store/move_impl.h"

#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25

static const char *word(struct str name)
{
	/* A bool is a number as on SQLite: it is counted and compared with numbers. Text is ordered by its
	 * bytes, whatever the database was made with. */
	static const struct { const char *name, *type; } words[] = {
		{"id", "BIGINT"}, {"time", "BIGINT"}, {"day", "BIGINT"}, {"int", "BIGINT"},
		{"text", "TEXT COLLATE \"C\""}, {"blob", "BYTEA"}, {"bool", "BIGINT"}, {"no_rowid", ""},
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(name, words[i].name))
			return words[i].type;
	return NULL;
}

static enum rc engine_open(struct store *s, struct fault *f)
{
	struct pq *p = calloc(1, sizeof *p);
	if (p == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the store");
	s->db = p;
	for (size_t i = 0; i < PQ_LANES; i++)
		p->lane[i].store = s;
	enum rc rc = pq_connect(&p->lane[0].c, s->config.path, PQ_SETUP, 0, f);
	return rc == RC_OK ? pq_presence(&p->lane[0].c, s->config.moving, f) : rc;
}

static void engine_close(struct store *s)
{
	struct pq *p = s->db;
	if (p == NULL)
		return;
	pq_lanes_stop(s);
	pool_stop(&s->readers, pq_reader_close);
	for (size_t i = 0; i < PQ_LANES; i++)
		pq_disconnect(&p->lane[i].c);
	free(p);
}

void pq_health(struct store *s, const struct fault *why)
{
	atomic_bool *gone = &pq_of(s)->gone;
	if (atomic_load(gone) == (why != NULL) || atomic_exchange(gone, why != NULL) == (why != NULL))
		return;
	if (why != NULL)
		log_error("store", "%s; what needs it is answered with 503 until it is back", why->text);
	else
		log_info("store", "the database answers again");
}

void pq_suspect(struct store *s, const struct pq_conn *c)
{
	if (c->lost && c->opened > 0)
		atomic_store(&pq_of(s)->suspect, clock_ticks());
}

bool pq_usable(struct store *s, const struct pq_conn *c)
{
	return c->pg != NULL && !c->lost && c->opened > atomic_load(&pq_of(s)->suspect);
}

static enum rc script(struct tx *tx, const char *sql, struct fault *f)
{
	return pq_script(pq_conn_of(tx), sql, f);
}

enum rc pq_failure(enum rc rc, struct fault *f)
{
	if (rc < 0)
		return rc;
	if (f != NULL)
		f->rc = RC_DB;
	return RC_DB;
}

/* --- statements --- */

static void finalize(struct stmt *st)
{
	struct pq_stmt *h = st->handle;
	if (h == NULL)
		return;
	PQclear(h->result);
	free(h->text);
	free(h->values);
	free(h->lengths);
	free(h->formats);
	free(h->numbers);
	free(h);
	st->handle = NULL;
}

static Oid oid_of(char letter)
{
	switch (letter) {
	case 'i':
	case 'I': return OID_INT8;
	case 'b':
	case 'B': return OID_BYTEA;
	default: return OID_TEXT;
	}
}

/* A statement's parameters have the types that are declared; the server is not left to guess. */
static enum rc describe(struct tx *tx, struct stmt *st, struct pq_stmt *h, struct fault *f)
{
	struct pq_conn *c = pq_conn_of(tx);
	Oid in[64] = {0};
	const char *letters = st->sql->in;
	size_t n = strlen(letters) + st->sql->ward, at = 0;
	if (n > sizeof in / sizeof *in)
		return fault_set(f, RC_DB, "too many parameters: %s", st->sql->text);
	if (st->sql->ward)
		in[at++] = OID_INT8;
	while (*letters != '\0')
		in[at++] = oid_of(*letters++);
	(void)snprintf(h->name, sizeof h->name, "s%u", ++c->names);
	h->values = calloc(n + 1, sizeof *h->values);
	h->lengths = calloc(n + 1, sizeof *h->lengths);
	h->formats = calloc(n + 1, sizeof *h->formats);
	h->numbers = calloc(n + 1, sizeof *h->numbers);
	if (h->values == NULL || h->lengths == NULL || h->formats == NULL || h->numbers == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a statement");
	for (size_t i = 0; i < n; i++)
		h->formats[i] = 1;
	PGresult *r = NULL;
	enum rc rc = pq_prepare(c, h->name, h->text, (int)n, in, &r, f);
	if (rc != RC_OK)
		return pq_failure(rc, f);
	st->in_count = (size_t)PQnparams(r);
	st->out_count = (size_t)PQnfields(r);
	PQclear(r);
	return RC_OK;
}

static enum rc prepare(struct tx *tx, struct stmt *st, struct fault *f)
{
	struct buf text = {0};
	struct pq_stmt *h = calloc(1, sizeof *h);
	if (h == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a statement");
	st->handle = h;
	h->sql = st->sql;
	enum rc rc = pq_translate(st->sql, &text, &h->writes, &h->exists, f);
	if (rc == RC_OK && !tx->write && h->writes)
		rc = fault_set(f, RC_DB, "a statement that writes, in a read: %s", st->sql->text);
	h->text = text.p; /* the buffer's bytes are the statement's now */
	if (rc == RC_OK)
		rc = describe(tx, st, h, f);
	if (rc != RC_OK)
		finalize(st);
	return rc;
}

static enum rc bind(struct tx *tx, struct stmt *st, int at, const struct val *v, bool keep,
                    struct fault *f)
{
	struct pq_stmt *h = st->handle;
	int i = at - 1;
	if (v->type == VAL_NULL) {
		h->values[i] = NULL;
	} else if (v->type == VAL_INT) {
		h->numbers[i] = (int64_t)htobe64((uint64_t)v->i);
		h->values[i] = (const char *)&h->numbers[i];
		h->lengths[i] = sizeof h->numbers[i];
	} else {
		if (v->type == VAL_TEXT && !text_utf8_ok(v->s))
			return fault_set(f, RC_INVALID, "a text that is no UTF-8 for ?%d of: %s", at, st->sql->text);
		if (v->s.n > INT32_MAX / 2)
			return fault_set(f, RC_TOO_BIG, "a value of %zu bytes", v->s.n);
		struct str s = keep && v->s.n > 0 ? arena_copy(tx->arena, v->s) : v->s;
		h->values[i] = s.n > 0 ? s.p : ""; /* NULL would be NULL */
		h->lengths[i] = (int)s.n;
	}
	return RC_OK;
}

static int64_t rows_changed(const PGresult *r)
{
	int64_t n = 0;
	(void)str_i64(str_of(PQcmdTuples((PGresult *)(uintptr_t)r)), &n);
	return n;
}

/* A row that is refused ends PostgreSQL's whole transaction. Where a function is run with a guard,
 * each writing statement has a SAVEPOINT; without, the function ends here and is run again with it. */
static enum rc refused(struct pq_conn *c, enum rc rc, struct fault *f)
{
	if (c->guard) {
		enum rc back;
		pq_queue(c, "ROLLBACK TO SAVEPOINT each");
		pq_queue(c, "RELEASE SAVEPOINT each");
		back = pq_exec(c, NULL, NULL, NULL);
		return back == RC_OK ? rc : fault_set(f, RC_DB, "a refused row could not be taken back");
	}
	c->guard_wanted = true;
	return fault_set(f, RC_DB, "a row was refused; the function is run again");
}

static struct pq_call call_of(const struct stmt *st)
{
	const struct pq_stmt *h = st->handle;
	return (struct pq_call){.name = h->name, .doing = st->sql->text, .n = (int)st->in_count, .values = h->values,
	                        .lengths = h->lengths, .formats = h->formats, .exists = h->exists};
}

/* In time, and told to whoever traces. */
static enum rc called(struct tx *tx, const struct stmt *st, struct fault *f)
{
	struct pq_conn *c = pq_conn_of(tx);
	const struct pq_stmt *h = st->handle;
	if (clock_ticks() > c->deadline)
		return fault_set(f, RC_TIMEOUT, "the time is over: %s", st->sql->text);
	if (c->tracing != NULL && c->in_function)
		pq_tell(c, st->sql->text, st->sql->ward ? "i" : "", st->sql->in, h->values, h->lengths);
	return RC_OK;
}

static enum rc run(struct tx *tx, struct stmt *st, struct fault *f)
{
	struct pq_conn *c = pq_conn_of(tx);
	struct pq_stmt *h = st->handle;
	struct pq_call call = call_of(st);
	enum rc rc = called(tx, st, f);
	if (rc != RC_OK)
		return rc;
	bool guarded = c->guard && h->writes;
	if (guarded)
		pq_queue(c, "SAVEPOINT each");
	rc = pq_exec(c, &call, &h->result, f);
	if (rc > 0 && tx->write)
		return refused(c, rc, f);
	if (rc != RC_OK)
		return pq_failure(rc, f);
	if (guarded)
		pq_queue(c, "RELEASE SAVEPOINT each");
	h->rows = PQntuples(h->result);
	h->row = -1;
	c->changed = rows_changed(h->result);
	return h->exists && c->changed == 0
	       ? fault_set(f, RC_EXISTS, "there is such a row already: %s", st->sql->text) : RC_OK;
}

static enum rc step(struct tx *tx, struct stmt *st, struct fault *f)
{
	struct pq_stmt *h = st->handle;
	if (h->result == NULL) {
		enum rc rc = run(tx, st, f);
		if (rc != RC_OK)
			return rc;
	}
	return ++h->row < h->rows ? RC_OK : RC_NONE;
}

/* A report is a dozen rows: waiting for each would cost PostgreSQL more than writing them. */
static enum rc put(struct tx *tx, struct stmt *st, struct fault *f)
{
	struct pq_conn *c = pq_conn_of(tx);
	struct pq_call call = call_of(st);
	if (!c->in_function || c->guard || !pq_fits(c, &call))
		return step(tx, st, f);
	enum rc rc = called(tx, st, f);
	if (rc == RC_OK)
		rc = pq_send(c, &call, f);
	return rc == RC_OK ? RC_NONE : pq_failure(rc, f);
}

static struct val column(const struct stmt *st, int at)
{
	const struct pq_stmt *h = st->handle;
	return pq_val(h->result, h->row, at, st->sql->text);
}

static enum val_type type(const struct stmt *st, int at) { return column(st, at).type; }

static int64_t changed(struct tx *tx) { return pq_conn_of(tx)->changed; }

static void reset(struct stmt *st)
{
	struct pq_stmt *h = st->handle;
	PQclear(h->result);
	h->result = NULL;
}

const struct engine ENGINE_POSTGRES = {
	.word = word, .table_end = "",
	.open = engine_open, .alone = pq_alone, .start = pq_lanes_start, .close = engine_close,
	.read = pq_read, .write = pq_write, .script = script,
	.prepare = prepare, .finalize = finalize, .bind = bind, .step = step, .put = put, .type = type,
	.column = column, .changed = changed, .reset = reset,
	.search_put = pq_search_put, .search_find = pq_search_find, .search_merge = pq_search_merge,
	.erased = pq_erased, .clean = pq_clean, .trace = pq_trace, .bulk = pq_bulk,
	.copy = pq_copy, .size = pq_size, .mover = &PQ_MOVER, .marked = pq_marked, .steps = pq_steps, .check = pq_check, .server = pq_server, .schema = pq_schema,
};

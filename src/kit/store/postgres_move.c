/* PostgreSQL's half of moving a database: rows come and go by COPY, in its binary form.
 *
 * Whoever may write holds a shared lock for as long as its connection lives; the move asks for it
 * alone. A server that lost its connection asks for its lock, and for the mark, before it writes again. */
#include "kit/store/postgres_impl.h"

#include <ctype.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/move_impl.h"

#define PRESENCE "7892845, 1"    /* "xom": apart from the wards' locks, which are of one number */
enum { PIECE = 64 << 10, HEAD = 19 };

struct pq_move {
	struct pq_conn c;
	bool snapshot;                /* in a transaction that only reads */
	bool head;                    /* of the COPY that is being read, came already */
	char *copied;                 /* libpq's, of the row in hand */
	struct buf out;               /* on its way into COPY */
};

static struct pq_move *own(const struct move_side *s) { return s->db; }

/* --- who may write --- */

static enum rc ask(struct pq_conn *c, const char *sql, int64_t *out, struct fault *f)
{
	PGresult *r = NULL;
	enum rc rc = pq_exec(c, &(struct pq_call){.text = sql}, &r, f);
	*out = rc == RC_OK && PQntuples(r) > 0 ? pq_int(r, 0, 0) : 0;
	PQclear(r);
	return rc;
}

enum rc pq_presence(struct pq_conn *c, bool moving, struct fault *f)
{
	int64_t locked, marked = 0;
	enum rc rc = ask(c, "SELECT pg_try_advisory_lock_shared(" PRESENCE ")::int", &locked, f);
	if (rc == RC_OK && locked == 0)
		rc = fault_set(f, RC_AGAIN, "the database is being moved (`xom move`): wait for its end");
	/* After the lock: a mark that was made before it is seen. */
	if (rc == RC_OK && !moving)
		rc = ask(c, "SELECT (to_regclass('store_move') IS NOT NULL)::int", &marked, f);
	if (rc == RC_OK && marked != 0)
		rc = fault_set(f, RC_REFUSED, "the database was moved, or is half of a move: start xom anew, it says which");
	return rc;
}

/* --- one connection, without the pipeline --- */

/* What is no more than a refused row elsewhere is a failure here. */
static enum rc fail(struct move_side *s, const PGresult *r, const char *doing, struct fault *f)
{
	enum rc rc = pq_rc(&own(s)->c, r, f, doing);
	if (rc < 0)
		return rc;
	if (f != NULL)
		f->rc = RC_DB;
	return RC_DB;
}

static enum rc query(struct move_side *s, const char *sql, PGresult **out, struct fault *f)
{
	PGresult *r = PQexec(own(s)->c.pg, sql);
	ExecStatusType status = PQresultStatus(r);
	bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN ||
	            status == PGRES_COPY_OUT;
	enum rc rc = fine ? RC_OK : fail(s, r, sql, f);
	if (fine && out != NULL)
		*out = r;
	else
		PQclear(r);
	return rc;
}

static enum rc run(struct move_side *s, const char *sql, struct fault *f) { return query(s, sql, NULL, f); }

static enum rc run_buf(struct move_side *s, struct buf *b, PGresult **out, struct fault *f)
{
	buf_addc(b, '\0');
	enum rc rc = b->failed ? fault_set(f, RC_NOMEM, "no memory") : query(s, b->p, out, f);
	buf_release(b);
	return rc;
}

static int64_t number(const PGresult *r, int row, int column)
{
	int64_t n = 0;
	(void)str_i64(str_n(PQgetvalue(r, row, column), (size_t)PQgetlength(r, row, column)), &n);
	return n;
}

static void pq_move_close(struct move_side *s)
{
	struct pq_move *m = own(s);
	if (m == NULL)
		return;
	PQfreemem(m->copied);
	buf_release(&m->out);
	PQfinish(m->c.pg);
	free(m);
	s->db = NULL;
}

/* What a killed move held goes with its connection, which the server may notice a little later. */
static enum rc take(struct move_side *s, struct fault *f)
{
	struct fault why = {0};
	enum rc rc = run(s, "SET lock_timeout = '3s'; SELECT pg_advisory_lock(" PRESENCE "); SET lock_timeout = 0", &why);
	if (rc != RC_OK && own(s)->c.again)
		return fault_set(f, RC_AGAIN, "%s is in use: stop every server (systemctl stop xom.socket xom.service) and "
		                 "every other xom that works with it. Nothing was changed", s->path);
	return rc == RC_OK ? rc : fault_set(f, rc, "%s", why.text);
}

static enum rc pq_move_open(struct move_side *s, struct fault *f)
{
	struct pq_move *m = calloc(1, sizeof *m);
	if (m == NULL)
		return fault_set(f, RC_NOMEM, "no memory");
	s->db = m;
	enum rc rc = pq_connect(&m->c, s->path, PQ_MOVER_CONN, 0, f);
	if (rc == RC_OK && (PQexitPipelineMode(m->c.pg) != 1 || PQsetnonblocking(m->c.pg, 0) != 0))
		rc = fail(s, NULL, "leaving the pipeline", f);
	if (rc == RC_OK && s->use != USE_SNAPSHOT)
		return take(s, f);
	if (rc == RC_OK) /* the first question takes the snapshot */
		rc = run(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM schema_step", f);
	m->snapshot = rc == RC_OK;
	return rc;
}

static enum rc look(struct move_side *s, struct fault *f)
{
	struct pq_move *m = own(s);
	if (m->snapshot || s->use != USE_FROM)
		return RC_OK;
	enum rc rc = run(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", f);
	m->snapshot = rc == RC_OK;
	return rc;
}

static enum rc look_no_more(struct move_side *s, struct fault *f)
{
	struct pq_move *m = own(s);
	if (!m->snapshot)
		return RC_OK;
	m->snapshot = false;
	return run(s, "COMMIT", f);
}

/* --- the mark --- */

static struct str text(struct arena *a, const PGresult *r, int column)
{
	return arena_copy(a, str_n(PQgetvalue(r, 0, column), (size_t)PQgetlength(r, 0, column)));
}

static enum rc unhex(struct arena *a, struct str hex, struct str *out, struct fault *f)
{
	char *p = arena_alloc(a, hex.n / 2 + 1);
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i + 1 < hex.n; i += 2) {
		const char *high = strchr(digits, hex.p[i]), *low = strchr(digits, hex.p[i + 1]);
		if (high == NULL || low == NULL)
			return fault_set(f, RC_CORRUPT, "the mark of a move is broken");
		p[i / 2] = (char)((high - digits) << 4 | (low - digits));
	}
	*out = str_n(p, hex.n / 2);
	return RC_OK;
}

static enum rc mark(struct move_side *s, struct arena *a, struct move_mark *out, struct fault *f)
{
	PGresult *r = NULL;
	enum rc rc = query(s, "SELECT 1 WHERE to_regclass('store_move') IS NOT NULL", &r, f);
	if (rc == RC_OK && PQntuples(r) == 0)
		rc = RC_NONE;
	PQclear(r);
	r = NULL;
	if (rc == RC_OK)
		rc = query(s, "SELECT target, done, id, other, began_at, copied, place, encode(after_key, 'hex') "
		           "FROM store_move", &r, f);
	if (rc == RC_OK && PQntuples(r) == 0)
		rc = RC_NONE;
	if (rc == RC_OK) {
		*out = (struct move_mark){.target = number(r, 0, 0) != 0, .done = number(r, 0, 1) != 0,
		                          .id = text(a, r, 2), .other = text(a, r, 3), .began_at = number(r, 0, 4),
		                          .copied = number(r, 0, 5), .place = text(a, r, 6)};
		rc = unhex(a, text(a, r, 7), &out->key, f);
	}
	PQclear(r);
	return rc;
}

enum rc pq_marked(const char *path, struct arena *a, struct move_mark *out, struct fault *f)
{
	struct pq_move m = {0};
	struct move_side s = {.path = path, .db = &m};
	enum rc rc = pq_connect(&m.c, path, PQ_READER, 0, f);
	if (rc == RC_OK && (PQexitPipelineMode(m.c.pg) != 1 || PQsetnonblocking(m.c.pg, 0) != 0))
		rc = fail(&s, NULL, "leaving the pipeline", f);
	if (rc == RC_OK)
		rc = mark(&s, a, out, f);
	PQfinish(m.c.pg);
	return rc;
}

static void literal(struct move_side *s, struct buf *b, struct str value)
{
	char *q = PQescapeLiteral(own(s)->c.pg, value.p, value.n);
	buf_addz(b, q != NULL ? q : "NULL");
	PQfreemem(q);
}

static void hex(struct buf *b, struct str value)
{
	buf_addz(b, "'\\x");
	for (size_t i = 0; i < value.n; i++)
		buf_addf(b, "%02x", (unsigned char)value.p[i]);
	buf_addz(b, "'::bytea");
}

static enum rc put_mark(struct move_side *s, const struct move_mark *mark, struct fault *f)
{
	struct buf b = {0};
	buf_addf(&b, "DELETE FROM store_move; INSERT INTO store_move(target, done, began_at, copied, id, other, place, "
	         "after_key) VALUES (%d, %d, %lld, %lld, ", mark->target, mark->done, (long long)mark->began_at,
	         (long long)mark->copied);
	const struct str texts[] = {mark->id, mark->other, mark->place};
	for (size_t i = 0; i < 3; i++) {
		literal(s, &b, texts[i]);
		buf_addz(&b, ", ");
	}
	hex(&b, mark->key);
	buf_addc(&b, ')');
	return run_buf(s, &b, NULL, f);
}

static enum rc set_mark(struct move_side *s, const struct move_mark *mark, struct fault *f)
{
	enum rc rc = look_no_more(s, f);
	if (rc == RC_OK)
		rc = run(s, "BEGIN; CREATE TABLE IF NOT EXISTS store_move(target BIGINT NOT NULL, done BIGINT NOT NULL, "
		         "id TEXT NOT NULL, other TEXT NOT NULL, began_at BIGINT NOT NULL, copied BIGINT NOT NULL, "
		         "place TEXT NOT NULL, after_key BYTEA NOT NULL)", f);
	if (rc == RC_OK)
		rc = put_mark(s, mark, f);
	return rc == RC_OK ? run(s, "COMMIT", f) : rc;
}

static enum rc drop_mark(struct move_side *s, struct fault *f)
{
	return run(s, "DROP TABLE IF EXISTS store_move", f);
}

static enum rc empty(struct move_side *s, struct fault *f)
{
	PGresult *r = NULL;
	enum rc rc = query(s, "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
	                   "WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') "
	                   "AND c.relname <> 'store_move' ORDER BY c.relname LIMIT 1", &r, f);
	if (rc == RC_OK && PQntuples(r) > 0)
		rc = fault_set(f, RC_EXISTS, "it has a table %s", PQgetvalue(r, 0, 0));
	PQclear(r);
	return rc;
}

static enum rc scopes(struct move_side *s, struct arena *a, const char ***out, size_t *count, struct fault *f)
{
	PGresult *r = NULL;
	*count = 0;
	enum rc rc = query(s, "SELECT DISTINCT scope FROM fts_word ORDER BY scope", &r, f);
	if (rc != RC_OK)
		return rc;
	*out = arena_array(a, (size_t)PQntuples(r) + 1, sizeof **out);
	for (int i = 0; i < PQntuples(r); i++)
		(*out)[(*count)++] = arena_z(a, str_of(PQgetvalue(r, i, 0)));
	PQclear(r);
	return RC_OK;
}

/* --- statements --- */

static void from(struct move_side *s, struct buf *b, const struct move_table *t)
{
	buf_addz(b, " FROM ");
	move_name(b, t->scope != NULL ? STR("fts_word") : t->name);
	if (t->scope == NULL)
		return;
	buf_addz(b, " WHERE scope = ");
	literal(s, b, str_of(t->scope));
}

static enum rc count(struct move_side *s, const struct move_table *t, int64_t *out, struct fault *f)
{
	struct buf b = {0};
	PGresult *r = NULL;
	enum rc rc = look(s, f);
	buf_addz(&b, "SELECT count(*)");
	from(s, &b, t);
	if (rc == RC_OK)
		rc = run_buf(s, &b, &r, f);
	buf_release(&b);
	*out = rc == RC_OK ? number(r, 0, 0) : 0;
	PQclear(r);
	return rc;
}

static void after_key(struct move_side *s, struct buf *b, const struct move_table *t, struct str after)
{
	struct str rest = move_fields(after), value;
	bool null;
	buf_addz(b, t->scope != NULL ? " AND (" : " WHERE (");
	move_names(b, t, true);
	buf_addz(b, ") > (");
	for (size_t i = 0; i < t->key_count && move_field(&rest, &value, &null); i++) {
		char type = t->types[t->key[i]];
		if (i > 0)
			buf_addz(b, ", ");
		if (type == 'i')
			buf_addf(b, "%lld", (long long)move_number(value));
		else if (type == 't')
			literal(s, b, value);
		else
			hex(b, value);
	}
	buf_addc(b, ')');
}

static enum rc read_rows(struct move_side *s, const struct move_table *t, struct str after, struct fault *f)
{
	struct buf b = {0};
	PGresult *r = NULL;
	enum rc rc = look(s, f);
	buf_addz(&b, "COPY (SELECT ");
	if (t->scope != NULL)
		buf_addz(&b, "ward_id, id, array_to_string(tsvector_to_array(words), ' ')");
	else
		move_names(&b, t, false);
	from(s, &b, t);
	if (after.n > 0)
		after_key(s, &b, t, after);
	buf_addz(&b, " ORDER BY ");
	move_names(&b, t, true);
	buf_addz(&b, ") TO STDOUT (FORMAT binary)");
	if (rc == RC_OK)
		rc = run_buf(s, &b, &r, f);
	buf_release(&b);
	PQclear(r);
	own(s)->head = false;
	s->reading = rc == RC_OK;
	return rc;
}

/* The end of a COPY, or what became of it. */
static enum rc finish(struct move_side *s, const char *doing, struct fault *f)
{
	enum rc rc = RC_OK;
	for (PGresult *r; (r = PQgetResult(own(s)->c.pg)) != NULL;) {
		ExecStatusType status = PQresultStatus(r);
		if (rc == RC_OK && status != PGRES_COMMAND_OK)
			rc = fail(s, r, doing, f);
		PQclear(r);
		if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
			break;
	}
	if (rc == RC_OK && PQstatus(own(s)->c.pg) == CONNECTION_BAD)
		rc = fail(s, NULL, doing, f);
	return rc;
}

/* A message is a row; the first one begins with the form's head, and the last is its end. */
static enum rc next(struct move_side *s, struct str *row, struct fault *f)
{
	struct pq_move *m = own(s);
	for (;;) {
		PQfreemem(m->copied);
		m->copied = NULL;
		int n = PQgetCopyData(m->c.pg, &m->copied, 0);
		if (n < 0) {
			s->reading = false;
			enum rc rc = n == -1 ? finish(s, "reading", f) : fail(s, NULL, "reading", f);
			return rc == RC_OK ? RC_NONE : rc;
		}
		struct str got = str_n(m->copied, (size_t)n);
		if (!m->head)
			got = str_sub(got, HEAD, SIZE_MAX);
		m->head = true;
		if (got.n > 2) {
			*row = got;
			return RC_OK;
		}
	}
}

static void end(struct move_side *s)
{
	struct pq_move *m = own(s);
	struct str row;
	if (m == NULL)
		return;
	if (s->reading && PQstatus(m->c.pg) != CONNECTION_BAD) { /* in the middle: the rest is not wanted */
		char text[256];
		PGcancel *cancel = PQgetCancel(m->c.pg);
		if (cancel != NULL)
			(void)PQcancel(cancel, text, sizeof text);
		PQfreeCancel(cancel);
		while (s->reading && next(s, &row, NULL) == RC_OK)
			;
	}
	PQfreemem(m->copied);
	m->copied = NULL;
	s->reading = false;
}

/* --- filling --- */

static enum rc send(struct move_side *s, struct fault *f)
{
	struct pq_move *m = own(s);
	int sent = PQputCopyData(m->c.pg, m->out.p, (int)m->out.n);
	m->out.n = 0;
	if (sent == 1)
		return RC_OK;
	/* The server has stopped listening: its reason waits to be read. */
	struct fault why = {0};
	enum rc rc = finish(s, "filling", &why);
	return rc != RC_OK ? fault_set(f, rc, "%s", why.text) : fail(s, NULL, "filling", f);
}

static enum rc slice(struct move_side *s, const struct move_table *t, struct fault *f)
{
	static const char head[HEAD + 1] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
	struct pq_move *m = own(s);
	struct buf b = {0};
	PGresult *r = NULL;
	enum rc rc = run(s, "BEGIN", f);
	buf_addz(&b, "COPY ");
	move_name(&b, t->scope != NULL ? STR("fts_word") : t->name);
	buf_addc(&b, '(');
	if (t->scope != NULL)
		buf_addz(&b, "ward_id, scope, id, words");
	else
		move_names(&b, t, false);
	buf_addz(&b, ") FROM STDIN (FORMAT binary)");
	if (rc == RC_OK)
		rc = run_buf(s, &b, &r, f);
	buf_release(&b);
	PQclear(r);
	m->out.n = 0;
	buf_add(&m->out, str_n(head, HEAD));
	return rc;
}

/* ward_id, id, words → ward_id, scope, id, a tsvector as it travels: how many words, each with its end
 * and no places. */
static void put_words(struct buf *b, const char *scope, struct str row)
{
	struct str rest = move_fields(row), ward, id, words;
	bool null;
	if (!move_field(&rest, &ward, &null) || !move_field(&rest, &id, &null) || !move_field(&rest, &words, &null))
		BUG("a row of the search without its words");
	uint32_t n = words.n > 0;
	for (size_t i = 0; i < words.n; i++)
		n += words.p[i] == ' ';
	/* Each blank becomes an end and two bytes of places, so does the end of all. */
	size_t size = sizeof n + words.n + (size_t)n * 2 + (n > 0);
	uint32_t count = htobe32(n), length = htobe32((uint32_t)size);
	move_put_count(b, 4);
	move_put_bytes(b, ward);
	move_put_bytes(b, str_of(scope));
	move_put_bytes(b, id);
	buf_add(b, str_n((const char *)&length, sizeof length));
	buf_add(b, str_n((const char *)&count, sizeof count));
	while (words.n > 0) {
		buf_add(b, str_cut(&words, ' '));
		buf_add(b, str_n("\0\0\0", 3));
	}
}

static enum rc put(struct move_side *s, const struct move_table *t, struct str row, struct fault *f)
{
	struct pq_move *m = own(s);
	if (t->scope != NULL)
		put_words(&m->out, t->scope, row);
	else
		buf_add(&m->out, row);
	if (m->out.failed)
		return fault_set(f, RC_TOO_BIG, "a row of more than 64 MiB");
	return m->out.n >= PIECE ? send(s, f) : RC_OK;
}

static enum rc commit(struct move_side *s, const struct move_mark *mark, struct fault *f)
{
	struct pq_move *m = own(s);
	buf_add(&m->out, str_n("\377\377", 2));
	enum rc rc = send(s, f);
	if (rc == RC_OK && PQputCopyEnd(m->c.pg, NULL) != 1)
		rc = fail(s, NULL, "filling", f);
	if (rc == RC_OK)
		rc = finish(s, "filling", f);
	if (rc == RC_OK && mark != NULL)
		rc = put_mark(s, mark, f);
	return rc == RC_OK ? run(s, "COMMIT", f) : rc;
}

static void abandon(struct move_side *s)
{
	struct pq_move *m = own(s);
	m->out.n = 0;
	if (PQstatus(m->c.pg) == CONNECTION_BAD || PQtransactionStatus(m->c.pg) == PQTRANS_IDLE)
		return;
	if (PQputCopyEnd(m->c.pg, "given up") == 1)
		(void)finish(s, "giving up", NULL);
	(void)run(s, "ROLLBACK", NULL);
}

/* What waits beside the search's index goes into it, and the planner learns how much there is. */
static enum rc settle(struct move_side *s, struct fault *f)
{
	enum rc rc = run(s, "SELECT gin_clean_pending_list('fts_word_words'::regclass)", f);
	return rc == RC_OK ? run(s, "ANALYZE", f) : rc;
}

const struct mover PQ_MOVER = {
	.open = pq_move_open, .close = pq_move_close, .mark = mark, .set_mark = set_mark,
	.drop_mark = drop_mark, .empty = empty, .scopes = scopes, .count = count, .read = read_rows,
	.next = next, .end = end, .slice = slice, .put = put, .commit = commit, .abandon = abandon,
	.settle = settle,
};

/* Statements: the cache, type checks of what goes in and out, rows. */
#include "kit/store/store_impl.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/log.h"

static size_t slot_of(const struct conn *c, const struct sql *q)
{
	uint64_t h = (uint64_t)(uintptr_t)q * UINT64_C(0x9E3779B97F4A7C15);
	return (size_t)(h >> 32) & (c->slot_count - 1);
}

static bool cache_grow(struct conn *c)
{
	struct conn bigger = {.slot_count = c->slot_count == 0 ? 64 : c->slot_count * 2};
	bigger.slots = calloc(bigger.slot_count, sizeof *bigger.slots);
	if (bigger.slots == NULL)
		return false;
	for (size_t i = 0; i < c->slot_count; i++)
		for (struct stmt *st = c->slots[i], *next; st != NULL; st = next) {
			next = st->next;
			size_t slot = slot_of(&bigger, st->sql);
			st->next = bigger.slots[slot];
			bigger.slots[slot] = st;
		}
	free(c->slots);
	c->slots = bigger.slots;
	c->slot_count = bigger.slot_count;
	return true;
}

static enum rc failed(struct tx *tx, enum rc rc)
{
	if (rc < 0 && tx->failed == RC_OK)
		tx->failed = rc;
	return rc;
}

static enum rc prepare(struct tx *tx, const struct sql *q, struct stmt **out, struct fault *f)
{
	struct conn *c = tx->conn;
	enum rc rc = sql_check(q, f);
	if (rc != RC_OK)
		return rc;
	if (c->count >= c->slot_count && !cache_grow(c))
		return fault_set(f, RC_NOMEM, "no memory for the statement cache");
	struct stmt *st = calloc(1, sizeof *st);
	if (st == NULL)
		return fault_set(f, RC_NOMEM, "no memory for a statement");
	st->sql = q;
	rc = tx->store->engine->prepare(tx, st, f);
	if (rc != RC_OK) {
		free(st);
		return rc;
	}
	size_t in = strlen(q->in) + q->ward, columns = strlen(q->out);
	if (st->in_count != in || st->out_count != columns)
		BUG("%zu parameters and %zu columns, declared are %zu and %zu: %s", st->in_count,
		    st->out_count, in, columns, q->text);
	size_t slot = slot_of(c, q);
	st->next = c->slots[slot];
	c->slots[slot] = st;
	c->count++;
	*out = st;
	return RC_OK;
}

static enum rc find(struct tx *tx, const struct sql *q, struct stmt **out, struct fault *f)
{
	struct conn *c = tx->conn;
	if (c->slot_count > 0)
		for (struct stmt *st = c->slots[slot_of(c, q)]; st != NULL; st = st->next)
			if (st->sql == q && !st->open) {
				*out = st;
				return RC_OK;
			}
	return prepare(tx, q, out, f);
}

static bool fits(char letter, enum val_type type)
{
	switch (letter) {
	case 'i': return type == VAL_INT;
	case 't': return type == VAL_TEXT;
	case 'b': return type == VAL_BLOB;
	case 'I': return type == VAL_INT || type == VAL_NULL;
	case 'T': return type == VAL_TEXT || type == VAL_NULL;
	case 'B': return type == VAL_BLOB || type == VAL_NULL;
	default: return false;
	}
}

static enum rc bind_all(struct tx *tx, struct stmt *st, const struct val *in, size_t n, bool keep,
                        struct fault *f)
{
	const struct sql *q = st->sql;
	const struct engine *e = tx->store->engine;
	enum rc rc = RC_OK;
	int at = 1;
	if (strlen(q->in) != n)
		BUG("%zu values for %zu parameters: %s", n, strlen(q->in), q->text);
	if (q->ward) {
		struct val ward = v_int(tx->ward.v);
		rc = e->bind(tx, st, at++, &ward, false, f);
	}
	for (size_t i = 0; i < n && rc == RC_OK; i++, at++) {
		if (!fits(q->in[i], in[i].type))
			BUG("parameter ?%d is of type %d, declared '%c': %s", at, (int)in[i].type, q->in[i],
			    q->text);
		/* PostgreSQL has no such texts, and here they would end early in some functions. */
		if (in[i].type == VAL_TEXT && in[i].s.n > 0 && memchr(in[i].s.p, 0, in[i].s.n) != NULL)
			return fault_set(f, RC_INVALID, "a text with U+0000 for ?%d of: %s", at, q->text);
		rc = e->bind(tx, st, at, &in[i], keep, f);
	}
	return rc;
}

static void stmt_end(struct tx *tx, struct stmt *st)
{
	struct stmt **p = &tx->conn->open;
	while (*p != NULL && *p != st)
		p = &(*p)->next_open;
	if (*p != NULL)
		*p = st->next_open;
	st->next_open = NULL;
	st->open = false;
	tx->store->engine->reset(st);
}

static enum rc start(struct tx *tx, const struct sql *q, struct stmt **out, const struct val *in,
                     size_t n, bool keep, struct fault *f)
{
	if (tx->failed != RC_OK)
		return fault_set(f, tx->failed, "an earlier statement failed (%s)", rc_name(tx->failed));
	if (q->ward && tx->ward.v == 0)
		BUG("a statement of a ward in a transaction without one: %s", q->text);
	tx->last = q;
	struct stmt *st = NULL;
	enum rc rc = find(tx, q, &st, f);
	if (rc != RC_OK)
		return failed(tx, rc);
	st->open = true;
	st->next_open = tx->conn->open;
	tx->conn->open = st;
	rc = bind_all(tx, st, in, n, keep, f);
	if (rc != RC_OK) {
		stmt_end(tx, st);
		return failed(tx, rc);
	}
	*out = st;
	return RC_OK;
}

enum rc sql_run(struct tx *tx, const struct sql *q, const struct val *in, size_t n, int64_t *changed,
                struct fault *f)
{
	struct stmt *st = NULL;
	enum rc rc = start(tx, q, &st, in, n, false, f);
	if (rc != RC_OK)
		return rc;
	if (st->out_count > 0)
		BUG("a statement with rows given to sql_run: %s", q->text);
	const struct engine *e = tx->store->engine;
	rc = changed == NULL && e->put != NULL ? e->put(tx, st, f) : e->step(tx, st, f);
	if (rc == RC_NONE) {
		if (changed != NULL)
			*changed = e->changed(tx);
		rc = RC_OK;
	}
	stmt_end(tx, st);
	return failed(tx, rc);
}

static struct tx *rows_tx(const struct rows *r) { return r->opaque[0]; }
static struct stmt *rows_stmt(const struct rows *r) { return r->opaque[1]; }

enum rc sql_rows(struct tx *tx, const struct sql *q, struct rows *r, const struct val *in, size_t n,
                 struct fault *f)
{
	*r = (struct rows){0};
	struct stmt *st = NULL;
	enum rc rc = start(tx, q, &st, in, n, true, f);
	if (rc != RC_OK)
		return rc;
	r->opaque[0] = tx;
	r->opaque[1] = st;
	return RC_OK;
}

enum rc rows_next(struct rows *r, struct fault *f)
{
	struct tx *tx = rows_tx(r);
	struct stmt *st = rows_stmt(r);
	if (st == NULL)
		return RC_NONE;
	const struct engine *e = tx->store->engine;
	enum rc rc;
	if (tx->failed != RC_OK)
		rc = fault_set(f, tx->failed, "an earlier statement failed (%s)", rc_name(tx->failed));
	else if (tx->arena->over)
		rc = failed(tx, fault_set(f, RC_NOMEM, "the rows outgrow the request's memory: %s",
		                          st->sql->text));
	else
		rc = failed(tx, e->step(tx, st, f));
	if (rc != RC_OK) {
		rows_end(r);
		return rc;
	}
	for (size_t i = 0; i < st->out_count; i++)
		if (!fits(st->sql->out[i], e->type(st, (int)i)))
			BUG("column %zu is of type %d, declared '%c': %s", i, (int)e->type(st, (int)i),
			    st->sql->out[i], st->sql->text);
	return RC_OK;
}

void rows_end(struct rows *r)
{
	if (rows_stmt(r) != NULL)
		stmt_end(rows_tx(r), rows_stmt(r));
	*r = (struct rows){0};
}

static struct stmt *column_of(struct rows *r, int column)
{
	struct stmt *st = rows_stmt(r);
	if (st == NULL)
		BUG("a row was read after its end");
	if (column < 0 || (size_t)column >= st->out_count)
		BUG("column %d of %zu: %s", column, st->out_count, st->sql->text);
	return st;
}

int64_t row_int(struct rows *r, int column)
{
	struct stmt *st = column_of(r, column);
	if (strchr("iI", st->sql->out[column]) == NULL)
		BUG("column %d is no integer: %s", column, st->sql->text);
	return rows_tx(r)->store->engine->column(st, column).i;
}

bool row_null(struct rows *r, int column)
{
	return rows_tx(r)->store->engine->type(column_of(r, column), column) == VAL_NULL;
}

struct str row_str(struct rows *r, int column)
{
	struct stmt *st = column_of(r, column);
	if (strchr("tTbB", st->sql->out[column]) == NULL)
		BUG("column %d is no text: %s", column, st->sql->text);
	struct val v = rows_tx(r)->store->engine->column(st, column);
	return v.s.n == 0 ? STR_EMPTY : arena_copy(rows_tx(r)->arena, v.s);
}

enum rc sql_one(struct tx *tx, const struct sql *q, struct rows *r, const struct val *in, size_t n,
                struct fault *f)
{
	enum rc rc = sql_rows(tx, q, r, in, n, f);
	return rc == RC_OK ? rows_next(r, f) : rc;
}

void conn_close_rows(struct conn *c, const struct engine *e)
{
	while (c->open != NULL) {
		struct stmt *st = c->open;
		c->open = st->next_open;
		st->next_open = NULL;
		st->open = false;
		e->reset(st);
	}
}

void conn_release(struct conn *c, const struct engine *e)
{
	for (size_t i = 0; i < c->slot_count; i++)
		for (struct stmt *st = c->slots[i], *next; st != NULL; st = next) {
			next = st->next;
			e->finalize(st);
			free(st);
		}
	free(c->slots);
	*c = (struct conn){0};
}

/* Search with a tsvector a case, made of the same words as SQLite's index, unchanged: PostgreSQL's own
 * reading of a language is not asked. The ward and the scope are a word, too ("_1adesk"; no token has a
 * low line), so that the one index finds a ward's rows alone. */
#include "kit/store/postgres_impl.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "kit/base/text.h"

/* Words hold letters and digits alone (search_token_ok), so nothing can be said but words. SQLite's
 * index makes A–Z small. */
static void add_word(struct buf *b, struct str token)
{
	buf_addc(b, '\'');
	for (size_t i = 0; i < token.n; i++)
		buf_addc(b, (char)((token.p[i] & 0x80) == 0 ? tolower((unsigned char)token.p[i]) : token.p[i]));
	buf_addc(b, '\'');
}

static void add_scope(struct buf *b, const struct tx *tx, const char *scope)
{
	buf_addf(b, "'_%" PRIx64 "%s'", (uint64_t)tx->ward.v, scope);
}

/* Nobody is asked whether he may: what is refused here has failed. */
static enum rc own(struct pq_conn *c, enum pq_own which, const struct val *in, size_t n, PGresult **out,
                   struct fault *f)
{
	enum rc rc = pq_own(c, which, in, n, out, f);
	return rc > RC_OK ? pq_failure(rc, f) : rc;
}

enum rc pq_search_put(struct tx *tx, const char *scope, int64_t id, const struct str *tokens, size_t n,
                      struct fault *f)
{
	struct buf b = {0};
	if (!tx->write)
		return fault_set(f, RC_DB, "search_put in a read");
	if (n == 0)
		return own(pq_conn_of(tx), OWN_DROP, BIND(v_int(tx->ward.v), v_text(str_of(scope)), v_int(id)),
		           NULL, f);
	for (size_t i = 0; i < n; i++)
		if (!text_utf8_ok(tokens[i]))
			return fault_set(f, RC_INVALID, "search word %zu is no UTF-8", i);
	add_scope(&b, tx, scope);
	for (size_t i = 0; i < n; i++) {
		buf_addc(&b, ' ');
		add_word(&b, tokens[i]);
	}
	struct str words = arena_take(tx->arena, &b);
	return own(pq_conn_of(tx), OWN_PUT,
	           BIND(v_int(tx->ward.v), v_text(str_of(scope)), v_int(id), v_text(words)), NULL, f);
}

static bool one_letter(struct str token)
{
	size_t letters = 0;
	for (size_t i = 0; i < token.n; i++)
		letters += ((unsigned char)token.p[i] & 0xC0) != 0x80;
	return letters < 2;
}

enum rc pq_search_find(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                       int64_t before, size_t limit, int64_t **ids, size_t *count, struct fault *f)
{
	struct buf b = {0};
	PGresult *r = NULL;
	for (size_t i = 0; i < n; i++)
		if (!text_utf8_ok(tokens[i]))
			return RC_OK;   /* no word of ours is such bytes */
	add_scope(&b, tx, scope);
	for (size_t i = 0; i < n; i++) {
		buf_addz(&b, " & ");
		add_word(&b, tokens[i]);
		if (i + 1 == n && !one_letter(tokens[i]))
			buf_addz(&b, ":*");
	}
	struct str query = arena_take(tx->arena, &b);
	int64_t most = limit < INT32_MAX ? (int64_t)limit : INT32_MAX;
	const struct val in[] = {v_int(tx->ward.v), v_text(str_of(scope)), v_int(before > 0 ? before : INT64_MAX),
		v_text(query), v_int(most)};
	/* A word that many rows have fills the page from the newest ones. One that does not is so rare that
	 * all of its rows are fetched by the index and put in order. */
	enum rc rc = own(pq_conn_of(tx), OWN_NEAR, in, sizeof in / sizeof *in, &r, f);
	if (rc == RC_OK && PQntuples(r) < most) {
		PQclear(r);
		r = NULL;
		rc = own(pq_conn_of(tx), OWN_FIND, in, sizeof in / sizeof *in, &r, f);
	}
	if (rc != RC_OK)
		return rc;
	*count = (size_t)PQntuples(r);
	*ids = arena_array(tx->arena, *count + 1, sizeof **ids);
	for (size_t i = 0; i < *count; i++)
		(*ids)[i] = pq_int(r, (int)i, 0);
	PQclear(r);
	return tx->arena->over ? fault_set(f, RC_NOMEM, "the matches outgrow the request's memory") : RC_OK;
}

/* The list of what waits is put into the index; the rest is VACUUM's, after the commit. */
enum rc pq_search_merge(struct tx *tx, bool first, bool *more, struct fault *f)
{
	if (!tx->write)
		return fault_set(f, RC_DB, "search_merge in a read");
	*more = false;
	for (size_t i = 0; first && i < PQ_LANES; i++) {
		struct pq_lane *lane = &pq_of(tx->store)->lane[i];
		if (&lane->c == pq_conn_of(tx))
			lane->merged = true;
	}
	return own(pq_conn_of(tx), OWN_MERGE, NULL, 0, NULL, f);
}

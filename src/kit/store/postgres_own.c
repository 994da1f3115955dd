/* The engine's own tables and statements: the lock of a ward, the number of a batch, the search. */
#include "kit/store/postgres_impl.h"

#include <ctype.h>
#include <endian.h>
#include <string.h>

#define OID_INT8 20
#define OID_TEXT 25

static const struct {
	const char *name, *text, *in;
} OWN[PQ_OWN] = {
	[OWN_LOCK] = {"lock", "SELECT pg_advisory_xact_lock(?1)", "i"},
	[OWN_JOIN] = {"join", "INSERT INTO store_writer(id, batch, at) VALUES (?1, 0, transaction_timestamp()) "
	              "ON CONFLICT (id) DO NOTHING", "i"},
	[OWN_BATCH] = {"batch", "INSERT INTO store_writer(id, batch, at) VALUES (?1, ?2, transaction_timestamp()) "
	               "ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, at = excluded.at", "ii"},
	/* It waits for a COMMIT that is still being worked on. */
	[OWN_ASK] = {"ask", "SELECT batch FROM store_writer WHERE id = ?1 FOR UPDATE", "i"},
	[OWN_PUT] = {"put", "INSERT INTO fts_word(ward_id, scope, id, words) "
	             "VALUES (?1, ?2, ?3, ?4::tsvector) ON CONFLICT (ward_id, scope, id) "
	             "DO UPDATE SET words = excluded.words", "itit"},
	[OWN_DROP] = {"drop", "DELETE FROM fts_word WHERE ward_id = ?1 AND scope = ?2 AND id = ?3", "iti"},
	[OWN_NEAR] = {"near", "SELECT id FROM (SELECT id, words FROM fts_word WHERE ward_id = ?1 AND scope = ?2 "
	              "AND id < ?3 ORDER BY id DESC LIMIT 2000) AS newest WHERE words @@ ?4::tsquery "
	              "ORDER BY id DESC LIMIT ?5", "ititi"},
	[OWN_FIND] = {"find", "WITH found AS MATERIALIZED (SELECT id FROM fts_word WHERE ward_id = ?1 "
	              "AND scope = ?2 AND words @@ ?4::tsquery) "
	              "SELECT id FROM found WHERE id < ?3 ORDER BY id DESC LIMIT ?5", "ititi"},
	[OWN_ERASED] = {"erased", "INSERT INTO store_erased(ward_id, n) VALUES (?1, 1) "
	                "ON CONFLICT (ward_id) DO UPDATE SET n = store_erased.n + 1", "i"},
	[OWN_MERGE] = {"merge", "SELECT gin_clean_pending_list('fts_word_words'::regclass)", ""},
};

enum rc pq_setup(struct pq_conn *c, struct fault *f)
{
	return pq_script(c,
		/* Which batch a lane committed last: asked when the answer of its COMMIT is lost. */
		"CREATE TABLE IF NOT EXISTS store_writer(id BIGINT PRIMARY KEY, batch BIGINT NOT NULL, "
		"at TIMESTAMPTZ NOT NULL) WITH (fillfactor = 50);"
		"DELETE FROM store_writer WHERE at < transaction_timestamp() - INTERVAL '7 days';"
		/* The wards that erased something which is still in the files; n: how often. */
		"CREATE TABLE IF NOT EXISTS store_erased(ward_id BIGINT PRIMARY KEY, n BIGINT NOT NULL);"
		/* The words of what may be searched, and the ward among them, for the index. */
		"CREATE TABLE IF NOT EXISTS fts_word(ward_id BIGINT NOT NULL, scope TEXT COLLATE \"C\" NOT NULL, "
		"id BIGINT NOT NULL, words TSVECTOR NOT NULL, PRIMARY KEY(ward_id, scope, id));"
		"CREATE INDEX IF NOT EXISTS fts_word_words ON fts_word USING gin(words);", f);
}

/* A statement with its values, as text that PostgreSQL reads. */
void pq_tell(struct pq_conn *c, const char *sql, const char *before, const char *letters,
             const char *const *values, const int *lengths)
{
	struct buf b = {0};
	struct str rest = str_of(sql), tok;
	size_t first = strlen(before), n = first + strlen(letters);
	for (enum sql_token t; (t = sql_next(&rest, &tok)) != T_END;) {
		int64_t number = 0;
		if (t != T_PARAM || !str_i64(str_sub(tok, 1, SIZE_MAX), &number) || number < 1 ||
		    (size_t)number > n) {
			if (t != T_COMMENT)
				buf_add(&b, tok);
			continue;
		}
		size_t i = (size_t)number - 1;
		char letter = (char)tolower((unsigned char)(i < first ? before[i] : letters[i - first]));
		if (values[i] == NULL) {
			buf_addz(&b, "NULL");
		} else if (letter == 'i') {
			uint64_t x;
			memcpy(&x, values[i], sizeof x);
			buf_addf(&b, "%lld", (long long)be64toh(x));
		} else {
			buf_addz(&b, letter == 'b' ? "'\\x" : "'");
			for (int k = 0; k < lengths[i]; k++)
				if (letter == 'b')
					buf_addf(&b, "%02x", (unsigned char)values[i][k]);
				else
					buf_add(&b, values[i][k] == '\'' ? STR("''") : str_n(&values[i][k], 1));
			buf_addz(&b, letter == 'b' ? "'::bytea" : "'");
		}
	}
	buf_addc(&b, '\0');
	if (!b.failed)
		c->tracing(c->tracing_ctx, b.p);
	buf_release(&b);
}

enum rc pq_own(struct pq_conn *c, enum pq_own which, const struct val *in, size_t n, PGresult **out,
               struct fault *f)
{
	enum { PARAMS = 5 };
	Oid types[PARAMS];
	const char *values[PARAMS];
	int lengths[PARAMS], formats[PARAMS];
	uint64_t numbers[PARAMS];
	const char *letters = OWN[which].in;
	if (strlen(letters) != n)
		BUG("%zu values for: %s", n, OWN[which].text);
	for (size_t i = 0; i < n; i++) {
		bool number = letters[i] == 'i';
		types[i] = number ? OID_INT8 : OID_TEXT;
		numbers[i] = htobe64((uint64_t)in[i].i);
		values[i] = number ? (const char *)&numbers[i] : in[i].s.n > 0 ? in[i].s.p : "";
		lengths[i] = number ? (int)sizeof numbers[i] : (int)in[i].s.n;
		formats[i] = 1;
	}
	enum rc rc = RC_OK;
	if (c->tracing != NULL && c->in_function)
		pq_tell(c, OWN[which].text, "", letters, values, lengths);
	if (!c->own_ready[which]) {
		char text[400];
		PGresult *r = NULL;
		(void)snprintf(text, sizeof text, "%s", OWN[which].text);
		for (char *p = text; *p != '\0'; p++)
			if (*p == '?')
				*p = '$';
		rc = pq_prepare(c, OWN[which].name, text, (int)n, types, &r, f);
		PQclear(r);
		c->own_ready[which] = rc == RC_OK;
	}
	const struct pq_call call = {.name = OWN[which].name, .doing = OWN[which].text, .n = (int)n, .values = values,
	                             .lengths = lengths, .formats = formats};
	if (rc != RC_OK)
		return rc;
	bool waits = out != NULL || c->guard || !(c->in_function || which == OWN_LOCK) || !pq_fits(c, &call);
	return waits ? pq_exec(c, &call, out, f) : pq_send(c, &call, f);
}

/* Receipts whose PIN nobody has been given yet: they open with a word that the caller chose, once,
 * and then have a PIN of their own. And receipts that were replaced. */
#include "kit/base/text.h"
#include "ward/flow/receipt_private.h"

#include <sodium.h>

static struct hash hash_word(const struct key *key, struct ward_id ward, struct str code,
                             struct str folded)
{
	struct hasher h;
	hasher_init(&h, key, "xom.receipt.word.kept");
	hasher_i64(&h, ward.v);
	hasher_str(&h, code);
	hasher_str(&h, folded);
	return hasher_end(&h);
}

/* As it is said: no marks, no case, one blank between syllables. */
enum rc word_read(struct arena *a, struct str typed, struct str *out)
{
	struct str *tokens;
	struct buf b = {0};
	size_t letters = 0, digits = 0;
	*out = STR_EMPTY;
	if (!text_utf8_ok(typed) || typed.n > 200)
		return RC_INVALID;
	size_t n = text_tokens(a, typed, &tokens);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "%s%.*s", i > 0 ? " " : "", PSTR(tokens[i]));
		for (size_t k = 0; k < tokens[i].n; k++) {
			bool digit = tokens[i].p[k] >= '0' && tokens[i].p[k] <= '9';
			digits += digit;
			letters += !digit;
		}
	}
	*out = arena_take(a, &b);
	/* A number of one's own may be known to others: letters at least, and enough of them. */
	return letters >= 4 && digits < 8 ? RC_OK : RC_INVALID;
}

enum rc receipt_word_put(struct tx *tx, struct keys *k, struct case_id c, struct str code,
                         struct str word, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO receipt_word (ward_id, case_id, word_key, word_hash, tries, made_at)"
		" VALUES (?1, ?2, ?3, ?4, 0, ?5) ON CONFLICT (ward_id, case_id) DO UPDATE SET"
		" word_key = ?3, word_hash = ?4, tries = 0, made_at = ?5, set_journey = NULL,"
		" set_key = NULL, set_at = NULL, set_form = NULL, shown_at = NULL, paper_link = NULL", "iibi", "");
	struct str folded;
	struct key key;
	int number;
	if (word_read(tx_arena(tx), word, &folded) != RC_OK)
		return fault_at(f, RC_INVALID, NULL, 0, "word", "not a word for a receipt");
	enum rc rc = keys_current(k, "pin", &number, &key, f);
	if (rc != RC_OK)
		return rc;
	struct hash h = hash_word(&key, tx_ward(tx), code, folded);
	sodium_memzero(&key, sizeof key);
	return sql_run(tx, &Q,
	               BIND(v_int(c.v), v_int(number), v_blob(hash_str(&h)), v_int(tx_now(tx))), NULL,
	               f);
}

enum rc receipt_word_of(struct tx *tx, struct case_id c, struct receipt_word *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT tries, set_at, made_at, paper_link, printer_id, printed_at FROM receipt_word"
		" WHERE ward_id = ?1 AND case_id = ?2", "i", "iIiBII");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	*out = (struct receipt_word){.tries = (int)row_int(&r, 0), .set_at = row_int(&r, 1),
	                             .made_at = row_int(&r, 2), .paper = !row_null(&r, 3),
	                             .printer = {row_int(&r, 4)}, .printed_at = row_int(&r, 5)};
	rows_end(&r);
	return RC_OK;
}

static enum rc count_try(struct tx *tx, struct case_id c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE receipt_word SET tries = tries + 1 WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	return sql_run(tx, &Q, BIND(v_int(c.v)), NULL, f);
}

enum rc receipt_secret_draw(struct keys *k, const struct hash *journey, int *number, struct receipt *out,
                            struct fault *f)
{
	struct key key;
	char code[16];
	memcpy(code, out->code, sizeof code);
	enum rc rc = *number == 0 ? keys_current(k, "receipt", number, &key, f)
	                          : keys_find(k, "receipt", *number, &key, f);
	if (rc != RC_OK)
		return rc;
	receipt_draw(&key, str_n(code, 2), receipt_year(code), journey, 0, out);
	sodium_memzero(&key, sizeof key);
	memcpy(out->code, code, sizeof code);
	return RC_OK;
}

enum rc receipt_secret_make(struct tx *tx, struct keys *k, const struct hash *journey, struct receipt *out,
                            struct fault *f)
{
	static const struct sql MARK = SQL_WARD(
		"UPDATE receipt_word SET set_journey = ?3, set_key = ?4, set_at = ?5, set_form = ?6"
		" WHERE ward_id = ?1 AND case_id = ?2", "ibiib", "");
	int number = 0;
	struct hash form = receipt_form(journey);
	enum rc rc = receipt_secret_draw(k, journey, &number, out, f);
	if (rc == RC_OK)
		rc = receipt_secret_put(tx, k, out, f);
	return rc == RC_OK ? sql_run(tx, &MARK,
	                             BIND(v_int(out->case_id.v), v_blob(hash_str(journey)),
	                                  v_int(number), v_int(tx_now(tx)), v_blob(hash_str(&form))),
	                             NULL, f)
	                   : rc;
}

enum rc receipt_word_use(struct tx *tx, struct keys *k, struct str code, struct str word,
                         const struct hash *journey, enum word_result *result, struct receipt *out,
                         struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT word_key, word_hash, tries, set_journey, set_key, set_at FROM receipt_word"
		" WHERE ward_id = ?1 AND case_id = ?2 AND paper_link IS NULL", "i", "ibiBII");
	struct case_id c;
	struct rows r;
	struct str folded;
	struct key key;
	struct hash kept;
	*result = WORD_wrong;
	enum rc rc = receipt_case(tx, code, &c, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	int64_t word_key = row_int(&r, 0), tries = row_int(&r, 2), set_key = row_int(&r, 4);
	bool fine = hash_from(row_str(&r, 1), &kept), set = !row_null(&r, 5);
	struct str set_journey = row_str(&r, 3);
	rows_end(&r);
	*out = (struct receipt){.case_id = c};
	(void)snprintf(out->code, sizeof out->code, "%.*s", PSTR(code));
	if (set && str_eq(set_journey, hash_str(journey))) {
		int number = (int)set_key;
		*result = WORD_again;
		return receipt_secret_draw(k, journey, &number, out, f);
	}
	if (set || tries >= WORD_TRIES) {
		*result = set ? WORD_used : WORD_dead;
		return RC_OK;
	}
	rc = keys_find(k, "pin", (int)word_key, &key, f);
	if (rc != RC_OK || !fine)
		return fault_set(f, RC_FAIL, "the word of case %lld cannot be read", (long long)c.v);
	bool readable = word_read(tx_arena(tx), word, &folded) == RC_OK;
	struct hash asked = hash_word(&key, tx_ward(tx), code, folded);
	sodium_memzero(&key, sizeof key);
	if (!hash_eq(&asked, &kept) || !readable)
		return count_try(tx, c, f);
	*result = WORD_right;
	return receipt_secret_make(tx, k, journey, out, f);
}

/* ---------------------------------------------------------------- replaced receipts */

enum rc receipt_dead(struct tx *tx, struct str code, int64_t *died_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT died_at FROM receipt_dead WHERE ward_id = ?1 AND code = ?2", "t", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f);
	if (rc != RC_OK)
		return rc;
	*died_at = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc receipt_first_code(struct tx *tx, struct case_id c, char out[16], struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT code FROM receipt_dead WHERE ward_id = ?1 AND case_id = ?2"
		" ORDER BY died_at, code LIMIT 1", "i", "t");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? receipt_code(tx, c, out, f) : rc;
	rc = code_read(row_str(&r, 0), out);
	rows_end(&r);
	return rc == RC_OK ? rc : fault_set(f, RC_CORRUPT, "a replaced receipt of case %lld is broken",
	                                    (long long)c.v);
}

enum rc receipt_case_ever(struct tx *tx, struct str code, struct case_id *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM receipt_dead WHERE ward_id = ?1 AND code = ?2", "t", "i");
	struct rows r;
	enum rc rc = receipt_case(tx, code, out, f);
	if (rc == RC_NONE)
		rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f);
	else
		return rc;
	if (rc != RC_OK)
		return rc;
	out->v = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc receipt_replaced_at(struct tx *tx, struct case_id c, int64_t *at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT MAX(died_at) FROM receipt_dead WHERE ward_id = ?1 AND case_id = ?2", "i", "I");
	struct rows r;
	*at = 0;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	*at = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

static enum rc replaced_by(struct tx *tx, const struct hash *journey, struct case_id c, bool *same,
                           struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT code FROM receipt_dead WHERE ward_id = ?1 AND case_id = ?2 AND journey_hash = ?3",
		"ib", "t");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v), v_blob(hash_str(journey))), f);
	*same = rc == RC_OK;
	if (rc == RC_OK)
		rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* How many this officer has replaced since. */
static enum rc replaced_since(struct tx *tx, struct account_id who, int64_t since, int64_t *n,
                              struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM receipt_dead WHERE ward_id = ?1 AND account_id = ?2 AND died_at > ?3",
		"ii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(who.v), v_int(since)), f);
	if (rc != RC_OK)
		return rc;
	*n = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc receipt_replace(struct tx *tx, struct keys *k, const struct hash *journey, struct case_id c,
                        struct account_id who, struct str word, struct receipt *out, struct fault *f)
{
	static const struct sql DEAD = SQL_WARD(
		"INSERT INTO receipt_dead (ward_id, code, case_id, journey_hash, died_at, account_id)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "tibii", "");
	static const struct sql CODE = SQL_WARD(
		"UPDATE receipt SET code = ?3, retry = ?4, receipt_key = ?5"
		" WHERE ward_id = ?1 AND case_id = ?2", "itii", "");
	enum { DRAWS = 64 };
	char old[16];
	bool same = false;
	int number;
	int64_t last = 0, today = 0;
	struct key key;
	enum rc rc = receipt_code(tx, c, old, f);
	if (rc == RC_OK)
		rc = replaced_by(tx, journey, c, &same, f);
	if (rc == RC_OK && same) {
		*out = (struct receipt){.case_id = c};
		memcpy(out->code, old, sizeof out->code);
		return RC_EXISTS;
	}
	if (rc == RC_OK)
		rc = receipt_replaced_at(tx, c, &last, f);
	if (rc == RC_OK)
		rc = replaced_since(tx, who, tx_now(tx) - US_DAY, &today, f);
	if (rc == RC_OK && ((last != 0 && tx_now(tx) - last < US_DAY) || today >= REPLACED_A_DAY))
		return fault_set(f, RC_LIMIT, "too many receipts replaced");
	if (rc == RC_OK)
		rc = sql_run(tx, &DEAD,
		             BIND(v_text(str_of(old)), v_int(c.v), v_blob(hash_str(journey)),
		                  v_int(tx_now(tx)), v_int(who.v)),
		             NULL, f);
	if (rc == RC_OK)
		rc = keys_current(k, "receipt", &number, &key, f);
	if (rc != RC_OK)
		return rc;
	rc = RC_EXISTS;
	for (int retry = 0; rc == RC_EXISTS && retry < DRAWS; retry++) {
		*out = (struct receipt){.case_id = c};
		receipt_draw(&key, str_n(old, 2), moment_of(tx_now(tx)).date.year, journey, retry, out);
		if (receipt_code_spent(tx, str_of(out->code), f) == RC_OK)
			continue;
		rc = sql_run(tx, &CODE,
		             BIND(v_int(c.v), v_text(str_of(out->code)), v_int(retry), v_int(number)), NULL,
		             f);
	}
	sodium_memzero(&key, sizeof key);
	if (rc == RC_EXISTS)
		rc = fault_set(f, RC_FAIL, "no free receipt code");
	if (rc == RC_OK)
		rc = receipt_secret_lose(tx, k, out, f);
	return rc == RC_OK ? receipt_word_put(tx, k, c, str_of(out->code), word, f) : rc;
}

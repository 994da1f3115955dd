/* A folded receipt that was used (receipt.h): what is on the paper opens once. Its hashes stand where a word's does, and
 * stay there when it was opened, so that the paper can say so. */
#include "ward/flow/receipt_private.h"

enum rc receipt_paper_put(struct tx *tx, struct keys *k, struct receipt *p, const struct receipt_kept *kept,
                          struct account_id printer, int64_t printed_at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO receipt_word (ward_id, case_id, word_key, word_hash, tries, made_at, paper_link, printer_id,"
		" printed_at) VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7, ?8)", "iibibii", "");
	enum rc rc = receipt_secret_lose(tx, k, p, f);
	return rc == RC_OK ? sql_run(tx, &Q,
	                             BIND(v_int(p->case_id.v), v_int(kept->key_number), v_blob(hash_str(&kept->pin)),
	                                  v_int(tx_now(tx)), v_blob(hash_str(&kept->link)), v_int(printer.v),
	                                  v_int(printed_at)),
	                             NULL, f)
	                   : rc;
}

static void opened_or_not(struct receipt_paper *out, int64_t set_at)
{
	out->state = set_at != 0 ? PAPER_opened : PAPER_first;
	out->opened_at = set_at;
}

enum rc receipt_paper_look(struct tx *tx, struct keys *k, struct str code, struct str pin, struct receipt_paper *out,
                           struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT w.word_key, w.word_hash, w.set_at FROM receipt r JOIN receipt_word w ON w.ward_id = ?1"
		" AND w.case_id = r.case_id WHERE r.ward_id = ?1 AND r.code = ?2 AND w.paper_link IS NOT NULL", "t", "ibI");
	struct receipt_kept kept = {0};
	struct rows r;
	bool same = false;
	*out = (struct receipt_paper){.state = PAPER_none};
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	kept.key_number = (int)row_int(&r, 0);
	bool fine = hash_from(row_str(&r, 1), &kept.pin);
	int64_t set_at = row_int(&r, 2);
	rows_end(&r);
	rc = fine ? receipt_pin_is(tx, k, code, pin, &kept, &same, f)
	          : fault_set(f, RC_CORRUPT, "the paper of a receipt is broken");
	if (rc == RC_OK && same) {
		(void)snprintf(out->code, sizeof out->code, "%.*s", PSTR(code));
		opened_or_not(out, set_at);
	}
	return rc;
}

static void found_paper(void *ctx, struct rows *r)
{
	struct receipt_paper *out = ctx;
	if (code_read(row_str(r, 0), out->code) == RC_OK)
		opened_or_not(out, row_int(r, 1));
}

enum rc receipt_paper_look_link(struct tx *tx, struct keys *k, struct str link, struct receipt_paper *out,
                                struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT r.code, w.set_at FROM receipt_word w JOIN receipt r ON r.ward_id = ?1 AND r.case_id = w.case_id"
		" WHERE w.ward_id = ?1 AND w.paper_link = ?2 AND w.word_key = ?3", "bi", "tI");
	*out = (struct receipt_paper){.state = PAPER_none};
	return receipt_by_link(tx, k, link, &Q, found_paper, out, f);
}

enum rc receipt_paper_use(struct tx *tx, struct keys *k, struct str code, const struct hash *journey,
                          enum word_result *result, struct receipt *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT set_journey, set_key, set_at FROM receipt_word WHERE ward_id = ?1 AND case_id = ?2"
		" AND paper_link IS NOT NULL", "i", "BII");
	struct case_id c;
	struct rows r;
	*result = WORD_dead;
	enum rc rc = receipt_case(tx, code, &c, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	bool set = !row_null(&r, 2), same = set && str_eq(row_str(&r, 0), hash_str(journey));
	int number = (int)row_int(&r, 1);
	rows_end(&r);
	*out = (struct receipt){.case_id = c};
	(void)snprintf(out->code, sizeof out->code, "%.*s", PSTR(code));
	*result = same ? WORD_again : set ? WORD_used : WORD_right;
	return same ? receipt_secret_draw(k, journey, &number, out, f)
	       : set ? RC_OK : receipt_secret_make(tx, k, journey, out, f);
}

/* Rows of receipts. The PIN and the link are kept only as hashes under a key that lies outside the
 * database; the journey as a plain hash, because its 256 random bits cannot be guessed and it must
 * be found whatever key is current. */
#include "ward/flow/receipt_private.h"

#include <sodium.h>

const struct schema_step RECEIPT_SCHEMA[] = {
	{"receipt-0001",
	 "-- Opens one case to whoever holds its code and PIN, or its link. receipt_key and pin_key are\n"
	 "-- the numbers of the keys it was derived and hashed with, so that keys can be rotated. No\n"
	 "-- foreign key to the case: the receipt is drawn before its case is written, in the same\n"
	 "-- transaction, because a journey sent twice must be known first.\n"
	 "CREATE TABLE receipt(\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  code @text NOT NULL,\n"
	 "  journey_hash @blob NOT NULL,\n"
	 "  retry @int NOT NULL,\n"
	 "  receipt_key @int NOT NULL,\n"
	 "  pin_key @int NOT NULL,\n"
	 "  pin_hash @blob NOT NULL,\n"
	 "  link_hash @blob NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, case_id),\n"
	 "  UNIQUE (ward_id, code),\n"
	 "  UNIQUE (ward_id, journey_hash),\n"
	 "  UNIQUE (ward_id, link_hash));\n"},
	{"receipt-0002",
	 "-- The word that a caller chose, until it has made a PIN (set_at); tries: wrong ones.\n"
	 "CREATE TABLE receipt_word(\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  word_key @int NOT NULL,\n"
	 "  word_hash @blob NOT NULL,\n"
	 "  tries @int NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  set_journey @blob,\n"
	 "  set_key @int,\n"
	 "  set_at @time,\n"
	 "  PRIMARY KEY (ward_id, case_id));\n"
	 "-- Codes that were replaced at the counter: never drawn again, and their page says what to do.\n"
	 "CREATE TABLE receipt_dead(\n"
	 "  ward_id @id NOT NULL,\n"
	 "  code @text NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  journey_hash @blob NOT NULL,\n"
	 "  died_at @time NOT NULL,\n"
	 "  account_id @id NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, code));\n"
	 "-- When a case's was replaced: browsers that opened it before are shut out.\n"
	 "CREATE INDEX receipt_dead_case ON receipt_dead (ward_id, case_id, died_at);\n"
	 "-- How many an officer replaced in a day.\n"
	 "CREATE INDEX receipt_dead_account ON receipt_dead (ward_id, account_id, died_at);\n"},
	{"receipt-0003",
	 "-- When a browser had drawn the receipt in full; from soon after on its form shows it no more.\n"
	 "ALTER TABLE receipt ADD COLUMN shown_at @time;\n"},
	{"receipt-0004",
	 "-- The same of the form that made a counter receipt's PIN: its name, and when the PIN had been seen.\n"
	 "ALTER TABLE receipt_word ADD COLUMN set_form @blob;\n"
	 "ALTER TABLE receipt_word ADD COLUMN shown_at @time;\n"
	 "CREATE INDEX receipt_word_form ON receipt_word (ward_id, set_form);\n"},
	{"receipt-0005",
	 "-- Receipts that were printed before there is a case, folded over their PIN, for whoever has no phone: one\n"
	 "-- batch is one sheet, given out once. used: how many became receipts; void_at: those left count no more.\n"
	 "-- form: the name of the form that made it, so that sent twice it makes one.\n"
	 "CREATE TABLE folded_batch(\n"
	 "  ward_id @id NOT NULL,\n"
	 "  id @id NOT NULL,\n"
	 "  account_id @id NOT NULL,\n"
	 "  form @blob NOT NULL,\n"
	 "  number @int NOT NULL,            -- in the ward; stands on each paper, to tell batches apart\n"
	 "  made @int NOT NULL,\n"
	 "  used @int NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  expires_at @time NOT NULL,\n"
	 "  void_at @time,\n"
	 "  PRIMARY KEY (ward_id, id),\n"
	 "  UNIQUE (ward_id, form));\n"
	 "-- How many somebody made today; which are forgotten.\n"
	 "CREATE INDEX folded_batch_made ON folded_batch (ward_id, made_at, id);\n"
	 "-- Those that are not used yet. A used one goes from here into receipt, so that nothing stays behind when\n"
	 "-- its case is erased. PIN and link as hashes, as there.\n"
	 "CREATE TABLE folded_receipt(\n"
	 "  ward_id @id NOT NULL,\n"
	 "  code @text NOT NULL,\n"
	 "  batch_id @id NOT NULL,\n"
	 "  pin_key @int NOT NULL,\n"
	 "  pin_hash @blob NOT NULL,\n"
	 "  link_hash @blob NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, code),\n"
	 "  UNIQUE (ward_id, link_hash),\n"
	 "  FOREIGN KEY (ward_id, batch_id) REFERENCES folded_batch (ward_id, id));\n"
	 "-- A batch's own.\n"
	 "CREATE INDEX folded_receipt_batch ON folded_receipt (ward_id, batch_id);\n"
	 "-- One that was used: the PIN and link of the paper stand where a word does. They open once and make a PIN of its\n"
	 "-- own, so that a copy of the paper is dead or is found out. Who printed it, and when, stays with the case.\n"
	 "ALTER TABLE receipt_word ADD COLUMN paper_link @blob;\n"
	 "ALTER TABLE receipt_word ADD COLUMN printer_id @id;\n"
	 "ALTER TABLE receipt_word ADD COLUMN printed_at @time;\n"
	 "-- The link in a paper's QR code.\n"
	 "CREATE INDEX receipt_word_paper ON receipt_word (ward_id, paper_link);\n"},
	{NULL, NULL},
};

static const struct sql OF_JOURNEY = SQL_WARD(
	"SELECT case_id, code, retry, receipt_key, pin_key, pin_hash FROM receipt "
	"WHERE ward_id = ?1 AND journey_hash = ?2", "b", "itiiib");
static const struct sql OF_CODE = SQL_WARD(
	"SELECT case_id, pin_key, pin_hash FROM receipt WHERE ward_id = ?1 AND code = ?2", "t", "iib");
static const struct sql OF_CASE = SQL_WARD(
	"SELECT code FROM receipt WHERE ward_id = ?1 AND case_id = ?2", "i", "t");
static const struct sql CASE_OF_CODE = SQL_WARD(
	"SELECT case_id FROM receipt WHERE ward_id = ?1 AND code = ?2", "t", "i");
static const struct sql PUT = SQL_WARD(
	"INSERT INTO receipt(ward_id, case_id, code, journey_hash, retry, receipt_key, pin_key, "
	"pin_hash, link_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
	"ON CONFLICT (ward_id, code) DO NOTHING", "itbiiibb", "");

/* 27^5 codes a year and ward: even with half of them taken, 64 draws in a row fail once in 10^19. */
enum { DRAWS = 64 };

struct hash receipt_form(const struct hash *journey)
{
	return hash_of(NULL, "xom.receipt.journey", hash_str(journey));
}

/* Bound to ward and code: equal PINs of two receipts have different hashes. */
static struct hash hash_pin(const struct key *key, struct ward_id ward, struct str code,
                            struct str pin)
{
	struct hasher h;
	hasher_init(&h, key, "xom.receipt.pin.kept");
	hasher_i64(&h, ward.v);
	hasher_str(&h, code);
	hasher_str(&h, pin);
	return hasher_end(&h);
}

struct hash receipt_hash_link(const struct key *key, struct ward_id ward, struct str link)
{
	struct hasher h;
	hasher_init(&h, key, "xom.receipt.link.kept");
	hasher_i64(&h, ward.v);
	hasher_str(&h, link);
	return hasher_end(&h);
}

static enum rc old_key(struct keys *k, const char *name, int64_t number, struct key *out,
                       struct fault *f)
{
	enum rc rc = keys_find(k, name, (int)number, out, f);
	/* A receipt that names a lost key can no longer be opened, which must be loud. */
	return rc == RC_NONE ? fault_set(f, RC_FAIL, "the key %s.%lld is gone, but a receipt needs it",
	                                 name, (long long)number)
	                     : rc;
}

int receipt_year(const char code[16]) { return 2000 + (code[3] - '0') * 10 + (code[4] - '0'); }

/* The stored row against what the journey gives under the row's keys: a difference means that the
 * row or a key was exchanged. */
static enum rc same_again(struct tx *tx, struct keys *k, struct str prefix, struct rows *r,
                          const struct hash *journey, struct receipt *out, struct fault *f)
{
	struct key key, pin_key;
	struct hash kept;
	char code[16];
	struct str stored = row_str(r, 1), pin_hash = row_str(r, 5);
	int64_t receipt_number = row_int(r, 3), pin_number = row_int(r, 4);
	*out = (struct receipt){.case_id = {row_int(r, 0)}, .retry = (int)row_int(r, 2)};
	if (code_read(stored, code) != RC_OK || !hash_from(pin_hash, &kept))
		return fault_set(f, RC_CORRUPT, "the receipt of case %lld is broken",
		                 (long long)out->case_id.v);
	enum rc rc = old_key(k, "receipt", receipt_number, &key, f);
	if (rc == RC_OK)
		rc = old_key(k, "pin", pin_number, &pin_key, f);
	if (rc != RC_OK)
		return rc;
	receipt_draw(&key, prefix, receipt_year(code), journey, out->retry, out);
	struct receipt_word word;
	rc = receipt_word_of(tx, out->case_id, &word, f);
	if (rc != RC_NONE) {                   /* its PIN, if it has one, is not this form's to show */
		bool same = str_is(stored, out->code);
		sodium_memzero(&key, sizeof key);
		sodium_memzero(&pin_key, sizeof pin_key);
		sodium_memzero(out->pin, sizeof out->pin);
		sodium_memzero(out->link, sizeof out->link);
		if (rc == RC_OK && !same)
			rc = fault_set(f, RC_STALE, "the receipt was replaced");
		return rc;
	}
	struct hash again = hash_pin(&pin_key, tx_ward(tx), str_of(out->code), str_of(out->pin));
	sodium_memzero(&key, sizeof key);
	sodium_memzero(&pin_key, sizeof pin_key);
	if (!str_is(stored, out->code) || !hash_eq(&again, &kept)) {
		sodium_memzero(out, sizeof *out);
		return fault_set(f, RC_CORRUPT, "a receipt does not come from its journey any more");
	}
	return RC_OK;
}

enum rc receipt_of_journey(struct tx *tx, struct keys *k, struct str ward_prefix,
                           const struct hash *journey, struct receipt *out, struct fault *f)
{
	struct hash h = receipt_form(journey);
	struct rows r;
	enum rc rc = sql_one(tx, &OF_JOURNEY, &r, BIND(v_blob(hash_str(&h))), f);
	if (rc != RC_OK)
		return rc;
	rc = same_again(tx, k, ward_prefix, &r, journey, out, f);
	rows_end(&r);
	return rc;
}

enum rc receipt_shown(struct tx *tx, const struct hash *form, int64_t *at, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT shown_at FROM receipt WHERE ward_id = ?1 AND journey_hash = ?2"
		" UNION ALL SELECT shown_at FROM receipt_word WHERE ward_id = ?1 AND set_form = ?2", "b", "I");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_blob(hash_str(form))), f);
	if (rc != RC_OK)
		return rc;
	*at = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

enum rc receipt_mark_shown(struct tx *tx, const struct hash *form, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE receipt SET shown_at = ?3 WHERE ward_id = ?1 AND journey_hash = ?2 AND shown_at IS NULL", "bi", "");
	static const struct sql Q_PIN = SQL_WARD(
		"UPDATE receipt_word SET shown_at = ?3 WHERE ward_id = ?1 AND set_form = ?2 AND shown_at IS NULL", "bi", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &Q, BIND(v_blob(hash_str(form)), v_int(tx_now(tx))), &changed, f);
	return rc == RC_OK && changed == 0
	           ? sql_run(tx, &Q_PIN, BIND(v_blob(hash_str(form)), v_int(tx_now(tx))), NULL, f) : rc;
}

enum rc receipt_row_put(struct tx *tx, const struct receipt *p, const struct hash *journey, int receipt_key,
                        const struct receipt_kept *kept, int64_t *changed, struct fault *f)
{
	struct hash j = receipt_form(journey);
	return sql_run(tx, &PUT,
	               BIND(v_int(p->case_id.v), v_text(str_of(p->code)), v_blob(hash_str(&j)),
	                    v_int(p->retry), v_int(receipt_key), v_int(kept->key_number),
	                    v_blob(hash_str(&kept->pin)), v_blob(hash_str(&kept->link))),
	               changed, f);
}

enum rc receipt_keep(struct tx *tx, struct keys *k, const struct receipt *p, struct receipt_kept *out, struct fault *f)
{
	struct key key;
	enum rc rc = keys_current(k, "pin", &out->key_number, &key, f);
	if (rc != RC_OK)
		return rc;
	out->pin = hash_pin(&key, tx_ward(tx), str_of(p->code), str_of(p->pin));
	out->link = receipt_hash_link(&key, tx_ward(tx), str_of(p->link));
	sodium_memzero(&key, sizeof key);
	return RC_OK;
}

enum rc receipt_pin_is(struct tx *tx, struct keys *k, struct str code, struct str pin, const struct receipt_kept *kept,
                       bool *same, struct fault *f)
{
	struct key key;
	enum rc rc = old_key(k, "pin", kept->key_number, &key, f);
	if (rc != RC_OK)
		return rc;
	struct hash asked = hash_pin(&key, tx_ward(tx), code, pin);
	sodium_memzero(&key, sizeof key);
	*same = hash_eq(&asked, &kept->pin);
	return RC_OK;
}

enum rc receipt_code_spent(struct tx *tx, struct str code, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT code FROM folded_receipt WHERE ward_id = ?1 AND code = ?2", "t", "t");
	int64_t died;
	struct rows r;
	enum rc rc = receipt_dead(tx, code, &died, f);
	if (rc == RC_NONE && (rc = sql_one(tx, &Q, &r, BIND(v_text(code)), f)) == RC_OK)
		rows_end(&r);
	return rc;
}

enum rc receipt_put(struct tx *tx, struct keys *k, struct str ward_prefix, int year,
                    const struct hash *journey, struct case_id c, struct receipt *out,
                    struct fault *f)
{
	enum rc rc = receipt_of_journey(tx, k, ward_prefix, journey, out, f);
	if (rc != RC_NONE)
		return rc == RC_OK ? RC_EXISTS : rc;
	int receipt_number;
	struct key key;
	struct receipt_kept kept;
	rc = keys_current(k, "receipt", &receipt_number, &key, f);
	int64_t changed = 0;
	for (int retry = 0; rc == RC_OK && changed == 0 && retry < DRAWS; retry++) {
		*out = (struct receipt){.case_id = c};
		receipt_draw(&key, ward_prefix, year, journey, retry, out);
		enum rc spent = receipt_code_spent(tx, str_of(out->code), f);
		if (spent != RC_NONE) {
			rc = spent < RC_OK ? spent : RC_OK;
			continue;
		}
		rc = receipt_keep(tx, k, out, &kept, f);
		if (rc == RC_OK)
			rc = receipt_row_put(tx, out, journey, receipt_number, &kept, &changed, f);
	}
	sodium_memzero(&key, sizeof key);
	if (rc == RC_OK && changed == 0)
		rc = fault_set(f, RC_FAIL, "no free receipt code in %d draws", DRAWS);
	/* On an engine where writers run side by side the same journey may have won meanwhile. */
	if (rc == RC_EXISTS) {
		enum rc again = receipt_of_journey(tx, k, ward_prefix, journey, out, f);
		rc = again == RC_OK ? RC_EXISTS
		     : again == RC_NONE ? fault_set(f, RC_FAIL, "the case has a receipt already") : again;
	}
	if (rc != RC_OK && rc != RC_EXISTS)
		sodium_memzero(out, sizeof *out);
	return rc;
}

static enum rc secret_set(struct tx *tx, struct keys *k, const struct receipt *p, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE receipt SET pin_key = ?3, pin_hash = ?4, link_hash = ?5"
		" WHERE ward_id = ?1 AND case_id = ?2", "iibb", "");
	struct receipt_kept kept;
	enum rc rc = receipt_keep(tx, k, p, &kept, f);
	return rc == RC_OK ? sql_run(tx, &Q,
	                             BIND(v_int(p->case_id.v), v_int(kept.key_number), v_blob(hash_str(&kept.pin)),
	                                  v_blob(hash_str(&kept.link))),
	                             NULL, f)
	                   : rc;
}

enum rc receipt_secret_put(struct tx *tx, struct keys *k, const struct receipt *p, struct fault *f)
{
	return secret_set(tx, k, p, f);
}

/* Random bytes in place of PIN and link, none of them a symbol that these can have. */
enum rc receipt_secret_lose(struct tx *tx, struct keys *k, struct receipt *p, struct fault *f)
{
	struct receipt nobody = {.case_id = p->case_id};
	memcpy(nobody.code, p->code, sizeof nobody.code);
	random_bytes(nobody.pin, sizeof nobody.pin - 1);
	random_bytes(nobody.link, sizeof nobody.link - 1);
	sodium_memzero(p->pin, sizeof p->pin);
	sodium_memzero(p->link, sizeof p->link);
	for (size_t i = 0; i + 1 < sizeof nobody.pin; i++)
		nobody.pin[i] = (char)(nobody.pin[i] | 0x80);  /* no symbol of a PIN */
	for (size_t i = 0; i + 1 < sizeof nobody.link; i++)
		nobody.link[i] = (char)(nobody.link[i] | 0x80);
	return secret_set(tx, k, &nobody, f);
}

enum rc receipt_put_word(struct tx *tx, struct keys *k, struct str ward_prefix, int year,
                         const struct hash *journey, struct case_id c, struct str word,
                         struct receipt *out, struct fault *f)
{
	enum rc rc = receipt_put(tx, k, ward_prefix, year, journey, c, out, f);
	if (rc == RC_OK)
		rc = receipt_secret_lose(tx, k, out, f);
	return rc == RC_OK ? receipt_word_put(tx, k, c, str_of(out->code), word, f) : rc;
}

enum rc receipt_open(struct tx *tx, struct keys *k, struct str code, struct str pin,
                     struct case_id *out, struct fault *f)
{
	/* An unknown or mistyped code goes the same way as a known one, against a hash that nothing
	 * has: time and answer tell a guesser nothing. */
	char c[16] = "", p[9] = "";
	bool readable = code_read(code, c) == RC_OK;
	readable = (pin_read(pin, p) == RC_OK) && readable;
	struct key key;
	int number;
	enum rc rc = keys_current(k, "pin", &number, &key, f);
	if (rc != RC_OK)
		return rc;
	struct hash kept;
	random_bytes(&kept, sizeof kept);
	struct case_id found = {0};
	struct rows r;
	rc = sql_one(tx, &OF_CODE, &r, BIND(v_text(str_of(c))), f);
	int64_t key_number = number;
	if (rc == RC_OK) {
		found.v = row_int(&r, 0);
		key_number = row_int(&r, 1);
		if (!hash_from(row_str(&r, 2), &kept))
			rc = fault_set(f, RC_CORRUPT, "the receipt of case %lld is broken",
			               (long long)found.v);
		rows_end(&r);
	}
	if (rc == RC_OK || rc == RC_NONE)
		rc = old_key(k, "pin", key_number, &key, f);
	if (rc != RC_OK)
		return rc;
	struct hash asked = hash_pin(&key, tx_ward(tx), str_of(c), str_of(p));
	sodium_memzero(&key, sizeof key);
	bool same = hash_eq(&asked, &kept);
	if (!same || !readable || found.v == 0)
		return RC_DENIED;
	*out = found;
	return RC_OK;
}

enum rc receipt_by_link(struct tx *tx, struct keys *k, struct str link, const struct sql *q, receipt_link_fn *found,
                        void *ctx, struct fault *f)
{
	int newest;
	struct key key;
	enum rc rc = keys_current(k, "pin", &newest, &key, f);
	for (int n = newest; rc == RC_OK && n >= 1; n--) {
		struct rows r;
		rc = keys_find(k, "pin", n, &key, f);
		if (rc == RC_OK) {
			struct hash h = receipt_hash_link(&key, tx_ward(tx), link);
			rc = sql_one(tx, q, &r, BIND(v_blob(hash_str(&h)), v_int(n)), f);
			if (rc == RC_OK) {
				found(ctx, &r);
				rows_end(&r);
			}
		}
		rc = rc == RC_NONE ? RC_OK : rc;
	}
	sodium_memzero(&key, sizeof key);
	return rc;
}

static void found_case(void *ctx, struct rows *r) { ((struct case_id *)ctx)->v = row_int(r, 0); }

enum rc receipt_open_link(struct tx *tx, struct keys *k, struct str link, struct case_id *out,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM receipt WHERE ward_id = ?1 AND link_hash = ?2 AND pin_key = ?3", "bi", "i");
	struct case_id found = {0};
	enum rc rc = receipt_by_link(tx, k, link, &Q, found_case, &found, f);
	if (rc != RC_OK)
		return rc;
	if (found.v == 0)
		return RC_DENIED;
	*out = found;
	return RC_OK;
}

enum rc receipt_code(struct tx *tx, struct case_id c, char out[16], struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, &OF_CASE, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	rc = code_read(row_str(&r, 0), out);
	rows_end(&r);
	return rc == RC_OK ? rc : fault_set(f, RC_CORRUPT, "the receipt of case %lld is broken",
	                                    (long long)c.v);
}

enum rc receipt_case(struct tx *tx, struct str code, struct case_id *out, struct fault *f)
{
	char c[16];
	if (code_read(code, c) != RC_OK)
		return RC_NONE;
	struct rows r;
	enum rc rc = sql_one(tx, &CASE_OF_CODE, &r, BIND(v_text(str_of(c))), f);
	if (rc != RC_OK)
		return rc;
	out->v = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

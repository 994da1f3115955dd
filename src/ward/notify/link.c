/* Links of mails: 128 random bits each, kept as a keyed hash. */
#include <sodium.h>

#include "ward/notify/notify_private.h"

void mail_link_draw(char out[MAIL_LINK_TEXT + 1])
{
	uint8_t bits[MAIL_LINK_BYTES];
	random_bytes(bits, sizeof bits);
	(void)sodium_bin2base64(out, MAIL_LINK_TEXT + 1, bits, sizeof bits,
	                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(bits, sizeof bits);
}

static struct hash hash_link(const struct key *key, struct ward_id ward, struct str link)
{
	struct hasher h;
	hasher_init(&h, key, "xom mail link 1");
	hasher_i64(&h, ward.v);
	hasher_str(&h, link);
	return hasher_end(&h);
}

static enum rc hash_now(struct tx *tx, struct keys *k, const char *link, int *number,
                        struct hash *out, struct fault *f)
{
	struct key key;
	enum rc rc = keys_current(k, "mail", number, &key, f);
	if (rc == RC_OK)
		*out = hash_link(&key, tx_ward(tx), str_of(link));
	sodium_memzero(&key, sizeof key);
	return rc;
}

static int64_t link_end(const struct tx *tx) { return tx_now(tx) + MAIL_LINK_DAYS * US_DAY; }

enum rc mail_link_put(struct tx *tx, struct keys *k, struct case_id c, const char *link,
                      struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO mail_link (ward_id, link_hash, case_id, key_no, good_until)"
		" VALUES (?1, ?2, ?3, ?4, ?5)",
		"biii", "");
	struct hash h;
	int number;
	enum rc rc = hash_now(tx, k, link, &number, &h, f);
	if (rc != RC_OK)
		return rc;
	return sql_run(tx, &Q,
	               BIND(v_blob(hash_str(&h)), v_int(c.v), v_int(number), v_int(link_end(tx))), NULL,
	               f);
}

enum rc mail_link_sent(struct tx *tx, struct keys *k, struct case_id c, const char *link,
                       struct fault *f)
{
	static const struct sql Q_OLD = SQL_WARD(
		"UPDATE mail_link SET good_until = ?3 WHERE ward_id = ?1 AND case_id = ?2"
		" AND good_until IS NULL",
		"ii", "");
	static const struct sql Q_NEW = SQL_WARD(
		"UPDATE mail_link SET good_until = NULL WHERE ward_id = ?1 AND link_hash = ?2", "b", "");
	struct hash h;
	int number;
	enum rc rc = hash_now(tx, k, link, &number, &h, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q_OLD, BIND(v_int(c.v), v_int(link_end(tx))), NULL, f);
	return rc == RC_OK ? sql_run(tx, &Q_NEW, BIND(v_blob(hash_str(&h))), NULL, f) : rc;
}

enum rc mail_link_drop(struct tx *tx, struct keys *k, const char *link, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"DELETE FROM mail_link WHERE ward_id = ?1 AND link_hash = ?2", "b", "");
	struct hash h;
	int number;
	enum rc rc = hash_now(tx, k, link, &number, &h, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_blob(hash_str(&h))), NULL, f) : rc;
}

enum rc mail_link_erase(struct tx *tx, struct case_id c, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("DELETE FROM mail_link WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	return sql_run(tx, &Q, BIND(v_int(c.v)), NULL, f);
}

/* The link says nothing of the key its hash was made with: each is tried, and always all of them. */
enum rc mail_link_open(struct tx *tx, struct keys *k, struct str link, struct case_id *out,
                       struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM mail_link WHERE ward_id = ?1 AND link_hash = ?2 AND key_no = ?3"
		" AND (good_until IS NULL OR good_until > ?4)",
		"bii", "i");
	struct key key;
	struct case_id found = {0};
	int newest;
	enum rc rc = keys_current(k, "mail", &newest, &key, f);
	for (int n = newest; rc == RC_OK && n >= 1; n--) {
		enum rc got = keys_find(k, "mail", n, &key, f);
		if (got == RC_NONE)
			continue;
		if (got != RC_OK)
			return got;
		struct hash h = hash_link(&key, tx_ward(tx), link);
		struct rows r;
		got = sql_one(tx, &Q, &r, BIND(v_blob(hash_str(&h)), v_int(n), v_int(tx_now(tx))), f);
		if (got == RC_OK) {
			found.v = row_int(&r, 0);
			rows_end(&r);
		} else if (got != RC_NONE) {
			rc = got;
		}
	}
	sodium_memzero(&key, sizeof key);
	if (rc == RC_OK && found.v == 0)
		return RC_DENIED;
	*out = found;
	return rc;
}

enum rc mail_link_sweep(struct tx *tx, size_t limit, int64_t *gone, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"DELETE FROM mail_link WHERE ward_id = ?1 AND link_hash IN (SELECT link_hash FROM mail_link"
		" WHERE ward_id = ?1 AND good_until <= ?2 ORDER BY good_until, link_hash LIMIT ?3)",
		"ii", "");
	return sql_run(tx, &Q, BIND(v_int(tx_now(tx)), v_int((int64_t)limit)), gone, f);
}

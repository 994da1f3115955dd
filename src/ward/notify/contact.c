/* The address that only the machine uses: a row of its own, sealed. */
#include <sodium.h>
#include <stdlib.h>

#include "ward/notify/notify_private.h"

const struct schema_step NOTIFY_SCHEMA[] = {
	{"notify-0001",
	 "-- Where the machine may say that something moved (RIGHTS.md promise 3). sealed: address and\n"
	 "-- language, padded, under the key \"contact\" of that number, bound to ward, case and id; id is\n"
	 "-- random and another one for another address. moved_seq: the last entry to tell of, sent_seq:\n"
	 "-- the last that was told. due_day: the last day it is kept, from closing on.\n"
	 "CREATE TABLE contact (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  id @id NOT NULL,\n"
	 "  key_no @int NOT NULL,\n"
	 "  sealed @text NOT NULL,\n"
	 "  failing @int NOT NULL,\n"
	 "  moved_seq @int NOT NULL,\n"
	 "  sent_seq @int NOT NULL,\n"
	 "  due_day @day,\n"
	 "  PRIMARY KEY (ward_id, case_id),\n"
	 "  UNIQUE (ward_id, id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"
	 "-- The nightly erasing asks what is due.\n"
	 "CREATE INDEX contact_due ON contact (ward_id, due_day, case_id) WHERE due_day IS NOT NULL;\n"
	 "\n"
	 "-- A link that a mail brought, as a hash keyed with \"mail\" of that number. good_until NULL: the\n"
	 "-- newest, as long as the address is kept.\n"
	 "CREATE TABLE mail_link (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  link_hash @blob NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  key_no @int NOT NULL,\n"
	 "  good_until @time,\n"
	 "  PRIMARY KEY (ward_id, link_hash),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES contact (ward_id, case_id)\n"
	 ");\n"
	 "-- All links of an address go with it, and the older ones by their day.\n"
	 "CREATE INDEX mail_link_case ON mail_link (ward_id, case_id);\n"
	 "CREATE INDEX mail_link_end ON mail_link (ward_id, good_until, link_hash)\n"
	 "  WHERE good_until IS NOT NULL;\n"},
	{"notify-0002",
	 "-- The last entry of a case that this one follows which is told, or waits to be: a job that was cut off\n"
	 "-- and runs again tells nobody twice.\n"
	 "ALTER TABLE contact ADD COLUMN told_lead @id;\n"
	 "ALTER TABLE contact ADD COLUMN told_seq @int NOT NULL DEFAULT 0;\n"},
	{"notify-heads-0001",
	 "-- When the daily heads were mailed to oversight last.\n"
	 "CREATE TABLE head_mail (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  mailed_day @day NOT NULL,\n"
	 "  PRIMARY KEY (ward_id)\n"
	 ") @no_rowid;\n"},
	{0},
};

/* One size for every address: the length of the row says nothing. */
enum { PLAIN_SIZE = 264 };

static struct str about(struct arena *a, struct ward_id ward, struct case_id c, int64_t id)
{
	return arena_fmt(a, "contact %lld of case %lld of ward %lld", (long long)id, (long long)c.v,
	                 (long long)ward.v);
}

static enum rc seal(struct tx *tx, const struct flow *w, struct case_id c, int64_t id,
                    struct str address, enum lang lang, int *key_no, struct str *out,
                    struct fault *f)
{
	char plain[PLAIN_SIZE] = {0};
	struct key key;
	if (address.n > ADDRESS_MAX)
		return fault_set(f, RC_TOO_BIG, "an address is at most %d bytes", ADDRESS_MAX);
	enum rc rc = keys_current(w->keys, "contact", key_no, &key, f);
	if (rc != RC_OK)
		return rc;
	plain[0] = (char)lang;
	memcpy(plain + 1, address.p, address.n);
	*out = seal_field(tx_arena(tx), &key, about(tx_arena(tx), tx_ward(tx), c, id),
	                  str_n(plain, sizeof plain));
	sodium_memzero(plain, sizeof plain);
	sodium_memzero(&key, sizeof key);
	return RC_OK;
}

static enum rc unseal(struct tx *tx, struct keys *k, int key_no, struct str sealed,
                      struct contact *out, struct fault *f)
{
	struct key key;
	struct str plain;
	enum rc rc = keys_find(k, "contact", key_no, &key, f);
	if (rc != RC_OK)
		return fault_set(f, RC_FAIL, "the key contact.%d is gone, but an address needs it", key_no);
	rc = open_field(tx_arena(tx), &key, about(tx_arena(tx), tx_ward(tx), out->of, out->id), sealed,
	                &plain);
	sodium_memzero(&key, sizeof key);
	if (rc != RC_OK || plain.n != PLAIN_SIZE || plain.p[0] <= LANG_unset || plain.p[0] >= LANG_COUNT)
		return fault_set(f, RC_CORRUPT, "the address of case %lld does not open",
		                 (long long)out->of.v);
	out->lang = (enum lang)plain.p[0];
	out->address = str_of(plain.p + 1);
	return RC_OK;
}

enum rc contact_get(struct tx *tx, struct keys *k, struct case_id c, struct contact *out,
                    struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, key_no, sealed, failing, moved_seq, sent_seq FROM contact"
		" WHERE ward_id = ?1 AND case_id = ?2",
		"i", "iitiii");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc;
	*out = (struct contact){
		.of = c,
		.id = row_int(&r, 0),
		.failing = row_int(&r, 3) != 0,
		.moved_seq = row_int(&r, 4),
		.sent_seq = row_int(&r, 5),
	};
	int key_no = (int)row_int(&r, 1);
	struct str sealed = row_str(&r, 2);
	rows_end(&r);
	return unseal(tx, k, key_no, sealed, out, f);
}

enum rc contact_state(struct tx *tx, struct case_id c, enum contact_state *out, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT failing FROM contact WHERE ward_id = ?1 AND case_id = ?2", "i", "i");
	struct rows r;
	*out = CONTACT_none;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*out = row_int(&r, 0) != 0 ? CONTACT_failing : CONTACT_kept;
	rows_end(&r);
	return RC_OK;
}

/* ---------------------------------------------------------------- keeping and erasing */

/* The last day it is kept; 0 while the case is open. */
static enum rc due_day(const struct flow *w, const struct ward_case *c, int32_t *out,
                       struct fault *f)
{
	*out = 0;
	if (case_ended_at(c) == 0)
		return RC_OK;
	enum rc rc = retention_day(w, STR(CONTACT_RULE), case_ended_at(c), out, f);
	return rc == RC_OK ? rc : fault_set(f, RC_FAIL, "no due day by the rule " CONTACT_RULE);
}

/* The same form sent twice, or the same address again: nothing is erased and nothing said of it. */
static enum rc same_again(struct tx *tx, const struct flow *w, struct case_id c, struct str address,
                          enum lang lang, bool *same, struct fault *f)
{
	struct contact old;
	enum rc rc = contact_get(tx, w->keys, c, &old, f);
	*same = rc == RC_OK && !old.failing && old.lang == lang && str_eq(old.address, address);
	/* One that does not open any more is replaced like any other. */
	return rc == RC_OK || rc == RC_NONE || rc == RC_FAIL || rc == RC_CORRUPT ? RC_OK : rc;
}

enum rc contact_put(struct tx *tx, const struct flow *w, const struct ward_case *c,
                    struct str address, enum lang lang, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO contact (ward_id, case_id, id, key_no, sealed, failing, moved_seq, sent_seq,"
		" due_day) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?6, ?7)",
		"iiitiI", "");
	int64_t id;
	int32_t due;
	int key_no;
	struct str sealed;
	random_bytes(&id, sizeof id);
	id &= INT64_MAX;
	bool same;
	enum rc rc = same_again(tx, w, c->id, address, lang, &same, f);
	if (rc != RC_OK || same)
		return rc;
	rc = contact_erase(tx, w, c->id, STR(CONTACT_BY_REPORTER), f);
	if (rc == RC_OK || rc == RC_NONE)
		rc = due_day(w, c, &due, f);
	if (rc == RC_OK)
		rc = seal(tx, w, c->id, id, address, lang, &key_no, &sealed, f);
	if (rc != RC_OK)
		return rc;
	return sql_run(tx, &Q,
	               BIND(v_int(c->id.v), v_int(id), v_int(key_no), v_text(sealed), v_int(c->seq),
	                    v_int0(due)),
	               NULL, f);
}

enum rc contact_erase(struct tx *tx, const struct flow *w, struct case_id c, struct str rule,
                      struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("DELETE FROM contact WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	int64_t gone = 0;
	enum rc rc = mail_link_erase(tx, c, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q, BIND(v_int(c.v)), &gone, f);
	if (rc != RC_OK || gone == 0)
		return rc == RC_OK ? RC_NONE : rc;
	rc = outbox_cancel(tx, "net.mail", arena_fmt(tx_arena(tx), "%lld", (long long)c.v), f);
	return rc == RC_OK ? deletion_add(tx, w, c, STR(CONTACT_KIND), rule, f) : rc;
}

enum rc contact_due(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
                    struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM contact WHERE ward_id = ?1 AND due_day < ?2"
		" ORDER BY due_day, case_id LIMIT ?3",
		"ii", "i");
	struct rows r;
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(today), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK)
		out[(*count)++] = (struct case_id){row_int(&r, 0)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- what moves */

enum rc contact_moved(struct tx *tx, const struct flow *w, const struct ward_case *c, enum verb verb,
                      bool by_reporter, const struct lead_entry *of, struct fault *f)
{
	static const struct sql Q_DUE = SQL_WARD(
		"UPDATE contact SET due_day = ?3 WHERE ward_id = ?1 AND case_id = ?2", "iI", "");
	static const struct sql Q_MOVED = SQL_WARD(
		"UPDATE contact SET moved_seq = CASE WHEN ?3 > moved_seq THEN ?3 ELSE moved_seq + 1 END"
		" WHERE ward_id = ?1 AND case_id = ?2 AND failing = 0", "ii",
		"");
	static const struct sql Q_LEAD = SQL_WARD(
		"UPDATE contact SET moved_seq = moved_seq + 1, told_lead = ?3, told_seq = ?4"
		" WHERE ward_id = ?1 AND case_id = ?2 AND failing = 0"
		" AND (told_lead IS NULL OR told_lead <> ?3 OR told_seq < ?4)", "iii",
		"");
	int32_t due;
	int64_t kept = 0, told = 0;
	if (verb == VERB_open)
		return RC_OK;                      /* no address can be there before its case */
	enum rc rc = due_day(w, c, &due, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &Q_DUE, BIND(v_int(c->id.v), v_int0(due)), &kept, f);
	/* A mail that leads to nothing new would be noise: what the receipt does not show is not told. */
	if (rc != RC_OK || kept == 0 || by_reporter || !verb_for_reporter(verb))
		return rc;
	rc = of == NULL ? sql_run(tx, &Q_MOVED, BIND(v_int(c->id.v), v_int(c->seq)), &told, f)
	                : sql_run(tx, &Q_LEAD, BIND(v_int(c->id.v), v_int(of->lead.v), v_int(of->seq)), &told, f);
	if (rc != RC_OK || told == 0)
		return rc;
	struct str id = arena_fmt(tx_arena(tx), "%lld", (long long)c->id.v);
	return outbox_put(tx, "net.mail", tx_now(tx) + MAIL_SETTLE_US, id, id, f);
}

enum rc contact_sent(struct tx *tx, const struct contact *c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE contact SET sent_seq = ?4 WHERE ward_id = ?1 AND case_id = ?2 AND id = ?3", "iii", "");
	return sql_run(tx, &Q, BIND(v_int(c->of.v), v_int(c->id), v_int(c->moved_seq)), NULL, f);
}

enum rc contact_fail(struct tx *tx, int64_t id, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("UPDATE contact SET failing = 1 WHERE ward_id = ?1 AND id = ?2", "i", "");
	int64_t n = 0;
	enum rc rc = sql_run(tx, &Q, BIND(v_int(id)), &n, f);
	return rc == RC_OK && n == 0 ? RC_NONE : rc;
}

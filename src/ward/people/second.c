/* Who signs for oversight in a ward, and what was signed (second.h). */
#include "ward/people/second.h"

#include <string.h>

#include "kit/base/text.h"
#include "ward/people/admin_log.h"
#include "ward/people/people_impl.h"

#define ACT_COLUMNS "a.n, a.what, a.signer, a.day, a.statement, s.organisation"

/* --- the signer --- */

enum rc second_present(struct tx *tx, struct second_signer *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT n, organisation, public_key, from_day FROM second_signer WHERE ward_id = ?1 "
		"ORDER BY n DESC LIMIT 1", "", "itbi");
	struct rows r;
	*out = (struct second_signer){0};
	enum rc rc = sql_one(tx, &q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	struct str key = row_str(&r, 2);
	*out = (struct second_signer){.n = row_int(&r, 0), .organisation = row_str(&r, 1),
	                              .from_day = (int32_t)row_int(&r, 3)};
	bool good = key.n == sizeof out->key;
	if (good)
		memcpy(out->key, key.p, sizeof out->key);
	rows_end(&r);
	return good ? RC_OK : fault_set(f, RC_CORRUPT, "the second organisation's key is none");
}

static enum rc signer_add(struct tx *tx, const struct second_signed *x, int64_t n, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"INSERT INTO second_signer (ward_id, n, organisation, public_key, from_day) "
		"VALUES (?1, ?2, ?3, ?4, ?5)", "itbi", "");
	struct str name;
	enum rc rc = name_cleaned(tx, x->s.organisation, NAME_CHARS, true, "organisation", &name, f);
	if (rc == RC_OK && !str_eq(name, x->s.organisation))
		return fault_set(f, RC_INVALID, "the organisation's name has blanks that don't belong there");
	return rc == RC_OK ? sql_run(tx, &q, BIND(v_int(n), v_text(name),
	                                          v_blob(str_n((const char *)x->s.key, sizeof x->s.key)),
	                                          v_int(day_of(tx_now(tx)))), NULL, f) : rc;
}

/* --- what was done --- */

struct hash second_row_hash(struct ward_id ward, const struct second_row *r, const struct hash *prev)
{
	struct hasher h;
	hasher_init(&h, NULL, "xom second act 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, r->n);
	hasher_str(&h, hash_str(prev));
	hasher_i64(&h, r->what);
	hasher_i64(&h, r->signer);
	hasher_i64(&h, r->account);
	hasher_i64(&h, r->day);
	hasher_str(&h, r->statement);
	hasher_str(&h, r->signature);
	hasher_str(&h, r->nonce);
	return hasher_end(&h);
}

/* The last act: its number and hash; 0 and zeros when there is none. */
static enum rc chain_end(struct tx *tx, int64_t *n, struct hash *hash, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT n, hash FROM second_act WHERE ward_id = ?1 ORDER BY n DESC LIMIT 1", "", "ib");
	struct rows r;
	*n = 0;
	*hash = (struct hash){{0}};
	enum rc rc = sql_one(tx, &q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*n = row_int(&r, 0);
	bool ok = hash_from(row_str(&r, 1), hash);
	rows_end(&r);
	return ok ? RC_OK : fault_set(f, RC_CORRUPT, "the hash of the second organisation's last act is none");
}

/* signer 0: nobody's signature. */
static enum rc act_add(struct tx *tx, enum second_what what, int64_t signer, struct account_id who,
                       struct str statement, struct str signature, struct str nonce, struct fault *f)
{
	static const struct sql add = SQL_WARD(
		"INSERT INTO second_act (ward_id, n, what, signer, account_id, day, statement, signature, nonce, hash) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", "iiIIitbbb", "");
	struct second_row row = {.what = what, .signer = signer, .account = who.v, .day = day_of(tx_now(tx)),
	                         .statement = statement, .signature = signature, .nonce = nonce};
	struct hash prev;
	enum rc rc = chain_end(tx, &row.n, &prev, f);
	if (rc == RC_OK)
		rc = definition_changed(tx, DEFINITION_WARDS, f);   /* /rights is kept until something changes */
	if (rc != RC_OK)
		return rc;
	row.n++;
	struct hash h = second_row_hash(tx_ward(tx), &row, &prev);
	return sql_run(tx, &add, BIND(v_int(row.n), v_int(what), v_int0(signer), v_int0(who.v), v_int(row.day),
	                              v_text(statement), v_blob(signature), v_blob(nonce), v_blob(hash_str(&h))), NULL, f);
}

static enum rc nonce_known(struct tx *tx, struct str nonce, bool *out, struct fault *f)
{
	static const struct sql q = SQL_WARD("SELECT n FROM second_act WHERE ward_id = ?1 AND nonce = ?2", "b", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_blob(nonce)), f);
	*out = rc == RC_OK;
	if (rc == RC_OK)
		rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* --- applying --- */

static enum rc signature_good(const struct second_signed *x, const struct second_signer *now, struct fault *f)
{
	bool first = now->n == 0 && x->s.what == SECOND_signer;
	const uint8_t *key = first ? x->s.key : now->key;
	if (now->n == 0 && !first)
		return fault_set(f, RC_NONE, "no second organisation is entered in this ward yet: "
		                 "xom oversight ask signer");
	if (!x->has_signature)
		return fault_set(f, RC_DENIED, "this statement has one side alone: the second organisation hasn't "
		                 "signed it (xom oversight sign, on its own machine)");
	if (memcmp(key, x->key, sizeof x->key) != 0)
		return first ? fault_set(f, RC_DENIED, "the first signer's statement must be signed with the very "
		                         "key that it names: so it is known that somebody holds it")
		             : fault_set(f, RC_DENIED, "it is signed with another key than that of %.*s",
		                         PSTR(now->organisation));
	if (!second_fits(x->text, key, x->signature))
		return fault_set(f, RC_DENIED, "the signature doesn't fit: the statement is not the one that was signed");
	return RC_OK;
}

static enum rc still_good(struct tx *tx, const struct second_statement *s, struct fault *f)
{
	int32_t today = day_of(tx_now(tx));
	bool known = false;
	if (s->asked > today)
		return fault_set(f, RC_INVALID, "it is of a day that hasn't come");
	if (today - s->asked > SECOND_DAYS)
		return fault_set(f, RC_EXPIRED, "it is older than %d days: ask again", SECOND_DAYS);
	enum rc rc = nonce_known(tx, str_n((const char *)s->nonce, sizeof s->nonce), &known, f);
	return rc == RC_OK && known ? fault_set(f, RC_EXISTS, "it was applied before: each is good once") : rc;
}

/* Is it the account that was signed for, whatever else has that login by now? */
static enum rc same_account(struct tx *tx, const struct second_statement *s, struct fault *f)
{
	struct account a;
	enum rc rc = account_by_login(tx, s->login, &a, f);
	if (rc == RC_NONE || (rc == RC_OK && (a.id.v != s->account.v || !str_eq(a.name, s->name))))
		return fault_set(f, RC_NONE, "the account \"%.*s\" is not the one that was signed for", PSTR(s->login));
	return rc;
}

enum rc second_end_fits(struct tx *tx, const struct second_statement *s, bool said, struct fault *f)
{
	/* What would be taken away whole, the first of it; and what stands that day and would only be shortened. */
	static const struct sql q = SQL_WARD(
		"SELECT MIN(CASE WHEN from_day > ?4 THEN from_day END), SUM(CASE WHEN from_day <= ?4 AND "
		"(until_day IS NULL OR until_day > ?4) THEN 1 ELSE 0 END) FROM role_held "
		"WHERE ward_id = ?1 AND account_id = ?2 AND role = ?3", "iii", "II");
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_int(s->account.v), v_int(ROLE_oversight), v_int(s->until)), f);
	if (rc != RC_OK)
		return rc;
	int32_t first = (int32_t)row_int(&r, 0);
	bool shortened = row_int(&r, 1) > 0;
	rows_end(&r);
	bool begun = first != 0 && first <= day_of(tx_now(tx));
	const char *from = first != 0 ? text_day_iso(tx_arena(tx), first).p : "";
	if (begun)
		return fault_set(f, RC_REFUSED, "oversight of \"%.*s\" began on %s: its last day can't lie before that, what was "
		                 "is not undone", PSTR(s->login), from);
	return first != 0 && said && !shortened
		? fault_set(f, RC_REFUSED, "oversight of \"%.*s\" begins on %s: its last day can't lie before that (without --day it "
		            "never begins)", PSTR(s->login), from) : RC_OK;
}

/* Who administers is among those who are watched. */
static enum rc watches_itself(struct tx *tx, const struct second_statement *s, struct fault *f)
{
	uint32_t roles = 0;
	enum rc rc = roles_on(tx, s->account, day_of(tx_now(tx)), &roles, f);
	return rc == RC_OK && (roles & ROLE_BIT(ROLE_admin)) != 0
		? fault_set(f, RC_REFUSED, "the account \"%.*s\" administers the ward: it can't watch itself; end that role first",
		            PSTR(s->login)) : rc;
}

static enum rc do_it(struct tx *tx, const struct second_signed *x, const struct second_signer *now,
                     struct fault *f)
{
	const struct second_statement *s = &x->s;
	struct arena *a = tx_arena(tx);
	enum admin_act act = s->what == SECOND_grant ? ACT_role_grant : s->what == SECOND_end ? ACT_role_end
	                   : s->what == SECOND_signer ? ACT_second_signer : ACT_second_definitions;
	struct str subject = s->login, detail = STR_EMPTY;
	enum rc rc = s->what == SECOND_grant || s->what == SECOND_end ? same_account(tx, s, f) : RC_OK;
	if (rc != RC_OK)
		return rc;
	switch (s->what) {
	case SECOND_grant:
		rc = watches_itself(tx, s, f);
		if (rc == RC_OK)
			rc = role_row_add(tx, s->account, ROLE_oversight, s->from, s->until, f);
		/* What those it watches made for the account before, a password, a session or a link, opens nothing. */
		if (rc == RC_OK)
			rc = account_unlock(tx, s->account, f);
		detail = arena_fmt(a, "oversight %.*s – %.*s", PSTR(text_day_iso(a, s->from)),
		                   PSTR(s->until != 0 ? text_day_iso(a, s->until) : STR("…")));
		break;
	case SECOND_end:
		rc = second_end_fits(tx, s, false, f);
		if (rc == RC_OK)
			rc = held_end(tx, HELD_role, s->account, ROLE_oversight, s->until, f);
		detail = arena_fmt(a, "oversight %.*s", PSTR(text_day_iso(a, s->until)));
		break;
	case SECOND_signer:
		rc = signer_add(tx, x, now->n + 1, f);
		subject = s->organisation;
		detail = second_key_text(a, s->key);
		break;
	case SECOND_definitions:
		subject = now->organisation;
		detail = arena_fmt(a, "%zu", s->change_count);
		break;
	case SECOND_unset:
	case SECOND_link:
	case SECOND_COUNT:
		BUG("no statement says this");
	}
	return rc == RC_OK ? admin_log_add(tx, (struct account_id){0}, act, subject, detail, f) : rc;
}

enum rc second_apply(struct tx *tx, const struct second_signed *x, struct fault *f)
{
	struct second_signer now;
	const struct second_statement *s = &x->s;
	if (s->ward_id != tx_ward(tx).v)
		return fault_set(f, RC_NONE, "it is for another ward, or for another server's");
	enum rc rc = second_present(tx, &now, f);
	if (rc == RC_OK)
		rc = signature_good(x, &now, f);
	if (rc == RC_OK)
		rc = still_good(tx, s, f);
	if (rc == RC_OK)
		rc = do_it(tx, x, &now, f);
	/* Who signed: the first signer itself, else who was it until now. */
	return rc == RC_OK ? act_add(tx, s->what, now.n == 0 ? 1 : now.n, s->account, x->text,
	                             str_n((const char *)x->signature, sizeof x->signature),
	                             str_n((const char *)s->nonce, sizeof s->nonce), f) : rc;
}

/* --- reading --- */

enum rc second_acts(struct tx *tx, size_t limit, struct second_act **out, size_t *count, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT " ACT_COLUMNS " FROM second_act a LEFT JOIN second_signer s ON s.ward_id = a.ward_id AND "
		"s.n = a.signer WHERE a.ward_id = ?1 AND (a.what <> ?3 OR a.n = (SELECT MAX(l.n) FROM second_act l WHERE"
		" l.ward_id = ?1 AND l.what = ?3)) ORDER BY a.n DESC LIMIT ?2", "ii", "iiIitT");
	struct rows r;
	struct second_act *list = arena_array(tx_arena(tx), limit, sizeof *list);
	size_t n = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int((int64_t)limit), v_int(SECOND_link)), f);
	while (rc == RC_OK && n < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct second_signed x = {0};
		struct second_act *a = &list[n++];
		*a = (struct second_act){.n = row_int(&r, 0), .what = (enum second_what)row_int(&r, 1),
		                         .day = (int32_t)row_int(&r, 3), .organisation = row_str(&r, 5)};
		/* One that can't be read any more is `xom verify`'s to name; here it says nothing. */
		if (a->what != SECOND_link && second_read(tx_arena(tx), row_str(&r, 4), &x, NULL) == RC_OK)
			a->s = x.s;
		a->first = a->what == SECOND_signer && a->n == 1;
	}
	rows_end(&r);
	*out = list;
	*count = n;
	return rc == RC_NONE ? RC_OK : rc;
}

const struct second_act *second_countersigned(const struct second_act *acts, size_t count,
                                              const struct second_change *c)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; acts[i].what == SECOND_definitions && k < acts[i].s.change_count; k++) {
			const struct second_change *x = &acts[i].s.changes[k];
			if (x->valid_from == c->valid_from && str_eq(x->kind, c->kind) && hash_eq(&x->checksum, &c->checksum))
				return &acts[i];
		}
	return NULL;
}

enum rc second_holds(struct tx *tx, struct account_id who, bool *out, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT count(*) FROM role_held WHERE ward_id = ?1 AND account_id = ?2 AND role = ?3 AND "
		"(until_day IS NULL OR until_day >= ?4)", "iii", "i");
	struct rows r;
	bool demo = false;
	*out = false;
	enum rc rc = ward_is_demo(tx, &demo, f);
	if (rc != RC_OK || demo)
		return rc;
	rc = sql_one(tx, &q, &r, BIND(v_int(who.v), v_int(ROLE_oversight), v_int(day_of(tx_now(tx)))), f);
	if (rc == RC_OK) {
		*out = row_int(&r, 0) > 0;
		rows_end(&r);
	}
	return rc;
}

enum rc second_link_made(struct tx *tx, struct account_id who, struct fault *f)
{
	uint8_t nonce[16];
	random_bytes(nonce, sizeof nonce);
	return act_add(tx, SECOND_link, 0, who, STR_EMPTY, STR_EMPTY, str_n((const char *)nonce, sizeof nonce), f);
}

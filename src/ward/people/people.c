/* Links, passwords, sessions, and who is asking. */
#include "kit/base/log.h"
#include "kit/base/text.h"
#include "ward/people/people_impl.h"

enum rc people_open(struct people **out, struct store *s, struct keys *k, const struct clock *clock,
                    struct fault *f)
{
	(void)k; /* tokens are 256 random bits: their hashes need no key */
	struct people *p = calloc(1, sizeof *p);
	if (p != NULL)
		*p = (struct people){s, clock, password_queue_new()};
	if (p == NULL || p->queue == NULL) {
		free(p);
		return fault_set(f, RC_NOMEM, "no memory for people");
	}
	*out = p;
	return RC_OK;
}

void people_close(struct people *p)
{
	if (p == NULL)
		return;
	password_queue_free(p->queue);
	free(p);
}

/* A token: the ward's id, so that it is found again without asking all wards, and random bytes. */
static struct str token_new(struct arena *a, struct ward_id ward)
{
	uint8_t raw[8 + TOKEN_BYTES];
	for (int i = 0; i < 8; i++)
		raw[i] = (uint8_t)((uint64_t)ward.v >> (8 * i));
	random_bytes(raw + 8, TOKEN_BYTES);
	return base64url_of(a, str_n((const char *)raw, sizeof raw));
}

static bool token_read(struct arena *a, const char *domain, struct str token, struct ward_id *ward,
                       struct hash *hash)
{
	struct str raw;
	if (token.n > 100 || !base64url_parse(a, token, &raw) || raw.n != 8 + TOKEN_BYTES)
		return false;
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v |= (uint64_t)(uint8_t)raw.p[i] << (8 * i);
	ward->v = (int64_t)v;
	*hash = hash_of(NULL, domain, raw);
	return ward->v > 0;
}

/* --- links --- */

struct inviting {
	struct str login;
	struct hash hash;
};

static enum rc invite(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql forget = SQL_WARD(
		"DELETE FROM invite WHERE ward_id = ?1 AND (account_id = ?2 OR expires_at <= ?3)", "ii", "");
	static const struct sql add = SQL_WARD(
		"INSERT INTO invite (ward_id, token_hash, account_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
		"bii", "");
	const struct inviting *x = ctx;
	struct account account;
	enum rc rc = account_by_login(tx, x->login, &account, f);
	if (rc == RC_NONE)
		return fault_set(f, RC_NONE, "no account \"%.*s\"", PSTR(x->login));
	if (rc == RC_OK && account.closed)
		return fault_set(f, RC_DENIED, "the account \"%.*s\" is closed", PSTR(x->login));
	if (rc == RC_OK)
		rc = sql_run(tx, &forget, BIND(v_int(account.id.v), v_int(tx_now(tx))), NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &add, BIND(v_blob(hash_str(&x->hash)), v_int(account.id.v),
		                            v_int(tx_now(tx) + INVITE_LIFE)), NULL, f);
	return rc;
}

enum rc people_invite(struct people *p, struct arena *a, struct ward_id ward, struct str login,
                      struct str *token, struct fault *f)
{
	struct inviting x = {.login = login};
	struct str t = token_new(a, ward);
	if (!token_read(a, "invite", t, &ward, &x.hash))
		BUG("our own token");
	enum rc rc = store_write(p->store, ward, a, invite, &x, f);
	if (rc == RC_OK)
		*token = t;
	return rc;
}

struct invited {
	struct hash hash;
	struct str password; /* hashed; empty: only look */
	struct account account;
};

static enum rc invited_look(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT i.account_id FROM invite i JOIN account a ON a.id = i.account_id WHERE i.ward_id = ?1 AND"
		" i.token_hash = ?2 AND i.expires_at > ?3 AND i.expires_at - ?4 > COALESCE(a.password_at, 0)",
		"bii", "i");
	struct invited *x = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_blob(hash_str(&x->hash)), v_int(tx_now(tx)), v_int(INVITE_LIFE)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_EXPIRED, "the link is used, old or unknown") : rc;
	struct account_id id = {row_int(&r, 0)};
	rows_end(&r);
	rc = account_get(tx, id, &x->account, f);
	return rc == RC_OK && x->account.closed ? fault_set(f, RC_EXPIRED, "the account is closed") : rc;
}

static enum rc invited_set(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql set = SQL_GLOBAL(
		"UPDATE account SET password = ?2, password_at = ?3 WHERE id = ?1", "iti", "");
	static const struct sql used = SQL_WARD(
		"DELETE FROM invite WHERE ward_id = ?1 AND account_id = ?2", "i", "");
	static const struct sql leave = SQL_WARD(
		"DELETE FROM session WHERE ward_id = ?1 AND account_id = ?2", "i", "");
	struct invited *x = ctx;
	enum rc rc = invited_look(tx, ctx, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &set, BIND(v_int(x->account.id.v), v_text(x->password), v_int(tx_now(tx))),
		             NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &used, BIND(v_int(x->account.id.v)), NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &leave, BIND(v_int(x->account.id.v)), NULL, f);
	return rc;
}

enum rc people_invite_account(struct people *p, struct arena *a, struct ward_id ward,
                              struct str token, struct account *out, struct fault *f)
{
	struct invited x = {0};
	struct ward_id of;
	if (!token_read(a, "invite", token, &of, &x.hash) || of.v != ward.v)
		return fault_set(f, RC_EXPIRED, "not the token of a link");
	enum rc rc = store_read(p->store, ward, a, invited_look, &x, f);
	if (rc == RC_OK)
		*out = x.account;
	return rc;
}

enum rc people_set_password(struct people *p, struct arena *a, struct ward_id ward,
                            struct str token, struct str password, struct fault *f)
{
	struct invited x = {0};
	struct ward_id of;
	if (!token_read(a, "invite", token, &of, &x.hash) || of.v != ward.v)
		return fault_set(f, RC_EXPIRED, "not the token of a link");
	enum rc rc = store_read(p->store, ward, a, invited_look, &x, f);
	if (rc == RC_OK)
		rc = password_good(a, password, x.account.login, f);
	if (rc == RC_OK)
		rc = password_hash(p->queue, a, password, &x.password, f);
	if (rc == RC_OK) /* looks again: of two who use the link at once, one wins */
		rc = store_write(p->store, ward, a, invited_set, &x, f);
	return rc;
}

/* --- signing in --- */

struct signing {
	struct str login, stored, device;
	struct account_id account;
	struct hash hash;
};

static enum rc find_password(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT id, password FROM account WHERE login = ?1 AND closed_at IS NULL", "t", "iT");
	struct signing *x = ctx;
	struct rows r;
	uint32_t roles = 0;
	enum rc rc = sql_one(tx, &q, &r, BIND(v_text(x->login)), f);
	if (rc == RC_NONE)
		return RC_OK; /* stored stays empty: nobody's */
	if (rc != RC_OK)
		return rc;
	x->account.v = row_int(&r, 0);
	struct str stored = row_str(&r, 1);
	rows_end(&r);
	rc = roles_on(tx, x->account, day_of(tx_now(tx)), &roles, f);
	if (rc == RC_OK && roles != 0)
		x->stored = stored;
	return rc;
}

static enum rc begin_session(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql sweep = SQL_WARD(
		"DELETE FROM session WHERE ward_id = ?1 AND (began_at <= ?2 OR used_at <= ?3)", "ii", "");
	static const struct sql add = SQL_WARD(
		"INSERT INTO session (ward_id, token_hash, id, account_id, device, began_at, used_at) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)", "biiti", "");
	static const struct sql used = SQL_GLOBAL("UPDATE account SET used_day = ?2 WHERE id = ?1", "ii", "");
	const struct signing *x = ctx;
	int64_t now = tx_now(tx);
	enum rc rc = sql_run(tx, &sweep, BIND(v_int(now - SESSION_LIFE), v_int(now - SESSION_IDLE)),
	                     NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &add, BIND(v_blob(hash_str(&x->hash)), v_int(new_id()),
		                            v_int(x->account.v), v_text(x->device), v_int(now)), NULL, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &used, BIND(v_int(x->account.v), v_int(day_of(now))), NULL, f);
	return rc;
}

enum rc people_sign_in(struct people *p, struct arena *a, struct ward_id ward, struct str login,
                       struct str password, struct str device, struct str *session_token,
                       struct fault *f)
{
	/* A login that can't be one is looked for as "": nobody's, with the same work. */
	struct signing x = {.login = slug_ok(login) ? login : STR_EMPTY};
	if (text_clean(a, device, TEXT_LINE, DEVICE_CHARS, &x.device) != RC_OK)
		x.device = STR_EMPTY;
	enum rc rc = store_read(p->store, ward, a, find_password, &x, f);
	if (rc == RC_OK)
		rc = password_check(p->queue, a, x.stored, password, f);
	if (rc != RC_OK)
		return rc;
	struct str token = token_new(a, ward);
	if (!token_read(a, "session", token, &ward, &x.hash))
		BUG("our own token");
	rc = store_write(p->store, ward, a, begin_session, &x, f);
	if (rc == RC_OK)
		*session_token = token;
	return rc;
}

static enum rc leave(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"DELETE FROM session WHERE ward_id = ?1 AND token_hash = ?2", "b", "");
	const struct hash *hash = ctx;
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &q, BIND(v_blob(hash_str(hash))), &changed, f);
	return rc == RC_OK && changed == 0 ? RC_NONE : rc;
}

enum rc people_sign_out(struct people *p, struct arena *a, struct ward_id ward,
                        struct str session_token, struct fault *f)
{
	struct ward_id of;
	struct hash hash;
	if (!token_read(a, "session", session_token, &of, &hash) || of.v != ward.v)
		return RC_NONE;
	return store_write(p->store, ward, a, leave, &hash, f);
}

/* --- sessions --- */

enum rc session_list(struct tx *tx, const struct actor *who, struct session_info **out,
                     size_t *count, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT s.id, s.began_at, s.used_at, s.device, s.token_hash FROM session s "
		"JOIN account a ON a.id = s.account_id WHERE s.ward_id = ?1 AND s.account_id = ?2 AND "
		"s.began_at > ?3 AND s.used_at > ?4 AND s.began_at > COALESCE(a.password_at, 0) "
		"ORDER BY s.began_at DESC, s.id DESC LIMIT 100", "iii", "iiitb");
	enum { MAX = 100 };
	struct rows r;
	struct hash hash, own;
	size_t n = 0;
	int64_t now = tx_now(tx);
	struct session_info *list = arena_array(tx_arena(tx), MAX, sizeof *list);
	memcpy(own.b, who->session.session, HASH_SIZE);
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(who->account.v), v_int(now - SESSION_LIFE),
	                                       v_int(now - SESSION_IDLE)), f);
	while (rc == RC_OK && n < MAX && (rc = rows_next(&r, f)) == RC_OK)
		list[n++] = (struct session_info){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2),
		                                  row_str(&r, 3),
		                                  hash_from(row_str(&r, 4), &hash) && hash_eq(&hash, &own)};
	rows_end(&r);
	*out = list;
	*count = n;
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc session_end(struct tx *tx, const struct actor *who, int64_t id, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"DELETE FROM session WHERE ward_id = ?1 AND account_id = ?2 AND id = ?3", "ii", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &q, BIND(v_int(who->account.v), v_int(id)), &changed, f);
	return rc == RC_OK && changed == 0 ? fault_set(f, RC_NONE, "no such session of one's own") : rc;
}

/* --- who is asking --- */

struct asking {
	struct hash hash;
	struct actor actor;
	int64_t used_at;
};

/* What the account may today. RC_NONE: the last role has ended, nobody, as at sign-in. */
static enum rc actor_fill(struct tx *tx, struct actor *a, int64_t now, struct fault *f)
{
	enum rc rc = roles_on(tx, a->account, day_of(now), &a->roles, f);
	if (rc == RC_OK)
		rc = units_on(tx, a->account, day_of(now), a, f);
	if (rc == RC_LIMIT)            /* by the first few they would silently see less than they should */
		return fault_set(f, RC_FAIL, "the account %lld is in more than %d units today: end some (xom doctor)",
		                 (long long)a->account.v, ACTOR_UNITS);
	if (rc == RC_OK && a->roles == 0)
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = offices_on(tx, a, f);
	a->perms = people_perms(a->roles);
	if (rc == RC_OK && actor_may(a, PERM_area_read))
		rc = areas_on(tx, a, day_of(now), f);
	if (a->heads != 0)
		a->perms |= people_head_perms(a->perms);
	a->sights = people_sights(a->roles);
	return rc;
}

enum rc actor_of(struct tx *tx, struct account_id who, struct actor *out, struct fault *f)
{
	struct account account;
	enum rc rc = account_get(tx, who, &account, f);
	if (rc != RC_OK)
		return rc;
	*out = (struct actor){.account = who, .ward = tx_ward(tx), .name = account.name};
	return account.closed ? RC_NONE : actor_fill(tx, out, tx_now(tx), f);
}

static enum rc find_actor(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT a.id, a.name, s.used_at FROM session s JOIN account a ON a.id = s.account_id "
		"WHERE s.ward_id = ?1 AND s.token_hash = ?2 AND s.began_at > ?3 AND s.used_at > ?4 AND "
		"a.closed_at IS NULL AND s.began_at > COALESCE(a.password_at, 0)", "bii", "iti");
	struct asking *x = ctx;
	struct rows r;
	int64_t now = tx_now(tx);
	enum rc rc = sql_one(tx, &q, &r, BIND(v_blob(hash_str(&x->hash)), v_int(now - SESSION_LIFE),
	                                      v_int(now - SESSION_IDLE)), f);
	if (rc != RC_OK)
		return rc;
	struct actor actor = {.account = {row_int(&r, 0)}, .ward = tx_ward(tx), .name = row_str(&r, 1)};
	x->used_at = row_int(&r, 2);
	rows_end(&r);
	rc = actor_fill(tx, &actor, now, f);
	if (rc != RC_OK)
		return rc;
	memcpy(actor.session.session, x->hash.b, HASH_SIZE);
	x->actor = actor;
	return RC_OK;
}

static enum rc touch(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"UPDATE session SET used_at = ?3 WHERE ward_id = ?1 AND token_hash = ?2 AND used_at < ?3", "bi",
		"");
	const struct asking *x = ctx;
	return sql_run(tx, &q, BIND(v_blob(hash_str(&x->hash)), v_int(tx_now(tx))), NULL, f);
}

enum rc people_actor(struct people *p, struct request *q, struct fault *f)
{
	struct asking x = {0};
	struct ward_id ward;
	q->actor = (struct actor){0};
	struct str token = request_cookie(q, "session");
	if (q->ward == NULL || token.n == 0 ||
	    !token_read(q->arena, "session", token, &ward, &x.hash) || ward.v != q->ward->id.v)
		return RC_OK;
	enum rc rc = store_read(p->store, ward, q->arena, find_actor, &x, f);
	if (rc == RC_NONE)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	q->actor = x.actor;
	if (clock_now(p->clock) - x.used_at > SESSION_TOUCH) {
		struct fault why = {0};
		if (store_write(p->store, ward, q->arena, touch, &x, &why) != RC_OK)
			log_fault("people", "noting the use of a session", &why); /* the page is served */
	}
	return RC_OK;
}

#include "ward/flow/receipt_session.h"

#include "ward/flow/flow.h"

#define COOKIE "receipt"
enum { GOOD_FOR_S = 30 * 60 };

static struct str about(const struct request *q)
{
	return arena_fmt(q->arena, "receipt session of ward %lld", (long long)q->ward->id.v);
}

enum rc receipt_session_begin(struct request *q, struct reply *r, struct keys *k, struct case_id c,
                              struct fault *f)
{
	struct key key;
	int number;
	enum rc rc = keys_current(k, "form", &number, &key, f);
	if (rc != RC_OK)
		return rc;
	struct str plain = arena_fmt(q->arena, "%lld %lld", (long long)c.v, (long long)q->now);
	struct str sealed = seal_field(q->arena, &key, about(q), plain);
	reply_cookie(q, r, COOKIE, arena_fmt(q->arena, "%d.%.*s", number, PSTR(sealed)), 0);
	return RC_OK;
}

void receipt_session_end(struct request *q, struct reply *r)
{
	reply_cookie(q, r, COOKIE, STR_EMPTY, -1);
}

struct replaced {
	struct case_id id;
	int64_t at;
};

static enum rc find_replaced(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q_GONE = SQL_WARD(
		"SELECT COUNT(*) FROM ward_case WHERE ward_id = ?1 AND id = ?2 AND gone_day IS NOT NULL", "i", "i");
	struct replaced *k = ctx;
	struct rows r;
	enum rc rc = receipt_replaced_at(tx, k->id, &k->at, f);
	if (rc == RC_OK)
		rc = sql_one(tx, &Q_GONE, &r, BIND(v_int(k->id.v)), f);
	if (rc != RC_OK)
		return rc;
	bool gone = row_int(&r, 0) > 0;
	rows_end(&r);
	return gone ? RC_ERASED : RC_OK;
}

enum rc receipt_session_case(const struct request *q, struct keys *k, struct case_id *out,
                             struct fault *f)
{
	struct str sealed = request_cookie(q, COOKIE);
	struct str digits = str_cut(&sealed, '.');
	int64_t number, id, at;
	if (!str_i64(digits, &number) || number < 1 || number > INT32_MAX)
		return RC_NONE;
	struct key key;
	struct str plain;
	if (keys_find(k, "form", (int)number, &key, f) != RC_OK ||
	    open_field(q->arena, &key, about(q), sealed, &plain) != RC_OK)
		return RC_NONE;
	struct str first = str_cut(&plain, ' ');
	if (!str_i64(first, &id) || !str_i64(plain, &at) || q->now < at ||
	    q->now - at > GOOD_FOR_S * US_SECOND)
		return RC_NONE;
	/* Replaced at the counter since: whoever opened it before has it open no more. */
	struct replaced then = {.id = {id}};
	enum rc rc = q->app == NULL ? RC_OK : store_read(app_flow(q->app)->store, q->ward->id, q->arena,
	                                                 find_replaced, &then, f);
	if (rc == RC_OK && q->app != NULL && at <= then.at)
		rc = RC_NONE;
	if (rc == RC_OK)
		*out = then.id;
	return rc;
}

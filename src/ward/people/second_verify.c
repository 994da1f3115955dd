/* Does what stands in the tables follow from what the second organisation signed (second.h)? */
#include <string.h>

#include "kit/base/text.h"
#include "ward/people/people_impl.h"
#include "ward/people/second.h"

enum { MOST = 10000, SIGNERS_MOST = 1000 };

struct days_held {
	struct account_id who;
	int32_t from, until;          /* until 0: open */
	bool seen;
};
struct proving {
	struct second_signer *signers;
	size_t signer_count;
	struct days_held *held;       /* what follows from the signed acts */
	size_t held_count;
	struct hash prev;             /* of the act before */
	int64_t signer_now;           /* which signer's key an act must have */
	second_say_fn *say;
	void *ctx;
	int64_t acts, faults;
};

static void fault_line(struct tx *tx, struct proving *p, int64_t n, const char *what)
{
	p->faults++;
	if (p->say != NULL)
		p->say(p->ctx, arena_fmt(tx_arena(tx), "act %lld of the second organisation: %s", (long long)n, what).p);
}

static enum rc read_signers(struct tx *tx, struct proving *p, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT n, public_key, organisation, from_day FROM second_signer WHERE ward_id = ?1 ORDER BY n LIMIT ?2", "i",
		"ibti");
	struct rows r;
	p->signers = arena_array(tx_arena(tx), SIGNERS_MOST, sizeof *p->signers);
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(SIGNERS_MOST)), f);
	while (rc == RC_OK && p->signer_count < SIGNERS_MOST && (rc = rows_next(&r, f)) == RC_OK) {
		struct second_signer *s = &p->signers[p->signer_count++];
		struct str key = row_str(&r, 1);
		*s = (struct second_signer){.n = row_int(&r, 0), .organisation = row_str(&r, 2), .from_day = (int32_t)row_int(&r, 3)};
		if (key.n == sizeof s->key)
			memcpy(s->key, key.p, sizeof s->key);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The key with which an act must be signed: the one of the signer before it, of the first its own. */
static const uint8_t *key_then(const struct proving *p, const struct second_statement *s)
{
	if (s->what == SECOND_signer && p->signer_now == 0)
		return s->key;
	for (size_t i = 0; i < p->signer_count; i++)
		if (p->signers[i].n == p->signer_now)
			return p->signers[i].key;
	return NULL;
}

/* Is the signer that stands there the one that this act entered? */
static bool entered(struct proving *p, const struct second_statement *s, int32_t day)
{
	if (++p->signer_now > (int64_t)p->signer_count)
		return false;
	const struct second_signer *there = &p->signers[p->signer_now - 1];
	return there->n == p->signer_now && memcmp(there->key, s->key, sizeof s->key) == 0 &&
	       str_eq(there->organisation, s->organisation) && there->from_day == day;
}

static void take(struct proving *p, const struct second_statement *s)
{
	if (s->what == SECOND_grant && p->held_count < MOST)
		p->held[p->held_count++] = (struct days_held){s->account, s->from, s->until, false};
	for (size_t i = 0; s->what == SECOND_end && i < p->held_count; i++) {
		struct days_held *h = &p->held[i];
		if (h->who.v != s->account.v)
			continue;
		if (h->from > s->until)
			*h = p->held[--p->held_count], i--;
		else if (h->until == 0 || h->until > s->until)
			h->until = s->until;
	}
}

/* What is wrong with what was signed; NULL: nothing. What follows from it is taken. */
static const char *prove_signed(struct tx *tx, struct proving *p, const struct second_row *a)
{
	struct second_signed x;
	if (second_read(tx_arena(tx), a->statement, &x, NULL) != RC_OK || (int64_t)x.s.what != a->what ||
	    x.s.ward_id != tx_ward(tx).v || x.s.account.v != a->account)
		return "its statement was changed";
	const uint8_t *key = key_then(p, &x.s);
	if (key == NULL || a->signature.n != 64 || !second_fits(x.text, key, (const uint8_t *)a->signature.p))
		return "the signature is not that of the second organisation";
	take(p, &x.s);
	return x.s.what != SECOND_signer || entered(p, &x.s, a->day)
	               ? NULL : "the signer that it entered is not the one that stands there";
}

/* One fault an act: what was signed before what chains it. */
static void prove_act(struct tx *tx, struct proving *p, const struct second_row *a, struct str hash)
{
	struct hash h = second_row_hash(tx_ward(tx), a, &p->prev), stored = {{0}};
	bool chained = hash_from(hash, &stored) && hash_eq(&h, &stored), follows = a->n == p->acts + 1;
	const char *wrong = a->what != SECOND_link ? prove_signed(tx, p, a) : NULL;
	if (!follows)
		fault_line(tx, p, a->n, "one before it is missing");
	if (wrong != NULL)
		fault_line(tx, p, a->n, wrong);
	else if (!chained && follows)
		fault_line(tx, p, a->n, "it is not what was written");
	p->acts = a->n;
	p->prev = stored;
}

static enum rc prove_acts(struct tx *tx, struct proving *p, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT n, what, signer, account_id, day, statement, signature, nonce, hash FROM second_act WHERE ward_id = ?1 "
		"ORDER BY n LIMIT ?2", "i", "iiIIitbbb");
	struct rows r;
	int64_t rows = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(MOST)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		const struct second_row a = {
			.n = row_int(&r, 0), .what = row_int(&r, 1), .signer = row_int(&r, 2), .account = row_int(&r, 3),
			.day = (int32_t)row_int(&r, 4), .statement = row_str(&r, 5), .signature = row_str(&r, 6),
			.nonce = row_str(&r, 7),
		};
		prove_act(tx, p, &a, row_str(&r, 8));
		rows++;
	}
	rows_end(&r);
	if (rc == RC_NONE && rows == MOST)
		fault_line(tx, p, p->acts, "there are so many that what comes after it is not proved");
	if (rc == RC_NONE && p->signer_now != (int64_t)p->signer_count)
		fault_line(tx, p, p->acts, "there are signers whom no statement entered");
	return rc == RC_NONE ? RC_OK : rc;
}

/* Every row of the role has its grant, every grant its row. */
static enum rc prove_rows(struct tx *tx, struct proving *p, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT h.account_id, h.from_day, h.until_day, a.login FROM role_held h JOIN account a ON a.id = h.account_id "
		"WHERE h.ward_id = ?1 AND h.role = ?2 ORDER BY h.account_id, h.from_day", "i", "iiIt");
	struct rows r;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_int(ROLE_oversight)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		size_t i = 0;
		while (i < p->held_count && (p->held[i].seen || p->held[i].who.v != row_int(&r, 0) ||
		                             p->held[i].from != row_int(&r, 1) || p->held[i].until != row_int(&r, 2)))
			i++;
		if (i < p->held_count) {
			p->held[i].seen = true;
			continue;
		}
		p->faults++;
		if (p->say != NULL)
			p->say(p->ctx, arena_fmt(tx_arena(tx), "oversight of %.*s from %.*s was not granted so by the second "
			       "organisation's signature", PSTR(row_str(&r, 3)),
			       PSTR(text_day_iso(tx_arena(tx), (int32_t)row_int(&r, 1)))).p);
	}
	rows_end(&r);
	for (size_t i = 0; rc == RC_NONE && i < p->held_count; i++)
		if (!p->held[i].seen) {
			p->faults++;
			if (p->say != NULL)
				p->say(p->ctx, arena_fmt(tx_arena(tx), "oversight that the second organisation granted from %.*s "
				       "was ended without its signature",
				       PSTR(text_day_iso(tx_arena(tx), p->held[i].from))).p);
		}
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc second_verify(struct tx *tx, second_say_fn *say, void *ctx, int64_t *acts, int64_t *faults,
                      struct fault *f)
{
	struct proving p = {.say = say, .ctx = ctx, .held = arena_array(tx_arena(tx), MOST, sizeof *p.held)};
	bool demo = false;
	enum rc rc = ward_is_demo(tx, &demo, f);
	if (rc == RC_OK)
		rc = read_signers(tx, &p, f);
	if (rc == RC_OK)
		rc = prove_acts(tx, &p, f);
	if (rc == RC_OK && !demo)
		rc = prove_rows(tx, &p, f);
	*acts = p.acts;
	*faults = p.faults;
	return rc;
}

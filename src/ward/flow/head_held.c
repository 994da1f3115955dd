/* Daily heads that others hold: read, told, compared with what the database has now. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/heads.h"

static enum rc read_head(struct rows *r, struct ward_head *out, struct fault *f)
{
	struct str key = row_str(r, 2), signature = row_str(r, 3);
	out->day = (int32_t)row_int(r, 0);
	if (!hash_from(row_str(r, 1), &out->digest) || key.n != sizeof out->public_key ||
	    signature.n != sizeof out->signature)
		return fault_set(f, RC_CORRUPT, "a daily head is not one");
	memcpy(out->public_key, key.p, key.n);
	memcpy(out->signature, signature.p, signature.n);
	return RC_OK;
}

enum rc head_list(struct tx *tx, int32_t from, int32_t to, size_t max, struct ward_head **out, size_t *count,
                  struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day, digest, public_key, signature FROM head WHERE ward_id = ?1 AND day >= ?2 AND day <= ?3"
		" ORDER BY day LIMIT ?4",
		"iii", "ibbb");
	struct rows r;
	*out = arena_array(tx_arena(tx), max, sizeof **out);
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to), v_int((int64_t)max)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK)
		rc = read_head(&r, &(*out)[(*count)++], f);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc head_last(struct tx *tx, struct ward_head *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT day, digest, public_key, signature FROM head WHERE ward_id = ?1 ORDER BY day DESC LIMIT 1", "",
		"ibbb");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	rc = read_head(&r, out, f);
	rows_end(&r);
	return rc;
}

enum rc ward_sign(const struct flow *w, struct ward_id ward, const struct hash *h, struct ward_signature *out,
                  struct fault *f)
{
	char name[32];
	struct key seed;
	struct sign_key sign;
	enum rc rc = keys_current(w->keys, head_key_name(ward, name), &out->key_no, &seed, f);
	if (rc != RC_OK)
		return rc;
	sign_key_from_seed(&sign, &seed);
	memcpy(out->public_key, sign.public, sizeof out->public_key);
	sign_hash(&sign, h, out->signature);
	return RC_OK;
}

bool hex_read(struct str hex, uint8_t *out, size_t n)
{
	if (hex.n != 2 * n)
		return false;
	for (size_t i = 0; i < hex.n; i++) {
		char c = hex.p[i];
		int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
		if (v < 0)
			return false;
		out[i / 2] = (uint8_t)(i % 2 == 0 ? v << 4 : out[i / 2] | v);
	}
	return true;
}

struct str head_line(struct arena *a, const struct ward_head *h)
{
	return arena_fmt(a, "%s %s %s %s", text_day_iso(a, h->day).p, hex_of(a, hash_str(&h->digest)).p,
	                 hex_of(a, str_n((const char *)h->public_key, sizeof h->public_key)).p,
	                 hex_of(a, str_n((const char *)h->signature, sizeof h->signature)).p);
}

/* The next word of a line; blanks and tabs part them, as mail programs do. */
static struct str word(struct str *rest)
{
	size_t from = 0, to;
	while (from < rest->n && (rest->p[from] == ' ' || rest->p[from] == '\t' || rest->p[from] == '\r'))
		from++;
	for (to = from; to < rest->n && rest->p[to] != ' ' && rest->p[to] != '\t' && rest->p[to] != '\r'; to++)
		;
	struct str out = str_sub(*rest, from, to - from);
	*rest = str_sub(*rest, to, rest->n);
	return out;
}

/* *other: it is a head, of another ward. */
static bool read_line(struct str line, struct str ward, struct held_head *out, bool *other)
{
	struct str first = word(&line);
	*other = false;
	if (!day_parse(first, &out->head.day)) {
		*other = !str_eq(first, ward);
		first = word(&line);
		if (!day_parse(first, &out->head.day))
			return false;
	}
	struct str digest = word(&line), key = word(&line), signature = word(&line);
	if (!hex_read(digest, out->head.digest.b, sizeof out->head.digest.b) || word(&line).n > 0)
		return false;
	out->is_signed = key.n > 0;
	return !out->is_signed || (hex_read(key, out->head.public_key, sizeof out->head.public_key) &&
	                           hex_read(signature, out->head.signature, sizeof out->head.signature));
}

/* A mail's other words: a line in which nothing is like a digest. */
static bool is_remark(struct str line)
{
	enum { LIKE_A_DIGEST = 40 };
	size_t run = 0;
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
		run = hex ? run + 1 : 0;
		if (run >= LIKE_A_DIGEST)
			return false;
	}
	return true;
}

enum rc heads_held_read(struct arena *a, struct str file, struct str ward, struct held_head **out,
                        size_t *count, struct fault *f)
{
	size_t room = 1;
	for (size_t i = 0; i < file.n; i++)
		room += file.p[i] == '\n';
	*count = 0;
	if (room > HELD_MOST)
		return fault_set(f, RC_TOO_BIG, "more than %d lines", HELD_MOST);
	*out = arena_array(a, room, sizeof **out);
	for (int line = 1; file.n > 0; line++) {
		struct str one = str_trim(str_cut(&file, '\n'));
		struct held_head *h = &(*out)[*count];
		bool other;
		if (is_remark(one))
			continue;
		if (!read_line(one, ward, h, &other))
			return fault_set(f, RC_SYNTAX, "line %d is no daily head (DAY DIGEST, or DAY DIGEST KEY SIGNATURE)",
			                 line);
		if (h->is_signed && !sign_verify(h->head.public_key, &h->head.digest, h->head.signature))
			return fault_set(f, RC_DENIED, "line %d: the signature of the head of %s is wrong: this line is not "
			                 "what the ward signed", line, text_day_iso(a, h->head.day).p);
		h->line = line;
		*count += !other;
	}
	return *count > 0 ? RC_OK : fault_set(f, RC_SYNTAX, "there is no daily head of the ward %.*s in it", PSTR(ward));
}

/* ---------------------------------------------------------------- against the database */

struct comparing {
	const struct flow *w;
	const struct held_head *held;
	size_t count, at;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	int64_t faults;
};

static void fault_line(struct comparing *k, struct arena *a, const struct held_head *h, const char *what)
{
	k->faults++;
	k->say(k->ctx, arena_fmt(a, "the head of %s that was kept outside (line %d): %s", text_day_iso(a, h->head.day).p,
	                         h->line, what).p);
}

/* Was the key ever one of the ward's own? */
static bool own_key(const struct flow *w, struct ward_id ward, const uint8_t public_key[32])
{
	char name[32];
	struct key seed;
	int now;
	struct fault f = {0};
	if (keys_current(w->keys, head_key_name(ward, name), &now, &seed, &f) != RC_OK)
		return false;
	for (int n = now; n > 0; n--) {
		struct sign_key sign;
		if (keys_find(w->keys, name, n, &seed, &f) != RC_OK)
			continue;
		sign_key_from_seed(&sign, &seed);
		if (memcmp(sign.public, public_key, sizeof sign.public) == 0)
			return true;
	}
	return false;
}

enum { SLICE = 200 };

static enum rc compare_slice(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT digest FROM head WHERE ward_id = ?1 AND day = ?2", "i", "b");
	struct comparing *k = ctx;
	size_t end = k->at + SLICE < k->count ? k->at + SLICE : k->count;
	for (; k->at < end; k->at++) {
		const struct held_head *h = &k->held[k->at];
		struct hash there;
		struct rows r;
		enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(h->head.day)), f);
		if (rc < RC_OK)
			return rc;
		bool found = rc == RC_OK, same = false;
		if (found) {
			same = hash_from(row_str(&r, 0), &there) && hash_eq(&there, &h->head.digest);
			rows_end(&r);
		}
		if (!found)
			fault_line(k, tx_arena(tx), h, "the database has no head of that day any more");
		else if (!same)
			fault_line(k, tx_arena(tx), h, "the database has another one: what happened up to that day was written anew");
		if (h->is_signed && !own_key(k->w, tx_ward(tx), h->head.public_key))
			fault_line(k, tx_arena(tx), h, "it is signed by a key that this ward never had");
	}
	return RC_OK;
}

enum rc heads_held_verify(const struct flow *w, struct ward_id ward, const struct held_head *held, size_t count,
                          void (*say)(void *ctx, const char *line), void *ctx, int64_t *faults,
                          struct fault *f)
{
	struct comparing k = {.w = w, .held = held, .count = count, .say = say, .ctx = ctx};
	struct arena a;
	enum rc rc = RC_OK;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	while (rc == RC_OK && k.at < count) {
		arena_reset(&a);
		rc = store_read(w->store, ward, &a, compare_slice, &k, f);
	}
	arena_release(&a);
	*faults = k.faults;
	return rc;
}

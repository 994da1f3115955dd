/* The paper between the ward and the second organisation (second.h): statements, keys, signatures. */
#include "kit/base/text.h"
#include "ward/people/people_impl.h"
#include "ward/people/second.h"

enum { STATEMENT_MOST = 16 << 10, CHECK_BYTES = 4 };
#define FIRST_LINE "xom oversight statement 1"
#define SECRET_LINE "xom oversight secret key 1"

static const char *const NAMES[SECOND_COUNT] = {
	[SECOND_unset] = "", [SECOND_grant] = "grant", [SECOND_end] = "end", [SECOND_signer] = "signer",
	[SECOND_definitions] = "definitions", [SECOND_link] = "link",
};

const char *second_what_name(enum second_what w) { return w > SECOND_unset && w < SECOND_COUNT ? NAMES[w] : ""; }

/* --- hex --- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(struct str text, uint8_t *out, size_t n)
{
	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static struct str hex(struct arena *a, const uint8_t *bytes, size_t n)
{
	return hex_of(a, str_n((const char *)bytes, n));
}

/* --- keys --- */

static struct hash key_check(const uint8_t key[32])
{
	return hash_of(NULL, "xom oversight key 1", str_n((const char *)key, 32));
}

struct str second_key_text(struct arena *a, const uint8_t key[32])
{
	struct hash check = key_check(key);
	return arena_fmt(a, "%.*s%.*s", PSTR(hex(a, key, 32)), PSTR(hex(a, check.b, CHECK_BYTES)));
}

bool second_key_parse(struct str text, uint8_t key[32])
{
	uint8_t both[32 + CHECK_BYTES];
	if (!unhex(text, both, sizeof both))
		return false;
	struct hash check = key_check(both);
	for (size_t i = 0; i < CHECK_BYTES; i++)
		if (both[32 + i] != check.b[i])
			return false;
	for (size_t i = 0; i < 32; i++)
		key[i] = both[i];
	return true;
}

struct str second_secret_text(struct arena *a, const struct key *seed)
{
	return arena_fmt(a, SECRET_LINE "\n%.*s\n", PSTR(hex(a, seed->b, KEY_SIZE)));
}

bool second_secret_parse(struct arena *a, struct str text, struct key *seed)
{
	struct str rest = text;
	bool first = str_is(str_cut(&rest, '\n'), SECRET_LINE);
	return first && unhex(str_cut(&rest, '\n'), seed->b, KEY_SIZE) &&
	       str_eq(text, second_secret_text(a, seed));
}

/* --- statements --- */

static struct str last_day(struct arena *a, int32_t day)
{
	return day != 0 ? text_day_iso(a, day) : STR("-");
}

struct str second_write(struct arena *a, const struct second_statement *s)
{
	struct buf b = {.max = STATEMENT_MOST};
	buf_addf(&b, FIRST_LINE "\nwhat: %s\nward: %.*s\nward-id: %lld\n", second_what_name(s->what),
	         PSTR(s->ward), (long long)s->ward_id);
	if (s->what == SECOND_grant || s->what == SECOND_end)
		buf_addf(&b, "account: %.*s\naccount-id: %lld\nname: %.*s\n", PSTR(s->login),
		         (long long)s->account.v, PSTR(s->name));
	if (s->what == SECOND_grant)
		buf_addf(&b, "from: %.*s\n", PSTR(text_day_iso(a, s->from)));
	if (s->what == SECOND_grant || s->what == SECOND_end)
		buf_addf(&b, "last-day: %.*s\n", PSTR(last_day(a, s->until)));
	if (s->what == SECOND_signer)
		buf_addf(&b, "organisation: %.*s\nnew-key: %.*s\n", PSTR(s->organisation),
		         PSTR(second_key_text(a, s->key)));
	for (size_t i = 0; i < s->change_count; i++)
		buf_addf(&b, "change: %.*s %.*s %.*s\n", PSTR(s->changes[i].kind),
		         PSTR(text_day_iso(a, s->changes[i].valid_from)),
		         PSTR(hex_of(a, hash_str(&s->changes[i].checksum))));
	buf_addf(&b, "asked: %.*s\nnonce: %.*s\n", PSTR(text_day_iso(a, s->asked)),
	         PSTR(hex(a, s->nonce, sizeof s->nonce)));
	struct str out = b.failed ? STR_EMPTY : arena_copy(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* The value of the next line, which must be of that name. */
/* No sign that a terminal obeys (C0, DEL, C1), that has no width (U+200B–F, U+FEFF), breaks the line (U+2028–9) or turns
 * the order of reading round (U+202A–E, U+2066–9): what is read is what is signed. Of valid UTF-8. */
static bool shows_itself(struct str v)
{
	for (size_t i = 0; i < v.n; i++) {
		const uint8_t *c = (const uint8_t *)v.p + i;
		size_t left = v.n - i;
		if (c[0] < 0x20 || c[0] == 0x7F || (left > 1 && c[0] == 0xC2 && c[1] < 0xA0))
			return false;
		if (left > 2 && c[0] == 0xE2 && ((c[1] == 0x80 && ((c[2] >= 0x8B && c[2] <= 0x8F) || (c[2] >= 0xA8 && c[2] <= 0xAE))) ||
		                                 (c[1] == 0x81 && c[2] >= 0xA0 && c[2] <= 0xAF)))
			return false;
		if (left > 2 && c[0] == 0xEF && c[1] == 0xBB && c[2] == 0xBF)
			return false;
	}
	return true;
}

static bool line(struct str *rest, const char *name, struct str *out)
{
	struct str l = str_cut(rest, '\n');
	struct str head = str_of(name);
	if (!str_starts(l, head) || !str_starts(str_sub(l, head.n, l.n), STR(": ")))
		return false;
	*out = str_sub(l, head.n + 2, l.n);
	return shows_itself(*out);
}

static bool number(struct str *rest, const char *name, int64_t *out)
{
	struct str v;
	return line(rest, name, &v) && str_i64(v, out) && *out > 0;
}

static bool day(struct str *rest, const char *name, bool open, int32_t *out)
{
	struct str v;
	*out = 0;
	return line(rest, name, &v) && ((open && str_is(v, "-")) || day_parse(v, out));
}

static bool read_changes(struct arena *a, struct str *rest, struct second_statement *s)
{
	s->changes = arena_array(a, SECOND_CHANGES, sizeof *s->changes);
	while (str_starts(*rest, STR("change: ")) && s->change_count < SECOND_CHANGES) {
		struct second_change *c = &s->changes[s->change_count++];
		struct str v;
		if (!line(rest, "change", &v))
			return false;
		c->kind = str_cut(&v, ' ');
		if (!day_parse(str_cut(&v, ' '), &c->valid_from) || !unhex(v, c->checksum.b, HASH_SIZE))
			return false;
	}
	return s->change_count > 0;
}

static bool read_body(struct arena *a, struct str *rest, struct second_statement *s)
{
	struct str v;
	bool who = s->what == SECOND_grant || s->what == SECOND_end;
	if (who && (!line(rest, "account", &s->login) || !number(rest, "account-id", &s->account.v) ||
	            !line(rest, "name", &s->name)))
		return false;
	if (s->what == SECOND_grant && !day(rest, "from", false, &s->from))
		return false;
	if (who)
		return day(rest, "last-day", s->what == SECOND_grant, &s->until);
	if (s->what == SECOND_signer)
		return line(rest, "organisation", &s->organisation) && s->organisation.n > 0 &&
		       line(rest, "new-key", &v) && second_key_parse(v, s->key);
	return s->what == SECOND_definitions && read_changes(a, rest, s);
}

static bool read_statement(struct arena *a, struct str *rest, struct second_statement *s)
{
	struct str v;
	if (!str_is(str_cut(rest, '\n'), FIRST_LINE) || !line(rest, "what", &v))
		return false;
	for (enum second_what w = SECOND_grant; w <= SECOND_definitions; w++)
		if (str_is(v, NAMES[w]))
			s->what = w;
	return s->what != SECOND_unset && line(rest, "ward", &s->ward) && number(rest, "ward-id", &s->ward_id) &&
	       read_body(a, rest, s) && day(rest, "asked", false, &s->asked) && line(rest, "nonce", &v) &&
	       unhex(v, s->nonce, sizeof s->nonce);
}

static bool read_signature(struct str *rest, struct second_signed *out)
{
	struct str v;
	return line(rest, "key", &v) && second_key_parse(v, out->key) && line(rest, "signature", &v) &&
	       unhex(v, out->signature, sizeof out->signature) && rest->n == 0;
}

enum rc second_read(struct arena *a, struct str text, struct second_signed *out, struct fault *f)
{
	*out = (struct second_signed){0};
	struct str rest = text;
	bool good = text.n <= STATEMENT_MOST && text_utf8_ok(text) && str_ends(text, STR("\n")) && read_statement(a, &rest, &out->s);
	if (good) {
		out->text = second_write(a, &out->s);
		good = str_starts(text, out->text);
	}
	if (good && rest.n > 0)
		good = out->has_signature = read_signature(&rest, out);
	return good ? RC_OK : fault_set(f, RC_INVALID, "this is not a statement of `xom oversight ask`, or it "
	                                "was changed by hand");
}

static struct hash statement_hash(struct str statement)
{
	return hash_of(NULL, "xom oversight 1", statement);
}

struct str second_check(struct arena *a, struct str statement)
{
	struct hash h = statement_hash(statement);
	return arena_fmt(a, "%.*s %.*s", PSTR(hex(a, h.b, 2)), PSTR(hex(a, h.b + 2, 2)));
}

bool second_fits(struct str statement, const uint8_t key[32], const uint8_t signature[64])
{
	struct hash h = statement_hash(statement);
	return sign_verify(key, &h, signature);
}

struct str second_sign(struct arena *a, const struct second_signed *s, const struct sign_key *k)
{
	uint8_t signature[64];
	struct hash h = statement_hash(s->text);
	sign_hash(k, &h, signature);
	return arena_fmt(a, "%.*skey: %.*s\nsignature: %.*s\n", PSTR(s->text), PSTR(second_key_text(a, k->public)),
	                 PSTR(hex(a, signature, sizeof signature)));
}

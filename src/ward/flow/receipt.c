/* Codes and PINs: making and reading, and the derivation from a journey. */
#include "ward/flow/receipt_private.h"

#include <sodium.h>

enum { BASE = 27, PREFIX = 2, YEAR = 2, SYMBOLS = 5, BODY = PREFIX + YEAR + SYMBOLS, PIN = 8 };
_Static_assert(sizeof CODE_ALPHABET - 1 == BASE, "");

static int value_of(char c)
{
	const char *at = c != '\0' ? strchr(CODE_ALPHABET, c) : NULL;
	return at != NULL ? (int)(at - CODE_ALPHABET) : -1;
}

/* Weights 1, 2, 1, 2 … modulo 27: every single error and every swap of neighbours changes it. */
char code_check(struct str symbols)
{
	int sum = 0;
	for (size_t i = 0; i < symbols.n; i++) {
		int v = value_of(symbols.p[i]);
		if (v < 0)
			BUG("a code with a symbol outside its alphabet");
		sum += v * (i % 2 == 0 ? 1 : 2);
	}
	return CODE_ALPHABET[sum % BASE];
}

static char as_meant(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		return '0';
	return c == 'I' || c == 'L' ? '1' : c;
}

/* Bytes of what people and their phones put between symbols: blanks, hyphens of every kind,
 * the no-break space and characters that do not show. 0: something else. */
static size_t joint(struct str s)
{
	static const char *const JOINTS[] = {
		"\xc2\xa0", "\xc2\xad", "\xe2\x80\x8b", "\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x90",
		"\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95",
		"\xe2\x80\xaf", "\xe2\x88\x92", "\xef\xbb\xbf", "\xe3\x80\x80", "\xef\xbc\x8d",
	};
	if (strchr(" \t\r\n-_./", s.p[0]) != NULL && s.p[0] != '\0')
		return 1;
	for (size_t i = 0; i < sizeof JOINTS / sizeof *JOINTS; i++)
		if (str_starts(s, str_of(JOINTS[i])))
			return strlen(JOINTS[i]);
	return 0;
}

/* A full-width digit or letter (U+FF10 to U+FF5A) as the narrow one; '\0': it is none. */
static char full_width(struct str s)
{
	if (s.n < 3 || (unsigned char)s.p[0] != 0xEF)
		return '\0';
	int rest = (unsigned char)s.p[2] & 0x3F, lead = (unsigned char)s.p[1];
	int at = lead == 0xBC ? 0x20 + rest : lead == 0xBD ? 0x60 + rest : 0;
	return (at >= '0' && at <= '9') || (at >= 'A' && at <= 'Z') || (at >= 'a' && at <= 'z') ? (char)at : '\0';
}

/* Exactly n symbols, however they are grouped. */
static enum rc read_symbols(struct str typed, char *out, size_t n)
{
	size_t have = 0;
	while (typed.n > 0) {
		size_t skip = joint(typed);
		if (skip == 0) {
			char wide = full_width(typed);
			char c = as_meant(wide != '\0' ? wide : typed.p[0]);
			if (have == n || value_of(c) < 0)
				return RC_INVALID;
			out[have++] = c;
			skip = wide != '\0' ? 3 : 1;
		}
		typed = str_sub(typed, skip, SIZE_MAX);
	}
	return have == n ? RC_OK : RC_INVALID;
}

static void write_code(const char body[BODY + 1], char out[16])
{
	(void)snprintf(out, 16, "%.2s-%.2s-%.5s-%c", body, body + PREFIX, body + PREFIX + YEAR,
	               body[BODY]);
}

enum rc code_read(struct str typed, char out[16])
{
	char body[BODY + 1];
	out[0] = '\0';
	if (read_symbols(typed, body, sizeof body) != RC_OK)
		return RC_INVALID;
	for (int i = 0; i < PREFIX + YEAR; i++)
		if ((value_of(body[i]) < 10) != (i >= PREFIX))
			return RC_INVALID;
	if (code_check(str_n(body, BODY)) != body[BODY])
		return RC_INVALID;
	write_code(body, out);
	return RC_OK;
}

enum rc pin_read(struct str typed, char out[9])
{
	char pin[PIN];
	out[0] = '\0';
	if (read_symbols(typed, pin, sizeof pin) != RC_OK)
		return RC_INVALID;
	memcpy(out, pin, sizeof pin);
	out[PIN] = '\0';
	return RC_OK;
}

void code_make(struct str prefix, int year, const char symbols[5], char out[16])
{
	if (prefix.n != PREFIX || year < 2000 || year > 2099)
		BUG("a code of prefix \"%.*s\" and year %d", PSTR(prefix), year);
	char body[BODY + 1];
	memcpy(body, prefix.p, PREFIX);
	body[PREFIX] = (char)('0' + year % 100 / 10);
	body[PREFIX + 1] = (char)('0' + year % 10);
	memcpy(body + PREFIX + YEAR, symbols, SYMBOLS);
	body[BODY] = code_check(str_n(body, BODY));
	write_code(body, out);
}

/* 64 bits of the hash modulo 27^n: the unevenness is below 10^-7. */
static void symbols_of(const struct hash *h, char *out, size_t n)
{
	uint64_t v = 0;
	for (int i = 0; i < 8; i++)
		v |= (uint64_t)h->b[i] << (8 * i);
	for (size_t i = 0; i < n; i++, v /= BASE)
		out[i] = CODE_ALPHABET[v % BASE];
}

static struct hash draw(const struct key *key, const char *domain, struct str prefix,
                        const struct hash *journey, int retry)
{
	struct hasher h;
	hasher_init(&h, key, domain);
	hasher_str(&h, prefix);
	hasher_str(&h, hash_str(journey));
	hasher_i64(&h, retry);
	return hasher_end(&h);
}

void receipt_draw(const struct key *key, struct str prefix, int year, const struct hash *journey,
                  int retry, struct receipt *out)
{
	char symbols[SYMBOLS];
	struct hash code = draw(key, "xom.receipt.code", prefix, journey, retry);
	struct hash pin = draw(key, "xom.receipt.pin", prefix, journey, retry);
	struct hash link = draw(key, "xom.receipt.link", prefix, journey, retry);
	symbols_of(&code, symbols, SYMBOLS);
	symbols_of(&pin, out->pin, PIN);
	out->pin[PIN] = '\0';
	code_make(prefix, year, symbols, out->code);
	(void)sodium_bin2base64(out->link, sizeof out->link, link.b, LINK_BYTES,
	                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	out->retry = retry;
}

enum rc receipt_derive(struct keys *k, struct str ward_prefix, int year, const struct hash *journey,
                       int retry, struct receipt *out, struct fault *f)
{
	int number;
	struct key key;
	enum rc rc = keys_current(k, "receipt", &number, &key, f);
	if (rc == RC_OK)
		receipt_draw(&key, ward_prefix, year, journey, retry, out);
	sodium_memzero(&key, sizeof key);
	return rc;
}

/* The message. Its words come from po/, the same for every case; only the link differs. */
#include <sodium.h>

#include "kit/base/text.h"
#include "ward/notify/notify_private.h"

static bool header_safe(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return true;
}

static void add_base64(struct buf *out, struct str s)
{
	char text[128];
	size_t n = sodium_base64_encoded_len(s.n, sodium_base64_VARIANT_ORIGINAL);
	if (n > sizeof text)
		BUG("a piece of %zu bytes is too long for a line", s.n);
	(void)sodium_bin2base64(text, sizeof text, (const unsigned char *)s.p, s.n,
	                        sodium_base64_VARIANT_ORIGINAL);
	buf_addz(out, text);
}

/* RFC 2047: pieces of at most 45 bytes, not cut inside a letter, each on a line of its own. */
static void add_encoded(struct buf *out, struct str s)
{
	enum { PIECE = 45 };
	while (s.n > 0) {
		size_t n = s.n < PIECE ? s.n : PIECE;
		while (n < s.n && n > 0 && (s.p[n] & 0xC0) == 0x80)
			n--;
		buf_addz(out, "=?UTF-8?B?");
		add_base64(out, str_sub(s, 0, n));
		buf_addz(out, "?=");
		s = str_sub(s, n, s.n);
		if (s.n > 0)
			buf_addz(out, "\r\n ");
	}
}

/* RFC 5322's date in the ward's time. */
static void add_date(struct buf *out, int64_t at)
{
	static const char DAYS[] = "MonTueWedThuFriSatSun";
	static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct moment m = moment_of(at);
	buf_addf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0700\r\n",
	         DAYS + (ptrdiff_t)(m.weekday - 1) * 3, m.date.day,
	         MONTHS + (ptrdiff_t)(m.date.month - 1) * 3, m.date.year, m.hour, m.minute, m.second);
}

static void add_body(struct buf *out, struct str text)
{
	enum { LINE = 57 };                    /* 76 characters of base64 */
	struct buf crlf = {0};
	for (size_t i = 0; i < text.n; i++)
		text.p[i] == '\n' ? buf_addz(&crlf, "\r\n") : buf_addc(&crlf, text.p[i]);
	for (size_t at = 0; at < crlf.n; at += LINE) {
		add_base64(out, str_sub(buf_str(&crlf), at, LINE));
		buf_addz(out, "\r\n");
	}
	out->failed = out->failed || crlf.failed;
	buf_release(&crlf);
}

static struct str domain_of(struct str address)
{
	size_t at = str_find(address, STR("@"));
	return at == SIZE_MAX ? STR("localhost") : str_sub(address, at + 1, address.n);
}

enum rc letter_write(struct buf *out, const struct letter *l, struct fault *f)
{
	const struct str heads[] = {l->from_name, l->from, l->to, l->subject, l->message_id, l->stop_url};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (!header_safe(heads[i]))
			return fault_set(f, RC_INVALID, "a control character in a header of a mail");
	buf_addz(out, "From: ");
	add_encoded(out, l->from_name);
	buf_addf(out, " <%.*s>\r\nTo: <%.*s>\r\nSubject: ", PSTR(l->from), PSTR(l->to));
	add_encoded(out, l->subject);
	buf_addz(out, "\r\n");
	add_date(out, l->at);
	buf_addf(out, "Message-ID: <%.*s@%.*s>\r\n", PSTR(l->message_id), PSTR(domain_of(l->from)));
	buf_addz(out, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
	if (l->stop_url.n > 0)
		buf_addf(out, "List-Unsubscribe: <%.*s>\r\n", PSTR(l->stop_url));
	buf_addz(out, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n"
	              "Content-Transfer-Encoding: base64\r\n\r\n");
	add_body(out, l->text);
	return out->failed ? fault_set(f, RC_NOMEM, "no memory for a mail") : RC_OK;
}

struct str ward_url(struct arena *a, const struct notify *n, const struct ward *ward, enum lang lang)
{
	const struct ward *all[2];
	bool one = ward_all(n->flow->places, all, 2) == 1;
	return arena_fmt(a, "%s%s%.*s%.*s", n->base_url, one ? "" : "/", one ? 0 : (int)ward->slug.n,
	                 ward->slug.p, PSTR(lang_prefix(lang)));
}

static struct str words(const struct notify *n, enum lang lang, const char *key)
{
	return po_text(n->po, lang, key);
}

enum rc letter_compose(struct arena *a, const struct notify *n, const struct ward *ward,
                       const struct contact *c, const char *link, int64_t now, struct buf *out,
                       struct fault *f)
{
	char id[33];
	struct str url = arena_fmt(a, "%.*s/r/%s", PSTR(ward_url(a, n, ward, c->lang)), link);
	enum rc rc = message_id(n->flow->keys, ward->id, c->id, c->moved_seq, id, f);
	if (rc != RC_OK)
		return rc;
	const struct letter l = {
		.from_name = words(n, c->lang, "mail.from"),
		.from = str_of(n->mail.from),
		.to = c->address,
		.subject = words(n, c->lang, "mail.subject"),
		.text = arena_fmt(a, "%.*s\n\n%.*s\n\n%.*s\n%.*s\n\n%.*s\n",
		                  PSTR(words(n, c->lang, "mail.text")), PSTR(url),
		                  PSTR(words(n, c->lang, "mail.link")), PSTR(words(n, c->lang, "mail.stop")),
		                  PSTR(words(n, c->lang, "mail.machine"))),
		.message_id = str_of(id),
		.stop_url = arena_fmt(a, "%.*s?stop=1", PSTR(url)),
		.at = now,
	};
	return letter_write(out, &l, f);
}

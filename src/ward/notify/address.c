/* What an e-mail address is here: RFC 5321's dot-string and a host name, ASCII alone. Quoted local
 * parts and address literals are legal and nobody has them; without them no byte of an address can
 * leave its place in a header or a command. */
#include <string.h>

#include "kit/base/text.h"
#include "ward/notify/notify_private.h"

static bool letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool local_ok(struct str s)
{
	if (s.n == 0 || s.n > ADDRESS_LOCAL_MAX || s.p[0] == '.' || s.p[s.n - 1] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!letter_or_digit(s.p[i]) &&
		    (s.p[i] == '\0' || strchr("!#$%&'*+-/=?^_`{|}~.", s.p[i]) == NULL))
			return false;
		if (s.p[i] == '.' && s.p[i + 1] == '.')
			return false;
	}
	return true;
}

static bool label_ok(struct str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!letter_or_digit(s.p[i]) && s.p[i] != '-')
			return false;
	return true;
}

static bool domain_ok(struct str s)
{
	size_t labels = 0;
	struct str last = STR_EMPTY;
	for (struct str rest = s; rest.p != NULL; labels++) {
		last = str_cut(&rest, '.');
		if (!label_ok(last))
			return false;
	}
	int64_t number;
	return labels >= 2 && s.n <= 253 && !str_i64(last, &number);
}

enum rc address_read(struct arena *a, struct str typed, struct str *out)
{
	struct str s = arena_copy(a, str_trim(typed));
	bool number = false;
	if (s.n == 0 || s.n > ADDRESS_MAX || !text_utf8_ok(s))
		return RC_INVALID;
	(void)text_mask_ids(a, s, &number);
	if (number)
		return RC_REFUSED;
	size_t at = str_find(s, STR("@"));
	if (at == SIZE_MAX || !local_ok(str_sub(s, 0, at)) || !domain_ok(str_sub(s, at + 1, s.n)))
		return RC_INVALID;
	char *p = arena_array(a, s.n + 1, 1);
	memcpy(p, s.p, s.n);
	for (size_t i = at + 1; i < s.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	*out = str_n(p, s.n);
	return RC_OK;
}

static bool host_is_loopback(struct str host)
{
	return str_is(host, "localhost") || str_is(host, "[::1]") || str_starts(host, STR("127."));
}

bool mail_url_read(struct str url, bool *loopback)
{
	struct str rest;
	if (str_starts(url, STR("smtp://")))
		rest = str_sub(url, 7, url.n);
	else if (str_starts(url, STR("smtps://")))
		rest = str_sub(url, 8, url.n);
	else
		return false;
	struct str host = rest;
	size_t close = str_starts(rest, STR("[")) ? str_find(rest, STR("]")) : 0;
	if (close == SIZE_MAX)
		return false;
	size_t colon = str_find(str_sub(rest, close, rest.n), STR(":"));
	if (colon != SIZE_MAX) {
		int64_t port;
		host = str_sub(rest, 0, close + colon);
		if (!str_i64(str_sub(rest, close + colon + 1, rest.n), &port) || port < 1 || port > 65535)
			return false;
	}
	for (size_t i = 0; i < host.n; i++)
		if (!letter_or_digit(host.p[i]) && (host.p[i] == '\0' || strchr("-.[]:", host.p[i]) == NULL))
			return false;
	*loopback = host_is_loopback(host);
	return host.n > 0;
}

/* Reading a returned message: whose envelope it was, and whether its delivery report (RFC 3464) says
 * that the address is refused for good. Hostile: anybody can write to the address of a bounce. */
#include "ward/notify/notify.h"

static char small(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static bool begins(struct str line, const char *z)
{
	size_t i = 0;
	for (; z[i] != '\0'; i++)
		if (i >= line.n || small(line.p[i]) != z[i])
			return false;
	return true;
}

static bool holds(struct str line, const char *z)
{
	for (size_t i = 0; i < line.n; i++)
		if (begins(str_sub(line, i, line.n), z))
			return true;
	return false;
}

static struct str next_line(struct str *rest)
{
	struct str line = str_cut(rest, '\n');
	return str_ends(line, STR("\r")) ? str_sub(line, 0, line.n - 1) : line;
}

/* "+", 32 hex digits, "@". */
static bool find_token(struct str line, char out[33])
{
	for (size_t i = 0; i + 34 <= line.n; i++) {
		size_t k = 0;
		if (line.p[i] != '+' || line.p[i + 33] != '@')
			continue;
		for (; k < 32; k++) {
			char c = small(line.p[i + 1 + k]);
			if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
				break;
			out[k] = c;
		}
		if (k == 32) {
			out[32] = '\0';
			return true;
		}
	}
	out[0] = '\0';
	return false;
}

static bool names_recipient(struct str line)
{
	return begins(line, "to:") || begins(line, "delivered-to:") || begins(line, "envelope-to:") ||
	       begins(line, "x-original-to:") || begins(line, "x-envelope-to:");
}

/* The fields of the delivery report, up to the boundary behind it. */
static bool report_is_hard(struct str rest)
{
	bool failed = false, permanent = false, hard = false;
	while (rest.p != NULL) {
		struct str line = next_line(&rest);
		if (str_starts(line, STR("--")))
			break;
		if (line.n == 0) {                 /* one recipient's fields end */
			hard = hard || (failed && permanent);
			failed = permanent = false;
		} else if (begins(line, "action:")) {
			failed = holds(line, "failed");
		} else if (begins(line, "status:")) {
			struct str value = str_trim(str_sub(line, 7, line.n));
			permanent = str_starts(value, STR("5."));
		}
	}
	return hard || (failed && permanent);
}

void bounce_read(struct str message, struct bounce *out)
{
	struct str rest = message;
	*out = (struct bounce){0};
	while (rest.p != NULL) {
		struct str line = next_line(&rest);
		if (line.n == 0)
			break;
		if (out->token[0] == '\0' && names_recipient(line))
			(void)find_token(line, out->token);
	}
	while (rest.p != NULL) {
		struct str line = next_line(&rest);
		if (!begins(line, "content-type:") || !holds(line, "message/delivery-status"))
			continue;
		while (rest.p != NULL && next_line(&rest).n > 0)
			;
		out->hard = report_is_hard(rest);
		return;
	}
}

#include "rooms/desk/desk.h"

bool desk_text(struct request *q, struct str raw, enum text_kind kind, size_t max, bool needed,
               struct str *out, struct str *error)
{
	bool identity = false;
	enum rc rc = text_clean(q->arena, raw, kind, max, out);
	*error = STR_EMPTY;
	if (rc == RC_INVALID) {
		*out = STR_EMPTY;
		*error = request_text(q, "form.not_utf8");
	} else if (rc == RC_TOO_BIG) {
		*error = arena_fmt(q->arena, "%.*s %zu/%zu", PSTR(request_text(q, "form.too_long")),
		                   text_length(*out), max);
	} else if (needed && out->n == 0) {
		*error = request_text(q, "desk.text.missing");
	} else if (kind == TEXT_LINE) {
		(void)text_mask_ids(q->arena, raw, &identity);
		if (identity)
			*error = request_text(q, "form.identity_number");
	}
	return error->n == 0;
}

struct str desk_beginning(struct arena *a, struct str text)
{
	size_t n = 160;
	if (text.n <= n)
		return text;
	while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	return arena_fmt(a, "%.*s…", (int)n, text.p);
}

/* Text of people: cleaning is done after one time, what is stored has none of what it drops and no
 * run of digits that could be an identity number, and what is escaped holds nothing that a page, a script or a spreadsheet would take for its own.
 * Sources: kit/base/text.c text_escape.c text_mask.c text_people.c arena.c clock.c hash.c log.c rc.c
 * str.c; -lsodium -licui18n -licuuc */
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool has(struct str s, const char *of)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\0' && strchr(of, s.p[i]) != NULL)
			return true;
	return false;
}

static size_t digits_in_a_row(struct str s)
{
	size_t most = 0, run = 0;
	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] >= '0' && s.p[i] <= '9' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	return most;
}

static void check_clean(struct arena *a, struct str in, enum text_kind kind)
{
	struct str once = STR_EMPTY, twice = STR_EMPTY;
	enum rc rc = text_clean(a, in, kind, 500, &once);
	must((rc == RC_INVALID) == !text_utf8_ok(in));
	if (rc == RC_INVALID)
		return;
	must(rc == RC_OK || (rc == RC_TOO_BIG && text_length(once) > 500));
	/* What is left of a long run of numbers may be masked the next time, too. */
	bool found;
	(void)text_mask_ids(a, once, &found);
	must(text_utf8_ok(once) && text_clean(a, once, kind, 500, &twice) != RC_INVALID);
	must(found || str_eq(once, twice));
	must(digits_in_a_row(once) < 12);
	for (size_t i = 0; i < once.n; i++)
		must((unsigned char)once.p[i] >= 0x20 || (once.p[i] == '\n' && kind == TEXT_LINES));
#ifdef PLANT_BUG
	/* For CI alone: proof that the fuzzer finds what can be reached. */
	if (kind == TEXT_LINES && once.n > 9 && once.p[2] == '\n' && once.p[4] == '\n' &&
	    once.n != in.n)
		abort();
#endif
}

static void check_search(struct arena *a, struct str s)
{
	static const struct str places[] = {{"duong ong ich khiem", 19}, {"chu van an", 10}};
	struct str folded = text_fold(a, s), *tokens;
	bool found;
	must(text_utf8_ok(folded) && text_utf8_ok(text_mask_people(a, s, places, 2, &found)));
	(void)text_has_phone(a, s, places, 2);
	struct str masked = text_mask_ids(a, s, &found);
	must(text_utf8_ok(masked) && (found || str_eq(masked, s)));
	must(digits_in_a_row(masked) < 12);
	size_t n = text_tokens(a, s, &tokens);
	must(n <= 2000);
	for (size_t i = 0; i < n; i++)
		must(tokens[i].n >= 1 && tokens[i].n <= 40 && text_utf8_ok(tokens[i]));
}

static void check_escapes(struct str s)
{
	struct buf html = {0}, url = {0}, json = {0}, csv = {0};
	text_html(&html, s);
	text_url(&url, s);
	text_json(&json, s);
	text_csv(&csv, s);
	must(!has(buf_str(&html), "<>\"'") && !has(buf_str(&url), " <>\"'&?#/\\\r\n"));
	must(json.n >= 2 && json.p[0] == '"' && json.p[json.n - 1] == '"');
	must(!has(str_sub(buf_str(&json), 0, json.n), "<>&\r\n\t"));
	double number;   /* -2 is no formula */
	if (csv.n > 0 && !str_f64(s, &number))
		must(!has(str_sub(buf_str(&csv), csv.p[0] == '"', 1), "=+-@\t\r"));
	buf_release(&html);
	buf_release(&url);
	buf_release(&json);
	buf_release(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = str_n((const char *)data, size);
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	check_clean(&a, s, TEXT_LINE);
	check_clean(&a, s, TEXT_LINES);
	if (text_utf8_ok(s)) {
		check_search(&a, s);
		check_escapes(s);
	}
	arena_release(&a);
	return 0;
}

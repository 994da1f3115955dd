/* Text of people: validation, normalisation, folding for search, masking. Everything that comes
 * in passes text_clean once, at the form; what is stored is NFC UTF-8. */
#ifndef XOM_BASE_TEXT_H
#define XOM_BASE_TEXT_H

#include "kit/base/arena.h"

bool text_utf8_ok(struct str s);            /* well-formed, no surrogates, no U+0000 */
size_t text_length(struct str s);           /* code points of valid UTF-8 */

/* %41 → A (RFC 3986, 2.1); in forms also + → blank. Any byte may come of it. False: a broken one. */
bool text_percent(struct arena *a, struct str in, bool form, struct str *out);

/* As many as in Unicode's stream-safe text (UAX #15, section 13); no language needs more than a few. */
enum { TEXT_MARKS = 30 };

enum text_kind { TEXT_LINE = 1, TEXT_LINES }; /* line breaks become spaces, or stay as \n */

/* Validates UTF-8, composes (NFC), drops control, bidi-override and zero-width characters, keycaps round digits, and a
 * letter's marks after the TEXT_MARKSth, folds line ends to \n, trims, and masks identity numbers (text_mask_ids).
 * RC_INVALID: not UTF-8.
 * RC_TOO_BIG: more than `max` code points after cleaning (out is still set, uncut). */
enum rc text_clean(struct arena *a, struct str in, enum text_kind kind, size_t max,
                   struct str *out);

/* NFC of valid UTF-8, at most TEXT_MARKS marks a letter, and nothing else: for passwords, which are neither trimmed nor
 * masked. */
struct str text_compose(struct arena *a, struct str s);

/* Lower case, no marks, đ→d, full width → ASCII: "Đèn Đường" → "den duong". For comparing and
 * searching, never for showing. */
struct str text_fold(struct arena *a, struct str s);

/* Words of the folded text (letters and digits, 1 to 40 bytes each, at most 2,000), in order,
 * with repetitions. The same function makes the index on every engine and reads the query. */
size_t text_tokens(struct arena *a, struct str s, struct str **tokens);

/* Key whose bytewise order is the Vietnamese dictionary's; for derived columns. */
struct str text_sort_key(struct arena *a, struct str s);

/* RIGHTS.md, refused 6: 12 digits in one run or with single spaces, dots or hyphens between,
 * full-width ones too, become "●●●●●●●●●●●●"; a date with a time of day is left alone
 * (10/11/2026 14:30, 10.11.2026 14.30). *found says whether anything was masked (may be NULL). */
struct str text_mask_ids(struct arena *a, struct str s, bool *found);

/* Where a text names somebody: in order, apart from one another. What follows is by its rules.
 * The words they read by are in text_words.h; test/base/people.txt holds for them and for web/people.js. */
enum text_span_kind { SPAN_name = 1, SPAN_plate, SPAN_phone, SPAN_identity, SPAN_COUNT };
struct text_span {
	size_t from, n;             /* bytes of the text */
	enum text_span_kind kind;
};
size_t text_people(struct arena *a, struct str s, const struct str *places, size_t place_count,
                   struct text_span **out);

/* RIGHTS.md, refused 1: for indexing. Names after tên, ông, bà, anh, chị, em, cô, chú and their
 * like (with or without marks), vehicle plates, phone and identity numbers become one blank,
 * unless the phrase is a street or place of the ward's list (`places`, folded). *found as above. */
struct str text_mask_people(struct arena *a, struct str s, const struct str *places,
                            size_t place_count, bool *found);

/* A telephone number of ten or eleven figures (0912 345 678, +84 912 345 678) that is none of `known`,
 * however those are written. Short numbers (114, 1900 1234) and dates are none. */
bool text_has_phone(struct arena *a, struct str s, const struct str *known, size_t known_count);

/* One number as people write it: 3 to 20 digits, blanks, dots, hyphens, brackets, a plus in front. */
bool text_is_phone(struct str s);

/* Formats for people: "23/11/2026", "14:05", "1.234" (vi) or "1,234" (en). */
enum lang { LANG_unset, LANG_vi, LANG_en, LANG_km, LANG_COUNT };
const char *lang_name(enum lang l);               /* "vi" */
struct str lang_own_name(enum lang l);            /* "Tiếng Việt": as its speakers call it */
/* Every text is there. A language that isn't whole has the residents' pages; what it lacks is in
 * Vietnamese, and each of its pages says that no native speaker has read it yet. */
bool lang_whole(enum lang l);
/* What follows the ward in an address: "" for Vietnamese, "/en". */
struct str lang_prefix(enum lang l);
bool lang_find(struct str name, enum lang *out);
/* In capitals, Vietnamese letters with them: as an office writes its own name. */
struct str text_upper(struct arena *a, struct str s);
struct str text_date(struct arena *a, enum lang l, int32_t day);
struct str text_time(struct arena *a, int64_t at);
struct str text_datetime(struct arena *a, enum lang l, int64_t at); /* "14:05, 23/11/2026" */
struct str text_iso(struct arena *a, int64_t at); /* "2026-11-23T07:05:00Z" */
struct str text_day_iso(struct arena *a, int32_t day);
struct str text_count(struct arena *a, enum lang l, int64_t n);

/* Escaping. text_html is for element text and double-quoted attribute values; written in runs. */
void text_html(struct buf *out, struct str s);
void text_url(struct buf *out, struct str s);     /* percent-encodes all but unreserved bytes */
void text_json(struct buf *out, struct str s);    /* with the quotes; also escapes < > & U+2028 */
/* A CSV cell, quoted where needed; what a spreadsheet would run as a formula (= + - @ tab CR
 * first) gets an apostrophe in front. */
void text_csv(struct buf *out, struct str s);

#endif

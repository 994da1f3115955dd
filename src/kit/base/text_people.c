/* Names, plates and telephone numbers in a text: left out of what is indexed (RIGHTS.md, refused 1), and
 * pointed out to who writes it; web/people.js has the same rules for the device. By rules, not
 * by a model: where a rule is unsure it masks, because a word that can't be searched costs less
 * than a name that can. */
#include <pthread.h>
#include <unicode/uchar.h>

#include "kit/base/text_flat.h"
#include "kit/base/text_words.h"
#include "kit/base/utf8.h"

/* A list of text_words.h, and how each of its words looks without marks. */
enum { LIST_MOST = 320 };
struct list {
	const char *const *marked;
	size_t n;
	struct str with[LIST_MOST], without[LIST_MOST];
	bool safe[LIST_MOST]; /* began with '+' */
};
static struct list titles = {.marked = TITLES}, weak_titles = {.marked = WEAK_TITLES},
                   fillers = {.marked = FILLERS}, surnames = {.marked = SURNAMES},
                   place_words = {.marked = PLACE_WORDS}, stops = {.marked = STOPS};
static struct arena list_arena; /* filled once, read only from then on, kept to the end */
static pthread_once_t lists_once = PTHREAD_ONCE_INIT;

static void fill_lists(void)
{
	struct list *const all[] = {&titles, &weak_titles, &fillers, &surnames, &place_words, &stops};
	arena_init(&list_arena, (size_t)1 << 20);
	for (size_t k = 0; k < sizeof all / sizeof *all; k++)
		for (struct list *l = all[k]; l->marked[l->n] != NULL; l->n++) {
			if (l->n == sizeof l->with / sizeof *l->with)
				BUG("list too long");
			l->safe[l->n] = l->marked[l->n][0] == '+';
			l->with[l->n] = str_of(l->marked[l->n] + l->safe[l->n]);
			l->without[l->n] = text_fold(&list_arena, l->with[l->n]);
		}
}

struct word {
	size_t from, to;
	struct str low, folded; /* lower case with its marks; without */
	bool capital, shouted;  /* begins with a capital; has two letters or more, all capital */
	bool apart;             /* something that ends a phrase stands before it */
	bool colon;             /* only a colon, bracket or quotation mark does */
	bool plain;             /* ASCII only */
};
struct words {
	struct word *w;
	size_t n;
	bool shouted;           /* capitals tell nothing in this text */
	bool unmarked;          /* written without marks */
	const struct str *places;
	size_t place_count;
};

static bool letter(int32_t c)
{
	return c > 0 && (u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK);
}

static struct str lower(struct arena *a, struct str s)
{
	char *p = arena_array(a, s.n * 2 + 4, 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n;) {
		int32_t c = utf8_next(s, &i);
		if (c >= 0)
			n += utf8_put(p + n, u_tolower(c));
	}
	return str_n(p, n);
}

static void finish_word(struct arena *a, struct str s, struct word *w)
{
	struct str t = str_sub(s, w->from, w->to - w->from);
	size_t upper = 0, letters = 0;
	w->plain = true;
	for (size_t i = 0; i < t.n;) {
		int32_t c = utf8_next(t, &i);
		bool is = c > 0 && u_isUUppercase(c);
		w->capital |= letters == 0 && is;
		upper += is;
		letters += c > 0 && u_isalpha(c);
		w->plain &= c < 0x80;
	}
	w->shouted = letters > 1 && upper == letters;
	w->low = lower(a, t);
	w->folded = text_fold(a, t);
}

static struct words words_of(struct arena *a, struct str s)
{
	struct words ws = {.w = arena_array(a, s.n / 2 + 2, sizeof(struct word))};
	bool in = false, apart = true, colon = false;
	size_t shouted = 0, marked = 0;
	for (size_t i = 0; i < s.n;) {
		size_t at = i;
		int32_t c = utf8_next(s, &i);
		if (letter(c)) {
			if (!in)
				ws.w[ws.n++] = (struct word){.from = at, .apart = apart, .colon = colon};
			ws.w[ws.n - 1].to = i;
			in = true;
			continue;
		}
		/* "a. Tèo", "Mr. Smith": the point of a short title ends no phrase. */
		bool shortened = in && c == '.' && ws.w[ws.n - 1].to - ws.w[ws.n - 1].from <= 2;
		if (in)
			apart = colon = false;
		in = false;
		if (shortened || c == ':' || c == '(' || c == '"' || c == 0x201c || c == '[')
			colon = true;
		else if (c != ' ' && c != '-' && c != '\'' && c != 0x2019 && c != 0xa0 && c != '\t')
			apart = true;
	}
	for (size_t i = 0; i < ws.n; i++) {
		finish_word(a, s, &ws.w[i]);
		shouted += ws.w[i].shouted;
		marked += !ws.w[i].plain;
	}
	ws.shouted = shouted * 2 > ws.n;
	ws.unmarked = marked * 8 < ws.n || marked == 0;
	return ws;
}

/* `fold`: compare without marks, as for a word that has none; `n`: among the first n. */
static bool in_first(const struct word *w, const struct list *l, size_t n, bool fold)
{
	fold = fold && w->plain;
	for (size_t i = 0; i < n; i++)
		if (str_eq(w->low, l->with[i]) || (fold && str_eq(w->folded, l->without[i])))
			return true;
	return false;
}

static bool in_list(const struct word *w, const struct list *l, bool fold)
{
	return in_first(w, l, l->n, fold);
}

static bool stop(const struct words *ws, const struct word *w)
{
	bool fold = ws->unmarked && w->plain;
	for (size_t i = 0; i < stops.n; i++)
		if (str_eq(w->low, stops.with[i]) ||
		    (fold && stops.safe[i] && str_eq(w->folded, stops.without[i])))
			return true;
	return false;
}

static bool connector(const struct word *w)
{
	return str_is(w->folded, "van") || str_is(w->folded, "thi");
}

static bool numeral(const struct word *w)
{
	return w->folded.n > 0 && w->folded.p[0] >= '0' && w->folded.p[0] <= '9';
}

/* Capital letters say where a name ends, unless everything is in capitals. */
static bool speaks(const struct words *ws, const struct word *w)
{
	return w->capital && !(ws->shouted && w->shouted);
}

/* Words of a place that stand at `at`, or 0. */
static size_t place_at(const struct words *ws, struct str place, size_t at)
{
	size_t n = 0;
	while (place.p != NULL && place.n > 0) {
		struct str one = str_cut(&place, ' ');
		if (one.n == 0)
			continue;
		if (at + n >= ws->n || !str_eq(ws->w[at + n].folded, one) ||
		    (n > 0 && ws->w[at + n].apart))
			return 0;
		n++;
	}
	return n;
}

/* The words from..to are a listed place, whole. */
static bool place_exact(const struct words *ws, size_t from, size_t to)
{
	for (size_t i = 0; i < ws->place_count; i++)
		if (place_at(ws, ws->places[i], from) == to - from)
			return true;
	return false;
}

/* A title inside a listed place ("chợ Bà Triệu"): where the place ends, or 0. A capital right
 * behind it makes it somebody's name again. */
static size_t place_over(const struct words *ws, size_t title)
{
	for (size_t i = 0; i < ws->place_count; i++)
		for (size_t back = 0; back <= title && back < 6; back++) {
			size_t end = title - back + place_at(ws, ws->places[i], title - back);
			if (end <= title + 1)
				continue;
			if (end < ws->n && !ws->w[end].apart && speaks(ws, &ws->w[end]))
				continue;
			return end;
		}
	return 0;
}

/* Where the name that begins at `from` ends. `small`: it may be in small letters. */
static size_t name_end(const struct words *ws, size_t from, bool small)
{
	enum { CAPITALS = 6, SMALLS = 4 };
	size_t i = from;
	if (i >= ws->n || (ws->w[i].apart && !ws->w[i].colon))
		return from;
	if (speaks(ws, &ws->w[i])) {
		for (i++; i < ws->n && i - from < CAPITALS && !ws->w[i].apart; i++)
			if (!speaks(ws, &ws->w[i]) && !connector(&ws->w[i]) && !connector(&ws->w[i - 1]))
				break;
		return i;
	}
	if (!small)
		return from;
	if (numeral(&ws->w[i]) && ws->w[i].folded.n <= 2) /* anh 3, chị 2: by order of birth */
		return i + 1;
	for (; i < ws->n && i - from < SMALLS; i++) {
		const struct word *w = &ws->w[i];
		if ((i > from && w->apart) || numeral(w) || stop(ws, w) ||
		    in_list(w, &titles, false))
			break;
	}
	return i;
}

/* The kind of span that each byte belongs to, or 0. */
struct found {
	unsigned char *kind;
	bool any;
};

static void found_at(struct found *o, size_t from, size_t to, enum text_span_kind kind)
{
	memset(o->kind + from, kind, to - from);
	o->any = true;
}

static void mark_words(const struct words *ws, size_t from, size_t to, struct found *o)
{
	found_at(o, ws->w[from].from, ws->w[to - 1].to, SPAN_name);
}

/* What follows a title at i; returns where reading goes on. */
static size_t find_title(const struct words *ws, size_t i, struct found *o)
{
	const struct word *w = &ws->w[i];
	bool next_speaks = i + 1 < ws->n && speaks(ws, &ws->w[i + 1]);
	bool strong = in_list(w, &titles, false) ||
	              (ws->unmarked && in_first(w, &titles, TITLES_UNMARKED, true)) ||
	              (next_speaks && in_list(w, &titles, true));
	if (!strong && !(next_speaks && in_list(w, &weak_titles, true)))
		return i + 1;
	size_t end = place_over(ws, i);
	if (end != 0)
		return end;
	size_t from = i + 1;
	bool small = strong, called = str_is(w->folded, "ten");
	for (int n = 0; n < 3 && from < ws->n && !speaks(ws, &ws->w[from]) &&
	                (in_list(&ws->w[from], &fillers, ws->unmarked) ||
	                 (called && in_list(&ws->w[from], &titles, false)));
	     n++, from++)
		small = strong && called; /* "tên là lan" is a name, "em gái đi học" is none */
	end = name_end(ws, from, small);
	if (end > from && !place_exact(ws, from, end))
		mark_words(ws, from, end, o);
	return end > i ? end : i + 1;
}

/* A surname with văn or thị in any writing, or with more capitals. */
static size_t find_surname(const struct words *ws, size_t i, struct found *o)
{
	const struct word *w = &ws->w[i];
	if (!in_list(w, &surnames, ws->unmarked || w->capital))
		return i + 1;
	/* "lại van nhánh" is a valve: in a text with its marks the middle name has its own. */
	bool middle = i + 2 < ws->n && !ws->w[i + 1].apart && !ws->w[i + 2].apart &&
	              connector(&ws->w[i + 1]) &&
	              (!ws->w[i + 1].plain || ws->unmarked || w->capital);
	size_t end = i + 1;
	if (speaks(ws, w))
		end = name_end(ws, i, false);
	if (middle && end < i + 3)
		end = i + 3;
	if (end < i + 2)
		return i + 1;
	bool address = i > 0 && !w->apart && in_list(&ws->w[i - 1], &place_words, true);
	if (!address && !place_exact(ws, i, end))
		mark_words(ws, i, end, o);
	return end;
}

/* 65B1-123.45, 65-B1 12345, 51F 97022, 65AB-1234, 80-NG-123-45: where it ends, or 0. */
static size_t plate_end(const struct flat *f, size_t i)
{
	const char *c = f->c;
	size_t letters = 0, digits = 0;
#define DIGIT(k) (c[k] >= '0' && c[k] <= '9')
#define LETTER(k) (c[k] >= 'a' && c[k] <= 'z')
#define SEP(k) (c[k] == ' ' || c[k] == '.' || c[k] == '-')
	if (!DIGIT(i) || !DIGIT(i + 1) || (i > 0 && (DIGIT(i - 1) || LETTER(i - 1))))
		return 0;
	i += 2;
	for (int n = 0; n < 3 && SEP(i); n++)
		i++;
	while (LETTER(i) && letters < 3) {
		i++;
		letters++;
	}
	if (letters == 0 || letters > 2)
		return 0;
	size_t after = i;
	if (DIGIT(i) && SEP(i + 1)) /* the figure behind the letters: B1 */
		after = i + 1;
	for (int n = 0; n < 3 && SEP(after); n++)
		after++;
	for (i = after; DIGIT(i); i++)
		digits++;
	if (digits == 3 && SEP(i) && DIGIT(i + 1) && DIGIT(i + 2)) {
		i += 3;
		digits += 2;
	}
	/* 4 or 5; 6 with the figure behind the letters written in one with them */
	return digits >= 4 && digits <= 6 && !DIGIT(i) && !LETTER(i) ? i : 0;
#undef DIGIT
#undef LETTER
#undef SEP
}

enum { NUMBER_DIGITS = 9 }; /* old identity numbers have 9, telephones 10 or 11, new ones 12 */

/* Nine figures, or twelve and more in one: of a paper. Anything else that is as long: a telephone. */
static enum text_span_kind number_kind(const struct run *r, size_t digits)
{
	bool identity = digits == NUMBER_DIGITS || digits == 12;
	for (size_t g = 0; g < r->n; g++)
		identity |= r->g[g].to - r->g[g].from >= 12;
	return identity ? SPAN_identity : SPAN_phone;
}

static void find_numbers(struct arena *a, struct str s, struct found *o)
{
	struct flat f = flat_of(a, s);
	for (size_t i = 0; i < f.n; i++) {
		size_t end = plate_end(&f, i);
		if (end == 0)
			continue;
		found_at(o, f.at[i], f.at[end], SPAN_plate);
		i = end - 1;
	}
	struct run r;
	for (size_t i = 0; run_next(a, &f, &i, " .-()/+", 3, &r);) {
		size_t digits = 0;
		for (size_t g = 0, n; g < r.n; g += n > 0 ? n : 1) {
			n = run_date(&r, g);
			if (n == 0)
				digits += r.g[g].to - r.g[g].from;
		}
		/* 7 and 8 figures in one: a telephone without its area, or 1800 and 1900 numbers */
		bool one = r.n == 1 && digits >= 7;
		bool slashes = false; /* 10/11/2026 and house numbers are no telephones */
		for (size_t g = 0; g + 1 < r.n; g++)
			slashes |= r.g[g].sep == '/';
		if (one || (digits >= NUMBER_DIGITS && (!slashes || digits >= 2 * NUMBER_DIGITS)) ||
		    (slashes && digits >= NUMBER_DIGITS && r.n <= 3))
			found_at(o, f.at[r.g[0].from], f.at[r.g[r.n - 1].to], number_kind(&r, digits));
	}
}

size_t text_people(struct arena *a, struct str s, const struct str *places, size_t place_count,
                   struct text_span **out)
{
	struct found o = {.kind = arena_alloc(a, s.n + 1)};
	size_t n = 0;
	(void)pthread_once(&lists_once, fill_lists);
	struct words ws = words_of(a, s);
	ws.places = places;
	ws.place_count = place_count;
	for (size_t i = 0; i < ws.n;)
		i = find_title(&ws, i, &o);
	for (size_t i = 0; i < ws.n;)
		i = find_surname(&ws, i, &o);
	find_numbers(a, s, &o);
	for (size_t i = 0; o.any && i < s.n; i++)
		n += o.kind[i] != 0 && (i == 0 || o.kind[i] != o.kind[i - 1]);
	*out = arena_array(a, n + 1, sizeof **out);
	n = 0;
	for (size_t i = 0; o.any && i < s.n; i++)
		if (o.kind[i] != 0 && (i == 0 || o.kind[i] != o.kind[i - 1]))
			(*out)[n++] = (struct text_span){i, 1, (enum text_span_kind)o.kind[i]};
		else if (o.kind[i] != 0)
			(*out)[n - 1].n++;
	return n;
}

struct str text_mask_people(struct arena *a, struct str s, const struct str *places,
                            size_t place_count, bool *found)
{
	struct text_span *spans;
	size_t count = text_people(a, s, places, place_count, &spans), at = 0, n = 0;
	if (found != NULL)
		*found = count > 0;
	if (count == 0)
		return s;
	char *out = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || spans[i].from > at) {
			memcpy(out + n, s.p + at, spans[i].from - at);
			n += spans[i].from - at;
			out[n++] = ' ';
		}
		at = spans[i].from + spans[i].n;
	}
	memcpy(out + n, s.p + at, s.n - at);
	return str_n(out, n + s.n - at);
}

/* ---------------------------------------------------------------- telephones before they are shown */

enum { PHONE_MIN = 10, PHONE_MAX = 11 };

/* Figures of `s` alone, +84 as 0; at most PHONE_MAX + 1 are kept. */
static size_t figures(struct arena *a, struct str s, char out[PHONE_MAX + 2])
{
	struct flat f = flat_of(a, s);
	size_t n = 0;
	for (size_t i = 0; i < f.n && n <= PHONE_MAX; i++)
		if (f.c[i] >= '0' && f.c[i] <= '9')
			out[n++] = f.c[i];
	if (n >= PHONE_MAX && out[0] == '8' && out[1] == '4') {
		memmove(out + 1, out + 2, n - 2);
		out[0] = '0';
		n--;
	}
	out[n] = '\0';
	return n;
}

static bool known_phone(struct arena *a, const char *number, const struct str *known, size_t count)
{
	char other[PHONE_MAX + 2];
	for (size_t i = 0; i < count; i++)
		if (figures(a, known[i], other) > 0 && strcmp(number, other) == 0)
			return true;
	return false;
}

bool text_has_phone(struct arena *a, struct str s, const struct str *known, size_t known_count)
{
	struct flat f = flat_of(a, s);
	struct run r;
	for (size_t i = 0; run_next(a, &f, &i, " .-()", 3, &r);)
		for (size_t g = 0, next; g < r.n; g = next) {
			size_t date = run_date(&r, g), digits = 0;
			bool found = false, fine = false;
			char number[PHONE_MAX + 2];
			next = g + (date > 0 ? date : 1);
			for (size_t to = g; date == 0 && to < r.n && digits <= PHONE_MAX; to++) {
				size_t from = f.at[r.g[g].from];
				digits += r.g[to].to - r.g[to].from;
				if (digits < PHONE_MIN || digits > PHONE_MAX)
					continue;
				(void)figures(a, str_sub(s, from, f.at[r.g[to].to] - from), number);
				if (number[0] != '0')
					continue;
				found = true;
				if (known_phone(a, number, known, known_count)) {
					fine = true;
					next = to + 1;
				}
			}
			if (found && !fine)
				return true;
		}
	return false;
}

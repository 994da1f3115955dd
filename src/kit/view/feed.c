#include "kit/view/feed.h"

#include <string.h>

/* Without the characters that XML 1.0 may not hold, however they are written: controls, U+FFFE,
 * U+FFFF. */
static struct str clean(struct arena *a, struct str s)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		bool never = s.n - i >= 3 && memcmp(s.p + i, "\xEF\xBF", 2) == 0 &&
		             (unsigned char)s.p[i + 2] >= 0xBE;
		if (never)
			i += 2;
		else if (c >= ' ' || c == '\n' || c == '\t')
			to[n++] = s.p[i];
	}
	return str_n(to, n);
}

static struct str moment(struct arena *a, int32_t day)
{
	return arena_fmt(a, "%.*sT00:00:00+07:00", PSTR(text_day_iso(a, day)));
}

/* ---------------------------------------------------------------- Atom */

struct atom {
	struct buf *out;
	struct arena *a;
};

static void element(struct atom *x, const char *name, struct str text)
{
	buf_addf(x->out, "<%s>", name);
	text_html(x->out, clean(x->a, text));
	buf_addf(x->out, "</%s>\n", name);
}

static void attribute(struct atom *x, const char *name, struct str value)
{
	buf_addf(x->out, " %s=\"", name);
	text_html(x->out, clean(x->a, value));
	buf_addc(x->out, '"');
}

static void link(struct atom *x, const char *rel, const char *type, struct str href)
{
	if (href.n == 0)
		return;
	buf_addz(x->out, "<link");
	attribute(x, "rel", str_of(rel));
	attribute(x, "type", str_of(type));
	attribute(x, "href", href);
	buf_addz(x->out, "/>\n");
}

static void entry(struct atom *x, const struct feed_entry *e)
{
	buf_addz(x->out, "<entry>\n");
	element(x, "id", e->id);
	element(x, "title", e->title);
	element(x, "published", moment(x->a, e->published_day));
	element(x, "updated", moment(x->a, e->updated_day));
	link(x, "alternate", "text/html", e->url);
	link(x, "enclosure", "image/jpeg", e->image);
	if (e->kind.n > 0) {
		buf_addz(x->out, "<category");
		attribute(x, "term", e->kind);
		buf_addz(x->out, "/>\n");
	}
	/* An entry without words names itself once more: content, or it would need a summary. */
	buf_addz(x->out, "<content type=\"text\">");
	text_html(x->out, clean(x->a, e->text.n > 0 ? e->text : e->title));
	buf_addz(x->out, "</content>\n</entry>\n");
}

void feed_atom(struct buf *out, struct arena *a, const struct feed *f)
{
	struct atom x = {out, a};
	buf_addz(out, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"");
	attribute(&x, "xml:lang", str_of(lang_name(f->lang)));
	buf_addz(out, ">\n");
	element(&x, "id", f->id);
	element(&x, "title", f->title);
	element(&x, "updated", moment(a, f->updated_day));
	link(&x, "self", "application/atom+xml", f->self);
	link(&x, "alternate", "text/html", f->home);
	buf_addz(out, "<author>");
	element(&x, "name", f->author);
	buf_addz(out, "</author>\n");
	for (size_t i = 0; i < f->count; i++)
		entry(&x, &f->entries[i]);
	buf_addz(out, "</feed>\n");
}

/* ---------------------------------------------------------------- JSON Feed */

static void member(struct buf *out, const char *name, struct str value, bool first)
{
	if (value.n == 0)
		return;
	buf_addf(out, "%s\"%s\":", first ? "" : ",", name);
	text_json(out, value);
}

static void item(struct buf *out, struct arena *a, const struct feed_entry *e)
{
	buf_addc(out, '{');
	member(out, "id", e->id, true);
	member(out, "url", e->url, false);
	member(out, "title", e->title, false);
	member(out, "content_text", e->text.n > 0 ? e->text : e->title, false);
	member(out, "image", e->image, false);
	member(out, "date_published", moment(a, e->published_day), false);
	member(out, "date_modified", moment(a, e->updated_day), false);
	if (e->kind.n > 0) {
		buf_addz(out, ",\"tags\":[");
		text_json(out, e->kind);
		buf_addc(out, ']');
	}
	buf_addc(out, '}');
}

void feed_json(struct buf *out, struct arena *a, const struct feed *f)
{
	buf_addc(out, '{');
	member(out, "version", STR("https://jsonfeed.org/version/1.1"), true);
	member(out, "title", f->title, false);
	member(out, "home_page_url", f->home, false);
	member(out, "feed_url", f->self, false);
	member(out, "language", str_of(lang_name(f->lang)), false);
	buf_addz(out, ",\"authors\":[{");
	member(out, "name", f->author, true);
	buf_addz(out, "}],\"items\":[");
	for (size_t i = 0; i < f->count; i++) {
		if (i > 0)
			buf_addc(out, ',');
		item(out, a, &f->entries[i]);
	}
	buf_addz(out, "]}\n");
}

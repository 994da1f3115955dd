/* Reads a template as a browser's tokenizer would, so that a value can only ever stand where
 * escaping makes it harmless: in text and in double-quoted attribute values. */
#include "kit/view/template_set.h"

#include <string.h>

enum state {
	IN_TEXT,        /* between elements */
	IN_OPEN,        /* behind "<" */
	IN_NAME,        /* in an element's name */
	IN_TAG,         /* between attributes */
	IN_ATTRIBUTE,   /* in an attribute's name */
	IN_EQUALS,      /* behind "=" */
	IN_VALUE,       /* in a double-quoted value */
	IN_DECLARATION, /* <!doctype …> */
	IN_COMMENT,     /* <!-- … --> */
};
enum { WORD = 48, VALUE = 160 };

struct word {
	char p[VALUE];
	size_t n, max;
};
struct mark {       /* where a section was opened: it must end in the same place */
	enum state state;
	size_t place;
	bool glued;
};
struct lint {
	struct mustache *m;
	struct fault *f;
	enum state state;
	int line;
	struct word name, attribute, value; /* lower case, cut when too long */
	size_t elements, values;    /* counted, so that two places can be told apart */
	bool closing, has_src, in_script;
	bool glued;                 /* an attribute ended without a blank: the next needs one */
	size_t tags;                /* in this value */
	struct mustache_node *tag;  /* the last of them */
	struct mark open[MUSTACHE_NESTING];
	size_t depth;
};

static enum rc refuse(const struct lint *l, const char *why)
{
	const struct word *w = l->state >= IN_TAG && l->state <= IN_VALUE ? &l->attribute : &l->name;
	char field[WORD + 1];
	size_t n = w->n < WORD ? w->n : WORD;
	memcpy(field, w->p, n);
	field[n] = '\0';
	return fault_at(l->f, RC_SYNTAX, l->m->file, l->line, field, "%s", why);
}

static bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }
static bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
static bool name_char(char c)
{
	return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';
}

static void begin(struct word *w, size_t max)
{
	w->n = 0;
	w->max = max;
}

static void put(struct word *w, char c)
{
	if (w->n < w->max)
		w->p[w->n++] = lower(c);
}

static struct str word(const struct word *w) { return str_n(w->p, w->n); }

static bool one_of(struct str s, const char *const *names)
{
	for (; *names != NULL; names++)
		if (str_is(s, *names))
			return true;
	return false;
}

static bool is_url(struct str attribute)
{
	static const char *const NAMES[] = {"href", "src", "action", "formaction", "poster", "srcset",
		"data", "cite", "background", "ping", "manifest", "xlink:href", NULL};
	return one_of(attribute, NAMES);
}

static enum rc name_ended(struct lint *l)
{
	static const char *const ELEMENTS[] = {"style", "iframe", "object", "embed", "base", NULL};
	bool script = str_is(word(&l->name), "script");
	if (l->in_script && !(script && l->closing))
		return refuse(l, "nothing may stand inside <script>");
	if (one_of(word(&l->name), ELEMENTS))
		return refuse(l, "an element that pages may not have");
	if (script && l->closing)
		l->in_script = false;
	l->state = IN_TAG;
	l->glued = true;
	l->has_src = false;
	begin(&l->attribute, WORD);
	return RC_OK;
}

static enum rc attribute_ended(struct lint *l)
{
	static const char *const NAMES[] = {"style", "srcdoc", NULL};
	struct str a = word(&l->attribute);
	if (str_starts(a, STR("on")) || one_of(a, NAMES))
		return refuse(l, "an attribute that pages may not have");
	return RC_OK;
}

static enum rc value_ended(struct lint *l)
{
	static const char *const BEGINNINGS[] = {"/", "#", "https://", "tel:", "mailto:"};
	struct str v = word(&l->value), a = word(&l->attribute);
	if (str_find(v, STR("javascript:")) != SIZE_MAX)
		return refuse(l, "javascript: in an attribute");
	if (str_is(a, "src"))
		l->has_src = true;
	if (is_url(a) && l->tags == 0) {
		bool good = false;
		for (size_t i = 0; i < sizeof BEGINNINGS / sizeof *BEGINNINGS; i++)
			good = good || str_starts(v, str_of(BEGINNINGS[i]));
		if (!good || str_starts(v, STR("//")))
			return refuse(l, "an address must begin with /, #, https://, tel: or mailto:");
	} else if (is_url(a)) {
		if (l->tags != 1 || v.n > 0 || l->tag->kind != NODE_VALUE)
			return refuse(l, "a tag inside an address must be a value that stands there alone");
		if (str_is(a, "src") && !str_is(word(&l->name), "script"))
			l->tag->place = PLACE_IMAGE;
		else if (str_is(a, "href") || str_is(a, "src") || str_is(a, "action") ||
		         str_is(a, "formaction"))
			l->tag->place = PLACE_LINK;
		else
			return refuse(l, "no tag may stand in this attribute");
	}
	l->state = IN_TAG;
	l->glued = true;
	return RC_OK;
}

static enum rc element_ended(struct lint *l)
{
	bool script = str_is(word(&l->name), "script") && !l->closing;
	if (script && !l->has_src)
		return refuse(l, "<script> without src");
	l->in_script = script;
	l->state = IN_TEXT;
	return RC_OK;
}

static enum rc between_attributes(struct lint *l, char c)
{
	if (blank(c)) {
		l->glued = false;
		return RC_OK;
	}
	if (c == '>')
		return element_ended(l);
	if (c == '/')
		return RC_OK;
	if (l->glued)
		return refuse(l, "a blank is missing between attributes");
	if (!name_char(c))
		return refuse(l, "not an attribute's name");
	begin(&l->attribute, WORD);
	put(&l->attribute, c);
	l->state = IN_ATTRIBUTE;
	return RC_OK;
}

static enum rc character(struct lint *l, char c)
{
	enum rc rc;
	switch (l->state) {
	case IN_TEXT:
		if (l->in_script && c != '<' && !blank(c))
			return refuse(l, "nothing may stand inside <script>");
		if (c == '<')
			l->state = IN_OPEN;
		return RC_OK;
	case IN_OPEN:
		begin(&l->name, WORD);
		l->closing = c == '/';
		l->elements++;
		if (c == '!') {
			put(&l->name, c);
			l->state = IN_DECLARATION;
		} else if (l->closing || letter(c)) {
			if (!l->closing)
				put(&l->name, c);
			l->state = IN_NAME;
		} else {
			return refuse(l, "a < that begins no element (write &lt;)");
		}
		return RC_OK;
	case IN_NAME:
		if (name_char(c)) {
			put(&l->name, c);
			return RC_OK;
		}
		rc = name_ended(l);
		return rc == RC_OK ? between_attributes(l, c) : rc;
	case IN_TAG:
		return between_attributes(l, c);
	case IN_ATTRIBUTE:
		if (name_char(c)) {
			put(&l->attribute, c);
			return RC_OK;
		}
		rc = attribute_ended(l);
		l->state = c == '=' ? IN_EQUALS : IN_TAG;
		l->glued = true;
		return rc != RC_OK || c == '=' ? rc : between_attributes(l, c);
	case IN_EQUALS:
		if (c != '"')
			return refuse(l, "an attribute's value needs double quotes");
		begin(&l->value, VALUE);
		l->values++;
		l->tags = 0;
		l->state = IN_VALUE;
		return RC_OK;
	case IN_VALUE:
		if (c == '"')
			return value_ended(l);
		if ((unsigned char)c > ' ')
			put(&l->value, c);
		return RC_OK;
	case IN_DECLARATION:
		put(&l->name, c);
		if (c == '>')
			l->state = IN_TEXT;
		else if (str_is(word(&l->name), "!--"))
			l->state = IN_COMMENT;
		return RC_OK;
	case IN_COMMENT:
		/* The last two bytes before ">" must be "--"; name keeps them at its end. */
		if (c == '>' && str_ends(word(&l->name), STR("--")) && l->name.n >= 5) {
			l->state = IN_TEXT;
			return RC_OK;
		}
		if (l->name.n == 5) {
			l->name.p[3] = l->name.p[4];
			l->name.n = 4;
		}
		put(&l->name, c);
		return RC_OK;
	}
	return RC_OK;
}

static struct mark here(const struct lint *l)
{
	size_t place = l->state == IN_VALUE ? l->values : l->state == IN_TAG ? l->elements : 0;
	return (struct mark){l->state, place, l->glued};
}

static enum rc section_tag(struct lint *l, const struct mustache_node *n)
{
	if (n->kind != NODE_END) {
		l->open[l->depth++] = here(l);
		return RC_OK;
	}
	struct mark from = l->open[--l->depth], to = here(l);
	if (from.state != to.state || from.place != to.place)
		return refuse(l, "a section begins and ends in different places of the HTML");
	l->glued = from.glued || to.glued;
	return RC_OK;
}

static enum rc tag(struct lint *l, struct mustache_node *n)
{
	l->line = n->line;
	if (n->kind == NODE_RAW)
		return refuse(l, "raw output");
	if (l->state == IN_ATTRIBUTE) {
		/* A boolean attribute, as in {{#checked}}checked{{/checked}}. */
		enum rc rc = attribute_ended(l);
		if (rc != RC_OK)
			return rc;
		l->state = IN_TAG;
		l->glued = true;
	}
	if (l->state == IN_NAME && (n->kind == NODE_SECTION || n->kind == NODE_INVERTED)) {
		enum rc rc = name_ended(l);
		if (rc != RC_OK)
			return rc;
	}
	if (l->in_script)
		return refuse(l, "nothing may stand inside <script>");
	bool section = n->kind == NODE_SECTION || n->kind == NODE_INVERTED || n->kind == NODE_END;
	switch (l->state) {
	case IN_TEXT:
		break;
	case IN_TAG:
		if (!section)
			return refuse(l, "a value or partial between attributes");
		break;
	case IN_VALUE:
		if (n->kind == NODE_PARTIAL)
			return refuse(l, "a partial inside an attribute");
		l->tags++;
		l->tag = n;
		break;
	case IN_EQUALS:
		return refuse(l, "an attribute's value needs double quotes");
	case IN_OPEN:
	case IN_NAME:
	case IN_ATTRIBUTE:
	case IN_DECLARATION:
	case IN_COMMENT:
		return refuse(l, "a tag in a place that is neither text nor an attribute's value");
	}
	return section ? section_tag(l, n) : RC_OK;
}

enum rc template_lint(struct mustache *m, struct fault *f)
{
	struct lint l = {.m = m, .f = f};
	if (m->delimiters_line > 0) {
		l.line = m->delimiters_line;
		return refuse(&l, "delimiters may not be changed");
	}
	for (size_t i = 0; i < m->count; i++) {
		struct mustache_node *n = &m->nodes[i];
		enum rc rc = RC_OK;
		if (n->kind != NODE_TEXT)
			rc = tag(&l, n);
		l.line = n->line;
		for (size_t k = 0; n->kind == NODE_TEXT && k < n->text.n && rc == RC_OK; k++) {
			rc = character(&l, n->text.p[k]);
			l.line += n->text.p[k] == '\n';
		}
		if (rc != RC_OK)
			return rc;
	}
	if (l.state != IN_TEXT || l.in_script)
		return refuse(&l, "ends inside an element's tag");
	return RC_OK;
}

#include "kit/http/form_parser.h"

#include <string.h>
#include <strings.h>

#include "kit/base/text.h"

enum rc form_fail(struct form_parser *p, struct fault *f, enum rc rc, const char *why)
{
	p->rc = rc;
	buf_release(&p->text);
	return fault_set(f, rc, "%s", why);
}

enum rc form_field_found(struct form_parser *p, struct str name, struct str value,
                         struct fault *f)
{
	if (p->field_count == FORM_FIELDS_MAX)
		return form_fail(p, f, RC_BAD_REQUEST, "a form of more than 1,000 fields");
	if (name.n > FORM_NAME_MAX)
		return form_fail(p, f, RC_BAD_REQUEST, "a field's name is over 255 bytes");
	if (value.n > FORM_TEXT_MAX || p->text_total + name.n + value.n > FORM_TEXTS_MAX)
		return form_fail(p, f, RC_TOO_BIG, "a form's texts are too long");
	p->text_total += name.n + value.n;
	if (p->field_count == p->field_cap) {
		size_t cap = p->field_cap == 0 ? 16 : p->field_cap * 2;
		struct pair *more = arena_array(p->arena, cap, sizeof *more);
		if (p->field_count > 0)
			memcpy(more, p->fields, p->field_count * sizeof *more);
		p->fields = more;
		p->field_cap = cap;
	}
	p->fields[p->field_count++] = (struct pair){name, value};
	return RC_OK;
}

static enum rc pair_found(struct form_parser *p, struct str raw, struct fault *f)
{
	if (raw.n == 0)
		return RC_OK;
	struct str name, value, rest = raw;
	struct str raw_name = str_cut(&rest, '=');
	/* Bounded before it is decoded: the decoded text is at most as long. */
	if (raw_name.n > 3 * FORM_NAME_MAX)
		return form_fail(p, f, RC_BAD_REQUEST, "a field's name is over 255 bytes");
	if (!text_percent(p->arena, raw_name, true, &name) || !text_percent(p->arena, rest, true, &value))
		return form_fail(p, f, RC_BAD_REQUEST, "a broken percent sign in a form");
	return form_field_found(p, name, value, f);
}

static enum rc urlencoded_feed(struct form_parser *p, struct str bytes, struct fault *f)
{
	while (bytes.n > 0) {
		const char *end = memchr(bytes.p, '&', bytes.n);
		size_t n = end != NULL ? (size_t)(end - bytes.p) : bytes.n;
		if (p->text.n + n > 3 * (FORM_NAME_MAX + FORM_TEXT_MAX) + 1 ||
		    p->text_total + (p->text.n + n) / 3 > FORM_TEXTS_MAX)
			return form_fail(p, f, RC_TOO_BIG, "a form's field is too long");
		if (end == NULL) {
			buf_add(&p->text, bytes);
			break;
		}
		enum rc rc;
		if (p->text.n == 0) {
			rc = pair_found(p, str_n(bytes.p, n), f);
		} else {
			buf_add(&p->text, str_n(bytes.p, n));
			rc = pair_found(p, buf_str(&p->text), f);
			p->text.n = 0;
		}
		if (rc != RC_OK)
			return rc;
		bytes = str_sub(bytes, n + 1, bytes.n);
	}
	if (p->text.failed)
		return form_fail(p, f, RC_NOMEM, "no memory for a form");
	return RC_OK;
}

static bool media_type_is(struct str type, struct str want)
{
	struct str rest = type;
	struct str t = str_trim(str_cut(&rest, ';'));
	return t.n == want.n && strncasecmp(t.p, want.p, want.n) == 0;
}

enum rc form_begin(struct form_parser **out, struct arena *a, struct str type,
                   const struct form_sink *sink, struct fault *f)
{
	bool multipart = media_type_is(type, STR("multipart/form-data"));
	if (!multipart && !media_type_is(type, STR("application/x-www-form-urlencoded")))
		return fault_set(f, RC_UNSUPPORTED, "a body that is no form");
	struct form_parser *p = ARENA_NEW(a, struct form_parser);
	p->arena = a;
	p->multipart = multipart;
	if (sink != NULL)
		p->sink = *sink;
	p->text.max = 4 * FORM_TEXT_MAX;
	if (multipart) {
		enum rc rc = multipart_begin(p, type, f);
		if (rc != RC_OK)
			return rc;
	}
	*out = p;
	return RC_OK;
}

enum rc form_feed(struct form_parser *p, struct str bytes, struct fault *f)
{
	if (p->rc != RC_OK)
		return fault_set(f, p->rc, "the form was broken before");
	return p->multipart ? multipart_feed(p, bytes, f) : urlencoded_feed(p, bytes, f);
}

enum rc form_end(struct form_parser *p, struct pair **fields, size_t *field_count,
                 struct upload **uploads, size_t *upload_count, struct fault *f)
{
	if (p->rc == RC_OK && p->multipart && p->state != PART_END)
		(void)form_fail(p, f, RC_BAD_REQUEST, "a multipart body was cut short");
	else if (p->rc == RC_OK && !p->multipart && p->text.n > 0)
		(void)pair_found(p, buf_str(&p->text), f);
	else if (p->rc != RC_OK)
		(void)fault_set(f, p->rc, "the form was broken before");
	buf_release(&p->text);
	*fields = p->fields;
	*field_count = p->field_count;
	*uploads = p->uploads;
	*upload_count = p->upload_count;
	p->uploads = NULL;
	p->upload_count = p->upload_cap = 0;
	return p->rc;
}

void form_free(struct form_parser *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->upload_count; i++)
		spool_free(p->uploads[i].spool);
	p->upload_count = 0;
	spool_free(p->spool);
	p->spool = NULL;
	buf_release(&p->text);
}

enum rc form_urlencoded(struct arena *a, struct str text, struct pair **out, size_t *count)
{
	struct form_parser p = {.arena = a, .text = {.max = 4 * FORM_TEXT_MAX}};
	struct upload *uploads;
	size_t upload_count;
	(void)urlencoded_feed(&p, text, NULL);
	return form_end(&p, out, count, &uploads, &upload_count, NULL);
}

#include "kit/http/form_parser.h"

#include <string.h>
#include <strings.h>

/* A parameter of a header value: ; name=value or ; name="value". Browsers write %22, %0D and %0A
 * for a quote and line breaks inside the quotes (HTML standard, multipart/form-data encoding);
 * others a backslash before a quote or backslash. */
enum found { FOUND_NONE, FOUND_ONE, FOUND_BROKEN };

static bool token_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?={}", c) == NULL;
}

static enum found parameter(struct arena *a, struct str rest, const char *want, struct str *out)
{
	enum found found = FOUND_NONE;
	for (;;) {
		rest = str_trim(rest);
		if (rest.n == 0)
			return found;
		if (rest.p[0] != ';')
			return FOUND_BROKEN;
		rest = str_trim(str_sub(rest, 1, rest.n));
		if (rest.n == 0)
			return found;
		size_t n = 0;
		while (n < rest.n && token_char(rest.p[n]))
			n++;
		if (n == 0 || n == rest.n || rest.p[n] != '=')
			return FOUND_BROKEN;
		bool ours = n == strlen(want) && strncasecmp(rest.p, want, n) == 0;
		rest = str_sub(rest, n + 1, rest.n);
		/* Memory for the one that is wanted alone: a header of a thousand others costs nothing. */
		char scrap[FORM_HEAD_MAX];
		if (rest.n > sizeof scrap)
			return FOUND_BROKEN;
		char *to = ours && found == FOUND_NONE ? arena_alloc(a, rest.n + 1) : scrap;
		size_t used = 0, i = 0;
		if (rest.n > 0 && rest.p[0] == '"') {
			for (i = 1; i < rest.n && rest.p[i] != '"'; i++) {
				char c = rest.p[i];
				if (c == '\\' && i + 1 < rest.n && (rest.p[i + 1] == '"' || rest.p[i + 1] == '\\'))
					c = rest.p[++i];
				else if (c == '%' && rest.n - i > 2 && rest.p[i + 1] == '2' && rest.p[i + 2] == '2')
					c = '"', i += 2;
				else if (c == '%' && rest.n - i > 2 && rest.p[i + 1] == '0' &&
				         strchr("DdAa", rest.p[i + 2]) != NULL && rest.p[i + 2] != '\0')
					c = ' ', i += 2;
				to[used++] = c;
			}
			if (i == rest.n)
				return FOUND_BROKEN;
			i++;
		} else {
			while (i < rest.n && token_char(rest.p[i]))
				to[used++] = rest.p[i++];
			if (i == 0)
				return FOUND_BROKEN;
		}
		rest = str_sub(rest, i, rest.n);
		if (!ours)
			continue;
		if (found == FOUND_ONE)
			return FOUND_BROKEN;
		found = FOUND_ONE;
		*out = str_n(to, used);
	}
}

enum rc multipart_begin(struct form_parser *p, struct str type, struct fault *f)
{
	struct str boundary = STR_EMPTY, rest = type;
	size_t semicolon = str_find(type, STR(";"));
	if (type.n > 1024 || semicolon == SIZE_MAX)
		return fault_set(f, RC_BAD_REQUEST, "a multipart body without a boundary");
	rest = str_sub(type, semicolon, type.n);
	if (parameter(p->arena, rest, "boundary", &boundary) != FOUND_ONE || boundary.n == 0 ||
	    boundary.n > FORM_BOUNDARY_MAX || boundary.p[boundary.n - 1] == ' ')
		return fault_set(f, RC_BAD_REQUEST, "a multipart body without a good boundary");
	for (size_t i = 0; i < boundary.n; i++)
		if (boundary.p[i] < ' ' || boundary.p[i] > '~')
			return fault_set(f, RC_BAD_REQUEST, "a boundary that is not of printable letters");
	memcpy(p->delimiter, "\r\n--", 4);
	memcpy(p->delimiter + 4, boundary.p, boundary.n);
	p->delimiter_size = boundary.n + 4;
	p->state = PART_FIRST;
	p->matched = 2;
	return RC_OK;
}

/* What a browser sends as a path is cut to its last step. */
static struct str base_name(struct str path)
{
	size_t from = 0;
	for (size_t i = 0; i < path.n; i++)
		if (path.p[i] == '/' || path.p[i] == '\\')
			from = i + 1;
	return str_sub(path, from, path.n);
}

static bool header_is(struct str name, const char *want)
{
	return name.n == strlen(want) && strncasecmp(name.p, want, name.n) == 0;
}

static enum rc disposition(struct form_parser *p, struct str value, struct fault *f)
{
	struct str rest = value;
	size_t semicolon = str_find(value, STR(";"));
	if (p->name.p != NULL || semicolon == SIZE_MAX ||
	    !header_is(str_trim(str_n(value.p, semicolon)), "form-data"))
		return form_fail(p, f, RC_BAD_REQUEST, "a part that is no form-data");
	rest = str_sub(value, semicolon, value.n);
	enum found file = parameter(p->arena, rest, "filename", &p->file_name);
	if (parameter(p->arena, rest, "name", &p->name) != FOUND_ONE || file == FOUND_BROKEN)
		return form_fail(p, f, RC_BAD_REQUEST, "a part without a good name");
	p->is_file = file == FOUND_ONE;
	p->file_name = base_name(p->file_name);
	if (p->name.n > FORM_NAME_MAX || p->file_name.n > FORM_NAME_MAX)
		return form_fail(p, f, RC_BAD_REQUEST, "a part's name is over 255 bytes");
	return RC_OK;
}

/* The header lines of a part are whole in p->text, without the empty line. */
static enum rc head_found(struct form_parser *p, struct fault *f)
{
	if (++p->part_count > FORM_PARTS_MAX)
		return form_fail(p, f, RC_BAD_REQUEST, "a body of more than 256 parts");
	if (p->arena->over)
		return form_fail(p, f, RC_TOO_BIG, "a form that takes more memory than a request has");
	p->name = p->file_name = p->type = (struct str){NULL, 0};
	p->is_file = p->dropped = false;
	p->size = 0;
	struct str rest = buf_str(&p->text);
	while (rest.n > 0) {
		struct str line = str_cut(&rest, '\n');
		if (line.n == 0 || line.p[line.n - 1] != '\r')
			return form_fail(p, f, RC_BAD_REQUEST, "a part's header line without CRLF");
		line.n--;
		for (size_t i = 0; i < line.n; i++)
			if ((unsigned char)line.p[i] < ' ' && line.p[i] != '\t')
				return form_fail(p, f, RC_BAD_REQUEST, "a control byte in a part's header");
		struct str value = line, name = str_cut(&value, ':');
		if (value.p == NULL || name.n == 0 || name.p[0] == ' ' || name.p[0] == '\t')
			return form_fail(p, f, RC_BAD_REQUEST, "a part's header line without a name");
		value = str_trim(value);
		if (header_is(name, "content-disposition")) {
			enum rc rc = disposition(p, value, f);
			if (rc != RC_OK)
				return rc;
		} else if (header_is(name, "content-type")) {
			p->type = arena_copy(p->arena, str_sub(value, 0, 127));
		} else if (header_is(name, "content-transfer-encoding")) {
			if (!header_is(value, "binary") && !header_is(value, "8bit") &&
			    !header_is(value, "7bit"))
				return form_fail(p, f, RC_BAD_REQUEST, "a part in an encoding of mail");
		}
	}
	p->text.n = 0;
	if (p->name.p == NULL)
		return form_fail(p, f, RC_BAD_REQUEST, "a part without Content-Disposition");
	p->state = PART_DATA;
	p->matched = 0;
	return RC_OK;
}

static enum rc spool_for(struct form_parser *p, struct fault *f)
{
	if (p->spool != NULL || p->dropped)
		return RC_OK;
	/* No form takes so many: what comes after them is read and forgotten, and holds nothing. */
	if (p->upload_count == FORM_UPLOADS_MAX) {
		p->dropped = true;
		return RC_OK;
	}
	struct fault why = {0};
	p->spool = p->sink.file != NULL ? p->sink.file(p->sink.ctx, &why) : NULL;
	if (p->spool == NULL && why.rc != RC_OK)
		return form_fail(p, f, why.rc, why.text);
	p->dropped = p->spool == NULL;
	return RC_OK;
}

static enum rc data(struct form_parser *p, struct str bytes, struct fault *f)
{
	if (bytes.n == 0)
		return RC_OK;
	if (!p->is_file) {
		if (p->text.n + bytes.n > FORM_TEXT_MAX)
			return form_fail(p, f, RC_TOO_BIG, "a form's field is over 64 KiB");
		buf_add(&p->text, bytes);
		return p->text.failed ? form_fail(p, f, RC_NOMEM, "no memory for a form") : RC_OK;
	}
	enum rc rc = spool_for(p, f);
	if (rc != RC_OK || p->dropped)
		return rc;
	struct fault why = {0};
	rc = spool_write(p->spool, bytes, &why);
	if (rc != RC_OK)
		return form_fail(p, f, rc, why.text);
	p->size += bytes.n;
	return RC_OK;
}

static enum rc part_found(struct form_parser *p, struct fault *f)
{
	if (!p->is_file) {
		struct str value = arena_copy(p->arena, buf_str(&p->text));
		p->text.n = 0;
		return form_field_found(p, p->name, value, f);
	}
	/* A file field left empty comes with neither name nor bytes. */
	if (p->size == 0 && p->file_name.n == 0 && !p->dropped)
		return RC_OK;
	enum rc rc = spool_for(p, f);
	if (rc != RC_OK || p->dropped)
		return rc;
	if (p->upload_count == p->upload_cap) {
		size_t cap = p->upload_cap == 0 ? 8 : p->upload_cap * 2;
		struct upload *more = arena_array(p->arena, cap, sizeof *more);
		if (p->upload_count > 0)
			memcpy(more, p->uploads, p->upload_count * sizeof *more);
		p->uploads = more;
		p->upload_cap = cap;
	}
	p->uploads[p->upload_count++] = (struct upload){
		.field = p->name, .file_name = p->file_name, .type = p->type, .spool = p->spool,
		.size = p->size,
	};
	p->spool = NULL;
	return RC_OK;
}

/* Reads data up to the delimiter. A carriage return stands only at the delimiter's beginning, so
 * after a mismatch nothing but the present byte can begin another. */
static enum rc data_feed(struct form_parser *p, struct str *bytes, struct fault *f)
{
	size_t start = 0, i = 0;
	while (i < bytes->n) {
		if (p->matched == 0) {
			const char *cr = memchr(bytes->p + i, '\r', bytes->n - i);
			if (cr == NULL) {
				i = bytes->n;
				break;
			}
			i = (size_t)(cr - bytes->p);
			enum rc rc = data(p, str_n(bytes->p + start, i - start), f);
			if (rc != RC_OK)
				return rc;
			p->matched = 1;
			start = ++i;
			continue;
		}
		if (bytes->p[i] == p->delimiter[p->matched]) {
			start = ++i;
			if (++p->matched < p->delimiter_size)
				continue;
			*bytes = str_sub(*bytes, i, bytes->n);
			p->state = PART_AFTER;
			p->matched = 0;
			return part_found(p, f);
		}
		/* What looked like the delimiter was data. */
		enum rc rc = data(p, str_n(p->delimiter, p->matched), f);
		if (rc != RC_OK)
			return rc;
		p->matched = 0;
		start = i;
	}
	struct str rest = str_n(bytes->p + start, i - start);
	*bytes = STR_EMPTY;
	return p->matched == 0 ? data(p, rest, f) : RC_OK;
}

enum rc multipart_feed(struct form_parser *p, struct str bytes, struct fault *f)
{
	while (bytes.n > 0) {
		enum rc rc = RC_OK;
		char c = bytes.p[0];
		switch (p->state) {
		case PART_FIRST:
			if (c != p->delimiter[p->matched])
				return form_fail(p, f, RC_BAD_REQUEST, "a multipart body without its delimiter");
			bytes = str_sub(bytes, 1, bytes.n);
			if (++p->matched == p->delimiter_size) {
				p->state = PART_AFTER;
				p->matched = 0;
			}
			break;
		case PART_AFTER: {
			static const char LINE[] = "\r\n", LAST[] = "--";
			if (p->matched == 0)
				p->end_seen = c == '-';
			if (c != (p->end_seen ? LAST : LINE)[p->matched])
				return form_fail(p, f, RC_BAD_REQUEST, "a delimiter that does not end");
			bytes = str_sub(bytes, 1, bytes.n);
			if (++p->matched < 2)
				break;
			p->state = p->end_seen ? PART_END : PART_HEAD;
			p->matched = 0;
			break;
		}
		case PART_HEAD: {
			const char *lf = memchr(bytes.p, '\n', bytes.n);
			size_t n = lf != NULL ? (size_t)(lf - bytes.p) + 1 : bytes.n;
			if (p->text.n + n > FORM_HEAD_MAX)
				return form_fail(p, f, RC_BAD_REQUEST, "a part's header is over 4 KiB");
			buf_add(&p->text, str_n(bytes.p, n));
			bytes = str_sub(bytes, n, bytes.n);
			struct str head = buf_str(&p->text);
			if (lf != NULL && (str_is(head, "\r\n") || str_ends(head, STR("\r\n\r\n")))) {
				p->text.n -= 2;
				rc = head_found(p, f);
			}
			break;
		}
		case PART_DATA:
			rc = data_feed(p, &bytes, f);
			break;
		case PART_END:
			return RC_OK;
		}
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

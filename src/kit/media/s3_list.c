/* What S3 answers, read: lists and the codes of errors. The bytes are a stranger's. */
#include <expat.h>
#include <string.h>

#include "kit/base/clock.h"
#include "kit/media/s3.h"

enum { DEPTH_MAX = 8, TOKEN_MAX = 2048 };

struct reading {
	XML_Parser parser;
	s3_each_fn *each;
	void *ctx;
	int depth;
	bool item, list;              /* inside of Contents; the root is a list */
	bool more, stopped, wrong;
	struct buf text;              /* of the element that is open */
	char key[S3_KEY_MAX + 1], token[TOKEN_MAX + 1];
	size_t key_size, token_size;
	int64_t size, changed_at;
};

static void give_up(struct reading *r)
{
	r->wrong = true;
	(void)XML_StopParser(r->parser, XML_FALSE);
}

/* A list needs none, and what they can do to a reader is no use to us. */
static void XMLCALL doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                            const XML_Char *public, int internal)
{
	(void)name;
	(void)system;
	(void)public;
	(void)internal;
	give_up(ctx);
}

static void XMLCALL opened(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
	struct reading *r = ctx;
	(void)attributes;
	if (r->depth == 0)
		r->list = strcmp(name, "ListBucketResult") == 0;
	if (++r->depth > DEPTH_MAX || !r->list) {
		give_up(r);
		return;
	}
	if (r->depth == 2 && strcmp(name, "Contents") == 0) {
		r->item = true;
		r->key_size = 0;
		r->size = r->changed_at = 0;
	}
	r->text.n = 0;
}

static void XMLCALL wrote(void *ctx, const XML_Char *text, int n)
{
	struct reading *r = ctx;
	buf_add(&r->text, str_n(text, (size_t)n));
	if (r->text.failed)
		give_up(r);
}

static void take(struct reading *r, char *to, size_t max, size_t *size)
{
	if (r->text.n > max) {
		give_up(r);
		return;
	}
	memcpy(to, r->text.p != NULL ? r->text.p : "", r->text.n);
	to[r->text.n] = '\0';
	*size = r->text.n;
}

static void XMLCALL closed(void *ctx, const XML_Char *name)
{
	struct reading *r = ctx;
	struct str text = str_trim(buf_str(&r->text));
	if (r->item && r->depth == 3 && strcmp(name, "Key") == 0) {
		take(r, r->key, S3_KEY_MAX, &r->key_size);
	} else if (r->item && r->depth == 3 && strcmp(name, "Size") == 0) {
		if (!str_i64(text, &r->size) || r->size < 0)
			give_up(r);
	} else if (r->item && r->depth == 3 && strcmp(name, "LastModified") == 0) {
		r->changed_at = s3_time(text);
	} else if (r->depth == 2 && strcmp(name, "IsTruncated") == 0) {
		r->more = str_is(text, "true");
	} else if (r->depth == 2 && strcmp(name, "NextContinuationToken") == 0) {
		take(r, r->token, TOKEN_MAX, &r->token_size);
	} else if (r->depth == 2 && r->item) {
		r->item = false;
		const struct s3_item item = {str_n(r->key, r->key_size), r->size, r->changed_at};
		if (!r->wrong && !r->each(r->ctx, &item)) {
			r->stopped = true;
			(void)XML_StopParser(r->parser, XML_FALSE);
		}
	}
	r->text.n = 0;
	r->depth--;
}

enum rc s3_list_read(struct str xml, s3_each_fn *each, void *ctx, struct arena *a, struct str *next,
                     bool *stopped, struct fault *f)
{
	struct reading r = {.parser = XML_ParserCreate("UTF-8"), .each = each, .ctx = ctx,
	                    .text = {.max = TOKEN_MAX + 1}};
	*next = STR_EMPTY;
	if (r.parser == NULL)
		return fault_set(f, RC_NOMEM, "no memory to read a list of objects");
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, opened, closed);
	XML_SetCharacterDataHandler(r.parser, wrote);
	XML_SetStartDoctypeDeclHandler(r.parser, doctype);
	bool fine = xml.n <= S3_LIST_MAX &&
	            XML_Parse(r.parser, xml.p, (int)xml.n, 1) == XML_STATUS_OK && !r.wrong;
	XML_ParserFree(r.parser);
	buf_release(&r.text);
	*stopped = r.stopped;
	if (r.stopped && !r.wrong)
		return RC_OK;
	if (!fine || (r.more && r.token_size == 0))
		return fault_set(f, RC_CORRUPT, "the storage of photos answers with something that is no "
		                                "list of objects");
	if (r.more)
		*next = arena_copy(a, str_n(r.token, r.token_size));
	return RC_OK;
}

static bool digits(struct str s, size_t at, size_t n, int *out)
{
	int64_t v;
	if (!str_i64(str_sub(s, at, n), &v) || v < 0)
		return false;
	*out = (int)v;
	return true;
}

int64_t s3_time(struct str s)
{
	struct date d;
	int hour, minute, second;
	if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != 'T' || s.p[13] != ':' ||
	    s.p[16] != ':' || s.p[s.n - 1] != 'Z' || !digits(s, 0, 4, &d.year) ||
	    !digits(s, 5, 2, &d.month) || !digits(s, 8, 2, &d.day) || !digits(s, 11, 2, &hour) ||
	    !digits(s, 14, 2, &minute) || !digits(s, 17, 2, &second) || !date_valid(d) || hour > 23 ||
	    minute > 59 || second > 60)
		return 0;
	return day_from_date(d) * US_DAY + hour * US_HOUR + minute * US_MINUTE + second * US_SECOND;
}

struct str s3_encode(struct arena *a, struct str s)
{
	static const char HEX[] = "0123456789ABCDEF";
	char *out = arena_array(a, s.n + 1, 3);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
		    c == '.' || c == '_' || c == '~') {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '%';
		out[n++] = HEX[c >> 4];
		out[n++] = HEX[c & 15];
	}
	return str_n(out, n);
}

void s3_error_code(struct str xml, char out[S3_CODE_MAX])
{
	size_t at = str_find(xml, STR("<Code>")), n = 0;
	if (at != SIZE_MAX)
		for (at += 6; at < xml.n && n + 1 < S3_CODE_MAX; at++, n++) {
			char c = xml.p[at];
			if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
				break;
			out[n] = c;
		}
	out[n] = '\0';
}

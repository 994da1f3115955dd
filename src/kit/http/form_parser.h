/* What form.c and multipart.c share: the parser's state, and where its results gather. */
#ifndef XOM_HTTP_FORM_PARSER_H
#define XOM_HTTP_FORM_PARSER_H

#include "kit/http/form.h"
#include "kit/http/spool.h"

enum {
	FORM_FIELDS_MAX = 1000,
	FORM_PARTS_MAX = 256,
	FORM_UPLOADS_MAX = 16,       /* files of one body: each holds a descriptor and a block */
	FORM_TEXT_MAX = 64 << 10,
	FORM_TEXTS_MAX = 2 << 20,    /* together: well inside the arena of a request */
	FORM_NAME_MAX = 255,
	FORM_HEAD_MAX = 4 << 10,     /* header lines of one part */
	FORM_BOUNDARY_MAX = 70,      /* RFC 2046 */
};

enum multipart_state {
	PART_FIRST = 1,   /* the first delimiter, which has no line break before it */
	PART_AFTER,       /* behind a delimiter: a line break, or the two hyphens of the end */
	PART_HEAD,
	PART_DATA,
	PART_END,         /* behind the last delimiter: what follows means nothing */
};

struct form_parser {
	struct arena *arena;
	struct form_sink sink;
	bool multipart;
	enum rc rc;                      /* sticky */
	struct pair *fields;
	struct upload *uploads;
	size_t field_count, field_cap, upload_count, upload_cap, part_count, text_total;
	struct buf text;                 /* the field, or the header lines, being read */

	enum multipart_state state;
	char delimiter[FORM_BOUNDARY_MAX + 4];
	size_t delimiter_size, matched;  /* of the delimiter, or of what may follow it */
	bool end_seen;                   /* the first hyphen of the last delimiter's two */
	bool is_file, dropped;
	struct str name, file_name, type;
	struct spool *spool;
	size_t size;
};

/* Each sets and returns p->rc. */
enum rc form_fail(struct form_parser *p, struct fault *f, enum rc rc, const char *why);
enum rc form_field_found(struct form_parser *p, struct str name, struct str value,
                         struct fault *f);
enum rc multipart_begin(struct form_parser *p, struct str type, struct fault *f);
enum rc multipart_feed(struct form_parser *p, struct str bytes, struct fault *f);

#endif

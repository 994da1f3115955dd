/* Parsers of request bodies, as streams of blocks, without a socket, so that fuzzers and tests can
 * drive them: application/x-www-form-urlencoded and multipart/form-data (RFC 7578).
 * Budgets: 1,000 fields, 256 parts, 16 files (those after them are read and forgotten), 64 KiB a
 * text field and 2 MiB of all texts, names and file names of 255 bytes.
 * By hand: libmicrohttpd's own post processor needs a connection and forgives broken multipart. */
#ifndef XOM_HTTP_FORM_H
#define XOM_HTTP_FORM_H

#include "kit/http/http.h"

struct form_sink {
	/* A file part begins: gives the spool to write to. NULL: drop its bytes, or, with f->rc set,
	 * end with that error. f is never NULL. */
	struct spool *(*file)(void *ctx, struct fault *f);
	void *ctx;
};
struct form_parser;

/* type: the Content-Type header. RC_UNSUPPORTED: neither of the two; RC_BAD_REQUEST: a multipart
 * without a boundary. */
enum rc form_begin(struct form_parser **out, struct arena *a, struct str type,
                   const struct form_sink *sink, struct fault *f);
/* RC_BAD_REQUEST: malformed, or too many; RC_TOO_BIG: a text over its budget; RC_FULL, RC_IO: from
 * the spool. After an error the parser ignores the rest and repeats the error. */
enum rc form_feed(struct form_parser *p, struct str bytes, struct fault *f);
/* What came, whole parts only, also when an error is returned. The uploads' spools are the
 * caller's now. */
enum rc form_end(struct form_parser *p, struct pair **fields, size_t *field_count,
                 struct upload **uploads, size_t *upload_count, struct fault *f);
/* Frees spools not taken; the rest is the arena's. Takes NULL. */
void form_free(struct form_parser *p);

/* A query string or urlencoded body at once. On an error *out has what came before it. */
enum rc form_urlencoded(struct arena *a, struct str text, struct pair **out, size_t *count);

#endif

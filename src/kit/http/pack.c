/* Bytes that are the same for everybody, compressed once, ready to be queued on an I/O thread. */
#include "kit/http/internal.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { SMALLEST = 256, BROTLI_QUALITY = 7 };

static bool compressible(struct str type)
{
	return str_starts(type, STR("text/")) || str_starts(type, STR("application/json")) ||
	       str_starts(type, STR("image/svg+xml")) || str_starts(type, STR("application/geo+json"));
}

/* Each gives a malloc'ed buffer, or NULL when it would not be smaller. */
static char *brotli(struct str in, size_t *n)
{
	*n = in.n;
	char *out = malloc(in.n);
	if (out != NULL && BrotliEncoderCompress(BROTLI_QUALITY, 18, BROTLI_MODE_TEXT, in.n,
	                                         (const uint8_t *)in.p, n, (uint8_t *)out))
		return out;
	free(out);
	return NULL;
}

static char *gzip(struct str in, size_t *n)
{
	z_stream z = {0};
	char *out = malloc(in.n);
	if (out == NULL || deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(out);
		return NULL;
	}
	z.next_in = (Bytef *)(uintptr_t)in.p;
	z.avail_in = (uInt)in.n;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)in.n;
	int end = deflate(&z, Z_FINISH);
	*n = z.total_out;
	(void)deflateEnd(&z);
	if (end == Z_STREAM_END)
		return out;
	free(out);
	return NULL;
}

static const char *const NAMES[ENC_COUNT] = {"", "gzip", "br"};

/* The two responses of one encoding; the body is the first one's, or borrowed. */
static void add_encoding(struct packed *p, const struct http *h, enum encoding e, struct str type,
                         const char *cache_control, enum MHD_ResponseMemoryMode mode)
{
	p->full[e] = MHD_create_response_from_buffer(p->length[e], (void *)(uintptr_t)p->body[e], mode);
	p->same[e] = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (p->full[e] == NULL || p->same[e] == NULL)
		BUG("no memory for a response");
	struct MHD_Response *both[2] = {p->full[e], p->same[e]};
	for (int i = 0; i < 2; i++) {
		answer_headers(h, both[i], i == 0 ? type : STR_EMPTY, cache_control);
		answer_header(both[i], "ETag", str_of(p->etag[e]));
		answer_header(both[i], "Vary", STR("Accept-Encoding"));
	}
	if (e != ENC_PLAIN)
		answer_header(p->full[e], "Content-Encoding", str_of(NAMES[e]));
}

void packed_again(struct packed *p, const struct http *h, const struct packed *of, struct str type,
                  const char *cache_control)
{
	*p = *of;
	for (int e = ENC_PLAIN; e < ENC_COUNT; e++)
		if (of->full[e] != NULL)
			add_encoding(p, h, (enum encoding)e, type, cache_control, MHD_RESPMEM_PERSISTENT);
}

void packed_init(struct packed *p, const struct http *h, struct str type, struct str bytes,
                 const char *cache_control)
{
	*p = (struct packed){0};
	struct hash id = hash_of(NULL, "etag", bytes);
	bool squeeze = compressible(type) && bytes.n >= SMALLEST && bytes.n <= UINT32_MAX;
	for (int e = ENC_PLAIN; e < ENC_COUNT; e++) {
		size_t n = bytes.n;
		char *body = NULL;
		if (e == ENC_PLAIN) {
			body = malloc(n + 1);
			if (body != NULL && n > 0)
				memcpy(body, bytes.p, n);
		} else if (squeeze) {
			body = e == ENC_BR ? brotli(bytes, &n) : gzip(bytes, &n);
		}
		if (body == NULL)
			continue;
		char *tag = p->etag[e];
		(void)snprintf(tag, sizeof p->etag[e], "\"%02x%02x%02x%02x%02x%02x%02x%02x%s%s\"",
		               id.b[0], id.b[1], id.b[2], id.b[3], id.b[4], id.b[5], id.b[6], id.b[7],
		               e != ENC_PLAIN ? "-" : "", NAMES[e]);
		p->size += n;
		p->body[e] = body;
		p->length[e] = n;
		add_encoding(p, h, (enum encoding)e, type, cache_control, MHD_RESPMEM_MUST_FREE);
	}
	if (p->full[ENC_PLAIN] == NULL)
		BUG("no memory for a page");
}

void packed_release(struct packed *p)
{
	for (int e = 0; e < ENC_COUNT; e++) {
		if (p->full[e] != NULL)
			MHD_destroy_response(p->full[e]);
		if (p->same[e] != NULL)
			MHD_destroy_response(p->same[e]);
	}
	*p = (struct packed){0};
}

static bool refused(struct str parameters)
{
	while (parameters.n > 0) {
		struct str one = str_trim(str_cut(&parameters, ';'));
		double q;
		if (one.n > 2 && (one.p[0] | 0x20) == 'q' && one.p[1] == '=')
			return !str_f64(str_sub(one, 2, one.n), &q) || q <= 0;
	}
	return false;
}

enum encoding packed_encoding(const struct packed *p, struct str accept)
{
	enum encoding best = ENC_PLAIN;
	while (accept.n > 0) {
		struct str parameters = str_cut(&accept, ',');
		struct str name = str_trim(str_cut(&parameters, ';'));
		enum encoding e = ENC_PLAIN;
		if (name.n == 2 && strncasecmp(name.p, "br", 2) == 0)
			e = ENC_BR;
		else if (name.n == 4 && strncasecmp(name.p, "gzip", 4) == 0)
			e = ENC_GZIP;
		if (e > best && p->full[e] != NULL && !refused(parameters))
			best = e;
	}
	return best;
}

static bool etag_listed(struct str list, const char *tag)
{
	while (list.n > 0) {
		struct str one = str_trim(str_cut(&list, ','));
		if (str_starts(one, STR("W/")))
			one = str_sub(one, 2, one.n);
		if (str_is(one, tag) || str_is(one, "*"))
			return true;
	}
	return false;
}

static enum MHD_Result copy_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
	(void)kind;
	answer_header(ctx, name, str_of(value));
	return MHD_YES;
}

/* While the server stops: the same answer, but the connection ends with it. The shared ones are in
 * use by other threads and can't be changed. */
static enum MHD_Result queue_last(const struct packed *p, struct call *c, enum encoding e, bool same)
{
	struct MHD_Response *m = MHD_create_response_from_buffer(
		same ? 0 : p->length[e], (void *)(uintptr_t)p->body[e], MHD_RESPMEM_MUST_COPY);
	if (m == NULL)
		return MHD_NO;
	(void)MHD_get_response_headers(same ? p->same[e] : p->full[e], copy_header, m);
	answer_header(m, "Connection", STR("close"));
	enum MHD_Result result = MHD_queue_response(c->mhd, (unsigned)c->status, m);
	MHD_destroy_response(m);
	return result;
}

enum MHD_Result packed_queue(const struct packed *p, struct call *c)
{
	struct str accept = STR_EMPTY, known;
	(void)call_header(c, "Accept-Encoding", &accept);
	enum encoding e = packed_encoding(p, accept);
	bool same = call_header(c, "If-None-Match", &known) && etag_listed(known, p->etag[e]);
	conn_state(c->conn, CONN_SEND);
	c->status = same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
	if (atomic_load_explicit(&c->http->stopping, memory_order_relaxed))
		return queue_last(p, c, e, same);
	return same ? MHD_queue_response(c->mhd, MHD_HTTP_NOT_MODIFIED, p->same[e])
	            : MHD_queue_response(c->mhd, MHD_HTTP_OK, p->full[e]);
}

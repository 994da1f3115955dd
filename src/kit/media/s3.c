#include "kit/media/s3.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/clock.h"
#include "kit/base/log.h"

enum {
	CONNECT_MS = 3000, WHOLE_MS = 15000, LOOK_MS = 3000,
	SLOW_BYTES = 256, SLOW_S = 4,      /* fewer bytes a second for so long: it hangs */
	PATIENCE_S = 3, TROUBLES = 3, PAUSE_MAX_S = 30, CALLS_MAX = 16,
	ID_MAX = 256, SECRET_FILE_MAX = 4096, SHA256_HEX = 65, ERROR_MAX = 16 << 10,
};

struct s3 {
	struct s3_config c;                /* its texts are copies in `arena` */
	struct arena arena;
	struct str host;                   /* for the log and for faults */
	pthread_mutex_t lock;
	pthread_cond_t freed;
	CURL *handles[CALLS_MAX];          /* keep their connections between calls */
	bool busy[CALLS_MAX];
	size_t calls, waiting;
	int troubles;                      /* in a row */
	bool trying;                       /* one asks whether it answers again */
	int64_t shut_until;                /* ticks */
};

struct call {
	const char *method;
	struct str path, query, body;      /* encoded path below the endpoint */
	size_t max;                        /* of what it may answer */
	long whole_ms;
	bool unsigned_;
	/* what came back */
	size_t sent;
	struct buf answer;
	long status;
	int64_t date;                      /* its clock; 0: not told */
	char code[S3_CODE_MAX];
};

enum rc s3_open(struct s3 **out, const struct s3_config *c, struct fault *f)
{
	struct s3 *s = calloc(1, sizeof *s);
	pthread_condattr_t mono;
	if (s == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(s);
		return fault_set(f, RC_NOMEM, "no memory for the storage of photos");
	}
	arena_init(&s->arena, 64 << 10);
	s->c = (struct s3_config){
		.endpoint = arena_z(&s->arena, str_of(c->endpoint)),
		.bucket = arena_z(&s->arena, str_of(c->bucket)),
		.prefix = arena_z(&s->arena, str_of(c->prefix)),
		.region = arena_z(&s->arena, str_of(c->region)),
		.credentials = arena_z(&s->arena, str_of(c->credentials)),
		.ca = arena_z(&s->arena, str_of(c->ca)),
	};
	struct str rest = str_of(s->c.endpoint);
	s->host = str_sub(rest, str_find(rest, STR("://")) + 3, rest.n);
	s->calls = c->calls == 0 ? 4 : c->calls > CALLS_MAX ? CALLS_MAX : c->calls;
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_condattr_init(&mono);
	(void)pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&s->freed, &mono);
	(void)pthread_condattr_destroy(&mono);
	*out = s;
	return RC_OK;
}

void s3_close(struct s3 *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < CALLS_MAX; i++)
		curl_easy_cleanup(s->handles[i]);
	(void)pthread_cond_destroy(&s->freed);
	(void)pthread_mutex_destroy(&s->lock);
	arena_release(&s->arena);
	free(s);
}

/* --- who may call now --- */

static enum rc enter(struct s3 *s, size_t *slot, struct fault *f)
{
	enum rc rc = RC_OK;
	int64_t now = clock_ticks(), until = now + PATIENCE_S * US_SECOND;
	const struct timespec end = {.tv_sec = until / US_SECOND, .tv_nsec = until % US_SECOND * 1000};
	(void)pthread_mutex_lock(&s->lock);
	bool shut = s->troubles >= TROUBLES;
	if (shut && (s->trying || now < s->shut_until)) {
		rc = fault_set(f, RC_AWAY, "the storage of photos (%.*s) did not answer; it is asked again soon",
		               PSTR(s->host));
		goto out;
	}
	size_t free_at = s->calls;
	bool waits = s->waiting < s->calls;
	s->waiting += waits;
	bool counted = waits;
	for (;;) {
		for (free_at = 0; free_at < s->calls && s->busy[free_at]; free_at++)
			;
		if (free_at < s->calls || !waits)
			break;
		waits = pthread_cond_timedwait(&s->freed, &s->lock, &end) != ETIMEDOUT;
	}
	s->waiting -= counted;
	if (free_at == s->calls) {
		rc = fault_set(f, RC_AWAY, "too many wait for the storage of photos");
		goto out;
	}
	s->trying = s->trying || shut;
	s->busy[free_at] = true;
	*slot = free_at;
out:
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

static void leave(struct s3 *s, size_t slot, enum rc rc, const struct fault *why)
{
	(void)pthread_mutex_lock(&s->lock);
	bool was = s->troubles >= TROUBLES, away = rc == RC_AWAY;
	s->busy[slot] = false;
	s->trying = false;
	s->troubles = away ? s->troubles + 1 : 0;
	if (s->troubles >= TROUBLES) {
		int over = s->troubles - TROUBLES;
		int64_t pause = over < 5 ? INT64_C(1) << over : PAUSE_MAX_S;
		s->shut_until = clock_ticks() + pause * US_SECOND;
	}
	bool is = s->troubles >= TROUBLES;
	(void)pthread_cond_signal(&s->freed);
	(void)pthread_mutex_unlock(&s->lock);
	if (is && !was)
		log_warn("media", "%s; whatever needs no photo goes on", why->text);
	else if (was && !is)
		log_info("media", "the storage of photos answers again");
}

/* --- one call --- */

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;
	(void)size;
	buf_add(&c->answer, str_n(p, n));
	return c->answer.failed ? 0 : n;
}

static size_t give_body(char *to, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;
	struct str piece = str_sub(c->body, c->sent, size * n);
	memcpy(to, piece.p, piece.n);
	c->sent += piece.n;
	return piece.n;
}

/* A connection that was kept and is closed by now is opened anew, and the body sent again. */
static int again(void *ctx, curl_off_t to, int from)
{
	struct call *c = ctx;
	if (from != SEEK_SET || to < 0)
		return CURL_SEEKFUNC_FAIL;
	c->sent = (size_t)to;
	return CURL_SEEKFUNC_OK;
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct call *c = ctx;
	char date[64];
	(void)size;
	struct str line = str_n(p, n), name = str_cut(&line, ':');
	line = str_trim(line);
	if (name.n == 4 && strncasecmp(name.p, "date", 4) == 0 && line.n < sizeof date) {
		memcpy(date, line.p, line.n);
		date[line.n] = '\0';
		c->date = (int64_t)curl_getdate(date, NULL) * US_SECOND;
	}
	return n;
}

static int keep_private(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
	(void)ctx;
	(void)purpose;
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR;
}

/* The value of "NAME = VALUE" among the lines. */
static struct str value_of(struct str text, const char *name)
{
	while (text.n > 0) {
		struct str value = str_cut(&text, '\n'), key = str_trim(str_cut(&value, '='));
		if (value.p != NULL && str_is(key, name))
			return str_trim(value);
	}
	return STR_EMPTY;
}

/* "ID:SECRET" from a file that is its owner's alone, in the form of the AWS tools' own. */
static enum rc read_secret(const struct s3 *s, char out[2 * ID_MAX + 2], struct fault *f)
{
	char text[SECRET_FILE_MAX];
	struct stat st;
	int fd = open(s->c.credentials, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_set(f, RC_IO, "cannot open the file of attachments_credentials: %s", strerror(errno));
	bool safe = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0;
	ssize_t n = safe ? read(fd, text, sizeof text) : -1;
	(void)close(fd);
	if (!safe)
		return fault_set(f, RC_IO, "the file of attachments_credentials can be read by others: chmod 600");
	struct str all = str_n(text, n > 0 ? (size_t)n : 0);
	struct str id = value_of(all, "aws_access_key_id"), key = value_of(all, "aws_secret_access_key");
	enum rc rc = RC_OK;
	if (id.n == 0 || key.n == 0 || id.n > ID_MAX || key.n > ID_MAX)
		rc = fault_set(f, RC_IO, "the file of attachments_credentials needs two lines: "
		               "aws_access_key_id = … and aws_secret_access_key = …");
	else
		(void)snprintf(out, 2 * ID_MAX + 2, "%.*s:%.*s", PSTR(id), PSTR(key));
	sodium_memzero(text, sizeof text);
	return rc;
}

#define SET(option, value) ok = ok && curl_easy_setopt(h, option, value) == CURLE_OK

static bool prepare(const struct s3 *s, CURL *h, struct call *c, const char *secret,
                    struct curl_slist *headers, struct arena *a)
{
	bool ok = true;
	const char *mark = c->query.n > 0 ? "?" : "";
	curl_easy_reset(h);
	SET(CURLOPT_URL, arena_fmt(a, "%s/%.*s%s%.*s", s->c.endpoint, PSTR(c->path), mark, PSTR(c->query)).p);
	SET(CURLOPT_PROTOCOLS_STR, str_starts(str_of(s->c.endpoint), STR("https://")) ? "https" : "http");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (s->c.ca[0] != '\0')
		SET(CURLOPT_CAINFO, s->c.ca);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_SOCKOPTFUNCTION, keep_private);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, c->whole_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->max);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, c);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, c);
	SET(CURLOPT_HTTPHEADER, headers);
	if (!c->unsigned_) {
		SET(CURLOPT_AWS_SIGV4, arena_fmt(a, "aws:amz:%s:s3", s->c.region).p);
		SET(CURLOPT_USERPWD, secret);
	}
	if (strcmp(c->method, "PUT") == 0) {
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_READFUNCTION, give_body);
		SET(CURLOPT_READDATA, c);
		SET(CURLOPT_SEEKFUNCTION, again);
		SET(CURLOPT_SEEKDATA, c);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)c->body.n);
	} else if (strcmp(c->method, "GET") != 0) {
		SET(CURLOPT_CUSTOMREQUEST, c->method);
	}
	return ok;
}

/* What a refusal means to whoever has to mend it. */
static const char *meaning(const struct call *c)
{
	if (strcmp(c->code, "RequestTimeTooSkewed") == 0)
		return ": the clocks of the two machines differ too much";
	if (strcmp(c->code, "NoSuchBucket") == 0)
		return ": there is no such bucket";
	if (c->status == 401 || c->status == 403)
		return ": it does not accept the key of attachments_credentials, or forbids it this";
	if (c->status >= 300 && c->status < 400)
		return ": it sends us elsewhere; attachments_endpoint or attachments_region is another one";
	return "";
}

static enum rc judge(const struct s3 *s, struct call *c, CURLcode result, struct fault *f)
{
	if (result == CURLE_FILESIZE_EXCEEDED || (result == CURLE_WRITE_ERROR && c->answer.failed))
		return fault_set(f, RC_CORRUPT, "the storage of photos answers with more than a photo has");
	if (result != CURLE_OK)
		return fault_set(f, RC_AWAY, "the storage of photos (%.*s): %s", PSTR(s->host),
		                 curl_easy_strerror(result));
	if (c->status >= 200 && c->status < 300)
		return RC_OK;
	s3_error_code(buf_str(&c->answer), c->code);
	if (c->status == 404 && strcmp(c->code, "NoSuchBucket") != 0)
		return RC_NONE;
	bool away = c->status >= 500 || c->status == 429 || strcmp(c->code, "SlowDown") == 0;
	return fault_set(f, away ? RC_AWAY : RC_IO, "the storage of photos (%.*s) answered %ld %s%s",
	                 PSTR(s->host), c->status, c->code, meaning(c));
}

static enum rc run(struct s3 *s, CURL *h, struct call *c, struct fault *f)
{
	char secret[2 * ID_MAX + 2] = "", sum[SHA256_HEX];
	uint8_t sha[crypto_hash_sha256_BYTES];
	struct arena a;
	enum rc rc = c->unsigned_ ? RC_OK : read_secret(s, secret, f);
	if (rc != RC_OK)
		return rc;
	arena_init(&a, 64 << 10);
	(void)crypto_hash_sha256(sha, (const uint8_t *)c->body.p, c->body.n);
	(void)sodium_bin2hex(sum, sizeof sum, sha, sizeof sha);
	/* libcurl 7.88 signs an upload as if it were empty unless it is told. */
	struct curl_slist *headers = c->unsigned_ ? NULL
		: curl_slist_append(NULL, arena_fmt(&a, "x-amz-content-sha256: %s", sum).p);
	if ((headers == NULL && !c->unsigned_) || !prepare(s, h, c, secret, headers, &a)) {
		rc = fault_set(f, RC_FAIL, "libcurl refuses the settings of attachments");
	} else {
		CURLcode result = curl_easy_perform(h);
		(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &c->status);
		rc = judge(s, c, result, f);
	}
	curl_easy_reset(h);                /* the secret goes with the options */
	curl_slist_free_all(headers);
	sodium_memzero(secret, sizeof secret);
	arena_release(&a);
	return rc;
}

static enum rc call(struct s3 *s, struct call *c, struct fault *f)
{
	size_t slot = 0;
	struct fault why = {0};
	enum rc rc = enter(s, &slot, &why);
	if (c->whole_ms == 0)
		c->whole_ms = WHOLE_MS;
	c->answer.max = c->max > ERROR_MAX ? c->max : ERROR_MAX;
	c->max = c->answer.max;
	if (rc == RC_OK) {
		if (s->handles[slot] == NULL)
			s->handles[slot] = curl_easy_init();
		rc = s->handles[slot] != NULL ? run(s, s->handles[slot], c, &why)
		                              : fault_set(&why, RC_NOMEM, "no memory to ask for a photo");
		leave(s, slot, rc, &why);
	}
	if (rc != RC_OK && rc != RC_NONE && f != NULL)
		*f = why;
	return rc;
}

static struct str path_of(const struct s3 *s, struct arena *a, struct str key)
{
	return arena_fmt(a, "%s/%s%s%.*s", s->c.bucket, s->c.prefix, s->c.prefix[0] != '\0' ? "/" : "",
	                 PSTR(key));
}

/* --- the calls --- */

enum rc s3_put(struct s3 *s, struct str key, struct str bytes, struct fault *f)
{
	struct arena a;
	arena_init(&a, 64 << 10);
	struct call c = {.method = "PUT", .path = path_of(s, &a, key), .body = bytes};
	enum rc rc = call(s, &c, f);
	if (rc == RC_NONE)
		rc = fault_set(f, RC_IO, "the storage of photos has no bucket %s", s->c.bucket);
	buf_release(&c.answer);
	arena_release(&a);
	return rc;
}

enum rc s3_get(struct s3 *s, struct arena *a, struct str key, struct str *bytes, struct fault *f)
{
	struct call c = {.method = "GET", .path = path_of(s, a, key), .max = S3_OBJECT_MAX};
	enum rc rc = call(s, &c, f);
	if (rc == RC_OK)
		*bytes = arena_copy(a, buf_str(&c.answer));
	buf_release(&c.answer);
	return rc;
}

enum rc s3_delete(struct s3 *s, struct str key, struct fault *f)
{
	struct arena a;
	arena_init(&a, 64 << 10);
	struct call c = {.method = "DELETE", .path = path_of(s, &a, key)};
	enum rc rc = call(s, &c, f);
	buf_release(&c.answer);
	arena_release(&a);
	return rc == RC_NONE ? RC_OK : rc;
}

struct below {
	size_t skip;                       /* of the prefix and its slash */
	s3_each_fn *each;
	void *ctx;
};

static bool each_below(void *ctx, const struct s3_item *item)
{
	const struct below *b = ctx;
	struct s3_item own = *item;
	if (own.key.n <= b->skip)
		return true;
	own.key = str_sub(own.key, b->skip, own.key.n);
	return b->each(b->ctx, &own);
}

enum rc s3_list(struct s3 *s, struct str from, s3_each_fn *each, void *ctx, struct fault *f)
{
	struct arena a;
	struct below below = {0, each, ctx};
	struct str next = STR_EMPTY, prefix = str_of(s->c.prefix);
	bool stopped = false;
	enum rc rc = RC_OK;
	below.skip = prefix.n > 0 ? prefix.n + 1 : 0;
	arena_init(&a, S3_LIST_MAX);
	do {
		/* Sorted by name, as the signature wants it. */
		struct call c = {.method = "GET", .path = str_of(s->c.bucket), .max = S3_LIST_MAX};
		struct str full = arena_fmt(&a, "%.*s%s%.*s", PSTR(prefix), prefix.n > 0 ? "/" : "", PSTR(from));
		struct str token = s3_encode(&a, next), last = next;
		c.query = arena_fmt(&a, "%s%.*s%slist-type=2&max-keys=1000&prefix=%.*s",
		                    next.n > 0 ? "continuation-token=" : "", PSTR(token), next.n > 0 ? "&" : "",
		                    PSTR(s3_encode(&a, full)));
		rc = call(s, &c, f);
		if (rc == RC_NONE)
			rc = fault_set(f, RC_IO, "the storage of photos has no bucket %s", s->c.bucket);
		if (rc == RC_OK)
			rc = s3_list_read(buf_str(&c.answer), each_below, &below, &a, &next, &stopped, f);
		if (rc == RC_OK && next.n > 0 && str_eq(next, last))
			rc = fault_set(f, RC_CORRUPT, "the storage of photos gives the same page of its list again");
		buf_release(&c.answer);
		if (a.over)
			rc = fault_set(f, RC_NOMEM, "the list of objects has too many pages");
	} while (rc == RC_OK && !stopped && next.n > 0);
	arena_release(&a);
	return rc;
}

/* --- for doctor --- */

void s3_look(struct s3 *s, struct attachments_look *out)
{
	static const char BYTES[] = "xom";
	struct arena a;
	struct fault f = {0};
	uint8_t random[8];
	arena_init(&a, 256 << 10);
	random_bytes(random, sizeof random);
	struct str key = arena_fmt(&a, "xom-probe-%.*s", PSTR(hex_of(&a, str_n((char *)random, sizeof random))));
	struct str path = path_of(s, &a, key);
	struct call put = {.method = "PUT", .path = path, .body = str_n(BYTES, 3), .whole_ms = LOOK_MS};
	struct call get = {.method = "GET", .path = path, .whole_ms = LOOK_MS};
	struct call open_ = {.method = "GET", .path = path, .whole_ms = LOOK_MS, .unsigned_ = true};
	struct call versions = {.method = "GET", .path = str_of(s->c.bucket), .query = STR("versioning="),
	                        .whole_ms = LOOK_MS};
	struct call end = {.method = "DELETE", .path = path, .whole_ms = LOOK_MS};
	out->rc = call(s, &put, &f);
	if (out->rc == RC_NONE)
		out->rc = fault_set(&f, RC_IO, "there is no bucket %s", s->c.bucket);
	if (put.date != 0)
		out->its_clock = put.date;
	if (out->rc == RC_OK && (out->rc = call(s, &get, &f)) == RC_OK &&
	    !str_eq(buf_str(&get.answer), put.body))
		out->rc = fault_set(&f, RC_CORRUPT, "what was stored came back as something else");
	if (out->rc == RC_NONE)
		out->rc = fault_set(&f, RC_CORRUPT, "what was stored is not there");
	if (out->rc == RC_OK) {
		out->open = call(s, &open_, NULL) == RC_OK;
		out->versions = call(s, &versions, NULL) == RC_OK &&
		                str_find(buf_str(&versions.answer), STR(">Enabled<")) != SIZE_MAX;
	}
	if (put.status >= 200 && put.status < 300) {
		enum rc gone = call(s, &end, out->rc == RC_OK ? &f : NULL);
		if (out->rc == RC_OK && gone != RC_OK && gone != RC_NONE)
			out->rc = gone;
	}
	(void)snprintf(out->why, sizeof out->why, "%s", f.text);
	buf_release(&put.answer);
	buf_release(&get.answer);
	buf_release(&open_.answer);
	buf_release(&versions.answer);
	buf_release(&end.answer);
	arena_release(&a);
}

/* Sending by libcurl. What the server says is read for its numbers alone: its words repeat the
 * address, and go nowhere. */
#include <curl/curl.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ward/notify/notify_private.h"

enum { CONNECT_S = 15, WHOLE_S = 90, SECRET_MAX = 256 };
enum stage { STAGE_before = 1, STAGE_rcpt, STAGE_data };

struct sending {
	const struct notify *n;
	struct str message;
	size_t at;
	enum stage stage;
	int code;                     /* of the last answer */
	int status, subject;          /* its enhanced code: 5.1.x */
};

static size_t read_message(char *to, size_t size, size_t count, void *ctx)
{
	struct sending *s = ctx;
	struct str piece = str_sub(s->message, s->at, size * count);
	memcpy(to, piece.p, piece.n);
	s->at += piece.n;
	return piece.n;
}

static void read_answer(struct sending *s, const char *p, size_t n)
{
	int code = 0;
	if (s->code >= 400)                    /* the refusal counts, not the good-bye after it */
		return;
	for (int i = 0; i < 3; i++) {
		if ((size_t)i >= n || p[i] < '0' || p[i] > '9')
			return;
		code = code * 10 + (p[i] - '0');
	}
	s->code = code;
	s->status = s->subject = 0;
	if (n > 7 && p[4] >= '2' && p[4] <= '5' && p[5] == '.' && p[6] >= '0' && p[6] <= '9' &&
	    (p[7] == '.')) {
		s->status = p[4] - '0';
		s->subject = p[6] - '0';
	}
}

static int watch(CURL *c, curl_infotype type, char *p, size_t n, void *ctx)
{
	struct sending *s = ctx;
	(void)c;
	if (type == CURLINFO_HEADER_IN)
		read_answer(s, p, n);
	else if (type == CURLINFO_HEADER_OUT && n >= 4 && memcmp(p, "RCPT", 4) == 0)
		s->stage = STAGE_rcpt;
	else if (type == CURLINFO_HEADER_OUT && n >= 4 && memcmp(p, "DATA", 4) == 0)
		s->stage = STAGE_data;
	return 0;
}

static int stop(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct sending *s = ctx;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&s->n->stopping) ? 1 : 0;
}

/* The password's file must be its owner's alone; one line end is taken off. */
static enum rc read_secret(const char *path, char out[SECRET_MAX], struct fault *f)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fault_set(f, RC_IO, "cannot open the file of the mail password");
	bool safe = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0;
	ssize_t n = safe ? read(fd, out, SECRET_MAX - 1) : -1;
	(void)close(fd);
	if (!safe)
		return fault_set(f, RC_IO, "the file of the mail password can be read by others: chmod 600");
	if (n <= 0 || n == SECRET_MAX - 1)
		return fault_set(f, RC_IO, "the file of the mail password holds no password");
	while (n > 0 && (out[n - 1] == '\n' || out[n - 1] == '\r'))
		n--;
	out[n] = '\0';
	return RC_OK;
}

static enum smtp_end judge(const struct sending *s, CURLcode result, struct fault *f)
{
	if (result == CURLE_OK)
		return SMTP_sent;
	(void)fault_set(f, RC_IO, "the mail server: %s (last answer %d)", curl_easy_strerror(result),
	                s->code);
	/* 5.7: the server does not want us, which says nothing of the address. */
	bool answered = result == CURLE_SEND_ERROR || result == CURLE_UPLOAD_FAILED ||
	                result == CURLE_WEIRD_SERVER_REPLY;
	if (answered && s->stage == STAGE_rcpt && s->code >= 550 && s->code <= 559 && s->subject != 7)
		return SMTP_no_such;
	if (answered && s->stage == STAGE_rcpt && s->code >= 500 && s->status == 5 &&
	    (s->subject == 1 || s->subject == 2))
		return SMTP_no_such;
	if (s->stage == STAGE_data && s->code >= 550 && s->code <= 559)
		return SMTP_refused;
	return s->stage == STAGE_data && s->code < 400 ? SMTP_unsure : SMTP_later;
}

static struct str domain_of(struct str address)
{
	return str_sub(address, str_find(address, STR("@")) + 1, address.n);
}

#define SET(option, value) ok = ok && curl_easy_setopt(c, option, value) == CURLE_OK

static bool prepare(CURL *c, struct sending *s, struct arena *a, struct str envelope_from,
                    struct curl_slist *to, const char *secret)
{
	const struct mail_settings *m = &s->n->mail;
	bool ok = true, plain = str_is(str_of(m->tls), "none");
	/* The path is what we call ourselves in EHLO. */
	SET(CURLOPT_URL, arena_fmt(a, "%s/%.*s", m->url, PSTR(domain_of(str_of(m->from)))).p);
	SET(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	SET(CURLOPT_USE_SSL, plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (m->ca[0] != '\0')
		SET(CURLOPT_CAINFO, m->ca);
	if (m->user[0] != '\0')
		SET(CURLOPT_USERNAME, m->user);
	if (secret[0] != '\0')
		SET(CURLOPT_PASSWORD, secret);
	SET(CURLOPT_MAIL_FROM, arena_fmt(a, "<%.*s>", PSTR(envelope_from)).p);
	SET(CURLOPT_MAIL_RCPT, to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, read_message);
	SET(CURLOPT_READDATA, s);
	SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)s->message.n);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	SET(CURLOPT_TIMEOUT, (long)WHOLE_S);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, stop);
	SET(CURLOPT_XFERINFODATA, s);
	SET(CURLOPT_VERBOSE, 1L);              /* or nothing is watched; not a byte of it is written */
	SET(CURLOPT_DEBUGFUNCTION, watch);
	SET(CURLOPT_DEBUGDATA, s);
	return ok;
}

enum smtp_end smtp_send(const struct notify *n, struct str envelope_from, struct str to,
                        struct str message, struct fault *f)
{
	struct sending s = {.n = n, .message = message, .stage = STAGE_before};
	char secret[SECRET_MAX] = "";
	struct arena a;
	if (n->mail.password_file[0] != '\0' && read_secret(n->mail.password_file, secret, f) != RC_OK)
		return SMTP_later;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	CURL *c = curl_easy_init();
	struct curl_slist *list = curl_slist_append(NULL, arena_fmt(&a, "<%.*s>", PSTR(to)).p);
	enum smtp_end end = SMTP_later;
	if (c == NULL || list == NULL || !prepare(c, &s, &a, envelope_from, list, secret))
		(void)fault_set(f, RC_FAIL, "libcurl refuses the mail settings");
	else
		end = judge(&s, curl_easy_perform(c), f);
	curl_slist_free_all(list);
	curl_easy_cleanup(c);
	sodium_memzero(secret, sizeof secret);
	arena_release(&a);
	return end;
}

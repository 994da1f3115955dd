/* The certificate that a server shows to whoever comes, looked at whether it is trusted or not. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ward/doctor.h"

enum { WAIT_MS = 3000 };

static bool connect_one(const struct addrinfo *to, int *fd)
{
	*fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return false;
	int e = connect(*fd, to->ai_addr, to->ai_addrlen) == 0 ? 0 : errno;
	if (e == EINPROGRESS) {
		struct pollfd p = {*fd, POLLOUT, 0};
		socklen_t n = sizeof e;
		if (poll(&p, 1, WAIT_MS) != 1 || getsockopt(*fd, SOL_SOCKET, SO_ERROR, &e, &n) != 0)
			e = ETIMEDOUT;
	}
	const struct timeval wait = {.tv_sec = WAIT_MS / 1000};
	if (e == 0 && fcntl(*fd, F_SETFL, 0) == 0 &&
	    setsockopt(*fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
	    setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0)
		return true;
	(void)close(*fd);
	errno = e != 0 ? e : errno;
	return false;
}

enum rc net_connect(struct arena *a, struct str host, struct str port, int *fd, struct fault *f)
{
	const struct addrinfo want = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int e = getaddrinfo(arena_z(a, host), arena_z(a, port), &want, &list);
	if (e != 0)
		return fault_set(f, RC_IO, "%s", gai_strerror(e));
	enum rc rc = RC_IO;
	errno = 0;
	for (const struct addrinfo *at = list; at != NULL && rc != RC_OK; at = at->ai_next)
		rc = connect_one(at, fd) ? RC_OK : RC_IO;
	if (rc != RC_OK)
		(void)fault_set(f, RC_IO, "%s", strerror(errno));
	freeaddrinfo(list);
	return rc;
}

static enum rc look(SSL *ssl, const char *host, struct certificate *out, struct fault *f)
{
	struct tm t = {0};
	X509 *x = SSL_get1_peer_certificate(ssl);
	if (x == NULL)
		return fault_set(f, RC_IO, "no certificate is shown");
	out->trusted = SSL_get_verify_result(ssl) == X509_V_OK;
	out->named = X509_check_host(x, host, 0, 0, NULL) == 1 || X509_check_ip_asc(x, host, 0) == 1;
	bool dated = ASN1_TIME_to_tm(X509_get0_notAfter(x), &t) == 1;
	X509_free(x);
	if (!dated)
		return fault_set(f, RC_IO, "the certificate has no end");
	/* OpenSSL gives the time in UTC; a day of ours begins seven hours before UTC's. */
	int32_t day = day_from_date((struct date){t.tm_year + 1900, t.tm_mon + 1, t.tm_mday});
	out->until = day * US_DAY + (t.tm_hour * 3600 + t.tm_min * 60 + t.tm_sec) * US_SECOND;
	return RC_OK;
}

enum rc certificate_of(struct arena *a, struct str host, struct str port, struct certificate *out,
                       struct fault *f)
{
	int fd = -1;
	const char *name = arena_z(a, host);
	SSL_CTX *ctx = NULL;
	SSL *ssl = NULL;
	enum rc rc = net_connect(a, host, port, &fd, f);
	if (rc != RC_OK)
		return rc;
	ctx = SSL_CTX_new(TLS_client_method());
	ssl = ctx != NULL ? SSL_new(ctx) : NULL;
	if (ssl == NULL || SSL_CTX_set_default_verify_paths(ctx) != 1 || SSL_set_fd(ssl, fd) != 1 ||
	    SSL_set_tlsext_host_name(ssl, name) != 1) {
		rc = fault_set(f, RC_NOMEM, "no memory for TLS");
		goto out;
	}
	/* Looked at, not believed: nothing is sent over it. */
	SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	rc = SSL_connect(ssl) == 1 ? look(ssl, name, out, f) : fault_set(f, RC_IO, "no TLS is spoken there");
out:
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	(void)close(fd);
	ERR_clear_error();
	return rc;
}

/* What doctor sees from outside: the server itself, the certificate, the mail server, what the proxy keeps. */
#include <dirent.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "ward/doctor.h"

/* "host:port" or "host". */
static void split(struct str authority, struct str otherwise, struct str *host, struct str *port)
{
	size_t colon = authority.n;
	while (colon > 0 && authority.p[colon - 1] != ':' && authority.p[colon - 1] != ']')
		colon--;
	bool has = colon > 0 && authority.p[colon - 1] == ':';
	*host = has ? str_sub(authority, 0, colon - 1) : authority;
	*port = has ? str_sub(authority, colon, authority.n) : otherwise;
}

/* Behind a load balancer the socket is on another address of this machine than the loopback's. */
static enum rc connect_here(struct doctor *d, struct str port, int *fd)
{
	struct ifaddrs *all = NULL;
	char host[NI_MAXHOST];
	enum rc rc = net_connect(d->arena, STR("127.0.0.1"), port, fd, NULL);
	if (rc == RC_OK || getifaddrs(&all) != 0)
		return rc;
	for (const struct ifaddrs *i = all; rc != RC_OK && i != NULL; i = i->ifa_next) {
		int family = i->ifa_addr != NULL ? i->ifa_addr->sa_family : AF_UNSPEC;
		socklen_t size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
		if ((family == AF_INET || family == AF_INET6) &&
		    getnameinfo(i->ifa_addr, size, host, sizeof host, NULL, 0, NI_NUMERICHOST) == 0)
			rc = net_connect(d->arena, str_of(host), port, fd, NULL);
	}
	freeifaddrs(all);
	return rc;
}

/* What runs says of itself: started by systemd, it may be locked in otherwise than this command is. */
void check_server(struct doctor *d)
{
	static const char ask[] = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
	char answer[32];
	int fd;
	struct str port = arena_fmt(d->arena, "%d", d->app->settings.port);
	if (d->app->http != NULL)     /* asked on a page of it */
		return;
	if (connect_here(d, port, &fd) != RC_OK) {
		found_text(d, LEVEL_wrong, "silent", "port", port);
		return;
	}
	const struct timeval wait = {.tv_sec = 3};
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	ssize_t n = send(fd, ask, sizeof ask - 1, MSG_NOSIGNAL) == (ssize_t)sizeof ask - 1
		? recv(fd, answer, sizeof answer, MSG_WAITALL) : -1;
	(void)close(fd);
	struct str line = str_n(answer, n > 0 ? (size_t)n : 0);
	(void)str_cut(&line, ' ');
	if (str_starts(line, STR("200")))
		found_text(d, LEVEL_fine, "fine", "port", port);
	else
		found_text(d, LEVEL_wrong, str_starts(line, STR("503")) ? "unready" : "other", "port", port);
}

void check_certificate(struct doctor *d)
{
	struct str url = str_of(d->app->settings.base_url), host, port;
	struct certificate c = {0};
	struct fault f = {0};
	if (!str_starts(url, STR("https://"))) {
		struct str rest = str_sub(url, 7, url.n);
		bool here = str_starts(rest, STR("localhost")) || str_starts(rest, STR("127."));
		found_text(d, here ? LEVEL_soon : LEVEL_wrong, here ? "local" : "none", "url", url);
		return;
	}
	split(str_sub(url, 8, url.n), STR("443"), &host, &port);
	if (certificate_of(d->arena, host, port, &c, &f) != RC_OK) {
		found_text(d, LEVEL_wrong, "silent", "host", host);
		found_more(d, "why", str_of(f.text));
		return;
	}
	int64_t days = (c.until - d->now) / US_DAY;
	if (c.until <= d->now)
		found_number(d, LEVEL_wrong, "over", "days", -days);
	else if (!c.named)
		found_text(d, LEVEL_wrong, "name", "host", host);
	else if (!c.trusted)
		found_text(d, LEVEL_wrong, "untrusted", "host", host);
	else
		found_number(d, days < 3 ? LEVEL_wrong : days < 15 ? LEVEL_soon : LEVEL_fine,
		             days < 15 ? "short" : "fine", "days", days);
}

void check_mail(struct doctor *d)
{
	const char *url = settings_text(&d->app->settings, "mail_url");
	struct str rest, host, port;
	struct fault f = {0};
	int fd;
	if (url == NULL || url[0] == '\0') {
		found(d, LEVEL_fine, "off");
		return;
	}
	bool tls = str_starts(str_of(url), STR("smtps://"));
	rest = str_sub(str_of(url), tls ? 8 : 7, strlen(url));
	split(rest, tls ? STR("465") : STR("25"), &host, &port);
	if (net_connect(d->arena, host, port, &fd, &f) != RC_OK) {
		found_text(d, LEVEL_wrong, "silent", "host", rest);
		return;
	}
	(void)close(fd);
	found_text(d, LEVEL_fine, "fine", "host", rest);
}

/* --- the proxy's files, where they can be read --- */

static bool has_line(struct str text, const char *first, const char *then)
{
	while (text.n > 0) {
		struct str line = str_trim(str_cut(&text, '\n'));
		if (str_starts(line, str_of(first)) && str_find(line, str_of(then)) != SIZE_MAX)
			return true;
	}
	return false;
}

/* A file of nginx that names the host must keep neither log; any other line of a log speaks of one. */
static bool nginx_keeps(struct str text)
{
	struct str rest = text;
	while (rest.n > 0) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		if ((str_starts(line, STR("access_log")) && str_find(line, STR("off")) == SIZE_MAX) ||
		    (str_starts(line, STR("error_log")) && str_find(line, STR("/dev/null")) == SIZE_MAX))
			return true;
	}
	return !has_line(text, "access_log", "off") || !has_line(text, "error_log", "/dev/null");
}

static bool caddy_keeps(struct str text)
{
	return has_line(text, "output", "file") || !has_line(text, "exclude", "http.log.error");
}

static void look_in(struct doctor *d, const char *folder, struct str host, bool (*keeps)(struct str),
                    size_t *seen)
{
	const struct dirent *e;
	DIR *dir = opendir(folder);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		struct str text;
		const char *path = arena_fmt(d->arena, "%s/%s", folder, e->d_name).p;
		if (e->d_name[0] == '.' || file_read(d->arena, path, 1 << 20, &text, NULL) != RC_OK ||
		    str_find(text, host) == SIZE_MAX)
			continue;
		++*seen;
		if (keeps(text))
			found_text(d, LEVEL_wrong, "keeps", "file", str_of(path));
	}
	if (dir != NULL)
		(void)closedir(dir);
}

void check_proxy(struct doctor *d)
{
	struct str url = str_of(d->app->settings.base_url), host, port;
	size_t seen = 0, before = d->count;
	if (!str_starts(url, STR("https://")))
		return;
	if (d->app->settings.proxies[0] == NULL)
		found(d, LEVEL_wrong, "unnamed");
	split(str_sub(url, 8, url.n), STR("443"), &host, &port);
	look_in(d, "/etc/nginx/conf.d", host, nginx_keeps, &seen);
	look_in(d, "/etc/nginx/sites-enabled", host, nginx_keeps, &seen);
	look_in(d, "/etc/caddy", host, caddy_keeps, &seen);
	if (d->count == before)
		found(d, seen > 0 ? LEVEL_fine : LEVEL_unknown, seen > 0 ? "fine" : "unseen");
}

/* Who is asking, and from where: Host, Origin, the session's token, the client's address. */
#include "kit/http/internal.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

static bool same_letters(struct str a, struct str b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

/* "name:8080" → "name"; "[::1]:8080" → "[::1]". */
static struct str without_port(struct str host)
{
	for (size_t i = host.n; i > 0; i--) {
		if (host.p[i - 1] == ']')
			break;
		if (host.p[i - 1] == ':')
			return str_n(host.p, i - 1);
	}
	return host;
}

static bool host_matches(struct str host, struct str allowed)
{
	return same_letters(host, allowed) || same_letters(without_port(host), allowed);
}

bool check_host(const struct http *h, struct str host)
{
	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		            c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
		if (!fine)
			return false;
	}
	if (host.n == 0)
		return false;
	if (host_matches(host, h->authority) || host_matches(host, without_port(h->authority)))
		return true;
	for (size_t i = 0; h->c.hosts != NULL && h->c.hosts[i] != NULL; i++)
		if (host_matches(host, str_of(h->c.hosts[i])))
			return true;
	return false;
}

/* "http://host" of this request's own host, which is on the list. */
static bool own_origin(const struct call *c, struct str origin)
{
	struct str scheme = c->http->scheme;
	return str_starts(origin, scheme) && str_starts(str_sub(origin, scheme.n, 3), STR("://")) &&
	       same_letters(str_sub(origin, scheme.n + 3, origin.n), c->host);
}

enum rc check_origin(const struct call *c)
{
	struct str site, origin, referer;
	bool has_site = call_header(c, "Sec-Fetch-Site", &site);
	bool has_origin = call_header(c, "Origin", &origin);
	if (has_site && !str_is(site, "same-origin") && !str_is(site, "none"))
		return RC_STALE;
	if (has_origin && !own_origin(c, origin))
		return RC_STALE;
	if (has_site || has_origin)
		return RC_OK;
	if (call_header(c, "Referer", &referer)) {
		struct str rest = referer;
		(void)str_cut(&rest, '/');
		(void)str_cut(&rest, '/');
		struct str host = str_cut(&rest, '/');
		return same_letters(host, c->host) ? RC_OK : RC_STALE;
	}
	/* An anonymous form carries no right that another site could misuse; a session does. */
	return c->q.route->csrf == CSRF_FORM ? RC_OK : RC_STALE;
}

enum { CAN_FORWARD = 16 }; /* addresses of X-Forwarded-For that are looked at */

/* Parses an address, with or without port; IPv6 to its /64, which one household has. */
static bool address_parse(struct str text, uint8_t out[16])
{
	char z[INET6_ADDRSTRLEN + 1];
	text = str_trim(text);
	if (text.n > 0 && text.p[0] == '[') {
		struct str rest = str_sub(text, 1, text.n);
		text = str_cut(&rest, ']');
	} else if (memchr(text.p, '.', text.n) != NULL) {
		struct str rest = text;
		text = str_cut(&rest, ':');
	}
	if (text.n == 0 || text.n >= sizeof z)
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	memset(out, 0, 16);
	if (inet_pton(AF_INET6, z, out) == 1)
		return true;
	memset(out, 0, 16);
	out[10] = out[11] = 0xff;
	return inet_pton(AF_INET, z, out + 12) == 1;
}

static bool is_proxy(const struct http *h, const uint8_t address[16])
{
	uint8_t known[16];
	for (size_t i = 0; h->c.proxies != NULL && h->c.proxies[i] != NULL; i++)
		if (address_parse(str_of(h->c.proxies[i]), known) && memcmp(known, address, 16) == 0)
			return true;
	return false;
}

/* Yesterday's is gone for good: what an address did on one day can't be laid beside another day. */
static struct key peer_key(struct http *h)
{
	int32_t day = day_of(clock_now(h->c.clock));
	pthread_mutex_lock(&h->peers.lock);
	if (h->peers.day != day) {
		random_bytes(h->peers.key.b, sizeof h->peers.key.b);
		h->peers.day = day;
	}
	struct key k = h->peers.key;
	pthread_mutex_unlock(&h->peers.lock);
	return k;
}

static struct hash hash_address(struct http *h, const uint8_t address[16])
{
	static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};
	size_t n = memcmp(address, MAPPED, sizeof MAPPED) == 0 ? 16 : 8;
	struct key k = peer_key(h);
	return hash_of(&k, "peer", str_n((const char *)address, n));
}

struct hash peer_hash(struct http *h, const void *sockaddr, bool *proxy)
{
	uint8_t address[16] = {[10] = 0xff, [11] = 0xff};
	const struct sockaddr *sa = sockaddr;
	if (sa != NULL && sa->sa_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)sockaddr)->sin6_addr, 16);
	else if (sa != NULL && sa->sa_family == AF_INET)
		memcpy(address + 12, &((const struct sockaddr_in *)sockaddr)->sin_addr, 4);
	*proxy = is_proxy(h, address);
	return hash_address(h, address);
}

/* Some proxies add a line of their own below the client's instead of continuing it: the last line
 * is the proxy's. */
static enum MHD_Result last_line(void *ctx, enum MHD_ValueKind kind, const char *name,
                                 size_t name_size, const char *value, size_t value_size)
{
	(void)kind;
	struct str *list = ctx;
	if (value != NULL && same_letters(str_n(name, name_size), STR("X-Forwarded-For")))
		*list = str_n(value, value_size);
	return MHD_YES;
}

struct hash peer_of(const struct call *c)
{
	struct str list = STR_EMPTY;
	if (!c->conn->proxy)
		return c->conn->peer;
	(void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, last_line, &list);
	/* From the right: each hop was written by the one behind it, so the first that is not ours
	 * is the last one that nobody could invent. */
	for (size_t i = 0; i < CAN_FORWARD && list.n > 0; i++) {
		size_t from = list.n;
		while (from > 0 && list.p[from - 1] != ',')
			from--;
		uint8_t address[16];
		if (!address_parse(str_sub(list, from, list.n), address))
			break;
		if (!is_proxy(c->http, address))
			return hash_address(c->http, address);
		list.n = from > 0 ? from - 1 : 0;
	}
	return c->conn->peer;
}

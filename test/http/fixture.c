#include "fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/http/spool.h"

enum { PAGE_TITLE, PAGE_LANG, PAGE_TEXT, PAGE_STATUS, PAGE_ITEMS, PAGE_FIELDS };
static const struct field ITEM_F[] = {
	{"name", V_TEXT, SEE_ALL, "a name", NULL, NULL},
};
static const struct shape ITEM = SHAPE("item", ITEM_F);
static const struct field PAGE_F[PAGE_FIELDS] = {
	[PAGE_TITLE] = {"title", V_TEXT, SEE_ALL, "title", NULL, NULL},
	[PAGE_LANG] = {"lang", V_TEXT, SEE_ALL, "language", NULL, NULL},
	[PAGE_TEXT] = {"text", V_TEXT, SEE_ALL, "text", NULL, NULL},
	[PAGE_STATUS] = {"status", V_INT, SEE_ALL, "status", NULL, NULL},
	[PAGE_ITEMS] = {"items", V_LIST, SEE_ALL, "items", &ITEM, NULL},
};
static const struct shape PAGE = SHAPE("page", PAGE_F);

static const struct ward WARDS[] = {
	{.id = {1}, .slug = {"song-may", 8}, .name = {"Song May", 8}},
	{.id = {2}, .slug = {"tan-dao", 7}, .name = {"Tan Dao", 7}},
};

static const struct ward *find_ward(struct app *app, struct str slug, struct str host)
{
	(void)app;
	for (size_t i = 0; i < 2; i++)
		if (str_eq(slug, WARDS[i].slug))
			return &WARDS[i];
	return slug.n == 0 && str_is(host, "one.test") ? &WARDS[0] : NULL;
}

static enum rc find_actor(struct request *q, struct fault *f)
{
	if (q->route->cache == CACHE_PUBLIC)
		BUG("a page that is kept for all asks who wants it");
	struct str who = request_cookie(q, "session");
	if (str_is(who, "broken"))
		return fault_set(f, RC_DB, "no database");
	if (!str_is(who, "an") && !str_is(who, "quan"))
		return RC_OK;
	q->actor.account.v = str_is(who, "an") ? 1 : 2;
	q->actor.session.session[0] = str_is(who, "an") ? 1 : 2;
	q->actor.perms = UINT32_C(1) << PERM_open | UINT32_C(1) << PERM_sign_in;
	if (str_is(who, "quan"))
		q->actor.perms |= UINT32_C(1) << PERM_admin;
	return RC_OK;
}

static struct vobj *page_of(struct request *q, struct str title)
{
	struct view v = request_view(q, 0);
	struct vobj *o = view_new(&v, &PAGE);
	view_text(o, PAGE_TITLE, title);
	view_text(o, PAGE_LANG, str_of(lang_name(q->lang)));
	return o;
}

static struct vobj *error_of(struct request *q, enum rc rc)
{
	struct vobj *o = page_of(q, STR_EMPTY);
	view_int(o, PAGE_STATUS, rc_status(rc));
	view_text(o, PAGE_TEXT, request_text(q, rc_key(rc)));
	return o;
}

static uint64_t changes_of(struct app *app, struct ward_id ward)
{
	(void)ward;
	return atomic_load(&app->changes);
}

/* --- handlers --- */

static enum rc show(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	if (q->route->cache == CACHE_PUBLIC && q->cookie_count > 0)
		BUG("a page that is kept for all sees a cookie");
	int n = atomic_fetch_add(&q->app->ran, 1);
	struct vobj *o = page_of(q, STR("own"));
	struct str filler = STR("đèn đường hỏng ");
	struct buf b = {0};
	buf_addf(&b, "run %d who %lld ward %lld base %.*s x=%.*s ", n, (long long)q->actor.account.v,
	         (long long)(q->ward != NULL ? q->ward->id.v : 0), PSTR(q->base),
	         PSTR(request_query(q, "x")));
	for (int i = 0; i < 40; i++)
		buf_add(&b, filler);
	view_text(o, PAGE_TEXT, arena_take(q->arena, &b));
	for (int i = 0; i < 3; i++)
		view_text(view_item(o, PAGE_ITEMS), 0, arena_fmt(q->arena, "=item %d", i));
	reply_title(r, STR("title"));
	reply_view(q, r, o);
	return RC_OK;
}

static enum rc param(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_bytes(q, r, STR("text/plain; charset=utf-8"),
	            arena_fmt(q->arena, "code %.*s", PSTR(request_param(q, "code"))));
	return RC_OK;
}

static enum rc word(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_bytes(q, r, STR("text/plain"), STR("the word"));
	return RC_OK;
}

static enum rc dump(struct request *q, struct reply *r, struct fault *f)
{
	struct buf b = {0};
	atomic_fetch_add(&q->app->ran, 1);
	buf_addf(&b, "rc %s\n", rc_name(q->body_rc));
	buf_addf(&b, "fields %zu uploads %zu\n", q->form_count, q->upload_count);
	for (size_t i = 0; i < q->form_count && i < 20; i++)
		buf_addf(&b, "%.*s=%.*s\n", PSTR(q->form[i].name),
		         PSTR(str_sub(q->form[i].value, 0, 200)));
	for (size_t i = 0; i < q->upload_count && i < 20; i++) {
		struct hasher h;
		struct str block;
		const struct upload *u = &q->uploads[i];
		enum rc rc = spool_rewind(u->spool, f);
		if (rc != RC_OK)
			return rc;
		hasher_init(&h, NULL, "");
		size_t n = 0;
		while ((rc = spool_read(u->spool, &block, f)) == RC_OK) {
			hasher_str(&h, block);
			n += block.n;
		}
		if (rc != RC_NONE)
			return rc;
		buf_addf(&b, "file %.*s name %.*s type %.*s size %zu read %zu\n", PSTR(u->field),
		         PSTR(u->file_name), PSTR(u->type), u->size, n);
	}
	reply_bytes(q, r, STR("text/plain; charset=utf-8"), arena_take(q->arena, &b));
	return RC_OK;
}

static enum rc slow(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	atomic_fetch_add(&q->app->ran, 1);
	const struct timespec step = {.tv_nsec = 1000 * 1000};
	while (!atomic_load(&q->app->gate))
		(void)nanosleep(&step, NULL);
	reply_bytes(q, r, STR("text/plain"), STR("slow done"));
	return RC_OK;
}

static enum rc redirect(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_redirect(q, r, arena_fmt(q->arena, "/to?%.*s", PSTR(request_query(q, "x"))));
	return RC_OK;
}

static enum rc cookies(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_cookie(q, r, "session", STR("abc"), 3600);
	reply_cookie(q, r, "gone", STR_EMPTY, -1);
	reply_download(r, STR("../b\r\nX: y\"; ảnh-1.csv"));
	reply_bytes(q, r, STR("text/plain"),
	            arena_fmt(q->arena, "[%.*s]", PSTR(request_cookie(q, "session"))));
	return RC_OK;
}

static enum rc refuse(struct request *q, struct reply *r, struct fault *f)
{
	(void)r;
	struct str what = request_query(q, "rc");
#define X(name, number, status, key) \
	if (str_is(what, #name)) \
		return fault_set(f, RC_##name, "a secret of the inside");
	RC_TABLE(X)
#undef X
	return RC_NONE;
}

static enum rc hungry(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	while (!q->arena->over)
		(void)arena_alloc(q->arena, 1 << 20);
	reply_bytes(q, r, STR("text/plain"), STR("ate too much"));
	return RC_OK;
}

static enum rc journey(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	struct journey j;
	if (!request_has(q, "s")) {
		journey_begin(q, &j);
	} else {
		enum rc rc = journey_open(q, "test", &j);
		if (rc != RC_OK)
			return rc;
	}
	struct str set = request_form(q, "set");
	if (set.n > 0)
		journey_set(q, &j, "answer", set);
	struct hash h = journey_hash(&j);
	reply_bytes(q, r, STR("text/plain; charset=utf-8"),
	            arena_fmt(q->arena, "%.*s %.*s %.*s", PSTR(journey_seal(q, "test", &j)),
	                      PSTR(hex_of(q->arena, hash_str(&h))), PSTR(journey_get(&j, "answer"))));
	return RC_OK;
}

static enum rc journey_other(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	struct journey j;
	enum rc rc = journey_open(q, "other", &j);
	if (rc == RC_OK)
		reply_bytes(q, r, STR("text/plain"), STR("opened"));
	return rc;
}

static enum rc token(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	reply_bytes(q, r, STR("text/plain"), session_token(q));
	return RC_OK;
}

static enum rc guess(struct request *q, struct reply *r, struct fault *f)
{
	(void)f;
	struct str key = request_query(q, "key");
	int64_t wait = limit_wait(q, key);
	if (wait == 0 && str_is(request_query(q, "pin"), "right"))
		limit_passed(q, key);
	else if (wait == 0)
		limit_failed(q, key);
	reply_bytes(q, r, STR("text/plain"), arena_fmt(q->arena, "wait %lld", (long long)wait));
	return RC_OK;
}

static const struct route ROUTES[] = {
	ROUTE(GET, "/", show, open, NONE, 0, PAGE, PUBLIC, &PAGE, "test/page", "home"),
	ROUTE(GET, "/page", show, open, NONE, 0, PAGE, NONE, &PAGE, "test/page", "private"),
	ROUTE(GET, "/form", show, open, NONE, 0, PAGE, FORM, &PAGE, "test/page", "form"),
	ROUTE(GET, "/p/:code", param, open, NONE, 0, PAGE, NONE, NULL, NULL, "param"),
	ROUTE(GET, "/p/new", word, open, NONE, 0, PAGE, NONE, NULL, NULL, "word"),
	ROUTE(GET, "/officer", show, sign_in, NONE, 0, PAGE, NONE, &PAGE, "test/page", "officer"),
	ROUTE(GET, "/admin", show, admin, NONE, 0, PAGE, NONE, &PAGE, "test/page", "admin"),
	ROUTE(GET, "/slow", slow, open, NONE, 0, PAGE, NONE, NULL, NULL, "slow"),
	ROUTE(GET, "/redirect", redirect, open, NONE, 0, PAGE, NONE, NULL, NULL, "redirect"),
	ROUTE(GET, "/cookie", cookies, open, NONE, 0, PAGE, NONE, NULL, NULL, "cookies"),
	ROUTE(GET, "/refuse", refuse, open, NONE, 0, PAGE, NONE, NULL, NULL, "refuse"),
	ROUTE(GET, "/hungry", hungry, open, NONE, 0, PAGE, NONE, NULL, NULL, "hungry"),
	ROUTE(GET, "/token", token, sign_in, NONE, 0, PAGE, NONE, NULL, NULL, "token"),
	ROUTE(GET, "/guess", guess, open, NONE, 0, PAGE, NONE, NULL, NULL, "guess"),
	ROUTE(GET, "/code", word, open, NONE, 0, GUESS, NONE, NULL, NULL, "guess class"),
	ROUTE(POST, "/form", dump, open, FORM, 64 << 10, FORM, FORM, NULL, NULL, "form"),
	ROUTE(POST, "/upload", dump, open, FORM, 4 << 20, UPLOAD, FORM, NULL, NULL, "upload"),
	ROUTE(POST, "/change", dump, sign_in, SESSION, 4096, FORM, NONE, NULL, NULL, "change"),
	ROUTE(POST, "/journey", journey, open, FORM, 64 << 10, FORM, FORM, NULL, NULL, "journey"),
	ROUTE(POST, "/other", journey_other, open, FORM, 64 << 10, FORM, FORM, NULL, NULL, "other"),
	{0},
};
static const struct route *const TABLES[] = {ROUTES, NULL};

/* --- the server --- */

static void must(enum rc rc, const struct fault *f)
{
	char text[1024];
	if (rc != RC_OK)
		fail_msg("%s: %s", rc_name(rc), fault_describe(f, text, sizeof text));
}

void server_init(struct server *s)
{
	static char data[2][512];
	const char *root = getenv("XOM_SRC");
	struct fault f = {0};
	memset(s, 0, sizeof *s);
	must(crypto_start(&f), &f);
	(void)snprintf(s->dir, sizeof s->dir, "/tmp/xom-http-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	clock_init(&s->app.clock);
	(void)snprintf(data[0], sizeof data[0], "%s/test/http/data/po", root != NULL ? root : ".");
	(void)snprintf(data[1], sizeof data[1], "%s/test/http/data/templates",
	               root != NULL ? root : ".");
	must(po_load(&s->po, data[0], &f), &f);
	must(templates_load(&s->templates, data[1], s->po, &f), &f);
	char keys[96];
	(void)snprintf(keys, sizeof keys, "%s/keys", s->dir);
	must(keys_open(&s->keys, keys, &s->app.clock, &f), &f);
	s->config = (struct http_config){
		.app = &s->app, .listen = "127.0.0.1", .base_url = "http://localhost:8080",
		.io_threads = 2, .workers = 4, .routes = TABLES, .spool_dir = s->dir, .keys = s->keys,
		.clock = &s->app.clock, .po = s->po, .templates = s->templates, .rate_scale = 1000,
		.hooks = {.ward = find_ward, .actor = find_actor, .frame = page_of, .changes = changes_of,
		          .error = error_of, .error_page = "test/error", .error_shape = &PAGE, .frame_shape = &PAGE},
	};
	static const char *const HOSTS[] = {"127.0.0.1", "one.test", NULL};
	s->config.hosts = HOSTS;
}

void server_start(struct server *s)
{
	struct fault f = {0};
	must(http_start(&s->http, &s->config, &f), &f);
	s->port = http_port(s->http);
}

void server_stop(struct server *s)
{
	http_stop(s->http);
	s->http = NULL;
}

void server_release(struct server *s)
{
	keys_free(s->keys);
	templates_free(s->templates);
	po_free(s->po);
	char command[160];
	(void)snprintf(command, sizeof command, "%s/keys", s->dir);
	/* What is left is the keys' folder; the spools were never visible. */
	(void)rmdir(command);
}

struct server S;

int server_begin(void **state)
{
	(void)state;
	server_init(&S);
	server_start(&S);
	return 0;
}

int server_end(void **state)
{
	(void)state;
	server_stop(&S);
	server_release(&S);
	return 0;
}

/* --- the client --- */

int client_open(const struct server *s)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->port)};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	const struct timeval patience = {.tv_sec = 30};
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	return fd;
}

void client_send(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
}

static bool find_header(struct str head, const char *name, struct str *value)
{
	while (head.n > 0) {
		struct str line = str_cut(&head, '\n'), rest = line;
		struct str key = str_cut(&rest, ':');
		if (rest.p != NULL && key.n == strlen(name) && strncasecmp(key.p, name, key.n) == 0) {
			*value = str_trim(rest);
			return true;
		}
	}
	return false;
}

struct answer client_read(int fd, bool head)
{
	struct answer a = {.raw = {.max = 64 << 20}};
	size_t end = SIZE_MAX, want = SIZE_MAX;
	char byte[65536];
	while (end == SIZE_MAX || a.raw.n < want) {
		/* Byte by byte in the head, so that a pipelined answer stays in the socket. */
		size_t step = end == SIZE_MAX ? 1 : want - a.raw.n;
		ssize_t n = recv(fd, byte, step < sizeof byte ? step : sizeof byte, 0);
		if (n <= 0) {
			a.closed = true;
			break;
		}
		buf_add(&a.raw, str_n(byte, (size_t)n));
		struct str all = buf_str(&a.raw);
		if (end == SIZE_MAX && str_ends(all, STR("\r\n\r\n"))) {
			struct str value;
			int64_t length = 0;
			end = all.n;
			if (str_starts(all, STR("HTTP/1.1 100"))) {
				a.raw.n = 0;
				end = SIZE_MAX;
				continue;
			}
			if (find_header(all, "Content-Length", &value))
				assert_true(str_i64(value, &length));
			bool empty = head || str_starts(all, STR("HTTP/1.1 304"));
			want = empty ? end : end + (size_t)length;
		}
	}
	if (end != SIZE_MAX) {
		struct str all = buf_str(&a.raw), rest = all;
		int64_t status = 0;
		(void)str_cut(&rest, ' ');
		assert_true(str_i64(str_cut(&rest, ' '), &status));
		a.status = (int)status;
		a.head = str_sub(all, 0, end);
		a.body = str_sub(all, end, all.n);
	}
	return a;
}

void answer_free(struct answer *a) { buf_release(&a->raw); }

struct answer ask(const struct server *s, struct str bytes)
{
	int fd = client_open(s);
	client_send(fd, bytes);
	struct answer a = client_read(fd, str_starts(bytes, STR("HEAD ")));
	(void)close(fd);
	return a;
}

struct answer askf(const struct server *s, const char *fmt, ...)
{
	static char text[256 << 10];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < sizeof text);
	return ask(s, str_n(text, (size_t)n));
}

struct answer get(const struct server *s, const char *path, const char *headers)
{
	return askf(s, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path,
	            headers != NULL ? headers : "");
}

struct answer post(const struct server *s, const char *path, const char *headers,
                   const char *body)
{
	return askf(s, "POST %s HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
	            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n%s\r\n%s",
	            path, strlen(body), headers != NULL ? headers : "", body);
}

const char *header(const struct answer *a, const char *name)
{
	static char text[4][2048];
	static int turn;
	struct str value = STR_EMPTY;
	char *out = text[turn++ % 4];
	(void)find_header(a->head, name, &value);
	(void)snprintf(out, sizeof text[0], "%.*s", PSTR(value));
	return out;
}

bool has(const struct answer *a, const char *text)
{
	return str_find(a->body, str_of(text)) != SIZE_MAX;
}

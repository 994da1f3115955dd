/* A real server on a free port with a few routes, and a client of raw bytes. */
#ifndef XOM_TEST_HTTP_FIXTURE_H
#define XOM_TEST_HTTP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/http/http.h"

struct app {
	_Atomic uint64_t changes;
	_Atomic int ran;                 /* handlers that began */
	_Atomic bool gate;               /* "/slow" ends when it opens */
	struct clock clock;
};

struct server {
	struct app app;
	struct http_config config;
	struct http *http;
	struct keys *keys;
	struct po *po;
	struct templates *templates;
	char dir[64];
	int port;
};

/* Opens keys, texts and templates and fills the config; server_start starts it. */
void server_init(struct server *s);
void server_start(struct server *s);
void server_stop(struct server *s);
void server_release(struct server *s);
/* One for all the tests of a program, as cmocka's group asks for it. */
extern struct server S;
int server_begin(void **state);
int server_end(void **state);

struct answer {
	int status;                      /* 0: the connection was closed without an answer */
	struct str head, body;           /* borrowed from raw */
	struct buf raw;
	bool closed;                     /* the server ended the connection */
};
int client_open(const struct server *s);
void client_send(int fd, struct str bytes);   /* may meet a closed connection */
/* The next answer of the connection; of a HEAD without its body. */
struct answer client_read(int fd, bool head);
void answer_free(struct answer *a);
/* Opens, sends, reads one answer, closes. */
struct answer ask(const struct server *s, struct str bytes);
struct answer askf(const struct server *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* GET of the path with a good Host and more headers ("A: b\r\n"). */
struct answer get(const struct server *s, const char *path, const char *headers);
/* POST of an urlencoded form with good Host and Origin. */
struct answer post(const struct server *s, const char *path, const char *headers,
                   const char *body);
/* A header's value in the answer, into a static place; "" when it is not there. */
const char *header(const struct answer *a, const char *name);
bool has(const struct answer *a, const char *text);   /* in the body */

#endif

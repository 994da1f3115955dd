/* The SQLite engine's own: connections, the writer, the readers' pool. */
#ifndef XOM_STORE_SQLITE_IMPL_H
#define XOM_STORE_SQLITE_IMPL_H

#include <sqlite3.h>

#include "kit/store/store_impl.h"

enum control { C_BEGIN = 0, C_BEGIN_WRITE, C_COMMIT, C_ROLLBACK, C_SAVEPOINT, C_BACK, C_RELEASE,
	C_COUNT };

/* A table that the statement being prepared names (sqlite3_set_authorizer). */
struct named {
	char table[64];
	bool ward, inserted;
};

/* Statements of one search scope, whose table's name is in their text. */
struct scope {
	char name[24];
	sqlite3_stmt *ward, *put, *drop, *find;
	struct scope *next;
};

struct lite_conn {
	struct conn conn;               /* first: the tx points at it */
	sqlite3 *db;
	sqlite3_stmt *control[C_COUNT];
	struct scope *scopes;
	sqlite3_stmt *exists;           /* is there a table of that name? */
	int64_t deadline;               /* of clock_ticks; a reader's statements stop after it */
	int64_t busy_until;             /* of clock_ticks; the wait for another program's lock ends */
	bool checking;                  /* the authorizer collects what is named */
	struct named named[24];
	size_t named_count;
	bool named_bad;
};

struct lite {
	struct lite_conn writer;
	pthread_t thread;
	bool started;
	bool busy;                      /* with the queue's lock, as the trace */
	void (*trace)(void *ctx, const char *sql);
	void *trace_ctx;

	bool in_function;               /* the writer thread's own: */
	void (*tracing)(void *ctx, const char *sql);
	void *tracing_ctx;
	char wanted[24];                /* search scope that has no table yet */
	bool merged;                    /* a search index was merged: cut the journal off */
};

enum { READER_CACHE_KB = 2048, WRITER_CACHE_KB = 4096 };
#define BUSY_US (10 * US_SECOND)     /* as long as for one of the readers (store_queue.c) */

static inline struct lite *lite_of(const struct store *s) { return s->db; }
static inline struct lite_conn *lite_conn_of(const struct tx *tx)
{
	return (struct lite_conn *)tx->conn;
}

/* sqlite.c */
enum rc lite_rc(sqlite3 *db, struct fault *f, const char *doing); /* of the last error */
enum rc lite_conn_open(struct lite_conn *c, const char *path, int cache_kb, struct fault *f);
void lite_conn_close(struct lite_conn *c);
void lite_wait(struct lite_conn *c, bool wait); /* for another program's lock, BUSY_US; or not at all */
enum rc lite_control(struct lite_conn *c, enum control what, struct fault *f);
bool lite_in_tx(const struct lite_conn *c);
enum rc lite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, struct fault *f);

enum rc lite_reader_new(struct store *s, struct lite_conn **out, struct fault *f);

void lite_configure(void);   /* before SQLite is used in any other way */

/* sqlite_gaps.c: once, before a database is opened */
void lite_gaps(void);

/* sqlite_upgrade.c */
enum rc lite_steps(const char *path, struct arena *a, struct str **names, size_t *count,
                   struct fault *f);
enum rc lite_aside(struct store *s, const char *to, struct fault *f);

/* sqlite_write.c */
enum rc lite_alone(struct store *s, struct arena *a, tx_fn *fn, void *ctx, struct fault *f);
enum rc lite_write(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                   struct fault *f);
enum rc lite_writer_start(struct store *s, struct fault *f);
void lite_writer_stop(struct store *s);
void lite_bulk(struct store *s);
void lite_trace(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx);

/* sqlite_read.c */
enum rc lite_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                  struct fault *f);
void lite_reader_close(void *conn);
enum rc lite_reader_take(struct store *s, struct lite_conn **out, struct fault *f);

/* sqlite_search.c */
enum rc lite_search_put(struct tx *tx, const char *scope, int64_t id, const struct str *tokens,
                        size_t n, struct fault *f);
enum rc lite_search_find(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                         int64_t before, size_t limit, int64_t **ids, size_t *count,
                         struct fault *f);
enum rc lite_search_merge(struct tx *tx, bool first, bool *more, struct fault *f);
enum rc lite_scope_make(struct lite_conn *c, const char *scope, struct fault *f);
void lite_scopes_release(struct lite_conn *c);

/* sqlite_copy.c */
enum rc lite_copy(struct store *s, const char *to, store_pause_fn *pause, void *ctx,
                  struct fault *f);

enum rc lite_size(struct store *s, int64_t *bytes, struct fault *f);

/* sqlite_move.c */
struct move_mark;
enum rc lite_marked(const char *path, struct arena *a, struct move_mark *out, struct fault *f);

/* sqlite_catalog.c */
enum rc lite_check(struct store *s, struct arena *a, struct fault *f);
enum rc lite_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count,
                    struct fault *f);

#endif

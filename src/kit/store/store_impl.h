/* What store.c and the engines share; nobody outside src/kit/store includes it.
 *
 * An engine is one struct of functions. It owns connections, threads and transactions; everything
 * that does not depend on it (schema steps, statement cache, type checks, rows) is written once,
 * in store_*.c, over the few calls below. */
#ifndef XOM_STORE_IMPL_H
#define XOM_STORE_IMPL_H

#include <pthread.h>

#include "kit/base/clock.h"
#include "kit/store/store.h"

/* A prepared statement in a connection's cache. Two of the same text exist only while the first
 * one is still being read. */
struct stmt {
	const struct sql *sql;
	struct stmt *next;      /* in the cache's slot */
	struct stmt *next_open; /* among those being read */
	void *handle;           /* the engine's */
	size_t in_count, out_count;
	bool open;
};

/* An engine's connection begins with one of these. Used by one thread at a time. */
struct conn {
	struct stmt **slots;
	size_t slot_count, count;
	struct stmt *open;
};

/* A function that waits to be run by a writer, in its caller's stack. */
struct request {
	struct request *next;
	struct ward_id ward;
	struct arena *arena;
	tx_fn *fn;
	void *ctx;
	struct fault fault;
	enum rc rc;
	bool done;
	pthread_cond_t ready;
};

struct queue {
	pthread_mutex_t lock;   /* of all here, and of what an engine's writers keep beside it */
	pthread_cond_t work, idle;
	struct request *first, *last;
	size_t waiting;
	bool stop;
	struct store_stats stats;
};

/* Connections for reading, each used by one thread at a time. */
struct pool {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	void **free;            /* the first free_count */
	size_t free_count, open_count, most;
};

struct store {
	struct store_config config;
	const struct engine *engine;
	struct queue queue;
	struct pool readers;
	void *db;               /* the engine's */
};

struct tx {
	struct store *store;
	struct conn *conn;
	struct ward_id ward;
	struct arena *arena;
	int64_t now;
	bool write;
	enum rc failed;         /* first failure of a statement: nothing runs after it, and the
	                           function can't turn it into a success */
	const struct sql *last; /* for the warning about slow functions */
};

struct move_mark;
struct mover;

struct engine {
	/* Words of schema steps ("id" → "INTEGER"); NULL where there is no such word. */
	const char *(*word)(struct str name);
	const char *table_end;  /* appended to every CREATE TABLE; may be empty */

	/* open: the first connection; alone: one write transaction before start; start: the rest. */
	enum rc (*open)(struct store *s, struct fault *f);
	enum rc (*alone)(struct store *s, struct arena *a, tx_fn *fn, void *ctx, struct fault *f);
	enum rc (*start)(struct store *s, struct fault *f);
	void (*close)(struct store *s);

	enum rc (*read)(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
	                struct fault *f);
	enum rc (*write)(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
	                 struct fault *f);

	/* Several statements without parameters, in the transaction. */
	enum rc (*script)(struct tx *tx, const char *sql, struct fault *f);
	/* Fills handle and the counts; refuses tables that the statement may not name. */
	enum rc (*prepare)(struct tx *tx, struct stmt *st, struct fault *f);
	void (*finalize)(struct stmt *st);
	/* at: from 1. keep: the engine must copy the bytes. */
	enum rc (*bind)(struct tx *tx, struct stmt *st, int at, const struct val *v, bool keep,
	                struct fault *f);
	enum rc (*step)(struct tx *tx, struct stmt *st, struct fault *f); /* RC_OK: a row; RC_NONE */
	/* As step, of a statement without rows whose number of changed ones nobody asks for: a failure may be
	 * told by a later statement, or when the function has ended. NULL: step. */
	enum rc (*put)(struct tx *tx, struct stmt *st, struct fault *f);
	enum val_type (*type)(const struct stmt *st, int column);
	struct val (*column)(const struct stmt *st, int column);          /* borrowed until step */
	int64_t (*changed)(struct tx *tx);
	void (*reset)(struct stmt *st);

	enum rc (*search_put)(struct tx *tx, const char *scope, int64_t id, const struct str *tokens,
	                      size_t n, struct fault *f);
	enum rc (*search_find)(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
	                       int64_t before, size_t limit, int64_t **ids, size_t *count,
	                       struct fault *f);
	enum rc (*search_merge)(struct tx *tx, bool first, bool *more, struct fault *f);
	/* NULL: what is deleted is overwritten at once. */
	enum rc (*erased)(struct tx *tx, struct fault *f);
	enum rc (*clean)(struct store *s, store_pause_fn *pause, void *ctx, struct store_cleaned *out, struct fault *f);
	void (*trace)(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx);
	void (*bulk)(struct store *s);
	enum rc (*copy)(struct store *s, const char *to, store_pause_fn *pause, void *ctx,
	                struct fault *f);
	/* Bytes that the database takes, about what a copy needs. */
	enum rc (*size)(struct store *s, int64_t *bytes, struct fault *f);
	/* The mark that `xom move` left on the database at `path`, which is only read; RC_NONE: none. */
	enum rc (*marked)(const char *path, struct arena *a, struct move_mark *out, struct fault *f);
	const struct mover *mover;      /* move_impl.h */
	/* The names of the steps that the database at `path` has run; it is only read. RC_NONE: there is no
	 * database, or an empty one. */
	enum rc (*steps)(const char *path, struct arena *a, struct str **names, size_t *count,
	                 struct fault *f);
	/* A whole, compact copy of the open database as one file. RC_FULL before anything is written when
	 * the disk has no room for it. NULL: the engine has none. */
	enum rc (*aside)(struct store *s, const char *to, struct fault *f);
	enum rc (*check)(struct store *s, struct arena *a, struct fault *f);
	enum rc (*server)(struct store *s, struct arena *a, struct store_server *out, struct fault *f); /* may be NULL */
	enum rc (*schema)(struct store *s, struct arena *a, struct store_table **tables,
	                  size_t *count, struct fault *f);
};

extern const struct engine ENGINE_SQLITE, ENGINE_POSTGRES;
const struct engine *engine_of(const char *path);   /* by how the path begins */

/* store_queue.c */
/* Runs a function, ends what it still reads, and tells the log when it took long; began: clock_ticks. */
enum rc tx_run(struct tx *tx, tx_fn *fn, void *ctx, int64_t began, struct fault *f);
void queue_init(struct queue *q);
void queue_release(struct queue *q);
/* Puts it behind the others and waits for its answer. RC_AGAIN: `most` wait, or the queue stops. */
enum rc queue_run(struct queue *q, size_t most, struct request *r, struct fault *f);
/* With the lock: n of them, one behind the other, have their answers. */
void queue_answered(struct request *batch, size_t n);
void queue_count(struct queue *q, size_t n);         /* with the lock: a batch of n begins */
enum rc pool_init(struct pool *p, size_t most, struct fault *f);
/* *conn NULL: the caller may open one, which counts already. RC_AGAIN: all are busy, for ten seconds. */
enum rc pool_take(struct pool *p, void **conn, struct fault *f);
void pool_give(struct pool *p, void *conn);          /* NULL: the one that was to be opened is none */
void pool_stop(struct pool *p, void (*close)(void *conn));   /* waits for all, and closes them */
void pool_release(struct pool *p);

/* store_upgrade.c */
/* RC_REFUSED: a newer program's. *copy: it gets new steps and is to be copied first. */
enum rc upgrade_look(const struct store *s, bool *copy, struct fault *f);
enum rc upgrade_copy(struct store *s, struct fault *f);
enum rc upgrade_newer(struct str step, struct fault *f);   /* always RC_REFUSED */

/* store_text.c */
/* SQL is read only as far as needed to know words from literals and comments. Cuts a token off *rest. */
enum sql_token { T_END = 1, T_WORD, T_AT, T_PARAM, T_QUOTED, T_COMMENT, T_BLANK, T_OTHER };
enum sql_token sql_next(struct str *rest, struct str *tok);
bool sql_word_is(struct str s, const char *z);   /* in letters of either case */
/* A step's text with the engine's words; RC_SYNTAX for words of one engine alone. */
enum rc step_translate(const struct engine *e, const struct schema_step *step, struct buf *out,
                       struct fault *f);
/* A statement's text and letters: RC_DB when they break the rules of store.h. */
enum rc sql_check(const struct sql *q, struct fault *f);
bool table_global(struct str name);   /* may a statement without a ward name it? */
bool search_scope_ok(const char *scope);
bool search_token_ok(struct str token);

/* store_schema.c */
enum rc schema_migrate(struct store *s, struct fault *f);

/* store_stmt.c */
void conn_release(struct conn *c, const struct engine *e);    /* finalizes all */
void conn_close_rows(struct conn *c, const struct engine *e); /* ends what is still being read */

#endif

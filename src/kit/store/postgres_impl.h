/* The PostgreSQL engine's own: connections, the writing lanes, the readers' pool.
 *
 * One ward's writes run one after the other, as on SQLite, held apart by an advisory lock of the
 * ward that lasts as long as the transaction, also between several servers of one database; wards
 * run side by side, a lane (thread and connection) each. A batch is the waiting functions of one
 * ward, each in a SAVEPOINT, in one transaction. */
#ifndef XOM_STORE_POSTGRES_IMPL_H
#define XOM_STORE_POSTGRES_IMPL_H

#include <libpq-fe.h>
#include <stdatomic.h>

#include "kit/store/store_impl.h"

enum { PQ_LANES = 4, PQ_QUEUED = 8, PQ_UNREAD = 48, PQ_OWN = 10 };
#define PQ_WRITE_LIMIT_US (10 * US_SECOND)  /* a statement of a writer, waiting for its ward included */
#define PQ_GRACE_US (2 * US_SECOND)         /* the server says so itself; after that it is given up */

enum pq_kind { PQ_READER = 1, PQ_WRITER, PQ_SETUP, PQ_MOVER_CONN };

struct pq_conn {
	struct conn conn;               /* first: the tx points at it */
	PGconn *pg;                     /* NULL: not connected */
	enum pq_kind kind;
	bool lost;                      /* the connection failed: nothing more is sent on it */
	bool again;                     /* a deadlock or the like: the same may work the next time */
	bool warned;                    /* the server warned: of a COMMIT that its standby may not have */
	bool guard;                     /* each writing statement has a SAVEPOINT of its own */
	bool guard_wanted;              /* a row was refused without one: the function is run again with it */
	bool in_function;
	int64_t limit_us;               /* of a statement, kept by the server; 0: none */
	int64_t deadline;               /* of the function, on clock_ticks */
	int64_t opened;                 /* on clock_ticks, when it was asked for; 0: it never was open */
	const char *queued[PQ_QUEUED];  /* BEGIN, SAVEPOINT …: sent before the next statement */
	size_t queued_n;
	/* What was sent and not waited for: its answers come first. exists: as of pq_stmt. */
	struct pq_unread { const char *doing; bool exists; } unread[PQ_UNREAD];
	size_t unread_n, unread_bytes;
	unsigned names;                 /* prepared statements so far */
	bool own_ready[PQ_OWN];         /* postgres_own.c's statements that are prepared */
	int64_t changed;                /* rows of the last statement */
	void (*tracing)(void *ctx, const char *sql);
	void *tracing_ctx;
};

/* A statement's handle. */
struct pq_stmt {
	char name[16];
	const struct sql *sql;
	char *text;                     /* PostgreSQL's */
	bool writes, exists;            /* exists: no row changed means RC_EXISTS */
	const char **values;
	int *lengths, *formats;
	int64_t *numbers;               /* in the byte order of the wire */
	Oid *types;                     /* of the columns */
	PGresult *result;               /* NULL: not run yet */
	int row, rows;
};

struct pq_lane {
	struct store *store;
	struct pq_conn c;
	pthread_t thread;
	bool started, busy;
	struct ward_id ward;            /* whose functions it runs */
	int64_t writer, batch;          /* its row in store_writer, and the batch's number */
	bool merged, bulk;
	PGcancel *cancel;               /* of a VACUUM that runs; the queue's lock */
	void (*tracing)(void *ctx, const char *sql);
	void *tracing_ctx;
};

struct pq {
	struct pq_lane lane[PQ_LANES];
	/* With the queue's lock: */
	bool bulk;
	bool tidying, untidy;           /* a lane takes removed words out of the file; there are more */
	void (*trace)(void *ctx, const char *sql);
	void *trace_ctx;

	atomic_bool gone;               /* it was told that the server is lost */
	_Atomic int64_t suspect;        /* a connection was lost then: each that is older is opened anew */
};

static inline struct pq *pq_of(const struct store *s) { return s->db; }
static inline struct pq_conn *pq_conn_of(const struct tx *tx) { return (struct pq_conn *)tx->conn; }

/* postgres_conn.c: one connection */
enum rc pq_connect(struct pq_conn *c, const char *url, enum pq_kind kind, int64_t limit_us,
                   struct fault *f);
void pq_disconnect(struct pq_conn *c);
/* The failure of a result or, NULL, of the connection, as the store's; marks lost and again. */
enum rc pq_rc(struct pq_conn *c, const PGresult *r, struct fault *f, const char *doing);
void pq_queue(struct pq_conn *c, const char *control);  /* a failure shows at the next statement */
/* What is sent: a prepared statement by `name`, or `text`. */
struct pq_call {
	const char *name, *text;
	const char *doing;              /* what a failure names; NULL: the text or the name */
	int n;
	bool exists;                    /* no row changed is a refused row; for pq_send */
	const Oid *in;                  /* for text */
	const char *const *values;
	const int *lengths, *formats;
};
/* Sends what is queued and then the call (NULL: nothing), and waits for all that was sent. *out (may be NULL) is the
 * call's result, to be cleared. */
enum rc pq_exec(struct pq_conn *c, const struct pq_call *call, PGresult **out, struct fault *f);
/* May the call go without being waited for? Only while libpq keeps all of it: once the server has a part, its
 * session is no longer idle, and one that stands still would keep its ward's lock beyond the limit. */
bool pq_fits(const struct pq_conn *c, const struct pq_call *call);
/* Sends a call that fits and does not wait. What fails is told by the next pq_exec or pq_prepare; a row that
 * was refused makes the function run again, with its guard, where each answer is waited for. */
enum rc pq_send(struct pq_conn *c, const struct pq_call *call, struct fault *f);
/* A text of several statements without parameters, or one that must not be in a transaction. */
enum rc pq_script(struct pq_conn *c, const char *sql, struct fault *f);
/* Prepares; *out is the description, to be cleared. */
enum rc pq_prepare(struct pq_conn *c, const char *name, const char *text, int n, const Oid *in,
                   PGresult **out, struct fault *f);
int64_t pq_int(const PGresult *r, int row, int column);       /* of any whole number type; NULL: 0 */
struct val pq_val(const PGresult *r, int row, int column, const char *doing);

/* postgres_own.c: the engine's own statements */
enum pq_own { OWN_LOCK = 0, OWN_JOIN, OWN_BATCH, OWN_ASK, OWN_PUT, OWN_DROP, OWN_NEAR, OWN_FIND, OWN_MERGE, OWN_ERASED };
enum rc pq_own(struct pq_conn *c, enum pq_own which, const struct val *in, size_t n, PGresult **out,
               struct fault *f);
/* Gives a statement with its values to whoever traces; the letters are those of struct sql. */
void pq_tell(struct pq_conn *c, const char *sql, const char *before, const char *letters,
             const char *const *values, const int *lengths);
enum rc pq_setup(struct pq_conn *c, struct fault *f);          /* the engine's own tables */

/* postgres.c: what is no more than a refusal elsewhere is a failure here */
enum rc pq_failure(enum rc rc, struct fault *f);
/* tells the log once that the server is lost (why), and once that it answers again (NULL). */
void pq_health(struct store *s, const struct fault *why);

/* Where c was open and is lost, all older ones are opened anew before they are used: a server that hangs keeps
 * them open, too, and each would be waited for in its turn. */
void pq_suspect(struct store *s, const struct pq_conn *c);
bool pq_usable(struct store *s, const struct pq_conn *c);

/* postgres_move.c: says that somebody works with the database who may write; RC_AGAIN: it is being moved,
 * RC_REFUSED: it was, or is half (unless `moving`). */
enum rc pq_presence(struct pq_conn *c, bool moving, struct fault *f);
struct move_mark;
enum rc pq_marked(const char *path, struct arena *a, struct move_mark *out, struct fault *f);

/* postgres_text.c */
/* The statement in PostgreSQL's words; RC_DB for what it may not name. *writes: it is no query. */
enum rc pq_translate(const struct sql *q, struct buf *out, bool *writes, bool *exists, struct fault *f);

/* postgres_write.c */
enum rc pq_alone(struct store *s, struct arena *a, tx_fn *fn, void *ctx, struct fault *f);
enum rc pq_write(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                 struct fault *f);
enum rc pq_lanes_start(struct store *s, struct fault *f);
void pq_lanes_stop(struct store *s);
void pq_trace(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx);
void pq_bulk(struct store *s);

/* postgres_read.c */
enum rc pq_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                struct fault *f);
enum rc pq_reader_take(struct store *s, struct pq_conn **out, struct fault *f);
void pq_reader_close(void *conn);

/* postgres_search.c */
enum rc pq_search_put(struct tx *tx, const char *scope, int64_t id, const struct str *tokens, size_t n,
                      struct fault *f);
enum rc pq_search_find(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                       int64_t before, size_t limit, int64_t **ids, size_t *count, struct fault *f);
enum rc pq_search_merge(struct tx *tx, bool first, bool *more, struct fault *f);

/* postgres_clean.c */
#define PQ_MAY_CLEAN "has_function_privilege('pg_switch_wal()', 'EXECUTE') AND pg_has_role('pg_checkpoint', 'USAGE')"
enum rc pq_erased(struct tx *tx, struct fault *f);
enum rc pq_clean(struct store *s, store_pause_fn *pause, void *ctx, struct store_cleaned *out, struct fault *f);
/* No samples of what people wrote are kept for planning. */
enum rc pq_unsample(struct pq_conn *c, const char *const *words, struct fault *f);

/* postgres_server.c */
enum rc pq_server(struct store *s, struct arena *a, struct store_server *out, struct fault *f);

/* postgres_catalog.c */
enum rc pq_steps(const char *path, struct arena *a, struct str **names, size_t *count,
                 struct fault *f);
enum rc pq_check(struct store *s, struct arena *a, struct fault *f);
enum rc pq_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count,
                  struct fault *f);
/* postgres_copy.c */
enum rc pq_copy(struct store *s, const char *to, store_pause_fn *pause, void *ctx, struct fault *f);
enum rc pq_size(struct store *s, int64_t *bytes, struct fault *f);

#endif

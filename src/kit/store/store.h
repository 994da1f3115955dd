/* One interface to the database. Two engines stand behind it, SQLite (sqlite*.c) and PostgreSQL
 * (postgres*.c); all SQL above it is one text for both.
 *
 * Reads run in a snapshot on a connection of their own. Writes are functions: they are queued to
 * the writer, run inside a transaction together with other waiting ones (group commit, a SAVEPOINT
 * each), and store_write returns only after COMMIT returned OK: what it acknowledges is on disk.
 *
 * The functions of one ward run one after the other, also where several servers share a PostgreSQL
 * database; those without a ward do so among themselves. On PostgreSQL wards run side by side: what
 * two of them may change (account, definition, outbox …) is changed by statements that hold alone,
 * never read first and written then.
 *
 * A write function may run twice (the others of its batch may have failed): it touches the
 * database and its own context, nothing else, and what it has put there counts when it gave RC_OK.
 * It has 50 ms; bulk work is cut into slices.
 *
 * Ward first: a statement made with SQL_WARD gets the transaction's ward as ?1 by itself; one made
 * with SQL_GLOBAL may name only the closed list of tables that belong to no ward (ward, area,
 * account, calendar, calendar_day, rule, procedure_version, node, definition and the store's own), which is checked when the
 * statement is prepared. */
#ifndef XOM_STORE_STORE_H
#define XOM_STORE_STORE_H

#include "kit/base/arena.h"
#include "kit/base/ids.h"

struct store;
struct tx;

/* A step of the schema, by its room, in order, never changed once published. In `sql` the types
 * @id @time @day @int @text @blob @bool stand for the engine's own (which are refused), the store
 * adds STRICT where the engine has it, @no_rowid after a table's closing bracket stands for WITHOUT
 * ROWID, and several statements may follow each other with ';'. Every table and index says why it
 * exists, in a -- comment. */
struct schema_step {
	const char *name; /* "flow-0001" */
	const char *sql;
};

struct store_config {
	const char *path;           /* the database file (SQLite), or postgresql://… */
	const struct schema_step *const *steps; /* NULL-terminated list of lists, each ended by a
	                                           step without name; lower floors first */
	const struct clock *clock;
	size_t readers;             /* connections for reading; 0: 16 */
	size_t queue;               /* writes that may wait; more give RC_AGAIN; 0: 1024 */
	size_t batch;               /* functions a commit at most; 0: 64 */
	const char *copy_dir;       /* existing folder: a database that gets new steps is copied there
	                               first, whole; NULL: it is not */
	const char *const *words;   /* "table.column" of each that holds what people wrote, NULL-terminated (may be
	                               NULL): store_clean's tables, and columns of which no engine keeps samples */
	bool moving;                /* kit/store/move.h's own: a database that is half of a move is opened, too */
	int64_t read_limit_us;      /* a read function is cut off after it: RC_TIMEOUT; 0: 5 s */
	int64_t doubt_us;           /* PostgreSQL: for how long it is asked whether a commit whose answer
	                               was lost was done, before the answer is RC_AGAIN; 0: 30 s */
};

/* How a database's steps stand to the program's, without changing it. RC_NONE: there is none yet. */
struct store_peek {
	struct str *names;          /* the steps it has run, in the arena */
	size_t count, missing;      /* missing: the program's steps that it has not */
	struct str newer;           /* one that this program does not know; empty: none */
};
enum rc store_peek(const struct store_config *c, struct arena *a, struct store_peek *out,
                   struct fault *f);

/* Opens, checks and migrates. RC_CORRUPT, RC_IO, RC_DB; RC_FULL: no room for the copy; RC_SYNTAX when
 * a published step's text has changed. RC_REFUSED: a newer program made the database; it is left
 * untouched. */
enum rc store_open(struct store **out, const struct store_config *c, struct fault *f);
void store_close(struct store *s);   /* waits for running work */
bool store_is_server(const char *path);   /* is it a PostgreSQL database's address? */

/* A statement: const and static, because its address is its name in every connection's cache.
 * Parameters are ?1 ?2 …; `in` and `out` declare their types in order, a letter each:
 * i integer, t text, b blob, capital letters where NULL may stand. For SQL_WARD ?1 is the ward
 * (not part of `in`): the first declared parameter is ?2. */
struct sql {
	const char *text, *in, *out;
	bool ward;
};
#define SQL_WARD(text, in, out) {text, in, out, true}
#define SQL_GLOBAL(text, in, out) {text, in, out, false}

enum val_type { VAL_NULL = 1, VAL_INT, VAL_TEXT, VAL_BLOB };
struct val {
	enum val_type type;
	int64_t i;
	struct str s;
};
static inline struct val v_int(int64_t i) { return (struct val){VAL_INT, i, {0}}; }
static inline struct val v_text(struct str s) { return (struct val){VAL_TEXT, 0, s}; }
static inline struct val v_blob(struct str s) { return (struct val){VAL_BLOB, 0, s}; }
static inline struct val v_null(void) { return (struct val){VAL_NULL, 0, {0}}; }
/* NULL for 0 or empty. */
static inline struct val v_int0(int64_t i) { return i != 0 ? v_int(i) : v_null(); }
static inline struct val v_text0(struct str s) { return s.n > 0 ? v_text(s) : v_null(); }
/* The arguments of a statement: sql_run(tx, &Q, BIND(v_int(7), v_text(s)), f). */
#define BIND(...) \
	(const struct val[]){__VA_ARGS__}, sizeof((const struct val[]){__VA_ARGS__}) / sizeof(struct val)
#define NO_BIND NULL, 0

typedef enum rc tx_fn(struct tx *tx, void *ctx, struct fault *f);

/* Runs fn in a snapshot. Rows' texts and blobs are copied into the arena. */
enum rc store_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                   struct fault *f);
/* Runs fn in a write transaction; RC_OK and the other non-negative codes that fn returns reach the
 * caller after the outcome is durable. Anything but RC_OK takes back what fn wrote, it alone.
 * RC_AGAIN: the queue is full. RC_FULL: the disk is. A worker thread waits; not for I/O threads. */
enum rc store_write(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                    struct fault *f);

struct ward_id tx_ward(const struct tx *tx);
struct arena *tx_arena(const struct tx *tx);
/* What is read from here on lies in `a`, until the one that is given back is lent again: for whoever goes through
 * many rows and keeps nothing of each. */
struct arena *tx_arena_lend(struct tx *tx, struct arena *a);
int64_t tx_now(const struct tx *tx);    /* the clock, read once per transaction function */

/* Runs a statement that gives no rows. *changed (may be NULL): rows changed.
 * RC_EXISTS: a unique constraint stood against it (the transaction can go on). */
enum rc sql_run(struct tx *tx, const struct sql *q, const struct val *in, size_t n, int64_t *changed,
                struct fault *f);

/* Rows of a query, one after the other:
 *   struct rows r;
 *   rc = sql_rows(tx, &Q, &r, BIND(...), f);
 *   while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) … row_int(&r, 0) …
 *   rows_end(&r);            // always; RC_NONE in rc: all rows were read
 */
struct rows {
	void *opaque[6];
};
enum rc sql_rows(struct tx *tx, const struct sql *q, struct rows *r, const struct val *in, size_t n,
                 struct fault *f);
enum rc rows_next(struct rows *r, struct fault *f);
void rows_end(struct rows *r);
int64_t row_int(struct rows *r, int column);      /* NULL gives 0 */
bool row_null(struct rows *r, int column);
struct str row_str(struct rows *r, int column);   /* text or blob, copied into tx's arena */

/* The first row of a query that has at most one: RC_OK and the row stays readable until the
 * statement is used again in this transaction (read it at once); RC_NONE: no row. Needs no
 * rows_end when it gave RC_NONE; otherwise rows_end(&r). */
enum rc sql_one(struct tx *tx, const struct sql *q, struct rows *r, const struct val *in, size_t n,
                struct fault *f);

/* Full-text search, whose SQL no two engines share. The tokens are text_tokens' of what may be
 * indexed; `scope` names an index of the ward ("desk", "public"). store_search gives matching
 * ids newest first, strictly before `before` (0: from the newest): AND of tokens, the last one a
 * prefix when it has two characters or more. */
enum rc search_put(struct tx *tx, const char *scope, int64_t id, const struct str *tokens, size_t n,
                   struct fault *f);             /* replaces; n == 0 removes */
enum rc search_find(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                    int64_t before, size_t limit, int64_t **ids, size_t *count, struct fault *f);
enum { SEARCH_WORDS_MAX = 32 };   /* more words in a query: RC_INVALID, as for what is no word */
/* Merges the index, of all wards, so that removed words are gone from the file: a slice a call, the
 * first of them with `first`, until *more is false. Much to write: run by night. */
enum rc search_merge(struct tx *tx, bool first, bool *more, struct fault *f);

/* In each transaction that erases: the next store_clean has something to do. */
enum rc store_erased(struct tx *tx, struct fault *f);
/* Takes what was erased out of the database's files, where deleting leaves it in them. SQLite overwrites at
 * once (secure_delete; search_merge does the rest, and cuts off the journal): RC_NONE. PostgreSQL's tables
 * of `words` and its search are written anew, each being locked meanwhile, and its journal is changed for a
 * new one. RC_NONE: nothing was erased since it was done last, or another server is about it. `pause` is
 * called several times a second; it ends the work with false (RC_TIMEOUT), and what is left is done by the
 * next call. RC_AGAIN: a table was in use all the time. For a job by night, not a worker. */
typedef bool store_pause_fn(void *ctx, int64_t done, int64_t total);
struct store_cleaned {
	int64_t tables, longest_us;  /* how many were written anew; how long the slowest was locked */
	char longest[64];            /* which one that is */
	bool wal;                    /* the journal was changed, too: this user may */
};
enum rc store_clean(struct store *s, store_pause_fn *pause, void *ctx, struct store_cleaned *out,
                    struct fault *f);

/* Copies every statement that the writer runs, with its values bound, as SQL text, to fn; for
 * bench's intakecpu. NULL ends it. */
void store_trace(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx);

/* Sums since the store was opened, and what waits now. */
enum { STORE_BATCH_STEPS = 7 };
struct store_stats {
	uint64_t commits, writes;               /* commits of batches; functions in them */
	uint64_t batch[STORE_BATCH_STEPS];      /* batches of at most 1, 2, 4 … 64 functions */
	size_t waiting;                         /* functions that wait for the writer */
	size_t readers, readers_free;           /* connections that read, and the idle ones of them */
};
void store_stats(struct store *s, struct store_stats *out);

/* For filling a database that can be made again: a large cache, and commits that do not wait for
 * the disk. Before the first write. */
void store_bulk(struct store *s);

/* Copies the whole database, as of one moment, into the new SQLite file `to` (0600, synced), from either
 * engine, while others go on writing; SQLite's journal grows meanwhile. `pause` (may be NULL) is called after each slice, of
 * some hundred KiB, with how many of how many are done: it may sleep, and ends the copy with false
 * (RC_TIMEOUT). RC_FULL, RC_IO; after a failure `to` is gone. */
enum rc store_copy(struct store *s, const char *to, store_pause_fn *pause, void *ctx,
                   struct fault *f);

/* Bytes that the database takes: about what a copy needs. */
enum rc store_size(struct store *s, int64_t *bytes, struct fault *f);

/* What a database server says of itself, for `xom doctor`. RC_NONE: the database is a file. */
struct store_server {
	int version;                    /* 150018 */
	bool fsync, full_page_writes, checksums;
	struct str commit;              /* synchronous_commit as it is set for everybody */
	int64_t most, used, others;     /* connections: allowed, there are, and those not of this user here */
	int64_t own;                    /* what one program holds at most */
	int64_t standbys;
	bool synchronous;               /* a commit waits for one of them */
	bool lag_known;                 /* is this user shown how far they are */
	int64_t lag_bytes;              /* of the last one */
	struct str last, user;
	bool values_logged;             /* its log may hold what was written, for this user */
	bool journal_kept;              /* its old journal files are used again, with what they hold */
	bool may_clean;                 /* this user may begin a new journal file, and a checkpoint */
};
enum rc store_server(struct store *s, struct arena *a, struct store_server *out, struct fault *f);

/* For `xom verify` and tests: engine's own check (integrity_check, foreign_key_check). */
enum rc store_check(struct store *s, struct arena *a, struct fault *f);
/* For tools and tests: every table's name with its columns, primary key, unique constraints and
 * foreign keys, read from the engine's catalogue; NULL-terminated names inside arena. */
struct store_table {
	struct str name;
	bool without_rowid, internal;   /* internal: the engine's or the store's own */
	struct str *columns;  size_t column_count;
	const char *types;              /* of the columns, a letter each: i, t, b as in struct sql */
	struct store_key { enum { KEY_PRIMARY = 1, KEY_UNIQUE, KEY_FOREIGN, KEY_INDEX } kind; struct str *columns;
		size_t column_count; struct str to_table, to_first; } *keys;   /* of a foreign key: where it
		leads, and the first column there ("": the first of its primary key) */
	size_t key_count;
};
enum rc store_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count,
                     struct fault *f);

/* What in the schema is not "ward first": a sentence for each table outside the closed list without
 * ward_id; for each primary key, unique constraint, index and foreign key (but one to a table of the
 * list) that does not begin with it; for each foreign key that leads from a ward's rows to another's,
 * or from a table of the list into a ward's. None: *count is 0. So each ward's rows can be kept apart
 * by their ward_id, and the tables of the list copied to each place (Citus: create_distributed_table,
 * create_reference_table). */
enum rc store_schema_faults(struct store *s, struct arena *a, struct str **faults, size_t *count,
                            struct fault *f);

/* Closed list of tables without ward_id. NULL-terminated. */
extern const char *const STORE_GLOBAL_TABLES[];

#endif

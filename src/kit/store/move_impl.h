/* What moving and copying a database ask of an engine; store_move.c does the rest for both.
 *
 * A row travels as the bytes of PostgreSQL's binary COPY: the count of its fields in two bytes, each
 * field's length in four (-1: NULL) before it, numbers in eight, all big end first. Both engines make the
 * same bytes of the same row, so they are also what is compared and hashed. */
#ifndef XOM_STORE_MOVE_IMPL_H
#define XOM_STORE_MOVE_IMPL_H

#include "kit/store/move.h"
#include "kit/store/store_impl.h"

struct move_table {
	struct str name;
	const char *scope;            /* a scope of the search: ward_id, id, its words in their order; NULL: a table */
	struct str *columns;
	const char *types;            /* as store_table's */
	size_t column_count;
	size_t *key, key_count;       /* columns of the primary key, in its order */
	bool whole;                   /* its rows point at each other: it goes over in one slice */
};

struct move_mark {
	bool target;                  /* it is being filled; else it is the one that is left */
	bool done;                    /* the rows are there, and the same */
	struct str id;                /* of this move, on both sides */
	struct str other;             /* the other side's address */
	int64_t began_at;
	int64_t copied;               /* rows, of a target; and the last one's table and key */
	struct str place, key;
};
/* Refuses with what the mark means: RC_REFUSED. */
enum rc move_refuse(const struct move_mark *m, struct arena *a, struct fault *f);

/* USE_FROM and USE_INTO have the database for themselves; USE_SNAPSHOT reads it as of one moment while
 * others go on; USE_FILL writes a file that is thrown away when it fails. */
enum move_use { USE_FROM = 1, USE_INTO, USE_SNAPSHOT, USE_FILL };
struct move_side {
	const struct mover *m;
	const char *path;
	enum move_use use;
	void *db;                     /* the engine's */
	bool reading;
};

struct mover {
	/* RC_AGAIN: somebody else works with it. */
	enum rc (*open)(struct move_side *s, struct fault *f);
	void (*close)(struct move_side *s);
	enum rc (*mark)(struct move_side *s, struct arena *a, struct move_mark *out, struct fault *f);
	enum rc (*set_mark)(struct move_side *s, const struct move_mark *mark, struct fault *f);
	enum rc (*drop_mark)(struct move_side *s, struct fault *f);
	/* RC_EXISTS: something is there, but for a mark. */
	enum rc (*empty)(struct move_side *s, struct fault *f);
	/* The scopes of the search that hold anything, in their order. */
	enum rc (*scopes)(struct move_side *s, struct arena *a, const char ***out, size_t *count,
	                  struct fault *f);
	enum rc (*count)(struct move_side *s, const struct move_table *t, int64_t *out, struct fault *f);
	/* Rows in the order of the key, after the one whose key is `after` (empty: from the first);
	 * *row is borrowed until the next. RC_NONE: there are no more. */
	enum rc (*read)(struct move_side *s, const struct move_table *t, struct str after, struct fault *f);
	enum rc (*next)(struct move_side *s, struct str *row, struct fault *f);
	void (*end)(struct move_side *s);
	/* A transaction of rows of one table; commit stores the mark (NULL: none) with them. */
	enum rc (*slice)(struct move_side *s, const struct move_table *t, struct fault *f);
	enum rc (*put)(struct move_side *s, const struct move_table *t, struct str row, struct fault *f);
	enum rc (*commit)(struct move_side *s, const struct move_mark *mark, struct fault *f);
	void (*abandon)(struct move_side *s);      /* after a failure: takes the slice back */
	enum rc (*settle)(struct move_side *s, struct fault *f);   /* once, when all rows are there */
};

/* store_move_row.c */
/* A field of a row; *rest begins as the row's bytes after the count. False: no more. */
bool move_field(struct str *rest, struct str *value, bool *null);
struct str move_fields(struct str row);        /* what stands after the count */
int64_t move_number(struct str value);
void move_put_count(struct buf *b, size_t n);
void move_put_null(struct buf *b);
void move_put_number(struct buf *b, int64_t n);
void move_put_bytes(struct buf *b, struct str s);
/* The row's key, as a row of its own. */
void move_key(const struct move_table *t, struct str row, struct buf *out);

/* For a statement: a name, and a table's columns, or those of its key, with commas between. */
void move_name(struct buf *b, struct str s);
void move_names(struct buf *b, const struct move_table *t, bool key);
/* Which of two rows' keys comes first, as both engines order them. */
int move_key_order(const struct move_table *t, struct str a, struct str b);
/* A key in words, for whoever looks for the row. */
struct str move_key_text(struct arena *a, const struct move_table *t, struct str key);
/* The words of SQLite's index as both engines agree on them, PostgreSQL's order: small letters, sorted,
 * each once, the ward's with its scope ("_1adesk"), a blank between. */
enum rc move_words(struct arena *a, const char *scope, struct str words, struct str *out,
                   struct fault *f);

/* store_move_rows.c */
struct move_job {
	struct move_side *from, *to;
	struct arena *a;
	int64_t slice;                /* rows */
	struct move_mark *mark;       /* kept in the target; NULL: none */
	int64_t done, total;
	bool (*tick)(void *ctx, struct move_job *job, const struct move_table *t, bool slice);
	void *ctx;
};
/* The tables of `s`, with the search's scopes of `from`, those that others point at first. */
enum rc move_tables(struct store *s, struct move_side *from, struct arena *a, struct move_table **out,
                    size_t *count, struct fault *f);
enum rc move_copy(struct move_job *job, const struct move_table *t, struct str after, struct fault *f);
enum rc move_compare(struct move_job *job, const struct move_table *t, struct hasher *h,
                     struct fault *f);

extern const struct mover LITE_MOVER, PQ_MOVER;

#endif

/* Return codes and faults: what every function that can fail gives back.
 *
 * enum rc: 0 is fine, a positive value is an expected outcome (none, exists, denied), a negative
 * one is a failure. All of them are rows of RC_TABLE: name, number, HTTP status, translation key.
 * Numbers are never reused.
 *
 * struct fault carries the detail. It is the last parameter of a function, is left untouched on
 * success, may be NULL, and is meant for the log and for whoever maintains a file: a page shows
 * only the translated key of the rc. */
#ifndef XOM_BASE_RC_H
#define XOM_BASE_RC_H

#define RC_TABLE(X) \
	X(OK, 0, 200, "rc.ok") \
	X(NONE, 1, 404, "rc.none") \
	X(EXISTS, 2, 409, "rc.exists") \
	X(DENIED, 3, 403, "rc.denied") \
	X(AGAIN, 4, 503, "rc.again") \
	X(CHANGED, 5, 409, "rc.changed") \
	X(INVALID, 6, 422, "rc.invalid") \
	X(LIMIT, 7, 429, "rc.limit") \
	X(TOO_BIG, 8, 413, "rc.too_big") \
	X(EXPIRED, 9, 410, "rc.expired") \
	X(SIGN_IN, 10, 401, "rc.sign_in") \
	X(BAD_REQUEST, 11, 400, "rc.bad_request") \
	X(METHOD, 12, 405, "rc.method") \
	X(UNSUPPORTED, 13, 415, "rc.unsupported") \
	X(REFUSED, 14, 422, "rc.refused") \
	X(STALE, 15, 403, "rc.stale") \
	X(WAITING, 16, 409, "rc.waiting") \
	X(ERASED, 17, 410, "rc.erased") \
	X(FAIL, -1, 500, "rc.fail") \
	X(IO, -2, 500, "rc.fail") \
	X(FULL, -3, 503, "rc.full") \
	X(NOMEM, -4, 503, "rc.again") \
	X(DB, -5, 500, "rc.fail") \
	X(CORRUPT, -6, 500, "rc.fail") \
	X(TIMEOUT, -7, 503, "rc.again") \
	X(SYNTAX, -8, 500, "rc.fail") \
	X(UNCONFINED, -9, 503, "rc.unconfined") \
	X(LOST, -10, 404, "rc.lost") \
	X(AWAY, -11, 503, "rc.away")

enum rc {
#define X(name, number, status, key) RC_##name = number,
	RC_TABLE(X)
#undef X
};

struct fault {
	enum rc rc;
	int line;        /* in file, from 1; 0 when not known */
	int column;      /* from 1; 0 when not known */
	char file[160];  /* the definitions file at fault, or empty */
	char field[96];  /* path of the field at fault ("steps[1].to[0]"), or empty */
	char text[512];  /* one English sentence for the log */
};

const char *rc_name(enum rc rc);
int rc_status(enum rc rc);
const char *rc_key(enum rc rc);

/* Fills the fault (when not NULL) and returns rc, so that a failing line reads
 * `return fault_set(f, RC_IO, "cannot open %s: %s", path, strerror(errno));`. */
enum rc fault_set(struct fault *f, enum rc rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As fault_set, with the place in a definitions file. */
enum rc fault_at(struct fault *f, enum rc rc, const char *file, int line, const char *field,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Writes "file:line: field: text" into out; never fails, truncates. Returns out. */
const char *fault_describe(const struct fault *f, char *out, unsigned size);

/* Our own broken invariant: logs the place and aborts. Never for input. */
_Noreturn void bug_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)

#endif

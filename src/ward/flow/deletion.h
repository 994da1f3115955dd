/* The signed deletion list (RIGHTS.md promise 7): a line for each thing that was erased: code, kind,
 * rule, day. A chain per ward, each link signed with the key of its daily heads (Ed25519), in the
 * database and, append-only, in a file outside of it, so that what was erased stays erased when an
 * older copy of the database comes back.
 *
 * hash = H("xom deletion 1", ward, n, hash before (zeros), code, kind, rule, day). `kind` is "contact",
 * or for parts of a timeline their sort and places: "text 1.1 2.1" (entry 1, part 1; …), "case" for all of
 * one, "looks 12-200" for what was typed there (erase.h). `code` is the one that
 * the case got first: a copy from before a receipt was replaced knows no other.
 *
 * The file: DIR/WARD.list, a line each: n, code, kind, rule, day, number of the key, hash and
 * signature in hex, separated by tabs. */
#ifndef XOM_FLOW_DELETION_H
#define XOM_FLOW_DELETION_H

#include "ward/flow/flow.h"

extern const struct schema_step DELETION_SCHEMA[];

struct deletion {
	int64_t n;                    /* from 1 */
	struct str code, kind, rule;
	int32_t day;
	int key_no;
	struct hash hash;
	uint8_t signature[64];
};

/* In the transaction that erases. */
enum rc deletion_add(struct tx *tx, const struct flow *w, struct case_id c, struct str kind,
                     struct str rule, struct fault *f);
/* Of no case: "-". */
enum rc deletion_add_code(struct tx *tx, const struct flow *w, struct str code, struct str kind,
                          struct str rule, struct fault *f);
/* Adds a line that another copy of the list has, when it follows the last one here and is signed.
 * RC_CORRUPT: it does not. */
enum rc deletion_take(struct tx *tx, const struct flow *w, const struct deletion *d,
                      struct fault *f);
/* Lines after number `after`, in order, at most `limit`. */
enum rc deletion_list(struct tx *tx, int64_t after, size_t limit, struct deletion **out,
                      size_t *count, struct fault *f);

/* Writes what the database has and the file lacks, and syncs it. After each commit that erased.
 * RC_CHANGED: the file has more lines than the database (an older copy came back: deletions_apply);
 * RC_CORRUPT: they differ. */
enum rc deletions_flush(const struct flow *w, struct ward_id ward, struct fault *f);

/* The file, line by line. RC_NONE: no further line yet; RC_CORRUPT: a line that is none. A last line
 * that was cut off by a power cut is left out. */
struct deletion_file;
enum rc deletion_file_open(struct deletion_file **out, const char *dir, struct ward_id ward,
                           struct fault *f);   /* RC_NONE: there is no file */
enum rc deletion_file_next(struct deletion_file *d, struct arena *a, struct deletion *out,
                           struct fault *f);
void deletion_file_close(struct deletion_file *d);

/* Chain and signatures in the database and in the file, and that both agree, also beside a server that is at work: a
 * line comes to the file after its commit, by night some seconds later, and is waited for (up to 10 s in all). `file`
 * false: those of the database alone. */
struct deletion_report {
	int64_t rows, lines, faults;
};
enum rc deletions_verify(const struct flow *w, struct ward_id ward, bool file,
                         void (*say)(void *ctx, const char *line), void *ctx,
                         struct deletion_report *out, struct fault *f);

#endif

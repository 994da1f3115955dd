/* Forgetting (RIGHTS.md promise 7): the nightly job that erases what is due, by kind, each with a
 * line of the signed deletion list; and making an older copy of the database forget again what was
 * erased since. */
#ifndef XOM_WARD_FORGET_H
#define XOM_WARD_FORGET_H

#include "ward/app.h"

extern const struct job_kind FORGET_JOBS[];

/* What the job does in one run, at most some seconds long so that a server can stop and a day's work makes room
 * for others: ends holds whose day is over, erases what is due, and writes the list's file. *left: there is more. */
enum rc forget_night(const struct flow *w, struct ward_id ward, bool *left, struct fault *f);

/* Erases whatever the ward's list in w->deletions names, the database has no line of, and is still
 * there; takes the lines into the database's own list. Before serving, and by a restore. *applied:
 * how many lines the database did not know. RC_CORRUPT: the file does not follow the database's list
 * or is not signed by the ward's key; nothing of that line or after it was done. */
enum rc deletions_apply(const struct flow *w, struct ward_id ward, int64_t *applied,
                        struct fault *f);
/* The numbers of the last lines, 0 where there is none: a file that ends before the database does is an old copy. */
enum rc deletions_reach(const struct flow *w, struct ward_id ward, int64_t *in_file, int64_t *in_database,
                        struct fault *f);
/* The same in every ward, then the files get what they lack. Every server does it at its start. */
enum rc deletions_catch_up(struct app *app, struct fault *f);

#endif

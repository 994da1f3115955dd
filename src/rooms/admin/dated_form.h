/* The two forms of a table of dated rows, which receiver_pages.c and nearby_pages.c have: a row is added
 * with its first and last day, or ended; what was typed is shown again with what is wrong, however long. */
#ifndef XOM_ADMIN_DATED_FORM_H
#define XOM_ADMIN_DATED_FORM_H

#include "rooms/admin/admin.h"

struct dated_form {
	struct request *q;
	const char *wrong;             /* messages "<wrong>.FIELD" */
	struct str from, until, last_typed;
	int64_t end;                   /* the row to end; 0: one is added */
	int32_t last;
	struct str too_long;           /* the first field that is */
	struct fault fault;
};

/* A line of the form. One that is too long stays whole, and is what the fault names. */
struct str dated_line(struct dated_form *d, const char *name, size_t max);
/* "from" and "until", once the lines were read: the fault of a line goes before that of a day. */
enum rc dated_days(struct dated_form *d, int32_t *from, int32_t *to);
/* The row and day of the other form. RC_BAD_REQUEST: no row; RC_INVALID "last". */
enum rc dated_end(struct dated_form *d);
/* What a field of the first form says; empty when it is not the one. */
struct str dated_error(const struct dated_form *d, const char *field);
void dated_day_fields(struct admin_page *p, const struct dated_form *d);
/* The form that ends one of the rows; nothing when there is none. */
void dated_end_form(struct admin_page *p, const struct dated_form *d, const char *lead, struct str url,
                    const struct form_option *rows, size_t count);

#endif

/* Reply templates: ready words of a unit, with fields of the case in braces ("{code}"). */
#ifndef XOM_DESK_TEMPLATES_H
#define XOM_DESK_TEMPLATES_H

#include "rooms/desk/desk.h"

/* Where a template is offered; the words of a question, a result and a release are read by others,
 * those of a note by colleagues alone. */
enum { USE_ask = 1, USE_close = 2, USE_release = 4, USE_note = 8, USE_ALL = 15 };
enum { TEMPLATE_TITLE_MAX = 80, TEMPLATES_MAX = 100 };

struct reply_template {
	int64_t id, version;
	struct unit_id unit;
	struct str kind;              /* empty: any */
	int uses;
	struct str title, body;
	bool dropped;
	int64_t made_at;
	struct str officer;           /* who wrote this version */
};

/* The newest versions of the actor's units, by title: at most TEMPLATES_MAX a unit. */
enum rc template_list(struct tx *tx, const struct actor *who, struct reply_template **out,
                      size_t *count, struct fault *f);
/* All versions of one, newest first; RC_NONE: there is none, or another unit's. */
enum rc template_versions(struct tx *tx, const struct actor *who, int64_t id,
                          struct reply_template **out, size_t *count, struct fault *f);
/* Writes t as the version after t->version (0: a new one, *id gets its number). RC_CHANGED: somebody
 * was quicker. RC_LIMIT: the unit has TEMPLATES_MAX. */
enum rc template_put(struct tx *tx, struct idgen *ids, const struct actor *who,
                     const struct reply_template *t, int64_t *id, struct fault *f);

/* The first field in braces that there is not, with its braces; empty when all are known. */
struct str template_unknown(struct str body);
/* The body with the case's own words in place of the fields; what the case does not have becomes an
 * ellipsis. In words for the public the receipt's code is the public one. */
struct str template_fill(struct request *q, const struct desk_data *d, struct str body, int use);
/* Every name of a field, for the page that explains them; NULL-terminated. */
extern const char *const TEMPLATE_FIELDS[];

#endif

/* What several forms let people choose among: the kinds and the khu vực of the ward. */
#ifndef XOM_WARD_CHOICES_H
#define XOM_WARD_CHOICES_H

#include "kit/view/frame.h"
#include "ward/app.h"

struct choices {
	struct form_option *options;  /* the request's arena */
	size_t count;
};

/* The kinds valid today, with what belongs to each; `chosen` is a kind's name. `other` (NULL: none)
 * stands first, for a filter that is off or a value that is not known. */
struct choices choices_kinds(const struct request *q, struct str chosen,
                             const struct form_option *other);
/* Only what the ward offers for new cases. */
struct choices choices_offered(const struct request *q, struct str chosen);
/* Of these what an officer writes down for a caller: a matter about somebody who works here is sent by
 * its reporter alone (RIGHTS.md promise 4). */
struct choices choices_counter(const struct request *q, struct str chosen);
/* The kinds that a case that began as one can be corrected to. */
struct choices choices_corrected(const struct request *q, const struct procedure *from,
                                 struct str chosen);
/* The khu vực valid today; `chosen` is an area's id as text. `other` as above, but at the end where
 * `last` says so. */
struct choices choices_areas(const struct request *q, struct str chosen,
                             const struct form_option *other, bool last);
/* Is this text the id of a khu vực of the ward, valid today? */
bool choices_area(const struct request *q, struct str text, struct area_id *out);

#endif

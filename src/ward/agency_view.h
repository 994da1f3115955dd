/* An agency's request in a list: its own room's, oversight's, the chair's (templates/ward/agency_rows.mustache).
 * Agency, letter, dates, and where it stands; no case's code. */
#ifndef XOM_WARD_AGENCY_VIEW_H
#define XOM_WARD_AGENCY_VIEW_H

#include "ward/flow/agency.h"
#include "ward/page.h"

extern const struct shape AGENCY_ROW;
/* Into a V_LIST of AGENCY_ROW. */
void agency_rows(struct request *q, struct vobj *page, int field, const struct agency_request *list, size_t count);
/* "outcome.granted" … in words; of an open one whose approval is awaited. */
struct str agency_stands(const struct request *q, const struct agency_request *r);

#endif

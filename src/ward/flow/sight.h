/* Who reads a case: asked by every page that shows one, and told before it is sent. One answer for both, so
 * that what is promised is what is enforced (RIGHTS.md promise 4). */
#ifndef XOM_FLOW_SIGHT_H
#define XOM_FLOW_SIGHT_H

#include "ward/flow/flow.h"

/* May this officer read the case, its words and photos? Who works it may (case_handled_by); the rest is
 * docs/permissions.md, rows 2 and 3. */
bool case_read_by(const struct ward_case *c, const struct actor *a);

/* By role, as ROLE_BITs, of a new case of this kind: who reads it wherever in the ward they belong; of
 * whom some do: the members of the unit that has it, its khu vực's head, the mediators named on it; the others
 * of those who sign in never do. */
struct readers {
	uint32_t ward, some, never;
};
struct readers procedure_readers(const struct procedure *p);

#endif

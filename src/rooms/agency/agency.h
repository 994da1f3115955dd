/* Agencies' requests (ward/flow/agency.h): the list, entering one (ward police), a request with its decision (chair
 * and oversight), and giving what was approved (a unit's own cases, by its officers). Rows 96 to 100 of
 * docs/permissions.md. */
#ifndef XOM_AGENCY_AGENCY_H
#define XOM_AGENCY_AGENCY_H

#include "kit/view/frame.h"
#include "ward/advice.h"
#include "ward/agency_view.h"
#include "ward/fill.h"
#include "ward/flow/agency.h"
#include "ward/page.h"
#include "ward/room.h"

extern const struct room AGENCY_ROOM;

/* --- entering (agency_new.c) --- */
extern const struct shape AGENCY_FORM;
handler_fn agency_form, agency_form_send;
/* --- a request (agency_page.c) --- */
extern const struct shape AGENCY_PAGE;
handler_fn agency_page, agency_decide_send, agency_withdraw_send;
/* --- giving (agency_give.c) --- */
extern const struct shape AGENCY_GIVE, AGENCY_FILE;
handler_fn agency_give_form, agency_give_send;

#endif

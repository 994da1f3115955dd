/* The letter of apology at the desk (desk_apology.c). */
#ifndef XOM_DESK_APOLOGY_H
#define XOM_DESK_APOLOGY_H

#include "rooms/desk/desk.h"
#include "ward/flow/apology.h"

extern const struct shape DESK_APOLOGY;
handler_fn desk_apology, desk_apology_make, desk_apology_letter, desk_apology_given;

#endif

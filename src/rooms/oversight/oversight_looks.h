/* Oversight's page of the looks (looks_page.c). */
#ifndef XOM_OVERSIGHT_LOOKS_H
#define XOM_OVERSIGHT_LOOKS_H

#include "ward/room.h"

extern const struct shape LOOKS;
handler_fn looks_page, looks_check_send;

#endif

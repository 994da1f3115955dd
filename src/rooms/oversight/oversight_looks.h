/* Oversight's page of the looks (looks_page.c). */
#ifndef XOM_OVERSIGHT_LOOKS_H
#define XOM_OVERSIGHT_LOOKS_H

#include "ward/room.h"

extern const struct shape LOOKS;
handler_fn looks_page, looks_check_send;

/* As what a page that tells of looks is itself a look: "looks", or the format of a download. */
const char *oversight_look_kind(const struct request *q);

#endif

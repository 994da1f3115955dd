/* Oversight's page of the looks (looks_page.c). */
#ifndef XOM_OVERSIGHT_LOOKS_H
#define XOM_OVERSIGHT_LOOKS_H

#include "ward/flow/flow.h"
#include "ward/room.h"

extern const struct shape LOOKS;
handler_fn looks_page, looks_check_send;

/* As what a page that tells of looks is itself a look: "looks", or the format of a download. */
const char *oversight_look_kind(const struct request *q);

/* What a look keeps of its filter, in words (looks_words.c). *code: of the request under whose number it was; empty:
 * under none. */
struct str look_filter_words(const struct request *q, const struct unit *units, size_t count, struct str filter,
                             struct str *code);

#endif

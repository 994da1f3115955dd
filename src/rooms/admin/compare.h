#ifndef XOM_ADMIN_COMPARE_H
#define XOM_ADMIN_COMPARE_H

#include "rooms/admin/admin.h"

/* Puts the lines of both into the page's present section; returns how many rows are not the same. */
size_t compare_texts(struct admin_page *p, struct str old_text, struct str new_text);

#endif

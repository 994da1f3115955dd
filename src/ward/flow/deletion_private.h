/* Between deletion.c, deletion_file.c and deletion_verify.c. */
#ifndef XOM_FLOW_DELETION_PRIVATE_H
#define XOM_FLOW_DELETION_PRIVATE_H

#include "ward/flow/deletion.h"
#include "ward/flow/flow_private.h"

struct hash deletion_hash(struct ward_id ward, const struct hash *prev, const struct deletion *d);
bool deletion_signed(const struct flow *w, struct ward_id ward, const struct deletion *d);

#endif

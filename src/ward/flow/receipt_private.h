/* What receipt.c and receipt_store.c share. */
#ifndef XOM_FLOW_RECEIPT_PRIVATE_H
#define XOM_FLOW_RECEIPT_PRIVATE_H

#include "ward/flow/receipt.h"

enum { LINK_BYTES = 16 };

/* Code, PIN and link of a journey under that key; leaves case_id alone. */
void receipt_draw(const struct key *key, struct str prefix, int year, const struct hash *journey,
                  int retry, struct receipt *out);

int receipt_year(const char code[16]);
/* Keeps p's PIN and link as the receipt's; or, for lose, makes it one that nothing opens. */
enum rc receipt_secret_put(struct tx *tx, struct keys *k, const struct receipt *p, struct fault *f);
enum rc receipt_secret_lose(struct tx *tx, struct keys *k, struct receipt *p, struct fault *f);

#endif

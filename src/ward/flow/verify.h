/* Between verify.c (cases, looks) and verify_head.c. */
#ifndef XOM_FLOW_VERIFY_H
#define XOM_FLOW_VERIFY_H

#include "ward/flow/flow_private.h"

struct verify {
	const struct flow *w;
	struct ward_id ward;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	struct verify_report *out;
	int64_t after;                /* where the next slice begins */
	struct hash hash;             /* of the row before */
	bool more;
	bool looks_only;              /* of the heads no case's chain end is looked up */
	int head_version;             /* of the head before */
};
void verify_fault(struct verify *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
tx_fn verify_heads;               /* one slice of heads; ctx is struct verify */

/* A slice of the cases' clocks; a tx_fn over struct verify. */
enum rc verify_clocks(struct tx *tx, void *ctx, struct fault *f);
/* A slice of cases: the rows that derive from their entries (verify_rows.c). */
enum rc verify_rows(struct tx *tx, void *ctx, struct fault *f);

#endif

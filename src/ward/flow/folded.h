/* Receipts that are printed before there is a case, for whoever has no phone: code outside, PIN and link inside,
 * folded over and closed. The ward prints a sheet of them; somebody of the khu vực takes one along, types its code
 * with the report, and hands over the paper as it is.
 *
 * The PIN is on paper alone. It is drawn at random, stands once in the answer that is printed, and is kept as a keyed
 * hash (receipt.h); no address shows it again. Whoever printed a sheet cannot report with one of it, so that who
 * knows a PIN is never who holds the report. A folded receipt is used once, within FOLDED_DAYS, in its ward; and what
 * stands in it opens once, and makes a PIN that no paper has had (receipt_paper_use). */
#ifndef XOM_FLOW_FOLDED_H
#define XOM_FLOW_FOLDED_H

#include "ward/flow/flow.h"

enum { FOLDED_ON_SHEET = 4, FOLDED_SHEETS = 5, FOLDED_A_DAY = 200, FOLDED_DAYS = 180, FOLDED_KEPT_DAYS = 60,
	FOLDED_LIST = 50 };

struct folded_batch {
	int64_t id, made_at, void_at, expires_at;  /* void_at 0: it counts */
	int64_t number;               /* stands on its papers; in the ward, from 1 */
	struct account_id account;
	int made, used;
};

/* Draws n of them, n ≤ FOLDED_ON_SHEET * FOLDED_SHEETS: code, PIN and link, known to the caller's answer alone.
 * RC_EXISTS: that form made its sheet already, which is not given again. RC_LIMIT: FOLDED_A_DAY. */
enum rc folded_make(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                    const struct hash *journey, size_t n, struct receipt *out, struct folded_batch *batch,
                    struct fault *f);
/* Newest first, at most FOLDED_LIST. */
enum rc folded_list(struct tx *tx, struct folded_batch **out, size_t *n, struct fault *f);
/* Those of a batch that are left count no more; *made_at: when it was printed. RC_NONE: there is no such batch. */
enum rc folded_void(struct tx *tx, int64_t batch, int64_t *made_at, struct fault *f);

/* What stands against reporting with one; names of messages, "folded.is.NAME". */
enum folded_state { FOLDED_free = 1, FOLDED_mistyped, FOLDED_elsewhere, FOLDED_unknown, FOLDED_used, FOLDED_expired,
	FOLDED_void_, FOLDED_own, FOLDED_STATE_COUNT };
extern const char *const FOLDED_STATES[FOLDED_STATE_COUNT];
/* RC_OK with the state; `code` is filled in where it could be read. */
enum rc folded_look(struct tx *tx, struct str prefix, struct str typed, struct account_id who, char code[16],
                    enum folded_state *state, struct fault *f);
/* In the transaction that opens the case: it becomes that case's receipt; *out has its code and no PIN. RC_STALE:
 * somebody was quicker, or it is none. */
enum rc folded_use(struct tx *tx, struct keys *k, const struct hash *journey, struct case_id c, struct str code,
                   struct receipt *out, struct fault *f);
/* Does this code with this PIN stand on one that is not used yet? The paper is there before its report, whose phone
 * had no network. */
enum rc folded_waits(struct tx *tx, struct keys *k, struct str code, struct str pin, bool *waits, struct fault *f);
enum rc folded_link_waits(struct tx *tx, struct keys *k, struct str link, bool *waits, struct fault *f);
/* Forgets batches FOLDED_KEPT_DAYS after they expired; a tx_fn without context. */
enum rc folded_forget(struct tx *tx, void *ctx, struct fault *f);

#endif

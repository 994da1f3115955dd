/* Words as they are compared where marks matter: "cháy" burns, "chạy" runs, "chay" is a meal. Lower case,
 * the tone behind the syllable, so that hoả and hỏa are one. */
#ifndef XOM_ROUTER_WORDS_H
#define XOM_ROUTER_WORDS_H

#include "kit/base/text.h"

struct word {
	struct str key;               /* with marks */
	struct str bare;              /* without */
};
enum { WORDS_MOST = 4000 };
/* At most WORDS_MOST. *marked (may be NULL): some word has a mark; a text without any was typed so. */
size_t words_of(struct arena *a, struct str text, struct word **out, bool *marked);

/* A phrase's words, at the beginning of `words`. */
struct words {
	struct word *w;
	size_t n;
};
bool words_begin(const struct words *phrase, const struct word *words, size_t left, bool marked);

#endif

/* The words of a look: what was searched for or filtered by. They may be a resident's, typed again, so they
 * go as those do: LOOK_WORDS_RULE after the look. The row's hash is over a salted commitment to them (domain
 * "xom look 2"), so that the chain verifies afterwards; of a row from before it had one, what stays is its
 * hash, which the next row and the signed daily heads continue. */
#ifndef XOM_FLOW_LOOK_WORDS_H
#define XOM_FLOW_LOOK_WORDS_H

#include "ward/flow/deletion.h"

#define LOOK_WORDS_RULE "keep.look"

extern const struct schema_step LOOK_WORDS_SCHEMA[];

/* Erases the words of at most `limit` looks that are past their last day, with a line in the deletion list
 * ("looks 12-200", from which to which number); *done: how many. */
enum rc look_words_sweep(struct tx *tx, const struct flow *w, size_t limit, int64_t *done, struct fault *f);
/* Is it such a line? And the same again, by it. */
bool look_words_line(struct str kind, int64_t *from, int64_t *to);
enum rc look_words_forget(struct tx *tx, int64_t from, int64_t to, int32_t day, struct fault *f);

#endif

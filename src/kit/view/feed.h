/* A feed: news of a page for programs that ask again. One struct, two representations: Atom
 * (RFC 4287) and JSON Feed 1.1. All texts are plain; what neither XML nor JSON may hold is left out.
 * An entry's id stays the same for ever, its address may not. */
#ifndef XOM_VIEW_FEED_H
#define XOM_VIEW_FEED_H

#include "kit/base/text.h"

struct feed_entry {
	struct str id;                /* an IRI: tag:… */
	struct str title, text, kind; /* kind: a category's label; text, kind may be empty */
	struct str url, image;        /* absolute; image may be empty */
	int32_t published_day, updated_day;
};
struct feed {
	struct str id, title, author;
	struct str self, home;        /* absolute addresses of the feed and of the page it is of */
	enum lang lang;
	int32_t updated_day;          /* of an empty feed the day it was made */
	const struct feed_entry *entries;
	size_t count;
};
/* Times are the first moment of the ward's day: a feed tells no hour. */
void feed_atom(struct buf *out, struct arena *a, const struct feed *x);
void feed_json(struct buf *out, struct arena *a, const struct feed *x);

#endif

/* What is kept about a report, part by part, as its reporter is told of it, and what of it the reporter
 * may have erased at once (RIGHTS.md promise 7; docs/permissions.md row 70).
 *
 * Photos, place and thanks can go at any time. The words stay while somebody acts on them, and can go
 * from the moment on that the case has ended; with them goes what was shown of them in public. What the authority
 * wrote stays to the end of its rule: that is its promise. What was erased so bears the rule ERASED_BY_REPORTER,
 * has its line in the signed deletion list, and an entry "erase" in the timeline that says what sort of thing went. */
#ifndef XOM_FLOW_OWN_H
#define XOM_FLOW_OWN_H

#include "ward/flow/flow.h"

#define ERASED_BY_REPORTER "reporter"

/* Names are also the keys in the entry's part "gone"; messages "yours.what.<name>". */
#define OWN_TABLE(X) X(words) X(photo) X(place) X(thanks) X(shown) X(office) X(notes) X(figures)
enum own_what {
	OWN_unset,
#define X(name) OWN_##name,
	OWN_TABLE(X)
#undef X
	OWN_COUNT
};
const char *own_name(enum own_what what);

struct own_part {
	int seq, part;
	enum verb verb;               /* of its entry */
	int64_t at;
	bool by_reporter;
	enum own_what what;
	struct str name, body;        /* body empty and erased_day set: erased */
	struct str retention, rule;   /* class of the procedure, and the rule by which it is kept */
	int32_t due_day;              /* 0: the case has not ended */
	struct str erased_rule;
	int32_t erased_day;
};
/* All parts of the case, in the order in which they came: the program's list, of which a page tells what its
 * reader may know. */
enum rc own_parts(struct tx *tx, const struct ward_case *c, struct own_part **out, size_t *count,
                  struct fault *f);

/* Is it something that the reporter may have erased now? Nothing, while a legal hold stands (hold.h). */
bool own_erasable(const struct ward_case *c, const struct own_part *p);

/* What is to go: bits 1 << enum own_what of words, place and thanks, and single photos by entry and part. */
enum { OWN_PHOTOS_MAX = 64 };
struct own_wish {
	unsigned what;
	struct own_photo {
		int seq, part;
	} photos[OWN_PHOTOS_MAX];
	size_t photo_count;
};
/* In a write transaction of its own; deletions_flush and flow_changed after the commit. What was erased before,
 * or may not be now, is left out: *erased counts the parts that went, 0: none did. */
enum rc own_erase(struct tx *tx, const struct flow *w, struct case_id id, const struct own_wish *wish,
                  size_t *erased, struct fault *f);

#endif

/* "What is kept of your report" (ward/flow/own.h) on pages: the list, putting words right, erasing at once, and
 * all of it as one download.
 *
 * Files: yours_view.c what is read and the list; yours_pages.c the page and its forms; yours_file.c the download. */
#ifndef XOM_REPORT_YOURS_H
#define XOM_REPORT_YOURS_H

#include "rooms/report/report.h"
#include "ward/flow/hold.h"
#include "ward/flow/own.h"

struct yours_data {
	const struct flow *w;
	struct case_id id;
	struct ward_case c;
	struct own_part *parts;
	struct entry *entries;
	struct attachment *photos;
	struct look_day *looks;
	size_t part_count, entry_count, photo_count, look_count;
	struct unit unit;
	enum contact_state contact;
	struct hold *holds;           /* that stand on it */
	size_t hold_count;
};
/* A tx_fn. */
enum rc yours_read(struct tx *tx, void *data, struct fault *f);

enum { KR_WHAT, KR_DAY, KR_HOLDS, KR_WHY, KR_RULE, KR_UNTIL, KR_AFTER, KR_ERASED, KR_YOURS, KR_HOW, KR_THUMB, KR_FIELDS };
extern const struct shape YOURS_ROW;
/* The list into a V_LIST of YOURS_ROW; thumbs: with the small photos, which a page can show. */
void yours_rows(struct request *q, struct vobj *page, int field, const struct yours_data *d, bool thumbs);
/* What was told, of an own part: "Your words", "Your answer". */
struct str yours_words(struct request *q, const struct own_part *p);
/* The photo of a part; NULL: it is gone. */
const struct attachment *yours_photo(struct request *q, const struct yours_data *d, const struct own_part *p);

/* What the reporter can have erased now, in the order in which it is offered; key: the form's value. */
struct yours_choice {
	struct str key, label, hint;
	enum own_what what;           /* 0: the address for mails */
	struct own_photo photo;
};
size_t yours_choices(struct request *q, const struct yours_data *d, struct yours_choice **out);

#endif

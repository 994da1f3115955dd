/* A door of procedures/router.yaml as a page shows it: who deals with it, where, when, what the law says, what to
 * bring. The door's own page does, and the form where nobody in the ward may receive what was told. */
#ifndef XOM_WARD_DOOR_VIEW_H
#define XOM_WARD_DOOR_VIEW_H

#include "kit/view/frame.h"
#include "ward/page.h"
#include "ward/router/receiver.h"

/* The address of the door for who is hurt: it tells who looks over a shoulder, or through the addresses of
 * the browser, nothing. */
#define DOOR_QUIET "/door/info"

enum { DOOR_ANSWER_TEXT, DOOR_ANSWER_HELP, DOOR_ANSWER_URL, DOOR_ANSWER_FIELDS };
extern const struct shape DOOR_ANSWER;   /* an answer, or a kind: a link with its words */
enum {
	DO_TITLE, DO_LEAD, DO_QUIET, DO_LEAVE, DO_NUMBERS, DO_REPORT, DO_KINDS, DO_NEXT, DO_RECEIVERS, DO_UNASKED, DO_NOBODY, DO_STAFF, DO_PROMISES,
	DO_UNREAD, DO_BRING, DO_RIGHTS, DO_PAPER, DO_OFFICIAL, DO_LAW, DO_CHECKED, DO_VERIFIED, DO_BACK, DO_BEFORE, DO_START,
	DO_FIELDS
};
extern const struct shape DOOR;

/* From a question: the way back is told along where several lead to the door. NULL: from nowhere. */
struct str door_link(const struct request *q, const struct router_door *d, const struct router_question *from);
/* The question that somebody came from, by the address or because no other leads there; NULL: nobody can tell. */
const struct router_question *door_from(const struct request *q, const struct router_door *d);
struct str door_paper_link(const struct request *q, const struct router_door *d, const struct router_question *from);
/* NULL, or the first: where the questions begin. */
struct str door_question_link(const struct request *q, const struct router_question *one);
/* Who receives a door's matters today. */
enum rc door_receivers(struct request *q, const struct router_door *d, struct receiver **out, size_t *count,
                       struct fault *f);
/* For templates/door/door.mustache and the parts of templates/ward/door_*.mustache. */
void door_fill(struct request *q, struct vobj *page, const struct router_door *d, const struct receiver *rows,
               size_t n);

#endif

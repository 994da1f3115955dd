/* Words of fire, weapons, people being beaten or about to die (ward/router/alarm.h) in what somebody is about
 * to send: the numbers to call once more, big, before the button; sent all the same it rings at the desk
 * (case_new.danger, move.danger).
 *
 * A page before sending shows the numbers beside the button. A form that is sent at once comes back once with
 * them and with all that was typed: the same button then sends it. web/alarm.js shows them while one types;
 * who has seen them there is not asked again. A hint, never a refusal. */
#ifndef XOM_WARD_DANGER_H
#define XOM_WARD_DANGER_H

#include "kit/view/frame.h"
#include "ward/app.h"

extern const struct shape DANGER;

bool danger_said(const struct request *q, struct str text);

/* Is the form to come back with the numbers? Not when they were seen. */
bool danger_asks(const struct request *q, struct str text);

/* Into a V_OBJ of DANGER, for templates/ward/danger.mustache within the form. said: they stand there; live:
 * a script looks while one types; desk: words for an officer who enters what another one tells. */
struct danger_look {
	bool said, live, desk;
};
void danger_fill(struct request *q, struct vobj *page, int field, struct danger_look look);

#endif

/* Advice on a text before it is sent: names, plates, telephone and identity numbers are pointed out
 * with "leave out what isn't needed". The person decides. Streets and places of the ward's list are
 * none (kit/base/text.h, text_people); the script does the same on the device (web/advice.js).
 *
 * Where a page before sending shows the text, it stands marked there. A form that is sent at once
 * comes back once, marked, with all that was typed: the same button then sends it as it is. */
#ifndef XOM_WARD_ADVICE_H
#define XOM_WARD_ADVICE_H

#include "kit/view/frame.h"
#include "ward/app.h"

/* The text cut where it names somebody; 0: nowhere. */
size_t advice_parts(const struct request *q, struct str text, struct advice_part **out);

/* For a field of a form. `sent`: what stands in it and is to be pointed out; empty: nothing yet. */
const struct form_advice *advice_field(const struct request *q, struct str sent);

/* Is the form to come back with advice? Not when this field's advice was seen, on the page or on the
 * device: then the person has decided. */
bool advice_asks(const struct request *q, const char *field, struct str text);

#endif

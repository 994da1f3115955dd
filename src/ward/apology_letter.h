/* The letter of apology as an A4 PDF for a person to sign: the form of Nghị định 30/2020/NĐ-CP, Phụ lục I
 * (letterhead with the national name and motto, place and day, title, body, signature, recipients). The
 * number is left blank, it is the office's to give; the addressee is the case's code, the lines for a name
 * and an address are dotted. In Vietnamese whatever language is read, as the office writes. */
#ifndef XOM_WARD_APOLOGY_LETTER_H
#define XOM_WARD_APOLOGY_LETTER_H

#include "ward/app.h"
#include "ward/flow/apology.h"

/* `why`: the reason as it was told; empty: lines are left to write it by hand. */
enum rc apology_letter(const struct app *app, struct arena *a, const struct ward *ward,
                       const struct ward_case *c, const struct apology *letter, struct str why,
                       struct buf *out, struct fault *f);

#endif

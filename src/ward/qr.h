/* A QR code as an SVG path: what a page, a plate and a sheet print. */
#ifndef XOM_WARD_QR_H
#define XOM_WARD_QR_H

#include "kit/base/arena.h"

/* Runs of dark squares, row by row ("M4 4h7v1h-7z…"), with four squares of quiet zone all round, and
 * the viewBox around them. False: the text is too long for a code; nothing is set. */
bool qr_draw(struct arena *a, struct str text, struct str *path, struct str *box);

#endif

/* Plates: a QR code on a lamp post, a drain or a hydrant that opens the report form with kind and place
 * filled in. A plate is of things; it knows nobody.
 *
 * Code: 7 symbols of the receipts' alphabet, the last one checking the others (code_check); it stands
 * on the plate for everybody to read. Plates are made in sheets of up to PLATES_MOST; a sheet is named
 * by the form that asked for it, so that the same form sent twice makes one. */
#ifndef XOM_FLOW_PLATE_H
#define XOM_FLOW_PLATE_H

#include "ward/flow/flow.h"

enum { PLATES_MOST = 200, PLATE_CODE = 7, SHEET_CODE = 10 };

struct plate {
	int64_t id;
	char code[PLATE_CODE + 1];
	struct str kind;              /* procedure's name */
	struct case_place place;      /* area 0: not known; with or without a point */
	struct str sheet;
	int64_t made_at, retired_at;  /* retired_at 0: in use */
};
/* As people type it: lower case and blanks are fine. RC_INVALID: mistyped. */
enum rc plate_code_read(struct str typed, char out[PLATE_CODE + 1]);
/* Name of the sheet that a form with this journey makes. */
struct str sheet_name(struct arena *a, const struct hash *journey);

/* All or none; codes and ids are filled in. RC_EXISTS: the sheet is there already. */
enum rc plate_add(struct tx *tx, const struct flow *w, struct account_id by, struct str sheet,
                  struct plate *list, size_t n, struct fault *f);
enum rc plate_by_code(struct tx *tx, struct str code, struct plate *out, struct fault *f);
/* The plates of a sheet that are in use, in the order they were asked for. */
enum rc plate_sheet(struct tx *tx, struct str sheet, struct plate **out, size_t *n, struct fault *f);
/* Newest first; `before`: id of the last row of the page before, 0: from the newest. */
enum rc plate_list(struct tx *tx, int64_t before, size_t limit, struct plate **out, size_t *n,
                   bool *more, struct fault *f);
/* Twice is as once. RC_NONE: there is no such plate. */
enum rc plate_retire(struct tx *tx, struct account_id by, struct str code, struct fault *f);

#endif

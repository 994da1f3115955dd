#include "ward/qr.h"

#include <qrencode.h>

bool qr_draw(struct arena *a, struct str text, struct str *path, struct str *box)
{
	enum { QUIET = 4 };
	QRcode *code = QRcode_encodeString8bit(arena_z(a, text), 0, QR_ECLEVEL_M);
	if (code == NULL)
		return false;
	struct buf b = {0};
	for (int y = 0; y < code->width; y++)
		for (int x = 0, run; x < code->width; x += run > 0 ? run : 1) {
			run = 0;
			while (x + run < code->width && (code->data[y * code->width + x + run] & 1) != 0)
				run++;
			if (run > 0)
				buf_addf(&b, "M%d %dh%dv1h-%dz", x + QUIET, y + QUIET, run, run);
		}
	int side = code->width + 2 * QUIET;
	QRcode_free(code);
	*path = arena_take(a, &b);
	*box = arena_fmt(a, "0 0 %d %d", side, side);
	return true;
}

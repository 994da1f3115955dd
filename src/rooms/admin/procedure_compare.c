/* Two texts side by side: the longest common run of lines stays, the rest was added or removed. */
#include <stdlib.h>

#include "rooms/admin/compare.h"

enum { LINES_MAX = 4000, CELLS_MAX = 4 << 20, AROUND = 3 };

struct text {
	struct str *lines;
	size_t count;
};

static struct text split(struct arena *a, struct str s)
{
	struct text t = {arena_array(a, LINES_MAX, sizeof *t.lines), 0};
	while (s.p != NULL && t.count < LINES_MAX) {
		struct str line = str_cut(&s, '\n');
		if (s.p == NULL && line.n == 0)
			break;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		t.lines[t.count++] = line;
	}
	return t;
}

struct pair_row {
	enum ap_change change;
	size_t old_no, new_no;        /* from 1; 0: none */
};

static size_t put(struct pair_row *out, size_t n, enum ap_change change, size_t old_no, size_t new_no)
{
	out[n] = (struct pair_row){change, old_no, new_no};
	return n + 1;
}

/* Lines from..old, from..new that have nothing in common at their ends. */
static size_t middle(const struct text *a, const struct text *b, size_t from, size_t a_to, size_t b_to,
                     struct pair_row *out, size_t n)
{
	size_t rows = a_to - from, columns = b_to - from;
	uint16_t *best = (rows + 1) * (columns + 1) <= CELLS_MAX
	                     ? calloc((rows + 1) * (columns + 1), sizeof *best) : NULL;
	size_t i = 0, j = 0;
	if (best != NULL) {
		for (size_t x = rows; x-- > 0;)
			for (size_t y = columns; y-- > 0;) {
				uint16_t *cell = &best[x * (columns + 1) + y];
				uint16_t right = cell[1], below = cell[columns + 1];
				if (str_eq(a->lines[from + x], b->lines[from + y]))
					*cell = (uint16_t)(cell[columns + 2] + 1);
				else
					*cell = right > below ? right : below;
			}
		while (i < rows && j < columns) {
			const uint16_t *cell = &best[i * (columns + 1) + j];
			if (str_eq(a->lines[from + i], b->lines[from + j])) {
				n = put(out, n, AP_SAME, from + i + 1, from + j + 1);
				i++;
				j++;
			} else if (cell[columns + 1] >= cell[1]) {
				n = put(out, n, AP_REMOVED, from + ++i, 0);
			} else {
				n = put(out, n, AP_ADDED, 0, from + ++j);
			}
		}
		free(best);
	}
	while (i < rows)
		n = put(out, n, AP_REMOVED, from + ++i, 0);
	while (j < columns)
		n = put(out, n, AP_ADDED, 0, from + ++j);
	return n;
}

static bool near_change(const struct pair_row *rows, size_t n, size_t i)
{
	size_t from = i > AROUND ? i - AROUND : 0, to = i + AROUND < n ? i + AROUND : n - 1;
	for (size_t k = from; k <= to; k++)
		if (rows[k].change != AP_SAME)
			return true;
	return false;
}

size_t compare_texts(struct admin_page *p, struct str old_text, struct str new_text)
{
	struct arena *a = p->q->arena;
	struct text x = split(a, old_text), y = split(a, new_text);
	struct pair_row *rows = arena_array(a, x.count + y.count + 1, sizeof *rows);
	size_t n = 0, from = 0, x_to = x.count, y_to = y.count, changes = 0;
	while (from < x.count && from < y.count && str_eq(x.lines[from], y.lines[from])) {
		n = put(rows, n, AP_SAME, from + 1, from + 1);
		from++;
	}
	while (x_to > from && y_to > from && str_eq(x.lines[x_to - 1], y.lines[y_to - 1])) {
		x_to--;
		y_to--;
	}
	n = middle(&x, &y, from, x_to, y_to, rows, n);
	for (; x_to < x.count; x_to++, y_to++)
		n = put(rows, n, AP_SAME, x_to + 1, y_to + 1);
	/* A line taken out and one put in at its place read as one that was changed. */
	for (size_t i = 0; i < n; i++) {
		bool gap = false;
		while (i < n && rows[i].change == AP_SAME && !near_change(rows, n, i)) {
			gap = true;
			i++;
		}
		if (gap)
			ap_line_pair(p, AP_GAP, 0, STR_EMPTY, 0, STR_EMPTY);
		if (i == n)
			break;
		struct pair_row r = rows[i];
		if (r.change == AP_REMOVED && i + 1 < n && rows[i + 1].change == AP_ADDED &&
		    (i == 0 || rows[i - 1].change == AP_SAME || rows[i - 1].change == AP_ADDED)) {
			r.change = AP_CHANGED;
			r.new_no = rows[++i].new_no;
		}
		changes += r.change != AP_SAME;
		ap_line_pair(p, r.change, (int)r.old_no, r.old_no > 0 ? x.lines[r.old_no - 1] : STR_EMPTY,
		             (int)r.new_no, r.new_no > 0 ? y.lines[r.new_no - 1] : STR_EMPTY);
	}
	return changes;
}

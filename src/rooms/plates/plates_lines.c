#include "rooms/plates/plates.h"

enum { STREET_MAX = 120, LANDMARK_MAX = 160, FIELDS = 4 };

static void line_wrong(struct request *q, struct plate_lines *out, size_t line, const char *key)
{
	if (out->error_count < LINES_TOLD)
		out->errors[out->error_count++] = (struct line_error){line, request_text(q, key)};
}

/* By its name, or by the number in it: "3" is Khu vực 3. */
static bool find_area(struct request *q, const struct area *areas, size_t n, struct str typed,
                      struct area_id *out)
{
	struct str want = text_fold(q->arena, typed);
	for (size_t i = 0; i < n; i++) {
		struct str name = text_fold(q->arena, areas[i].name), rest = name, last = STR_EMPTY;
		while (rest.p != NULL)
			last = str_cut(&rest, ' ');
		if (str_eq(name, want) || str_eq(last, want)) {
			*out = areas[i].id;
			return true;
		}
	}
	return false;
}

/* "10.0012, 105.7003", or the two with a blank between. */
static bool read_point(struct request *q, struct str typed, struct case_place *p)
{
	struct str rest = typed;
	struct str lat = str_cut(&rest, str_find(typed, STR(",")) != SIZE_MAX ? ',' : ' ');
	if (rest.p == NULL || !str_f64(str_trim(lat), &p->lat) || !str_f64(str_trim(rest), &p->lon))
		return false;
	p->has_point = place_in_ward(q->app->places, q->ward->id, p->lon, p->lat, day_of(q->now));
	return p->has_point;
}

/* A plate stands for months on a post: no identity number gets onto it. */
static bool read_words(struct request *q, struct str typed, size_t most, struct str *out)
{
	bool identity = false;
	(void)text_mask_ids(q->arena, typed, &identity);
	return !identity && text_clean(q->arena, typed, TEXT_LINE, most, out) == RC_OK;
}

static void read_line(struct request *q, const struct area *areas, size_t n, struct str line,
                      size_t number, struct plate *p, struct plate_lines *out)
{
	struct str fields[FIELDS] = {STR_EMPTY, STR_EMPTY, STR_EMPTY, STR_EMPTY}, rest = line;
	char sep = str_find(line, STR("\t")) != SIZE_MAX ? '\t' : ';';
	size_t k = 0;
	while (rest.p != NULL && k < FIELDS)
		fields[k++] = str_trim(str_cut(&rest, sep));
	if (rest.p != NULL || k < 3) {
		line_wrong(q, out, number, "plates.line.fields");
		return;
	}
	if (fields[0].n > 0 && !find_area(q, areas, n, fields[0], &p->place.area))
		line_wrong(q, out, number, "plates.line.area");
	else if (fields[1].n + fields[2].n == 0)
		line_wrong(q, out, number, "plates.line.place");
	else if (!read_words(q, fields[1], STREET_MAX, &p->place.street) ||
	         !read_words(q, fields[2], LANDMARK_MAX, &p->place.landmark))
		line_wrong(q, out, number, "plates.line.words");
	else if (fields[3].n > 0 && !read_point(q, fields[3], &p->place))
		line_wrong(q, out, number, "plates.line.point");
	else if (fields[0].n == 0 && !p->place.has_point)
		line_wrong(q, out, number, "plates.line.nowhere");
}

void lines_read(struct request *q, struct str text, struct str kind, struct plate_lines *out)
{
	struct area *areas;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id, day_of(q->now), &areas);
	*out = (struct plate_lines){.list = arena_array(q->arena, PLATES_MOST, sizeof *out->list)};
	if (!text_utf8_ok(text)) {
		out->whole = request_text(q, "form.not_utf8");
		return;
	}
	if (str_starts(text, STR("\xEF\xBB\xBF"))) /* a spreadsheet's file begins so */
		text = str_sub(text, 3, text.n);
	size_t number = 0;
	for (struct str rest = text; rest.p != NULL;) {
		struct str line = str_trim(str_cut(&rest, '\n'));
		number++;
		if (line.n == 0)
			continue;
		if (out->count == PLATES_MOST) {
			out->whole = request_text(q, "plates.lines.many");
			return;
		}
		struct plate *p = &out->list[out->count++];
		*p = (struct plate){.kind = kind, .place = {.street = STR_EMPTY, .landmark = STR_EMPTY}};
		read_line(q, areas, n, line, number, p, out);
	}
	if (out->count == 0)
		out->whole = request_text(q, "plates.lines.missing");
}

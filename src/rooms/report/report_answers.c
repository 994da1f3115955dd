#include <string.h>

#include "rooms/report/report.h"

const struct procedure *answers_procedure(const struct request *q, const struct journey *j)
{
	struct str kind = journey_get(j, "kind");
	/* It is about somebody who works here: of that kind, whatever was chosen first. */
	if (str_is(journey_get(j, "staff"), "yes")) {
		const struct procedure *p =
			procedure_about_staff(q->app->procedures, q->ward->id, day_of(q->now));
		if (p != NULL)
			return p;
	}
	return kind.n > 0 ? procedure_offered(q->app->procedures, q->ward->id, kind, day_of(q->now))
	                  : NULL;
}

bool answers_withdrawn(const struct request *q, struct str kind)
{
	return kind.n > 0 &&
	       procedure_offered(q->app->procedures, q->ward->id, kind, day_of(q->now)) == NULL &&
	       procedure_of_kind(q->app->procedures, kind, day_of(q->now)) != NULL;
}

enum report_step step_next(const struct procedure *p, enum report_step s)
{
	switch (s) {
	case RS_KIND:
		return RS_WHERE;
	case RS_WHERE:
	case RS_SAME:
		return RS_WHAT;
	case RS_WHAT:
		if (p != NULL && p->about_staff)
			return RS_SUBJECT;
		return p != NULL && p->photos ? RS_PHOTOS : RS_CHECK;
	default:
		return RS_CHECK;
	}
}

enum report_step step_before(const struct procedure *p, enum report_step s)
{
	switch (s) {
	case RS_CHECK:
		if (p != NULL && p->about_staff)
			return RS_SUBJECT;
		return p != NULL && p->photos ? RS_PHOTOS : RS_WHAT;
	case RS_PHOTOS:
	case RS_SUBJECT:
		return RS_WHAT;
	case RS_WHAT:
	case RS_SAME:
		return RS_WHERE;
	default:
		return RS_KIND;
	}
}

/* --- one question after the other --- */

static void wrong(struct request *q, struct step_errors *e, struct str *where, const char *key)
{
	*where = request_text(q, key);
	e->any = true;
}

static void take_kind(struct request *q, struct journey *j, struct step_errors *e)
{
	struct str kind = request_form(q, "kind");
	if (procedure_offered(q->app->procedures, q->ward->id, kind, day_of(q->now)) == NULL) {
		wrong(q, e, &e->kind, kind.n == 0 ? "report.kind.missing"
		                      : answers_withdrawn(q, kind) ? "report.kind.withdrawn"
		                                                   : "report.kind.unknown");
		return;
	}
	journey_set(q, j, "kind", kind);
}

/* A line or several of free text: cleaned when it is right, as typed when it is not. */
static void take_text(struct request *q, struct journey *j, struct step_errors *e,
                      const char *name, enum text_kind kind, size_t max, struct str *error)
{
	struct str raw = request_form(q, name), clean;
	enum rc rc = text_clean(q->arena, raw, kind, max, &clean);
	if (rc == RC_INVALID) {
		journey_set(q, j, name, STR_EMPTY);
		wrong(q, e, error, "form.not_utf8");
		return;
	}
	journey_set(q, j, name, clean);
	if (rc == RC_TOO_BIG) {
		*error = arena_fmt(q->arena, "%.*s %zu/%zu", PSTR(request_text(q, "form.too_long")),
		                   text_length(clean), max);
		e->any = true;
	}
}

/* In an address an identity number is refused, not masked: nobody lives at one (RIGHTS.md 6). */
static void take_address(struct request *q, struct journey *j, struct step_errors *e,
                         const char *name, size_t max, struct str *error)
{
	struct str raw = request_form(q, name);
	bool found = false;
	if (text_utf8_ok(raw))
		(void)text_mask_ids(q->arena, raw, &found);
	take_text(q, j, e, name, TEXT_LINE, max, error);
	if (found)
		wrong(q, e, error, "form.identity_number");
}

static void take_position(struct request *q, struct journey *j, struct step_errors *e)
{
	struct str lat = request_form(q, "lat"), lon = request_form(q, "lon");
	journey_set(q, j, "lat", STR_EMPTY);
	journey_set(q, j, "lon", STR_EMPTY);
	if (lat.n == 0 && lon.n == 0)
		return;
	double y, x;
	if (!str_f64(lat, &y) || !str_f64(lon, &x) || y < -90 || y > 90 || x < -180 || x > 180) {
		wrong(q, e, &e->position, "report.position.unreadable");
	} else if (!place_in_ward(q->app->places, q->ward->id, x, y, day_of(q->now))) {
		wrong(q, e, &e->position, "report.position.outside");
	} else {
		journey_set(q, j, "lat", lat);
		journey_set(q, j, "lon", lon);
	}
}

static void take_where(struct request *q, struct journey *j, struct step_errors *e)
{
	struct str area = request_form(q, "area");
	struct area_id known;
	take_position(q, j, e);
	take_address(q, j, e, "street", STREET_MAX, &e->street);
	take_address(q, j, e, "landmark", LANDMARK_MAX, &e->landmark);
	if (str_is(area, "unsure") || choices_area(q, area, &known)) {
		journey_set(q, j, "area", area);
	} else if (area.n > 0) {
		wrong(q, e, &e->area, "report.area.unknown");
	} else if (journey_get(j, "lat").n == 0) {
		journey_set(q, j, "area", STR_EMPTY);
		wrong(q, e, &e->area, "report.area.missing");
	} else {
		journey_set(q, j, "area", STR_EMPTY);
	}
}

bool answers_plate(const struct journey *j) { return journey_get(j, "plate").n > 0; }

static const struct fault_row *ticked(const struct request *q, const struct journey *j)
{
	const struct procedure *p = answers_procedure(q, j);
	struct str name = journey_get(j, "fault");
	for (size_t i = 0; p != NULL && i < p->fault_count; i++)
		if (str_eq(p->faults[i].name, name))
			return &p->faults[i];
	return NULL;
}

/* The desk reads Vietnamese: a ticked line says itself in both languages. */
struct str answers_text(const struct request *q, const struct journey *j)
{
	const struct fault_row *fault = answers_plate(j) ? ticked(q, j) : NULL;
	struct str words = journey_get(j, "text");
	struct buf b = {0};
	if (fault == NULL)
		return words;
	buf_add(&b, fault->text[LANG_vi]);
	if (!str_eq(fault->text[q->lang], fault->text[LANG_vi]))
		buf_addf(&b, " (%.*s)", PSTR(fault->text[q->lang]));
	buf_addc(&b, '.');
	if (words.n > 0) {
		buf_addc(&b, '\n');
		buf_add(&b, words);
	}
	return arena_take(q->arena, &b);
}

static void take_what(struct request *q, struct journey *j, struct step_errors *e)
{
	struct str raw = request_form(q, "text");
	bool masked = false;
	if (text_utf8_ok(raw))
		(void)text_mask_ids(q->arena, raw, &masked);
	take_text(q, j, e, "text", TEXT_LINES, TEXT_MAX, &e->text);
	journey_set(q, j, "masked", masked ? STR("1") : STR_EMPTY);
	if (answers_plate(j))
		journey_set(q, j, "fault", request_form(q, "fault"));
	if (e->text.n > 0 || answers_text(q, j).n > 0 || answers_joined(j))
		return;
	const struct procedure *p = answers_procedure(q, j);
	if (answers_plate(j) && p != NULL && p->fault_count > 0)
		wrong(q, e, &e->fault, "report.fault.missing");
	else
		wrong(q, e, &e->text, "report.text.missing");
}

void answers_take(struct request *q, struct journey *j, enum report_step step,
                  struct step_errors *e)
{
	*e = (struct step_errors){0};
	if (step == RS_KIND || step == RS_WHERE)
		same_forget(q, j);
	if (step == RS_KIND)
		take_kind(q, j, e);
	else if (step == RS_WHERE)
		take_where(q, j, e);
	else if (step == RS_WHAT)
		staff_take(q, j, e), take_what(q, j, e);
	else if (step == RS_SUBJECT)
		subject_take(q, j, e);
}

enum report_step answers_missing(const struct request *q, const struct journey *j)
{
	if (answers_procedure(q, j) == NULL)
		return RS_KIND;
	if (journey_get(j, "area").n == 0 && journey_get(j, "lat").n == 0)
		return RS_WHERE;
	if (answers_text(q, j).n == 0 && !answers_joined(j))
		return RS_WHAT;
	if (answers_procedure(q, j)->about_staff && journey_get(j, "subject").n == 0)
		return RS_SUBJECT;
	return RS_CHECK;
}

/* --- into a case --- */

struct case_place answers_place(const struct request *q, const struct journey *j)
{
	struct case_place p = {
		.street = journey_get(j, "street"),
		.landmark = journey_get(j, "landmark"),
	};
	struct str area = journey_get(j, "area");
	struct places *places = q->app->places;
	p.unsure = str_is(area, "unsure");
	if (!p.unsure)
		(void)str_i64(area, &p.area.v);
	p.has_point = str_f64(journey_get(j, "lat"), &p.lat) && str_f64(journey_get(j, "lon"), &p.lon);
	if (p.has_point) {
		p.cell = place_cell(places, q->ward->id, p.lon, p.lat);
		if (p.area.v == 0 && place_locate(places, "khu_vuc", p.lon, p.lat, day_of(q->now),
		                                  &p.area) != RC_OK)
			p.area = (struct area_id){0};
	}
	return p;
}

size_t answers_photos(const struct request *q, const struct journey *j, struct str out[PHOTOS_MAX])
{
	(void)q;
	struct str rest = journey_get(j, "photos");
	size_t n = 0;
	while (rest.p != NULL && rest.n > 0 && n < PHOTOS_MAX) {
		struct str name = str_cut(&rest, ',');
		if (name.n > 0)
			out[n++] = name;
	}
	return n;
}

void answers_set_photos(struct request *q, struct journey *j, const struct str *names, size_t n)
{
	struct buf b = {0};
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&b, ',');
		buf_add(&b, names[i]);
	}
	journey_set(q, j, "photos", arena_take(q->arena, &b));
}

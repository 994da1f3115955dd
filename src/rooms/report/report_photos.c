#include "rooms/report/report.h"

#include <sodium.h>

/* A thumbnail travels in the page as a data address: before the report is sent there is nothing on
 * the server that an address could name without the form. */
struct str photo_thumb(struct request *q, const struct journey *j, struct str name)
{
	struct hash journey = journey_hash(j);
	struct str bytes;
	struct fault f;
	if (media_wait_read(q->app->media, q->arena, q->ward->id, &journey, name, true, &bytes, &f) !=
	    RC_OK)
		return STR_EMPTY;
	size_t n = sodium_base64_encoded_len(bytes.n, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(q->arena, n);
	(void)sodium_bin2base64(text, n, (const uint8_t *)bytes.p, bytes.n,
	                        sodium_base64_VARIANT_ORIGINAL);
	return arena_fmt(q->arena, "data:image/jpeg;base64,%s", text);
}

void photos_show(struct request *q, struct reply *r, const struct journey *j,
                 const struct step_errors *e)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *page = view_new(&v, &STEP);
	struct str names[PHOTOS_MAX];
	size_t n = answers_photos(q, j, names);
	const struct procedure *p = answers_procedure(q, j);
	size_t most = p != NULL && p->max_photos > 0 ? (size_t)p->max_photos : PHOTOS_MAX;
	view_url(page, STEP_ACTION, request_link(q, "/report/photos"));
	danger_fill(q, page, STEP_DANGER, (struct danger_look){.said = danger_said(q, answers_text(q, j))});
	view_text(page, STEP_S, journey_seal(q, "report", j));
	view_text(page, STEP_HEADING, request_text(q, "report.photos.title"));
	view_text(page, STEP_LEAD, request_text(q, "report.photos.lead"));
	view_bool(page, STEP_BACK, true);
	view_bool(page, STEP_UPLOAD, n < most);
	view_int(page, STEP_MOST, (int64_t)most);
	view_url(page, STEP_PHOTOS_JS, http_asset(q->app->http, q->arena, "photos.js"));
	sent_watch(q, page, STEP_SPENT, j);
	keep_show(q, page, STEP_KEEP, p);
	/* The phone's script has the pictures and asks for the list alone: a slow line is spared them. */
	bool brief = request_has(q, "brief");
	for (size_t i = 0; i < n; i++) {
		struct vobj *item = view_item(page, STEP_PHOTOS);
		struct str thumb = brief ? STR_EMPTY : photo_thumb(q, j, names[i]);
		view_text(item, SP_NAME, names[i]);
		view_text(item, SP_LABEL, arena_fmt(q->arena, "%.*s %zu",
		                                    PSTR(request_text(q, "photo.label")), i + 1));
		if (thumb.n > 0)
			view_url(item, SP_THUMB, thumb);
	}
	if (n < most)
		form_field_add(page, STEP_FORM_FIELDS, STEP_ERRORS, &v,
		               &(struct form_field){.kind = FORM_FILES,
		                                    .name = "photos",
		                                    .label = request_text(q, "report.photos.label"),
		                                    .hint = request_text(q, "report.photos.hint"),
		                                    .error = e->photos});
	else if (e->photos.n > 0)
		form_error_add(page, STEP_ERRORS, e->photos, STR("#photos-taken")); /* the field is gone */
	reply_title(r, request_text(q, "report.photos.title"));
	reply_page(q, r, "report/photos", &STEP, page, e->any ? 422 : 200);
}

static void photo_wrong(struct request *q, struct step_errors *e, const char *why,
                        struct str file_name)
{
	struct str text = request_text(q, arena_fmt(q->arena, "photo.%s", why).p), clean = {0};
	if (text_clean(q->arena, file_name, TEXT_LINE, 80, &clean) != RC_OK)
		clean = STR_EMPTY;
	/* Every photo that failed is named; the others are kept. */
	e->photos = arena_fmt(q->arena, "%.*s%s%.*s%s%.*s", PSTR(e->photos),
	                      e->photos.n > 0 ? " " : "", PSTR(clean), clean.n > 0 ? ": " : "",
	                      PSTR(text));
	e->any = true;
}

static void drop_photo(struct request *q, struct journey *j, struct str wanted)
{
	struct str names[PHOTOS_MAX], kept[PHOTOS_MAX];
	size_t n = answers_photos(q, j, names), k = 0;
	struct hash journey = journey_hash(j);
	for (size_t i = 0; i < n; i++) {
		if (str_eq(names[i], wanted))
			(void)media_wait_drop(q->app->media, q->ward->id, &journey, names[i], NULL);
		else
			kept[k++] = names[i];
	}
	answers_set_photos(q, j, kept, k);
}

enum rc photos_take_all(struct request *q, struct journey *j, size_t most, struct step_errors *e,
                        struct fault *f)
{
	struct str names[PHOTOS_MAX];
	size_t n = answers_photos(q, j, names);
	struct hash journey = journey_hash(j);
	for (size_t i = 0; i < q->upload_count; i++) {
		struct upload *u = &q->uploads[i];
		struct photo photo;
		enum photo_error why = PHOTO_fine;
		if (!str_is(u->field, "photos") || (u->size == 0 && u->file_name.n == 0))
			continue; /* an empty file input */
		if (n >= most) {
			photo_wrong(q, e, photo_error_name(PHOTO_too_many), u->file_name);
			continue;
		}
		enum rc rc = media_wait(q->app->media, q->arena, q->ward->id, &journey, u->spool, &photo,
		                        &why, f);
		if (rc == RC_OK)
			names[n++] = photo.name;
		else if (why != PHOTO_fine)
			photo_wrong(q, e, photo_error_name(why), u->file_name);
		else
			return rc;
	}
	if (q->body_rc == RC_TOO_BIG)
		photo_wrong(q, e, photo_error_name(PHOTO_too_large), STR_EMPTY);
	else if (q->body_rc == RC_FULL)
		photo_wrong(q, e, photo_error_name(PHOTO_full), STR_EMPTY);
	else if (q->body_rc != RC_OK)
		return q->body_rc;
	answers_set_photos(q, j, names, n);
	return RC_OK;
}

enum rc photos_take(struct request *q, struct journey *j, struct step_errors *e, struct fault *f)
{
	const struct procedure *p = answers_procedure(q, j);
	if (p == NULL || !p->photos)
		return RC_OK;
	struct str go = request_form(q, "go");
	if (str_starts(go, STR("drop:")))
		drop_photo(q, j, str_sub(go, 5, go.n));
	size_t most = p->max_photos > 0 && p->max_photos < PHOTOS_MAX ? (size_t)p->max_photos : PHOTOS_MAX;
	return photos_take_all(q, j, most, e, f);
}

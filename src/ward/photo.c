#include "ward/photo.h"

#include "kit/base/log.h"
#include "ward/app.h"

enum { PG_TITLE, PG_MORE, PG_FIELDS };
static const struct field GONE_F[] = {
	[PG_TITLE] = {"title", V_TEXT, SEE_ALL, "that the photo can't be shown", NULL, NULL},
	[PG_MORE] = {"more", V_TEXT, SEE_ALL, "what that means", NULL, NULL},
};
const struct shape PHOTO_GONE = SHAPE("photo_gone", GONE_F);

static enum rc gone_picture(struct request *q, struct reply *r, enum rc why, struct fault *f)
{
	struct view v = request_view(q, SEE_PUBLIC);
	struct vobj *o = view_new(&v, &PHOTO_GONE);
	struct buf b = {0};
	const struct template *t = templates_find(q->app->templates, STR(PHOTO_GONE_TEMPLATE), q->lang);
	view_text(o, PG_TITLE, request_text(q, why == RC_LOST ? "photo.lost" : "photo.away"));
	view_text(o, PG_MORE, request_text(q, why == RC_LOST ? "photo.lost.more" : "photo.away.more"));
	enum rc rc = t == NULL ? fault_set(f, RC_FAIL, "no template " PHOTO_GONE_TEMPLATE)
	                       : template_render(t, &b, o, NULL, f);
	if (rc == RC_OK) {
		reply_bytes(q, r, STR("image/svg+xml; charset=utf-8"), arena_take(q->arena, &b));
		reply_status(r, rc_status(why));
	}
	buf_release(&b);
	return rc;
}

enum rc photo_answer(struct request *q, struct reply *r, const struct photo *p, struct fault *f)
{
	struct fault why = {0};
	struct str bytes;
	bool thumb = request_query(q, "thumb").n > 0;
	enum rc rc = media_read(q->app->media, q->arena, q->ward->id, p->name, &p->hash, thumb, &bytes, &why);
	if (rc == RC_OK) {
		reply_bytes(q, r, STR("image/jpeg"), bytes);
		return RC_OK;
	}
	if (rc == RC_NONE)
		(void)fault_set(&why, rc, "photo %.*s is not where its row says", PSTR(p->name));
	enum rc shown = rc == RC_NONE || rc == RC_CORRUPT ? RC_LOST : RC_AWAY;
	if (!thumb) {
		if (f != NULL)
			*f = why;
		return shown;
	}
	log_warn("photo", "%s", why.text);
	return gone_picture(q, r, shown, f);
}

enum rc photo_keep(struct request *q, const struct hash *journey, struct str name, const char *later,
                   struct str *error, struct fault *f)
{
	struct fault why = {0};
	enum rc rc = media_keep(q->app->media, q->ward->id, journey, name, &why);
	if (rc == RC_AWAY || rc == RC_IO || rc == RC_REFUSED || rc == RC_FULL || rc == RC_CORRUPT) {
		log_fault("photo", "keeping one", &why);
		*error = request_text(q, rc == RC_FULL ? "photo.full" : later);
		return RC_INVALID;
	}
	if (rc != RC_OK && f != NULL)
		*f = why;
	return rc;
}

/* Parts of a photo of the matter that everybody sees are covered for good, while it is opened for a request. */
#include "rooms/oversight/oversight.h"
#include "ward/blur_view.h"

struct covering {
	struct blurring b;            /* first */
	struct redress_view v;
	struct str name;
};

/* Back on the request, with what was half written there. */
static enum rc finish(struct blurring *b, struct reply *r, struct fault *f)
{
	struct covering *k = (struct covering *)b;
	enum rc rc = redress_read(&k->v, b->q, f);
	if (rc != RC_OK)
		return rc;
	redress_take(&k->v);
	if (!redress_drafted(&k->v)) {
		reply_redirect(b->q, r, b->done);
		return RC_OK;
	}
	k->v.done = "blur";
	return redress_show(&k->v, r, 200, f);
}

static enum rc read_matter(struct blurring *b, struct fault *f)
{
	struct covering *k = (struct covering *)b;
	struct request *q = b->q;
	struct redress_view *v = &k->v;
	const struct redress_matter *it = NULL;
	enum rc rc = redress_read(v, q, f);
	if (rc != RC_OK)
		return rc;
	k->name = request_param(q, "name");
	b->photo = NULL;
	for (size_t m = 0; m < v->matter_count; m++) {
		if (it == NULL && v->matters[m].o.open)
			it = &v->matters[m];
		for (size_t i = 0; i < v->matters[m].photo_count; i++)
			if (str_eq(v->matters[m].photos[i].photo.name, k->name)) {
				it = &v->matters[m];
				b->photo = &it->photos[i];
			}
	}
	if (it == NULL)
		return RC_NONE;
	b->of = it->c.id;
	b->may = it->c.listed;
	b->held = it->c.held_until != 0;
	b->code = b->filter = v->code;
	b->back = request_link(q, "/oversight/redress/%.*s#matter", PSTR(v->code));
	/* The button stands in the request's form. */
	if (request_has(q, "version")) {
		redress_take(v);
		b->kept_count = redress_kept(v, &b->kept);
		b->back = request_link(q, "/oversight/redress/%.*s/answer", PSTR(v->code));
	}
	b->done = request_link(q, "/oversight/redress/%.*s?done=blur#main", PSTR(v->code));
	b->here = request_link(q, "/oversight/redress/%.*s/blur/%.*s", PSTR(v->code), PSTR(k->name));
	b->picture = request_link(q, "/oversight/redress/%.*s/photo/%.*s", PSTR(v->code), PSTR(k->name));
	return RC_OK;
}

static enum rc do_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct covering *k = ctx;
	const struct move m = {.verb = VERB_blur, .photos = &k->b.made, .photo_count = 1, .blurred = k->name};
	return redress_blur(tx, &k->b.q->app->flow, &k->b.q->actor, k->v.c.id, k->b.of, &m, f);
}

enum rc redress_photo_blur(struct request *q, struct reply *r, struct fault *f)
{
	struct covering k = {.b = {.q = q, .read = read_matter, .tx = do_tx, .finish = finish}};
	return blur_get(&k.b, r, f);
}

enum rc redress_do_blur(struct request *q, struct reply *r, struct fault *f)
{
	struct covering k = {.b = {.q = q, .read = read_matter, .tx = do_tx, .finish = finish}};
	return blur_post(&k.b, r, f);
}

/* Parts of a photo of the matter that everybody sees are covered for good, while it is opened for a request. */
#include "rooms/oversight/oversight.h"
#include "ward/blur_view.h"

struct covering {
	struct blurring b;            /* first */
	struct redress_view v;
	struct str name;
};

static enum rc read_matter(struct blurring *b, struct fault *f)
{
	struct covering *k = (struct covering *)b;
	struct request *q = b->q;
	struct redress_view *v = &k->v;
	enum rc rc = redress_read(v, q, f);
	if (rc != RC_OK || v->opened != RC_OK)
		return rc != RC_OK ? rc : RC_NONE;
	const struct entry *last = v->its_count > 0 ? &v->its[v->its_count - 1] : NULL;
	k->name = request_param(q, "name");
	b->photo = NULL;
	for (size_t i = 0; i < v->photo_count; i++)
		if (str_eq(v->photos[i].photo.name, k->name))
			b->photo = &v->photos[i];
	b->of = v->it.id;
	b->may = v->it.listed;
	b->held = v->it.held_until != 0;
	b->mine = last != NULL && last->verb == VERB_blur && last->account.v == q->actor.account.v;
	b->code = b->filter = v->code;
	b->back = request_link(q, "/oversight/redress/%.*s#matter", PSTR(v->code));
	b->done = request_link(q, "/oversight/redress/%.*s?done=blur#main", PSTR(v->code));
	b->here = request_link(q, "/oversight/redress/%.*s/blur/%.*s", PSTR(v->code), PSTR(k->name));
	b->picture = request_link(q, "/oversight/redress/%.*s/photo/%.*s", PSTR(v->code), PSTR(k->name));
	return RC_OK;
}

static enum rc do_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct covering *k = ctx;
	const struct move m = {.verb = VERB_blur, .photos = &k->b.made, .photo_count = 1, .blurred = k->name};
	return redress_blur(tx, &k->b.q->app->flow, &k->b.q->actor, k->v.c.id, &m, f);
}

enum rc redress_photo_blur(struct request *q, struct reply *r, struct fault *f)
{
	struct covering k = {.b = {.q = q, .read = read_matter, .tx = do_tx}};
	return blur_get(&k.b, r, f);
}

enum rc redress_do_blur(struct request *q, struct reply *r, struct fault *f)
{
	struct covering k = {.b = {.q = q, .read = read_matter, .tx = do_tx}};
	return blur_post(&k.b, r, f);
}

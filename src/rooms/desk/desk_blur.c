/* Parts of a photo that everybody sees are covered for good, by who works the case. */
#include "rooms/desk/desk.h"
#include "ward/blur_view.h"

struct covering {
	struct blurring b;            /* first */
	struct desk_data d;
	struct str name;
};

static enum rc read_case(struct blurring *b, struct fault *f)
{
	struct covering *k = (struct covering *)b;
	struct request *q = b->q;
	enum rc rc = desk_read(q, &k->d, f);
	if (rc == RC_OK && !case_handled_by(&k->d.c, &q->actor))
		rc = RC_NONE;
	if (rc != RC_OK)
		return rc;
	const struct ward_case *c = &k->d.c;
	k->name = request_param(q, "name");
	b->photo = NULL;
	for (size_t i = 0; i < k->d.photo_count; i++)
		if (str_eq(k->d.photos[i].photo.name, k->name))
			b->photo = &k->d.photos[i];
	b->of = c->id;
	b->may = (case_verbs(&q->app->flow, c, &q->actor, q->now) >> VERB_blur & 1) != 0;
	b->held = c->held_until != 0;
	b->code = k->d.code;
	b->filter = STR_EMPTY;
	b->back = request_link(q, "/desk/case/%s", c->code);
	b->done = request_link(q, "/desk/case/%s?done=blur", c->code);
	b->here = request_link(q, "/desk/case/%s/blur/%.*s", c->code, PSTR(k->name));
	b->picture = request_link(q, "/desk/case/%s/photo/%.*s", c->code, PSTR(k->name));
	return RC_OK;
}

static enum rc do_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct covering *k = ctx;
	struct desk_move m = {
		.w = &k->b.q->app->flow, .ward = k->b.q->ward, .code = k->d.code, .works = case_handled_by,
		.move = {.verb = VERB_blur, .actor = &k->b.q->actor, .photos = &k->b.made, .photo_count = 1, .blurred = k->name}};
	return desk_move_tx(tx, &m, f);
}

enum rc desk_blur(struct request *q, struct reply *r, struct fault *f)
{
	struct covering k = {.b = {.q = q, .read = read_case, .tx = do_tx}};
	return blur_get(&k.b, r, f);
}

enum rc desk_blur_send(struct request *q, struct reply *r, struct fault *f)
{
	struct covering k = {.b = {.q = q, .read = read_case, .tx = do_tx}};
	return blur_post(&k.b, r, f);
}

#include "ward/router/router.h"

#include <stdlib.h>

enum { FILE_BYTES = 256 << 10 };

const struct router_question *router_question(const struct router *r, struct str id)
{
	for (size_t i = 0; i < r->question_count; i++)
		if (str_eq(r->questions[i].id, id))
			return &r->questions[i];
	return NULL;
}

const struct router_door *router_door(const struct router *r, struct str id)
{
	for (size_t i = 0; i < r->door_count; i++)
		if (str_eq(r->doors[i].id, id))
			return &r->doors[i];
	return NULL;
}

/* A file without one is refused when it is read. */
const struct router_door *router_staff_door(const struct router *r)
{
	for (size_t i = 0; i < r->door_count; i++)
		if (r->doors[i].staff)
			return &r->doors[i];
	return NULL;
}

const struct router_door *router_walk(const struct router *r, const struct str *answers, size_t count,
                                      struct str *stuck)
{
	const struct router_question *q = r->start;
	const struct router_door *door = NULL;
	*stuck = STR_EMPTY;
	for (size_t i = 0; i < count; i++) {
		const struct router_answer *found = NULL;
		for (size_t k = 0; q != NULL && k < q->answer_count; k++)
			if (str_eq(q->answers[k].id, answers[i]))
				found = &q->answers[k];
		if (found == NULL) {
			*stuck = answers[i];
			return NULL;
		}
		q = found->question;
		door = found->door;
	}
	return door;
}

enum rc router_load(struct router **out, const char *file, const struct router_check *check,
                    struct fault *f)
{
	struct arena a;
	struct str bytes;
	struct yaml_reader y = {0};
	arena_init(&a, (size_t)8 << 20);
	enum rc rc = file_read(&a, file, FILE_BYTES, &bytes, f);
	if (rc > 0)
		rc = fault_set(f, RC_IO, "cannot read %s: %s", file, rc_name(rc));
	if (rc == RC_OK) {
		rc = router_parse(out, &y, file, bytes, check);
		if (rc != RC_OK && f != NULL && y.fault_count > 0)
			*f = y.faults[0];
	}
	arena_release(&a);
	return rc;
}

void router_free(struct router *r)
{
	if (r == NULL)
		return;
	arena_release(&r->arena);
	free(r);
}

/* Before a database gets new steps: is it perhaps newer than the program, and a copy of it first. */
#include "kit/store/move_impl.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"

static const struct schema_step *step_of(const struct schema_step *const *lists, struct str name)
{
	for (; lists != NULL && *lists != NULL; lists++)
		for (const struct schema_step *s = *lists; s->name != NULL; s++)
			if (str_is(name, s->name))
				return s;
	return NULL;
}

enum rc store_peek(const struct store_config *c, struct arena *a, struct store_peek *out,
                   struct fault *f)
{
	*out = (struct store_peek){.newer = STR_EMPTY};
	enum rc rc = engine_of(c->path)->steps(c->path, a, &out->names, &out->count, f);
	if (rc != RC_OK)
		return rc;
	size_t known = 0, all = 0;
	for (size_t i = 0; i < out->count; i++)
		if (step_of(c->steps, out->names[i]) != NULL)
			known++;
		else
			out->newer = out->names[i];
	for (const struct schema_step *const *l = c->steps; l != NULL && *l != NULL; l++)
		for (const struct schema_step *s = *l; s->name != NULL; s++)
			all++;
	out->missing = all > known ? all - known : 0;
	return RC_OK;
}

enum rc upgrade_newer(struct str step, struct fault *f)
{
	return fault_set(f, RC_REFUSED, "a newer program made this database (it has the schema step "
	                 "\"%.*s\", which this one does not know). Nothing was changed. Install that "
	                 "version again, or restore a backup of before it", PSTR(step));
}

enum rc upgrade_look(const struct store *s, bool *copy, struct fault *f)
{
	struct arena a;
	struct store_peek peek;
	struct move_mark mark;
	arena_init(&a, 1 << 20);
	enum rc rc = store_peek(&s->config, &a, &peek, NULL);
	*copy = rc == RC_OK && s->config.copy_dir != NULL && peek.count > 0 && peek.missing > 0;
	/* What can't even be looked at is told by opening it. */
	rc = rc == RC_OK && peek.newer.n > 0 ? upgrade_newer(peek.newer, f) : RC_OK;
	if (rc == RC_OK && !s->config.moving && s->engine->marked(s->config.path, &a, &mark, NULL) == RC_OK)
		rc = move_refuse(&mark, &a, f);
	arena_release(&a);
	return rc;
}

enum rc upgrade_copy(struct store *s, struct fault *f)
{
	char to[1024];
	if (s->engine->aside == NULL) {
		/* All of them are one transaction: a failing one leaves the database as it was. */
		log_info("store", "the database gets new steps; the way back to before is the database server's "
		         "own backup");
		return RC_OK;
	}
	struct moment m = moment_of(clock_now(s->config.clock));
	int n = snprintf(to, sizeof to, "%s/xom-%04d%02d%02d-%02d%02d%02d-%06d.db", s->config.copy_dir,
	                 m.date.year, m.date.month, m.date.day, m.hour, m.minute, m.second, m.micro);
	if (n < 0 || (size_t)n >= sizeof to)
		return fault_set(f, RC_INVALID, "the folder for copies has too long a name");
	enum rc rc = s->engine->aside(s, to, f);
	if (rc == RC_OK)
		log_info("store", "the database gets new steps: a copy of before is %s", to);
	return rc;
}

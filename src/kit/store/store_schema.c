/* Schema steps: each runs once, in the order of the lists, all new ones in one transaction. */
#include "kit/store/store_impl.h"

#include <string.h>

#include "kit/base/hash.h"
#include "kit/base/log.h"

/* Which steps the database has seen, so that a published one is never changed. */
static const struct schema_step OWN = {
	"store-0001",
	"-- The steps this database has run, with the hash of their text.\n"
	"CREATE TABLE IF NOT EXISTS schema_step(\n"
	"  name @text NOT NULL PRIMARY KEY, checksum @blob NOT NULL, at @time NOT NULL);",
};
static const struct sql SEEN = SQL_GLOBAL("SELECT name, checksum FROM schema_step ORDER BY name", "",
                                          "tb");
static const struct sql SEE = SQL_GLOBAL(
	"INSERT INTO schema_step(name, checksum, at) VALUES (?1, ?2, ?3)", "tbi", "");

struct seen {
	struct str name, checksum;
	bool known;
	struct seen *next;
};

static enum rc read_seen(struct tx *tx, struct seen **out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_rows(tx, &SEEN, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct seen *s = ARENA_NEW(tx_arena(tx), struct seen);
		*s = (struct seen){row_str(&r, 0), row_str(&r, 1), false, *out};
		*out = s;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc run_step(struct tx *tx, const struct schema_step *step, struct fault *f)
{
	struct buf sql = {0};
	struct fault why = {0};
	enum rc rc = step_translate(tx->store->engine, step, &sql, f);
	if (rc == RC_OK) {
		buf_addc(&sql, '\0');
		rc = tx->store->engine->script(tx, sql.p, &why);
		if (rc != RC_OK)
			rc = fault_set(f, rc, "schema step %s: %s", step->name, why.text);
	}
	buf_release(&sql);
	return rc;
}

static struct seen *find_seen(struct seen *list, const char *name)
{
	while (list != NULL && !str_is(list->name, name))
		list = list->next;
	return list;
}

static enum rc one_step(struct tx *tx, struct seen **list, const struct schema_step *step,
                        struct fault *f)
{
	struct hash h = hash_of(NULL, "schema-step", str_of(step->sql));
	struct seen *s = find_seen(*list, step->name);
	if (s != NULL) {
		if (s->known)
			return fault_set(f, RC_SYNTAX, "schema step %s is listed twice", step->name);
		if (!str_eq(s->checksum, hash_str(&h)))
			return fault_set(f, RC_SYNTAX, "schema step %s was changed after it was published: "
			                 "add a new step instead", step->name);
		s->known = true;
		return RC_OK;
	}
	enum rc rc = run_step(tx, step, f);
	if (rc == RC_OK)
		rc = sql_run(tx, &SEE, BIND(v_text(str_of(step->name)), v_blob(hash_str(&h)),
		                            v_int(tx_now(tx))), NULL, f);
	if (rc == RC_OK) {
		s = ARENA_NEW(tx_arena(tx), struct seen);
		*s = (struct seen){str_of(step->name), STR_EMPTY, true, *list};
		*list = s;
	}
	return rc;
}

static enum rc migrate(struct tx *tx, void *ctx, struct fault *f)
{
	const struct schema_step *const *lists = ctx;
	struct seen *seen = NULL;
	enum rc rc = run_step(tx, &OWN, f);
	if (rc == RC_OK)
		rc = read_seen(tx, &seen, f);
	for (; rc == RC_OK && lists != NULL && *lists != NULL; lists++)
		for (const struct schema_step *s = *lists; rc == RC_OK && s->name != NULL; s++)
			rc = one_step(tx, &seen, s, f);
	for (const struct seen *s = seen; rc == RC_OK && s != NULL; s = s->next)
		if (!s->known)
			rc = upgrade_newer(s->name, f);
	return rc;
}

enum rc schema_migrate(struct store *s, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = s->engine->alone(s, &a, migrate, (void *)s->config.steps, f);
	arena_release(&a);
	return rc;
}

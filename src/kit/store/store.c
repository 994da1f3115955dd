#include "kit/store/store_impl.h"

#include <stdlib.h>
#include <string.h>

const struct engine *engine_of(const char *path)
{
	return store_is_server(path) ? &ENGINE_POSTGRES : &ENGINE_SQLITE;
}

bool store_is_server(const char *path)
{
	return str_starts(str_of(path), STR("postgresql://")) || str_starts(str_of(path), STR("postgres://"));
}

enum rc store_open(struct store **out, const struct store_config *c, struct fault *f)
{
	struct store *s = calloc(1, sizeof *s);
	if (s == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the store");
	s->config = *c;
	s->config.path = strdup(c->path); /* readers are opened later, when the caller's may be gone */
	if (s->config.path == NULL) {
		free(s);
		return fault_set(f, RC_NOMEM, "no memory for the store");
	}
	s->engine = engine_of(s->config.path);
	if (s->config.readers == 0)
		s->config.readers = 16;
	if (s->config.queue == 0)
		s->config.queue = 1024;
	if (s->config.batch == 0)
		s->config.batch = 64;
	if (s->config.read_limit_us == 0)
		s->config.read_limit_us = 5 * US_SECOND;
	if (s->config.doubt_us == 0)
		s->config.doubt_us = 30 * US_SECOND;
	bool copy = false;
	queue_init(&s->queue);
	enum rc rc = pool_init(&s->readers, s->config.readers, f);
	if (rc == RC_OK)
		rc = upgrade_look(s, &copy, f);
	if (rc == RC_OK)
		rc = s->engine->open(s, f);
	if (rc == RC_OK && copy)
		rc = upgrade_copy(s, f);
	if (rc == RC_OK)
		rc = schema_migrate(s, f);
	if (rc == RC_OK)
		rc = s->engine->start(s, f);
	if (rc != RC_OK) {
		store_close(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	s->engine->close(s);
	pool_release(&s->readers);
	queue_release(&s->queue);
	free((char *)s->config.path);
	free(s);
}

enum rc store_read(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                   struct fault *f)
{
	return s->engine->read(s, ward, a, fn, ctx, f);
}

enum rc store_write(struct store *s, struct ward_id ward, struct arena *a, tx_fn *fn, void *ctx,
                    struct fault *f)
{
	return s->engine->write(s, ward, a, fn, ctx, f);
}

struct ward_id tx_ward(const struct tx *tx) { return tx->ward; }
struct arena *tx_arena(const struct tx *tx) { return tx->arena; }

struct arena *tx_arena_lend(struct tx *tx, struct arena *a)
{
	struct arena *before = tx->arena;
	tx->arena = a;
	return before;
}
int64_t tx_now(const struct tx *tx) { return tx->now; }

/* What is put and looked for must be plain words: an engine writes them into its own language. */
static enum rc search_check(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                            struct fault *f)
{
	if (!search_scope_ok(scope))
		BUG("search scope '%s' is not of small letters", scope);
	if (tx->ward.v <= 0)
		BUG("a search without a ward");
	if (tx->failed != RC_OK)
		return fault_set(f, tx->failed, "an earlier statement failed (%s)", rc_name(tx->failed));
	for (size_t i = 0; i < n; i++)
		if (!search_token_ok(tokens[i]))
			return fault_set(f, RC_INVALID, "search word %zu is not a word", i);
	return RC_OK;
}

static enum rc search_done(struct tx *tx, enum rc rc)
{
	if (rc < 0 && tx->failed == RC_OK)
		tx->failed = rc;
	return rc;
}

enum rc search_put(struct tx *tx, const char *scope, int64_t id, const struct str *tokens, size_t n,
                   struct fault *f)
{
	enum rc rc = search_check(tx, scope, tokens, n, f);
	if (rc != RC_OK)
		return rc;
	return search_done(tx, tx->store->engine->search_put(tx, scope, id, tokens, n, f));
}

enum rc search_find(struct tx *tx, const char *scope, const struct str *tokens, size_t n,
                    int64_t before, size_t limit, int64_t **ids, size_t *count, struct fault *f)
{
	*ids = NULL;
	*count = 0;
	enum rc rc = search_check(tx, scope, tokens, n, f);
	if (rc != RC_OK || n == 0 || limit == 0)
		return rc;
	if (n > SEARCH_WORDS_MAX)
		return fault_set(f, RC_INVALID, "a search for %zu words", n);
	return search_done(tx, tx->store->engine->search_find(tx, scope, tokens, n, before, limit, ids,
	                                                      count, f));
}

enum rc search_merge(struct tx *tx, bool first, bool *more, struct fault *f)
{
	*more = false;
	return search_done(tx, tx->store->engine->search_merge(tx, first, more, f));
}

enum rc store_erased(struct tx *tx, struct fault *f)
{
	const struct engine *e = tx->store->engine;
	return e->erased != NULL ? search_done(tx, e->erased(tx, f)) : RC_OK;
}

enum rc store_clean(struct store *s, store_pause_fn *pause, void *ctx, struct store_cleaned *out,
                    struct fault *f)
{
	*out = (struct store_cleaned){0};
	return s->engine->clean != NULL ? s->engine->clean(s, pause, ctx, out, f) : RC_NONE;
}

void store_trace(struct store *s, void (*fn)(void *ctx, const char *sql), void *ctx)
{
	s->engine->trace(s, fn, ctx);
}

void store_bulk(struct store *s) { s->engine->bulk(s); }

enum rc store_copy(struct store *s, const char *to, store_pause_fn *pause, void *ctx,
                   struct fault *f)
{
	return s->engine->copy(s, to, pause, ctx, f);
}

enum rc store_size(struct store *s, int64_t *bytes, struct fault *f)
{
	return s->engine->size(s, bytes, f);
}

enum rc store_server(struct store *s, struct arena *a, struct store_server *out, struct fault *f)
{
	*out = (struct store_server){0};
	return s->engine->server != NULL ? s->engine->server(s, a, out, f) : RC_NONE;
}

enum rc store_check(struct store *s, struct arena *a, struct fault *f)
{
	return s->engine->check(s, a, f);
}

enum rc store_schema(struct store *s, struct arena *a, struct store_table **tables, size_t *count,
                     struct fault *f)
{
	return s->engine->schema(s, a, tables, count, f);
}

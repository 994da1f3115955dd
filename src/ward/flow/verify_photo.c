/* Is every photo that a row names where it is kept, as it was written? */
#include <stdarg.h>

#include "ward/flow/flow_private.h"

enum { AT_ONCE = 200 };

struct named {
	int64_t id, of;               /* of: its case, or the step that waits */
	struct str name;
	struct hash hash;
};

struct slice {
	bool waiting;                 /* photos of steps that wait, which no attachment names yet */
	int64_t after;
	struct str after_name;
	struct named list[AT_ONCE];
	size_t count;
};

static enum rc slice_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT id, case_id, name, hash FROM attachment"
	                                     " WHERE ward_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
	                                     "ii", "iitb");
	static const struct sql Q_WAITING = SQL_WARD(
		"SELECT pending_id, pending_id, name, hash FROM pending_photo"
		" WHERE ward_id = ?1 AND name > ?2 ORDER BY name LIMIT ?3", "ti", "iitb");
	struct slice *s = ctx;
	struct rows r;
	s->count = 0;
	enum rc rc = s->waiting
		? sql_rows(tx, &Q_WAITING, &r, BIND(v_text(s->after_name), v_int(AT_ONCE)), f)
		: sql_rows(tx, &Q, &r, BIND(v_int(s->after), v_int(AT_ONCE)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		struct named *n = &s->list[s->count++];
		*n = (struct named){.id = row_int(&r, 0), .of = row_int(&r, 1), .name = row_str(&r, 2)};
		if (!hash_from(row_str(&r, 3), &n->hash))
			n->hash = (struct hash){{0}};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

struct checking {
	const struct flow *w;
	struct ward_id ward;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	struct photo_report *out;
};

/* A row that went while we looked took its photo along. */
static enum rc still_named(const struct checking *c, const struct slice *s, const struct named *n,
                           bool *out, struct fault *f)
{
	struct slice *now = NULL;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	now = ARENA_NEW(&a, struct slice);
	*now = (struct slice){.waiting = s->waiting, .after = n->id - 1, .after_name = STR_EMPTY};
	enum rc rc;
	*out = false;
	do {
		rc = store_read(c->w->store, c->ward, &a, slice_tx, now, f);
		for (size_t i = 0; rc == RC_OK && i < now->count; i++) {
			*out = *out || str_eq(now->list[i].name, n->name);
			now->after_name = now->list[i].name;
		}
	} while (rc == RC_OK && s->waiting && !*out && now->count == AT_ONCE);
	arena_release(&a);
	return rc;
}

static enum rc check_one(const struct checking *c, const struct slice *s, const struct named *n,
                         struct fault *f)
{
	char line[200];
	enum rc rc = media_check(c->w->media, c->ward, n->name, &n->hash, f);
	c->out->photos++;
	if (rc != RC_NONE && rc != RC_CORRUPT)
		return rc;
	bool named = true;
	bool missing = rc == RC_NONE;
	rc = still_named(c, s, n, &named, f);
	if (rc != RC_OK || !named)
		return rc;
	(void)snprintf(line, sizeof line, "photo %.*s of %s %lld: %s", PSTR(n->name),
	               s->waiting ? "waiting step" : "case", (long long)n->of,
	               missing ? "missing" : "short or altered: it is not what its row has the hash of");
	c->out->faults++;
	c->say(c->ctx, line);
	return RC_OK;
}

enum rc photos_verify(const struct flow *w, struct ward_id ward,
                      void (*say)(void *ctx, const char *line), void *ctx,
                      struct photo_report *out, struct fault *f)
{
	const struct checking c = {w, ward, say, ctx, out};
	struct arena a;
	enum rc rc = RC_OK;
	*out = (struct photo_report){0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (int waiting = 0; rc == RC_OK && waiting < 2; waiting++) {
		char after[64] = "";
		int64_t after_id = 0;
		size_t count = 0;
		do {
			arena_reset(&a);
			struct slice *s = ARENA_NEW(&a, struct slice);
			s->waiting = waiting != 0;
			s->after = after_id;
			s->after_name = str_of(after);
			rc = store_read(w->store, ward, &a, slice_tx, s, f);
			for (size_t i = 0; rc == RC_OK && i < s->count; i++) {
				after_id = s->list[i].id;
				(void)snprintf(after, sizeof after, "%.*s", PSTR(s->list[i].name));
				rc = check_one(&c, s, &s->list[i], f);
			}
			count = s->count;
		} while (rc == RC_OK && count == AT_ONCE);
	}
	arena_release(&a);
	return rc;
}

/* The way of a move: what stands against it, the marks, the rows, the comparison. */
#include "kit/store/move_impl.h"

#include <string.h>

#include "kit/base/text.h"

enum { SLICE_ROWS = 20000, MARK_MEMORY = 1 << 20, TABLES_MEMORY = 64 << 20 };
#define TELL_EVERY_US (US_SECOND / 4)

struct moving {
	const struct move_config *c;
	struct move_made *out;
	struct arena a;
	struct move_side from, to;
	struct move_mark left, filled;    /* the source's, the target's */
	bool left_there, filled_there;
	struct move_table *tables;
	size_t count;
	enum move_stage stage;
	int64_t began, before, told;      /* ticks; rows before this stage's first; ticks */
};

enum rc move_refuse(const struct move_mark *m, struct arena *a, struct fault *f)
{
	struct str day = text_iso(a, m->began_at);
	if (m->target)
		return fault_set(f, RC_REFUSED, "this database is half of a move that did not end (from %.*s, begun "
		                 "%.*s). Start the same `xom move` again: it goes on where it was. Nothing was changed",
		                 PSTR(m->other), PSTR(day));
	if (m->done)
		return fault_set(f, RC_REFUSED, "this database was moved to %.*s (%.*s) and is served from there: say so "
		                 "under `database` in the settings (a file xom.db in the data folder needs no such "
		                 "line). Nothing was changed", PSTR(m->other), PSTR(day));
	return fault_set(f, RC_REFUSED, "this database is being moved to %.*s (since %.*s). Start the same `xom move` "
	                 "again to end that, or add --cancel to it to stay here. Nothing was changed",
	                 PSTR(m->other), PSTR(day));
}

static const struct mover *mover_of(const char *path) { return engine_of(path)->mover; }

static enum rc open_side(struct move_side *s, const char *path, enum move_use use, struct fault *f)
{
	*s = (struct move_side){.m = mover_of(path), .path = path, .use = use};
	return s->m->open(s, f);
}

static void close_side(struct move_side *s)
{
	if (s->m != NULL)
		s->m->close(s);
	s->m = NULL;
}

/* --- what may stand against it --- */

static enum rc look(struct moving *m, const char *path, bool source, struct fault *f)
{
	const struct store_config config = {.path = path, .steps = m->c->steps};
	struct store_peek peek;
	struct fault why = {0};
	enum rc rc = store_peek(&config, &m->a, &peek, &why);
	if (rc == RC_NONE)
		return source ? fault_set(f, RC_NONE, "there is no database of Xóm in %s", path) : RC_OK;
	if (rc != RC_OK)
		return fault_set(f, rc, "%s: %s", path, why.text);
	if (peek.newer.n > 0) {
		(void)upgrade_newer(peek.newer, &why);
		return fault_set(f, RC_REFUSED, "%s: %s", path, why.text);
	}
	if (source && peek.missing > 0)
		return fault_set(f, RC_REFUSED, "%s is an older program's: run `xom upgrade` on it first. Nothing was "
		                 "changed", path);
	return RC_OK;
}

static enum rc look_source(struct moving *m, struct fault *f)
{
	struct fault why = {0};
	enum rc rc = open_side(&m->from, m->c->from, USE_FROM, f);
	if (rc == RC_OK)
		rc = m->from.m->mark(&m->from, &m->a, &m->left, f);
	m->left_there = rc == RC_OK;
	if (rc == RC_NONE)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	if (!m->left.target && str_is(m->left.other, m->c->to)) {
		m->out->before = m->left.done;
		return RC_OK;
	}
	(void)move_refuse(&m->left, &m->a, &why);
	return fault_set(f, RC_REFUSED, "%s: %s", m->c->from, why.text);
}

static enum rc look_target(struct moving *m, struct fault *f)
{
	struct fault why = {0};
	enum rc rc = m->to.m->mark(&m->to, &m->a, &m->filled, f);
	m->filled_there = rc == RC_OK;
	if (rc == RC_NONE) {
		rc = m->to.m->empty(&m->to, &why);
		return rc == RC_EXISTS ? fault_set(f, rc, "%s is not empty (%s): a move goes into a database of its own, "
		                                   "made for it. Nothing was changed", m->c->to, why.text)
		       : rc == RC_OK ? rc : fault_set(f, rc, "%s", why.text);
	}
	if (rc != RC_OK)
		return rc;
	/* Begun, and killed before the source had its mark: nothing was copied yet. */
	bool young = !m->left_there && m->filled.copied == 0 && str_is(m->filled.other, m->c->from);
	bool ours = m->filled.target && (young || (m->left_there && str_eq(m->filled.id, m->left.id)));
	if (ours)
		return RC_OK;
	(void)move_refuse(&m->filled, &m->a, &why);
	return fault_set(f, RC_REFUSED, "%s is another move's: %s", m->c->to, why.text);
}

/* --- the marks and the tables --- */

static void make_marks(struct moving *m)
{
	uint8_t raw[16];
	struct str id = m->left_there ? m->left.id : m->filled_there ? m->filled.id : STR_EMPTY;
	if (id.n == 0) {
		random_bytes(raw, sizeof raw);
		id = hex_of(&m->a, str_n((const char *)raw, sizeof raw));
	}
	int64_t now = clock_now(m->c->clock);
	if (!m->filled_there)
		m->filled = (struct move_mark){.target = true, .id = id, .other = str_of(m->c->from),
		                               .began_at = now, .place = STR_EMPTY, .key = STR_EMPTY};
	if (!m->left_there)
		m->left = (struct move_mark){.id = id, .other = str_of(m->c->to), .began_at = m->filled.began_at,
		                             .place = STR_EMPTY, .key = STR_EMPTY};
}

/* The target is marked before it has any table, and locked again after its steps were run: meanwhile
 * nobody else opens it. The source gets its mark when the target can be filled. */
static enum rc prepare(struct moving *m, struct fault *f)
{
	struct store *s = NULL;
	struct move_mark again;
	const struct store_config config = {.path = m->c->to, .steps = m->c->steps, .clock = m->c->clock,
	                                    .readers = 1, .moving = true};
	make_marks(m);
	enum rc rc = m->filled_there ? RC_OK : m->to.m->set_mark(&m->to, &m->filled, f);
	close_side(&m->to);
	if (rc == RC_OK)
		rc = store_open(&s, &config, f);
	if (rc == RC_OK)
		rc = move_tables(s, &m->from, &m->a, &m->tables, &m->count, f);
	store_close(s);
	if (rc == RC_OK)
		rc = open_side(&m->to, m->c->to, USE_INTO, f);
	if (rc == RC_OK)
		rc = m->to.m->mark(&m->to, &m->a, &again, f);
	if (rc == RC_NONE || (rc == RC_OK && !str_eq(again.id, m->filled.id)))
		rc = fault_set(f, RC_REFUSED, "%s was changed meanwhile", m->c->to);
	if (rc == RC_OK && !m->left_there)
		rc = m->from.m->set_mark(&m->from, &m->left, f);
	return rc;
}

/* --- the rows --- */

static bool tell(void *ctx, struct move_job *job, const struct move_table *t, bool slice)
{
	struct moving *m = ctx;
	int64_t now = clock_ticks();
	if (m->c->tell == NULL || (now - m->told < TELL_EVERY_US && job->done < job->total))
		return true;
	(void)slice;
	m->told = now;
	m->c->tell(m->c->ctx, &(struct move_told){.stage = m->stage, .table = t->name, .done = job->done,
	                                          .total = job->total, .run = job->done - m->before,
	                                          .took_us = now - m->began});
	return true;
}

static void begin_stage(struct moving *m, struct move_job *job, enum move_stage stage, int64_t done)
{
	m->stage = stage;
	m->began = clock_ticks();
	m->before = job->done = done;
	m->told = 0;
}

static enum rc copy_all(struct moving *m, struct move_job *job, struct fault *f)
{
	struct str place = arena_copy(&m->a, m->filled.place), key = arena_copy(&m->a, m->filled.key);
	size_t i = 0;
	enum rc rc = RC_OK;
	begin_stage(m, job, MOVE_COPYING, m->filled.copied);
	m->out->resumed = m->filled.copied > 0;
	while (place.n > 0 && i < m->count && !str_eq(m->tables[i].name, place))
		i++;
	if (i == m->count && place.n > 0)
		return fault_set(f, RC_REFUSED, "%s was begun by another program: it knows a table %.*s. Empty it and "
		                 "start anew", m->c->to, PSTR(place));
	for (bool first = true; i < m->count && rc == RC_OK; i++, first = false)
		rc = move_copy(job, &m->tables[i], first ? key : STR_EMPTY, f);
	m->out->copied = job->done - m->before;
	m->out->copied_us = clock_ticks() - m->began;
	if (rc == RC_OK)
		rc = m->to.m->settle(&m->to, f);
	return rc;
}

static enum rc compare_all(struct moving *m, struct move_job *job, struct fault *f)
{
	struct hasher h;
	enum rc rc = RC_OK;
	hasher_init(&h, NULL, "move");
	begin_stage(m, job, MOVE_COMPARING, 0);
	for (size_t i = 0; i < m->count && rc == RC_OK; i++)
		rc = move_compare(job, &m->tables[i], &h, f);
	m->out->hash = hasher_end(&h);
	m->out->compared_us = clock_ticks() - m->began;
	m->out->rows = job->done;
	if (rc == RC_CORRUPT && f != NULL) {
		struct fault why = *f;
		(void)fault_set(f, rc, "%s. It was changed behind Xóm's back, or a disk lies: empty %s and start "
		                "anew; the source is as it was", why.text, m->c->to);
	}
	return rc;
}

static enum rc move_rows(struct moving *m, struct fault *f)
{
	struct move_job job = {.from = &m->from, .to = &m->to, .a = &m->a, .mark = &m->filled, .tick = tell,
	                       .slice = m->c->slice > 0 ? m->c->slice : SLICE_ROWS, .ctx = m};
	enum rc rc = RC_OK;
	for (size_t i = 0; i < m->count && rc == RC_OK; i++) {
		int64_t n;
		rc = m->from.m->count(&m->from, &m->tables[i], &n, f);
		job.total += rc == RC_OK ? n : 0;
	}
	m->out->tables = (int64_t)m->count;
	if (rc == RC_OK)
		rc = copy_all(m, &job, f);
	if (rc == RC_OK)
		rc = compare_all(m, &job, f);
	return rc;
}

/* The source says where it went before the target can be served. */
static enum rc finish(struct moving *m, struct fault *f)
{
	m->left.done = true;
	enum rc rc = m->from.m->set_mark(&m->from, &m->left, f);
	return rc == RC_OK ? m->to.m->drop_mark(&m->to, f) : rc;
}

static enum rc move(struct moving *m, struct fault *f)
{
	if (store_is_server(m->c->from) == store_is_server(m->c->to))
		return fault_set(f, RC_INVALID, "a move goes between a file and a PostgreSQL database: both are %s",
		                 store_is_server(m->c->to) ? "on a server; pg_dump moves that"
		                                           : "files; `xom backup` and `xom restore` move that");
	enum rc rc = look(m, m->c->from, true, f);
	if (rc == RC_OK)
		rc = look(m, m->c->to, false, f);
	if (rc == RC_OK)
		rc = look_source(m, f);
	if (rc != RC_OK)
		return rc;
	if (m->out->before) { /* killed between its last two steps, or asked for twice */
		rc = open_side(&m->to, m->c->to, USE_INTO, f);
		if (rc == RC_OK && m->to.m->mark(&m->to, &m->a, &m->filled, f) == RC_OK &&
		    str_eq(m->filled.id, m->left.id))
			rc = m->to.m->drop_mark(&m->to, f);
		return rc == RC_AGAIN ? RC_OK : rc; /* whoever works with it found no mark */
	}
	rc = open_side(&m->to, m->c->to, USE_INTO, f);
	if (rc == RC_OK)
		rc = look_target(m, f);
	if (rc == RC_OK)
		rc = prepare(m, f);
	if (rc == RC_OK)
		rc = move_rows(m, f);
	if (rc == RC_OK)
		rc = finish(m, f);
	return rc;
}

enum rc store_move(const struct move_config *c, struct move_made *out, struct fault *f)
{
	struct moving m = {.c = c, .out = out};
	*out = (struct move_made){0};
	arena_init(&m.a, TABLES_MEMORY);
	enum rc rc = move(&m, f);
	close_side(&m.to);
	close_side(&m.from);
	arena_release(&m.a);
	return rc;
}

enum rc store_move_cancel(const struct move_config *c, struct fault *f)
{
	struct moving m = {.c = c};
	struct fault why = {0};
	arena_init(&m.a, MARK_MEMORY);
	enum rc rc = look(&m, c->from, true, f);
	if (rc == RC_OK)
		rc = open_side(&m.from, c->from, USE_FROM, f);
	if (rc == RC_OK) {
		rc = m.from.m->mark(&m.from, &m.a, &m.left, f);
		if (rc == RC_NONE)
			(void)fault_set(f, rc, "%s is not being moved", c->from);
	}
	if (rc == RC_OK && (m.left.target || m.left.done)) {
		(void)move_refuse(&m.left, &m.a, &why);
		rc = fault_set(f, RC_REFUSED, "%s: %s", c->from, why.text);
	}
	if (rc == RC_OK)
		rc = m.from.m->drop_mark(&m.from, f);
	close_side(&m.from);
	arena_release(&m.a);
	return rc;
}

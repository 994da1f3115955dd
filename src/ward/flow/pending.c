/* Rows of steps that can still be taken back, and what becomes of them. */
#include <inttypes.h>

#include "kit/base/log.h"
#include "ward/flow/case_works.h"
#include "ward/flow/pending.h"

#define JOB "flow.pending"
enum { DRAFTS_MAX = 50, PHOTOS_MAX = 16, SHOWN_MAX = 64, FORGET_SLICE = 200 };

#define COLUMNS \
	"p.id, p.case_id, c.code, p.account_id, a.name, p.verb, p.version, p.seq, p.made_at, p.due_at," \
	" p.waits, p.why, p.words, p.outcome, p.shown"
#define TYPES "iititti" "iii" "Itttt"
#define FROM \
	" FROM pending_move p JOIN ward_case c ON c.ward_id = p.ward_id AND c.id = p.case_id" \
	" JOIN account a ON a.id = p.account_id"

static bool of_area(enum verb v) { return v == VERB_settle || v == VERB_pass_up; }

bool verb_waits(enum verb v)
{
	return v == VERB_ask || v == VERB_release || v == VERB_close || v == VERB_explain || of_area(v);
}

bool verb_crosses(enum verb v)
{
	return v != VERB_note && v != VERB_unrelease && v != VERB_withhold;
}

/* ---------------------------------------------------------------- rows */

static struct str shown_text(struct arena *a, const struct move *m)
{
	struct buf b = {0};
	for (size_t i = 0; i < m->release_count; i++)
		buf_addf(&b, "%s%" PRId64, i > 0 ? " " : "", m->release[i].v);
	return arena_take(a, &b);
}

static void read_shown(struct arena *a, struct str text, struct pending *p)
{
	int64_t id;
	p->release = arena_array(a, SHOWN_MAX, sizeof *p->release);
	while (text.n > 0 && p->release_count < SHOWN_MAX)
		if (str_i64(str_cut(&text, ' '), &id))
			p->release[p->release_count++] = (struct attachment_id){id};
}

static struct pending read_row(struct arena *a, struct rows *r)
{
	struct pending p = {
		.id = row_int(r, 0),
		.of = {row_int(r, 1)},
		.account = {row_int(r, 3)},
		.officer = row_str(r, 4),
		.verb = verb_parse(row_str(r, 5)),
		.version = row_int(r, 6),
		.seq = (int)row_int(r, 7),
		.made_at = row_int(r, 8),
		.due_at = row_int(r, 9),
		.waiting = !row_null(r, 10),
		.why = row_str(r, 11),
		.words = row_str(r, 12),
		.outcome = row_str(r, 13),
	};
	(void)snprintf(p.code, sizeof p.code, "%.*s", PSTR(row_str(r, 2)));
	read_shown(a, row_str(r, 14), &p);
	return p;
}

static enum rc read_photos(struct tx *tx, struct pending *p, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT name, hash, width, height, size FROM pending_photo"
		" WHERE ward_id = ?1 AND pending_id = ?2 ORDER BY name", "i", "tbiii");
	struct rows r;
	p->photos = arena_array(tx_arena(tx), PHOTOS_MAX, sizeof *p->photos);
	p->photo_count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(p->id)), f);
	while (rc == RC_OK && p->photo_count < PHOTOS_MAX && (rc = rows_next(&r, f)) == RC_OK) {
		struct photo *one = &p->photos[p->photo_count++];
		*one = (struct photo){.name = row_str(&r, 0),
		                      .width = (int)row_int(&r, 2),
		                      .height = (int)row_int(&r, 3),
		                      .size = row_int(&r, 4)};
		(void)hash_from(row_str(&r, 1), &one->hash);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc one(struct tx *tx, const struct sql *q, const struct val *in, size_t n,
                   struct pending *out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_one(tx, q, &r, in, n, f);
	if (rc != RC_OK)
		return rc;
	*out = read_row(tx_arena(tx), &r);
	rows_end(&r);
	return read_photos(tx, out, f);
}

static enum rc by_id(struct tx *tx, int64_t id, struct pending *out, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT " COLUMNS FROM " WHERE p.ward_id = ?1 AND p.id = ?2", "i", TYPES);
	return one(tx, &Q, BIND(v_int(id)), out, f);
}

enum rc pending_of_case(struct tx *tx, struct case_id c, struct pending *out, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT " COLUMNS FROM " WHERE p.ward_id = ?1 AND p.waits = ?2", "i", TYPES);
	return one(tx, &Q, BIND(v_int(c.v)), out, f);
}

bool pending_waits(struct tx *tx, struct case_id c, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM pending_move WHERE ward_id = ?1 AND waits = ?2", "i", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc == RC_OK)
		rows_end(&r);
	return rc != RC_NONE;                  /* what cannot be asked stops the step */
}

enum rc pending_drafts(struct tx *tx, struct account_id who, struct case_id c, struct pending **out,
                       size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS FROM " WHERE p.ward_id = ?1 AND p.account_id = ?2 AND p.waits IS NULL"
		" AND (?3 = 0 OR p.case_id = ?3) ORDER BY p.id DESC LIMIT 50", "ii", TYPES);
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), DRAFTS_MAX, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(who.v), v_int(c.v)), f);
	while (rc == RC_OK && *count < DRAFTS_MAX && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = read_row(tx_arena(tx), &r);
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < *count; i++)
		rc = read_photos(tx, &(*out)[i], f);
	return rc;
}

enum rc pending_photo_known(struct tx *tx, struct str name, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT pending_id FROM pending_photo WHERE ward_id = ?1 AND name = ?2", "t", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(name)), f);
	if (rc == RC_OK)
		rows_end(&r);
	return rc;
}

static enum rc delete_row(struct tx *tx, int64_t id, struct fault *f)
{
	static const struct sql PHOTOS =
		SQL_WARD("DELETE FROM pending_photo WHERE ward_id = ?1 AND pending_id = ?2", "i", "");
	static const struct sql ROW =
		SQL_WARD("DELETE FROM pending_move WHERE ward_id = ?1 AND id = ?2", "i", "");
	enum rc rc = sql_run(tx, &PHOTOS, BIND(v_int(id)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &ROW, BIND(v_int(id)), NULL, f) : rc;
}

/* ---------------------------------------------------------------- asking for a step */

static const char *words_part(enum verb v)
{
	switch (v) {
	case VERB_ask: return "text";
	case VERB_release: return "public_text";
	case VERB_explain: return "why_late";
	case VERB_pass_up: return "reason";
	default: return "result";
	}
}

static struct str words_of(const struct move *m)
{
	for (size_t i = 0; i < m->part_count; i++)
		if (str_is(m->parts[i].name, words_part(m->verb)))
			return m->parts[i].body;
	return STR_EMPTY;
}

static enum rc insert(struct tx *tx, const struct pending *p, const struct move *m, struct fault *f)
{
	static const struct sql ROW = SQL_WARD(
		"INSERT INTO pending_move (ward_id, id, case_id, waits, account_id, verb, version, seq,"
		" made_at, due_at, words, outcome, shown, why)"
		" VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '')",
		"iiitiiiittt", "");
	static const struct sql PHOTO = SQL_WARD(
		"INSERT INTO pending_photo (ward_id, pending_id, name, hash, width, height, size)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "itbiii", "");
	enum rc rc = sql_run(tx, &ROW,
	                     BIND(v_int(p->id), v_int(p->of.v), v_int(p->account.v),
	                          v_text(str_of(verb_name(p->verb))), v_int(p->version), v_int(p->seq),
	                          v_int(p->made_at), v_int(p->due_at), v_text(p->words),
	                          v_text(p->outcome), v_text(shown_text(tx_arena(tx), m))),
	                     NULL, f);
	for (size_t i = 0; rc == RC_OK && i < m->photo_count; i++)
		rc = sql_run(tx, &PHOTO,
		             BIND(v_int(p->id), v_text(m->photos[i].name),
		                  v_blob(hash_str(&m->photos[i].hash)), v_int(m->photos[i].width),
		                  v_int(m->photos[i].height), v_int(m->photos[i].size)),
		             NULL, f);
	return rc;
}

/* The draft that is sent again makes room for it, and hands its photos on. */
static enum rc from_draft(struct tx *tx, int64_t draft, const struct pending *p, bool keep_photos,
                          struct fault *f)
{
	static const struct sql MOVE = SQL_WARD(
		"UPDATE pending_photo SET pending_id = ?3 WHERE ward_id = ?1 AND pending_id = ?2", "ii", "");
	struct pending old;
	if (draft == 0)
		return RC_OK;
	enum rc rc = by_id(tx, draft, &old, f);
	if (rc == RC_NONE || (rc == RC_OK && (old.waiting || old.account.v != p->account.v ||
	                                      old.of.v != p->of.v)))
		return RC_OK;                      /* thrown away meanwhile: what was sent counts */
	if (rc == RC_OK && keep_photos)
		rc = sql_run(tx, &MOVE, BIND(v_int(draft), v_int(p->id)), NULL, f);
	return rc == RC_OK ? delete_row(tx, draft, f) : rc;
}

enum rc pending_put(struct tx *tx, const struct flow *w, struct ward_case *c, const struct move *m,
                    int64_t draft, bool keep_photos, struct pending *out, struct fault *f)
{
	enum rc rc = case_get(tx, w, c->id, c, f);
	if (rc != RC_OK)
		return rc;
	if (m->actor == NULL || !verb_waits(m->verb))
		BUG("a step that does not wait: %s", verb_name(m->verb));
	rc = pending_of_case(tx, c->id, out, f);
	if (rc != RC_NONE)
		return rc == RC_OK ? RC_WAITING : rc;
	if (m->expected_version != 0 && m->expected_version != c->version)
		return fault_set(f, RC_CHANGED, "the case was changed by somebody else");
	if ((case_verbs(w, c, m->actor, tx_now(tx)) >> m->verb & 1) == 0)
		return case_refuse(w, c, m, tx_now(tx), f);
	rc = works_check(tx, w, c, m, f);
	if (rc != RC_OK)
		return rc;
	*out = (struct pending){
		.id = idgen_next(w->ids),
		.of = c->id,
		.account = m->actor->account,
		.officer = m->actor->name,
		.verb = m->verb,
		.version = c->version,
		.seq = c->seq,
		.made_at = tx_now(tx),
		.due_at = tx_now(tx) + (of_area(m->verb) ? TAKE_BACK_AREA_US : TAKE_BACK_US),
		.waiting = true,
		.words = words_of(m),
		.outcome = m->outcome,
	};
	struct str id = arena_fmt(tx_arena(tx), "%" PRId64, out->id);
	rc = insert(tx, out, m, f);
	if (rc == RC_OK)
		rc = from_draft(tx, draft, out, keep_photos, f);
	return rc == RC_OK ? outbox_put(tx, JOB, out->due_at, id, id, f) : rc;
}

/* ---------------------------------------------------------------- back to its officer */

static enum rc give_back(struct tx *tx, int64_t id, const char *why, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE pending_move SET waits = NULL, why = ?3, due_at = ?4 WHERE ward_id = ?1 AND id = ?2",
		"iti", "");
	return sql_run(tx, &Q, BIND(v_int(id), v_text(str_of(why)), v_int(tx_now(tx))), NULL, f);
}

enum rc pending_take_back(struct tx *tx, int64_t id, struct account_id who, struct fault *f)
{
	struct pending p;
	enum rc rc = by_id(tx, id, &p, f);
	if (rc != RC_OK)
		return rc;
	if (p.account.v != who.v)
		return RC_NONE;
	/* From a second tab, or pressed twice: it isn't late, it is back. */
	if (!p.waiting)
		return RC_OK;
	rc = give_back(tx, id, "taken_back", f);
	return rc == RC_OK ? outbox_cancel(tx, JOB, arena_fmt(tx_arena(tx), "%" PRId64, id), f) : rc;
}

enum rc pending_drop(struct tx *tx, int64_t id, struct account_id who, struct fault *f)
{
	struct pending p;
	enum rc rc = by_id(tx, id, &p, f);
	if (rc != RC_OK)
		return rc;
	return p.waiting || p.account.v != who.v ? RC_NONE : delete_row(tx, id, f);
}

enum rc pending_words_erase(struct tx *tx, struct case_id c, struct fault *f)
{
	static const struct sql WORDS = SQL_WARD(
		"UPDATE pending_move SET words = '' WHERE ward_id = ?1 AND case_id = ?2 AND verb = 'release'", "i", "");
	struct pending p;
	enum rc rc = pending_of_case(tx, c, &p, f);
	if (rc == RC_OK && p.verb == VERB_release) {
		rc = give_back(tx, p.id, "changed", f);
		if (rc == RC_OK)
			rc = outbox_cancel(tx, JOB, arena_fmt(tx_arena(tx), "%" PRId64, p.id), f);
	}
	return rc == RC_OK || rc == RC_NONE ? sql_run(tx, &WORDS, BIND(v_int(c.v)), NULL, f) : rc;
}

enum rc pending_forget(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql OLD = SQL_WARD(
		"SELECT id FROM pending_move WHERE ward_id = ?1 AND waits IS NULL AND due_at < ?2"
		" ORDER BY id LIMIT 200", "i", "i");
	int64_t ids[FORGET_SLICE];
	size_t n = 0;
	struct rows r;
	(void)ctx;
	enum rc rc = sql_rows(tx, &OLD, &r, BIND(v_int(tx_now(tx) - DRAFT_KEPT_US)), f);
	while (rc == RC_OK && n < FORGET_SLICE && (rc = rows_next(&r, f)) == RC_OK)
		ids[n++] = row_int(&r, 0);
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = delete_row(tx, ids[i], f);
	return rc;
}

/* ---------------------------------------------------------------- doing it */

struct running {
	const struct flow *w;
	const struct ward *ward;
	int64_t id;
	const char *why;              /* why it is given back */
};

/* What was added since without crossing the step is no reason to give it back. */
static enum rc version_now(struct tx *tx, const struct flow *w, const struct ward_case *c,
                           const struct pending *p, struct fault *f)
{
	struct entry *e;
	size_t n;
	if (c->version == p->version)
		return RC_OK;
	enum rc rc = case_timeline(tx, w, c, &e, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (e[i].seq > p->seq && e[i].verb != VERB_note && e[i].verb != VERB_set_pin &&
		    e[i].verb != VERB_unmerge && e[i].verb != VERB_split &&
		    e[i].verb != VERB_reissue)
			rc = RC_CHANGED;
	return rc;
}

static enum rc run_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct running *k = ctx;
	struct pending p;
	struct ward_case c;
	struct actor actor;
	enum rc rc = by_id(tx, k->id, &p, f);
	if (rc != RC_OK)
		return rc;
	if (!p.waiting)
		return RC_NONE;
	rc = actor_of(tx, p.account, &actor, f);
	if (rc == RC_NONE)
		return RC_DENIED;
	if (rc == RC_OK)
		rc = case_get(tx, k->w, p.of, &c, f);
	if (rc == RC_OK)
		rc = version_now(tx, k->w, &c, &p, f);
	if (rc == RC_OK)
		rc = delete_row(tx, p.id, f);      /* first: its own row would stand against it */
	struct part parts[2];
	size_t n = 0;
	if (p.words.n > 0)
		parts[n++] = (struct part){str_of(words_part(p.verb)), p.words,
		                           p.verb == VERB_pass_up ? STR("note") : STR("text")};
	if (p.verb == VERB_pass_up)
		parts[n++] = (struct part){STR("sort"), p.outcome, STR("figures")};
	const struct move m = {
		.verb = p.verb,
		.actor = &actor,
		.expected_version = rc == RC_OK ? c.version : 0,
		.parts = parts,
		.part_count = n,
		.photos = p.photos,
		.photo_count = p.photo_count,
		.outcome = p.outcome,
		.release = p.release,
		.release_count = p.release_count,
	};
	return rc == RC_OK ? case_move(tx, k->w, k->ward, &c, &m, f) : rc;
}

static enum rc back_tx(struct tx *tx, void *ctx, struct fault *f)
{
	const struct running *k = ctx;
	struct pending p;
	enum rc rc = by_id(tx, k->id, &p, f);
	if (rc == RC_OK && !p.waiting)
		rc = RC_NONE;
	return rc == RC_OK ? give_back(tx, k->id, k->why, f) : rc;
}

enum rc pending_run(const struct flow *w, struct arena *a, const struct ward *ward, int64_t id,
                    struct fault *f)
{
	struct running k = {.w = w, .ward = ward, .id = id};
	if (ward == NULL)
		return RC_NONE;
	enum rc rc = store_write(w->store, ward->id, a, run_tx, &k, f);
	if (rc == RC_OK)
		flow_changed(ward->id);
	if (rc <= RC_OK || rc == RC_NONE || rc == RC_AGAIN)
		return rc;
	k.why = rc == RC_CHANGED ? "changed" : "denied";
	log_info("flow", "a step that waited was given back: %s", rc_name(rc));
	return store_write(w->store, ward->id, a, back_tx, &k, f);
}

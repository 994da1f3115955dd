#include "ward/flow/own.h"

#include "ward/flow/deletion.h"
#include "ward/flow/flow_private.h"
#include "ward/flow/pending.h"

const char *own_name(enum own_what what)
{
	static const char *const NAMES[] = {
		"",
#define X(name) #name,
		OWN_TABLE(X)
#undef X
	};
	return what > OWN_unset && what < OWN_COUNT ? NAMES[what] : "";
}

/* ---------------------------------------------------------------- what is kept */

/* Whoever wrote it down: what stands in the first entry was told by the reporter. */
static bool told(const struct own_part *p) { return p->by_reporter || p->verb == VERB_open; }

static enum own_what what_of(const struct own_part *p)
{
	if (str_is(p->retention, "figures"))
		return OWN_figures;
	if (p->verb == VERB_release)
		return OWN_shown;
	if (str_is(p->name, "photo"))
		return told(p) ? OWN_photo : OWN_office;
	if (str_is(p->name, "place"))
		return OWN_place;
	if (str_is(p->name, "thanks"))
		return OWN_thanks;
	if (told(p))
		return OWN_words;
	if (p->verb == VERB_note || str_is(p->name, "reason"))
		return OWN_notes;
	return OWN_office;
}

enum rc own_parts(struct tx *tx, const struct ward_case *c, struct own_part **out, size_t *count,
                  struct fault *f)
{
	static const struct sql Q_COUNT =
		SQL_WARD("SELECT COUNT(*) FROM part WHERE ward_id = ?1 AND case_id = ?2", "i", "i");
	static const struct sql Q = SQL_WARD(
		"SELECT p.seq, p.part, t.verb, t.at, t.by_reporter, p.name, b.body, p.retention, p.rule, p.due_day,"
		" p.erased_rule, p.erased_day, COALESCE(a.by_reporter, 0) FROM part p"
		" JOIN timeline t ON t.ward_id = p.ward_id AND t.case_id = p.case_id AND t.seq = p.seq"
		" LEFT JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id"
		" AND b.seq = p.seq AND b.part = p.part"
		" LEFT JOIN attachment a ON a.ward_id = p.ward_id AND a.case_id = p.case_id"
		" AND a.seq = p.seq AND a.part = p.part"
		" WHERE p.ward_id = ?1 AND p.case_id = ?2 ORDER BY p.seq, p.part",
		"i", "iitiitTttITIi");
	struct rows r;
	*count = 0;
	enum rc rc = sql_one(tx, &Q_COUNT, &r, BIND(v_int(c->id.v)), f);
	if (rc != RC_OK)
		return rc;
	size_t max = (size_t)row_int(&r, 0);
	rows_end(&r);
	*out = arena_array(tx_arena(tx), max + 1, sizeof **out);
	rc = sql_rows(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK) {
		struct own_part *p = &(*out)[(*count)++];
		*p = (struct own_part){
			.seq = (int)row_int(&r, 0),
			.part = (int)row_int(&r, 1),
			.verb = verb_parse(row_str(&r, 2)),
			.at = row_int(&r, 3),
			.by_reporter = row_int(&r, 4) != 0,
			.name = row_str(&r, 5),
			.body = row_str(&r, 6),
			.retention = row_str(&r, 7),
			.rule = row_str(&r, 8),
			.due_day = (int32_t)row_int(&r, 9),
			.erased_rule = row_str(&r, 10),
			.erased_day = (int32_t)row_int(&r, 11),
		};
		/* Blurred, a photo stands with the entry that blurred it, and is its sender's as before. */
		p->what = p->verb == VERB_blur && row_int(&r, 12) != 0 ? OWN_photo : what_of(p);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

bool own_erasable(const struct ward_case *c, const struct own_part *p)
{
	if (p->erased_day != 0 || c->held_until != 0)
		return false;
	return p->what == OWN_photo || p->what == OWN_place || p->what == OWN_thanks ||
	       (p->what == OWN_words && case_ended_at(c) != 0);
}

/* ---------------------------------------------------------------- erasing */

struct erasing {
	const struct flow *w;
	const struct own_wish *wish;
	struct own_part *parts;
	size_t count, erased;
	unsigned what;                /* of what went */
};

static bool wished(const struct own_wish *wish, const struct own_part *p)
{
	if (p->what != OWN_photo)
		return (wish->what & 1U << p->what) != 0;
	for (size_t i = 0; i < wish->photo_count; i++)
		if (wish->photos[i].seq == p->seq && wish->photos[i].part == p->part)
			return true;
	return false;
}

static enum rc erase_one(struct tx *tx, struct erasing *e, const struct ward_case *c, struct own_part *p,
                         struct fault *f)
{
	struct str rule = STR(ERASED_BY_REPORTER);
	struct str kind = arena_fmt(tx_arena(tx), "%.*s %d.%d", PSTR(p->name), p->seq, p->part);
	enum rc rc = part_erase(tx, e->w, c->id, p->seq, p->part, rule, f);
	if (rc == RC_NONE)
		return RC_OK;
	if (rc == RC_OK)
		rc = deletion_add(tx, e->w, c->id, kind, rule, f);
	if (rc != RC_OK)
		return rc;
	p->erased_day = day_of(tx_now(tx));
	e->erased++;
	e->what |= 1U << p->what;
	return RC_OK;
}

/* What an entry holds of a photo that goes is its hash, by which one could tell it again; so it is with
 * what was shown of the words. */
static enum rc erase_shown(struct tx *tx, struct erasing *e, const struct ward_case *c,
                           const struct own_part *gone, struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < e->count; i++) {
		struct own_part *p = &e->parts[i];
		if (p->what != OWN_shown || p->erased_day != 0)
			continue;
		bool same = gone->what == OWN_photo ? str_is(p->name, "photo") && str_eq(p->body, gone->body)
		                                    : gone->what == OWN_words && str_is(p->name, "public_text");
		if (same)
			rc = erase_one(tx, e, c, p, f);
	}
	return rc;
}

/* "words,photo": what sort of thing went. */
static struct str sorts_of(struct arena *a, unsigned what)
{
	struct buf b = {0};
	for (enum own_what k = OWN_unset + 1; k < OWN_COUNT; k++)
		if ((what & 1U << k) != 0 && k != OWN_shown)
			buf_join(&b, ",", str_of(own_name(k)));
	return arena_take(a, &b);
}

static enum rc write_entry(struct tx *tx, const struct flow *w, struct case_id id, unsigned what,
                           struct fault *f)
{
	struct ward_case before, c;
	struct actor_mark who;
	struct draft d;
	enum rc rc = case_lock(tx, w, id, 0, &before, f);
	if (rc == RC_OK)
		rc = actor_mark(w, NULL, before.unit, &who, f);
	if (rc != RC_OK)
		return rc;
	c = before;
	c.moved_at = tx_now(tx);
	draft_init(&d, tx_arena(tx), 1);
	draft_add(&d, "gone", sorts_of(tx_arena(tx), what), STR("figures"));
	draft_chain(&d, &c, tx_ward(tx), VERB_erase, c.moved_at, &who);
	rc = case_update(tx, w, &before, &c, f);
	return rc == RC_OK ? draft_write(tx, w, &d, &c, VERB_erase, c.moved_at, &who, f) : rc;
}

enum rc own_erase(struct tx *tx, const struct flow *w, struct case_id id, const struct own_wish *wish,
                  size_t *erased, struct fault *f)
{
	struct erasing e = {.w = w, .wish = wish};
	struct ward_case c;
	enum rc rc = case_lock(tx, w, id, 0, &c, f);
	*erased = 0;
	if (rc == RC_OK)
		rc = own_parts(tx, &c, &e.parts, &e.count, f);
	for (size_t i = 0; rc == RC_OK && i < e.count; i++) {
		struct own_part *p = &e.parts[i];
		if (!wished(wish, p) || !own_erasable(&c, p))
			continue;
		rc = erase_shown(tx, &e, &c, p, f);
		if (rc == RC_OK)
			rc = erase_one(tx, &e, &c, p, f);
	}
	if (rc == RC_OK && (e.what & 1U << OWN_words) != 0)
		rc = pending_words_erase(tx, id, f);
	if (rc == RC_OK && e.erased > 0)
		rc = write_entry(tx, w, id, e.what, f);
	*erased = e.erased;
	return rc;
}

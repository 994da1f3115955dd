#include "ward/flow/blur.h"

#include "ward/flow/deletion.h"
#include "ward/flow/erase_private.h"

enum rc blur_check(struct tx *tx, const struct ward_case *c, const struct move *m, struct fault *f)
{
	struct attachment old;
	struct case_id of;
	if (m->photo_count != 1)
		return fault_at(f, RC_INVALID, NULL, 0, "photo", "one photo takes the place of another");
	enum rc rc = case_attachment(tx, m->blurred, &old, &of, f);
	if (rc == RC_NONE || (rc == RC_OK && (of.v != c->id.v || !old.released)))
		return fault_set(f, RC_CHANGED, "the case shows no such photo");
	if (rc == RC_OK && c->held_until != 0)
		rc = fault_set(f, RC_REFUSED, "a legal hold stands on the case");
	return rc;
}

/* Where the photo stands in the timeline: with the entry that it came with, and in the releases that showed it, unless
 * these show the same picture once more, which stays. */
static enum rc places_of(struct tx *tx, struct case_id c, const struct attachment *old,
                         struct part_at **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT p.seq, p.part FROM part p"
		" JOIN timeline t ON t.ward_id = p.ward_id AND t.case_id = p.case_id AND t.seq = p.seq"
		" JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id AND b.seq = p.seq AND b.part = p.part"
		" LEFT JOIN attachment a ON a.ward_id = p.ward_id AND a.id = ?3 AND a.seq = p.seq AND a.part = p.part"
		" WHERE p.ward_id = ?1 AND p.case_id = ?2 AND p.name = 'photo' AND p.erased_day IS NULL"
		" AND (a.id IS NOT NULL OR (t.verb = 'release' AND b.body = ?4 AND NOT EXISTS (SELECT 1 FROM attachment s"
		" WHERE s.ward_id = ?1 AND s.case_id = ?2 AND s.id <> ?3 AND s.hash = ?5 AND s.released = 1)))"
		" ORDER BY p.seq, p.part LIMIT ?6",
		"iitbi", "ii");
	enum { PLACES_MOST = 1000 };
	struct rows r;
	struct str hash = hex_of(tx_arena(tx), hash_str(&old->photo.hash));
	*out = arena_array(tx_arena(tx), PLACES_MOST, sizeof **out);
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c.v), v_int(old->id.v), v_text(hash), v_blob(hash_str(&old->photo.hash)),
	                            v_int(PLACES_MOST)), f);
	while (rc == RC_OK && *count < PLACES_MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = (struct part_at){(int)row_int(&r, 0), (int)row_int(&r, 1)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc take_place(struct tx *tx, const struct ward_case *c, int part, struct attachment_id id,
                          const struct photo *p, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE attachment SET seq = ?3, part = ?4, name = ?5, hash = ?6, width = ?7, height = ?8, size = ?9"
		" WHERE ward_id = ?1 AND id = ?2", "iiitbiii", "");
	return sql_run(tx, &Q,
	               BIND(v_int(id.v), v_int(c->seq), v_int(part), v_text(p->name), v_blob(hash_str(&p->hash)), v_int(p->width),
	                    v_int(p->height), v_int(p->size)),
	               NULL, f);
}

/* The file goes right after the commit, the parts now: all in one new version of the case. */
static enum rc destroy(struct tx *tx, const struct flow *w, struct case_id c, const struct attachment *old,
                       const struct part_at *places, size_t n, struct fault *f)
{
	struct erasing k;
	struct str rule = STR(BLUR_RULE);
	enum rc rc = outbox_put(tx, "net.photo", 0, old->photo.name, old->photo.name, f);
	if (rc == RC_OK)
		rc = erasing_begin(tx, w, c, rule, day_of(tx_now(tx)), &k, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = erasing_part(tx, &k, &places[i], f);
		if (rc == RC_OK)
			rc = deletion_add(tx, w, c, arena_fmt(tx_arena(tx), "photo %d.%d", places[i].seq, places[i].part), rule, f);
	}
	return rc == RC_OK ? erasing_end(tx, &k, f) : rc;
}

enum rc blur_write(struct tx *tx, const struct flow *w, const struct ward_case *c, int part, const struct move *m,
                   struct fault *f)
{
	struct attachment old;
	struct case_id of;
	struct part_at *places;
	size_t n = 0;
	enum rc rc = case_attachment(tx, m->blurred, &old, &of, f);
	if (rc == RC_OK)
		rc = places_of(tx, c->id, &old, &places, &n, f);
	if (rc == RC_OK)
		rc = take_place(tx, c, part, old.id, &m->photos[0], f);
	return rc == RC_OK ? destroy(tx, w, c->id, &old, places, n, f) : rc;
}

enum rc blur_apart(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id id, const struct move *m,
                   struct fault *f)
{
	struct ward_case before, c;
	struct actor_mark mark;
	struct draft d;
	enum rc rc = case_lock(tx, w, id, 0, &before, f);
	if (rc == RC_OK)
		rc = blur_check(tx, &before, m, f);
	if (rc == RC_OK)
		rc = actor_mark(w, who, before.unit, &mark, f);
	if (rc != RC_OK)
		return rc;
	c = before;
	c.moved_at = tx_now(tx);
	draft_init(&d, tx_arena(tx), 1);
	draft_add(&d, "photo", hex_of(tx_arena(tx), hash_str(&m->photos[0].hash)), STR("photo"));
	draft_chain(&d, &c, tx_ward(tx), VERB_blur, c.moved_at, &mark);
	rc = case_update(tx, w, &before, &c, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, &d, &c, VERB_blur, c.moved_at, &mark, f);
	return rc == RC_OK ? blur_write(tx, w, &c, 1, m, f) : rc;
}

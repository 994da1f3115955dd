/* Walks every chain of a ward and says what does not hold. Reads in slices, so that a desk at work
 * is not held up; what came after the walk began is walked too. */
#include <inttypes.h>
#include <stdarg.h>

#include "ward/flow/looks.h"
#include "ward/flow/verify.h"

void verify_fault(struct verify *v, const char *fmt, ...)
{
	char line[300];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	v->out->faults++;
	if (v->say != NULL)
		v->say(v->ctx, line);
}

/* ---------------------------------------------------------------- one slice of cases */

struct chain {                    /* where the walk through a case's entries stands */
	struct case_id id;
	int64_t seq, end_seq;
	struct hash hash, end;
	const struct procedure *procedure;
	const struct step *step;      /* where the entries lead; NULL: the procedure is not known */
	const struct step *closed_from; /* of the last closing: where undoing it leads */
	struct str end_step;
	int64_t end_state;
	bool withheld, end_withheld;
	bool gone;                    /* erased but for the figures: its entries name no account */
};

struct one_entry {
	struct case_id c;
	int64_t seq, at, account, role, unit;
	int key_no;
	struct str verb, pseudonym, hash;
};

struct one_part {
	struct case_id c;
	int64_t seq, part;
	struct str name, commitment, salt, body;
	bool has_body, erased;
};

static void check_part(struct verify *v, const struct one_part *p)
{
	v->out->parts++;
	if (p->erased) {
		v->out->erased++;
		if (p->has_body)
			verify_fault(v, "case %" PRId64 " entry %" PRId64 " part %" PRId64
			                ": marked as erased, but its words are still there",
			             p->c.v, p->seq, p->part);
		return;
	}
	if (!p->has_body || p->salt.n != SALT_SIZE) {
		verify_fault(v, "case %" PRId64 " entry %" PRId64 " part %" PRId64
		                ": gone without a rule",
		             p->c.v, p->seq, p->part);
		return;
	}
	struct hash h = part_commit((const uint8_t *)p->salt.p, p->body);
	if (!str_eq(hash_str(&h), p->commitment))
		verify_fault(v, "case %" PRId64 " entry %" PRId64 " part %" PRId64
		                ": the words are not those that were committed to",
		             p->c.v, p->seq, p->part);
}

static void check_pseudonym(struct verify *v, const struct one_entry *e)
{
	struct hash h;
	int key_no = e->key_no;
	if (key_no == 0 || actor_pseudonym(v->w->keys, (struct account_id){e->account},
	                                   (enum role)e->role, (struct unit_id){e->unit}, &key_no, &h,
	                                   NULL) != RC_OK)
		verify_fault(v, "case %" PRId64 " entry %" PRId64 ": the key of its pseudonym is missing",
		             e->c.v, e->seq);
	else if (!str_eq(hash_str(&h), e->pseudonym))
		verify_fault(v, "case %" PRId64 " entry %" PRId64 ": somebody else is named than acted",
		             e->c.v, e->seq);
}

/* Where the case stands by what was done, not by what its row says. */
static void follow_step(struct chain *at, const struct one_entry *e)
{
	enum verb verb = verb_parse(e->verb);
	if (verb == VERB_withhold || verb == VERB_unwithhold)
		at->withheld = verb == VERB_withhold;
	if (at->step == NULL)
		return;
	bool back = verb == VERB_unclose || verb == VERB_restore ||
	            (verb == VERB_ungather && !state_open(at->step->state));
	if (back && at->closed_from != NULL)
		at->step = at->closed_from;
	if (verb == VERB_close || verb == VERB_clear)
		at->closed_from = at->step;
	if (verb == VERB_unfounded)
		at->step = procedure_withdrawn(at->procedure);
	if (at->step == NULL)
		return;
	enum verb step_verb = verb == VERB_clear ? VERB_close : verb;
	if (verb == VERB_approve || verb == VERB_refuse) {  /* chair and oversight have it in one step */
		const struct move_row *by = step_move(at->step, verb, e->role == ROLE_chair ? MOVER_chair : MOVER_oversight);
		at->step = by != NULL ? procedure_step(at->procedure, by->to) : at->step;
		return;
	}
	const struct move_row *row = verb == VERB_pass_up ? step_move(at->step, verb, MOVER_area_head) : NULL;
	for (enum mover who = MOVER_unit; row == NULL && who <= MOVER_LAST; who++)
		if (at->gone || (who == MOVER_reporter) == (e->account == 0))  /* gone: known by the step alone */
			row = step_move(at->step, step_verb, who);
	if (row != NULL)
		at->step = procedure_step(at->procedure, row->to);
}

static void check_entry(struct verify *v, struct ward_id ward, struct chain *at,
                        const struct one_entry *e, const struct hash *commitments, size_t n)
{
	struct hash pseudonym, stored;
	v->out->entries++;
	if (e->seq != at->seq + 1)
		verify_fault(v, "case %" PRId64 ": entry %" PRId64 " follows entry %" PRId64, e->c.v,
		             e->seq, at->seq);
	if (!at->gone)
		check_pseudonym(v, e);
	if (!hash_from(e->pseudonym, &pseudonym) || !hash_from(e->hash, &stored)) {
		verify_fault(v, "case %" PRId64 " entry %" PRId64 ": a hash is not one", e->c.v, e->seq);
		stored = (struct hash){{0}};
	} else {
		struct hash h = entry_hash(ward, e->c, (int)e->seq, &at->hash, e->verb, e->at, &pseudonym,
		                           commitments, n);
		if (!hash_eq(&h, &stored))
			verify_fault(v, "case %" PRId64 " entry %" PRId64 ": the chain is broken", e->c.v,
			             e->seq);
	}
	follow_step(at, e);
	at->seq = e->seq;
	at->hash = stored;            /* go on from what stands there: one fault, not a hundred */
}

static void check_end(struct verify *v, const struct chain *at)
{
	v->out->cases++;
	if (at->seq != at->end_seq || !hash_eq(&at->hash, &at->end))
		verify_fault(v, "case %" PRId64 ": the chain ends at entry %" PRId64
		                ", the case says %" PRId64,
		             at->id.v, at->seq, at->end_seq);
	if (at->step == NULL || !str_eq(at->step->name, at->end_step))
		verify_fault(v, "case %" PRId64 ": its entries lead to the step %.*s, the case says %.*s",
		             at->id.v, PSTR(at->step != NULL ? at->step->name : STR_EMPTY),
		             PSTR(at->end_step));
	else if (at->end_state != (int64_t)at->step->state)
		verify_fault(v, "case %" PRId64 ": its state is not that of the step %.*s", at->id.v,
		             PSTR(at->end_step));
	if (at->withheld != at->end_withheld)
		verify_fault(v, "case %" PRId64 ": %s though its entries say otherwise", at->id.v,
		             at->end_withheld ? "withheld" : "shown");
}

enum { SLICE = 100, PARTS_MAX = 1024 };

static enum rc read_chains(const struct verify *v, struct tx *tx, int64_t after, struct chain *out, size_t *n,
                           struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, seq, head, procedure_version, step, state, withheld, gone_day FROM ward_case"
		" WHERE ward_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
		"ii", "iibitiiI");
	struct rows r;
	*n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(after), v_int(SLICE)), f);
	while (rc == RC_OK && *n < SLICE && (rc = rows_next(&r, f)) == RC_OK) {
		struct chain *c = &out[(*n)++];
		*c = (struct chain){
			.id = {row_int(&r, 0)},
			.end_seq = row_int(&r, 1),
			.procedure =
				procedure_of_version(v->w->procedures, (struct version_id){row_int(&r, 3)}),
			.end_step = row_str(&r, 4),
			.end_state = row_int(&r, 5),
			.end_withheld = row_int(&r, 6) != 0,
			.gone = !row_null(&r, 7),
		};
		if (c->procedure != NULL && c->procedure->step_count > 0)
			c->step = procedure_begin(c->procedure, false);
		(void)hash_from(row_str(&r, 2), &c->end);
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static bool next_part(struct rows *r, struct one_part *p, enum rc *rc, struct fault *f)
{
	*rc = rows_next(r, f);
	if (*rc != RC_OK)
		return false;
	*p = (struct one_part){
		.c = {row_int(r, 0)},
		.seq = row_int(r, 1),
		.part = row_int(r, 2),
		.commitment = row_str(r, 3),
		.salt = row_str(r, 4),
		.body = row_str(r, 5),
		.has_body = !row_null(r, 4),
		.erased = !row_null(r, 6),
		.name = row_str(r, 7),
	};
	return true;
}

static bool belongs(const struct one_part *p, const struct one_entry *e)
{
	return p->c.v == e->c.v && p->seq == e->seq;
}

static bool part_before(const struct one_part *p, const struct one_entry *e)
{
	return p->c.v < e->c.v || (p->c.v == e->c.v && p->seq < e->seq);
}

/* Entries and parts come in the same order; each entry takes the parts that are its own. */
static enum rc walk_entries(struct verify *v, struct tx *tx, struct chain *chains, size_t n,
                            struct fault *f)
{
	static const struct sql Q_ENTRIES = SQL_WARD(
		"SELECT case_id, seq, at, account_id, role, unit_id, key_no, verb, pseudonym, hash"
		" FROM timeline WHERE ward_id = ?1 AND case_id >= ?2 AND case_id <= ?3"
		" ORDER BY case_id, seq",
		"ii", "iiiIiIitbb");
	static const struct sql Q_PARTS = SQL_WARD(
		"SELECT p.case_id, p.seq, p.part, p.commitment, b.salt, b.body, p.erased_day, p.name FROM part p"
		" LEFT JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id"
		" AND b.seq = p.seq AND b.part = p.part"
		" WHERE p.ward_id = ?1 AND p.case_id >= ?2 AND p.case_id <= ?3"
		" ORDER BY p.case_id, p.seq, p.part",
		"ii", "iiibBTIt");
	struct hash commitments[PARTS_MAX];
	struct rows entries, parts;
	struct one_part p = {0};
	size_t at = 0;
	enum rc part_rc = sql_rows(tx, &Q_PARTS, &parts,
	                           BIND(v_int(chains[0].id.v), v_int(chains[n - 1].id.v)), f);
	enum rc rc = sql_rows(tx, &Q_ENTRIES, &entries,
	                      BIND(v_int(chains[0].id.v), v_int(chains[n - 1].id.v)), f);
	bool have = part_rc == RC_OK && next_part(&parts, &p, &part_rc, f);
	while (rc == RC_OK && part_rc >= RC_OK && (rc = rows_next(&entries, f)) == RC_OK) {
		struct one_entry e = {
			.c = {row_int(&entries, 0)},
			.seq = row_int(&entries, 1),
			.at = row_int(&entries, 2),
			.account = row_int(&entries, 3),
			.role = row_int(&entries, 4),
			.unit = row_int(&entries, 5),
			.key_no = (int)row_int(&entries, 6),
			.verb = row_str(&entries, 7),
			.pseudonym = row_str(&entries, 8),
			.hash = row_str(&entries, 9),
		};
		size_t k = 0;
		bool with_area = false;
		for (; have && (belongs(&p, &e) || part_before(&p, &e));
		     have = next_part(&parts, &p, &part_rc, f)) {
			check_part(v, &p);
			if (part_before(&p, &e))
				verify_fault(v, "case %" PRId64 " entry %" PRId64 ": a part without its entry",
				             p.c.v, p.seq);
			else if (k < PARTS_MAX && hash_from(p.commitment, &commitments[k]))
				k++;
			with_area = with_area || str_is(p.name, "with_area");
		}
		while (at < n && chains[at].id.v < e.c.v)
			at++;
		if (at < n && chains[at].id.v == e.c.v && with_area && e.seq == 1 && chains[at].procedure != NULL)
			chains[at].step = procedure_begin(chains[at].procedure, true);
		if (at < n && chains[at].id.v == e.c.v)
			check_entry(v, tx_ward(tx), &chains[at], &e, commitments, k);
	}
	rows_end(&entries);
	rows_end(&parts);
	if (part_rc < RC_OK)
		return part_rc;
	return rc == RC_NONE ? RC_OK : rc;
}

/* A photo's row holds the hash that its entry committed to. */
static enum rc check_photos(struct verify *v, struct tx *tx, int64_t from, int64_t to,
                            struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT a.case_id, a.seq, a.hash, b.body FROM attachment a LEFT JOIN part_body b"
		" ON b.ward_id = a.ward_id AND b.case_id = a.case_id AND b.seq = a.seq AND b.part = a.part"
		" WHERE a.ward_id = ?1 AND a.case_id >= ?2 AND a.case_id <= ?3 ORDER BY a.case_id, a.id",
		"ii", "iibT");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(from), v_int(to)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		if (!str_eq(hex_of(tx_arena(tx), row_str(&r, 2)), row_str(&r, 3)))
			verify_fault(v, "case %" PRId64 " entry %" PRId64 ": another photo than came with it",
			             row_int(&r, 0), row_int(&r, 1));
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc cases_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct verify *v = ctx;
	struct chain *chains = arena_array(tx_arena(tx), SLICE, sizeof *chains);
	size_t n;
	enum rc rc = read_chains(v, tx, v->after, chains, &n, f);
	if (rc != RC_OK || n == 0) {
		v->more = false;
		return rc;
	}
	rc = walk_entries(v, tx, chains, n, f);
	if (rc == RC_OK)
		rc = check_photos(v, tx, chains[0].id.v, chains[n - 1].id.v, f);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		check_end(v, &chains[i]);
	v->after = chains[n - 1].id.v;
	v->more = n == SLICE;
	return rc;
}

/* ---------------------------------------------------------------- the looks */

/* What was searched for is what was committed to, or gone by rule. */
static void check_words(struct verify *v, const struct look_row *l, struct str salt, bool erased)
{
	if (erased && l->filter.n + salt.n > 0)
		verify_fault(v, "look %" PRId64 ": marked as erased, but its words are still there", l->seq);
	if (erased || !l->committed)
		return;
	struct hash c = salt.n == SALT_SIZE ? part_commit((const uint8_t *)salt.p, l->filter) : (struct hash){{0}};
	if (!hash_eq(&c, &l->commitment))
		verify_fault(v, "look %" PRId64 ": its words are not those that were committed to", l->seq);
}

static enum rc looks_slice(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, at, pseudonym, role, unit_id, what, case_id, filter, number, hash, commitment, salt,"
		" erased_day FROM look WHERE ward_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
		"ii", "iibiItItibBBI");
	struct verify *v = ctx;
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(v->after), v_int(SLICE)), f);
	while (rc == RC_OK && n < SLICE && (rc = rows_next(&r, f)) == RC_OK) {
		struct look_row l = {
			.seq = row_int(&r, 0),
			.at = row_int(&r, 1),
			.role = (enum role)row_int(&r, 3),
			.unit = {row_int(&r, 4)},
			.what = row_str(&r, 5),
			.of = {row_int(&r, 6)},
			.filter = row_str(&r, 7),
			.number = row_int(&r, 8),
			.committed = !row_null(&r, 10),
		};
		struct hash stored = {{0}};
		bool ok = hash_from(row_str(&r, 2), &l.pseudonym) && hash_from(row_str(&r, 9), &stored) &&
		          (!l.committed || hash_from(row_str(&r, 10), &l.commitment));
		struct hash h = look_hash(tx_ward(tx), &l, &v->hash);
		if (l.seq != v->after + 1)
			verify_fault(v, "look %" PRId64 " follows look %" PRId64, l.seq, v->after);
		bool erased = !row_null(&r, 12);
		/* Of one from before there were commitments, whose words are erased, no more than the hash is left. */
		if (!ok || (!hash_eq(&h, &stored) && (l.committed || !erased)))
			verify_fault(v, "look %" PRId64 ": the chain of looks is broken", l.seq);
		else
			check_words(v, &l, row_str(&r, 11), erased);
		v->after = l.seq;
		v->hash = stored;
		v->out->looks++;
		n++;
	}
	rows_end(&r);
	v->more = n == SLICE;
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- the whole */

static enum rc slices(struct verify *v, struct ward_id ward, tx_fn *fn, struct fault *f)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT * 8);
	enum rc rc = RC_OK;
	v->more = true;
	v->after = 0;
	v->hash = (struct hash){{0}};
	while (rc == RC_OK && v->more) {
		arena_reset(&a);
		rc = store_read(v->w->store, ward, &a, fn, v, f);
	}
	arena_release(&a);
	return rc;
}

enum rc flow_verify(const struct flow *w, struct ward_id ward,
                    void (*say)(void *ctx, const char *line), void *ctx,
                    struct verify_report *out, struct fault *f)
{
	*out = (struct verify_report){0};
	struct verify v = {.w = w, .ward = ward, .say = say, .ctx = ctx, .out = out};
	enum rc rc = slices(&v, ward, cases_slice, f);
	if (rc == RC_OK)
		rc = slices(&v, ward, verify_clocks, f);
	if (rc == RC_OK)
		rc = slices(&v, ward, verify_rows, f);
	if (rc == RC_OK)
		rc = slices(&v, ward, looks_slice, f);
	return rc == RC_OK ? slices(&v, ward, verify_heads, f) : rc;
}

enum rc looks_verify(const struct flow *w, struct ward_id ward, void (*say)(void *ctx, const char *line),
                     void *ctx, struct verify_report *out, struct fault *f)
{
	*out = (struct verify_report){0};
	struct verify v = {.w = w, .ward = ward, .say = say, .ctx = ctx, .out = out, .looks_only = true};
	enum rc rc = slices(&v, ward, looks_slice, f);
	if (rc == RC_OK)
		rc = slices(&v, ward, verify_rows, f);
	return rc == RC_OK ? slices(&v, ward, verify_heads, f) : rc;
}

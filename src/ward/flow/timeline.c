/* The chain of a case: entries over commitments, parts with their salts in rows of their own. */
#include "ward/flow/flow_private.h"

/* ---------------------------------------------------------------- hashes */

enum rc actor_pseudonym(struct keys *k, struct account_id account, enum role role,
                        struct unit_id unit, int *key_no, struct hash *out, struct fault *f)
{
	struct key key;
	enum rc rc = *key_no == 0 ? keys_current(k, "actor", key_no, &key, f)
	                          : keys_find(k, "actor", *key_no, &key, f);
	if (rc != RC_OK)
		return rc;
	struct hasher h;
	hasher_init(&h, &key, "xom actor 1");
	hasher_i64(&h, account.v);
	hasher_i64(&h, role);
	hasher_i64(&h, unit.v);
	*out = hasher_end(&h);
	return RC_OK;
}

struct hash part_commit(const uint8_t salt[SALT_SIZE], struct str body)
{
	struct key key = {{0}};
	memcpy(key.b, salt, SALT_SIZE);
	return hash_of(&key, "xom part 1", body);
}

struct hash entry_hash(struct ward_id ward, struct case_id c, int seq, const struct hash *prev,
                       struct str verb, int64_t at, const struct hash *pseudonym,
                       const struct hash *commitments, size_t n)
{
	struct hasher h;
	hasher_init(&h, NULL, "xom timeline 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, c.v);
	hasher_i64(&h, seq);
	hasher_str(&h, hash_str(prev));
	hasher_str(&h, verb);
	hasher_i64(&h, at);
	hasher_str(&h, hash_str(pseudonym));
	for (size_t i = 0; i < n; i++)
		hasher_str(&h, hash_str(&commitments[i]));
	return hasher_end(&h);
}

/* The role in which somebody acts: the one nearest to the case's work. */
static enum role acting_role(uint32_t roles)
{
	static const enum role ORDER[] = {ROLE_police, ROLE_handler, ROLE_area_head, ROLE_area_team, ROLE_member_org,
	                                  ROLE_secretary, ROLE_chair, ROLE_oversight, ROLE_mediator, ROLE_admin};
	for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++)
		if ((roles & ROLE_BIT(ORDER[i])) != 0)
			return ORDER[i];
	return ROLE_anyone;
}

enum rc actor_mark(const struct flow *w, const struct actor *a, struct unit_id at,
                   struct actor_mark *out, struct fault *f)
{
	*out = (struct actor_mark){.by_reporter = a == NULL, .role = ROLE_reporter};
	if (a != NULL) {
		out->account = a->account;
		out->role = acting_role(a->roles);
		if (actor_in_unit(a, at))
			out->unit = at;
		else if (a->unit_count > 0)
			out->unit = a->units[0];
		/* What one has by rule one has as that role, whatever else one is. */
		if (actor_in_office(a, at))
			out->role = (a->roles & ROLE_BIT(ROLE_chair)) != 0 ? ROLE_chair : ROLE_oversight;
	}
	return actor_pseudonym(w->keys, out->account, out->role, out->unit, &out->key_no,
	                       &out->pseudonym, f);
}

/* ---------------------------------------------------------------- writing */

void draft_init(struct draft *d, struct arena *a, size_t max)
{
	*d = (struct draft){.max = max};
	d->parts = arena_array(a, max, sizeof *d->parts);
	d->commitments = arena_array(a, max, sizeof *d->commitments);
	d->salts = arena_array(a, max, sizeof *d->salts);
}

static struct str retention_by_name(struct str name)
{
	if (str_is(name, "photo"))
		return STR("photo");
	if (str_is(name, "place"))
		return STR("place");
	if (str_is(name, "reason"))
		return STR("note");
	if (str_is(name, "kind") || str_is(name, "unit") || str_is(name, "outcome") || str_is(name, "case"))
		return STR("figures");
	return STR("text");
}

void draft_add(struct draft *d, const char *name, struct str body, struct str retention)
{
	if (d->count == d->max)
		BUG("more parts than the draft has room for");
	size_t i = d->count++;
	struct str n = str_of(name);
	d->parts[i] = (struct part){n, body, retention.n > 0 ? retention : retention_by_name(n)};
	random_bytes(d->salts[i], SALT_SIZE);
	d->commitments[i] = part_commit(d->salts[i], body);
}

void draft_chain(struct draft *d, struct ward_case *c, struct ward_id ward, enum verb verb,
                 int64_t at, const struct actor_mark *who)
{
	c->seq++;
	c->head = entry_hash(ward, c->id, c->seq, &c->head, str_of(verb_name(verb)), at,
	                     &who->pseudonym, d->commitments, d->count);
}

static const struct retention_row *retention_of(const struct procedure *p, struct str part)
{
	for (size_t i = 0; p != NULL && i < p->retention_count; i++)
		if (str_eq(p->retention[i].part, part))
			return &p->retention[i];
	return NULL;
}

/* Until when parts of the rule are kept; 0: it is not reckoned yet, the case is open, or a legal hold
 * stands on it, so that nothing of it is found by what is due. */
static enum rc last_day(const struct flow *w, const struct ward_case *c, struct str rule, int32_t *out,
                        struct fault *f)
{
	*out = 0;
	if (case_ended_at(c) == 0 || c->held_until != 0)
		return RC_OK;
	if (retention_day(w, rule, case_ended_at(c), out, f) != RC_OK)
		return fault_set(f, RC_FAIL, "no due day by the rule %.*s", PSTR(rule));
	return RC_OK;
}

static enum rc write_part(struct tx *tx, const struct flow *w, const struct ward_case *c,
                          const struct draft *d, size_t i, int64_t at, struct fault *f)
{
	static const struct sql Q_PART = SQL_WARD(
		"INSERT INTO part (ward_id, case_id, seq, part, name, retention, rule, due_day, commitment)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		"iiitttIb", "");
	static const struct sql Q_BODY = SQL_WARD(
		"INSERT INTO part_body (ward_id, case_id, seq, part, salt, body)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		"iiibt", "");
	const struct part *p = &d->parts[i];
	/* The present version protects; what it does not name is kept as the promised one says. */
	const struct retention_row *row = retention_of(case_present(w, c, at), p->retention);
	if (row == NULL)
		row = retention_of(c->procedure, p->retention);
	if (row == NULL)
		return fault_set(f, RC_INVALID, "the procedure %.*s keeps no %.*s", PSTR(c->kind),
		                 PSTR(p->retention));
	int32_t due;
	enum rc rc = last_day(w, c, row->rule, &due, f);
	if (rc != RC_OK)
		return rc;
	int64_t part = (int64_t)i + 1;
	rc = sql_run(tx, &Q_PART,
	                     BIND(v_int(c->id.v), v_int(c->seq), v_int(part), v_text(p->name),
	                          v_text(p->retention), v_text(row->rule), v_int0(due),
	                          v_blob(hash_str(&d->commitments[i]))),
	                     NULL, f);
	if (rc != RC_OK)
		return rc;
	return sql_run(tx, &Q_BODY,
	               BIND(v_int(c->id.v), v_int(c->seq), v_int(part),
	                    v_blob(str_n((const char *)d->salts[i], SALT_SIZE)), v_text(p->body)),
	               NULL, f);
}

enum rc draft_write(struct tx *tx, const struct flow *w, const struct draft *d,
                    const struct ward_case *c, enum verb verb, int64_t at,
                    const struct actor_mark *who, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO timeline (ward_id, case_id, seq, verb, at, account_id, by_reporter, role,"
		" unit_id, pseudonym, key_no, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
		" ?12)",
		"iitiIiiIbib", "");
	enum rc rc = sql_run(
		tx, &Q,
		BIND(v_int(c->id.v), v_int(c->seq), v_text(str_of(verb_name(verb))), v_int(at),
	         v_int0(who->account.v), v_int(who->by_reporter), v_int(who->role),
	         v_int0(who->unit.v), v_blob(hash_str(&who->pseudonym)), v_int(who->key_no),
	         v_blob(hash_str(&c->head))),
		NULL, f);
	for (size_t i = 0; i < d->count && rc == RC_OK; i++)
		rc = write_part(tx, w, c, d, i, at, f);
	return rc == RC_OK && w->moved != NULL ? w->moved(tx, w, c, verb, who->by_reporter, NULL, f) : rc;
}

struct kept {
	struct str retention, rule;
};

/* The present version protects (procedure.h): where it keeps a sort of parts for a shorter time than the one
 * that they were written by, it counts. */
static enum rc shorter(const struct flow *w, const struct ward_case *c, int64_t now, struct kept *k,
                       int32_t *due, struct fault *f)
{
	int32_t other;
	const struct retention_row *row = retention_of(case_present(w, c, now), k->retention);
	enum rc rc = last_day(w, c, k->rule, due, f);
	if (rc != RC_OK || *due == 0 || row == NULL || str_eq(row->rule, k->rule))
		return rc;
	rc = last_day(w, c, row->rule, &other, f);
	if (rc == RC_OK && other < *due) {
		k->rule = row->rule;
		*due = other;
	}
	return rc;
}

enum rc timeline_due(struct tx *tx, const struct flow *w, const struct ward_case *c,
                     struct fault *f)
{
	static const struct sql Q_RULES = SQL_WARD(
		"SELECT DISTINCT retention, rule FROM part WHERE ward_id = ?1 AND case_id = ?2"
		" AND erased_day IS NULL ORDER BY retention, rule", "i", "tt");
	static const struct sql Q_SET = SQL_WARD(
		"UPDATE part SET due_day = ?5, rule = ?6 WHERE ward_id = ?1 AND case_id = ?2 AND retention = ?3"
		" AND rule = ?4 AND erased_day IS NULL", "ittIt", "");
	enum { RULES_MAX = 64 };
	struct kept kept[RULES_MAX];
	size_t n = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q_RULES, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && n < RULES_MAX && (rc = rows_next(&r, f)) == RC_OK)
		kept[n++] = (struct kept){row_str(&r, 0), row_str(&r, 1)};
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; i < n && rc == RC_OK; i++) {
		int32_t due;
		struct str was = kept[i].rule;
		rc = shorter(w, c, tx_now(tx), &kept[i], &due, f);
		if (rc == RC_OK)
			rc = sql_run(tx, &Q_SET,
			             BIND(v_int(c->id.v), v_text(kept[i].retention), v_text(was), v_int0(due),
			                  v_text(kept[i].rule)),
			             NULL, f);
	}
	return rc;
}

/* ---------------------------------------------------------------- reading */

static enum rc read_entries(struct tx *tx, const struct ward_case *c, struct entry *e, size_t max,
                            struct unit_id *units, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, verb, at, account_id, by_reporter, role, unit_id FROM timeline"
		" WHERE ward_id = ?1 AND case_id = ?2 ORDER BY seq",
		"i", "itiIiiI");
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && *count < max && (rc = rows_next(&r, f)) == RC_OK) {
		enum role role = (enum role)row_int(&r, 5);
		units[*count] = (struct unit_id){row_int(&r, 6)};
		e[(*count)++] = (struct entry){
			.seq = (int)row_int(&r, 0),
			.verb = verb_parse(row_str(&r, 1)),
			.at = row_int(&r, 2),
			.account = {row_int(&r, 3)},
			.by_reporter = row_int(&r, 4) != 0,
			.role = str_of(role_name(role)),
		};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_parts(struct tx *tx, const struct ward_case *c, struct entry *e, size_t n,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT p.seq, p.name, b.body, p.erased_rule, p.erased_day FROM part p"
		" LEFT JOIN part_body b ON b.ward_id = p.ward_id AND b.case_id = p.case_id"
		" AND b.seq = p.seq AND b.part = p.part"
		" WHERE p.ward_id = ?1 AND p.case_id = ?2 ORDER BY p.seq, p.part",
		"i", "itTTI");
	enum { PARTS_START = 8 };
	size_t at = 0, room = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		int seq = (int)row_int(&r, 0);
		while (at < n && e[at].seq < seq) {
			at++;
			room = 0;
		}
		if (at == n || e[at].seq != seq)
			continue;
		struct entry *to = &e[at];
		if (to->part_count == room) {
			struct entry_part *old = to->parts;
			room = room == 0 ? PARTS_START : room * 2;
			to->parts = arena_array(tx_arena(tx), room, sizeof *to->parts);
			if (to->part_count > 0)
				memcpy(to->parts, old, to->part_count * sizeof *old);
		}
		to->parts[to->part_count++] = (struct entry_part){
			.name = row_str(&r, 1),
			.body = row_str(&r, 2),
			.erased_rule = row_str(&r, 3),
			.erased_day = (int32_t)row_int(&r, 4),
		};
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Names of the few people and units of a timeline; each is read once. */
static enum rc name_actors(struct tx *tx, struct entry *e, const struct unit_id *units, size_t n,
                           struct fault *f)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (e[k].account.v == e[i].account.v)
				e[i].actor_name = e[k].actor_name;
			if (units[k].v == units[i].v)
				e[i].unit = e[k].unit;
		}
		enum rc rc = RC_OK;
		if (e[i].account.v != 0 && e[i].actor_name.p == NULL) {
			struct account account;
			rc = account_get(tx, e[i].account, &account, f);
			if (rc == RC_OK)
				e[i].actor_name = account.name;
		}
		if (rc >= RC_OK && units[i].v != 0 && e[i].unit.p == NULL) {
			struct unit unit;
			rc = unit_get(tx, units[i], &unit, f);
			if (rc == RC_OK)
				e[i].unit = unit.name;
		}
		if (rc < RC_OK)
			return rc;
	}
	return RC_OK;
}

enum rc case_timeline(struct tx *tx, const struct flow *w, const struct ward_case *c,
                      struct entry **out, size_t *count, struct fault *f)
{
	(void)w;
	size_t max = c->seq > 0 ? (size_t)c->seq : 1;
	struct entry *e = arena_array(tx_arena(tx), max, sizeof *e);
	struct unit_id *units = arena_array(tx_arena(tx), max, sizeof *units);
	size_t n = 0;
	enum rc rc = read_entries(tx, c, e, max, units, &n, f);
	if (rc == RC_OK)
		rc = read_parts(tx, c, e, n, f);
	if (rc == RC_OK)
		rc = name_actors(tx, e, units, n, f);
	*out = e;
	*count = n;
	return rc;
}

enum rc timeline_verbs_of(struct tx *tx, struct account_id account, uint64_t *verbs,
                          struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT DISTINCT verb FROM timeline WHERE ward_id = ?1 AND account_id = ?2 ORDER BY verb", "i",
		"t");
	struct rows r;
	*verbs = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(account.v)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		*verbs |= UINT64_C(1) << verb_parse(row_str(&r, 0));
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

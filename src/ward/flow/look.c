/* Looks (RIGHTS.md promise 9): who opened, searched, listed or downloaded what, when; chained. */
#include "ward/flow/flow_private.h"
#include "ward/flow/looks.h"

const char *const LOOK_KINDS[] = {"case", "photo", "search", "list", "csv", "json", "xlsx", "paper", "shift",
                                  "ics", "letter", "looks", "redress", "find", "folded", "agency", "given", "hold", NULL};

bool look_kind_known(struct str name)
{
	for (size_t i = 0; LOOK_KINDS[i] != NULL; i++)
		if (str_is(name, LOOK_KINDS[i]))
			return true;
	return false;
}

void look_mark(struct str pseudonym, char out[9])
{
	static const char HEX[] = "0123456789abcdef";
	for (size_t i = 0; i < 4; i++) {
		uint8_t b = i < pseudonym.n ? (uint8_t)pseudonym.p[i] : 0;
		out[2 * i] = HEX[b >> 4];
		out[2 * i + 1] = HEX[b & 15];
	}
	out[8] = '\0';
}

struct hash look_hash(struct ward_id ward, const struct look_row *l, const struct hash *prev)
{
	struct hasher h;
	hasher_init(&h, NULL, l->committed ? "xom look 2" : "xom look 1");
	hasher_i64(&h, ward.v);
	hasher_i64(&h, l->seq);
	hasher_str(&h, hash_str(prev));
	hasher_i64(&h, l->at);
	hasher_str(&h, hash_str(&l->pseudonym));
	hasher_i64(&h, l->role);
	hasher_i64(&h, l->unit.v);
	hasher_str(&h, l->what);
	hasher_i64(&h, l->of.v);
	hasher_str(&h, l->committed ? hash_str(&l->commitment) : l->filter);
	hasher_i64(&h, l->number);
	return hasher_end(&h);
}

/* The end of the ward's chain before `before`: seq 0 and zeros when there is no look yet. */
enum rc look_end(struct tx *tx, int64_t before, int64_t *seq, struct hash *end, struct fault *f)
{
	/* From the chain's end backwards: what is asked for is the last one, or not far from it. Without the +
	 * the index by time would be taken, and all looks before be sorted for each new one. */
	static const struct sql Q = SQL_WARD(
		"SELECT seq, hash FROM look WHERE ward_id = ?1 AND +at < ?2 ORDER BY seq DESC LIMIT 1", "i",
		"ib");
	struct rows r;
	*seq = 0;
	*end = (struct hash){{0}};
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(before)), f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	*seq = row_int(&r, 0);
	bool ok = hash_from(row_str(&r, 1), end);
	rows_end(&r);
	return ok ? RC_OK : fault_set(f, RC_CORRUPT, "the last look's hash is not one");
}

struct look_work {
	const struct flow *w;
	const struct actor *who;
	struct look_row row;
};

static enum rc unit_of_case(struct tx *tx, struct case_id of, struct unit_id *out, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT unit_id FROM ward_case WHERE ward_id = ?1 AND id = ?2", "i", "i");
	struct rows r;
	*out = (struct unit_id){0};
	if (of.v == 0)
		return RC_OK;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(of.v)), f);
	if (rc != RC_OK)
		return rc;
	out->v = row_int(&r, 0);
	rows_end(&r);
	return RC_OK;
}

static enum rc look_insert(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO look (ward_id, seq, at, pseudonym, key_no, role, unit_id, what, case_id,"
		" filter, number, hash, commitment, salt)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
		"iibiiItItibbb", "");
	struct look_work *k = ctx;
	struct look_row l = k->row;
	uint8_t salt[SALT_SIZE];
	struct hash prev;
	struct unit_id unit;
	struct actor_mark who;
	enum rc rc = unit_of_case(tx, l.of, &unit, f);
	if (rc == RC_OK)
		rc = actor_mark(k->w, k->who, unit, &who, f);
	if (rc == RC_OK)
		rc = look_end(tx, INT64_MAX, &l.seq, &prev, f);
	if (rc != RC_OK)
		return rc;
	l.seq++;
	l.at = tx_now(tx);
	l.pseudonym = who.pseudonym;
	l.role = who.role;
	l.unit = who.unit;
	random_bytes(salt, sizeof salt);
	l.committed = true;
	l.commitment = part_commit(salt, l.filter);
	struct hash hash = look_hash(tx_ward(tx), &l, &prev);
	return sql_run(tx, &Q,
	               BIND(v_int(l.seq), v_int(l.at), v_blob(hash_str(&l.pseudonym)),
	                    v_int(who.key_no), v_int(l.role), v_int0(l.unit.v), v_text(l.what),
	                    v_int0(l.of.v), v_text(l.filter), v_int(l.number), v_blob(hash_str(&hash)),
	                    v_blob(hash_str(&l.commitment)), v_blob(str_n((const char *)salt, sizeof salt))),
	               NULL, f);
}

static enum rc work_of(const struct flow *w, struct ward_id ward, const struct actor *who, const char *what,
                       struct case_id of, struct str filter, int64_t number, struct look_work *out, struct fault *f)
{
	if (!look_kind_known(str_of(what)))
		BUG("there is no look at \"%s\"", what);
	if (who == NULL || who->account.v == 0 || who->ward.v != ward.v)
		return fault_set(f, RC_DENIED, "a look needs somebody signed in to this ward");
	*out = (struct look_work){w, who, {.what = str_of(what), .of = of,
	                                   .filter = filter.p != NULL ? filter : STR_EMPTY, .number = number}};
	return RC_OK;
}

enum rc look_write(const struct flow *w, struct arena *a, const struct ward *ward,
                   const struct actor *who, const char *what, struct case_id of,
                   struct str filter, int64_t number, struct fault *f)
{
	struct look_work k;
	enum rc rc = work_of(w, ward->id, who, what, of, filter, number, &k, f);
	if (rc == RC_OK)
		rc = store_write(w->store, ward->id, a, look_insert, &k, f);
	return rc == RC_EXISTS ? RC_AGAIN : rc;  /* another server took the same number */
}

enum rc look_add(struct tx *tx, const struct flow *w, const struct actor *who, const char *what, struct case_id of,
                 struct str filter, int64_t number, struct fault *f)
{
	struct look_work k;
	enum rc rc = work_of(w, tx_ward(tx), who, what, of, filter, number, &k, f);
	if (rc == RC_OK)
		rc = look_insert(tx, &k, f);
	return rc == RC_EXISTS ? RC_AGAIN : rc;
}

enum rc look_of_case(struct tx *tx, struct case_id c, struct look_day **out, size_t *count,
                     struct fault *f)
{
	/* Days as day_of has them: 25,200 s is the ward's zone. That it was given to an agency is told when the agency's
	 * request is: not while a dated order forbids it (agency.h). */
	static const struct sql Q = SQL_WARD(
		"SELECT (l.at + 25200000000) / 86400000000 AS look_day, l.role, l.unit_id FROM look l"
		" WHERE l.ward_id = ?1 AND l.case_id = ?2 AND NOT (l.what = 'given' AND EXISTS (SELECT 1 FROM agency_given g"
		" JOIN agency_scope s ON s.ward_id = g.ward_id AND s.case_id = g.case_id AND s.n = g.n"
		" WHERE g.ward_id = l.ward_id AND g.given_at = l.at AND s.about_id = l.case_id AND s.told_at IS NULL))"
		" GROUP BY look_day, l.role, l.unit_id"
		" ORDER BY look_day DESC, l.role, l.unit_id NULLS FIRST LIMIT ?3",
		"ii", "iiI");
	enum { LOOKS_SHOWN = 200 };
	struct unit_id *units = arena_array(tx_arena(tx), LOOKS_SHOWN, sizeof *units);
	*out = arena_array(tx_arena(tx), LOOKS_SHOWN, sizeof **out);
	*count = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c.v), v_int(LOOKS_SHOWN)), f);
	while (rc == RC_OK && *count < LOOKS_SHOWN && (rc = rows_next(&r, f)) == RC_OK) {
		units[*count] = (struct unit_id){row_int(&r, 2)};
		(*out)[(*count)++] = (struct look_day){
			.day = (int32_t)row_int(&r, 0),
			.role = str_of(role_name((enum role)row_int(&r, 1))),
		};
	}
	rows_end(&r);
	for (size_t i = 0; rc >= RC_OK && i < *count; i++) {
		struct unit unit;
		if (units[i].v == 0)
			continue;
		rc = unit_get(tx, units[i], &unit, f);
		if (rc == RC_OK)
			(*out)[i].unit = unit.name;
	}
	return rc < RC_OK ? rc : RC_OK;
}

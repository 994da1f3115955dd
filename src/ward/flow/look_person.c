/* One mark a person. The rows hold a pseudonym for each role and unit in which somebody looked; read side by side they
 * would look like several people. Whose a pseudonym is can be found with the key alone, by trying the ward's accounts;
 * nothing of it is kept, and no name leaves this file. */
#include "ward/flow/flow_private.h"
#include "ward/flow/looks.h"

enum { ACCOUNTS_MOST = 5000 };

/* A row of either list. */
struct who {
	enum role role;
	struct unit_id unit;
	struct str pseudonym;
	char *mark;
};

/* Whoever has, or ever had, a role here: nobody else looks. */
static enum rc read_accounts(struct tx *tx, int64_t **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD("SELECT DISTINCT account_id FROM role_held WHERE ward_id = ?1 ORDER BY account_id LIMIT ?2", "i", "i");
	struct rows r;
	*out = arena_array(tx_arena(tx), ACCOUNTS_MOST, sizeof **out);
	*count = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(ACCOUNTS_MOST)), f);
	while (rc == RC_OK && *count < ACCOUNTS_MOST && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = row_int(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* Marks all rows of this role and unit that are the account's, by one of its keys. */
static enum rc mark_rows(const struct flow *w, struct account_id account, int key_no, struct who *all, size_t n,
                         size_t first, struct fault *f)
{
	struct hash own, person;
	int present = 0;
	enum rc rc = actor_pseudonym(w->keys, account, all[first].role, all[first].unit, &key_no, &own, f);
	for (size_t i = first; rc == RC_OK && i < n; i++) {
		if (all[i].role != all[first].role || all[i].unit.v != all[first].unit.v ||
		    !str_eq(all[i].pseudonym, hash_str(&own)))
			continue;
		/* The person's, in no role and no unit: by the present key, so that it is the same for old rows. */
		rc = actor_pseudonym(w->keys, account, ROLE_unset, (struct unit_id){0}, &present, &person, f);
		if (rc == RC_OK)
			look_mark(hash_str(&person), all[i].mark);
	}
	return rc;
}

static bool is_first(const struct who *all, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (all[i].role == all[at].role && all[i].unit.v == all[at].unit.v)
			return false;
	return true;
}

static enum rc mark_all(struct tx *tx, const struct flow *w, struct who *all, size_t n, struct fault *f)
{
	int64_t *accounts;
	size_t count;
	int newest = 0;
	struct hash any;
	enum rc rc = read_accounts(tx, &accounts, &count, f);
	if (rc == RC_OK)
		rc = actor_pseudonym(w->keys, (struct account_id){0}, ROLE_unset, (struct unit_id){0}, &newest, &any, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (!is_first(all, i))
			continue;
		for (int key = newest; rc == RC_OK && key > 0; key--)
			for (size_t a = 0; rc == RC_OK && a < count; a++)
				rc = mark_rows(w, (struct account_id){accounts[a]}, key, all, n, i, f);
	}
	return rc;
}

enum rc look_marks(struct tx *tx, const struct flow *w, struct look_page *page, struct look_fact *facts, size_t fact_count,
                   struct fault *f)
{
	size_t n = 0;
	struct who *all = arena_array(tx_arena(tx), page->count + fact_count + 1, sizeof *all);
	for (size_t i = 0; i < page->count; i++)
		all[n++] = (struct who){page->lines[i].role, page->lines[i].unit, page->lines[i].pseudonym, page->lines[i].mark};
	for (size_t i = 0; i < fact_count; i++)
		all[n++] = (struct who){facts[i].role, facts[i].unit, facts[i].pseudonym, facts[i].mark};
	return n > 0 ? mark_all(tx, w, all, n, f) : RC_OK;
}

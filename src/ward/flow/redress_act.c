/* What oversight's decision on a request does to the matter, and to the request (redress.h). */
#include <inttypes.h>

#include "ward/flow/blur.h"
#include "ward/flow/deletion.h"
#include "ward/flow/redress_private.h"

/* ---------------------------------------------------------------- erasing */

/* Officers' steps that wait, and what was given back to them: they may quote the words. */
static enum rc drop_waiting(struct tx *tx, struct case_id c, struct fault *f)
{
	static const struct sql Q_PHOTOS = SQL_WARD(
		"DELETE FROM pending_photo WHERE ward_id = ?1 AND pending_id IN"
		" (SELECT id FROM pending_move WHERE ward_id = ?1 AND case_id = ?2)", "i", "");
	static const struct sql Q = SQL_WARD("DELETE FROM pending_move WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	enum rc rc = sql_run(tx, &Q_PHOTOS, BIND(v_int(c.v)), NULL, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(c.v)), NULL, f) : rc;
}

/* Words and photos, or all but the figures; each with its line in the deletion list. */
static enum rc erase_parts(struct tx *tx, const struct flow *w, struct case_id c, bool all, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT seq, part, name FROM part WHERE ward_id = ?1 AND case_id = ?2 AND erased_day IS NULL"
		" AND retention <> 'figures' AND (?3 = 1 OR retention = 'text' OR retention = 'photo')"
		" ORDER BY seq, part LIMIT ?4", "iii", "iit");
	enum { PARTS_MOST = 2000 };
	struct one {
		int seq, part;
		struct str name;
	} *parts = arena_array(tx_arena(tx), PARTS_MOST, sizeof *parts);
	size_t n = 0;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(c.v), v_int(all ? 1 : 0), v_int(PARTS_MOST)), f);
	while (rc == RC_OK && n < PARTS_MOST && (rc = rows_next(&r, f)) == RC_OK)
		parts[n++] = (struct one){(int)row_int(&r, 0), (int)row_int(&r, 1), row_str(&r, 2)};
	rows_end(&r);
	rc = rc == RC_NONE ? RC_OK : rc;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = part_erase(tx, w, c, parts[i].seq, parts[i].part, STR(REDRESS_RULE), f);
		if (rc == RC_OK)
			rc = deletion_add(tx, w, c, arena_fmt(tx_arena(tx), "%.*s %d.%d", PSTR(parts[i].name), parts[i].seq,
			                                      parts[i].part), STR(REDRESS_RULE), f);
	}
	return rc == RC_OK ? drop_waiting(tx, c, f) : rc;
}

enum rc redress_removed(struct tx *tx, struct case_id c, bool *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM part WHERE ward_id = ?1 AND case_id = ?2 AND erased_rule = ?3", "it", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v), v_text(STR(REDRESS_RULE))), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) > 0;
	rows_end(&r);
	return RC_OK;
}

/* The same of what follows it: they told of the same. RC_LIMIT. */
static enum rc erase_followers(struct tx *tx, const struct flow *w, struct case_id lead, bool all, int depth,
                               int *left, struct fault *f)
{
	enum { DEPTH_MOST = 4 };
	struct ward_case *list = arena_array(tx_arena(tx), FOLLOWERS_SHOWN, sizeof *list);
	size_t n = 0;
	bool more = false;
	enum rc rc = case_followers(tx, w, lead, list, &n, &more, f);
	if (rc == RC_OK && (more || (*left -= (int)n) < 0 || (n > 0 && depth == DEPTH_MOST)))
		return fault_set(f, RC_LIMIT, "more than %d reports follow it", REDRESS_FOLLOWERS);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = erase_parts(tx, w, list[i].id, all, f);
		if (rc == RC_OK)
			rc = erase_followers(tx, w, list[i].id, all, depth + 1, left, f);
	}
	return rc;
}

/* ---------------------------------------------------------------- the matter */

/* A report found wrong counts as withdrawn, whatever had become of it. */
static void withdraw(const struct flow *w, struct arena *a, struct ward_case *c, const struct actor_mark *who)
{
	const struct step *to = procedure_withdrawn(c->procedure);
	if (state_open(c->state)) {
		clock_go(a, c, 0, c->moved_at);
		case_due(w, a, c);                     /* what waited waits no more: the date it ends with */
		c->ended_due_at = c->due_at;
		c->closed_at = c->moved_at;
		c->closed_by = who->account;
		c->closed_from = c->step;
	}
	if (to != NULL) {                          /* each procedure has one: an open step can be withdrawn */
		c->step = to->name;
		c->state = to->state;
	}
	c->outcome = STR("unfounded");
	case_due(w, a, c);
}

static enum rc write_it(struct tx *tx, const struct flow *w, const struct ward_case *before, struct ward_case *c,
                        enum verb verb, struct draft *d, const struct actor_mark *who, struct fault *f)
{
	draft_chain(d, c, tx_ward(tx), verb, c->moved_at, who);
	enum rc rc = case_update(tx, w, before, c, f);
	if (rc == RC_OK)
		rc = draft_write(tx, w, d, c, verb, c->moved_at, who, f);
	if (rc == RC_OK)
		rc = clock_write(tx, before, c, f);
	if (rc == RC_OK && before->closed_at != c->closed_at)
		rc = timeline_due(tx, w, c, f);
	if (rc == RC_OK && state_open(before->state) != state_open(c->state) && c->more > 0)
		rc = followers_put(tx, c, f);
	return rc == RC_OK ? search_case(tx, w, before, c, NULL, f) : rc;
}

static enum rc check_kept(struct tx *tx, const struct ward_case *c, const struct redress_answer *answer,
                          struct fault *f)
{
	struct attachment *all;
	size_t n;
	enum rc rc = case_attachments(tx, c, &all, &n, f);
	for (size_t i = 0; rc == RC_OK && i < answer->keep_count; i++) {
		bool own = false;
		for (size_t k = 0; k < n; k++)
			own = own || (all[k].id.v == answer->keep[i].v && all[k].released);
		if (!own)
			rc = fault_at(f, RC_INVALID, NULL, 0, "keep", "a photo to keep is not one that is shown");
	}
	return rc;
}

/* The correction takes the place of what was released; where nobody else can read the matter it stands on it
 * as a note. */
static enum rc correct(struct tx *tx, struct ward_case *c, const struct redress_answer *answer, struct draft *d,
                       struct fault *f)
{
	bool words = answer->correction.n > 0; /* none: but for the photo that was blurred it was right */
	if (!c->listed) {
		if (words)
			draft_add(d, "reason", answer->correction, STR("note"));
		return RC_OK;
	}
	enum rc rc = check_kept(tx, c, answer, f);
	if (rc != RC_OK)
		return rc;
	if (words) {
		c->released_text = answer->correction;
		c->why_late = STR_EMPTY;
		draft_add(d, "public_text", answer->correction, STR("text"));
	}
	return attachment_release(tx, c, answer->keep, answer->keep_count, f);
}

static enum rc act(struct tx *tx, const struct flow *w, const struct actor *actor, struct case_id about,
                   const struct redress_answer *answer, struct fault *f)
{
	enum { OWN_PARTS = 3 };
	struct ward_case before, c;
	struct actor_mark who;
	struct draft d;
	bool unfounded = str_is(answer->result, "unfounded"), erased = unfounded || str_is(answer->result, "removed");
	int left = REDRESS_FOLLOWERS;
	enum rc rc = RC_OK;
	if (erased)
		rc = erase_parts(tx, w, about, unfounded, f);
	if (rc == RC_OK && erased)
		rc = erase_followers(tx, w, about, unfounded, 0, &left, f);
	if (rc == RC_OK)
		rc = case_lock(tx, w, about, 0, &before, f);
	if (rc == RC_OK)
		rc = actor_mark(w, actor, before.unit, &who, f);
	if (rc != RC_OK)
		return rc;
	c = before;
	c.moved_at = tx_now(tx);
	draft_init(&d, tx_arena(tx), OWN_PARTS);
	draft_add(&d, "outcome", answer->result, STR("figures"));
	if (erased) {                          /* nothing of it is left to be found or shown */
		c.released_text = STR_EMPTY;
		c.why_late = STR_EMPTY;
		rc = attachment_release(tx, &c, NULL, 0, f);
	} else
		rc = correct(tx, &c, answer, &d, f);
	if (unfounded)
		c.flood = (struct flood_id){0};    /* what it was found to be is told of it alone */
	if (unfounded)
		withdraw(w, tx_arena(tx), &c, &who);
	return rc == RC_OK ? write_it(tx, w, &before, &c, unfounded ? VERB_unfounded : VERB_redress, &d, &who, f) : rc;
}

/* ---------------------------------------------------------------- the decision */

/* Is there somebody else who holds oversight today? */
static enum rc others_hold(struct tx *tx, struct account_id than, bool *out, struct fault *f)
{
	struct account *all;
	size_t n = 0;
	enum rc rc = role_accounts(tx, ROLE_oversight, &all, &n, f);
	*out = false;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		*out = *out || all[i].id.v != than.v;
	return rc;
}

/* Did this account blur a photo of the matter since it opened it at this stage of the request? */
static enum rc blurred(struct tx *tx, const struct redress *k, struct account_id who, bool *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT COUNT(*) FROM timeline t JOIN redress_look l ON l.ward_id = t.ward_id AND l.about_id = t.case_id"
		" AND l.account_id = t.account_id WHERE t.ward_id = ?1 AND t.case_id = ?2 AND t.verb = 'blur'"
		" AND t.account_id = ?3 AND l.case_id = ?4 AND l.stage = ?5 AND t.at >= l.opened_at", "iiii", "i");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(k->about.v), v_int(who.v), v_int(k->of.v), v_int(k->appeal)), f);
	if (rc != RC_OK)
		return rc;
	*out = row_int(&r, 0) > 0;
	rows_end(&r);
	return RC_OK;
}

static enum rc check(struct tx *tx, const struct redress *k, const struct actor *who,
                     const struct redress_answer *answer, struct fault *f)
{
	bool acts = !str_is(answer->result, "not_upheld"), looked = false, others = false, blur = false;
	if (!redress_result(answer->result))
		return fault_at(f, RC_INVALID, NULL, 0, "result", "there is no result %.*s", PSTR(answer->result));
	if (answer->words.n == 0)
		return fault_at(f, RC_INVALID, NULL, 0, "words", "who asked gets an answer in words");
	enum rc rc = RC_OK;
	if (str_is(answer->result, "corrected") && answer->correction.n == 0)
		rc = blurred(tx, k, who->account, &blur, f);
	if (rc == RC_OK && str_is(answer->result, "corrected") && answer->correction.n == 0 && !blur)
		return fault_at(f, RC_INVALID, NULL, 0, "correction", "what is to stand there instead?");
	if (k->appeal && k->by.v == who->account.v)
		rc = others_hold(tx, who->account, &others, f);
	if (rc == RC_OK && others)
		return fault_at(f, RC_DENIED, NULL, 0, "appeal", "an appeal is decided by another one");
	if (rc == RC_OK && acts && k->about.v != 0)
		rc = redress_looked(tx, k, who->account, k->about, &looked, f);
	if (rc == RC_OK && acts && !looked)
		return fault_at(f, RC_INVALID, NULL, 0, "look", "nothing is changed that was not looked at");
	return rc;
}

/* Which of the matters that were opened it is about; it is the request's from now on. */
static enum rc choose(struct tx *tx, struct redress *k, const struct actor *who, struct case_id about, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE redress SET about_id = ?3 WHERE ward_id = ?1 AND case_id = ?2", "ii", "");
	bool looked = false;
	if (about.v == 0 || about.v == k->about.v)
		return RC_OK;
	enum rc rc = redress_looked(tx, k, who->account, about, &looked, f);
	if (rc == RC_OK && !looked)
		return fault_at(f, RC_INVALID, NULL, 0, "look", "it is none that was opened for this request");
	if (rc == RC_OK)
		rc = sql_run(tx, &Q, BIND(v_int(k->of.v), v_int(about.v)), NULL, f);
	k->about = about;
	return rc;
}

static enum rc note_result(struct tx *tx, const struct redress *k, const struct actor *who, struct str result,
                           struct fault *f)
{
	static const struct sql Q_FIRST = SQL_WARD(
		"UPDATE redress SET result = ?3, decided_by = ?4, decided_at = ?5 WHERE ward_id = ?1 AND case_id = ?2",
		"itii", "");
	static const struct sql Q_APPEAL = SQL_WARD(
		"UPDATE redress SET appeal_result = ?3, appeal_by = ?4, appeal_at = ?5"
		" WHERE ward_id = ?1 AND case_id = ?2", "itii", "");
	return sql_run(tx, k->appeal ? &Q_APPEAL : &Q_FIRST,
	               BIND(v_int(k->of.v), v_text(result), v_int(who->account.v), v_int(tx_now(tx))), NULL, f);
}

enum rc redress_blur(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                     struct case_id about, const struct move *m, struct fault *f)
{
	struct ward_case c;
	struct redress_opening opened[REDRESS_LOOKS];
	size_t n = 0;
	bool open = false;
	enum rc rc = case_get(tx, w, request, &c, f);
	if (rc == RC_OK && (!actor_may(who, PERM_oversight) || !case_handled_by(&c, who)))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = redress_openings(tx, who, &c, opened, &n, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		open = open || (opened[i].open && opened[i].about.v == about.v);
	if (rc == RC_OK && !open)
		rc = RC_NONE;
	return rc == RC_OK ? blur_apart(tx, w, who, about, m, f) : rc;
}

enum rc redress_decide(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                       struct ward_case *request, const struct redress_answer *answer, struct fault *f)
{
	struct redress k;
	struct part parts[] = {{STR("result"), answer->words, STR("text")}};
	const struct move m = {.verb = VERB_close, .actor = who, .expected_version = answer->version, .parts = parts,
	                       .part_count = 1, .outcome = answer->result};
	enum rc rc = case_get(tx, w, request->id, request, f);
	if (rc == RC_OK && (!actor_may(who, PERM_oversight) || !case_handled_by(request, who)))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = redress_get(tx, request, &k, f);
	if (rc == RC_OK)
		rc = choose(tx, &k, who, answer->about, f);
	if (rc == RC_OK)
		rc = check(tx, &k, who, answer, f);
	/* The request first: a second press finds it changed, and nothing is done twice. */
	if (rc == RC_OK)
		rc = case_move(tx, w, ward, request, &m, f);
	if (rc == RC_OK && !str_is(answer->result, "not_upheld"))
		rc = act(tx, w, who, k.about, answer, f);
	return rc == RC_OK ? note_result(tx, &k, who, answer->result, f) : rc;
}

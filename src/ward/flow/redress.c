/* Requests of whom a report is about: opening, finding, looking (redress.h). What a decision does to the matter
 * stands in redress_act.c. */
#include "ward/flow/redress.h"

#include <sodium.h>

#include "ward/flow/redress_private.h"

const struct schema_step REDRESS_SCHEMA[] = {
	{"redress-0001",
	 "-- What a request of the kind \"redress\" asks about, how it was found, and what came of it. how: redress.h;\n"
	 "-- about_id: the matter, NULL: not known. area_id, from_day, until_day: of the last search.\n"
	 "CREATE TABLE redress (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  how @int NOT NULL,\n"
	 "  about_id @id,\n"
	 "  searches @int NOT NULL DEFAULT 0,\n"
	 "  area_id @id REFERENCES area (id),\n"
	 "  from_day @day,\n"
	 "  until_day @day,\n"
	 "  result @text NOT NULL DEFAULT '',\n"
	 "  decided_by @id REFERENCES account (id),\n"
	 "  decided_at @time,\n"
	 "  appeal_result @text NOT NULL DEFAULT '',\n"
	 "  appeal_by @id REFERENCES account (id),\n"
	 "  appeal_at @time,\n"
	 "  PRIMARY KEY (ward_id, case_id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id),\n"
	 "  FOREIGN KEY (ward_id, about_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"
	 "-- How many were decided in a period: acts of oversight, counted exactly.\n"
	 "CREATE INDEX redress_decided ON redress (ward_id, decided_at, result) WHERE decided_at IS NOT NULL;\n"
	 "CREATE INDEX redress_appeal ON redress (ward_id, appeal_at, appeal_result) WHERE appeal_at IS NOT NULL;\n"
	 "-- Which matter was opened for a request, by whom, when; stage 1: on its appeal.\n"
	 "CREATE TABLE redress_look (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  stage @int NOT NULL,\n"
	 "  about_id @id NOT NULL,\n"
	 "  account_id @id NOT NULL REFERENCES account (id),\n"
	 "  opened_at @time NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, case_id, stage, about_id, account_id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES redress (ward_id, case_id),\n"
	 "  FOREIGN KEY (ward_id, about_id) REFERENCES ward_case (ward_id, id)\n"
	 ") @no_rowid;\n"
	 "-- A printed card for whoever is visited because of a report: its code opens a request about that case and\n"
	 "-- tells nothing of it.\n"
	 "CREATE TABLE redress_card (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  code @text NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  account_id @id NOT NULL REFERENCES account (id),\n"
	 "  PRIMARY KEY (ward_id, code),\n"
	 "  UNIQUE (ward_id, case_id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"
	 "-- \"Withdrawn, unfounded\" as a figure of its own.\n"
	 "CREATE INDEX ward_case_unfounded ON ward_case (ward_id, received_at, kind, area_id)\n"
	 "  WHERE outcome = 'unfounded' AND listed = 1 AND withheld = 0;\n"},
	{0},
};

const char *const REDRESS_RESULTS[REDRESS_RESULT_COUNT] = {"corrected", "removed", "unfounded", "not_upheld"};

bool redress_result(struct str name)
{
	for (size_t i = 0; i < REDRESS_RESULT_COUNT; i++)
		if (str_is(name, REDRESS_RESULTS[i]))
			return true;
	return false;
}

const struct procedure *redress_kind(const struct flow *w, struct ward_id ward, int32_t day)
{
	const struct procedure *p = procedure_of_kind(w->procedures, STR(REDRESS_KIND), day);
	int32_t from = procedure_withdrawn_from(w->procedures, ward, STR(REDRESS_KIND));
	return p != NULL && p->oversight && (from == 0 || day < from) ? p : NULL;
}

enum rc redress_receiver(struct tx *tx, struct fault *f)
{
	enum role role;
	return receiver_role(tx, &(struct subject){.what = SUBJECT_redress}, &role, f);
}

/* ---------------------------------------------------------------- opening, reading */

enum rc redress_open(struct tx *tx, const struct flow *w, const struct ward *ward,
                     const struct case_new *n, enum redress_how how, struct case_id about,
                     struct ward_case *c, struct receipt *receipt, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO redress (ward_id, case_id, how, about_id) VALUES (?1, ?2, ?3, ?4)", "iiI", "");
	enum rc rc = case_open(tx, w, ward, n, c, receipt, f);
	return rc == RC_OK ? sql_run(tx, &Q, BIND(v_int(c->id.v), v_int(how), v_int0(about.v)), NULL, f) : rc;
}

/* The stage at which the request stands: after it was reopened, its appeal. */
static bool at_appeal(const struct ward_case *c, struct str first)
{
	return first.n > 0 && (state_open(c->state) || str_is(c->closed_from, REDRESS_APPEALED));
}

enum rc redress_get(struct tx *tx, const struct ward_case *c, struct redress *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT how, about_id, searches, area_id, from_day, until_day, result, decided_by FROM redress"
		" WHERE ward_id = ?1 AND case_id = ?2", "i", "iIiIIItI");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c->id.v)), f);
	if (rc != RC_OK)
		return rc;
	*out = (struct redress){.of = c->id, .about = {row_int(&r, 1)}, .how = (enum redress_how)row_int(&r, 0),
	                        .area = {row_int(&r, 3)}, .from = (int32_t)row_int(&r, 4),
	                        .until = (int32_t)row_int(&r, 5), .result = row_str(&r, 6), .by = {row_int(&r, 7)}};
	int used = (int)row_int(&r, 2);
	rows_end(&r);
	out->appeal = at_appeal(c, out->result);
	out->searches = (out->appeal ? 2 : 1) * REDRESS_SEARCHES - used;
	if (out->searches > REDRESS_SEARCHES)
		out->searches = REDRESS_SEARCHES;
	return RC_OK;
}

bool redress_named(const struct redress *r)
{
	return r->how != REDRESS_by_place || (r->appeal && r->about.v != 0);
}

enum rc redress_list(struct tx *tx, bool open, size_t limit, struct case_row **out, size_t *count,
                     struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id, code, step, state, received_at, due_at, closed_at, outcome FROM ward_case"
		" WHERE ward_id = ?1 AND unit_id = ?2 AND open = ?3 ORDER BY sort_at, id LIMIT ?4",
		"iii", "ittiiIIt");
	struct unit_id office;
	struct rows r;
	*out = arena_array(tx_arena(tx), limit, sizeof **out);
	*count = 0;
	enum rc rc = office_find(tx, ROLE_oversight, &(struct subject){.what = SUBJECT_redress}, &office, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	rc = sql_rows(tx, &Q, &r, BIND(v_int(office.v), v_int(open ? 1 : 0), v_int((int64_t)limit)), f);
	while (rc == RC_OK && *count < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct case_row *c = &(*out)[(*count)++];
		*c = (struct case_row){.id = {row_int(&r, 0)}, .step = row_str(&r, 2), .state = (enum state)row_int(&r, 3),
		                       .received_at = row_int(&r, 4), .due_at = row_int(&r, 5),
		                       .closed_at = row_int(&r, 6), .outcome = row_str(&r, 7), .kind = STR(REDRESS_KIND)};
		(void)snprintf(c->code, sizeof c->code, "%.*s", PSTR(row_str(&r, 1)));
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The open request, under its lock, worked by this actor. */
static enum rc take(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                    struct ward_case *c, struct redress *out, struct fault *f)
{
	enum rc rc = case_hold(tx, w, request, c, f);
	if (rc == RC_OK && (!actor_may(who, PERM_oversight) || !case_handled_by(c, who) || !state_open(c->state)))
		rc = fault_set(f, RC_DENIED, "the request is not open, or not this actor's");
	return rc == RC_OK ? redress_get(tx, c, out, f) : rc;
}

/* ---------------------------------------------------------------- finding */

/* A matter about somebody who works here, and what oversight itself has, is found by nobody. */
static bool may_be_about(const struct ward_case *c)
{
	return !procedure_by_rule(c->procedure);
}

static enum rc note_search(struct tx *tx, const struct redress *r, struct area_id area, int32_t from,
                           int32_t until, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE redress SET searches = CASE WHEN ?6 > searches THEN ?6 ELSE searches END + 1, area_id = ?3,"
		" from_day = ?4, until_day = ?5 WHERE ward_id = ?1 AND case_id = ?2", "iIiii", "");
	int before = r->appeal ? REDRESS_SEARCHES : 0;
	return sql_run(tx, &Q, BIND(v_int(r->of.v), v_int0(area.v), v_int(from), v_int(until), v_int(before)), NULL, f);
}

enum rc redress_find(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                     struct area_id area, int32_t from, int32_t until, struct case_row **out,
                     size_t *count, bool *more, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM ward_case WHERE ward_id = ?1 AND received_at >= ?2 AND received_at < ?3"
		" AND COALESCE(area_id, 0) = ?4 AND open < 2 ORDER BY received_at DESC, id DESC LIMIT ?5", "iiii", "i");
	enum { READ_MOST = REDRESS_FOUND * 4 };
	struct ward_case c;
	struct redress k;
	int64_t ids[READ_MOST];
	size_t n = 0;
	struct rows r;
	*count = 0;
	*more = false;
	*out = arena_array(tx_arena(tx), REDRESS_FOUND, sizeof **out);
	enum rc rc = take(tx, w, who, request, &c, &k, f);
	if (rc != RC_OK)
		return rc;
	if (from > until || until - from >= REDRESS_DAYS || until > day_of(tx_now(tx)))
		return fault_at(f, RC_INVALID, NULL, 0, "days", "one to %d days that have come", REDRESS_DAYS);
	if (k.how != REDRESS_by_place || k.searches <= 0)
		return fault_set(f, RC_LIMIT, "no search is left for this request");
	rc = note_search(tx, &k, area, from, until, f);
	if (rc == RC_OK)
		rc = sql_rows(tx, &Q, &r, BIND(v_int(day_start(from)), v_int(day_start(until + 1)), v_int(area.v),
		                               v_int(READ_MOST)), f);
	if (rc != RC_OK)
		return rc;
	while (n < READ_MOST && (rc = rows_next(&r, f)) == RC_OK)
		ids[n++] = row_int(&r, 0);
	rows_end(&r);
	*more = n == READ_MOST;
	for (size_t i = 0; rc >= RC_OK && i < n && !*more; i++) {
		struct ward_case found;
		rc = case_get(tx, w, (struct case_id){ids[i]}, &found, f);
		if (rc != RC_OK || !may_be_about(&found))
			continue;
		*more = *count == REDRESS_FOUND;
		if (!*more)
			(*out)[(*count)++] = (struct case_row){.id = found.id, .kind = found.kind, .state = found.state,
				.area = found.place.area, .cell = found.place.cell, .received_at = found.received_at,
				.street = found.place.street, .reports = case_reports(&found), .code = ""};
	}
	if (*more)
		*count = 0;
	return rc >= RC_OK ? RC_OK : rc;
}

/* Is it one that the request's last search found? */
static bool was_found(const struct redress *k, const struct ward_case *c)
{
	int32_t day = day_of(c->received_at);
	return k->from != 0 && c->place.area.v == k->area.v && day >= k->from && day <= k->until &&
	       c->lead.v == 0 && may_be_about(c);
}

/* ---------------------------------------------------------------- looking */

static enum rc looks_of(struct tx *tx, const struct redress *k, struct account_id who, struct case_id about,
                        bool *before, int *others, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT about_id FROM redress_look WHERE ward_id = ?1 AND case_id = ?2 AND stage = ?3"
		" AND account_id = ?4 ORDER BY about_id", "iii", "i");
	struct rows r;
	*before = false;
	*others = 0;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(k->of.v), v_int(k->appeal), v_int(who.v)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		bool same = row_int(&r, 0) == about.v;
		*before = *before || same;
		*others += !same;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc redress_looked(struct tx *tx, const struct redress *k, struct account_id who, struct case_id about,
                       bool *out, struct fault *f)
{
	int others;
	return looks_of(tx, k, who, about, out, &others, f);
}

enum rc redress_look(struct tx *tx, const struct flow *w, const struct actor *who, struct case_id request,
                     struct case_id about, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO redress_look (ward_id, case_id, stage, about_id, account_id, opened_at)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "iiiii", "");
	static const struct sql Q_ABOUT = SQL_WARD(
		"UPDATE redress SET about_id = ?3 WHERE ward_id = ?1 AND case_id = ?2", "ii", "");
	struct ward_case c, it;
	struct redress k;
	bool before;
	int others;
	enum rc rc = take(tx, w, who, request, &c, &k, f);
	if (rc == RC_OK && about.v == 0)
		about = k.about;
	if (rc == RC_OK)
		rc = about.v != 0 ? case_get(tx, w, about, &it, f) : RC_NONE;
	if (rc == RC_OK && about.v != k.about.v && (k.how != REDRESS_by_place || !was_found(&k, &it)))
		rc = RC_NONE;
	if (rc == RC_OK)
		rc = looks_of(tx, &k, who->account, about, &before, &others, f);
	if (rc != RC_OK)
		return rc;
	if (before || others >= REDRESS_LOOKS)
		return fault_set(f, RC_LIMIT, "it was looked at for this request");
	rc = sql_run(tx, &Q, BIND(v_int(k.of.v), v_int(k.appeal), v_int(about.v), v_int(who->account.v),
	                          v_int(tx_now(tx))), NULL, f);
	return rc == RC_OK ? sql_run(tx, &Q_ABOUT, BIND(v_int(k.of.v), v_int(about.v)), NULL, f) : rc;
}

enum rc redress_openings(struct tx *tx, const struct actor *who, const struct ward_case *request,
                         struct redress_opening *out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT about_id, opened_at FROM redress_look WHERE ward_id = ?1 AND case_id = ?2 AND stage = ?3"
		" AND account_id = ?4 ORDER BY opened_at, about_id LIMIT ?5", "iiii", "ii");
	struct redress k;
	struct rows r;
	*count = 0;
	enum rc rc = redress_get(tx, request, &k, f);
	if (rc == RC_OK)
		rc = sql_rows(tx, &Q, &r, BIND(v_int(k.of.v), v_int(k.appeal), v_int(who->account.v), v_int(REDRESS_LOOKS)), f);
	if (rc != RC_OK)
		return rc;
	while (*count < REDRESS_LOOKS && (rc = rows_next(&r, f)) == RC_OK) {
		struct redress_opening *o = &out[(*count)++];
		*o = (struct redress_opening){.about = {row_int(&r, 0)}, .until = row_int(&r, 1) + REDRESS_LOOK_US};
		o->open = state_open(request->state) && tx_now(tx) < o->until;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* ---------------------------------------------------------------- cards */

enum { CARD_SYMBOLS = 8, CARD_TRIES = 5 };

static enum rc card_of(struct tx *tx, struct case_id c, struct str *code, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT code FROM redress_card WHERE ward_id = ?1 AND case_id = ?2", "i", "t");
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_int(c.v)), f);
	if (rc == RC_OK) {
		*code = row_str(&r, 0);
		rows_end(&r);
	}
	return rc;
}

enum rc redress_card_of(struct tx *tx, const struct ward_case *c, struct str *code, struct fault *f)
{
	return card_of(tx, c->top != NULL ? c->top->id : c->id, code, f);
}

enum rc redress_card(struct tx *tx, const struct flow *w, const struct ward_case *c, const struct actor *who,
                     struct str *code, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO redress_card (ward_id, code, case_id, made_at, account_id) VALUES (?1, ?2, ?3, ?4, ?5)",
		"tiii", "");
	struct case_id about = c->top != NULL ? c->top->id : c->id;
	char s[CARD_SYMBOLS + 1] = {0};
	(void)w;
	if (!case_handled_by(c, who) || !may_be_about(c))
		return fault_set(f, RC_DENIED, "no card for this case by this actor");
	enum rc rc = card_of(tx, about, code, f);
	for (int i = 0; i < CARD_TRIES && (rc == RC_NONE || rc == RC_EXISTS); i++) {
		for (int k = 0; k < CARD_SYMBOLS; k++)
			s[k] = CODE_ALPHABET[randombytes_uniform(sizeof CODE_ALPHABET - 1)];
		*code = arena_copy(tx_arena(tx), str_of(s));
		rc = sql_run(tx, &Q, BIND(v_text(*code), v_int(about.v), v_int(tx_now(tx)), v_int(who->account.v)),
		             NULL, f);
	}
	return rc == RC_EXISTS ? fault_set(f, RC_FAIL, "no free code was found") : rc;
}

enum rc redress_card_case(struct tx *tx, struct str typed, struct case_id *out, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT case_id FROM redress_card WHERE ward_id = ?1 AND code = ?2", "t", "i");
	char code[9];                     /* eight symbols of the same alphabet, mistyped in the same ways as a PIN */
	struct rows r;
	_Static_assert(sizeof code == CARD_SYMBOLS + 1, "as long as pin_read gives");
	if (pin_read(typed, code) != RC_OK)
		return RC_NONE;
	enum rc rc = sql_one(tx, &Q, &r, BIND(v_text(str_of(code))), f);
	if (rc == RC_OK) {
		out->v = row_int(&r, 0);
		rows_end(&r);
	}
	return rc;
}

/* ---------------------------------------------------------------- figures */

static enum rc add_results(struct tx *tx, const struct sql *q, int64_t from, int64_t to, int64_t *sum,
                           struct redress_figures *out, struct fault *f)
{
	struct rows r;
	enum rc rc = sql_rows(tx, q, &r, BIND(v_int(from), v_int(to)), f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK)
		for (size_t i = 0; i < REDRESS_RESULT_COUNT; i++)
			if (str_is(row_str(&r, 0), REDRESS_RESULTS[i])) {
				out->results[i] += row_int(&r, 1);
				if (sum != NULL)
					*sum += row_int(&r, 1);
			}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc redress_figures(struct tx *tx, int32_t from, int32_t to, struct redress_figures *out, struct fault *f)
{
	static const struct sql Q_NEW = SQL_WARD(
		"SELECT COUNT(*) FROM redress WHERE ward_id = ?1 AND case_id > ?2 AND case_id <= ?3", "ii", "i");
	static const struct sql Q_FIRST = SQL_WARD(
		"SELECT result, COUNT(*) FROM redress WHERE ward_id = ?1 AND decided_at >= ?2 AND decided_at < ?3"
		" GROUP BY result ORDER BY result", "ii", "ti");
	static const struct sql Q_APPEAL = SQL_WARD(
		"SELECT appeal_result, COUNT(*) FROM redress WHERE ward_id = ?1 AND appeal_at >= ?2 AND appeal_at < ?3"
		" GROUP BY appeal_result ORDER BY appeal_result", "ii", "ti");
	int64_t begin = day_start(from), end = day_start(to);
	struct rows r;
	*out = (struct redress_figures){0};
	enum rc rc = sql_one(tx, &Q_NEW, &r, BIND(v_int(id_floor(begin)), v_int(id_floor(end))), f);
	if (rc != RC_OK)
		return rc;
	out->received = row_int(&r, 0);
	rows_end(&r);
	rc = add_results(tx, &Q_FIRST, begin, end, NULL, out, f);
	return rc == RC_OK ? add_results(tx, &Q_APPEAL, begin, end, &out->appeals, out, f) : rc;
}

#include "ward/forget.h"
#include "ward/guess.h"

#include "kit/base/log.h"

/* ---------------------------------------------------------------- by night */

enum { SLICE = 20 };

/* What the night erases, by kind. Each: which cases have one that is past its last day, and erasing
 * it with its line in the list. */
static const struct erasable {
	const char *kind, *rule;
	enum rc (*due)(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count,
	               struct fault *f);
	enum rc (*erase)(struct tx *tx, const struct flow *w, struct case_id c, struct str rule,
	                 struct fault *f);
} KINDS[] = {
	{CONTACT_KIND, CONTACT_RULE, contact_due, contact_erase},
};
enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

struct night {
	const struct flow *w;
	const struct erasable *kind;
	size_t erased;
	int64_t links;
};

static enum rc erase_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct night *n = ctx;
	struct case_id due[SLICE];
	n->erased = 0;
	enum rc rc = n->kind->due(tx, day_of(tx_now(tx)), SLICE, due, &n->erased, f);
	for (size_t i = 0; rc == RC_OK && i < n->erased; i++)
		rc = n->kind->erase(tx, n->w, due[i], str_of(n->kind->rule), f);
	return rc;
}

static enum rc sweep_slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct night *n = ctx;
	return mail_link_sweep(tx, SLICE, &n->links, f);
}

static enum rc forget(struct app *app, struct arena *a, const struct job *job, struct fault *f)
{
	struct night n = {.w = &app->flow};
	enum rc rc = RC_OK;
	(void)a;
	struct arena slice;
	arena_init(&slice, ARENA_REQUEST_LIMIT);
	for (size_t k = 0; rc == RC_OK && k < KIND_COUNT; k++) {
		n.kind = &KINDS[k];
		do {
			arena_reset(&slice);
			rc = store_write(app->store, job->ward, &slice, erase_slice, &n, f);
		} while (rc == RC_OK && n.erased == SLICE);
	}
	do {
		arena_reset(&slice);
		if (rc == RC_OK)
			rc = store_write(app->store, job->ward, &slice, sweep_slice, &n, f);
	} while (rc == RC_OK && n.links == SLICE);
	if (rc == RC_OK)
		rc = guess_forget(app->store, job->ward, &slice, f);
	arena_release(&slice);
	return rc == RC_OK ? deletions_flush(&app->flow, job->ward, f) : rc;
}

const struct job_kind FORGET_JOBS[] = {
	{.name = "keep.erase",
	 .run = forget,
	 .attempts = 20,
	 .lease_us = US_HOUR,
	 .every_us = US_DAY,
	 .at_us = 2 * US_HOUR,
	 .help = "erases what is past its last day, and signs the list of it"},
	{0},
};

/* ---------------------------------------------------------------- again */

struct again {
	const struct flow *w;
	struct deletion line;
	int64_t last;
};

static enum rc last_line(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q =
		SQL_WARD("SELECT COUNT(*), MAX(n) FROM deletion WHERE ward_id = ?1", "", "iI");
	struct again *k = ctx;
	struct rows r;
	enum rc rc = sql_one(tx, &Q, &r, NO_BIND, f);
	if (rc == RC_OK) {
		k->last = row_int(&r, 1);
		rows_end(&r);
	}
	return rc;
}

/* "text 1.1": entry and part. */
static bool read_part(struct str kind, int *seq, int *part)
{
	int64_t s, p;
	(void)str_cut(&kind, ' ');
	if (kind.p == NULL)
		return false;
	struct str first = str_cut(&kind, '.');
	if (kind.p == NULL || !str_i64(first, &s) || !str_i64(kind, &p) || s < 1 || s > INT32_MAX ||
	    p < 1 || p > INT32_MAX)
		return false;
	*seq = (int)s;
	*part = (int)p;
	return true;
}

/* As it was erased the first time, without a new line for it: the line is the one that is taken. A
 * case that the older copy does not have has nothing to erase. */
static enum rc erase_again(struct tx *tx, const struct again *k, struct fault *f)
{
	static const struct sql Q_CONTACT =
		SQL_WARD("DELETE FROM contact WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	static const struct sql Q_LINKS =
		SQL_WARD("DELETE FROM mail_link WHERE ward_id = ?1 AND case_id = ?2", "i", "");
	struct case_id c;
	int seq, part;
	enum rc rc = receipt_case_ever(tx, k->line.code, &c, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	if (str_is(k->line.kind, CONTACT_KIND)) {
		rc = sql_run(tx, &Q_LINKS, BIND(v_int(c.v)), NULL, f);
		return rc == RC_OK ? sql_run(tx, &Q_CONTACT, BIND(v_int(c.v)), NULL, f) : rc;
	}
	if (!read_part(k->line.kind, &seq, &part))
		return fault_set(f, RC_CORRUPT, "deletion %lld: this program knows no %.*s",
		                 (long long)k->line.n, PSTR(k->line.kind));
	rc = part_erase(tx, k->w, c, seq, part, k->line.rule, f);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc take_line(struct tx *tx, void *ctx, struct fault *f)
{
	const struct again *k = ctx;
	enum rc rc = deletion_take(tx, k->w, &k->line, f);
	return rc == RC_OK ? erase_again(tx, k, f) : rc;
}

enum rc deletions_apply(const struct flow *w, struct ward_id ward, int64_t *applied,
                        struct fault *f)
{
	struct again k = {.w = w};
	struct deletion_file *file;
	struct arena a;
	*applied = 0;
	enum rc rc = deletion_file_open(&file, w->deletions, ward, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? RC_OK : rc;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	rc = store_read(w->store, ward, &a, last_line, &k, f);
	while (rc == RC_OK) {
		arena_reset(&a);
		rc = deletion_file_next(file, &a, &k.line, f);
		if (rc != RC_OK || k.line.n <= k.last)
			continue;
		rc = store_write(w->store, ward, &a, take_line, &k, f);
		if (rc == RC_OK)
			(*applied)++;
	}
	arena_release(&a);
	deletion_file_close(file);
	if (*applied > 0)
		flow_changed(ward);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc deletions_catch_up(struct app *app, struct fault *f)
{
	enum { WARDS_MAX = 4096 };
	const struct ward **wards = calloc(WARDS_MAX, sizeof *wards);
	if (wards == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the wards");
	size_t n = ward_all(app->places, wards, WARDS_MAX);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		int64_t applied;
		rc = deletions_apply(&app->flow, wards[i]->id, &applied, f);
		if (rc == RC_OK && applied > 0)
			log_info("forget", "%.*s: the database was an older copy; %lld deletions are done again",
			         PSTR(wards[i]->slug), (long long)applied);
		if (rc == RC_OK)
			rc = deletions_flush(&app->flow, wards[i]->id, f);
	}
	free(wards);
	return rc;
}

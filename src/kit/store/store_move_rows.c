/* The tables in the order in which they can be filled, and their rows: copied, compared. */
#include "kit/store/move_impl.h"

#include <string.h>

enum { SLICE_BYTES = 8 << 20, TICK_BYTES = 256 << 10 };

static const struct store_key *primary(const struct store_table *t)
{
	for (size_t k = 0; k < t->key_count; k++)
		if (t->keys[k].kind == KEY_PRIMARY)
			return &t->keys[k];
	return NULL;
}

/* The names a table's foreign keys point at are all in the list, or its own. */
static bool ready(const struct store_table *t, const struct move_table *list, size_t n)
{
	for (size_t k = 0; k < t->key_count; k++) {
		struct str to = t->keys[k].to_table;
		if (t->keys[k].kind != KEY_FOREIGN || str_eq(to, t->name))
			continue;
		size_t i = 0;
		while (i < n && !str_eq(list[i].name, to))
			i++;
		if (i == n)
			return false;
	}
	return true;
}

static enum rc make_table(struct arena *a, const struct store_table *t, struct move_table *out,
                          struct fault *f)
{
	const struct store_key *p = primary(t);
	if (p == NULL)
		return fault_set(f, RC_DB, "table %.*s has no primary key", PSTR(t->name));
	*out = (struct move_table){.name = t->name, .columns = t->columns, .types = t->types,
	                           .column_count = t->column_count,
	                           .key = arena_array(a, p->column_count, sizeof *out->key)};
	for (size_t k = 0; k < p->column_count; k++)
		for (size_t i = 0; i < t->column_count; i++)
			if (str_eq(t->columns[i], p->columns[k]))
				out->key[out->key_count++] = i;
	for (size_t k = 0; k < t->key_count; k++)
		out->whole |= t->keys[k].kind == KEY_FOREIGN && str_eq(t->keys[k].to_table, t->name);
	return RC_OK;
}

static void make_scope(struct arena *a, const char *scope, struct move_table *out)
{
	static const char *const names[] = {"ward_id", "id", "words"};
	*out = (struct move_table){.name = arena_fmt(a, "fts_%s", scope), .scope = scope, .types = "iit",
	                           .columns = arena_array(a, 3, sizeof *out->columns), .column_count = 3,
	                           .key = arena_array(a, 1, sizeof *out->key), .key_count = 1};
	for (size_t i = 0; i < 3; i++)
		out->columns[i] = str_of(names[i]);
	out->key[0] = 1;
}

enum rc move_tables(struct store *s, struct move_side *from, struct arena *a, struct move_table **out,
                    size_t *count, struct fault *f)
{
	struct store_table *all;
	const char **scopes;
	size_t n, scope_n = 0, last;
	*count = 0;
	enum rc rc = store_schema(s, a, &all, &n, f);
	if (rc == RC_OK)
		rc = from->m->scopes(from, a, &scopes, &scope_n, f);
	if (rc != RC_OK)
		return rc;
	*out = arena_array(a, n + scope_n + 1, sizeof **out);
	bool *taken = arena_array(a, n + 1, sizeof *taken);
	do { /* in the order of their names, as soon as what they point at is there */
		last = *count;
		for (size_t i = 0; i < n && rc == RC_OK; i++)
			if (!taken[i] && !all[i].internal && ready(&all[i], *out, *count)) {
				rc = make_table(a, &all[i], &(*out)[(*count)++], f);
				taken[i] = true;
			}
	} while (rc == RC_OK && *count > last);
	for (size_t i = 0; i < n && rc == RC_OK; i++)
		if (!taken[i] && !all[i].internal)
			rc = fault_set(f, RC_DB, "the tables' foreign keys go round in a circle, with %.*s",
			               PSTR(all[i].name));
	for (size_t i = 0; i < scope_n; i++)
		make_scope(a, scopes[i], &(*out)[(*count)++]);
	return rc;
}

static bool tick(struct move_job *job, const struct move_table *t, bool slice)
{
	return job->tick == NULL || job->tick(job->ctx, job, t, slice);
}

/* Rows from the one that was read last, in one transaction; *rc is RC_OK when more may follow. */
static enum rc copy_slice(struct move_job *job, const struct move_table *t, struct str row,
                          struct buf *key, struct fault *f)
{
	int64_t n = 0;
	size_t bytes = 0, since = 0;
	bool go_on = true;
	enum rc rc = job->to->m->slice(job->to, t, f);
	while (rc == RC_OK) {
		rc = job->to->m->put(job->to, t, row, f);
		if (rc != RC_OK)
			break;
		n++;
		bytes += row.n;
		since += row.n;
		if (since > TICK_BYTES) {
			since = 0;
			go_on = tick(job, t, false);
		}
		if (job->mark != NULL)
			move_key(t, row, key);
		if (!go_on || (!t->whole && (n >= job->slice || bytes >= SLICE_BYTES)))
			break;
		rc = job->from->m->next(job->from, &row, f);
	}
	if (!go_on)
		rc = fault_set(f, RC_TIMEOUT, "the copy was stopped");
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	if (job->mark != NULL) {
		job->mark->place = t->name;
		job->mark->key = buf_str(key);
		job->mark->copied += n;
	}
	enum rc kept = job->to->m->commit(job->to, job->mark, f);
	if (kept != RC_OK)
		return kept;
	job->done += n;
	return tick(job, t, true) ? rc : fault_set(f, RC_TIMEOUT, "the copy was stopped");
}

enum rc move_copy(struct move_job *job, const struct move_table *t, struct str after, struct fault *f)
{
	struct buf key = {0};
	struct str row;
	struct fault why = {0};
	enum rc rc = job->from->m->read(job->from, t, after, &why);
	while (rc == RC_OK && (rc = job->from->m->next(job->from, &row, &why)) == RC_OK)
		rc = copy_slice(job, t, row, &key, &why);
	job->from->m->end(job->from);
	if (rc != RC_NONE)
		job->to->m->abandon(job->to);
	buf_release(&key);
	return rc == RC_NONE ? RC_OK : fault_set(f, rc, "table %.*s: %s", PSTR(t->name), why.text);
}

static enum rc differ(struct move_job *job, const struct move_table *t, struct str row, const char *how,
                      struct fault *f)
{
	struct buf key = {0};
	move_key(t, row, &key);
	struct str text = move_key_text(job->a, t, buf_str(&key));
	buf_release(&key);
	return fault_set(f, RC_CORRUPT, "the two databases differ: table %.*s, row %.*s %s", PSTR(t->name),
	                 PSTR(text), how);
}

enum rc move_compare(struct move_job *job, const struct move_table *t, struct hasher *h, struct fault *f)
{
	const struct move_side *sides[] = {job->from, job->to};
	struct str row[2];
	enum rc got[2] = {RC_OK, RC_OK}, rc = RC_OK;
	size_t since = 0;
	for (size_t i = 0; i < 2 && rc == RC_OK; i++)
		rc = sides[i]->m->read(i == 0 ? job->from : job->to, t, STR_EMPTY, f);
	hasher_str(h, t->name);
	while (rc == RC_OK) {
		for (size_t i = 0; i < 2 && rc == RC_OK; i++) {
			got[i] = sides[i]->m->next(i == 0 ? job->from : job->to, &row[i], f);
			rc = got[i] == RC_NONE ? RC_OK : got[i];
		}
		if (rc != RC_OK || (got[0] == RC_NONE && got[1] == RC_NONE))
			break;
		bool both = got[0] == RC_OK && got[1] == RC_OK;
		if (!both || !str_eq(row[0], row[1])) {
			int order = both ? move_key_order(t, row[0], row[1]) : got[0] == RC_NONE ? 1 : -1;
			rc = differ(job, t, row[order > 0], order > 0 ? "is only in the target"
			            : order < 0 ? "is missing in the target" : "is not the same in the target", f);
			break;
		}
		hasher_str(h, row[0]);
		job->done++;
		since += row[0].n;
		if (since > TICK_BYTES) {
			since = 0;
			(void)tick(job, t, false);
		}
	}
	job->from->m->end(job->from);
	job->to->m->end(job->to);
	return rc;
}

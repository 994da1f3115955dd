/* Published versions: the table, and the set in memory that all threads read.
 *
 * A set is never changed once it can be seen: a publication makes a new one and swaps the pointer.
 * Versions and old sets stay until the end, because cases and requests point at them; a ward
 * publishes a few times a year. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "kit/base/ids.h"
#include "kit/base/log.h"
#include "ward/flow/procedure_file.h"
#include "ward/people/people.h"
#include "ward/place/place.h"

const struct schema_step PROCEDURE_SCHEMA[] = {
	{"procedure-0001",
	 "-- What every case of a kind was promised, byte for byte as it was published. Of no ward: one\n"
	 "-- server's wards share their procedures, and several servers read them from here.\n"
	 "CREATE TABLE procedure_version(\n"
	 "  id @id NOT NULL PRIMARY KEY,\n"
	 "  name @text NOT NULL,\n"
	 "  bytes @blob NOT NULL,\n"
	 "  checksum @blob NOT NULL,\n"
	 "  valid_from @day NOT NULL,\n"
	 "  published_at @time NOT NULL,\n"
	 "  published_by @text NOT NULL);\n"
	 "-- The latest version of a kind.\n"
	 "CREATE INDEX procedure_version_of_name ON procedure_version(name, valid_from, id);\n"},
	{"procedure-0002",
	 "-- Kinds that a ward offers no more, from a day on: cases that began go on to their end.\n"
	 "CREATE TABLE procedure_withdrawn(\n"
	 "  ward_id @id NOT NULL REFERENCES ward(id),\n"
	 "  kind @text NOT NULL,\n"
	 "  from_day @day NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, kind));\n"},
	{NULL, NULL},
};

static const struct sql ALL = SQL_GLOBAL(
	"SELECT id, name, bytes, checksum, valid_from FROM procedure_version "
	"ORDER BY name, valid_from, id", "", "itbbi");
static const struct sql LATEST = SQL_GLOBAL(
	"SELECT checksum, valid_from FROM procedure_version WHERE name = ?1 "
	"ORDER BY valid_from DESC, id DESC LIMIT 1", "t", "bi");
static const struct sql PUT = SQL_GLOBAL(
	"INSERT INTO procedure_version(id, name, bytes, checksum, valid_from, published_at, "
	"published_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "itbbiit", "");

struct published {
	struct procedure procedure;
	bool refused; /* falls under a line that the list got after it was published */
};
struct withdrawn {
	struct ward_id ward;
	struct str kind;
	int32_t from_day;
};
/* The units of a ward, to which reports can be sent. */
struct receivers {
	struct ward_id ward;
	struct unit *units;
	size_t count;
};
struct set {
	struct published **list; /* by name, valid_from, id */
	size_t count;
	struct withdrawn *withdrawn;
	size_t withdrawn_count;
	struct receivers *receivers;
	size_t receivers_count;
	int64_t number;          /* of the definition that it was read at */
};
struct procedures {
	pthread_mutex_t lock; /* of whoever makes the next set, and of the arena */
	struct arena arena;
	_Atomic(const struct set *) now;
	const struct rules *rules;
	const struct refused *refused;
	struct clock clock;   /* for the milliseconds in new ids */
	struct idgen ids;
};

static const struct set *current(const struct procedures *p)
{
	return atomic_load_explicit(&p->now, memory_order_acquire);
}

enum { WARDS_MAX = 4096, WITHDRAWN_MAX = 65536 };
struct reading {
	struct procedures *p;
	struct set set;
	size_t cap;
	struct ward_id *wards;
	size_t ward_count;
};

static enum rc read_wards(struct tx *tx, struct reading *g, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL("SELECT id FROM ward ORDER BY id", "", "i");
	struct rows r;
	g->wards = arena_array(tx_arena(tx), WARDS_MAX, sizeof *g->wards);
	enum rc rc = sql_rows(tx, &q, &r, NO_BIND, f);
	while (rc == RC_OK && g->ward_count < WARDS_MAX && (rc = rows_next(&r, f)) == RC_OK)
		g->wards[g->ward_count++] = (struct ward_id){row_int(&r, 0)};
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

static enum rc read_units(struct tx *tx, struct reading *g, struct fault *f)
{
	struct arena *a = &g->p->arena;
	struct unit *all;
	size_t n;
	enum rc rc = unit_list_all(tx, &all, &n, f);
	if (rc != RC_OK)
		return rc;
	struct receivers *r = &g->set.receivers[g->set.receivers_count++];
	*r = (struct receivers){tx_ward(tx), arena_array(a, n + 1, sizeof *r->units), n};
	for (size_t i = 0; i < n; i++)
		r->units[i] = (struct unit){.slug = arena_copy(a, all[i].slug), .until_day = all[i].until_day};
	return RC_OK;
}

static enum rc read_ward(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"SELECT kind, from_day FROM procedure_withdrawn WHERE ward_id = ?1 ORDER BY kind", "", "ti");
	struct reading *g = ctx;
	struct arena *a = &g->p->arena;
	struct rows r;
	enum rc rc = sql_rows(tx, &q, &r, NO_BIND, f);
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		size_t n = g->set.withdrawn_count;
		if (n == WITHDRAWN_MAX)
			return fault_set(f, RC_TOO_BIG, "too many kinds were withdrawn");
		if ((n & (n - 1)) == 0) {     /* full at 0, 1, 2, 4 … */
			struct withdrawn *more = arena_array(a, n > 0 ? n * 2 : 1, sizeof *more);
			for (size_t i = 0; i < n; i++)
				more[i] = g->set.withdrawn[i];
			g->set.withdrawn = more;
		}
		g->set.withdrawn[g->set.withdrawn_count++] = (struct withdrawn){
			tx_ward(tx), arena_copy(a, row_str(&r, 0)), (int32_t)row_int(&r, 1)};
	}
	rows_end(&r);
	return rc == RC_NONE ? read_units(tx, g, f) : rc;
}

static enum rc parse_row(struct reading *g, struct rows *r, struct published **out, struct fault *f)
{
	struct procedures *p = g->p;
	struct published *v = ARENA_NEW(&p->arena, struct published);
	int64_t id = row_int(r, 0);
	struct str bytes = row_str(r, 2), name = row_str(r, 1);
	struct yaml_reader y = {0};
	enum rc rc = procedure_parse(&y, &p->arena, arena_fmt(&p->arena, "%.*s (version %lld)",
	                             PSTR(name), (long long)id).p, bytes, NULL, NULL, &v->procedure);
	if (rc != RC_OK) {
		if (rc == RC_SYNTAX && f != NULL)
			*f = y.faults[0];
		return rc == RC_SYNTAX ? rc : fault_set(f, rc, "too many procedure versions");
	}
	struct hash stored;
	if (!hash_from(row_str(r, 3), &stored) || !hash_eq(&stored, &v->procedure.checksum) ||
	    !str_eq(v->procedure.name, name))
		return fault_set(f, RC_CORRUPT, "procedure version %lld is not what was published",
		                 (long long)id);
	v->procedure.version = (struct version_id){id};
	v->procedure.valid_from = (int32_t)row_int(r, 4);
	*out = v;
	return RC_OK;
}

static struct published *known(const struct set *set, int64_t id)
{
	for (size_t i = 0; set != NULL && i < set->count; i++)
		if (set->list[i]->procedure.version.v == id)
			return set->list[i];
	return NULL;
}

static enum rc read_rows(struct tx *tx, void *ctx, struct fault *f)
{
	struct reading *g = ctx;
	struct rows r;
	enum rc rc = definition_number(tx, DEFINITION_PROCEDURES, &g->set.number, f);
	if (rc == RC_OK)
		rc = read_wards(tx, g, f);
	if (rc == RC_OK)
		rc = sql_rows(tx, &ALL, &r, NO_BIND, f);
	if (rc != RC_OK)
		return rc;
	while (rc == RC_OK && (rc = rows_next(&r, f)) == RC_OK) {
		if (g->set.count == g->cap) {
			struct published **more = arena_array(&g->p->arena, g->cap * 2 + 16, sizeof *more);
			if (g->set.count > 0)
				memcpy(more, g->set.list, g->set.count * sizeof *more);
			g->set.list = more;
			g->cap = g->cap * 2 + 16;
		}
		struct published *v = known(current(g->p), row_int(&r, 0));
		if (v == NULL)
			rc = parse_row(g, &r, &v, f);
		if (rc == RC_OK)
			g->set.list[g->set.count++] = v;
	}
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The last version of each name is what new cases get: it follows today's list of refused matter. */
static void check_latest(struct procedures *p, const struct set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct published *v = set->list[i];
		bool last = i + 1 == set->count ||
		            !str_eq(set->list[i + 1]->procedure.name, v->procedure.name);
		if (!last || known(current(p), v->procedure.version.v) != NULL)
			continue;
		struct yaml_reader y = {0};
		struct procedure again;
		struct arena a;
		arena_init(&a, (size_t)8 << 20);
		if (procedure_parse(&y, &a, "procedure", v->procedure.bytes, p->rules, p->refused,
		                    &again) != RC_OK) {
			v->refused = true;
			log_warn("flow", "the kind %.*s is not offered: line %d: %s: %s",
			         PSTR(v->procedure.name), y.faults[0].line, y.faults[0].field,
			         y.faults[0].text);
		}
		arena_release(&a);
	}
}

/* With the lock held. */
static enum rc read_again(struct procedures *p, struct store *s, struct fault *f)
{
	struct reading g = {.p = p};
	struct arena a;
	arena_init(&a, (size_t)64 << 20);
	enum rc rc = store_read(s, (struct ward_id){0}, &a, read_rows, &g, f);
	g.set.receivers = arena_array(&p->arena, g.ward_count + 1, sizeof *g.set.receivers);
	for (size_t i = 0; rc == RC_OK && i < g.ward_count; i++)
		rc = store_read(s, g.wards[i], &a, read_ward, &g, f);
	if (rc == RC_OK && (a.over || p->arena.over))
		rc = fault_set(f, RC_NOMEM, "too many procedure versions");
	if (rc == RC_OK) {
		check_latest(p, &g.set);
		struct set *next = ARENA_NEW(&p->arena, struct set);
		*next = g.set;
		atomic_store_explicit(&p->now, next, memory_order_release);
	}
	arena_release(&a);
	return rc;
}

enum rc procedures_reload(struct procedures *p, struct store *s, struct fault *f)
{
	(void)pthread_mutex_lock(&p->lock);
	enum rc rc = read_again(p, s, f);
	(void)pthread_mutex_unlock(&p->lock);
	return rc;
}

static enum rc read_number(struct tx *tx, void *ctx, struct fault *f)
{
	return definition_number(tx, DEFINITION_PROCEDURES, ctx, f);
}

enum rc procedures_refresh(struct procedures *p, struct store *s, struct fault *f)
{
	struct arena a;
	int64_t number = 0;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	(void)pthread_mutex_lock(&p->lock);
	enum rc rc = store_read(s, (struct ward_id){0}, &a, read_number, &number, f);
	if (rc == RC_OK && number != current(p)->number)
		rc = read_again(p, s, f);
	(void)pthread_mutex_unlock(&p->lock);
	arena_release(&a);
	return rc;
}

/* --- what a ward offers --- */

int32_t procedure_withdrawn_from(const struct procedures *p, struct ward_id ward, struct str kind)
{
	const struct set *set = current(p);
	for (size_t i = 0; i < set->withdrawn_count; i++)
		if (set->withdrawn[i].ward.v == ward.v && str_eq(set->withdrawn[i].kind, kind))
			return set->withdrawn[i].from_day;
	return 0;
}

bool procedure_unit_missing(const struct procedures *p, struct ward_id ward,
                            const struct procedure *one, int32_t day)
{
	const struct set *set = current(p);
	for (size_t i = 0; i < set->receivers_count; i++)
		for (size_t k = 0; set->receivers[i].ward.v == ward.v && k < set->receivers[i].count; k++) {
			const struct unit *u = &set->receivers[i].units[k];
			/* About somebody who works here: the rule names who receives it, where anybody works. */
			if ((procedure_by_rule(one) || str_eq(u->slug, one->unit)) && (u->until_day == 0 || day <= u->until_day))
				return false;
		}
	return true;
}

const struct procedure *procedure_offered(const struct procedures *p, struct ward_id ward,
                                          struct str kind, int32_t day)
{
	int32_t from = procedure_withdrawn_from(p, ward, kind);
	const struct procedure *one = from != 0 && day >= from ? NULL : procedure_of_kind(p, kind, day);
	return one != NULL && !one->oversight && !one->agency && !procedure_unit_missing(p, ward, one, day) ? one : NULL;
}

size_t procedures_offered(const struct procedures *p, struct ward_id ward, int32_t day,
                          const struct procedure **out, size_t max)
{
	size_t n = procedures_all(p, day, out, max), kept = 0;
	for (size_t i = 0; i < n; i++)
		if (procedure_offered(p, ward, out[i]->name, day) != NULL)
			out[kept++] = out[i];
	return kept;
}

enum rc procedure_withdraw(struct tx *tx, struct str kind, int32_t from_day, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"INSERT INTO procedure_withdrawn (ward_id, kind, from_day) VALUES (?1, ?2, ?3) "
		"ON CONFLICT (ward_id, kind) DO UPDATE SET from_day = excluded.from_day", "ti", "");
	enum rc rc = sql_run(tx, &q, BIND(v_text(kind), v_int(from_day)), NULL, f);
	return rc == RC_OK ? definition_changed(tx, DEFINITION_PROCEDURES, f) : rc;
}

enum rc procedure_offer(struct tx *tx, struct str kind, struct fault *f)
{
	static const struct sql q = SQL_WARD(
		"DELETE FROM procedure_withdrawn WHERE ward_id = ?1 AND kind = ?2", "t", "");
	int64_t changed = 0;
	enum rc rc = sql_run(tx, &q, BIND(v_text(kind)), &changed, f);
	if (rc != RC_OK || changed == 0)
		return rc != RC_OK ? rc : fault_set(f, RC_NONE, "the kind was not withdrawn");
	return definition_changed(tx, DEFINITION_PROCEDURES, f);
}

enum rc procedures_open(struct procedures **out, struct store *s, const struct rules *rules,
                        const struct refused *refused, struct fault *f)
{
	struct procedures *p = calloc(1, sizeof *p);
	if (p == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the procedures");
	(void)pthread_mutex_init(&p->lock, NULL);
	arena_init(&p->arena, (size_t)256 << 20);
	p->rules = rules;
	p->refused = refused;
	clock_init(&p->clock);
	idgen_init(&p->ids, &p->clock);
	enum rc rc = procedures_reload(p, s, f);
	if (rc != RC_OK) {
		procedures_close(p);
		return rc;
	}
	*out = p;
	return RC_OK;
}

void procedures_close(struct procedures *p)
{
	if (p == NULL)
		return;
	arena_release(&p->arena);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}

const struct procedure *procedure_of_kind(const struct procedures *p, struct str kind, int32_t day)
{
	const struct set *set = current(p);
	const struct published *found = NULL;
	bool refused = false;
	for (size_t i = 0; i < set->count; i++) {
		const struct published *v = set->list[i];
		if (!str_eq(v->procedure.name, kind))
			continue;
		refused = v->refused; /* of the last one */
		if (v->procedure.valid_from <= day)
			found = v;
	}
	return found != NULL && !refused ? &found->procedure : NULL;
}

const struct procedure *procedure_of_version(const struct procedures *p, struct version_id v)
{
	const struct published *found = known(current(p), v.v);
	return found != NULL ? &found->procedure : NULL;
}

static int by_category(const void *x, const void *y)
{
	const struct procedure *a = *(const struct procedure *const *)x;
	const struct procedure *b = *(const struct procedure *const *)y;
	return a->category != b->category ? (a->category > b->category ? 1 : -1)
	                                  : str_cmp(a->name, b->name);
}

size_t procedures_all(const struct procedures *p, int32_t day, const struct procedure **out,
                      size_t max)
{
	const struct set *set = current(p);
	size_t n = 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct procedure *v = &set->list[i]->procedure;
		bool last = i + 1 == set->count || !str_eq(set->list[i + 1]->procedure.name, v->name);
		const struct procedure *valid = last ? procedure_of_kind(p, v->name, day) : NULL;
		if (valid != NULL && n < max)
			out[n++] = valid;
	}
	qsort(out, n, sizeof *out, by_category);
	return n;
}

struct hash procedures_hash(const struct procedures *p, int32_t day)
{
	enum { MAX = 256 };
	const struct procedure *live[MAX];
	size_t n = procedures_all(p, day, live, MAX);
	struct hash categories = category_hash(), refused = refused_hash(p->refused);
	struct hasher h;
	hasher_init(&h, NULL, "xom.definitions");
	hasher_str(&h, hash_str(&categories));
	hasher_str(&h, hash_str(&refused));
	for (size_t i = 0; i < n; i++) {
		hasher_str(&h, live[i]->name);
		hasher_str(&h, hash_str(&live[i]->checksum));
	}
	return hasher_end(&h);
}

struct publication {
	struct procedures *p;
	const struct procedure *files;
	size_t count, published;
	int32_t from_day;
	struct str who;
	bool only_new;
};

/* What was published as one thing does not become another: reports of a conduct kind would be listed. */
static bool other_category(const struct procedures *p, const struct procedure *one)
{
	const struct set *set = current(p);
	for (size_t i = 0; i < set->count; i++)
		if (str_eq(set->list[i]->procedure.name, one->name) && !set->list[i]->refused &&
		    set->list[i]->procedure.category != one->category)
			return true;
	return false;
}

static enum rc publish_rows(struct tx *tx, void *ctx, struct fault *f)
{
	struct publication *g = ctx;
	g->published = 0;
	for (size_t i = 0; i < g->count; i++) {
		const struct procedure *p = &g->files[i];
		struct rows r;
		if (!g->only_new && other_category(g->p, p))
			return fault_set(f, RC_REFUSED, "%.*s was published with another category, and keeps it",
			                 PSTR(p->name));
		enum rc rc = sql_one(tx, &LATEST, &r, BIND(v_text(p->name)), f);
		if (rc == RC_OK) {
			struct str checksum = row_str(&r, 0);
			int64_t from = row_int(&r, 1);
			rows_end(&r);
			if (g->only_new || str_eq(checksum, hash_str(&p->checksum)))
				continue;
			if (from > g->from_day)
				return fault_set(f, RC_INVALID, "%.*s has a version that begins later than the "
				                 "new one", PSTR(p->name));
		} else if (rc != RC_NONE) {
			return rc;
		}
		rc = sql_run(tx, &PUT,
		             BIND(v_int(idgen_next(&g->p->ids)), v_text(p->name), v_blob(p->bytes),
		                  v_blob(hash_str(&p->checksum)), v_int(g->from_day), v_int(tx_now(tx)),
		                  v_text(g->who)),
		             NULL, f);
		if (rc != RC_OK)
			return rc;
		g->published++;
	}
	return g->published > 0 ? definition_changed(tx, DEFINITION_PROCEDURES, f) : RC_OK;
}

enum rc procedure_publish(struct tx *tx, struct procedures *p, const struct procedure *one,
                          int32_t from_day, struct str who, size_t *published, struct fault *f)
{
	struct publication g = {p, one, 1, 0, from_day, who, false};
	enum rc rc = publish_rows(tx, &g, f);
	*published = g.published;
	return rc;
}

static enum rc read_folder(struct procedures *p, struct arena *a, const char *dir,
                           struct procedure **out, size_t *count, struct fault *f)
{
	const char **files;
	enum rc rc = procedure_files(a, dir, &files, count, f);
	if (rc != RC_OK)
		return rc;
	if (*count == 0)
		return fault_set(f, RC_NONE, "%s holds no procedure", dir);
	struct procedure *list = arena_array(a, *count, sizeof *list);
	for (size_t i = 0; i < *count; i++) {
		struct yaml_reader y = {0};
		rc = procedure_file(a, &y, files[i], p->rules, p->refused, &list[i]);
		if (rc != RC_OK) {
			if (y.fault_count > 0 && f != NULL)
				*f = y.faults[0];
			return rc > 0 ? RC_SYNTAX : rc;
		}
		for (size_t k = 0; k < i; k++)
			if (str_eq(list[k].name, list[i].name))
				return fault_at(f, RC_SYNTAX, files[i], list[i].line, "name",
				                "another file is named \"%.*s\" too", PSTR(list[i].name));
	}
	*out = list;
	return RC_OK;
}

enum rc procedures_publish_as(struct procedures *p, struct store *s, const char *dir,
                              int32_t from_day, struct str who, bool only_new, size_t *published,
                              struct fault *f)
{
	struct arena a;
	arena_init(&a, (size_t)64 << 20);
	struct procedure *files = NULL;
	size_t count = 0;
	enum rc rc = read_folder(p, &a, dir, &files, &count, f);
	struct publication g = {p, files, count, 0, from_day, who, only_new};
	if (rc == RC_OK)
		rc = store_write(s, (struct ward_id){0}, &a, publish_rows, &g, f);
	if (rc == RC_OK && g.published > 0)
		rc = procedures_reload(p, s, f);
	if (rc == RC_OK)
		*published = g.published;
	arena_release(&a);
	return rc;
}

enum rc procedures_publish(struct procedures *p, struct store *s, const char *dir, int32_t from_day,
                           size_t *published, struct fault *f)
{
	return procedures_publish_as(p, s, dir, from_day, STR("xom"), false, published, f);
}

enum rc procedures_apart(struct procedures *p, struct arena *a, const char *dir,
                         struct procedure_apart **out, size_t *count, struct fault *f)
{
	struct procedure *files = NULL;
	const struct set *set = current(p);
	size_t n = 0;
	*count = 0;
	enum rc rc = read_folder(p, a, dir, &files, &n, f);
	if (rc != RC_OK)
		return rc;
	*out = arena_array(a, n, sizeof **out);
	for (size_t i = 0; i < n; i++) {
		const struct procedure *latest = NULL;
		for (size_t k = 0; k < set->count; k++)
			if (str_eq(set->list[k]->procedure.name, files[i].name))
				latest = &set->list[k]->procedure;
		if (latest == NULL || !str_eq(hash_str(&latest->checksum), hash_str(&files[i].checksum)))
			(*out)[(*count)++] = (struct procedure_apart){files[i].name, latest != NULL};
	}
	return RC_OK;
}

#include "drive.h"

#include <pthread.h>
#include <stdio.h>

#include "ward/app.h"
#include "ward/flow/apology.h"
#include "ward/flow/area.h"

enum { WARDS_A_WORLD = 240 };     /* a receipt's two letters are a ward's alone */
static struct app app;
static struct actor stranger;

const struct flow *app_flow(const struct app *a) { return &a->flow; }

static const char *str_in(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s != NULL ? s : "";
}

static int int_in(const json_t *o, const char *key, int none)
{
	const json_t *v = json_object_get(o, key);
	return json_is_integer(v) ? (int)json_integer_value(v) : none;
}

static bool is_true(const json_t *o, const char *key) { return json_is_true(json_object_get(o, key)); }

/* ---------------------------------------------------------------- a ward of its own */

static enum rc add_area_people(struct tx *tx, struct world *w, int i, enum role role, int areas, struct fault *f)
{
	const char *login = i == HEAD ? "kha" : "lan";
	int32_t from = day_of(tx_now(tx)) - 1;
	struct account_id id;
	enum rc rc = account_add(tx, arena_fmt(tx_arena(tx), "%s-%d", login, w->number), str_of(login), &id, f);
	if (rc == RC_OK)
		rc = role_grant(tx, id, role, from, 0, true, f);
	for (int k = 0; rc == RC_OK && k < areas; k++)
		rc = area_head_add(tx, id, E.area[k], from, 0, f);
	if (rc == RC_OK)
		rc = actor_of(tx, id, &w->actor[i], f);
	w->actor[i].name = str_of(login);
	return rc;
}

static enum rc add_ward_people(struct tx *tx, void *ctx, struct fault *f)
{
	static const char *const SLUG[ENV_UNITS] = {"ha-tang", "moi-truong", "an-toan"};
	static const struct {
		const char *login;
		int unit;
		enum role role;
	} WHO[OFFICERS] = {{"an", UNIT_ha_tang, ROLE_handler}, {"hai", UNIT_ha_tang, ROLE_handler}, {"binh", UNIT_moi_truong, ROLE_handler},
		{"yen", UNIT_an_toan, ROLE_handler}, {"cuong", UNIT_an_toan, ROLE_police}};
	struct world *w = ctx;
	int32_t from = day_of(tx_now(tx)) - 1;
	enum rc rc = RC_OK;
	for (int i = 0; i < ENV_UNITS && rc == RC_OK; i++)
		rc = unit_add(tx, &(struct unit){.slug = str_of(SLUG[i]), .name = str_of(SLUG[i]), .phone = STR("111")}, &w->unit[i], f);
	for (int i = 0; i < OFFICERS && rc == RC_OK; i++) {
		struct account_id id;
		rc = account_add(tx, arena_fmt(tx_arena(tx), "%s-%d", WHO[i].login, w->number), str_of(WHO[i].login), &id, f);
		if (rc == RC_OK)
			rc = role_grant(tx, id, WHO[i].role, from, 0, true, f);
		if (rc == RC_OK)
			rc = unit_join(tx, id, w->unit[WHO[i].unit], from, 0, false, f);
		if (rc == RC_OK)
			rc = actor_of(tx, id, &w->actor[i], f);
		w->actor[i].name = str_of(WHO[i].login);
	}
	if (rc == RC_OK && w->people)
		rc = add_area_people(tx, w, HEAD, ROLE_area_head, 2, f);
	return rc == RC_OK && w->people ? add_area_people(tx, w, TEAM, ROLE_area_team, 1, f) : rc;
}

/* The letters of the ward's receipts; not those of the wards that the world begins with. */
static bool letters(int number, char out[3])
{
	static const char LETTERS[] = "BCFGHJKMNPQRSTVXZ";
	enum { L = sizeof LETTERS - 1 };
	(void)snprintf(out, 3, "%c%c", LETTERS[number / L % L], LETTERS[number % L]);
	return !str_is(E.ward[ENV_A]->prefix, out) && !str_is(E.ward[ENV_B]->prefix, out);
}

static void world_begin(struct world *w, int number, bool people)
{
	struct fault f = {0};
	static char prefix[3];
	*w = (struct world){.number = number, .people = people};
	arena_init(&w->arena, (size_t)256 << 20);
	(void)letters(number, prefix);
	struct ward_new n = {.slug = arena_fmt(&w->arena, "ward-%d", number), .prefix = str_of(prefix), .name = STR("Phường Mẫu"),
	                     .hotline = STR("111"), .area_code = STR("T0"), .demo = true};
	w->ward = (struct ward){.slug = n.slug, .prefix = n.prefix, .name = n.name, .hotline = n.hotline};
	enum rc rc = ward_add(E.store, &w->arena, &n, &w->ward.id, &f);
	if (rc == RC_OK)
		rc = store_write(E.store, w->ward.id, &w->arena, add_ward_people, w, &f);
	if (rc == RC_OK && people)
		rc = places_refresh(E.places, E.store, &f);    /* the clock looks for its ward there */
	env_ok(rc, &f);
	w->actor[STRANGER] = stranger;
}

/* ---------------------------------------------------------------- what they do */

struct deed {
	struct world *w;
	const json_t *op;
	enum rc rc;
	struct ward_case c;           /* report */
	struct receipt receipt;
	bool opened;
	int64_t pending;
	struct arena arena;
};

static struct told *told(const struct deed *d)
{
	return &d->w->at[int_in(d->op, "c", 0) % d->w->count];
}

static const struct actor *by(const struct deed *d)
{
	int i = int_in(d->op, "by", -1);
	return i < 0 ? NULL : &d->w->actor[i % ACTORS];
}

static struct hash journey(const struct deed *d)
{
	char text[64];
	/* The form that sets a PIN holds its code. */
	bool pin = strcmp(str_in(d->op, "op"), "setpin") == 0;
	(void)snprintf(text, sizeof text, "%d %d %s", d->w->number, int_in(d->op, "j", 0), pin ? told(d)->code : "");
	return hash_of(NULL, "journey", str_of(text));
}

static struct photo *photos(struct deed *d, size_t n)
{
	struct photo *p = arena_array(&d->arena, n, sizeof *p);
	for (size_t i = 0; i < n; i++) {
		struct str name = arena_fmt(&d->arena, "%016d%016d", d->w->number, __atomic_add_fetch(&d->w->photos, 1, __ATOMIC_RELAXED));
		p[i] = (struct photo){.name = name, .hash = hash_of(NULL, "photo", name), .width = 16, .height = 12, .size = 1000};
	}
	return p;
}

/* One of the cases; not there: a number that is none's. */
static struct case_id case_in(const struct deed *d, const char *key)
{
	int i = int_in(d->op, key, -1);
	if (i < 0)
		return (struct case_id){0};
	return i < d->w->count ? d->w->at[i].id : (struct case_id){1};
}

static struct case_place place(const struct deed *d)
{
	int area = int_in(d->op, "area", -1);
	int at = int_in(d->op, "at", -1);
	return (struct case_place){.area = area >= 0 ? E.area[area % AREAS] : (struct area_id){0}, .street = STR("Đường Trần Phú"),
	                           .landmark = STR_EMPTY, .unsure = area < 0,
	                           .cell = at >= 0 ? (struct cell){10 + at, 10} : (struct cell){0, 0}};
}

static enum rc do_report(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	bool counter = by(d) != NULL;
	size_t n = (size_t)int_in(d->op, "photos", 0);
	const struct case_new c = {
		.procedure = procedure_of_kind(E.procedures, str_of(str_in(d->op, "kind")), day_of(tx_now(tx))),
		.journey = journey(d),
		.place = place(d),
		.text = STR("Đèn đường tắt"),
		.photos = photos(d, n),
		.photo_count = n,
		.channel = counter ? STR("phone") : STR("web"),
		.actor = by(d),
		.word = counter ? str_of(str_in(d->op, "word")) : STR_EMPTY,
		.lead = case_in(d, "lead"),
		.not_head = is_true(d->op, "not_head"),
	};
	return case_open(tx, &E.flow, &d->w->ward, &c, &d->c, &d->receipt, f);
}

/* Which PIN was typed: the right one, another case's, one that nobody has, or the link. */
static enum rc do_follow(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	const struct told *t = told(d);
	const char *pin = str_in(d->op, "pin");
	struct case_id got = {0};
	enum rc rc;
	if (strcmp(pin, "link") == 0)
		rc = receipt_open_link(tx, E.keys, str_of(t->link), &got, f);
	else if (strcmp(pin, "other") == 0)
		rc = receipt_open(tx, E.keys, str_of(t->code), str_of(d->w->at[(int_in(d->op, "c", 0) + 1) % d->w->count].pin), &got, f);
	else if (strcmp(pin, "old") == 0)
		rc = receipt_open(tx, E.keys, str_of(t->old_code), str_of(t->pin), &got, f);
	else
		rc = receipt_open(tx, E.keys, str_of(t->code), str_of(strcmp(pin, "right") == 0 ? t->pin : "BCFGHJKM"), &got, f);
	return rc == RC_OK && got.v != t->id.v ? RC_CORRUPT : rc;
}

static enum rc do_set_pin(struct tx *tx, void *ctx, struct fault *f)
{
	static const enum rc SAYS[] = {[WORD_wrong] = RC_DENIED, [WORD_right] = RC_OK, [WORD_again] = RC_EXISTS, [WORD_used] = RC_EXPIRED,
		[WORD_dead] = RC_LIMIT};
	struct deed *d = ctx;
	struct hash j = journey(d);
	struct str word = str_of(str_in(d->op, "word"));
	enum word_result r;
	enum rc rc = case_set_pin(tx, &E.flow, str_of(told(d)->code), &word, &j, &d->c, &r, &d->receipt, f);
	if (rc != RC_OK)
		return rc;
	d->opened = r == WORD_right || r == WORD_again;
	d->rc = SAYS[r];
	return RC_OK;
}

static enum rc do_reissue(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	struct hash j = journey(d);
	d->c.id = told(d)->id;
	return case_reissue(tx, &E.flow, &d->c, by(d), &j, str_of(str_in(d->op, "word")), STR("khu vực 1"), &d->receipt, f);
}

/* The first photo that is shown, or a name that none has; one comes in its place. */
static size_t blurred(struct deed *d, struct tx *tx, struct str *name, struct fault *f)
{
	struct attachment *all;
	size_t n = 0;
	*name = STR("none");
	if (case_attachments(tx, &(struct ward_case){.id = told(d)->id}, &all, &n, f) != RC_OK)
		return 1;
	for (size_t i = n; i-- > 0;)
		if (all[i].released)
			*name = all[i].photo.name;
	return 1;
}

static struct move move_of(struct deed *d, struct tx *tx, struct fault *f)
{
	static const struct {
		const char *op, *part;
	} WORDS[] = {{"text", "text"}, {"public_text", "public_text"}, {"why_late", "why_late"}, {"reason", "reason"}, {"result", "result"},
		{"thanks", "thanks"}, {"clock_why", "clock_why"}, {"sort", "sort"}};
	const json_t *op = d->op;
	struct move m = {.verb = verb_parse(str_of(str_in(op, "verb"))), .actor = by(d)};
	int stale = int_in(op, "stale", -1), unit = int_in(op, "unit", -1);
	size_t n = (size_t)int_in(op, "photos", 0);
	if (stale >= 0)
		m.expected_version = told(d)->version - stale > 0 ? told(d)->version - stale : 1;
	m.parts = arena_array(&d->arena, sizeof WORDS / sizeof *WORDS, sizeof *m.parts);
	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
		if (json_is_string(json_object_get(op, WORDS[i].op)))
			m.parts[m.part_count++] = (struct part){str_of(WORDS[i].part), str_of(str_in(op, WORDS[i].op)), STR("text")};
	if (m.verb == VERB_blur)
		n = blurred(d, tx, &m.blurred, f);
	m.photos = photos(d, n);
	m.photo_count = n;
	m.outcome = str_of(str_in(op, m.verb == VERB_pass_up ? "sort" : "outcome"));   /* as the pages of a khu vực ask for it */
	m.kind = str_of(str_in(op, "kind"));
	m.lead = case_in(d, "into");
	if (unit >= 0)
		m.unit = d->w->unit[unit % ENV_UNITS];
	if (json_object_get(op, "area") != NULL) {
		struct case_place *p = arena_array(&d->arena, 1, sizeof *p);
		struct ward_case now;
		*p = place(d);
		if (case_get(tx, &E.flow, told(d)->id, &now, f) == RC_OK)
			p->cell = now.place.cell;     /* the desk corrects words and khu vực */
		m.place = p;
	}
	if (is_true(op, "show")) {
		struct attachment *all;
		if (case_attachments(tx, &(struct ward_case){.id = told(d)->id}, &all, &m.release_count, f) != RC_OK)
			return m;
		m.release = arena_array(&d->arena, m.release_count + 1, sizeof *m.release);
		for (size_t i = 0; i < m.release_count; i++)
			m.release[i] = all[i].id;
	}
	return m;
}

static enum rc do_move(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	struct move m = move_of(d, tx, f);
	d->c.id = told(d)->id;
	return case_move(tx, &E.flow, &d->w->ward, &d->c, &m, f);
}

static enum rc do_pend(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	struct pending p;
	struct move m = move_of(d, tx, f);
	d->c.id = told(d)->id;
	enum rc rc = pending_put(tx, &E.flow, &d->c, &m, is_true(d->op, "draft") ? told(d)->pending : 0, true, &p, f);
	d->pending = rc == RC_OK ? p.id : 0;
	return rc;
}

static enum rc do_back(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	return pending_take_back(tx, told(d)->pending, by(d)->account, f);
}

static enum rc do_drop(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	return pending_drop(tx, told(d)->pending, by(d)->account, f);
}

static enum rc do_letter(struct tx *tx, void *ctx, struct fault *f)
{
	struct deed *d = ctx;
	struct apology made;
	struct ward_case c;
	enum rc rc = case_get(tx, &E.flow, told(d)->id, &c, f);
	return rc == RC_OK ? apology_make(tx, &E.flow, &c, by(d), &made, f) : rc;
}

/* ---------------------------------------------------------------- what the machine does */

static enum rc due_ids(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT id FROM pending_move WHERE ward_id = ?1 AND waits IS NOT NULL AND due_at <= ?2 ORDER BY id", "i", "i");
	int64_t *ids = ctx;
	struct rows r;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(tx_now(tx))), f);
	while (rc == RC_OK && ids[0] < CASES && (rc = rows_next(&r, f)) == RC_OK)
		ids[++ids[0]] = row_int(&r, 0);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

/* The clock, and the jobs that it brings: steps that waited, and what a khu vực had long enough. */
static enum rc clock_on(struct world *w, int minutes, struct fault *f)
{
	int64_t ids[CASES + 1] = {0};
	(void)atomic_fetch_add(E.clock.shift, minutes * 60 * US_SECOND);
	enum rc rc = store_read(E.store, w->ward.id, &w->arena, due_ids, ids, f);
	for (int64_t i = 1; i <= ids[0] && rc == RC_OK; i++)
		rc = pending_run(&E.flow, &w->arena, &w->ward, ids[i], f);
	return rc == RC_OK ? area_run(&E.flow, w->ward.id, f) : rc;
}

static enum rc fold(struct world *w, struct fault *f)
{
	app = (struct app){.store = E.store, .keys = E.keys, .flow = E.flow};
	const struct job job = {.id = 1, .ward = w->ward.id, .kind = STR("flow.fold"), .attempt = 1};
	for (const struct job_kind *k = FLOW_JOBS; k->name != NULL; k++)
		if (strcmp(k->name, "flow.fold") == 0)
			return k->run(&app, &w->arena, &job, f);
	return fault_set(f, RC_NONE, "there is no job flow.fold");
}

static void say(void *ctx, const char *line) { (void)fprintf(stderr, "%s%s\n", (const char *)ctx, line); }

static enum rc verify(struct world *w, struct fault *f)
{
	struct verify_report r;
	enum rc rc = flow_verify(&E.flow, w->ward.id, say, "verify: ", &r, f);
	return rc == RC_OK && r.faults > 0 ? fault_set(f, RC_CORRUPT, "%d faults in the chains", (int)r.faults) : rc;
}

/* ---------------------------------------------------------------- a step */

static void *deed_run(void *arg)
{
	static const struct {
		const char *op;
		tx_fn *fn;
	} DEEDS[] = {{"report", do_report}, {"follow", do_follow}, {"setpin", do_set_pin}, {"reissue", do_reissue}, {"move", do_move},
		{"pend", do_pend}, {"back", do_back}, {"drop", do_drop}, {"letter", do_letter}};
	struct deed *d = arg;
	struct fault f = {0};
	const char *op = str_in(d->op, "op");
	if (strcmp(op, "look") == 0) {
		d->rc = look_write(&E.flow, &d->arena, &d->w->ward, by(d), "case", told(d)->id, STR_EMPTY, 1, &f);
		return NULL;
	}
	for (size_t i = 0; i < sizeof DEEDS / sizeof *DEEDS; i++)
		if (strcmp(op, DEEDS[i].op) == 0) {
			d->rc = RC_OK;
			enum rc rc = store_write(E.store, d->w->ward.id, &d->arena, DEEDS[i].fn, d, &f);
			d->rc = rc != RC_OK ? rc : d->rc;
			if (rc < RC_OK)
				(void)fprintf(stderr, "%s: %s: %s\n", op, rc_name(rc), f.text);
			return NULL;
		}
	fail_msg("there is no deed %s", op);
	return NULL;
}

/* What its people hold now. */
static void deed_tell(struct deed *d)
{
	struct world *w = d->w;
	const char *op = str_in(d->op, "op");
	if (strcmp(op, "report") == 0 && d->rc == RC_OK && w->count < CASES) {
		struct told *t = &w->at[w->count++];
		*t = (struct told){.id = d->c.id, .version = 1, .word = by(d) != NULL};
		memcpy(t->code, d->receipt.code, sizeof t->code);
		memcpy(t->pin, d->receipt.pin, sizeof t->pin);
		memcpy(t->link, d->receipt.link, sizeof t->link);
	}
	if (strcmp(op, "setpin") == 0 && d->opened) {
		memcpy(told(d)->pin, d->receipt.pin, sizeof d->receipt.pin);
		memcpy(told(d)->link, d->receipt.link, sizeof d->receipt.link);
	}
	if (strcmp(op, "reissue") == 0 && d->rc == RC_OK) {
		memcpy(told(d)->old_code, told(d)->code, sizeof d->receipt.code);
		memcpy(told(d)->code, d->receipt.code, sizeof d->receipt.code);
	}
	if (d->pending != 0)
		told(d)->pending = d->pending;
}

/* The same form again shows the same code and PIN: part of what is said. */
static const char *deed_says(const struct deed *d)
{
	if (strcmp(str_in(d->op, "op"), "report") == 0 && d->rc == RC_EXISTS)
		for (int i = 0; i < d->w->count; i++)
			if (d->w->at[i].id.v == d->c.id.v)
				return strcmp(d->w->at[i].code, d->receipt.code) == 0 &&
				       (d->w->at[i].word || strcmp(d->w->at[i].pin, d->receipt.pin) == 0) ? "EXISTS" : "another receipt";
	return rc_name(d->rc);
}

static bool needs_case(const json_t *op)
{
	const char *name = str_in(op, "op");
	return strcmp(name, "report") != 0 && strcmp(name, "clock") != 0 && strcmp(name, "fold") != 0 && strcmp(name, "rebuild") != 0 &&
	       strcmp(name, "verify") != 0 && strcmp(name, "both") != 0;
}

static json_t *step(struct world *w, const json_t *op)
{
	struct fault f = {0};
	const char *name = str_in(op, "op");
	enum rc rc;
	struct deed d[2];
	pthread_t other;
	if (needs_case(op) && w->count == 0)
		return json_string("nothing");
	if (strcmp(name, "clock") == 0)
		rc = clock_on(w, int_in(op, "minutes", 0), &f);
	else if (strcmp(name, "fold") == 0)
		rc = fold(w, &f);
	else if (strcmp(name, "rebuild") == 0)
		rc = flow_rebuild(&E.flow, w->ward.id, &f);
	else if (strcmp(name, "verify") == 0)
		rc = verify(w, &f);
	else {
		bool both = strcmp(name, "both") == 0;
		json_t *said = json_array();
		if (both && w->count == 0 && needs_case(json_object_get(op, "a"))) {
			json_decref(said);
			return json_string("nothing");
		}
		for (int i = 0; i < 1 + both; i++) {
			d[i] = (struct deed){.w = w, .op = both ? json_object_get(op, i == 0 ? "a" : "b") : op};
			arena_init(&d[i].arena, (size_t)64 << 20);
		}
		if (both && pthread_create(&other, NULL, deed_run, &d[1]) != 0)
			fail_msg("no thread");
		(void)deed_run(&d[0]);
		if (both)
			(void)pthread_join(other, NULL);
		for (int i = 0; i < 1 + both; i++)
			deed_tell(&d[i]);
		for (int i = 0; i < 1 + both; i++) {
			(void)json_array_append_new(said, json_string(deed_says(&d[i])));
			arena_release(&d[i].arena);
		}
		return said;
	}
	if (rc != RC_OK)
		(void)fprintf(stderr, "%s: %s: %s\n", name, rc_name(rc), f.text);
	return json_string(rc_name(rc));
}

/* The case that a step was about; -1: it may have been about any. */
static int about(const struct world *w, const json_t *op)
{
	const json_t *one = json_object_get(op, "a") != NULL ? json_object_get(op, "a") : op;
	const char *name = str_in(one, "op");
	if (strcmp(name, "report") == 0)
		return w->count - 1;
	return needs_case(one) && w->count > 0 ? int_in(one, "c", 0) % w->count : -1;
}

static void sequence(struct world *w, const json_t *in)
{
	struct fault f = {0};
	json_t *steps = json_array(), *op;
	size_t i, every = (size_t)int_in(in, "every", 1), n = json_array_size(json_object_get(in, "ops"));
	env_at(str_in(in, "day"), int_in(in, "hour", 9));
	idgen_init(&E.ids, &E.clock);
	world_begin(w, w->number, is_true(in, "people"));
	json_array_foreach(json_object_get(in, "ops"), i, op) {
		json_t *o = json_object(), *saw = json_object();
		(void)json_object_set_new(o, "said", step(w, op));
		enum rc rc = see(w, i % every == every - 1 || i + 1 == n, about(w, op), saw, &f);
		if (rc != RC_OK)
			(void)json_object_set_new(o, "error", json_sprintf("%s: %s", rc_name(rc), f.text));
		(void)json_object_set_new(o, "saw", saw);
		(void)json_array_append_new(steps, o);
	}
	json_t *out = json_pack("{s:O,s:o}", "id", json_object_get(in, "id"), "steps", steps);
	(void)json_dumpf(out, stdout, JSON_COMPACT);
	(void)putchar('\n');
	(void)fflush(stdout);
	json_decref(out);
	arena_release(&w->arena);
}

int main(void)
{
	static struct world w;
	char *line = NULL;
	size_t size = 0;
	int number = WARDS_A_WORLD;
	bool up = false;
	env_bulk = true;
	while (getline(&line, &size, stdin) > 0) {
		json_error_t e;
		json_t *in = json_loads(line, 0, &e);
		if (in == NULL)
			fail_msg("%s", e.text);
		if (number >= WARDS_A_WORLD) {
			if (up)
				(void)env_teardown(NULL);
			(void)env_setup(NULL);
			stranger = E.chi;
			number = 0;
			up = true;
		}
		char taken[3];
		while (!letters(number, taken))
			number++;
		w.number = number++;
		sequence(&w, in);
		json_decref(in);
	}
	if (up)
		(void)env_teardown(NULL);
	free(line);
	return 0;
}

#include "demo/year.h"

#include <math.h>
#include <string.h>

#include "kit/base/yaml.h"

enum {
	KINDS_MAX = 12, LIST_MAX = 40, AREAS_MAX = 64, PLACE_TRIES = 1000,
	SEED = 20260819,
};
/* The hand-made cases of the demo come in the last two weeks, so that they stand first. */
#define NEWEST_DAYS 0.25

struct problem {
	struct str what, public, ask, answer, done;
};
struct kind {
	const char *name;
	int64_t share, months[12];
	bool draw;
	enum draw_scene scene;
	struct str effects[LIST_MAX];
	struct problem problems[LIST_MAX];
	size_t effect_count, problem_count;
	double median_days;                  /* of the work */
};
struct names {
	struct str list[LIST_MAX];
	size_t count;
};
struct making {
	struct arena *a;
	const struct year *y;
	const struct places *places;
	struct ward_id ward;
	struct kind kinds[KINDS_MAX];
	size_t kind_count;
	struct str since[LIST_MAX];
	size_t since_count;
	struct names names[AREAS_MAX];       /* by the area's place in the list of khu vực */
	struct area *areas;
	size_t area_count;
	uint64_t state;
};

/* --- chance --- */

static double chance(struct making *m) /* 0 to below 1 */
{
	m->state = m->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(m->state >> 11) / 9007199254740992.0;
}

static size_t below(struct making *m, size_t n) { return (size_t)(chance(m) * (double)n); }

/* How long people take: most are quick, a few very slow. `median` in days. */
static double lasting(struct making *m, double median, double width)
{
	double u = 1 - chance(m), v = chance(m);
	double normal = sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
	return median * exp(width * normal);
}

/* --- reading the files --- */

static const struct {
	const char *name;
	enum draw_scene scene;
} SCENES[] = {{"lamp", DRAW_LAMP}, {"rubbish", DRAW_RUBBISH}, {"pothole", DRAW_POTHOLE},
	{"drain", DRAW_DRAIN}, {"fire", DRAW_FIRE}};
static const char *const SCENE_NAMES[] = {"lamp", "rubbish", "pothole", "drain", "fire", NULL};

static size_t read_list(struct yaml_reader *r, const struct ynode *map, const char *key,
                        struct str out[LIST_MAX])
{
	const struct ynode *list = y_need_list(r, map, key);
	size_t n = list != NULL ? y_count(list) : 0;
	if (n > LIST_MAX || n == 0) {
		y_fault(r, list != NULL ? list : map, "from 1 to %d are possible", LIST_MAX);
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		out[i] = y_text(r, y_item(list, i));
	return n;
}

static void read_problems(struct yaml_reader *r, const struct ynode *map, struct kind *k)
{
	static const char *const keys[] = {"what", "public", "ask", "answer", "done", NULL};
	const struct ynode *list = y_need_list(r, map, "problems");
	size_t n = list != NULL ? y_count(list) : 0;
	if (n > LIST_MAX)
		n = LIST_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct ynode *p = y_item(list, i);
		y_only(r, p, keys);
		k->problems[k->problem_count++] = (struct problem){
			.what = y_need_str(r, p, "what"), .public = y_opt_str(r, p, "public"),
			.ask = y_opt_str(r, p, "ask"), .answer = y_opt_str(r, p, "answer"),
			.done = y_need_str(r, p, "done")};
	}
}

static void read_months(struct yaml_reader *r, const struct ynode *map, struct kind *k)
{
	const struct ynode *list = y_need_list(r, map, "months");
	if (list == NULL || y_count(list) != 12) {
		y_fault(r, list != NULL ? list : map, "twelve weights, from January on");
		return;
	}
	for (size_t i = 0; i < 12; i++)
		if (!str_i64(y_text(r, y_item(list, i)), &k->months[i]) || k->months[i] < 1)
			y_fault(r, y_item(list, i), "a weight is a whole number above 0");
}

static void read_kind(struct making *m, struct yaml_reader *r, const struct ynode *map)
{
	static const char *const keys[] = {"kind", "share", "months", "scene", "effects", "problems", NULL};
	static const struct {
		const char *kind;
		double days;
	} WORK[] = {{"lighting", 2.6}, {"rubbish", 1.4}, {"road", 7}, {"water", 3.5}, {"fire_safety", 4},
	            {"noise", 3}};
	if (m->kind_count == KINDS_MAX) {
		y_fault(r, map, "at most %d kinds", KINDS_MAX);
		return;
	}
	struct kind *k = &m->kinds[m->kind_count++];
	y_only(r, map, keys);
	k->name = arena_z(m->a, y_need_str(r, map, "kind"));
	k->share = y_need_int(r, map, "share", 1, 100);
	read_months(r, map, k);
	if (y_get(map, "scene") != NULL) {
		int i = y_need_enum(r, map, "scene", SCENE_NAMES);
		k->draw = i >= 0;
		k->scene = i >= 0 ? SCENES[i].scene : DRAW_LAMP;
	}
	k->effect_count = read_list(r, map, "effects", k->effects);
	read_problems(r, map, k);
	k->median_days = 3;
	for (size_t i = 0; i < sizeof WORK / sizeof *WORK; i++)
		if (strcmp(WORK[i].kind, k->name) == 0)
			k->median_days = WORK[i].days;
}

static enum rc parse(struct making *m, struct yaml_reader *r, const char *file,
                     const struct ynode **root, struct fault *f)
{
	struct str bytes;
	enum rc rc = file_read(m->a, file, 1 << 20, &bytes, f);
	*root = rc == RC_OK ? yaml_parse(r, m->a, file, bytes) : NULL;
	return rc;
}

static enum rc verdict(const struct yaml_reader *r, struct fault *f)
{
	if (r->fault_count == 0)
		return RC_OK;
	if (f != NULL)
		*f = r->faults[0];
	return RC_SYNTAX;
}

static enum rc read_year(struct making *m, struct fault *f)
{
	static const char *const keys[] = {"since", "kinds", NULL};
	struct yaml_reader r = {0};
	const struct ynode *root;
	enum rc rc = parse(m, &r, m->y->file, &root, f);
	if (rc != RC_OK)
		return rc;
	if (root != NULL) {
		y_only(&r, root, keys);
		m->since_count = read_list(&r, root, "since", m->since);
		const struct ynode *kinds = y_need_list(&r, root, "kinds");
		for (size_t i = 0; kinds != NULL && i < y_count(kinds); i++)
			read_kind(m, &r, y_item(kinds, i));
	}
	return verdict(&r, f);
}

/* The ward's own streets and landmarks, by khu vực. */
static enum rc read_names(struct making *m, struct fault *f)
{
	struct yaml_reader r = {0};
	const struct ynode *root;
	enum rc rc = parse(m, &r, m->y->names_file, &root, f);
	if (rc != RC_OK)
		return rc;
	const struct ynode *list = root != NULL ? y_need_list(&r, root, m->y->slug) : NULL;
	for (size_t i = 0; list != NULL && i < y_count(list); i++) {
		struct str code = y_need_str(&r, y_item(list, i), "area");
		for (size_t k = 0; k < m->area_count; k++)
			if (str_eq(m->areas[k].code, code))
				m->names[k].count = read_list(&r, y_item(list, i), "names", m->names[k].list);
	}
	return verdict(&r, f);
}

/* --- a case --- */

static struct str pick(struct making *m, const struct str *list, size_t n)
{
	return n > 0 ? list[below(m, n)] : STR_EMPTY;
}

/* {since} and {effect} drawn. */
static const char *tell(struct making *m, const struct kind *k, struct str text)
{
	struct buf b = {0};
	for (size_t at; (at = str_find(text, STR("{"))) != SIZE_MAX;) {
		buf_add(&b, str_sub(text, 0, at));
		text = str_sub(text, at, text.n);
		bool since = str_starts(text, STR("{since}"));
		size_t n = since ? 7 : str_starts(text, STR("{effect}")) ? 8 : 1;
		buf_add(&b, since ? pick(m, m->since, m->since_count)
		                  : n == 8 ? pick(m, k->effects, k->effect_count) : STR_EMPTY);
		text = str_sub(text, n, text.n);
	}
	buf_add(&b, text);
	return arena_take(m->a, &b).p;
}

/* A point of the ward and its khu vực, and what people call the place. */
static void place(struct making *m, struct demo_case *c)
{
	const double *box = m->y->box;
	double *point = arena_array(m->a, 2, sizeof *point);
	struct area_id id = {0};
	for (size_t i = 0; i < PLACE_TRIES && id.v == 0; i++) {
		point[0] = box[0] + chance(m) * (box[2] - box[0]);
		point[1] = box[1] + chance(m) * (box[3] - box[1]);
		if (!place_in_ward(m->places, m->ward, point[0], point[1], m->y->today) ||
		    place_locate(m->places, "khu_vuc", point[0], point[1], m->y->today, &id) != RC_OK)
			id = (struct area_id){0};
	}
	for (size_t i = 0; i < m->area_count; i++)
		if (m->areas[i].id.v == id.v)
			c->area = i;
	if (id.v != 0 && chance(m) < 0.8) /* not every phone says where it is */
		c->point = point;
	const struct names *n = &m->names[c->area];
	struct str street = STR_EMPTY, mark = STR_EMPTY;
	for (size_t i = 0; i < 12 && street.n == 0; i++) {
		struct str name = pick(m, n->list, n->count);
		if (str_starts(name, STR("Đường")) || str_starts(name, STR("Hẻm")))
			street = name;
	}
	if (chance(m) < 0.6)
		mark = pick(m, n->list, n->count);
	if (str_starts(mark, STR("Đường")) || str_starts(mark, STR("Hẻm")))
		mark = STR_EMPTY;
	static const char *const NEAR[] = {"gần", "đối diện", "bên hông", "cách vài chục mét từ"};
	c->street = street.n > 0 ? arena_z(m->a, street) : "";
	c->landmark = mark.n > 0 ? arena_fmt(m->a, "%s %.*s", NEAR[below(m, 4)], PSTR(mark)).p : "";
}

/* A day of the year by the kind's months, and an hour at which people are awake. */
static double when(struct making *m, const struct kind *k)
{
	int64_t most = 1;
	for (size_t i = 0; i < 12; i++)
		most = k->months[i] > most ? k->months[i] : most;
	for (;;) {
		int32_t back = (int32_t)below(m, (size_t)m->y->days);
		struct date d = date_from_day(m->y->today - back);
		double hour = 6 + 8 * (chance(m) + chance(m));
		if (chance(m) * (double)most < (double)k->months[d.month - 1])
			return back + 1 - hour / 24;
	}
}

struct telling {
	struct demo_case *c;
	size_t n;
	double at;                           /* days ago of the last step */
};

/* False: that lies in the future, and so does all that would follow. */
static bool then(struct telling *t, double after, enum verb verb, bool by_reporter,
                 const char *part, const char *text)
{
	double at = t->at - after;
	if (at < 0.01 || t->n == DEMO_STEPS)
		return false;
	t->c->steps[t->n++] = (struct demo_step){.verb = verb, .days_ago = at,
		.by_reporter = by_reporter, .part = text != NULL ? part : NULL, .text = text,
		.outcome = verb == VERB_close ? "mended" : NULL};
	t->at = at;
	return true;
}

static const char *join(struct making *m, struct str a, struct str b)
{
	return arena_fmt(m->a, "%.*s %.*s", PSTR(a), PSTR(b)).p;
}

/* Three weeks are longer than any of the deadlines. */
static void explain(struct making *m, struct telling *t)
{
	static const char *const WHY[] = {
		"Đội đang chờ vật tư, nhà thầu hẹn giao trong tháng này. Có hàng là làm ngay.",
		"Chỗ này thuộc điện lực quản lý, phường đã gửi công văn và đang chờ lịch cắt điện để sửa.",
		"Mưa nhiều ngày liền chưa làm được, đội sẽ làm khi đường khô.",
	};
	const double weeks = 21;
	if (t->c->days_ago - t->at < weeks)
		(void)then(t, t->at - (t->c->days_ago - weeks), VERB_explain, false, "why_late", WHY[below(m, 3)]);
}

/* The desk works it, the reporter answers, and most are solved. A few take long, come again, or turn
 * out to be nothing. */
static void happen(struct making *m, const struct kind *k, const struct problem *p,
                   struct demo_case *c)
{
	static const char *const AGAIN[] = {"Hôm nay lại bị như cũ.", "Mới làm xong một phần, còn một phần chưa.",
	                                    "Được hai bữa rồi hư lại."};
	struct telling t = {c, 0, c->days_ago};
	bool more = true, slow = chance(m) < 0.07, listed = p->public.n > 0;
	double work = lasting(m, k->median_days, 0.6) * (slow ? 4 : 1);
	if (chance(m) < 0.02) {
		(void)then(&t, lasting(m, 0.8, 0.5), VERB_withdraw, true, NULL, NULL);
		return;
	}
	more = then(&t, lasting(m, 0.35, 0.7), VERB_take, false, NULL, NULL);
	if (more && p->ask.n > 0 && chance(m) < 0.5) {
		more = then(&t, 0.05 + chance(m) / 4, VERB_ask, false, "text", arena_z(m->a, p->ask));
		if (more && chance(m) < 0.85)
			more = then(&t, lasting(m, 0.6, 0.7), VERB_answer, true, "text", arena_z(m->a, p->answer));
	}
	if (more && listed && chance(m) < 0.8)
		more = then(&t, 0.1 + chance(m) / 3, VERB_release, false, "public_text", arena_z(m->a, p->public));
	if (more && chance(m) < 0.012 && c->days_ago < 60) {
		explain(m, &t); /* waits for a contractor, and is late */
		return;
	}
	more = more && then(&t, work, VERB_close, false, "result", arena_z(m->a, p->done));
	if (more && chance(m) < 0.04) {
		more = then(&t, lasting(m, 1.5, 0.4), VERB_reopen, true, "reason", AGAIN[below(m, 3)]);
		if (more)
			more = then(&t, lasting(m, 2, 0.4), VERB_close, false, "result",
			            arena_fmt(m->a, "Đã quay lại làm kỹ hơn. %.*s", PSTR(p->done)).p);
	}
	if (more && listed && chance(m) < 0.75)
		more = then(&t, 0.02, VERB_release, false, "public_text", join(m, p->public, p->done));
	if (more && chance(m) < 0.45)
		(void)then(&t, lasting(m, 0.9, 0.6), VERB_solved, true, NULL, NULL);
}

static void make_one(struct making *m, struct demo_case *c)
{
	int64_t all = 0;
	for (size_t i = 0; i < m->kind_count; i++)
		all += m->kinds[i].share;
	int64_t at = (int64_t)(chance(m) * (double)all);
	size_t i = 0;
	while (i + 1 < m->kind_count && at >= m->kinds[i].share)
		at -= m->kinds[i++].share;
	const struct kind *k = &m->kinds[i];
	const struct problem *p = &k->problems[below(m, k->problem_count)];
	*c = (struct demo_case){.kind = k->name, .scene = k->scene};
	c->days_ago = when(m, k);
	if (c->days_ago < NEWEST_DAYS)
		c->days_ago = NEWEST_DAYS;
	/* Older photos are gone by their rule, or were rare before phones were asked for them. */
	c->draw = k->draw && chance(m) < (c->days_ago < 100 ? 0.4 : 0.08);
	place(m, c);
	c->text = tell(m, k, p->what);
	if (!m->y->untouched)
		happen(m, k, p, c);
}

static int oldest_first(const void *a, const void *b)
{
	const struct demo_case *x = a, *y = b;
	return (x->days_ago < y->days_ago) - (x->days_ago > y->days_ago);
}

enum rc year_cases(struct arena *a, const struct year *y, const struct places *places,
                   struct ward_id ward, struct demo_case **out, struct fault *f)
{
	struct making *m = ARENA_NEW(a, struct making);
	*m = (struct making){.a = a, .y = y, .places = places, .ward = ward, .state = SEED};
	m->area_count = place_khu_vuc(places, a, ward, y->today, &m->areas);
	if (m->area_count == 0 || m->area_count > AREAS_MAX)
		return fault_set(f, RC_INVALID, "the demo's ward has %zu khu vực", m->area_count);
	enum rc rc = read_year(m, f);
	if (rc == RC_OK)
		rc = read_names(m, f);
	if (rc != RC_OK)
		return rc;
	*out = arena_array(a, y->count + 1, sizeof **out);
	for (size_t i = 0; i < y->count; i++)
		make_one(m, &(*out)[i]);
	qsort(*out, y->count, sizeof **out, oldest_first);
	return RC_OK;
}

/* The dated rows of rules.yaml. */
#include "ward/calendar/calendar_private.h"

#include <stdlib.h>
#include <string.h>

enum { AMOUNT_MAX = 36525, MONTHS_MAX = 1200, PAUSE_DAYS_MAX = 3650 };

static const char *const UNITS[] = {"working_day", "calendar_day", "month", "hour", "working_hour", NULL};

const char *rule_unit_name(enum rule_unit u) { return UNITS[u - 1]; }

struct rule_set {
	struct arena arena;   /* holds the rows and their texts */
	struct rule *rows;
	size_t count;
	struct rule_set *before;
};
struct rules {
	_Atomic(struct rule_set *) now;
};

static const struct rule_set *rules_now(const struct rules *r)
{
	return atomic_load_explicit(&r->now, memory_order_acquire);
}

/* Lower case words joined by dots or underscores: what procedures can name. */
static bool name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		bool joint = (c == '.' || c == '_') && i > 0 && i + 1 < s.n;
		if (!letter && !joint)
			return false;
	}
	return s.n > 0;
}

static int32_t optional_day(struct yaml_reader *r, const struct ynode *map, const char *key)
{
	return y_get(map, key) != NULL ? y_need_day(r, map, key) : 0;
}

static void amount_fits(struct yaml_reader *r, const struct ynode *n, int amount, enum rule_unit unit)
{
	if (unit == RULE_month && amount > MONTHS_MAX)
		y_fault_at(r, n, "amount", "is more than %d months", MONTHS_MAX);
}

/* extend: {times: 1, amount: 2, unit: month, from: raw} */
static void read_extend(struct yaml_reader *r, const struct ynode *n, struct rule *rule)
{
	static const char *const keys[] = {"times", "amount", "unit", "from", NULL};
	static const char *const from[] = {"raw", "due", NULL};
	if (n == NULL)
		return;
	y_only(r, n, keys);
	rule->extend.times = (int)y_need_int(r, n, "times", 1, RULE_EXTEND_MAX);
	rule->extend.amount = (int)y_need_int(r, n, "amount", 1, AMOUNT_MAX);
	rule->extend.unit = (enum rule_unit)(y_need_enum(r, n, "unit", UNITS) + 1);
	rule->extend.from_raw = y_need_enum(r, n, "from", from) == 0;
	if (r->fault_count > 0)
		return;
	amount_fits(r, n, rule->extend.amount, rule->extend.unit);
	if (rule_unit_timed(rule->extend.unit) != rule_unit_timed(rule->unit))
		y_fault_at(r, n, "unit", "must be of days or months as the rule is, or of hours as the rule is");
}

/* pause: {resident: 30, authority: 60} */
static void read_pause(struct yaml_reader *r, const struct ynode *n, struct rule *rule)
{
	static const char *const keys[] = {"resident", "authority", NULL};
	if (n == NULL)
		return;
	y_only(r, n, keys);
	for (int k = PAUSE_resident; k <= PAUSE_authority; k++)
		if (y_get(n, keys[k - 1]) != NULL)
			rule->pause_days[k] = (int)y_need_int(r, n, keys[k - 1], 1, PAUSE_DAYS_MAX);
}

/* before: [50, 80, 100] */
static void read_shares(struct yaml_reader *r, const struct ynode *list, struct rule *rule)
{
	size_t n = list != NULL ? y_count(list) : 0;
	if (n > RULE_SHARES_MAX)
		y_fault(r, list, "must have at most %d shares", RULE_SHARES_MAX);
	for (size_t i = 0; i < n && i < RULE_SHARES_MAX; i++) {
		const struct ynode *item = y_item(list, i);
		int64_t v = 0;
		bool number = y_type(item) == Y_SCALAR && str_i64(y_text(r, item), &v);
		if (!number || v < 1 || v > 100)
			y_fault(r, item, "must be a share from 1 to 100 per cent");
		else if (i > 0 && v <= rule->shares[i - 1])
			y_fault(r, item, "must be more than the share before it");
		rule->shares[i] = (int)v;
	}
	rule->share_count = n < RULE_SHARES_MAX ? n : RULE_SHARES_MAX;
}

static void read_rule(struct yaml_reader *r, const struct ynode *n, struct rule *out)
{
	static const char *const keys[] = {"name", "amount", "unit", "event", "source", "valid_from",
	                                   "valid_to", "verified", "deemed_next", "fixed", "extend",
	                                   "pause", "reopen", "before", "after", NULL};
	static const char *const reopen[] = {"anew", "continue", NULL};
	if (y_type(n) != Y_MAP) {
		y_fault(r, n, "must be a map with name, amount, unit, event, source, valid_from, verified");
		return;
	}
	y_only(r, n, keys);
	out->line = y_line(n);
	out->name = y_need_str(r, n, "name");
	out->amount = (int)y_need_int(r, n, "amount", 1, AMOUNT_MAX);
	out->unit = (enum rule_unit)(y_need_enum(r, n, "unit", UNITS) + 1);
	out->event = y_need_str(r, n, "event");
	out->source = y_need_str(r, n, "source");
	out->valid_from = y_need_day(r, n, "valid_from");
	out->valid_to = optional_day(r, n, "valid_to");
	out->verified = y_need_bool(r, n, "verified");
	out->deemed_next = y_opt_bool(r, n, "deemed_next", false);
	out->fixed = y_opt_bool(r, n, "fixed", false);
	out->reopen = (enum rule_reopen)y_opt_enum(r, n, "reopen", reopen, REOPEN_anew);
	out->after = y_opt_str(r, n, "after");
	read_pause(r, y_opt_map(r, n, "pause"), out);
	read_shares(r, y_opt_list(r, n, "before"), out);
	if (r->fault_count > 0)
		return;
	read_extend(r, y_opt_map(r, n, "extend"), out);
	amount_fits(r, n, out->amount, out->unit);
	if (!name_ok(out->name))
		y_fault_at(r, n, "name", "must be lower case letters, digits, dots and underscores");
	if (!name_ok(out->event))
		y_fault_at(r, n, "event", "must be lower case letters, digits, dots and underscores");
	if (out->valid_to != 0 && out->valid_to < out->valid_from)
		y_fault_at(r, n, "valid_to", "is before valid_from");
	if (out->verified && str_is(out->source, "setting of the ward"))
		y_fault_at(r, n, "verified", "a setting of the ward is no law that could be verified");
	if (out->fixed && out->unit != RULE_calendar_day && out->unit != RULE_month)
		y_fault_at(r, n, "fixed", "is only for calendar_day and month: nothing else is moved");
	if (out->deemed_next && rule_unit_timed(out->unit))
		y_fault_at(r, n, "deemed_next", "is only for days and months: hours run from the event itself");
}

static bool overlap(const struct rule *a, const struct rule *b)
{
	return (a->valid_to == 0 || b->valid_from <= a->valid_to) &&
	       (b->valid_to == 0 || a->valid_from <= b->valid_to);
}

bool rule_longer(const struct rule *rule, const struct rule *most)
{
	enum { MONTH_MOST = 31, MONTH_LEAST = 28 };
	if (rule->unit == RULE_month && most->unit == RULE_month)
		return rule->amount > most->amount;
	int64_t days = rule->unit == RULE_month ? (int64_t)rule->amount * MONTH_MOST : rule->amount;
	int64_t limit = most->unit == RULE_month ? (int64_t)most->amount * MONTH_LEAST : most->amount;
	return days > limit;
}

/* A row "keep.text" against the rows "most.text" of its time. */
static void kept_too_long(struct yaml_reader *r, const struct ynode *n, const struct rule *rule,
                          const struct rule_set *set)
{
	const struct str keep = STR("keep."), most = STR(RULE_MOST);
	if (!str_starts(rule->name, keep))
		return;
	struct str what = str_sub(rule->name, keep.n, rule->name.n);
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *limit = &set->rows[i];
		if (str_starts(limit->name, most) && str_eq(str_sub(limit->name, most.n, limit->name.n), what) &&
		    overlap(rule, limit) && rule_longer(rule, limit))
			y_fault_at(r, n, "amount", "keeps longer than the %d %ss of %.*s, the longest that is allowed",
			           limit->amount, rule_unit_name(limit->unit), PSTR(limit->name));
	}
}

static void read_rules(struct yaml_reader *r, const struct ynode *root, struct rule_set *out)
{
	static const char *const keys[] = {"rules", NULL};
	y_only(r, root, keys);
	const struct ynode *list = y_need_list(r, root, "rules");
	size_t n = list != NULL ? y_count(list) : 0;
	if (list != NULL && n == 0)
		y_fault(r, list, "must have a row");
	out->rows = arena_array(&out->arena, n + 1, sizeof *out->rows);
	for (size_t i = 0; i < n; i++)
		read_rule(r, y_item(list, i), &out->rows[i]);
	out->count = n;
	if (r->fault_count > 0)
		return;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(out->rows[i].name, out->rows[k].name) &&
			    overlap(&out->rows[i], &out->rows[k]))
				y_fault(r, y_item(list, i), "overlaps an earlier row of %.*s",
				        PSTR(out->rows[i].name));
	for (size_t i = 0; i < n; i++)
		kept_too_long(r, y_item(list, i), &out->rows[i], out);
	for (size_t i = 0; i < n; i++) {
		bool found = out->rows[i].after.n == 0;
		for (size_t k = 0; k < n; k++)
			found = found || str_eq(out->rows[i].after, out->rows[k].name);
		if (!found)
			y_fault_at(r, y_item(list, i), "after", "names no rule of this file");
	}
}

static void set_free(struct rule_set *set)
{
	if (set != NULL)
		arena_release(&set->arena);
	free(set);
}

static enum rc read_set(struct rule_set **out, struct yaml_reader *r, const char *file, struct str bytes,
                        struct fault *f)
{
	struct rule_set *set = calloc(1, sizeof *set);
	if (set == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the rules");
	arena_init(&set->arena, ARENA_REQUEST_LIMIT);
	const struct ynode *root = yaml_parse(r, &set->arena, file, bytes);
	if (root != NULL && y_type(root) != Y_MAP)
		y_fault(r, root, "must be a map with rules");
	else if (root != NULL)
		read_rules(r, root, set);
	if (root != NULL && r->fault_count == 0) {
		*out = set;
		return RC_OK;
	}
	if (f != NULL) {
		*f = r->faults[0];
		f->rc = RC_SYNTAX;
	}
	set_free(set);
	return RC_SYNTAX;
}

enum rc rules_parse(struct rules **out, struct yaml_reader *y, const char *file, struct str yaml,
                    struct fault *f)
{
	struct yaml_reader own = {0};
	struct rule_set *set = NULL;
	*out = NULL;
	enum rc rc = read_set(&set, y != NULL ? y : &own, file, yaml, f);
	if (rc != RC_OK)
		return rc;
	struct rules *rules = calloc(1, sizeof *rules);
	if (rules == NULL) {
		set_free(set);
		return fault_set(f, RC_NOMEM, "no memory for the rules");
	}
	atomic_store_explicit(&rules->now, set, memory_order_release);
	*out = rules;
	return RC_OK;
}

enum rc rules_load(struct rules **out, const char *file, struct fault *f)
{
	struct str bytes;
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	*out = NULL;
	enum rc rc = file_read(&a, file, RULES_FILE_MAX, &bytes, f);
	if (rc == RC_OK)
		rc = rules_parse(out, NULL, file, bytes, f);
	arena_release(&a);
	return rc;
}

enum rc rules_put(struct rules *r, const char *file, struct str yaml, struct fault *f)
{
	struct yaml_reader y = {0};
	struct rule_set *set = NULL;
	enum rc rc = read_set(&set, &y, file, yaml, f);
	if (rc != RC_OK)
		return rc;
	set->before = atomic_load_explicit(&r->now, memory_order_acquire);
	atomic_store_explicit(&r->now, set, memory_order_release);
	return RC_OK;
}

void rules_free(struct rules *r)
{
	struct rule_set *set = r != NULL ? atomic_load_explicit(&r->now, memory_order_acquire) : NULL;
	while (set != NULL) {
		struct rule_set *before = set->before;
		set_free(set);
		set = before;
	}
	free(r);
}

enum rc rule_find(const struct rules *r, struct str name, int32_t day, const struct rule **out)
{
	const struct rule_set *set = rules_now(r);
	for (size_t i = 0; i < set->count; i++) {
		const struct rule *row = &set->rows[i];
		if (str_eq(row->name, name) && day >= row->valid_from &&
		    (row->valid_to == 0 || day <= row->valid_to)) {
			*out = row;
			return RC_OK;
		}
	}
	return RC_NONE;
}

size_t rules_all(const struct rules *r, const struct rule **out)
{
	const struct rule_set *set = rules_now(r);
	*out = set->rows;
	return set->count;
}

/* What is as it is when nothing is said is not written, so that a later kind of field changes no row. */
void rule_write(const struct rule *rule, struct buf *b)
{
	struct date d = date_from_day(rule->valid_from);
	buf_addf(b, "name: %.*s, amount: %d, unit: %s, event: %.*s", PSTR(rule->name), rule->amount,
	         rule_unit_name(rule->unit), PSTR(rule->event));
	quoted_write(b, ", source: ", rule->source);
	buf_addf(b, ", valid_from: %04d-%02d-%02d, verified: %s", d.year, d.month, d.day,
	         rule->verified ? "true" : "false");
	if (rule->deemed_next)
		buf_addz(b, ", deemed_next: true");
	if (rule->fixed)
		buf_addz(b, ", fixed: true");
	if (rule->extend.times > 0)
		buf_addf(b, ", extend: {times: %d, amount: %d, unit: %s, from: %s}", rule->extend.times,
		         rule->extend.amount, rule_unit_name(rule->extend.unit), rule->extend.from_raw ? "raw" : "due");
	if (rule->pause_days[PAUSE_resident] > 0 && rule->pause_days[PAUSE_authority] > 0)
		buf_addf(b, ", pause: {resident: %d, authority: %d}", rule->pause_days[PAUSE_resident],
		         rule->pause_days[PAUSE_authority]);
	else if (rule->pause_days[PAUSE_resident] > 0)
		buf_addf(b, ", pause: {resident: %d}", rule->pause_days[PAUSE_resident]);
	else if (rule->pause_days[PAUSE_authority] > 0)
		buf_addf(b, ", pause: {authority: %d}", rule->pause_days[PAUSE_authority]);
	if (rule->reopen == REOPEN_continue)
		buf_addz(b, ", reopen: continue");
	for (size_t i = 0; i < rule->share_count; i++)
		buf_addf(b, "%s%d%s", i == 0 ? ", before: [" : ", ", rule->shares[i], i + 1 == rule->share_count ? "]" : "");
	if (rule->after.n > 0)
		buf_addf(b, ", after: %.*s", PSTR(rule->after));
}

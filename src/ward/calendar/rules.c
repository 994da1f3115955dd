/* The dated rows of rules.yaml. */
#include "ward/calendar/calendar.h"

#include <stdlib.h>
#include <string.h>

enum { RULES_FILE_MAX = 256 << 10, AMOUNT_MAX = 36525 };

struct rules {
	struct arena arena;   /* holds the rows and their texts */
	struct rule *rows;
	size_t count;
};

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

static void read_rule(struct yaml_reader *r, const struct ynode *n, struct rule *out)
{
	static const char *const keys[] = {"name", "amount", "unit", "event", "source", "valid_from",
	                                   "valid_to", "verified", "deemed_next", "fixed", NULL};
	static const char *const units[] = {"working_day", "calendar_day", NULL};
	if (y_type(n) != Y_MAP) {
		y_fault(r, n, "must be a map with name, amount, unit, event, source, valid_from, verified");
		return;
	}
	y_only(r, n, keys);
	out->name = y_need_str(r, n, "name");
	out->amount = (int)y_need_int(r, n, "amount", 1, AMOUNT_MAX);
	out->unit = (enum rule_unit)(y_need_enum(r, n, "unit", units) + 1);
	out->event = y_need_str(r, n, "event");
	out->source = y_need_str(r, n, "source");
	out->valid_from = y_need_day(r, n, "valid_from");
	out->valid_to = optional_day(r, n, "valid_to");
	out->verified = y_need_bool(r, n, "verified");
	out->deemed_next = y_opt_bool(r, n, "deemed_next", false);
	out->fixed = y_opt_bool(r, n, "fixed", false);
	if (r->fault_count > 0)
		return;
	if (!name_ok(out->name))
		y_fault_at(r, n, "name", "must be lower case letters, digits, dots and underscores");
	if (!name_ok(out->event))
		y_fault_at(r, n, "event", "must be lower case letters, digits, dots and underscores");
	if (out->valid_to != 0 && out->valid_to < out->valid_from)
		y_fault_at(r, n, "valid_to", "is before valid_from");
	if (out->verified && str_is(out->source, "setting of the ward"))
		y_fault_at(r, n, "verified", "a setting of the ward is no law that could be verified");
	if (out->fixed && out->unit != RULE_calendar_day)
		y_fault_at(r, n, "fixed", "is only for calendar_day: a working day is never moved");
}

static bool overlap(const struct rule *a, const struct rule *b)
{
	return (a->valid_to == 0 || b->valid_from <= a->valid_to) &&
	       (b->valid_to == 0 || a->valid_from <= b->valid_to);
}

static void read_rules(struct yaml_reader *r, const struct ynode *root, struct rules *out)
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
}

enum rc rules_load(struct rules **out, const char *file, struct fault *f)
{
	*out = NULL;
	struct rules *rules = calloc(1, sizeof *rules);
	if (rules == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the rules");
	arena_init(&rules->arena, ARENA_REQUEST_LIMIT);
	struct str bytes;
	struct yaml_reader r = {0};
	enum rc rc = file_read(&rules->arena, file, RULES_FILE_MAX, &bytes, f);
	if (rc == RC_OK) {
		const struct ynode *root = yaml_parse(&r, &rules->arena, file, bytes);
		if (root != NULL && y_type(root) != Y_MAP)
			y_fault(&r, root, "must be a map with rules");
		else if (root != NULL)
			read_rules(&r, root, rules);
		if (root == NULL || r.fault_count > 0) {
			rc = RC_SYNTAX;
			if (f != NULL) {
				*f = r.faults[0];
				f->rc = rc;
			}
		}
	}
	if (rc != RC_OK)
		rules_free(rules);
	else
		*out = rules;
	return rc;
}

void rules_free(struct rules *r)
{
	if (r != NULL)
		arena_release(&r->arena);
	free(r);
}

enum rc rule_find(const struct rules *r, struct str name, int32_t day, const struct rule **out)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct rule *row = &r->rows[i];
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
	*out = r->rows;
	return r->count;
}

#include "ward/promises.h"

#include <jansson.h>
#include <unistd.h>

enum { FILE_MAX = 256 << 10, MOST = 64, TESTS_MOST = 16 };

static void read_texts(struct yaml_reader *r, const struct ynode *map, const char *key,
                       struct str out[LANG_COUNT])
{
	static const char *const LANGS[] = {"vi", "en", NULL};
	const struct ynode *both = y_need_map(r, map, key);
	if (both == NULL)
		return;
	y_only(r, both, LANGS);
	out[LANG_vi] = y_need_str(r, both, "vi");
	out[LANG_en] = y_need_str(r, both, "en");
}

static void read_one(struct yaml_reader *r, struct promises *p, const struct ynode *map)
{
	static const char *const KEYS[] = {"kind", "number", "state", "title", "text", "tests", NULL};
	static const char *const KINDS[] = {"refused", "promised", NULL};
	static const char *const STATES[] = {"offered", "not_yet", NULL};
	struct promise *x = &p->list[p->count];
	if (y_type(map) != Y_MAP || p->count == MOST) {
		y_fault(r, map, "must be one of at most %d maps", MOST);
		return;
	}
	p->count++;
	y_only(r, map, KEYS);
	x->refused = y_need_enum(r, map, "kind", KINDS) == 0;
	x->number = (int)y_need_int(r, map, "number", 1, 99);
	x->offered = y_need_enum(r, map, "state", STATES) == 0;
	read_texts(r, map, "title", x->title);
	read_texts(r, map, "text", x->text);
	const struct ynode *tests = y_need_list(r, map, "tests");
	size_t n = tests != NULL ? y_count(tests) : 0;
	x->tests = arena_array(&p->arena, TESTS_MOST, sizeof *x->tests);
	for (size_t i = 0; i < n && i < TESTS_MOST; i++)
		x->tests[x->test_count++].file = y_text(r, y_item(tests, i));
	if (x->offered && x->test_count == 0)
		y_fault(r, map, "is offered without a test that proves it");
	if (!x->offered && x->test_count > 0)
		y_fault(r, map, "is not offered, so no test may make it green");
	for (size_t i = 0; i + 1 < p->count; i++)
		if (p->list[i].refused == x->refused && p->list[i].number == x->number)
			y_fault(r, map, "has the number of an earlier one");
}

/* Where the run is not of this version nothing is known; a day that is none neither. */
static void read_green(struct promises *p, const char *file, const char *version)
{
	struct str bytes;
	json_error_t e;
	if (file_read(&p->arena, file, FILE_MAX, &bytes, NULL) != RC_OK)
		return;
	json_t *json = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &e);
	const char *of = json_string_value(json_object_get(json, "version"));
	const char *day = json_string_value(json_object_get(json, "day"));
	const char *commit = json_string_value(json_object_get(json, "commit"));
	const json_t *tests = json_object_get(json, "tests");
	int32_t green = 0;
	if (of != NULL && day != NULL && str_eq(str_of(of), str_of(version)) &&
	    day_parse(str_of(day), &green)) {
		p->green_day = green;
		p->commit = arena_copy(&p->arena, str_of(commit));
		for (size_t i = 0; i < p->count; i++)
			for (size_t k = 0; k < p->list[i].test_count; k++) {
				struct promise_test *t = &p->list[i].tests[k];
				for (size_t j = 0; j < json_array_size(tests); j++)
					if (str_eq(t->file, str_of(json_string_value(json_array_get(tests, j)))))
						t->green_day = green;
			}
	}
	json_decref(json);
}

enum rc promises_load(struct promises *out, const char *share, const char *version, struct fault *f)
{
	static const char *const KEYS[] = {"promises", NULL};
	*out = (struct promises){0};
	arena_init(&out->arena, (size_t)8 << 20);
	out->list = arena_array(&out->arena, MOST, sizeof *out->list);
	struct str bytes;
	const char *file = arena_fmt(&out->arena, "%s/rights/promises.yaml", share).p;
	enum rc rc = file_read(&out->arena, file, FILE_MAX, &bytes, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_NONE, "there is no file %s", file) : rc;
	struct yaml_reader *r = ARENA_NEW(&out->arena, struct yaml_reader);
	const struct ynode *root = yaml_parse(r, &out->arena, file, bytes);
	if (root != NULL)
		y_only(r, root, KEYS);
	const struct ynode *list = root != NULL ? y_need_list(r, root, "promises") : NULL;
	for (size_t i = 0; list != NULL && i < y_count(list); i++)
		read_one(r, out, y_item(list, i));
	if (r->fault_count > 0) {
		if (f != NULL)
			*f = r->faults[0];
		return RC_SYNTAX;
	}
	read_green(out, arena_fmt(&out->arena, "%s/rights/green.json", share).p, version);
	return RC_OK;
}

enum rc promises_check(const struct promises *p, const char *root, struct fault *f)
{
	char path[1024];
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < p->list[i].test_count; k++) {
			struct str file = p->list[i].tests[k].file;
			(void)snprintf(path, sizeof path, "%s/%.*s", root, PSTR(file));
			if (!str_starts(file, STR("test/")) || str_find(file, STR("..")) != SIZE_MAX ||
			    access(path, R_OK) != 0)
				return fault_at(f, RC_SYNTAX, "rights/promises.yaml", 0, "tests",
				                "there is no test %.*s", PSTR(file));
		}
	return RC_OK;
}

void promises_release(struct promises *p) { arena_release(&p->arena); }

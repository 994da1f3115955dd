/* The ward's own list of street and landmark names. */
#include "ward/place/place_impl.h"

#include <stdlib.h>

#include "kit/base/text.h"
#include "kit/base/yaml.h"

enum { NAMES_FILE_MAX = 1 << 20, NAME_CHARS = 100, NAMES_MAX = 5000 };

struct named {
	struct str folded, name, area;
};
struct names {
	struct ward_id ward;
	struct named *list;
	size_t count;
};

static const struct sql Q_CLEAR = SQL_WARD("DELETE FROM place_name WHERE ward_id=?1", "", "");
static const struct sql Q_PUT = SQL_WARD(
	"INSERT INTO place_name (ward_id, folded, name, area_code) VALUES (?1, ?2, ?3, ?4) "
	"ON CONFLICT (ward_id, folded) DO NOTHING", "ttT", "");

static enum rc put_names(struct tx *tx, void *ctx, struct fault *f)
{
	const struct names *n = ctx;
	enum rc rc = sql_run(tx, &Q_CLEAR, NO_BIND, NULL, f);
	for (size_t i = 0; rc == RC_OK && i < n->count; i++)
		rc = sql_run(tx, &Q_PUT, BIND(v_text(n->list[i].folded), v_text(n->list[i].name),
		                              v_text0(n->list[i].area)), NULL, f);
	return rc == RC_OK ? definition_changed(tx, DEFINITION_WARDS, f) : rc;
}

static void read_name(struct yaml_reader *r, struct arena *a, const struct ynode *item,
                      struct str area, struct names *out)
{
	struct named x = {.area = area};
	if (y_type(item) != Y_SCALAR) {
		y_fault(r, item, "must be a name");
		return;
	}
	if (text_clean(a, y_text(r, item), TEXT_LINE, NAME_CHARS, &x.name) != RC_OK || x.name.n == 0) {
		y_fault(r, item, "must be a name of 1 to 100 characters");
		return;
	}
	struct str *words;
	x.folded = text_fold(a, x.name);
	if (text_tokens(a, x.name, &words) == 0)
		y_fault(r, item, "must have a letter or digit");
	else if (out->count == NAMES_MAX)
		y_fault(r, item, "is one name too many: at most 5,000");
	else
		out->list[out->count++] = x;
}

static void read_names(struct yaml_reader *r, struct arena *a, const struct ynode *list,
                       struct names *out)
{
	static const char *const keys[] = {"area", "names", NULL};
	out->list = arena_array(a, NAMES_MAX, sizeof *out->list);
	for (size_t i = 0; i < y_count(list); i++) {
		const struct ynode *map = y_item(list, i);
		if (y_type(map) != Y_MAP) {
			y_fault(r, map, "must be a map with area and names");
			continue;
		}
		y_only(r, map, keys);
		struct str area = y_opt_str(r, map, "area");
		const struct ynode *names = y_need_list(r, map, "names");
		for (size_t k = 0; names != NULL && k < y_count(names); k++)
			read_name(r, a, y_item(names, k), area, out);
	}
}

enum rc place_names_import(struct store *s, struct arena *a, const struct ward *w, const char *file,
                           size_t *count, struct fault *f)
{
	struct str bytes;
	enum rc rc = file_read(a, file, NAMES_FILE_MAX, &bytes, f);
	if (rc == RC_NONE)
		return fault_set(f, RC_NONE, "there is no file %s", file);
	if (rc != RC_OK)
		return rc;
	struct yaml_reader r = {0};
	struct names out = {.ward = w->id};
	const struct ynode *root = yaml_parse(&r, a, file, bytes), *list = NULL;
	if (root != NULL && y_type(root) != Y_MAP)
		y_fault(&r, root, "must be a map of wards");
	else if (root != NULL)
		list = y_need_list(&r, root, arena_z(a, w->slug));
	if (list != NULL)
		read_names(&r, a, list, &out);
	if (root == NULL || r.fault_count > 0) {
		if (f != NULL) {
			*f = r.faults[0];
			f->rc = RC_INVALID;
		}
		return RC_INVALID;
	}
	rc = store_write(s, w->id, a, put_names, &out, f);
	if (rc == RC_OK)
		*count = out.count;
	return rc;
}

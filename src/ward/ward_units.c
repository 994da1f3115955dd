#include "ward/ward_units.h"

struct units_work {
	const struct app *app;
	struct str phone;
};

static enum rc make_one(struct tx *tx, struct str slug, struct str name, struct str phone,
                        struct fault *f)
{
	const struct unit u = {.slug = slug, .name = name, .phone = phone};
	struct unit there;
	struct unit_id id;
	enum rc rc = unit_by_slug(tx, slug, &there, f);
	return rc == RC_NONE ? unit_add(tx, &u, &id, f) : rc;
}

static enum rc make_tx(struct tx *tx, void *ctx, struct fault *f)
{
	static const struct {
		const char *slug, *name;
	} UNITS[] = {
		{"ha-tang", "Tổ Hạ tầng đô thị"},
		{"moi-truong", "Tổ Môi trường"},
		{"an-toan", "Tổ An toàn khu dân cư"},
		{"mot-cua", "Bộ phận Một cửa"},
	};
	const struct units_work *w = ctx;
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(w->app->procedures, day_of(tx_now(tx)), kinds, CATEGORY_COUNT);
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof UNITS / sizeof *UNITS; i++)
		rc = make_one(tx, str_of(UNITS[i].slug), str_of(UNITS[i].name), w->phone, f);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = procedure_by_rule(kinds[i]) ? RC_OK : make_one(tx, kinds[i]->unit, kinds[i]->unit, w->phone, f);
	return rc;
}

enum rc ward_units_make(struct app *app, struct arena *a, struct ward_id ward, struct str phone,
                        struct fault *f)
{
	struct units_work w = {app, phone};
	return store_write(app->store, ward, a, make_tx, &w, f);
}

enum rc ward_keys_make(struct app *app, struct ward_id ward, struct fault *f)
{
	enum rc rc = keys_make(app->keys, f);
	return rc == RC_OK ? head_key_ready(&app->flow, ward, f) : rc;
}

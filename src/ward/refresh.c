#include "ward/refresh.h"

#include "ward/calendar/calendar_store.h"

#include <stdlib.h>

enum { WARDS_MAX = 4096 };

enum { AREAS, WARDS, PROCEDURES, CALENDARS, RULES };
static enum rc read_numbers(struct tx *tx, void *ctx, struct fault *f)
{
	int64_t *n = ctx;
	enum rc rc = definition_number(tx, DEFINITION_AREAS, &n[AREAS], f);
	if (rc == RC_OK)
		rc = definition_number(tx, DEFINITION_WARDS, &n[WARDS], f);
	if (rc == RC_OK)
		rc = definition_number(tx, DEFINITION_PROCEDURES, &n[PROCEDURES], f);
	if (rc == RC_OK)
		rc = definition_number(tx, DEFINITION_CALENDARS, &n[CALENDARS], f);
	if (rc == RC_OK)
		rc = definition_number(tx, DEFINITION_RULES, &n[RULES], f);
	return rc == RC_OK ? flow_changes_look(tx, NULL, f) : rc;
}

enum rc definitions_seen(struct app *app, struct fault *f)
{
	enum rc rc = calendars_refresh(app->store, app->calendar, app->rules, app->calendars_seen, f);
	if (rc == RC_OK)
		rc = places_refresh(app->places, app->store, f);
	if (rc == RC_OK)
		rc = procedures_refresh(app->procedures, app->store, f);
	if (rc != RC_OK)
		return rc;
	const struct ward **all = calloc(WARDS_MAX, sizeof *all);
	if (all == NULL)
		return fault_set(f, RC_NOMEM, "no memory for the list of wards");
	size_t n = ward_all(app->places, all, WARDS_MAX);
	for (size_t i = 0; i < n; i++)
		flow_changed(all[i]->id);
	free(all);
	return RC_OK;
}

enum rc definitions_look(struct app *app, int64_t seen[DEFINITION_SORTS], struct fault *f)
{
	struct arena a;
	int64_t now[DEFINITION_SORTS] = {0};
	arena_init(&a, 64 << 10);
	enum rc rc = store_read(app->store, (struct ward_id){0}, &a, read_numbers, now, f);
	arena_release(&a);
	bool risen = false;
	for (int i = 0; rc == RC_OK && i < DEFINITION_SORTS; i++)
		risen = risen || now[i] != seen[i];
	if (risen)
		rc = definitions_seen(app, f);
	for (int i = 0; rc == RC_OK && i < DEFINITION_SORTS; i++)
		seen[i] = now[i];
	return rc;
}

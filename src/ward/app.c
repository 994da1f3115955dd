#include "ward/room.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/base/file.h"
#include "ward/calendar/calendar_store.h"
#include "ward/clean.h"
#include "ward/figure/transparency.h"
#include "ward/flow/flood.h"
#include "ward/flow/agency.h"
#include "ward/flow/hold.h"
#include "ward/flow/look_words.h"
#include "ward/flow/redress.h"
#include "ward/flow/register.h"
#include "ward/flow/looks.h"
#include "ward/guess.h"
#include "ward/router/nearby.h"
#include "ward/router/receiver.h"
#include "ward/upgrade.h"

const struct flow *app_flow(const struct app *app) { return &app->flow; }
const struct notify *app_notify(const struct app *app) { return &app->notify; }

/* Lower floors first: a room's tables may point at those of the floors below. */
const struct schema_step *const *app_schemas(struct arena *a)
{
	static const struct schema_step *const FLOORS[] = {
		PLACE_SCHEMA, PEOPLE_SCHEMA, JOB_SCHEMA, CALENDAR_SCHEMA, PROCEDURE_SCHEMA, FLOW_SCHEMA, RECEIPT_SCHEMA,
		DELETION_SCHEMA, LOOK_SCHEMA, HOLD_SCHEMA, LOOK_WORDS_SCHEMA, REDRESS_SCHEMA, AGENCY_SCHEMA, RECEIVER_SCHEMA, NEARBY_SCHEMA,
		NOTIFY_SCHEMA, FIGURE_SCHEMA,
		TRANSPARENCY_SCHEMA, GUESS_SCHEMA,
	};
	enum { FLOOR_COUNT = sizeof FLOORS / sizeof *FLOORS };
	size_t rooms = 0;
	while (ROOMS[rooms] != NULL)
		rooms++;
	const struct schema_step **list = arena_array(a, FLOOR_COUNT + rooms + 1, sizeof *list);
	size_t n = 0;
	for (size_t i = 0; i < FLOOR_COUNT; i++)
		list[n++] = FLOORS[i];
	for (size_t i = 0; i < rooms; i++)
		if (ROOMS[i]->schema != NULL)
			list[n++] = ROOMS[i]->schema;
	return list;
}

static const char *path(struct app *app, const char *folder, const char *name)
{
	return arena_fmt(&app->settings.arena, "%s/%s", folder, name).p;
}

/* A column without its purpose does not load (RIGHTS.md, how the refusals are enforced). */
static enum rc check_purposes(struct app *app, struct fault *f)
{
	struct purposes *purposes = NULL;
	enum rc rc = purposes_load(&purposes, path(app, app->settings.share, "rights/fields.yaml"),
	                           app->rules, app->refused, f);
	if (rc == RC_OK)
		rc = purposes_check(purposes, app->store, f);
	purposes_free(purposes);
	return rc;
}

/* Questions with a loop, a dead end or an office's words in them are served to nobody. */
static enum rc open_router(struct app *app, struct fault *f)
{
	const char *share = app->settings.share;
	struct plain_words *plain = NULL;
	enum rc rc = plain_words_load(&plain, path(app, share, "rights/plain-words.yaml"), f);
	const struct router_check check = {app->rules, app->refused, plain};
	if (rc == RC_OK)
		rc = router_load(&app->router, path(app, share, ROUTER_FILE), &check, f);
	plain_words_free(plain);
	return rc == RC_OK ? alarm_load(&app->alarm, path(app, share, "rights/emergency-words.yaml"), f) : rc;
}

/* What is read from files and never changes while the program runs. */
static enum rc open_definitions(struct app *app, struct fault *f)
{
	const char *share = app->settings.share;
	enum rc rc = po_load(&app->po, path(app, share, "po"), f);
	if (rc == RC_OK)
		rc = calendar_load(&app->calendar, path(app, share, "calendars"), f);
	if (rc == RC_OK)
		rc = rules_load(&app->rules, path(app, share, "calendars/rules.yaml"), f);
	if (rc == RC_OK)
		rc = refused_load(&app->refused, path(app, share, "rights/refused.yaml"), f);
	if (rc == RC_OK)
		rc = open_router(app, f);
	if (rc == RC_OK)
		rc = promises_load(&app->promises, share, XOM_VERSION, f);
	return rc;
}

static const char *database(struct app *app)
{
	return app->settings.database[0] != '\0' ? app->settings.database
	                                         : path(app, app->settings.data, "xom.db");
}

enum rc upgrade_peek(struct app *app, struct arena *a, struct store_peek *out, struct fault *f)
{
	const struct store_config config = {
		.path = database(app),
		.steps = app_schemas(&app->settings.arena),
	};
	return store_peek(&config, a, out, f);
}

/* A new installation has its keys before its first ward; data without any key is a copy that lacks them. A key that
 * were made anew there would have the number of one that is lost, and nothing would tell them apart. */
static enum rc check_keys(struct app *app, struct fault *f)
{
	const struct ward *one;
	struct key_info *list;
	size_t n = 0;
	if (ward_all(app->places, &one, 1) == 0)
		return keys_make(app->keys, f);
	enum rc rc = keys_list(app->keys, &app->settings.arena, &list, &n, f);
	return rc != RC_OK || n > 0 ? rc
	                            : fault_set(f, RC_REFUSED, "there are no keys in %s: without them no receipt opens and "
	                                        "nothing is proved. Put the folder back from where its copies are kept",
	                                        path(app, app->settings.data, "keys"));
}

static enum rc open_data(struct app *app, struct fault *f)
{
	const char *data = app->settings.data;
	enum rc rc = folder_make(data, f);
	if (rc == RC_OK)
		rc = keys_open(&app->keys, path(app, data, "keys"), &app->clock, f);
	if (rc != RC_OK)
		return rc;
	const char *copies = NULL;
	rc = upgrade_folder(app, &copies, f);
	if (rc != RC_OK)
		return rc;
	const struct store_config config = {
		.path = database(app),
		.steps = app_schemas(&app->settings.arena),
		.clock = &app->clock,
		.words = STORED_WORDS,
		.copy_dir = copies,
	};
	rc = store_open(&app->store, &config, f);
	if (rc == RC_OK)
		rc = upgrade_write_steps(app, &config, f);
	if (rc == RC_OK)
		rc = check_purposes(app, f);
	if (rc == RC_OK)
		rc = calendars_open(app->store, path(app, app->settings.share, "calendars"), app->calendar, app->rules,
		                    app->calendars_seen, f);
	if (rc == RC_OK)
		rc = places_open(&app->places, app->store, f);
	if (rc == RC_OK)
		rc = check_keys(app, f);
	if (rc == RC_OK)
		rc = people_open(&app->people, app->store, app->keys, &app->clock, f);
	if (rc == RC_OK)
		rc = procedures_open(&app->procedures, app->store, app->rules, app->refused, f);
	if (rc != RC_OK)
		return rc;
	struct s3_config s3;
	const struct media_config media = {
		.dir = path(app, data, "media"),
		.program = app->settings.media_program,
		.clock = &app->clock,
		.s3 = settings_s3(&app->settings, &s3) ? &s3 : NULL,
	};
	return media_open(&app->media, &media, f);
}

enum rc app_as_owner(const struct app *app, bool for_good, struct fault *f)
{
	struct stat st;
	if (geteuid() != 0 || stat(app->settings.data, &st) != 0 || st.st_uid == 0)
		return RC_OK;
	if (setgroups(0, NULL) != 0 || (for_good ? setgid : setegid)(st.st_gid) != 0 ||
	    (for_good ? setuid : seteuid)(st.st_uid) != 0)
		return fault_set(f, RC_FAIL, "cannot work as the owner of %s: %s", app->settings.data,
		                 strerror(errno));
	/* As the service has it: libpq looks into the home, and root's is closed to the owner. */
	const struct passwd *owner = getpwuid(st.st_uid);
	(void)setenv("HOME", owner != NULL ? owner->pw_dir : app->settings.data, 1);
	return RC_OK;
}

enum rc app_open(struct app *app, enum verb_needs needs, struct fault *f)
{
	clock_init(&app->clock);
	enum rc rc = RC_OK;
	if (app->settings.test_clock != NULL)
		rc = clock_open_shift(&app->clock, app->settings.test_clock, f);
	if (rc != RC_OK || needs < NEEDS_store)
		return rc;
	rc = app_as_owner(app, true, f);
	if (rc != RC_OK)
		return rc;
	idgen_init(&app->ids, &app->clock);
	rc = open_definitions(app, f);
	if (rc == RC_OK)
		rc = open_data(app, f);
	app->flow = (struct flow){
		.store = app->store,
		.keys = app->keys,
		.clock = &app->clock,
		.ids = &app->ids,
		.calendar = app->calendar,
		.rules = app->rules,
		.procedures = app->procedures,
		.places = app->places,
		.media = app->media,
		.deletions = app->settings.deletions[0] != '\0' ? app->settings.deletions
		                                                 : path(app, app->settings.data, "deletions"),
		.moved = contact_moved,
	};
	app->flood = flood_watch_new(&app->ids);
	if (rc == RC_OK && app->flood == NULL)
		rc = fault_set(f, RC_NOMEM, "no memory for the watch over floods");
	app->notify.flow = &app->flow;
	app->notify.po = app->po;
	app->notify.base_url = app->settings.base_url;
	app->notify.mail = app->settings.mail;
	return rc;
}

void app_close(struct app *app)
{
	flood_watch_free(app->flood);
	if (app->media != NULL)
		media_close(app->media);
	if (app->procedures != NULL)
		procedures_close(app->procedures);
	if (app->people != NULL)
		people_close(app->people);
	if (app->places != NULL)
		places_close(app->places);
	if (app->store != NULL)
		store_close(app->store);
	if (app->keys != NULL)
		keys_free(app->keys);
	promises_release(&app->promises);
	router_free(app->router);
	alarm_free(app->alarm);
	if (app->refused != NULL)
		refused_free(app->refused);
	if (app->rules != NULL)
		rules_free(app->rules);
	if (app->calendar != NULL)
		calendar_free(app->calendar);
	if (app->po != NULL)
		po_free(app->po);
	settings_release(&app->settings);
}

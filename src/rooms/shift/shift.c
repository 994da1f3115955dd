#include "rooms/shift/shift.h"

const struct schema_step SHIFT_SCHEMA[] = {
	{"shift-0001",
	 "-- A shift's sheet, handed over by one officer and taken by another; only the taking is ever\n"
	 "-- written later, once.\n"
	 "CREATE TABLE handover (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  id @id NOT NULL,\n"
	 "  unit_id @id NOT NULL,\n"
	 "  from_at @time NOT NULL,\n"
	 "  until_at @time NOT NULL,\n"
	 "  notes @text NOT NULL,\n"
	 "  open_n @int NOT NULL,\n"
	 "  overdue_n @int NOT NULL,\n"
	 "  out_account_id @id NOT NULL REFERENCES account (id),\n"
	 "  in_account_id @id REFERENCES account (id),\n"
	 "  accepted_at @time,\n"
	 "  PRIMARY KEY (ward_id, id),\n"
	 "  FOREIGN KEY (ward_id, unit_id) REFERENCES unit (ward_id, id)\n"
	 ");\n"
	 "-- A unit's earlier sheets.\n"
	 "CREATE INDEX handover_unit ON handover (ward_id, unit_id, id);\n"
	 "-- Its lines, as they stood: no words, no place.\n"
	 "CREATE TABLE handover_row (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  handover_id @id NOT NULL,\n"
	 "  no @int NOT NULL,\n"
	 "  section @int NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  kind @text NOT NULL,\n"
	 "  state @int NOT NULL,\n"
	 "  due_at @time,\n"
	 "  PRIMARY KEY (ward_id, handover_id, no),\n"
	 "  FOREIGN KEY (ward_id, handover_id) REFERENCES handover (ward_id, id),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"
	 "\n"
	 "-- The paper list of a unit's open work of a day; gone a week later.\n"
	 "CREATE TABLE paper_list (\n"
	 "  ward_id @id NOT NULL REFERENCES ward (id),\n"
	 "  unit_id @id NOT NULL,\n"
	 "  day @day NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  PRIMARY KEY (ward_id, unit_id, day),\n"
	 "  FOREIGN KEY (ward_id, unit_id) REFERENCES unit (ward_id, id)\n"
	 ");\n"
	 "CREATE TABLE paper_row (\n"
	 "  ward_id @id NOT NULL,\n"
	 "  unit_id @id NOT NULL,\n"
	 "  day @day NOT NULL,\n"
	 "  no @int NOT NULL,\n"
	 "  case_id @id NOT NULL,\n"
	 "  state @int NOT NULL,\n"
	 "  due_at @time,\n"
	 "  PRIMARY KEY (ward_id, unit_id, day, no),\n"
	 "  FOREIGN KEY (ward_id, unit_id, day) REFERENCES paper_list (ward_id, unit_id, day),\n"
	 "  FOREIGN KEY (ward_id, case_id) REFERENCES ward_case (ward_id, id)\n"
	 ");\n"},
	{"shift-0002",
	 "-- When the list was written as a file; NULL: it was not.\n"
	 "ALTER TABLE paper_list ADD COLUMN filed_at @time;\n"},
	{0},
};

static const struct field UNIT_F[] = {
	[SU_LABEL] = {"label", V_TEXT, SEE_OFFICE, "name of the unit", NULL, NULL},
	[SU_URL] = {"url", V_URL, SEE_OFFICE, "its page", NULL, NULL},
	[SU_CURRENT] = {"current", V_BOOL, SEE_OFFICE, "the one that is shown", NULL, NULL},
};
const struct shape SHIFT_UNIT = SHAPE("shift_unit", UNIT_F);

struct units {
	struct unit *all;
	size_t count;
};

static enum rc units_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct units *u = ctx;
	return unit_list(tx, &u->all, &u->count, f);
}

enum rc shift_unit(struct request *q, struct unit_id *out, struct fault *f)
{
	struct units u = {0};
	struct str slug = q->method == METHOD_POST ? request_form(q, "unit") : request_query(q, "unit");
	if (q->actor.unit_count == 0)
		return RC_NONE;
	*out = q->actor.units[0];
	if (slug.n == 0)
		return RC_OK;
	enum rc rc = store_read(q->app->store, q->ward->id, q->arena, units_tx, &u, f);
	for (size_t i = 0; rc == RC_OK && i < u.count; i++)
		if (str_eq(u.all[i].slug, slug) && actor_in_unit(&q->actor, u.all[i].id)) {
			*out = u.all[i].id;
			return RC_OK;
		}
	return rc == RC_OK ? RC_NONE : rc;
}

void shift_units(struct request *q, struct vobj *page, int list, const char *at, struct unit_id current)
{
	struct units u = {0};
	if (q->actor.unit_count < 2 ||
	    store_read(q->app->store, q->ward->id, q->arena, units_tx, &u, NULL) != RC_OK)
		return;
	for (size_t i = 0; i < u.count; i++) {
		if (!actor_in_unit(&q->actor, u.all[i].id))
			continue;
		struct vobj *o = view_item(page, list);
		view_text(o, SU_LABEL, u.all[i].name);
		view_url(o, SU_URL, request_link(q, "%s?unit=%.*s", at, PSTR(u.all[i].slug)));
		view_bool(o, SU_CURRENT, u.all[i].id.v == current.v);
	}
}

bool shift_words(struct request *q, const char *name, size_t max, struct str *out, struct str *error)
{
	enum rc rc = text_clean(q->arena, request_form(q, name), TEXT_LINES, max, out);
	*error = STR_EMPTY;
	if (rc == RC_INVALID) {
		*out = STR_EMPTY;
		*error = request_text(q, "form.not_utf8");
	} else if (rc == RC_TOO_BIG) {
		*error = arena_fmt(q->arena, "%.*s %zu/%zu", PSTR(request_text(q, "form.too_long")),
		                   text_length(*out), max);
	}
	return error->n == 0;
}

#define NOTES_BODY ((size_t)64 << 10)
#define PAPER_BODY ((size_t)2 << 20)

static const struct route ROUTES[] = {
	ROUTE(GET, "/desk/shift", handover_now, case_work, NONE, 0, PAGE, NONE, &HANDOVER, "shift/handover",
	      "the shift's sheet as it is now, and earlier ones"),
	ROUTE(POST, "/desk/shift", handover_send, case_work, SESSION, NOTES_BODY, FORM, NONE, &HANDOVER,
	      "shift/handover", "hands the shift over: the sheet is frozen"),
	ROUTE(GET, "/desk/shift/:id", handover_page, case_work, NONE, 0, PAGE, NONE, &HANDOVER,
	      "shift/handover", "a sheet that was handed over"),
	ROUTE(POST, "/desk/shift/:id/accept", handover_accept, case_work, SESSION, 4096, FORM, NONE, NULL,
	      NULL, "takes a shift, by who comes"),
	ROUTE(GET, "/desk/paper", paper_list, case_work, NONE, 0, PAGE, NONE, &PAPERS, "shift/papers",
	      "the paper lists of the last week"),
	ROUTE(GET, "/desk/paper/:day", paper_page, case_work, NONE, 0, PAGE, NONE, &PAPER, "shift/paper",
	      "open work of a day, for paper, and what was written by hand"),
	ROUTE(POST, "/desk/paper/:day", paper_send, case_work, SESSION, PAPER_BODY, FORM, NONE, &PAPER,
	      "shift/paper", "enters what was written by hand, each case in its own transaction"),
	{0},
};

const struct room SHIFT_ROOM = {
	.name = "shift", .routes = ROUTES, .schema = SHIFT_SCHEMA, .jobs = SHIFT_JOBS, .checks = SHIFT_CHECKS};

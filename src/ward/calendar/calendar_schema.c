#include "ward/calendar/calendar_store.h"

#define X(name, number) #name,
static const char *const STATES[] = {CALENDAR_STATE_TABLE(X)};
static const char *const ANSWERS[] = {DAY_ANSWER_TABLE(X)};
#undef X

const char *calendar_state_name(enum calendar_state s) { return STATES[s - 1]; }
const char *day_answer_name(enum day_answer a) { return ANSWERS[a]; }

bool day_answer_of(struct str name, enum day_answer *out)
{
	for (int a = ANSWER_open; a <= ANSWER_later; a++)
		if (str_is(name, ANSWERS[a])) {
			*out = (enum day_answer)a;
			return true;
		}
	return false;
}

const struct schema_step CALENDAR_SCHEMA[] = {
	{"calendar-0001",
	 "-- Versions of a year's days, of no ward: all of a server's wards share them. The last applied one\n"
	 "-- is reckoned with; none is changed after that.\n"
	 "CREATE TABLE calendar (\n"
	 "  year @int NOT NULL,\n"
	 "  version @int NOT NULL,\n"
	 "  state @int NOT NULL,\n"
	 "  shipped @bool NOT NULL,\n"
	 "  origin @text NOT NULL,\n"
	 "  about @text NOT NULL,\n"
	 "  checksum @blob NOT NULL,\n"
	 "  made_at @time NOT NULL,\n"
	 "  made_by @text NOT NULL,\n"
	 "  confirmed_at @time,\n"
	 "  confirmed_by @text,\n"
	 "  applied_at @time,\n"
	 "  applied_by @text,\n"
	 "  PRIMARY KEY (year, version)\n"
	 ");\n"
	 "-- Its days, each with the decision that made it and what a person answered for it.\n"
	 "CREATE TABLE calendar_day (\n"
	 "  year @int NOT NULL,\n"
	 "  version @int NOT NULL,\n"
	 "  day @day NOT NULL,\n"
	 "  kind @int NOT NULL,\n"
	 "  name @text NOT NULL,\n"
	 "  decision @text NOT NULL,\n"
	 "  decided_day @day,\n"
	 "  hours @text NOT NULL,\n"
	 "  answer @int NOT NULL,\n"
	 "  PRIMARY KEY (year, version, day),\n"
	 "  FOREIGN KEY (year, version) REFERENCES calendar (year, version)\n"
	 ");\n"
	 "-- Dated rules as they were published: a row is never changed, only ended.\n"
	 "CREATE TABLE rule (\n"
	 "  name @text NOT NULL,\n"
	 "  valid_from @day NOT NULL,\n"
	 "  valid_to @day,\n"
	 "  body @text NOT NULL,\n"
	 "  published_at @time NOT NULL,\n"
	 "  published_by @text NOT NULL,\n"
	 "  PRIMARY KEY (name, valid_from)\n"
	 ");\n"},
	{NULL, NULL},
};

/* What a ward sets for itself on its administrator's page: one typed row each, with its bounds, its
 * default and its words (messages "ward_setting.<name>" and "ward_setting.<name>.help"). Values are
 * kept with the wards in memory (ward/place), so that reading one costs nothing; a change is seen at
 * once here and within seconds by every other process. The program's own settings are ward/settings.h.
 *
 * To add one: a row here, its two messages in po/. */
#ifndef XOM_WARD_WARD_SETTING_H
#define XOM_WARD_WARD_SETTING_H

#include "ward/app.h"

/* name, type, least and most (characters, or the number itself), default, group of the page */
#define WARD_SETTING_TABLE(X) \
	X(hotline, PHONE, 0, 40, "", office) \
	X(office_address, LINE, 0, 200, "", office) \
	X(office_hours, LINE, 0, 200, "", office) \
	X(same_days, NUMBER, 1, 365, "30", office) \
	X(oversight_mail, MAIL, 0, 254, "", office) \
	X(area_head_names, YESNO, 0, 0, "no", office) \
	X(idle_days, NUMBER, 7, 730, "60", people) \
	X(shifts, TIMES, 1, 6, "06:00 14:00 22:00", shift) \
	X(paper_at, TIMES, 1, 1, "17:00", shift)
enum ward_setting {
	WS_unset,
#define X(name, type, least, most, otherwise, group) WS_##name,
	WARD_SETTING_TABLE(X)
#undef X
	WS_COUNT
};
/* TIMES: so many times of day at least and at most, "HH:MM", blanks between, rising. */
enum ward_setting_type { WS_LINE = 1, WS_PHONE, WS_NUMBER, WS_YESNO, WS_TIMES, WS_MAIL };
struct ward_setting_row {
	const char *name, *group, *otherwise;
	enum ward_setting_type type;
	int64_t least, most;
};
extern const struct ward_setting_row WARD_SETTINGS[WS_COUNT];

/* The ward's value, or the default. */
struct str ward_setting_text(const struct app *app, struct ward_id w, enum ward_setting s);
int64_t ward_setting_number(const struct app *app, struct ward_id w, enum ward_setting s);
/* Minutes of the day, rising; returns how many (at most 6). */
enum { WARD_TIMES = 6 };
size_t ward_setting_times(const struct app *app, struct ward_id w, enum ward_setting s,
                          int out[WARD_TIMES]);
/* When the shift began that `at` lies in. */
int64_t ward_shift_start(const struct app *app, struct ward_id w, int64_t at);
/* The moment of that day at which the paper list of open work is made. */
int64_t ward_paper_at(const struct app *app, struct ward_id w, int32_t day);
/* "22:00" as minutes of the day; false when it is no time. */
bool time_of_day(struct str s, int *minutes);
bool ward_setting_yes(const struct app *app, struct ward_id w, enum ward_setting s);

enum ward_setting ward_setting_find(struct str name);   /* WS_unset: none */
/* Checks, writes, logs; inside the ward's transaction. RC_INVALID: not of its type, or out of bounds.
 * RC_EXISTS: it is so already. ward_settings_seen after the commit. */
enum rc ward_setting_put(struct tx *tx, const struct app *app, struct account_id who,
                         enum ward_setting s, struct str value, struct fault *f);
/* After the commit: this process and the public pages see it. */
enum rc ward_settings_seen(struct app *app, struct ward_id w, struct fault *f);

#endif

#include "ward/ward_setting.h"

#include <string.h>

#include "kit/base/text.h"
#include "ward/people/admin_log.h"

const struct ward_setting_row WARD_SETTINGS[WS_COUNT] = {
#define X(name, type, least, most, otherwise, group) \
	[WS_##name] = {#name, #group, otherwise, WS_##type, least, most},
	WARD_SETTING_TABLE(X)
#undef X
};

struct str ward_setting_text(const struct app *app, struct ward_id w, enum ward_setting s)
{
	struct str value = ward_value(app->places, w, str_of(WARD_SETTINGS[s].name));
	if (value.p != NULL)
		return value;
	/* A ward's hotline may come from the day it was made. */
	const struct ward *ward = s == WS_hotline ? ward_by_id(app->places, w) : NULL;
	return ward != NULL ? ward->hotline : str_of(WARD_SETTINGS[s].otherwise);
}

int64_t ward_setting_number(const struct app *app, struct ward_id w, enum ward_setting s)
{
	const struct ward_setting_row *row = &WARD_SETTINGS[s];
	int64_t n = 0, otherwise = 0;
	if (!str_i64(str_of(row->otherwise), &otherwise))
		BUG("%s has no number for its default", row->name);
	if (!str_i64(ward_setting_text(app, w, s), &n) || n < row->least || n > row->most)
		return otherwise;
	return n;
}

bool time_of_day(struct str s, int *minutes)
{
	struct str rest = s, hour = str_cut(&rest, ':');
	int64_t h, m;
	if (hour.n < 1 || hour.n > 2 || rest.n != 2 || !str_i64(hour, &h) || !str_i64(rest, &m) || h < 0 ||
	    h > 23 || m < 0 || m > 59)
		return false;
	*minutes = (int)(h * 60 + m);
	return true;
}

/* 0: not a list of rising times, or too many. */
static size_t read_times(struct str s, int out[WARD_TIMES])
{
	size_t n = 0;
	while (s.n > 0) {
		struct str one = str_cut(&s, ' ');
		if (n == WARD_TIMES || !time_of_day(one, &out[n]) || (n > 0 && out[n] <= out[n - 1]))
			return 0;
		n++;
	}
	return n;
}

size_t ward_setting_times(const struct app *app, struct ward_id w, enum ward_setting s,
                          int out[WARD_TIMES])
{
	size_t n = read_times(ward_setting_text(app, w, s), out);
	return n > 0 ? n : read_times(str_of(WARD_SETTINGS[s].otherwise), out);
}

int64_t ward_shift_start(const struct app *app, struct ward_id w, int64_t at)
{
	int times[WARD_TIMES];
	size_t n = ward_setting_times(app, w, WS_shifts, times);
	int64_t day = day_start(day_of(at));
	int64_t start = day_start(day_of(at) - 1) + times[n - 1] * US_MINUTE;
	for (size_t i = 0; i < n; i++)
		if (day + times[i] * US_MINUTE <= at)
			start = day + times[i] * US_MINUTE;
	return start;
}

int64_t ward_paper_at(const struct app *app, struct ward_id w, int32_t day)
{
	int times[WARD_TIMES];
	(void)ward_setting_times(app, w, WS_paper_at, times);
	return day_start(day) + times[0] * US_MINUTE;
}

bool ward_setting_yes(const struct app *app, struct ward_id w, enum ward_setting s)
{
	return str_is(ward_setting_text(app, w, s), "yes");
}

enum ward_setting ward_setting_find(struct str name)
{
	for (enum ward_setting s = WS_unset + 1; s < WS_COUNT; s++)
		if (str_is(name, WARD_SETTINGS[s].name))
			return s;
	return WS_unset;
}

static enum rc checked(struct arena *a, const struct ward_setting_row *row, struct str value,
                       struct str *out, struct fault *f)
{
	int64_t n = 0;
	int times[WARD_TIMES];
	size_t most = row->type == WS_NUMBER ? 20
	              : row->type == WS_YESNO ? 3
	              : row->type == WS_TIMES ? WARD_TIMES * 6
	                                      : (size_t)row->most;
	bool ok = text_clean(a, value, TEXT_LINE, most, out) == RC_OK;
	switch (row->type) {
	case WS_LINE:
		ok = ok && text_length(*out) >= (size_t)row->least;
		break;
	case WS_PHONE:
		ok = ok && (out->n == 0 || text_is_phone(*out)) && out->n >= (size_t)row->least;
		break;
	case WS_NUMBER:
		ok = ok && str_i64(*out, &n) && n >= row->least && n <= row->most;
		break;
	case WS_TIMES:
		ok = ok && (int64_t)read_times(*out, times) >= row->least &&
		     (int64_t)read_times(*out, times) <= row->most;
		break;
	case WS_MAIL:
		ok = ok && (out->n == 0 || address_read(a, *out, out) == RC_OK);
		break;
	case WS_YESNO:
		ok = ok && (str_is(*out, "yes") || str_is(*out, "no"));
		break;
	}
	return ok ? RC_OK : fault_at(f, RC_INVALID, "", 0, row->name, "not what this setting takes");
}

enum rc ward_setting_put(struct tx *tx, const struct app *app, struct account_id who,
                         enum ward_setting s, struct str value, struct fault *f)
{
	const struct ward_setting_row *row = &WARD_SETTINGS[s];
	struct str clean, old = ward_setting_text(app, tx_ward(tx), s);
	enum rc rc = checked(tx_arena(tx), row, value, &clean, f);
	if (rc != RC_OK)
		return rc;
	if (str_eq(clean, old))
		return RC_EXISTS;
	rc = ward_value_put(tx, str_of(row->name), clean.n > 0 ? clean : STR_EMPTY, f);
	if (rc == RC_OK)
		rc = admin_log_add(tx, who, ACT_setting, str_of(row->name),
		                   arena_fmt(tx_arena(tx), "%.*s → %.*s", PSTR(old), PSTR(clean)), f);
	return rc;
}

enum rc ward_settings_seen(struct app *app, struct ward_id w, struct fault *f)
{
	enum rc rc = places_refresh(app->places, app->store, f);
	if (rc == RC_OK)
		flow_changed(w);
	return rc;
}

#include "ward/calendar_import.h"

#include <string.h>

#include "ward/calendar/calendar_feed.h"

enum { YAML_BYTES_MAX = 64 << 10 };

/* A picture, a letter, a packed folder: neither a feed nor a year's file, whatever its size. */
static bool is_text(struct str block) { return block.n == 0 || memchr(block.p, '\0', block.n) == NULL; }

/* A feed begins so, after a byte order mark and blank lines at most. */
static bool is_feed(struct str bytes)
{
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		bytes = str_sub(bytes, 3, bytes.n);
	return str_starts(str_trim(bytes), STR("BEGIN:VCALENDAR"));
}

static enum rc read_feed(struct app *app, struct arena *a, struct spool *spool, struct calendar_import *g,
                         struct fault *f)
{
	struct media_day *days = NULL;
	enum photo_error why = PHOTO_fine;
	size_t n = 0;
	g->feed = true;
	enum rc rc = media_calendar(app->media, a, spool, g->year, &days, &n, &why, f);
	if (rc == RC_INVALID && why == PHOTO_too_large)
		return RC_TOO_BIG;
	if (rc == RC_INVALID && why == PHOTO_truncated)
		return fault_at(f, rc, "", 0, "event", "an event begins on a day that there is not, as 29/02 of a common year, or at"
		                " 24:00, which is the next day's 00:00");
	if (rc != RC_OK)
		return rc;
	if (n == 0)
		return fault_set(f, RC_NONE, "the feed has no day of %d", g->year);
	struct feed_day *feed = arena_array(a, n, sizeof *feed);
	for (size_t i = 0; i < n; i++)
		feed[i] = (struct feed_day){days[i].day, days[i].name};
	return calendar_of_feed(a, g->year, feed, n, calendar_year_of(app->calendar, g->year), g->name, &g->proposal,
	                        &g->skipped, f);
}

enum rc calendar_import_read(struct app *app, struct arena *a, struct spool *spool, struct calendar_import *g,
                             struct fault *f)
{
	struct buf b = {.max = YAML_BYTES_MAX + 1};
	struct str block = STR_EMPTY;
	if (spool_size(spool) == 0)
		return fault_set(f, RC_INVALID, "the file is empty");
	enum rc rc = spool_rewind(spool, f);
	while (rc == RC_OK && (rc = spool_read(spool, &block, f)) == RC_OK) {
		if (b.n == 0 && is_feed(block)) {
			buf_release(&b);
			return read_feed(app, a, spool, g, f);
		}
		if (!is_text(block)) {
			buf_release(&b);
			return fault_set(f, RC_INVALID, "the file is neither an iCalendar feed nor a year's file");
		}
		if (spool_size(spool) > YAML_BYTES_MAX)
			return fault_set(f, RC_TOO_BIG, "a year's file has at most %d bytes", YAML_BYTES_MAX);
		buf_add(&b, block);
	}
	struct str yaml = arena_take(a, &b);
	if (rc != RC_NONE)
		return rc;
	g->faults = ARENA_NEW(a, struct yaml_reader);
	rc = calendar_year_parse(g->faults, a, arena_z(a, g->name), yaml, &g->proposal, f);
	if (rc == RC_OK)
		g->year = g->proposal->year;
	return rc;
}

enum rc calendar_import_write(struct tx *tx, struct calendar_import *g, struct fault *f)
{
	g->lines = g->proposal->listed_count;
	return calendar_propose(tx, g->proposal, g->name, g->who, &g->version, f);
}

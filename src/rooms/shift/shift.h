/* The shift room: what one shift hands to the next, and the paper on which a ward works through a
 * power cut.
 *
 * A hand-over sheet is made by the system: what came, what was done, what is open, overdue and due
 * next. It is frozen when it is handed over (kinds, states and days as they stood; the street is read
 * from the case, so that what is erased there is gone here too) and taken by somebody else's own
 * sign-in. Nothing of it can be changed afterwards but that it is taken, once.
 *
 * The paper list is made each day at the ward's time, for every unit: its open work with blank columns.
 * What was written there by hand is entered in the same order, with the time at which it happened. Where
 * the operator wishes it is a file, too, that is printed without anybody: power goes before one prints.
 *
 * Files: shift.c routes and tables; handover_store.c, handover_pages.c; paper_store.c (and the job),
 * paper_pages.c, paper_file.c, paper_pdf.c. */
#ifndef XOM_SHIFT_SHIFT_H
#define XOM_SHIFT_SHIFT_H

#include "kit/view/frame.h"
#include "ward/page.h"
#include "ward/doctor.h"
#include "ward/room.h"
#include "ward/ward_setting.h"

extern const struct room SHIFT_ROOM;

enum { SHEET_ROWS = 200, SHEET_NOTES_MAX = 4000, PAPER_ROWS = 1000, PAPER_DAYS = 7 };  /* keep.paper */

/* --- hand-over --- */
enum section { SECTION_came = 1, SECTION_done, SECTION_overdue, SECTION_next, SECTION_solved, SECTION_COUNT };

struct handover_row {
	enum section section;
	struct case_id of;
	struct str kind;
	enum state state;
	int64_t due_at;
	struct ward_case c;           /* as it stands now, for code and street; id 0: not the reader's */
	struct str words;             /* of thanks */
};
struct handover {
	int64_t id;                   /* 0: not handed over yet */
	struct unit unit;
	int64_t from, until;
	struct str notes, out_name, in_name;
	struct account_id out, in;
	int64_t accepted_at;
	int64_t open_n, overdue_n;
	struct handover_row *rows;
	size_t count;
};
/* The sheet as it would be now: since the unit's last hand-over within a day, else since the shift
 * began. */
enum rc sheet_now(struct tx *tx, const struct app *app, const struct actor *who, struct unit_id unit,
                  struct handover *out, struct fault *f);
/* Freezes it. */
enum rc sheet_put(struct tx *tx, const struct app *app, const struct actor *who, struct unit_id unit,
                  struct str notes, int64_t *id, struct fault *f);
/* RC_NONE: none, or of a unit that the actor is not in. */
enum rc sheet_get(struct tx *tx, const struct app *app, const struct actor *who, int64_t id,
                  struct handover *out, struct fault *f);
/* RC_EXISTS: taken already. RC_DENIED: by who handed it over. */
enum rc sheet_accept(struct tx *tx, const struct actor *who, int64_t id, struct fault *f);
/* Newest first, before the id (0: the newest), without their rows. */
enum rc sheet_list(struct tx *tx, struct unit_id unit, int64_t before, size_t limit, struct handover **out,
                   size_t *count, struct fault *f);

/* --- paper --- */
struct paper_row {
	int no;
	struct case_id of;
	enum state state;             /* when the list was made */
	int64_t due_at;
	struct ward_case c;           /* as it stands now */
	bool gone;                    /* another unit's by now */
};
struct paper {
	struct unit unit;
	int32_t day;
	int64_t made_at;
	struct paper_row *rows;
	size_t count;
};
/* Its deadline is "at the latest": the clock stood when the list was made, and the date is still the same. */
bool paper_latest(const struct paper *p, const struct paper_row *row);
/* who NULL: the machine; cases of other units by now are gone for both. */
enum rc paper_get(struct tx *tx, const struct flow *w, const struct actor *who, struct unit_id unit,
                  int32_t day, struct paper *out, struct fault *f);
/* Writes the day's lists that have no file yet into the folder of the setting paper_list_dir, if one is
 * set, and removes old ones there. Never fails: what could not be written is told by SHIFT_CHECKS. */
void paper_files(struct app *app, struct arena *a, struct ward_id ward, int32_t day);
/* As an A4 PDF in Vietnamese, appended to *out. */
enum rc paper_pdf(const struct app *app, struct arena *a, const struct paper *p, struct buf *out,
                  struct fault *f);
extern const struct doctor_check SHIFT_CHECKS[];
/* The days that there are lists of, newest first, at most PAPER_DAYS + 1. */
enum rc paper_days(struct tx *tx, struct unit_id unit, int32_t *days, size_t *count, struct fault *f);
extern const struct job_kind SHIFT_JOBS[];
extern const struct schema_step SHIFT_SCHEMA[];

/* The unit of the query or form field "unit" among the actor's own; without one the first. RC_NONE. */
enum rc shift_unit(struct request *q, struct unit_id *out, struct fault *f);
/* A field of several lines, cleaned. False: *error says what is wrong, *out is what was typed. */
bool shift_words(struct request *q, const char *name, size_t max, struct str *out, struct str *error);
/* One link for each unit of the actor, when there are several. */
enum { SU_LABEL, SU_URL, SU_CURRENT, SU_FIELDS };
extern const struct shape SHIFT_UNIT;
void shift_units(struct request *q, struct vobj *page, int list, const char *at, struct unit_id current);

extern const struct shape HANDOVER, PAPER, PAPERS;
handler_fn handover_now, handover_send, handover_page, handover_accept, paper_list, paper_page,
	paper_send;

#endif

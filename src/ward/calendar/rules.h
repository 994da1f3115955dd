/* Rules: every period that the program reckons with, as dated rows, each with its legal source. A row
 * that was published is never changed, only ended and followed by another: a case keeps the row that
 * was valid on the day of its event. */
#ifndef XOM_CALENDAR_RULES_H
#define XOM_CALENDAR_RULES_H

#include "kit/base/clock.h"
#include "kit/base/yaml.h"

/* working_day   the n-th working day after day 0
 * calendar_day  day 0 plus n, moved to the next working day when it is a rest day (article 148.5)
 * month         the same date n months on, else the month's last day (148.3), then moved
 * hour          by the clock, through nights and holidays, never moved
 * working_hour  inside office hours */
enum rule_unit {
	RULE_working_day = 1, RULE_calendar_day, RULE_month, RULE_hour, RULE_working_hour
};
static inline bool rule_unit_timed(enum rule_unit u) { return u >= RULE_hour; }
const char *rule_unit_name(enum rule_unit u);   /* "working_day" */

/* Why a clock stands still: a question to the resident, another authority's answer, or the matter was
 * closed and opened again. */
enum pause_kind { PAUSE_resident = 1, PAUSE_authority, PAUSE_closed };
enum { PAUSE_KINDS = 4, RULE_SHARES_MAX = 6, RULE_EXTEND_MAX = 9, RULES_FILE_MAX = 256 << 10 };

/* What a matter that was closed and is opened again gets: a new promise, or the rest of the old one.
 * The time that it was closed is charged in neither. */
enum rule_reopen { REOPEN_anew, REOPEN_continue };

struct rule_extend {
	int times;                    /* 0: this rule cannot be extended */
	int amount;                   /* at most, each time */
	enum rule_unit unit;
	bool from_raw;                /* from the end before it was moved off a rest day, else from the
	                                 moved one: each rule says which */
};

struct rule {
	struct str name;              /* "close.lighting" */
	int amount;
	enum rule_unit unit;
	struct str event;             /* what day 0 is: "receipt", "closing", … */
	struct str source;            /* law or decision with number, or "setting of the ward" */
	int32_t valid_from, valid_to; /* by the day of the event, both included; valid_to 0: still */
	bool verified;                /* false: shown as a setting, never as a claim of law */
	bool deemed_next;             /* an event on a rest day counts as of the next working day */
	bool fixed;                   /* calendar days and months only: the last day stays where it falls,
	                                 on a rest day too, so that no calendar of that year is needed */
	struct rule_extend extend;
	int pause_days[PAUSE_KINDS];  /* by enum pause_kind: after so many calendar days the clock runs
	                                 again by itself; 0: it is never paused for that */
	enum rule_reopen reopen;
	int shares[RULE_SHARES_MAX];  /* per cent of the time at which somebody is told, rising */
	size_t share_count;           /* none: at 50, 80 and 100 */
	struct str after;             /* the rule by which an apology is due when this one was missed */
	int line;                     /* in the file that it was read from */
};
/* The rows are replaced whole (rules_put), seen by everybody at once; what was handed out stays until
 * rules_free. */
struct rules;
/* All or nothing; the fault is the first one of the file. */
enum rc rules_load(struct rules **out, const char *file, struct fault *f);
/* The same of text; `file` is named in faults, every one of which is in `y` (may be NULL). */
enum rc rules_parse(struct rules **out, struct yaml_reader *y, const char *file, struct str yaml,
                    struct fault *f);
/* Replaces all rows by those of the text, or none. One thread at a time. */
enum rc rules_put(struct rules *r, const char *file, struct str yaml, struct fault *f);
void rules_free(struct rules *r);
/* The row of that name valid on the day. RC_NONE. Borrowed until rules_free. */
enum rc rule_find(const struct rules *r, struct str name, int32_t day, const struct rule **out);
size_t rules_all(const struct rules *r, const struct rule **out);
/* Rows "most.text" say how long a part may be kept at the most: a row "keep.text" of the same time that is
 * longer is refused with the file, and so is a procedure that keeps the part by any longer rule. Compared in
 * days; both count calendar days or months. */
#define RULE_MOST "most."
bool rule_longer(const struct rule *rule, const struct rule *most);
/* The row as the inside of a YAML map, without its end: the same for the same rule always. */
void rule_write(const struct rule *rule, struct buf *out);

#endif

/* The demo's cases: what was reported, and what was done since. */
#ifndef XOM_DEMO_CASES_H
#define XOM_DEMO_CASES_H

#include "demo/draw.h"
#include "ward/flow/flow.h"

enum { DEMO_STEPS = 12 };
struct demo_step {
	enum verb verb;
	double days_ago;
	bool by_reporter;
	const char *part, *text, *outcome;
};
struct demo_case {
	const char *kind;
	double days_ago;
	size_t area;                  /* index among the ward's khu vực */
	const char *street, *landmark, *text;
	bool draw;
	enum draw_scene scene;
	struct demo_step steps[DEMO_STEPS];
	const double *point;          /* longitude and latitude, or NULL */
	size_t joins, into;           /* how-manyth of its list, from 1, it joins at once; that VERB_merge leads to */
};

/* Ended by a row without kind. */
extern const struct demo_case DEMO_SONG_MAY[], DEMO_RACH_TRUC[];
/* With the year: one lamp that three people told of, and a drain that two did, merged by the desk. */
extern const struct demo_case DEMO_TOGETHER[];
enum { DEMO_TOGETHER_COUNT = 5 };

/* Rows of who receives what is handed over, and of who is where for each khu vực (demo_receivers.c). */
enum rc demo_receivers(struct tx *tx, struct idgen *ids, int32_t from, const struct area *areas, size_t area_count,
                       struct fault *f);
/* Oversight, granted by the signature of an invented second organisation (demo_second.c). */
enum rc demo_oversight(struct tx *tx, const struct ward *w, const struct account *who, int32_t from, struct fault *f);

#endif

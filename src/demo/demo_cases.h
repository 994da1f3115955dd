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
};

/* Ended by a row without kind. */
extern const struct demo_case DEMO_SONG_MAY[], DEMO_RACH_TRUC[];

#endif

/* Random calendars and cases, reckoned twice: by src/ward/calendar and by slow.c. */
#ifndef TEST_CALENDAR_DRAW_H
#define TEST_CALENDAR_DRAW_H

#include <stdint.h>

struct drawn {
	long cases, disagreements, answers[5];    /* by enum slow_answer: none of them may be rare by mistake */
	long paused, extended, changed, shares, traces, reopened;
	char first[900];                          /* the first disagreement, in words */
};
/* `cases` of them from the seed; the machine's zone changes between calendars. */
void draw_and_compare(uint64_t seed, long cases, struct drawn *out);

#endif

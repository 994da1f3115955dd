/* bench clockcheck: random cases reckoned by src/ward/calendar and by the second, slow reckoning of
 * test/calendar/slow.c. The last line is the number that they disagree on.
 *
 * usage: bench-clockcheck CASES SEED */
#include <stdio.h>
#include <stdlib.h>

#include "../test/calendar/draw.h"

int main(int argc, char **argv)
{
	struct drawn d;
	long cases = argc > 1 ? strtol(argv[1], NULL, 10) : 20000;
	draw_and_compare(argc > 2 ? strtoull(argv[2], NULL, 10) : 20261126, cases, &d);
	(void)printf("cases %ld paused %ld extended %ld closed %ld changed %ld shares %ld\n", d.cases, d.paused, d.extended,
	             d.reopened, d.changed, d.shares);
	(void)printf("due %ld missing_year %ld bad_pause %ld not_allowed %ld waiting %ld\n", d.answers[0], d.answers[1],
	             d.answers[2], d.answers[3], d.answers[4]);
	if (d.disagreements > 0)
		(void)printf("first: %s\n", d.first);
	(void)printf("%ld\n", d.disagreements);
	return d.disagreements > 0;
}

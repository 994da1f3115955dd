/* iCalendar files of any bytes, through what xom-media does with them, without its fences: days of the asked
 * year alone, in order, each once, or a word why not. The first byte chooses the year.
 * Sources: xom-media/ics.c; pkg:libical */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/media/frame.h"
#include "xom-media/ics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __lsan_is_turned_off(void);

/* The library keeps what it made once; the program ends after one file. */
int __lsan_is_turned_off(void) { return 1; }

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > FRAME_MAX_CALENDAR)
		return 0;
	int year = 2000 + data[0] % 101;
	char *bytes = malloc(size), *out = NULL, last[11] = "";
	size_t n = 0;
	must(bytes != NULL);
	memcpy(bytes, data + 1, size - 1);
	bytes[size - 1] = '\0';
	enum photo_error e = ics_days(bytes, size - 1, year, &out, &n);
	free(bytes);
	must(e == PHOTO_fine || e == PHOTO_empty || e == PHOTO_not_image || e == PHOTO_too_large || e == PHOTO_truncated);
	if (e != PHOTO_fine)
		return 0;
	must(strlen(out) == n);
	for (char *line = out; *line != '\0'; line = strchr(line, '\n') + 1) {
		must(strchr(line, '\n') != NULL && strtol(line, NULL, 10) == year && line[4] == '-' && line[7] == '-' && line[10] == ' ');
		must(strncmp(line, last, 10) > 0);
		(void)snprintf(last, sizeof last, "%.10s", line);
#ifdef PLANT_BUG
		/* For CI alone: proof that the fuzzer finds what can be reached. */
		if (strncmp(line + 5, "07-20", 5) == 0)
			abort();
#endif
	}
	free(out);
	return 0;
}

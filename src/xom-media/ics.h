/* Days of one year out of an iCalendar file, by libical. */
#ifndef XOM_MEDIA_ICS_H
#define XOM_MEDIA_ICS_H

#include <stddef.h>

#include "kit/media/media.h"

/* `bytes` ends with a NUL that is not counted. Gives lines "2027-02-08 Name\n" in the order of days, to
 * be freed; a day on which several things fall stands once. Repetitions are expanded within the year
 * alone. PHOTO_not_image: no calendar; PHOTO_too_large: more events or repetitions than a calendar of
 * holidays has. PHOTO_truncated: an event begins on a day, or at an hour, that there is not. */
enum photo_error ics_days(const char *bytes, size_t n, int year, char **out, size_t *length);

#endif

/* What doctor sees of the bucket of attachments. */
#include "ward/doctor.h"

#define SKEW_SOON_US (5 * US_MINUTE)
#define SKEW_WRONG_US (15 * US_MINUTE)     /* S3 refuses a request that is older or newer */

void check_attachments(struct doctor *d)
{
	struct attachments_look look;
	media_look(d->app->media, &look);
	if (!look.far) {
		found(d, LEVEL_fine, "folder");
		return;
	}
	size_t before = d->count;
	struct clock machine;                  /* whom the storage compares with; no test moves it */
	clock_init(&machine);
	int64_t skew = look.its_clock != 0 ? look.its_clock - clock_now(&machine) : 0;
	if (skew < 0)
		skew = -skew;
	if (skew > SKEW_SOON_US)
		found_number(d, skew > SKEW_WRONG_US ? LEVEL_wrong : LEVEL_soon, "clock", "minutes",
		             skew / US_MINUTE);
	if (look.rc != RC_OK)
		found_text(d, LEVEL_wrong, look.rc == RC_AWAY ? "silent" : look.rc == RC_CORRUPT ? "lies" : "refused",
		           "why", str_of(look.why));
	if (look.foreign)
		found(d, LEVEL_wrong, "foreign");
	if (look.open)
		found(d, LEVEL_wrong, "open");
	if (look.versions)
		found(d, LEVEL_soon, "versions");
	if (d->count == before)
		found_text(d, LEVEL_fine, "fine", "where", str_of(d->app->settings.attachments));
}

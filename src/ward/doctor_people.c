/* What doctor sees of who is entered: who would see nothing, and about whom nobody receives a matter. It says
 * nothing of whether there is such a matter: the page is the administrator's (docs/permissions.md, row 50). */
#include "ward/doctor.h"
#include "ward/people/people.h"

enum { MISSING_MOST = 256, NAMED = 8 };

struct looking {
	struct subject missing[MISSING_MOST];
	size_t count;
	int64_t over;
};

static enum rc look(struct tx *tx, void *ctx, struct fault *f)
{
	struct looking *k = ctx;
	enum rc rc = people_over(tx, &k->over, f);
	return rc == RC_OK ? receivers_missing(tx, k->missing, MISSING_MOST, &k->count, f) : rc;
}

static struct str name_of(const struct subject *s)
{
	static const char *const POSTS[] = {[SUBJECT_chair] = "Chủ tịch phường", [SUBJECT_area_head] = "trưởng khu vực",
	                                    [SUBJECT_unknown] = "không rõ là ai"};
	return s->what == SUBJECT_unit ? s->unit.name : str_of(POSTS[s->what]);
}

static struct str named(struct doctor *d, const struct looking *k)
{
	struct buf b = {0};
	for (size_t i = 0; i < k->count && i < NAMED; i++)
		buf_join(&b, ", ", name_of(&k->missing[i]));
	if (k->count > NAMED)
		buf_join(&b, ", ", STR("…"));
	return arena_take(d->arena, &b);
}

void check_people(struct doctor *d)
{
	enum { MOST = 64 };
	const struct ward *wards[MOST];
	size_t n = ward_all(d->app->places, wards, MOST), before = d->count;
	struct looking *k = arena_alloc(d->arena, sizeof *k);
	for (size_t i = 0; i < n; i++) {
		*k = (struct looking){.over = 0};
		if (store_read(d->app->store, wards[i]->id, d->arena, look, k, NULL) != RC_OK) {
			found_text(d, LEVEL_wrong, "unknown", "ward", wards[i]->name);
			continue;
		}
		if (k->over > 0) {
			found_text(d, LEVEL_wrong, "over", "ward", wards[i]->name);
			found_more(d, "count", arena_fmt(d->arena, "%lld", (long long)k->over));
		}
		if (k->count > 0) {
			found_text(d, LEVEL_soon, "receiver", "ward", wards[i]->name);
			found_more(d, "about", named(d, k));
		}
	}
	if (d->count == before)
		found(d, LEVEL_fine, "fine");
}

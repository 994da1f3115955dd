#include "ward/choices.h"

static struct choices options_of(const struct request *q, const struct procedure *const *kinds,
                                 size_t n, struct str chosen, const struct form_option *other)
{
	size_t k = 0;
	struct form_option *options = arena_array(q->arena, n + 1, sizeof *options);
	if (other != NULL)
		options[k++] = *other;
	for (size_t i = 0; i < n; i++)
		options[k++] = (struct form_option){.value = kinds[i]->name,
		                                    .label = kinds[i]->title[q->lang],
		                                    .hint = kinds[i]->about[q->lang],
		                                    .checked = str_eq(kinds[i]->name, chosen)};
	return (struct choices){options, k};
}

struct choices choices_kinds(const struct request *q, struct str chosen,
                             const struct form_option *other)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, day_of(q->now), kinds, CATEGORY_COUNT);
	return options_of(q, kinds, n, chosen, other);
}

struct choices choices_offered(const struct request *q, struct str chosen)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), kinds,
	                              CATEGORY_COUNT);
	return options_of(q, kinds, n, chosen, NULL);
}

struct choices choices_counter(const struct request *q, struct str chosen)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_offered(q->app->procedures, q->ward->id, day_of(q->now), kinds,
	                              CATEGORY_COUNT), kept = 0;
	for (size_t i = 0; i < n; i++)
		if (!procedure_by_rule(kinds[i]))
			kinds[kept++] = kinds[i];
	return options_of(q, kinds, kept, chosen, NULL);
}

struct choices choices_corrected(const struct request *q, const struct procedure *from,
                                 struct str chosen)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_all(q->app->procedures, day_of(q->now), kinds, CATEGORY_COUNT), kept = 0;
	for (size_t i = 0; i < n; i++)
		if (procedure_corrects(from, kinds[i]))
			kinds[kept++] = kinds[i];
	return options_of(q, kinds, kept, chosen, NULL);
}

struct choices choices_areas(const struct request *q, struct str chosen,
                             const struct form_option *other, bool last)
{
	struct area *areas;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id, day_of(q->now), &areas), k = 0;
	struct form_option *options = arena_array(q->arena, n + 1, sizeof *options);
	if (other != NULL && !last)
		options[k++] = *other;
	for (size_t i = 0; i < n; i++) {
		struct str id = arena_fmt(q->arena, "%lld", (long long)areas[i].id.v);
		options[k++] = (struct form_option){
			.value = id, .label = areas[i].name, .checked = str_eq(id, chosen)};
	}
	if (other != NULL && last)
		options[k++] = *other;
	return (struct choices){options, k};
}

bool choices_area(const struct request *q, struct str text, struct area_id *out)
{
	struct area *areas;
	size_t n = place_khu_vuc(q->app->places, q->arena, q->ward->id, day_of(q->now), &areas);
	int64_t id;
	if (!str_i64(text, &id))
		return false;
	for (size_t i = 0; i < n; i++)
		if (areas[i].id.v == id) {
			*out = areas[i].id;
			return true;
		}
	return false;
}

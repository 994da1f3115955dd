#include "kit/base/perm.h"

static const char *const ROLE_NAMES[ROLE_COUNT] = {
	[ROLE_unset] = "",
#define X(name, number) [ROLE_##name] = #name,
	ROLE_TABLE(X)
#undef X
};

static const char *const PERM_NAMES[PERM_COUNT] = {
	[PERM_unset] = "",
#define X(name, number) [PERM_##name] = #name,
	PERM_TABLE(X)
#undef X
};

const char *role_name(enum role r)
{
	return r < ROLE_COUNT ? ROLE_NAMES[r] : "";
}

enum role role_parse(struct str s)
{
	for (enum role r = ROLE_unset + 1; r < ROLE_COUNT; r++)
		if (str_is(s, ROLE_NAMES[r]))
			return r;
	return ROLE_unset;
}

const char *perm_name(enum perm p) { return p < PERM_COUNT ? PERM_NAMES[p] : ""; }

bool actor_may(const struct actor *a, enum perm p)
{
	if (p == PERM_open)
		return true;
	return p > PERM_unset && p < PERM_COUNT && (a->perms >> p & 1) != 0;
}

static bool among(const struct unit_id *list, size_t n, struct unit_id u, size_t *at)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].v == u.v && u.v != 0) {
			*at = i;
			return true;
		}
	return false;
}

size_t actor_places(const struct actor *a) { return a->unit_count + a->office_count; }

struct unit_id actor_place(const struct actor *a, size_t i)
{
	return i < a->unit_count ? a->units[i] : a->offices[i - a->unit_count];
}

bool actor_in_office(const struct actor *a, struct unit_id u)
{
	size_t at;
	return among(a->offices, a->office_count, u, &at);
}

bool actor_in_unit(const struct actor *a, struct unit_id u)
{
	size_t at;
	return among(a->units, a->unit_count, u, &at) || actor_in_office(a, u);
}

bool actor_works(const struct actor *a, struct unit_id u)
{
	return actor_in_office(a, u) || (actor_may(a, PERM_case_work) && actor_in_unit(a, u));
}

bool actor_works_all(const struct actor *a)
{
	return actor_may(a, PERM_case_work) || (a->unit_count == 0 && a->office_count > 0);
}

bool actor_heads(const struct actor *a, struct unit_id u)
{
	size_t at;
	return among(a->units, a->unit_count, u, &at) && (a->heads >> at & 1) != 0;
}

bool actor_in_area(const struct actor *a, struct area_id area)
{
	for (size_t i = 0; i < a->area_count; i++)
		if (a->areas[i].v == area.v)
			return area.v != 0;
	return false;
}

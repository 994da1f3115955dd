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

bool actor_in_unit(const struct actor *a, struct unit_id u)
{
	for (size_t i = 0; i < a->unit_count; i++)
		if (a->units[i].v == u.v && u.v != 0)
			return true;
	return false;
}

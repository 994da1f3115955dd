#include "ward/flow/sight.h"

#include "ward/people/people.h"

/* DOMAIN.md section 23, hazard text: the secretary and oversight read it, a member organisation and
 * the ward police where it was assigned to their unit. Conduct cases, and what a correction took off
 * the lists, are for those who work them alone. */
bool case_read_by(const struct ward_case *c, const struct actor *a)
{
	static const uint32_t EVERYWHERE = ROLE_BIT(ROLE_secretary) | ROLE_BIT(ROLE_oversight);
	if (case_handled_by(c, a))
		return true;
	if (!actor_may(a, PERM_case_read) || c->procedure->conduct || !c->listed)
		return false;
	return (a->roles & EVERYWHERE) != 0 || actor_in_unit(a, case_unit(c));
}

struct readers procedure_readers(const struct procedure *p)
{
	const struct unit_id has = {1}, other = {2};
	const struct account_id who = {1};
	struct ward_case c = {.procedure = p, .state = STATE_received, .listed = p->listed, .unit = has};
	if (procedure_mediated(p))
		c.mediators[0] = who;
	struct readers out = {0};
	for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++) {
		struct actor a = {.account = who, .roles = ROLE_BIT(r), .perms = people_perms(ROLE_BIT(r)),
		                  .sights = people_sights(ROLE_BIT(r)), .unit_count = people_see_units(ROLE_BIT(r)) ? 1 : 0, .units = {other}};
		bool anywhere = case_read_by(&c, &a);
		a.units[0] = has;
		if (anywhere)
			out.ward |= ROLE_BIT(r);
		else if (case_read_by(&c, &a) || case_mediated_by(&c, &a) ||
		         (p->area_head && actor_may(&a, PERM_area_read)))
			out.some |= ROLE_BIT(r);
		else
			out.never |= ROLE_BIT(r);
	}
	return out;
}

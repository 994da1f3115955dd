#include "ward/people/people_impl.h"

#define P(name) (1u << PERM_##name)

/* DOMAIN.md section 23, as far as what it speaks of exists. A permission opens a page; which cases
 * stand on it is the desk's question (the actor's units), and a case's own sight comes from there.
 * Nothing for khu vực heads until a kind is marked for them (RIGHTS.md, "Until then", 4). */
static const struct grant {
	uint32_t perms, sights;
} MATRIX[ROLE_COUNT] = {
	[ROLE_anyone] = {P(open), SEE_PUBLIC},
	[ROLE_reporter] = {P(open) | P(receipt), SEE_PUBLIC | SEE_REPORTER},
	[ROLE_area_head] = {P(open) | P(sign_in), SEE_PUBLIC},
	/* Hazard text: R assigned */
	[ROLE_member_org] = {P(open) | P(sign_in) | P(case_list) | P(case_read), SEE_PUBLIC | SEE_OFFICE},
	[ROLE_police] = {P(open) | P(sign_in) | P(case_list) | P(case_read), SEE_PUBLIC | SEE_OFFICE},
	/* the paragraph behind the table: R/W on cases of their own unit */
	[ROLE_handler] = {P(open) | P(sign_in) | P(case_list) | P(case_read) | P(case_work) |
	                      P(plates),
	                  SEE_PUBLIC | SEE_OFFICE},
	/* Hazard text: R */
	[ROLE_secretary] = {P(open) | P(sign_in) | P(case_list) | P(case_read), SEE_PUBLIC | SEE_OFFICE},
	/* totals only */
	[ROLE_chair] = {P(open) | P(sign_in), SEE_PUBLIC | SEE_OFFICE},
	/* Hazard text: R */
	[ROLE_oversight] = {P(open) | P(sign_in) | P(case_list) | P(case_read), SEE_PUBLIC | SEE_OFFICE},
	/* no case text, so not SEE_OFFICE either */
	[ROLE_admin] = {P(open) | P(sign_in) | P(admin) | P(plates), SEE_PUBLIC | SEE_ADMIN},
};

uint32_t people_perms(uint32_t roles)
{
	uint32_t perms = MATRIX[ROLE_anyone].perms;
	for (enum role r = ROLE_anyone; r < ROLE_COUNT; r++)
		if ((roles & ROLE_BIT(r)) != 0)
			perms |= MATRIX[r].perms;
	return perms;
}

uint32_t people_sights(uint32_t roles)
{
	uint32_t sights = MATRIX[ROLE_anyone].sights;
	for (enum role r = ROLE_anyone; r < ROLE_COUNT; r++)
		if ((roles & ROLE_BIT(r)) != 0)
			sights |= MATRIX[r].sights;
	return sights;
}

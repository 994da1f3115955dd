#include "ward/people/people_impl.h"

#define P(name) (1u << PERM_##name)

/* DOMAIN.md section 23, as far as what it speaks of exists. A permission opens a page; which cases
 * stand on it is the desk's question (the actor's units), and a case's own sight comes from there.
 * Chair and oversight work what they receive by rule alone (people_office.c): of their own units the
 * chair sees nothing. A khu vực's head and team read and settle kinds that are marked so. */
static const struct grant {
	uint32_t perms, sights;
	bool no_units;                /* membership in a unit shows nothing of its cases */
} MATRIX[ROLE_COUNT] = {
	[ROLE_anyone] = {P(open), SEE_PUBLIC, false},
	[ROLE_reporter] = {P(open) | P(receipt), SEE_PUBLIC | SEE_REPORTER, false},
	[ROLE_area_head] = {P(open) | P(sign_in) | P(area_read), SEE_PUBLIC, true},
	/* the row of docs/permissions.md for who helps the khu vực's head: as the head, without the words */
	[ROLE_area_team] = {P(open) | P(sign_in) | P(area_read), SEE_PUBLIC, true},
	/* Hazard text: R assigned */
	[ROLE_member_org] = {P(open) | P(sign_in) | P(case_list) | P(case_read), SEE_PUBLIC | SEE_OFFICE, false},
	/* Agency requests: ask */
	[ROLE_police] = {P(open) | P(sign_in) | P(case_list) | P(case_read) | P(agency) | P(agency_ask),
	                 SEE_PUBLIC | SEE_OFFICE, false},
	/* the paragraph behind the table: R/W on cases of their own unit */
	[ROLE_handler] = {P(open) | P(sign_in) | P(case_list) | P(case_read) | P(case_work) |
	                      P(case_move) | P(plates),
	                  SEE_PUBLIC | SEE_OFFICE, false},
	/* Hazard text: R */
	[ROLE_secretary] = {P(open) | P(sign_in) | P(case_list) | P(case_read), SEE_PUBLIC | SEE_OFFICE, false},
	/* agency requests: decide; totals, and of an escalated case code, kind, unit, days late; a matter about somebody who works here: R/W if receiver by rule */
	[ROLE_chair] = {P(open) | P(sign_in) | P(case_list) | P(case_read) | P(case_move) | P(chair) | P(agency) |
	                    P(agency_decide),
	                SEE_PUBLIC | SEE_OFFICE, true},
	/* Hazard text: R; a matter about somebody who works here: R/W if receiver by rule; redress requests,
	 * appeals, holds: R/W; agency requests: decide */
	[ROLE_oversight] = {P(open) | P(sign_in) | P(case_list) | P(case_read) | P(case_move) | P(oversight) | P(agency) |
	                        P(agency_decide),
	                    SEE_PUBLIC | SEE_OFFICE, false},
	/* no case text, so not SEE_OFFICE either */
	[ROLE_admin] = {P(open) | P(sign_in) | P(admin) | P(plates), SEE_PUBLIC | SEE_ADMIN, true},
	/* Mediation: R/W where they are named */
	[ROLE_mediator] = {P(open) | P(sign_in) | P(mediate), SEE_PUBLIC, true},
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

bool people_see_units(uint32_t roles)
{
	for (enum role r = ROLE_area_head; r < ROLE_COUNT; r++)
		if ((roles & ROLE_BIT(r)) != 0 && !MATRIX[r].no_units)
			return true;
	return false;
}

/* The paragraph behind the table: a unit head is a handling officer. */
uint32_t people_head_perms(uint32_t perms)
{
	return (perms & P(case_work)) != 0 ? P(unit_late) : 0;
}

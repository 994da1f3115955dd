/* What each role may, against the matrix written by hand from DOMAIN.md section 23. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "ward/people/people_impl.h"

static void matrix(void **state)
{
	(void)state;
	static const char *const expected[ROLE_COUNT] = {
		[ROLE_unset] = "o", [ROLE_anyone] = "o", [ROLE_reporter] = "or", [ROLE_area_head] = "osh",
		[ROLE_member_org] = "oslR", [ROLE_handler] = "oslRwpm", [ROLE_police] = "oslRgk",
		[ROLE_secretary] = "oslR", [ROLE_chair] = "oslRmcgy", [ROLE_oversight] = "oslRmvgy",
		[ROLE_admin] = "osap", [ROLE_mediator] = "osd", [ROLE_area_team] = "osh",
	};
	static const char letters[PERM_COUNT] = {
		[PERM_open] = 'o', [PERM_receipt] = 'r', [PERM_sign_in] = 's', [PERM_case_list] = 'l',
		[PERM_case_read] = 'R', [PERM_case_work] = 'w', [PERM_admin] = 'a',
		[PERM_plates] = 'p', [PERM_case_move] = 'm', [PERM_area_read] = 'h', [PERM_mediate] = 'd',
		[PERM_unit_late] = 'u', [PERM_chair] = 'c', [PERM_oversight] = 'v',
		[PERM_agency] = 'g', [PERM_agency_ask] = 'k', [PERM_agency_decide] = 'y',
	};
	for (enum role r = ROLE_unset; r < ROLE_COUNT; r++)
		for (enum perm p = PERM_unset + 1; p < PERM_COUNT; p++) {
			bool want = strchr(expected[r], letters[p]) != NULL;
			uint32_t roles = r == ROLE_unset ? 0 : ROLE_BIT(r);
			assert_int_equal(people_perms(roles) >> p & 1, want);
		}
	/* A unit head is a handling officer. */
	assert_int_equal(people_head_perms(people_perms(ROLE_BIT(ROLE_handler))), 1u << PERM_unit_late);
	assert_int_equal(people_head_perms(people_perms(ROLE_BIT(ROLE_police) | ROLE_BIT(ROLE_chair))), 0);
	assert_int_equal(people_sights(0), SEE_PUBLIC);
	assert_int_equal(people_sights(ROLE_BIT(ROLE_area_head)), SEE_PUBLIC);
	assert_int_equal(people_sights(ROLE_BIT(ROLE_admin)), SEE_PUBLIC | SEE_ADMIN);
	assert_int_equal(people_sights(ROLE_BIT(ROLE_handler)), SEE_PUBLIC | SEE_OFFICE);
	for (enum role r = ROLE_anyone; r < ROLE_COUNT; r++) /* a case's sight comes from the case */
		assert_int_equal(people_sights(ROLE_BIT(r)) & SEE_HANDLER, 0);
	assert_int_equal(people_perms(UINT32_MAX << ROLE_COUNT), 1u << PERM_open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(matrix)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

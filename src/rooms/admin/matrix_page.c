/* Who can see what: made from the rows that enforce it (people_matrix.c), in plain words. */
#include "rooms/admin/admin.h"

enum rc matrix_page(struct request *q, struct reply *r, struct fault *f)
{
	static const enum perm PERMS[] = {PERM_case_list, PERM_case_read, PERM_case_work, PERM_admin};
	static const char *const HEADS[] = {"admin.matrix.role", "admin.matrix.case_list",
	                                    "admin.matrix.case_read", "admin.matrix.case_work",
	                                    "admin.matrix.admin", NULL};
	struct admin_page p;
	(void)f;
	ap_begin(&p, q, "admin.matrix", "admin.matrix.lead");
	ap_section(&p, "roles", "admin.matrix.roles", "admin.matrix.roles.text");
	ap_table(&p, HEADS, "");
	for (enum role role = ROLE_anyone; role < ROLE_COUNT; role++) {
		uint32_t perms = people_perms(ROLE_BIT(role));
		ap_row(&p);
		ap_cell(&p, admin_role(q, role));
		for (size_t i = 0; i < sizeof PERMS / sizeof *PERMS; i++) {
			bool may = (perms >> PERMS[i] & 1) != 0;
			ap_cell_tag(&p, may ? "good" : "quiet",
			            request_text(q, may ? "admin.yes" : "admin.no"));
		}
	}
	ap_section(&p, "words", "admin.matrix.words", "");
	static const char *const WORDS[] = {"admin.matrix.unit", "admin.matrix.conduct",
	                                    "admin.matrix.reporter", "admin.matrix.nobody",
	                                    "admin.matrix.looks", "admin.matrix.self",
	                                    "admin.matrix.oversight"};
	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
		ap_item(&p, request_text(q, WORDS[i]), STR_EMPTY);
	ap_item(&p, request_text(q, "admin.matrix.rights"), request_link(q, "/rights"));
	reply_title(r, request_text(q, "admin.matrix"));
	return ap_reply(&p, r);
}

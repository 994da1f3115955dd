/* The published versions as rows, for whoever compares them; what is offered, asked by what it is for. */
#include "ward/flow/procedure.h"

enum rc procedure_versions(struct tx *tx, struct str kind, size_t limit,
                           struct procedure_version **out, size_t *count, struct fault *f)
{
	static const struct sql q = SQL_GLOBAL(
		"SELECT id, name, bytes, checksum, valid_from, published_at, published_by "
		"FROM procedure_version WHERE (?1 = '' OR name = ?1) "
		"ORDER BY published_at DESC, id DESC LIMIT ?2", "ti", "itbbiit");
	struct procedure_version *list = arena_array(tx_arena(tx), limit + 1, sizeof *list);
	struct rows r;
	size_t n = 0;
	enum rc rc = sql_rows(tx, &q, &r, BIND(v_text(kind), v_int((int64_t)limit)), f);
	while (rc == RC_OK && n < limit && (rc = rows_next(&r, f)) == RC_OK) {
		struct procedure_version *v = &list[n++];
		*v = (struct procedure_version){.id = {row_int(&r, 0)}, .name = row_str(&r, 1),
		                                .bytes = row_str(&r, 2), .who = row_str(&r, 6),
		                                .valid_from = (int32_t)row_int(&r, 4),
		                                .published_at = row_int(&r, 5)};
		(void)hash_from(row_str(&r, 3), &v->checksum);
	}
	rows_end(&r);
	*out = list;
	*count = n;
	return rc == RC_NONE ? RC_OK : rc;
}

const struct procedure *procedure_about_staff(const struct procedures *p, struct ward_id ward,
                                              int32_t day)
{
	const struct procedure *kinds[CATEGORY_COUNT];
	size_t n = procedures_offered(p, ward, day, kinds, CATEGORY_COUNT);
	for (size_t i = 0; i < n; i++)
		if (kinds[i]->about_staff)
			return kinds[i];
	return NULL;
}

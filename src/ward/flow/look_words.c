#include "ward/flow/look_words.h"

#include <inttypes.h>

#include "ward/flow/erase.h"
#include "ward/flow/flow_private.h"

const struct schema_step LOOK_WORDS_SCHEMA[] = {
	{"look-words-0001",
	 "-- The row's hash is over this commitment to its words, made with a salt that goes with them; NULL: a\n"
	 "-- row from before, whose hash is over the words. erased_day: when the words went by rule.\n"
	 "ALTER TABLE look ADD COLUMN commitment @blob;\n"
	 "ALTER TABLE look ADD COLUMN salt @blob;\n"
	 "ALTER TABLE look ADD COLUMN erased_day @day;\n"
	 "-- Whose words are still there, by age.\n"
	 "CREATE INDEX look_words ON look (ward_id, at, seq) WHERE erased_day IS NULL AND filter <> '';\n"},
	{0},
};

enum rc look_words_forget(struct tx *tx, int64_t from, int64_t to, int32_t day, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"UPDATE look SET filter = '', salt = NULL, erased_day = ?4 WHERE ward_id = ?1 AND seq >= ?2 AND seq <= ?3"
		" AND erased_day IS NULL AND filter <> ''", "iii", "");
	return sql_run(tx, &Q, BIND(v_int(from), v_int(to), v_int(day)), NULL, f);
}

enum rc look_words_sweep(struct tx *tx, const struct flow *w, size_t limit, int64_t *done, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT MIN(seq), MAX(seq), COUNT(*) FROM (SELECT seq FROM look WHERE ward_id = ?1 AND at < ?2"
		" AND erased_day IS NULL AND filter <> '' ORDER BY at, seq LIMIT ?3) AS old", "ii", "IIi");
	int32_t today = day_of(tx_now(tx)), kept;
	struct rows r;
	*done = 0;
	/* A look of the day before that one has its last day behind it. */
	enum rc rc = retention_day(w, STR(LOOK_WORDS_RULE), day_start(today), &kept, f);
	if (rc != RC_OK)
		return rc;
	rc = sql_one(tx, &Q, &r, BIND(v_int(day_start(today - (kept - today))), v_int((int64_t)limit)), f);
	if (rc != RC_OK)
		return rc;
	int64_t from = row_int(&r, 0), to = row_int(&r, 1), n = row_int(&r, 2);
	rows_end(&r);
	if (n == 0)
		return RC_OK;
	rc = look_words_forget(tx, from, to, today, f);
	if (rc == RC_OK)
		rc = deletion_add_code(tx, w, STR("-"),
		                       arena_fmt(tx_arena(tx), ERASE_LOOKS " %" PRId64 "-%" PRId64, from, to),
		                       STR(LOOK_WORDS_RULE), f);
	*done = n;
	return rc;
}

bool look_words_line(struct str kind, int64_t *from, int64_t *to)
{
	struct str word = str_cut(&kind, ' '), first = kind.p != NULL ? str_cut(&kind, '-') : STR_EMPTY;
	return str_is(word, ERASE_LOOKS) && kind.p != NULL && str_i64(first, from) && str_i64(kind, to) &&
	       *from >= 1 && *from <= *to;
}

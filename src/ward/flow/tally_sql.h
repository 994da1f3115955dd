/* The roll-up's rows as SQL makes them of the cases; tally.c makes the same of one case, and a test
 * compares the two day by day. The schema step figures-0001 holds this text: it never changes,
 * another reckoning is another text.
 *
 * 25200 s: the ward's day begins at UTC+7; the divisions are exact for times after 1970. The first
 * day of the month is worked out as Howard Hinnant's days-to-civil does, in whole numbers, because
 * no two engines share a function for it. */
#ifndef XOM_FLOW_TALLY_SQL_H
#define XOM_FLOW_TALLY_SQL_H

/* `which`: a condition on ward_case. Columns: ward_id, what, period, kind, area_id, mark, n. */
#define TALLY_OF_CASES(which) TALLY_CASES_WITH(which, "", "", "")
/* The same with what a case's reports are beyond its own, of cases that follow none. */
#define TALLY_OF_REPORTS(which) \
	TALLY_CASES_WITH("lead_id IS NULL AND flood_id IS NULL AND " which, ", more", \
	                 ", CASE WHEN shown = 1 THEN more ELSE 0 END AS more", ", 0")
/* What was taken out with a flood's group. */
#define TALLY_OF_CLEARED(which) \
	"SELECT ward_id, 6, month, '', 0, 1 - shown, 1, 0 FROM " \
	TALLY_MONTHS("lead_id IS NULL AND flood_id IS NOT NULL AND closed_at IS NOT NULL AND " which, "")
#define TALLY_CASES_WITH(which, also, shown_also, quiet_also) \
	"SELECT ward_id," \
	" CASE WHEN shown = 0 THEN 4 WHEN open = 1 THEN 1 WHEN state = 6 THEN 3 ELSE 2 END AS what," \
	" CASE WHEN shown = 1 AND open = 1 THEN day ELSE month END AS period, kind," \
	" CASE WHEN shown = 1 THEN area_id ELSE 0 END AS area_id," \
	" CASE WHEN shown = 0 THEN 0 WHEN open = 1 THEN due" \
	" WHEN closed > day THEN closed - day ELSE 0 END AS mark, 1 AS n" shown_also " FROM " \
	TALLY_MONTHS(which, also) \
	" UNION ALL SELECT ward_id, 5, month, '', 0, due, 1" quiet_also " FROM " TALLY_MONTHS(which, also) \
	" WHERE shown = 0 AND open = 1 AND due <> 0"

#define TALLY_MONTHS(which, also) \
	"(SELECT ward_id, kind, area_id, shown, open, state, due, closed, day" also "," \
	" day - (doy - (153 * ((5 * doy + 2) / 153) + 2) / 5) AS month FROM" \
	" (SELECT ward_id, kind, area_id, shown, open, state, due, closed, day" also "," \
	" doe - (365 * yoe + yoe / 4 - yoe / 100) AS doy FROM" \
	" (SELECT ward_id, kind, area_id, shown, open, state, due, closed, day" also ", doe," \
	" (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365 AS yoe FROM" \
	" (SELECT ward_id, kind, area_id, shown, open, state, due, closed, day" also "," \
	" day + 719468 - (day + 719468) / 146097 * 146097 AS doe FROM" \
	" (SELECT ward_id, kind, COALESCE(area_id, 0) AS area_id" also "," \
	" listed * (1 - withheld) AS shown, open, state," \
	" CASE WHEN due_at IS NULL THEN 0" \
	" ELSE (due_at - 1 + 25200000000) / 86400000000 END AS due," \
	" CASE WHEN closed_at IS NULL THEN 0" \
	" ELSE (closed_at + 25200000000) / 86400000000 END AS closed," \
	" (received_at + 25200000000) / 86400000000 AS day" \
	" FROM ward_case WHERE " which ") AS days) AS eras) AS years) AS year_days) AS months"

#endif

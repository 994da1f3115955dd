/* The administrators' log: who changed accounts, units, areas, procedures, settings or jobs, when.
 * A chained row of the ward, written in the transaction of the change, never changed. No words of a
 * case, no reporter, no password or link. */
#ifndef XOM_PEOPLE_ADMIN_LOG_H
#define XOM_PEOPLE_ADMIN_LOG_H

#include "ward/people/people.h"

/* What was done; the page says it by the message "admin.log.<name>". Numbers are never reused. */
#define ADMIN_ACT_TABLE(X) \
	X(account_add, 1) X(account_close, 2) X(account_open, 3) X(account_link, 4) \
	X(account_name, 5) X(sessions_end, 6) X(role_grant, 7) X(role_end, 8) X(unit_add, 9) \
	X(unit_change, 10) X(unit_end, 11) X(unit_join, 12) X(unit_leave, 13) X(setting, 14) \
	X(areas, 15) X(names, 16) X(procedure_publish, 17) X(procedure_withdraw, 18) \
	X(procedure_offer, 19) X(job_retry, 20) X(receiver_add, 21) X(receiver_end, 22) X(area_head, 31) \
	X(calendar_propose, 41) X(calendar_answer, 42) X(calendar_confirm, 43) X(calendar_drop, 44) \
	X(calendar_apply, 45) X(nearby_add, 51) X(nearby_end, 52) \
	X(second_signer, 61) X(second_definitions, 62) X(folded_void, 71)
enum admin_act {
	ACT_unset,
#define X(name, number) ACT_##name = number,
	ADMIN_ACT_TABLE(X)
#undef X
	ACT_COUNT
};
const char *admin_act_name(enum admin_act a);

struct admin_entry {
	int64_t seq, at;
	struct account_id account;    /* 0: the operator, on the machine */
	struct str name;              /* of the account, when read */
	enum admin_act act;
	struct str subject;           /* login, unit, setting, kind, file */
	struct str detail;            /* "handler 2026-01-01", "old → new" */
};
/* Inside the write transaction of the change; who 0: the operator's command line. */
enum rc admin_log_add(struct tx *tx, struct account_id who, enum admin_act act, struct str subject,
                      struct str detail, struct fault *f);
/* Newest first, before `before` (0: from the newest). `act`, `subject`: only those; unset, empty: all. */
enum rc admin_log_list(struct tx *tx, int64_t before, enum admin_act act, struct str subject,
                       size_t limit, struct admin_entry **out, size_t *count, bool *more,
                       struct fault *f);
/* The walk along the chain, from the first row on. `say` (NULL: nobody) gets a line for each row that is not what
 * was written, with its number. */
struct admin_log_walk {
	int64_t after;                /* the last row that was gone through, and its hash */
	struct hash hash;
	void (*say)(void *ctx, const char *line);
	void *ctx;
	int64_t rows, faults;
	bool more;
};
/* One slice of it. */
enum rc admin_log_verify(struct tx *tx, struct admin_log_walk *w, struct fault *f);

#endif

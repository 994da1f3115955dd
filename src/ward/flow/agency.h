/* Agencies' requests (RIGHTS.md promise 10; DOMAIN.md section 23, "Agency requests"): an agency asks in writing
 * for what the ward holds of certain reports. A case of the kind "agency_request", whose code is its number:
 * entered by the ward police, approved by the chair and by oversight, two people of whom neither entered it; a
 * refusal by either ends it, and until it is decided who entered it takes it back. Only case_move() makes the steps, as of every case.
 *
 * Its scope is a list of cases by their codes. What a rule sends past somebody (matters about who works here,
 * requests to look again, agencies' own) is in no scope, and no code says whether it is one. For the days of rule
 * "agency.use" what is in the scope may be given: by the desk, each unit its own cases, or by the command line in
 * an officer's name. Each giving is an entry of the request, rows of agency_given, a look of the file
 * ("agency") and one of each case ("given"), which its reporter reads once they may be told.
 *
 * The reporter of each case is told when it is granted (an entry "agency" of the case), or, where a dated order
 * forbids that, in the night after the order's last day. */
#ifndef XOM_FLOW_AGENCY_H
#define XOM_FLOW_AGENCY_H

#include "ward/flow/flow.h"

extern const struct schema_step AGENCY_SCHEMA[];

#define AGENCY_KIND "agency_request"
enum { AGENCY_WHO_MAX = 120, AGENCY_NUMBER_MAX = 60, AGENCY_BASIS_MAX = 1000, AGENCY_REASON_MAX = 1000,
	AGENCY_SCOPE_MOST = 50, AGENCY_LISTED = 50 };

/* The kind, where the ward has it; NULL: not. RC_NONE: nobody holds oversight, so that nobody could approve. */
const struct procedure *agency_kind(const struct flow *w, struct ward_id ward, int32_t day);
enum rc agency_receiver(struct tx *tx, struct fault *f);

struct agency_request {
	struct case_id of;
	char code[16];
	struct str step;
	enum state state;
	struct str outcome;           /* "granted", "refused", "withdrawn"; empty: open */
	int64_t received_at, due_at, closed_at, version;
	struct str who, number;       /* the agency; its letter */
	int32_t day;                  /* the letter's date */
	struct str order_number;      /* of the order that forbids telling; empty: none does */
	int32_t order_day, order_until;
	struct account_id entered_by, chair_by, oversight_by, refused_by;
	int64_t chair_at, oversight_at;
	int32_t last_day;             /* of a granted one: the last on which it may be used */
	int scope, told;              /* cases; whose reporters were told */
};

/* --- entering --- */
/* What is wrong with a new one, a bit each; texts under "agency.wrong.<name>". */
#define AGENCY_WRONG_TABLE(X) \
	X(who) X(number) X(day) X(day_later) X(basis) X(scope) X(scope_unknown) X(scope_many) X(order_number) X(order_day) \
	X(order_day_later) X(order_until) X(order_until_past) X(order_until_far)
enum agency_wrong {
#define X(name) AGENCY_WRONG_##name,
	AGENCY_WRONG_TABLE(X)
#undef X
	AGENCY_WRONG_COUNT
};
struct agency_new {
	const struct actor *actor;
	struct hash journey;          /* of the form: sent twice it makes one */
	struct str who, number, basis, scope;  /* cleaned; scope: codes, a line each */
	int32_t day;                  /* 0: none that can be read */
	bool order;                   /* an order forbids telling: its three */
	struct str order_number;
	int32_t order_day, order_until, most;  /* most: of days from today that it may last */
	/* answers */
	unsigned wrong;               /* bits 1 << enum agency_wrong */
	struct str unknown;           /* the lines of the scope that are no case, as typed, with commas between */
};
/* RC_INVALID: n->wrong says why, and nothing was written. RC_EXISTS: the same form again, *code of the first.
 * RC_EXPIRED: nobody holds oversight, or the ward has not got the kind. RC_DENIED. */
enum rc agency_open(struct tx *tx, const struct flow *w, const struct ward *ward, struct agency_new *n,
                    struct str *code, struct fault *f);

/* --- reading --- */
/* By its code. RC_NONE: none of this code. */
enum rc agency_get(struct tx *tx, const struct flow *w, struct str code, struct agency_request *out,
                   struct ward_case *c, struct fault *f);
/* May this account read it: who entered it, and who decides. */
bool agency_seen_by(const struct agency_request *r, const struct actor *a);
/* Those that the actor may read, newest first, the open ones or the decided ones. */
enum rc agency_list(struct tx *tx, const struct flow *w, const struct actor *a, bool open, size_t limit,
                    struct agency_request **out, size_t *count, struct fault *f);
/* How many wait for the decision of a role: chair or oversight. */
enum rc agency_waiting(struct tx *tx, enum role role, int64_t *n, struct fault *f);
/* The cases of the scope, as they stand; those that were erased since are left out. */
struct agency_case {
	int n;                        /* its place in the scope, from 1 */
	struct case_id of;
	char code[16];
	int64_t told_at;              /* 0: its reporter was not told yet */
	int given;                    /* how often it was given */
};
enum rc agency_scope(struct tx *tx, struct case_id request, struct agency_case **out, size_t *count, struct fault *f);

/* --- deciding --- */
/* Approves or refuses; `reason` is needed. RC_DENIED with f->field "own": who entered it; "both": approved before
 * by the same person; "decided", "withdrawn": it is over; "": not this actor's. RC_INVALID, field "reason". *granted: both
 * agreed; the reporters whom nothing forbids to tell are told. flow_changed after the commit. */
enum rc agency_decide(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                      struct str code, bool approve, struct str reason, bool *granted, struct fault *f);
/* As which of the two the actor would decide it now; ROLE_unset: not theirs to decide (any more). */
enum role agency_post(const struct flow *w, const struct ward_case *c, const struct agency_request *r,
                      const struct actor *a, int64_t now);

/* Takes it back; `reason` is needed. RC_DENIED with f->field "other": entered by somebody else; "decided", "withdrawn":
 * it is over. RC_INVALID, field "reason". No reporter is told: none was told of it. flow_changed after the commit. */
enum rc agency_withdraw(struct tx *tx, const struct flow *w, const struct ward *ward, const struct actor *who,
                        struct str code, struct str reason, struct fault *f);
bool agency_may_withdraw(const struct agency_request *r, const struct actor *a);

/* --- giving --- */
/* Records that what of the request's scope the actor works is given, and fills it. form: "csv", "json", "xlsx",
 * "command". RC_INVALID, f->field: "none" (no such request), "waiting", "refused", "withdrawn", "expired", "unit" (none of its
 * cases is of the actor's units). Its look stands in the same transaction: the answer comes after both. */
enum rc agency_give(struct tx *tx, const struct flow *w, const struct actor *who, struct str code, const char *form,
                    struct ward_case **out, size_t *count, struct fault *f);

/* --- the night --- */
/* Requests with a reporter who is to be told, since nothing forbids it (any more). */
enum rc agency_untold(struct tx *tx, int32_t today, size_t limit, struct case_id *out, size_t *count, struct fault *f);
enum rc agency_tell(struct tx *tx, const struct flow *w, struct case_id request, int32_t today, struct fault *f);

/* --- for the transparency page: acts of the authority, exact, one total (RIGHTS.md promise 5) --- */
struct agency_counts {
	int64_t asked, granted, refused, withdrawn;  /* in [from, until) */
	int64_t cases, given;         /* in the scope of those granted then; given then, each time */
	int64_t told, forbidden;      /* reporters told then; at its end not yet, by order */
};
enum rc agency_counts(struct tx *tx, int32_t from, int32_t until, struct agency_counts *out, struct fault *f);

#endif

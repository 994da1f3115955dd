/* What stands around every page of a ward: its frame, and the page that says what went wrong. */
#ifndef XOM_WARD_PAGE_H
#define XOM_WARD_PAGE_H

#include "kit/view/frame.h"
#include "ward/app.h"

/* http's hooks. */
struct vobj *page_frame(struct request *q, struct str title);
struct vobj *page_error(struct request *q, enum rc rc);

enum { ERR_STATUS, ERR_HEADING, ERR_TEXT, ERR_NEXT, ERR_BACK, ERR_HOTLINE, ERR_HOTLINE_URL,
	ERR_TYPED, ERR_PAGE_FIELDS };
extern const struct shape PAGE_ERROR;
#define PAGE_ERROR_TEMPLATE "kit/error"

/* "tel:" address of a phone number as people write it. */
struct str tel_url(struct arena *a, struct str phone);

/* Labels of keys: state, verb, role; the kind's title in the request's language. */
struct str label_state(const struct request *q, enum state s);
/* The same of a case that began with this procedure: a request to look again waits for who asked, not for who
 * reported. What was done with it, likewise. */
struct str label_case_state(const struct request *q, const struct procedure *p, enum state s);
struct str label_did(const struct request *q, const struct procedure *p, enum verb v);
/* The unit beside a role; empty where it is that role's own office and would say the same twice. */
struct str label_unit_of(struct str role, struct str unit);
struct str label_kind(const struct request *q, struct str kind);
/* The texts of keys that stand with commas between them: "PREFIX.<key>, …". */
struct str label_keys(const struct request *q, const char *prefix, struct str keys);
/* "unit:Tổ Hạ tầng đô thị", as people.h's subject_words gives it, in words. */
struct str label_subject(const struct request *q, struct str subject);
/* "secretary, oversight": the roles of a set, in the order of enum role. */
struct str label_roles(const struct request *q, uint32_t roles);
/* A day as it is kept in a part, "2026-11-23", for people; what is no day stays as it is. */
struct str label_day(const struct request *q, struct str day);
/* A day as people write it: 31/12/2026 or 2026-12-31. Empty is 0 where `may_lack`. */
bool day_typed(struct str text, bool may_lack, int32_t *out);
struct str label_area(const struct request *q, struct area_id area);  /* empty: not known */

#endif

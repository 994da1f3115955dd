/* xom setup: ten questions that put a ward on the air. Asked again, what stands there is the answer
 * that is offered; only what is answered otherwise is changed, and nothing is taken away. */
#ifndef XOM_WARD_SETUP_H
#define XOM_WARD_SETUP_H

#include "ward/app.h"

enum answer {
	A_name, A_prefix, A_slug, A_code, A_hotline, A_address, A_proxy, A_mail, A_admin, A_backup,
	ANSWER_COUNT
};
extern const char *const ANSWER_NAMES[ANSWER_COUNT + 1];   /* "name", "prefix" …; ends with NULL */

struct setup {
	struct app *app;
	enum lang lang;
	const struct ward *ward;      /* the one that is there; NULL: it is made */
	struct str answers[ANSWER_COUNT];
};

/* setup_ask.c: fills the answers, from the file's bytes (file NULL: asked for on the terminal), beginning with what
 * is there. RC_NONE: the input ended before the last answer; RC_INVALID. */
enum rc setup_ask(struct setup *s, const char *file, struct str bytes, struct fault *f);
/* Is this a possible answer; the message's key of what is wrong, or NULL. May tidy it. */
const char *setup_check(const struct setup *s, enum answer which, struct str *answer);

#endif

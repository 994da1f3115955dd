/* Oversight's room (DOMAIN.md section 23, last column): what waits for oversight. Role oversight alone.
 * Each subject has a file of its own here, a row in the table of routes and one in the list of pages on the
 * first one (oversight.c): redress_page.c a request of whom a report is about, redress_steps.c what is done. */
#ifndef XOM_OVERSIGHT_OVERSIGHT_H
#define XOM_OVERSIGHT_OVERSIGHT_H

#include "kit/view/frame.h"
#include "ward/advice.h"
#include "ward/agency_view.h"
#include "ward/blur_view.h"
#include "ward/choices.h"
#include "ward/flow/own.h"
#include "ward/flow/redress.h"
#include "ward/kept.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "ward/room.h"

extern const struct room OVERSIGHT_ROOM;

/* --- legal holds (hold_pages.c) --- */
extern const struct shape HOLDS;
handler_fn holds_page, holds_send;
/* --- the quarter's sheet (sheet_page.c) --- */
extern const struct shape OVERSIGHT_SHEET;
handler_fn oversight_sheet;
/* --- a request (redress_page.c) --- */
extern const struct shape REDRESS_PAGE;
enum { REDRESS_TEXT_MAX = 2000 };
/* A matter that was opened for the request; its words and photos only while it is open. */
struct redress_matter {
	struct redress_opening o;
	struct ward_case c;
	struct entry *entries;
	struct attachment *photos;
	size_t entry_count, photo_count;
};
/* The request with what may be shown of its matters, and what was typed into its forms. */
struct redress_view {
	struct request *q;
	struct str code;
	struct ward_case c;
	struct redress k;
	struct entry *entries;
	size_t entry_count, matter_count;
	struct redress_matter matters[REDRESS_LOOKS];
	/* of its forms */
	const char *done;             /* what has just been done, where no redirect tells it; NULL: nothing */
	struct case_id about;         /* the matter that the answer is to be about; 0: not chosen */
	struct case_id on_form[REDRESS_LOOKS];  /* whose photos stood on the form that was sent */
	size_t on_form_count;
	struct case_row *found;       /* NULL: nothing was searched */
	size_t found_count;
	bool found_more, advised, ask_advised, changed;
	bool sure;                    /* it can be done so: asked once more before it is */
	struct str area, from, to, find_error, look_error;
	struct str ask, ask_error, result, words, correction, result_error, words_error, correction_error, keep_error, about_error;
	struct attachment_id keep[32];
	size_t keep_count;
};
/* RC_NONE: no such request, or not oversight's. */
enum rc redress_read(struct redress_view *v, struct request *q, struct fault *f);
enum rc redress_show(struct redress_view *v, struct reply *r, int status, struct fault *f);
handler_fn redress_page, redress_photo;
handler_fn redress_photo_blur, redress_do_blur;   /* redress_blur.c */
/* redress_steps.c */
/* What stands in its form, ready or half written: whichever button was pressed, it is kept. */
void redress_take(struct redress_view *v);
/* Is something written there that a redirect would lose? */
bool redress_drafted(const struct redress_view *v);
/* The same as fields that go along, for a page in between. */
size_t redress_kept(const struct redress_view *v, struct form_kept **out);
handler_fn redress_do_find, redress_do_look, redress_do_ask, redress_do_answer;

#endif

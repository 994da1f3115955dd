/* The door room: what somebody meets who doesn't know what their matter is. A question a page, then the
 * door: who deals with it, where, when, what the law says, what to bring; a letter to print. No page keeps
 * anything: an answer is a link, a letter is made from the posted words and forgotten with the request.
 *
 * Files: door.c routes and the check of `xom doctor`; door_pages.c questions and doors (what a door shows:
 * ward/door_view.c); door_paper.c the
 * form and the letter; door_commands.c the verbs. What is asked stands in procedures/router.yaml (ward/router). */
#ifndef XOM_DOOR_DOOR_H
#define XOM_DOOR_DOOR_H

#include "ward/door_view.h"
#include "ward/page.h"
#include "ward/room.h"

extern const struct room DOOR_ROOM;
extern const struct command DOOR_COMMANDS[];   /* router, receiver */
extern const struct shape DOOR_QUESTION, DOOR_PAPER;

handler_fn door_first, door_page, door_quiet, door_paper_form, door_paper_send;

#endif

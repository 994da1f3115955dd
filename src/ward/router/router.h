/* The router: two or three plain questions lead somebody who doesn't know what their matter is to its
 * door (who deals with it by law, DOMAIN.md section 3). procedures/router.yaml, read and checked when
 * the program starts; nothing of a way through it is kept anywhere. */
#ifndef XOM_ROUTER_ROUTER_H
#define XOM_ROUTER_ROUTER_H

#include "ward/flow/procedure.h"

#define ROUTER_FILE "procedures/router.yaml"
enum { ROUTER_LIST_MAX = 8 };     /* answers of a question, items of a door's list */

struct router_text {
	struct str in[LANG_COUNT];
};
/* What a question or a door rests on. The law by its name, article and number: the file may say it once for every
 * language. Where that was read stands in the file alone (`source`), for who looks after it. */
struct router_basis {
	struct router_text law;
	int32_t checked;              /* when that was looked at last */
	bool verified;                /* the law itself was opened; else it is no claim of law */
};
struct router_answer {
	struct str id, to;
	struct router_text text, help; /* help may be empty */
	const struct router_question *question;  /* where it leads: one of both */
	const struct router_door *door;
};
struct router_question {
	struct str id;
	struct router_text text, help;
	struct router_basis basis;
	struct router_answer *answers;
	size_t answer_count;
	const struct router_question *before;  /* the only one that leads here; NULL: several, or the first */
};
struct router_number {
	struct str number;
	struct router_text text;
};
struct router_promise {
	struct str rule;              /* of calendars/rules.yaml */
	struct router_text text;
};
/* A letter to print; Vietnamese, as the offices that receive it read. */
struct router_paper {
	struct str title, opening, what, wish, closing;  /* title empty: none is offered */
	struct str blanks[ROUTER_LIST_MAX];  /* labels of lines to fill in by hand */
	size_t blank_count;
};
struct router_list {
	struct router_text items[ROUTER_LIST_MAX];
	size_t count;
};
struct router_door {
	struct str id;
	struct router_text title, lead;
	struct router_basis basis;
	struct str official;          /* what offices call it; may be empty */
	bool quiet;                   /* of who is hurt */
	bool receiver;                /* needs a row of who receives it (receiver.h) */
	bool report;                  /* all kinds of the ward's own matters */
	bool staff;                   /* takes a matter about somebody who works here that nobody here may receive */
	struct router_number numbers[ROUTER_LIST_MAX];
	struct router_promise promises[ROUTER_LIST_MAX];
	struct str kinds[ROUTER_LIST_MAX];   /* procedures, where the ward offers them */
	size_t number_count, promise_count, kind_count;
	struct router_list next, bring, rights;
	struct router_paper paper;
	const struct router_question *before;
};
struct router {
	struct arena arena;
	struct str leave;             /* an address that tells nobody anything */
	struct router_question *questions;
	size_t question_count;
	struct router_door *doors;
	size_t door_count;
	const struct router_question *start;
};

/* Words of rights/plain-words.yaml, which no text for residents may hold. */
struct plain_words;
enum rc plain_words_load(struct plain_words **out, const char *file, struct fault *f);
void plain_words_free(struct plain_words *p);
/* A word of the list in the text of that language: true, and what to write instead. */
bool plain_words_find(const struct plain_words *p, struct arena *a, enum lang l, struct str text,
                      struct str *word, struct str *plain);

/* Whatever is wrong stands in the reader, every fault with line and field. With rules, refused or plain
 * NULL those checks are left out. */
struct router_check {
	const struct rules *rules;
	const struct refused *refused;
	const struct plain_words *plain;
};
enum rc router_parse(struct router **out, struct yaml_reader *y, const char *file, struct str yaml,
                     const struct router_check *check);
/* RC_SYNTAX: the fault is the file's first. */
enum rc router_load(struct router **out, const char *file, const struct router_check *check,
                    struct fault *f);
void router_free(struct router *r);

const struct router_question *router_question(const struct router *r, struct str id);   /* NULL */
const struct router_door *router_door(const struct router *r, struct str id);           /* NULL */
const struct router_door *router_staff_door(const struct router *r);
/* The door that the answers, in their order, lead to. NULL: an answer that is not there, or too few or
 * too many; *stuck names the first that fits nowhere (empty: one is missing). */
const struct router_door *router_walk(const struct router *r, const struct str *answers, size_t count,
                                      struct str *stuck);

#endif

/* Between verify_rows.c and verify_agency.c: what a case's entries say, to compare rows with that derive from it. */
#ifndef XOM_FLOW_VERIFY_TOLD_H
#define XOM_FLOW_VERIFY_TOLD_H

#include "ward/flow/verify.h"

/* A part of an entry; an entry without parts has a line without a name. */
struct told_line {
	int64_t seq, at, account;     /* account 0: none */
	enum role role;
	struct str verb, name, body;
	bool erased;                  /* the part's words are gone: nothing to compare with */
};
struct told {
	struct case_id of;
	struct str kind;
	int32_t held_until;           /* as the case's row says; 0: not held */
	bool gone;                    /* erased but for the figures: no accounts, no words */
	struct told_line *lines;
	size_t n;
};
/* The next entry of a verb from *at on, as its first line; *at moves behind it. NULL: none. */
const struct told_line *told_next(const struct told *t, const char *verb, size_t *at);
const struct told_line *told_at(const struct told *t, const char *verb, int64_t moment);
/* The entry's part of a name; NULL: it has none. */
const struct told_line *told_part(const struct told *t, const struct told_line *entry, const char *name);
/* Does it say this (an empty value: nothing), or can it no longer be asked? */
bool told_fits(const struct told *t, const struct told_line *entry, const char *name, struct str value);
bool told_by(const struct told *t, const struct told_line *entry, int64_t account);

enum rc verify_agency(struct verify *v, struct tx *tx, const struct told *t, struct fault *f);

#endif

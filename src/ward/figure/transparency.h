/* The transparency page of a quarter (RIGHTS.md promises 5 and 10): counted once when the quarter is over,
 * frozen and signed with the key of the daily heads; what was corrected is a new number.
 *
 * What is told of whom: cases that anyone can open, exactly, by kind; kinds that are not listed as the quarter's
 * edition (figure.h) tells them, fewer than EDITION_LEAST not at all, and in no sum with others; what the
 * authority did itself, exactly: by kind of those cases, and as one total over the ward and all kinds ("all").
 *
 * Its bytes are JSON, a figure a line, as transparency_file.c writes it, and never change again:
 *   {"format": "xom transparency 1", "ward": …, "quarter": "2026-Q3", "number": 1, "made": "2026-10-01",
 *    "figures": [{"section":"received","of":"lighting","n":12}, {"section":"received","of":"noise","few":5} …],
 *    "definitions": […], "heads": [{"day":…,"digest":…,"key":…,"signature":…} …]}
 * "few": fewer than that, or none; without n and few: not known (not half of them are closed yet). */
#ifndef XOM_FIGURE_TRANSPARENCY_H
#define XOM_FIGURE_TRANSPARENCY_H

#include "ward/figure/figure.h"
#include "ward/flow/heads.h"

extern const struct schema_step TRANSPARENCY_SCHEMA[];
extern const struct job_kind TRANSPARENCY_JOBS[];

/* In the order of the page; texts under "transparency.<name>". Of kinds: received, half and ninety (days until
 * half, and nine of ten, were closed), late, extended, paused, declined. channel and closed (by outcome) of cases
 * that anyone can open; erased by rule, holds that were put, ended and stood at the end, agencies' requests (agency.h), changes by act of the administrators' log, the others by role. */
#define TRANSPARENCY_SECTION_TABLE(X) \
	X(received) X(channel) X(half) X(ninety) X(late) X(extended) X(paused) X(closed) X(declined) X(erased) X(holds) \
	X(redress) X(agency) X(changes) X(looks) X(searches) X(downloads) X(rows)
enum transparency_section {
	TS_unset,
#define X(name) TS_##name,
	TRANSPARENCY_SECTION_TABLE(X)
#undef X
	TS_COUNT
};
const char *transparency_section_name(enum transparency_section s);

/* Where a figure stands among those of its section for who reads them: 0 what came in, 1 what became of it, 2 what
 * follows and what stands at the end. The signed file has an order of its own. */
enum { TRANSPARENCY_RANKS = 3 };
size_t transparency_rank(struct str of);
#define TRANSPARENCY_ALL "all"

enum figure_told { TOLD_number = 1, TOLD_few, TOLD_unknown };
struct transparency_figure {
	enum transparency_section section;
	struct str of;
	enum figure_told told;
	int64_t n;
};
struct transparency_definition {
	struct str kind, by;          /* by: a role, or "operator" */
	int32_t from;
	int64_t published_at;
	struct str checksum;          /* hex */
};
struct transparency {
	struct str ward;              /* slug */
	struct period quarter;
	int number;
	int32_t made_day;
	struct transparency_figure *figures;
	size_t figure_count, figure_room;
	struct transparency_definition *definitions;
	size_t definition_count;
	struct ward_head *heads;      /* of the quarter's days */
	size_t head_count;
	/* once it is kept */
	struct str body;
	struct ward_signature signature;
};
/* Adds to what is there. */
void transparency_add(struct transparency *t, struct arena *a, enum transparency_section s, struct str of,
                      int64_t n);

/* --- transparency_count.c: what is counted on one day of the quarter, and of the quarter as a whole --- */
enum rc transparency_day(struct tx *tx, int32_t day, struct transparency *t, struct arena *a, struct fault *f);
enum rc transparency_quarter(struct tx *tx, struct transparency *t, struct arena *a, struct fault *f);

/* --- transparency.c --- */
/* Counts the quarter and keeps it under the next number. RC_INVALID: it is not over. RC_EXISTS: `first` was
 * asked for, and there is one. */
enum rc transparency_make(const struct flow *w, const struct ward *ward, const struct period *quarter,
                          bool first, struct transparency *out, struct arena *a, struct fault *f);
/* number 0: the latest. RC_NONE; RC_CORRUPT: the bytes are not those that were signed. */
enum rc transparency_get(struct tx *tx, const struct period *quarter, int number, struct transparency *out,
                         struct fault *f);
/* Quarters that have one, newest first, with the number of their latest. */
struct transparency_entry {
	struct period quarter;
	int number;
	int32_t made_day;
};
enum rc transparency_list(struct tx *tx, struct transparency_entry *out, size_t max, size_t *count,
                          struct fault *f);

/* --- transparency_file.c --- */
struct hash transparency_hash(struct str body);
struct str transparency_write(struct arena *a, const struct transparency *t);
/* RC_SYNTAX: not bytes that transparency_write makes. */
enum rc transparency_read(struct arena *a, struct str body, struct transparency *out, struct fault *f);
/* The detached signature: "xom signature 1", then the lines ward, key and signature (hex). */
struct str transparency_signature_write(struct arena *a, const struct transparency *t);
enum rc transparency_signature_read(struct str file, struct ward_signature *out, struct fault *f);

#endif

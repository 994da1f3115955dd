/* The purpose register, rights/fields.yaml: for every column of the database and every field of a
 * form, log or import its purpose, whom it is about, who sees it and how long it is kept. What has
 * no row does not build (test/flow/test_register.c) and does not load (purposes_check at start). */
#ifndef XOM_FLOW_REGISTER_H
#define XOM_FLOW_REGISTER_H

#include "ward/flow/procedure.h"

/* Whom a field is about. There is no "somebody else": nothing asks about a third person. */
#define ABOUT_TABLE(X) X(nobody) X(reporter) X(officer) X(ward)
enum about {
	ABOUT_unset,
#define X(name) ABOUT_##name,
	ABOUT_TABLE(X)
#undef X
	ABOUT_COUNT
};
/* Who sees it: everybody · the reporter on their receipt · the officers of the unit that works the
 * case · every officer of the ward · the administrator · the secretary · oversight · the operator of the machine
 * (in the log or on the disk) · the person themselves (own account, own sessions) · only the
 * program. */
#define SEER_TABLE(X) \
	X(public) X(reporter) X(unit) X(office) X(admin) X(secretary) X(oversight) X(operator) \
	X(self) X(program)
enum seer {
	SEER_unset,
#define X(name) SEER_##name,
	SEER_TABLE(X)
#undef X
	SEER_COUNT
};
enum purpose_kind { PURPOSE_table = 1, PURPOSE_index, PURPOSE_form, PURPOSE_log, PURPOSE_import };

struct purpose {
	enum purpose_kind kind;
	struct str place, name;       /* table and column, form and field */
	enum about about;
	uint32_t seen_by;             /* 1 << enum seer */
	struct str keep;              /* a rule of calendars/rules.yaml, or a word of KEEP_WORDS */
	struct str why[LANG_COUNT];
	int line;
};
/* Beside rules: "always" (a definition or public record), "with_case" (goes when the whole case
 * is erased), "with_account", "with_session", "moment" (a form's field that is used and not stored),
 * "day" (24 hours at most), "until_done" (goes with the work that was done), "journal" (as long as
 * the machine's own journal, which the operator sets), "derived" (can be dropped at any time and
 * made again), "figure" (what is left of a case that was erased whole: erase.h). */
extern const char *const KEEP_WORDS[];

struct purposes;
/* rules and refused: names of tables and fields are held against refused matter. RC_SYNTAX with
 * the first fault. */
enum rc purposes_load(struct purposes **out, const char *file, const struct rules *rules,
                      const struct refused *refused, struct fault *f);
enum rc purposes_parse(struct purposes **out, const char *file, struct str yaml,
                       const struct rules *rules, const struct refused *refused, struct fault *f);
void purposes_free(struct purposes *p);
size_t purposes_all(const struct purposes *p, const struct purpose **out);
struct hash purposes_hash(const struct purposes *p);   /* of the file's bytes */
/* NULL: no row. */
const struct purpose *purpose_find(const struct purposes *p, enum purpose_kind kind,
                                   struct str place, struct str name);
const char *purpose_kind_name(enum purpose_kind k);
const char *about_name(enum about a);
const char *seer_name(enum seer s);

/* Both ways: columns without a row, and rows of tables without their column. Each difference is a
 * sentence in *said; returns their number. */
size_t purposes_compare(const struct purposes *p, struct arena *a,
                        const struct store_table *tables, size_t count, struct str **said);
/* The same against an open database, for the start: RC_SYNTAX names the first difference. */
enum rc purposes_check(const struct purposes *p, struct store *s, struct fault *f);

#endif

/* "Who is my …?": for each khu vực the head's office, the beat officer's office phone, the health station, the
 * one-stop office's hours and the evacuation point, as the ward's administrator entered them: offices and office phones,
 * no person. Dated rows that end and are followed, never rewritten. A row without khu vực is for the whole ward; where
 * a khu vực has rows of its own for a sort, those count. */
#ifndef XOM_ROUTER_NEARBY_H
#define XOM_ROUTER_NEARBY_H

#include "ward/people/admin_log.h"

/* Texts under "nearby.<name>". */
#define NEARBY_TABLE(X) X(area_head) X(beat) X(health) X(one_stop) X(shelter)
enum nearby_sort {
	NEARBY_unset,
#define X(name) NEARBY_##name,
	NEARBY_TABLE(X)
#undef X
	NEARBY_COUNT
};
const char *nearby_name(enum nearby_sort s);
enum nearby_sort nearby_parse(struct str s);

enum { NEARBY_MAX = 400, NEARBY_LINE = 200 };
struct nearby {
	int64_t id;
	enum nearby_sort sort;
	struct area_id area;          /* 0: the whole ward */
	struct str name, address, hours, phone; /* name always; one of address, hours and phone; text_is_phone */
	int32_t valid_from, valid_to; /* both included; valid_to 0: still */
};
extern const struct schema_step NEARBY_SCHEMA[];

/* Those that hold on the day, by sort, khu vực and entry; day 0: of whenever, newest first. */
enum rc nearby_list(struct tx *tx, int32_t day, struct nearby **out, size_t *count, struct fault *f);
/* The rows that count for the khu vực, by sort: its own, else the ward's. Points into `all`. */
size_t nearby_of(const struct nearby *all, size_t n, struct area_id area, const struct nearby **out, size_t max);
/* n's texts cleaned, id unset. RC_INVALID names the field: "sort", "name", "address", "phone", "from", "until".
 * RC_TOO_BIG: the ward has NEARBY_MAX that have not ended. Logged. */
enum rc nearby_add(struct tx *tx, struct idgen *ids, struct account_id by, const struct nearby *n, struct fault *f);
/* `last` is its last day; a row that was wrong from the beginning ends the day before it began. RC_NONE: no such row,
 * or it ended before. RC_INVALID "until". */
enum rc nearby_end(struct tx *tx, struct account_id by, int64_t id, int32_t last, struct fault *f);

/* A street or place of the ward's own list that a typed one may be: each typed word begins a word of it; house
 * numbers and words of no letter are left out. area empty: the list names no khu vực. */
struct street_found {
	struct str name, area;        /* area: code */
};
enum { STREETS_FOUND = 20 };
enum rc streets_find(struct tx *tx, struct str typed, struct street_found *out, size_t *count, struct fault *f);

#endif

/* A program that does what residents and officers do, told by lines of JSON, and says what then
 * stands there. It knows no rule: test/model/model.mjs says what should stand there. */
#ifndef XOM_TEST_MODEL_DRIVE_H
#define XOM_TEST_MODEL_DRIVE_H

#include <jansson.h>

#include "../flow/flow_env.h"
#include "ward/flow/pending.h"

/* Officers: An and Hai of ha-tang, Bình of moi-truong, Yến of an-toan, Cường of the ward police, who sits
 * in an-toan, Chi of another ward; Kha, head of two khu vực, and Lan, a volunteer of one of them: entered where a
 * sequence has "people". */
enum { OFFICERS = 5, STRANGER = OFFICERS, HEAD, TEAM, ACTORS, CASES = 24 };

struct told {                     /* a case as the driver knows it: what its people hold */
	struct case_id id;
	int64_t version;              /* as of the last step */
	int64_t pending;              /* the last step that was asked for and waits, or was given back */
	char code[16], pin[9], link[23], old_code[16];
	bool word;
};
struct world {                    /* of one sequence: a ward of its own */
	struct ward ward;
	struct unit_id unit[ENV_UNITS];
	struct actor actor[ACTORS];
	struct told at[CASES];
	int count, photos, number;
	bool people;                  /* somebody is entered for its khu vực */
	struct arena arena;
};

/* What stands there, read in one snapshot: the cases (or one: `only`, -1: all) and the counts of the
 * queues; whole: all cases, lists, the public's pages and figures, too. */
enum rc see(struct world *w, bool whole, int only, json_t *out, struct fault *f);

#endif

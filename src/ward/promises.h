/* What the program refuses and promises, with what proves it: rights/promises.yaml, and the result of
 * the last wholly green run of the tests, rights/green.json, which ./check writes and the package
 * carries. Immutable after loading. */
#ifndef XOM_WARD_PROMISES_H
#define XOM_WARD_PROMISES_H

#include "kit/base/text.h"
#include "kit/base/clock.h"
#include "kit/base/yaml.h"

struct promise {
	bool refused;                 /* a refusal; else a promise */
	int number;
	bool offered;                 /* built and proved; else: what it protects is not there either */
	struct str title[LANG_COUNT], text[LANG_COUNT];
	struct promise_test {
		struct str file;
		int32_t green_day;        /* 0: not known for this build */
	} *tests;
	size_t test_count;
};
struct promises {
	struct arena arena;
	struct promise *list;
	size_t count;
	int32_t green_day;            /* of the whole run; 0: not known for this build */
	struct str commit;            /* of that run */
};
/* `share`: the folder that holds rights/. A result of another version, or none, or a broken one, is no
 * fault: nothing is known then. RC_SYNTAX: the list itself is wrong, or offers without a test. */
enum rc promises_load(struct promises *out, const char *share, const char *version, struct fault *f);
/* For the build: every test that is named is a file under `root`. RC_SYNTAX names the first that is not. */
enum rc promises_check(const struct promises *p, const char *root, struct fault *f);
void promises_release(struct promises *p);

#endif

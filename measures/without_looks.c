/* The program as it is, but that nobody's looks are written: bench-unlooked is linked with
 * -Wl,--wrap=look_write, so that every caller comes here. For ./bench looks alone; what is refused
 * without a look is refused here, too. */
#include "ward/flow/flow.h"

enum rc __wrap_look_write(const struct flow *w, struct arena *a, const struct ward *ward, const struct actor *who,
                          const char *what, struct case_id of, struct str filter, int64_t number, struct fault *f);

enum rc __wrap_look_write(const struct flow *w, struct arena *a, const struct ward *ward, const struct actor *who,
                          const char *what, struct case_id of, struct str filter, int64_t number, struct fault *f)
{
	(void)w;
	(void)a;
	(void)what;
	(void)of;
	(void)filter;
	(void)number;
	if (who == NULL || who->account.v == 0 || who->ward.v != ward->id.v)
		return fault_set(f, RC_DENIED, "a look needs somebody signed in to this ward");
	return RC_OK;
}

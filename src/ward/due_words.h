/* How far a due day is, in words: "còn 2 ngày làm việc", "trễ 3 ngày làm việc, 5 ngày theo lịch". */
#ifndef XOM_WARD_DUE_WORDS_H
#define XOM_WARD_DUE_WORDS_H

#include "ward/app.h"

/* How late at the request's time, in days after the last one; both 0: not late. *working -1: a calendar
 * that is needed is missing. */
void due_days_late(const struct request *q, int64_t due_at, int *working, int *calendar);
struct str due_words(const struct request *q, int64_t due_at);

#endif

/* Objects of a bucket on S3-compatible storage, by libcurl. Private to kit/media.
 *
 * Whoever answers is not trusted: an answer has a deadline and a largest size, is never followed
 * elsewhere, and of its words only codes of letters reach the log. Few calls run at once and few
 * wait for them; after three that found nobody, callers are refused at once for a moment (a second,
 * then two, four … thirty), and one of them asks again: who hangs there holds no more than those few
 * threads.
 *
 * RC_AWAY: it does not answer, breaks off, or says that it can't now (5xx, 429); RC_IO: it refuses
 * what we ask for (the fault names its code); RC_NONE: there is no such object. */
#ifndef XOM_MEDIA_S3_H
#define XOM_MEDIA_S3_H

#include "kit/base/arena.h"
#include "kit/media/media.h"

enum { S3_OBJECT_MAX = 8 << 20, S3_LIST_MAX = 4 << 20, S3_KEY_MAX = 512, S3_CODE_MAX = 48 };

struct s3;
enum rc s3_open(struct s3 **out, const struct s3_config *c, struct fault *f);   /* copies c */
void s3_close(struct s3 *s);

/* `key` is below the prefix; letters, digits and "-._/" only. Any thread. */
enum rc s3_put(struct s3 *s, struct str key, struct str bytes, struct fault *f);
enum rc s3_get(struct s3 *s, struct arena *a, struct str key, struct str *bytes, struct fault *f);
enum rc s3_delete(struct s3 *s, struct str key, struct fault *f);  /* one that is gone: RC_OK */

struct s3_item {
	struct str key;               /* below the prefix */
	int64_t size, changed_at;
};
/* Every object whose key begins with `from`, until `each` gives false. */
typedef bool s3_each_fn(void *ctx, const struct s3_item *item);
enum rc s3_list(struct s3 *s, struct str from, s3_each_fn *each, void *ctx, struct fault *f);

/* One page of a list (ListObjectsV2), read from bytes that anybody may have written. `next`: where
 * the following page begins; empty: this was the last. RC_CORRUPT: no such list. */
enum rc s3_list_read(struct str xml, s3_each_fn *each, void *ctx, struct arena *a, struct str *next,
                     bool *stopped, struct fault *f);
/* "2026-11-25T20:16:34.000Z"; 0: not a time. */
int64_t s3_time(struct str s);
/* For a path or query: every byte but letters, digits and "-._~" as %XX, in capital letters. */
struct str s3_encode(struct arena *a, struct str s);
/* "<Code>NoSuchKey</Code>" of an error's XML: letters and digits alone, else empty. */
void s3_error_code(struct str xml, char out[S3_CODE_MAX]);

/* For doctor: as media_look. */
void s3_look(struct s3 *s, struct attachments_look *out);

#endif

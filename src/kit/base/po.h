/* Translations: a file po/NAME.po for each language, read at start with libgettextpo. Message ids
 * are keys ("report.kind.title"); Vietnamese is written first, and stands for what a language that
 * isn't whole (lang_whole) lacks. A message may hold {{field}} tags, which
 * the template that uses it fills in. Immutable after loading; read by all threads. */
#ifndef XOM_BASE_PO_H
#define XOM_BASE_PO_H

#include "kit/base/text.h"

struct po;
/* Reads every language from dir. RC_SYNTAX: a file is broken, a key is missing in a whole language,
 * has no text, or uses other {{tags}} than the Vietnamese. */
enum rc po_load(struct po **out, const char *dir, struct fault *f);
void po_free(struct po *po);
/* The text, borrowed for po's life; {NULL, 0} when there is no such key. */
struct str po_find(const struct po *po, enum lang l, struct str key);
/* As po_find, but an unknown key is a BUG: for keys written in the code. */
struct str po_text(const struct po *po, enum lang l, const char *key);
/* Every key in turn, for tests: false past the last. */
bool po_key(const struct po *po, size_t i, struct str *key);

#endif

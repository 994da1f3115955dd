/* The Mustache renderer: the specification's required modules (no lambdas, no inheritance), over
 * any tree of values that a `struct mustache_source` can walk. View objects and, for the
 * specification's own cases, jansson trees are such sources. Escapes by default, in runs.
 * Parsed once, immutable, shared by threads. Source: github.com/mustache/spec, core modules. */
#ifndef XOM_VIEW_MUSTACHE_H
#define XOM_VIEW_MUSTACHE_H

#include "kit/base/arena.h"

struct mustache;

struct mvalue {            /* opaque to the renderer */
	const void *p;
	uint64_t tag;
};
struct mustache_source {
	/* Looks a single name (no dots) up in `of`; false when `of` has no such name. */
	bool (*get)(void *ctx, struct mvalue of, struct str name, struct mvalue *out);
	bool (*truthy)(void *ctx, struct mvalue v);
	/* Item i of a list; false past its end. is_list tells lists from the rest. */
	bool (*is_list)(void *ctx, struct mvalue v);
	bool (*item)(void *ctx, struct mvalue v, size_t i, struct mvalue *out);
	/* Appends the value as text (not escaped). */
	void (*text)(void *ctx, struct mvalue v, struct buf *out);
	/* Optional (NULL: never): the value's text where it stands, so that it is not copied first. */
	bool (*borrow)(void *ctx, struct mvalue v, struct str *out);
	/* Optional (NULL: always): whether names are looked up in `v` inside its section. */
	bool (*scope)(void *ctx, struct mvalue v);
	void *ctx;
};

/* Partials are found by name when the template is parsed or rendered (they may be recursive). */
typedef const struct mustache *mustache_partial(void *ctx, struct str name);

/* RC_SYNTAX with file and line; RC_TOO_BIG past 1 MiB. `file` is for faults; both are copied. */
enum rc mustache_parse(struct mustache **out, const char *file, struct str text, struct fault *f);
void mustache_free(struct mustache *m);
/* stack: the contexts, innermost last, at least one. A partial that is not found writes nothing.
 * Partials nest at most 32 deep: RC_FAIL past that. */
enum rc mustache_render(const struct mustache *m, const struct mustache_source *src,
                        const struct mvalue *stack, size_t depth, mustache_partial *partial,
                        void *partial_ctx, struct buf *out, struct fault *f);
/* Walks the tags in order, for checks: kind is one of v & # ^ / > ; line from 1. */
typedef enum rc mustache_visit(void *ctx, char kind, struct str name, int line, struct fault *f);
enum rc mustache_walk(const struct mustache *m, mustache_visit *fn, void *ctx, struct fault *f);

#endif

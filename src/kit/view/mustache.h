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
	void *ctx;
};

/* Partials are found by name when the template is parsed or rendered (they may be recursive). */
typedef const struct mustache *mustache_partial(void *ctx, struct str name);

enum rc mustache_parse(struct mustache **out, const char *file, struct str text, struct fault *f);
void mustache_free(struct mustache *m);
enum rc mustache_render(const struct mustache *m, const struct mustache_source *src,
                        const struct mvalue *stack, size_t depth, mustache_partial *partial,
                        void *partial_ctx, struct buf *out, struct fault *f);
/* Walks the tags in order, for checks: kind is one of v & # ^ / > ; line from 1. */
typedef enum rc mustache_visit(void *ctx, char kind, struct str name, int line, struct fault *f);
enum rc mustache_walk(const struct mustache *m, mustache_visit *fn, void *ctx, struct fault *f);

#endif

/* What yaml.c builds and yaml_read.c reads. */
#ifndef XOM_BASE_YAML_NODE_H
#define XOM_BASE_YAML_NODE_H

#include "kit/base/yaml.h"

enum { YAML_DEPTH = 16 };

struct ynode {
	enum ynode_type type;
	int line, column, depth;
	bool plain;              /* a scalar written without quotes */
	const struct ynode *parent;
	struct str key;          /* of a map's value; {NULL, 0} in a list */
	size_t index;            /* of a list's item */
	struct str text;         /* of a scalar */
	struct ynode **items;
	size_t count, cap;
};

/* A fault at `key` under n, or at n itself when key is NULL. */
void yaml_fault_under(struct yaml_reader *r, const struct ynode *n, const char *key,
                      const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));

#endif

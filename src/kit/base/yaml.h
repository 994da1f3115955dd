/* YAML definitions files over libyaml, with a typed reader that keeps every position and goes on
 * after an error, so that one run names all that is wrong: file, line, field and reason.
 * Aliases, anchors, tags, duplicate keys and more than 16 levels are refused. */
#ifndef XOM_BASE_YAML_H
#define XOM_BASE_YAML_H

#include "kit/base/file.h"

enum ynode_type { Y_SCALAR = 1, Y_LIST, Y_MAP };
struct ynode;

struct yaml_reader {
	struct arena *arena;
	const char *file;         /* as shown in faults */
	struct fault faults[32];  /* all in the order of their lines */
	size_t fault_count;       /* may pass 32: the rest is only counted */
};

/* Parses one document. NULL: it was not YAML, and the fault is in the reader. */
const struct ynode *yaml_parse(struct yaml_reader *r, struct arena *a, const char *file,
                               struct str bytes);

enum ynode_type y_type(const struct ynode *n);
int y_line(const struct ynode *n);
size_t y_count(const struct ynode *n);                              /* of a list or a map */
const struct ynode *y_item(const struct ynode *list, size_t i);
struct str y_key(const struct ynode *map, size_t i);
const struct ynode *y_value(const struct ynode *map, size_t i);
const struct ynode *y_get(const struct ynode *map, const char *key);/* NULL when absent */

/* Records a fault at the node (its path is known: "steps[1].to[0]"). */
void y_fault(struct yaml_reader *r, const struct ynode *n, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same at the map's `key`, whether it is there or not: then at the map, with the key in the path. */
void y_fault_at(struct yaml_reader *r, const struct ynode *map, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Refuses keys that are not in the NULL-terminated list, naming the nearest known one. */
void y_only(struct yaml_reader *r, const struct ynode *map, const char *const keys[]);

/* Readers of one key. need_: absent or of the wrong type is a fault; opt_: absent gives the
 * default. Texts are never empty and live as long as the reader's arena; booleans are true or
 * false and nothing else; numbers are whole decimals between min and max. */
struct str y_need_str(struct yaml_reader *r, const struct ynode *map, const char *key);
struct str y_opt_str(struct yaml_reader *r, const struct ynode *map, const char *key);
int64_t y_need_int(struct yaml_reader *r, const struct ynode *map, const char *key, int64_t min,
                   int64_t max);
int64_t y_opt_int(struct yaml_reader *r, const struct ynode *map, const char *key, int64_t min,
                  int64_t max, int64_t otherwise);
bool y_need_bool(struct yaml_reader *r, const struct ynode *map, const char *key);
bool y_opt_bool(struct yaml_reader *r, const struct ynode *map, const char *key, bool otherwise);
/* Index into names (NULL-terminated) or -1 with a fault that lists them. */
int y_need_enum(struct yaml_reader *r, const struct ynode *map, const char *key,
                const char *const names[]);
int y_opt_enum(struct yaml_reader *r, const struct ynode *map, const char *key,
               const char *const names[], int otherwise);
int32_t y_need_day(struct yaml_reader *r, const struct ynode *map, const char *key);
const struct ynode *y_need_list(struct yaml_reader *r, const struct ynode *map, const char *key);
const struct ynode *y_opt_list(struct yaml_reader *r, const struct ynode *map, const char *key);
const struct ynode *y_need_map(struct yaml_reader *r, const struct ynode *map, const char *key);
const struct ynode *y_opt_map(struct yaml_reader *r, const struct ynode *map, const char *key);
struct str y_text(struct yaml_reader *r, const struct ynode *scalar); /* an item as text */
bool y_empty(const struct ynode *n);       /* "": for whoever takes it as "none" */

#endif

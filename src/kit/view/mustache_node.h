/* What a parsed template is made of; for the files of this folder alone. A template is a flat row
 * of nodes: sections know the node that ends them, so that skipping one is a jump. */
#ifndef XOM_VIEW_MUSTACHE_NODE_H
#define XOM_VIEW_MUSTACHE_NODE_H

#include "kit/view/mustache.h"

enum { MUSTACHE_NESTING = 32 }; /* of sections in a file, and of partials in each other */

enum node_kind {
	NODE_TEXT = 'T',
	NODE_VALUE = 'v',
	NODE_RAW = '&',
	NODE_SECTION = '#',
	NODE_INVERTED = '^',
	NODE_END = '/',
	NODE_PARTIAL = '>',
};

/* Where in the HTML a value stands, as the lint found it. */
enum node_place { PLACE_TEXT, PLACE_LINK, PLACE_IMAGE };

struct mustache_node {
	enum node_kind kind;
	enum node_place place;
	bool line_start;        /* begins a line that a partial's indentation goes in front of */
	bool standalone;        /* a partial alone on its line: the indentation holds inside it */
	int line;
	struct str text;        /* the text, or the tag's name */
	struct str *parts;      /* the name cut at its dots; none for "." */
	size_t part_count;
	size_t end;             /* of a section: index of its NODE_END */
	struct str indent;      /* of a standalone partial: the blanks before it */
};

struct mustache {
	struct arena arena;
	const char *file;
	struct mustache_node *nodes;
	size_t count, cap;
	int delimiters_line;    /* of the first tag that sets delimiters; 0: none */
};

#endif

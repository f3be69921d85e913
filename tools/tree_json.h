/* A tree of fields (tools/dissect/tree.h) as JSON. */
#ifndef TOOLS_TREE_JSON_H
#define TOOLS_TREE_JSON_H

#include "tools/dissect/tree.h"

#include <jansson.h>

/* The children of the root as an array of objects; NULL without memory. */
json_t *tree_json(const struct tree *tree);

/* Bytes in hexadecimal as a string. */
json_t *tree_json_hex(hf_span bytes);

#endif

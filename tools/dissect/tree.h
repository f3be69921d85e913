/* A tree of fields, such as a network analyser shows of a message: built by dissect.h, printed as
 * indented text or, by tools/tree_json.h, made into JSON. Bytes are views of what was taken apart
 * and must outlive it. */
#ifndef TOOLS_DISSECT_TREE_H
#define TOOLS_DISSECT_TREE_H

#include <handfast/types.h>

#include <stdbool.h>
#include <stdio.h>

#define TREE_DEPTH_MAX 16 /* deeper nodes are left out */

enum tree_kind {
    TREE_GROUP,  /* children, and the size of all that they were made from */
    TREE_NUMBER, /* `number`                                               */
    TREE_CODE,   /* `number` and its name in a registry, or NULL           */
    TREE_TEXT,   /* `text`                                                 */
    TREE_BYTES   /* `bytes`                                                */
};

struct tree_node {
    enum tree_kind kind;
    const char *field; /* as its RFC calls it; NULL: an item of a list of one kind */
    const char *name;  /* static, like `field` and `fault`                         */
    const char *fault; /* why it is malformed, or NULL                             */
    char *text;
    uint32_t number;
    uint8_t width; /* of the number in bytes */
    hf_span bytes;
    size_t offset, size; /* of the bytes that it was made from */
    unsigned depth;      /* 0: the root */
    struct tree_node *parent, *first, *last, *next;
};

struct tree {
    struct tree_node root;
    struct tree_chunk *chunks;        /* memory of nodes and texts */
    struct tree_node spare;           /* where a node goes for which there is no memory */
    bool is_malformed, is_incomplete; /* incomplete: memory ran out */
};

void tree_init(struct tree *tree);
void tree_free(struct tree *tree);

/* Adds a last child. Never NULL. */
struct tree_node *tree_add(struct tree *tree, struct tree_node *parent, enum tree_kind kind,
                           const char *field, size_t offset, size_t size);
/* Says what is wrong with a node, unless that has been said. */
void tree_mark(struct tree *tree, struct tree_node *node, const char *fault);
/* Gives a node its text: a copy of a string of printable ASCII, or bytes of which anything else is
 * written as \xNN. */
void tree_set_text(struct tree *tree, struct tree_node *node, const char *text);
void tree_set_bytes_as_text(struct tree *tree, struct tree_node *node, hf_span bytes);

/* The children of the root, one a line, the first level behind `indent` blanks. */
void tree_print(const struct tree *tree, FILE *out, int indent);

/* The node behind this one in the order of the lines, beginning with the root; NULL at the end. */
const struct tree_node *tree_following(const struct tree_node *node);

#endif

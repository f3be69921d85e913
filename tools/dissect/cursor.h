/* A cursor that takes a message apart into a tree: each take adds a node. What does not fit is
 * marked as malformed, shown as far as it goes, and is the last of its level; what a level has left
 * over is marked, too (cursor_end). Every offset counts from the start of the message. */
#ifndef TOOLS_DISSECT_CURSOR_H
#define TOOLS_DISSECT_CURSOR_H

#include "tools/dissect/tree.h"

struct cursor {
    struct tree *tree;
    struct tree_node *parent; /* what is taken becomes its child */
    const uint8_t *message;
    size_t at, end;
    bool is_broken; /* nothing more is taken */
};

/* A name of a code point, or NULL. */
typedef const char *code_name_function(uint32_t code);

static inline size_t cursor_left(const struct cursor *c)
{
    return c->is_broken ? 0 : c->end - c->at;
}

/* The newest child. */
static inline struct tree_node *cursor_newest(const struct cursor *c)
{
    return c->parent->last ? c->parent->last : c->parent;
}

/* Marks the newest child as malformed; nothing more is taken. */
void cursor_break(struct cursor *c, const char *fault);

/* A big-endian number of 1 to 4 bytes. 0 where it does not fit. */
uint32_t take_number(struct cursor *c, const char *field, size_t width);
uint32_t take_code(struct cursor *c, const char *field, size_t width, code_name_function *name);

/* `size` bytes, all that is left, or a vector with its length in `width` bytes before it. */
hf_span take_bytes(struct cursor *c, const char *field, size_t size);
hf_span take_rest(struct cursor *c, const char *field);
hf_span take_opaque(struct cursor *c, const char *field, size_t width);
/* The same as text. */
void take_text(struct cursor *c, const char *field, size_t width);

/* A group of the next `size` bytes, or of a vector, and a cursor over what is in it, which needs a
 * cursor_end. */
struct cursor take_group(struct cursor *c, const char *field, size_t size);
struct cursor take_vector(struct cursor *c, const char *field, size_t width);
/* The same, but what is in it becomes a child of what was taken last. */
struct cursor take_vector_below(struct cursor *c, size_t width);
void cursor_end(struct cursor *c);

/* A vector of code points of `code_width` bytes each. */
void take_codes(struct cursor *c, const char *field, size_t width, size_t code_width,
                code_name_function *name);

#endif

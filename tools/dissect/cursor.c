#include "tools/dissect/cursor.h"

#define CUT_SHORT "cut short"

static struct tree_node *add(struct cursor *c, enum tree_kind kind, const char *field, size_t size)
{
    return tree_add(c->tree, c->parent, kind, field, c->at, size);
}

void cursor_break(struct cursor *c, const char *fault)
{
    tree_mark(c->tree, cursor_newest(c), fault);
    c->is_broken = true;
}

/* What there is of a field that is longer. */
static void take_stump(struct cursor *c, const char *field)
{
    size_t size = cursor_left(c);
    struct tree_node *node = add(c, TREE_BYTES, field, size);
    node->bytes = (hf_span){c->message + c->at, size};
    tree_mark(c->tree, node, CUT_SHORT);
    c->at = c->end;
    c->is_broken = true;
}

static uint32_t peek(const struct cursor *c, size_t width)
{
    uint32_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | c->message[c->at + i];
    return number;
}

uint32_t take_code(struct cursor *c, const char *field, size_t width, code_name_function *name)
{
    if (c->is_broken)
        return 0;
    if (cursor_left(c) < width) {
        take_stump(c, field);
        return 0;
    }
    struct tree_node *node = add(c, name ? TREE_CODE : TREE_NUMBER, field, width);
    node->number = peek(c, width);
    node->width = (uint8_t)width;
    node->name = name ? name(node->number) : NULL;
    c->at += width;
    return node->number;
}

uint32_t take_number(struct cursor *c, const char *field, size_t width)
{
    return take_code(c, field, width, NULL);
}

hf_span take_bytes(struct cursor *c, const char *field, size_t size)
{
    if (c->is_broken)
        return (hf_span){NULL, 0};
    if (cursor_left(c) < size) {
        take_stump(c, field);
        return (hf_span){NULL, 0};
    }
    struct tree_node *node = add(c, TREE_BYTES, field, size);
    node->bytes = (hf_span){c->message + c->at, size};
    c->at += size;
    return node->bytes;
}

hf_span take_rest(struct cursor *c, const char *field)
{
    return take_bytes(c, field, cursor_left(c));
}

/* Takes the length of a vector without a node of its own; `*size` is what there is of the vector.
 * False: not even the length is whole. */
static bool take_length(struct cursor *c, const char *field, size_t width, size_t *size,
                        bool *is_whole)
{
    if (c->is_broken)
        return false;
    if (cursor_left(c) < width) {
        take_stump(c, field);
        return false;
    }
    *size = peek(c, width);
    c->at += width;
    *is_whole = *size <= cursor_left(c);
    if (!*is_whole)
        *size = cursor_left(c);
    return true;
}

hf_span take_opaque(struct cursor *c, const char *field, size_t width)
{
    size_t size;
    bool is_whole;
    if (!take_length(c, field, width, &size, &is_whole))
        return (hf_span){NULL, 0};
    hf_span bytes = take_bytes(c, field, size);
    if (!is_whole)
        cursor_break(c, CUT_SHORT);
    return bytes;
}

void take_text(struct cursor *c, const char *field, size_t width)
{
    size_t size;
    bool is_whole;
    if (!take_length(c, field, width, &size, &is_whole))
        return;
    struct tree_node *node = add(c, TREE_TEXT, field, size);
    tree_set_bytes_as_text(c->tree, node, (hf_span){c->message + c->at, size});
    c->at += size;
    if (!is_whole)
        cursor_break(c, CUT_SHORT);
}

struct cursor take_group(struct cursor *c, const char *field, size_t size)
{
    bool is_whole = size <= cursor_left(c);
    struct cursor inner = *c;
    if (c->is_broken)
        return inner;
    if (!is_whole)
        size = cursor_left(c);
    inner.parent = add(c, TREE_GROUP, field, size);
    inner.end = c->at + size;
    c->at += size;
    if (!is_whole)
        cursor_break(c, CUT_SHORT);
    return inner;
}

struct cursor take_vector(struct cursor *c, const char *field, size_t width)
{
    size_t size;
    bool is_whole;
    if (!take_length(c, field, width, &size, &is_whole))
        return *c; /* broken */
    struct cursor inner = take_group(c, field, size);
    if (!is_whole)
        cursor_break(c, CUT_SHORT);
    return inner;
}

struct cursor take_vector_below(struct cursor *c, size_t width)
{
    size_t size;
    bool is_whole;
    if (!take_length(c, NULL, width, &size, &is_whole))
        return *c;
    struct cursor inner = *c;
    inner.parent = cursor_newest(c);
    inner.end = c->at + size;
    c->at += size;
    inner.parent->size = c->at - inner.parent->offset;
    if (!is_whole)
        cursor_break(c, CUT_SHORT);
    return inner;
}

void cursor_end(struct cursor *c)
{
    if (c->is_broken || c->at == c->end)
        return;
    (void)take_rest(c, "(left over)");
    cursor_break(c, "nothing was expected here");
}

void take_codes(struct cursor *c, const char *field, size_t width, size_t code_width,
                code_name_function *name)
{
    struct cursor list = take_vector(c, field, width);
    while (cursor_left(&list))
        (void)take_code(&list, NULL, code_width, name);
}

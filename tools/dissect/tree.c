#include "tools/dissect/tree.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE   8192
#define INDENT       4
#define BYTES_SHOWN  16 /* of longer strings of bytes the first ones stand for all */
#define LINE_IS_FULL 64 /* bytes up to here are shown whole */

struct tree_chunk {
    struct tree_chunk *next;
    size_t size, used;
    _Alignas(max_align_t) unsigned char bytes[];
};

/* ------------------------------------------------------------------ memory */

void tree_init(struct tree *tree)
{
    memset(tree, 0, sizeof *tree);
}

void tree_free(struct tree *tree)
{
    while (tree->chunks) {
        struct tree_chunk *next = tree->chunks->next;
        free(tree->chunks);
        tree->chunks = next;
    }
    tree_init(tree);
}

/* NULL where there is none, which the tree remembers. */
static void *allocate(struct tree *tree, size_t size)
{
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct tree_chunk *chunk = tree->chunks;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        chunk = malloc(sizeof *chunk + room);
        if (!chunk) {
            tree->is_incomplete = true;
            return NULL;
        }
        *chunk = (struct tree_chunk){.next = tree->chunks, .size = room};
        tree->chunks = chunk;
    }
    void *memory = chunk->bytes + chunk->used;
    chunk->used += size;
    return memory;
}

/* ------------------------------------------------------------------ building */

struct tree_node *tree_add(struct tree *tree, struct tree_node *parent, enum tree_kind kind,
                           const char *field, size_t offset, size_t size)
{
    bool has_place = parent != &tree->spare && parent->depth < TREE_DEPTH_MAX;
    struct tree_node *node = has_place ? allocate(tree, sizeof *node) : NULL;
    struct tree_node *result = node ? node : &tree->spare;
    *result = (struct tree_node){.kind = kind,
                                 .field = field,
                                 .offset = offset,
                                 .size = size,
                                 .depth = parent->depth + 1,
                                 .parent = parent};
    if (!node)
        return result;
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    return node;
}

void tree_mark(struct tree *tree, struct tree_node *node, const char *fault)
{
    tree->is_malformed = true;
    if (!node->fault)
        node->fault = fault;
}

void tree_set_text(struct tree *tree, struct tree_node *node, const char *text)
{
    size_t size = strlen(text) + 1;
    node->text = allocate(tree, size);
    if (node->text)
        memcpy(node->text, text, size);
}

static bool is_plain(uint8_t c)
{
    return c >= ' ' && c <= '~' && c != '\\';
}

void tree_set_bytes_as_text(struct tree *tree, struct tree_node *node, hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    size_t size = 1;
    for (size_t i = 0; i < bytes.size; i++)
        size += is_plain(bytes.data[i]) ? 1 : 4;
    char *at = node->text = allocate(tree, size);
    if (!at)
        return;
    for (size_t i = 0; i < bytes.size; i++) {
        uint8_t c = bytes.data[i];
        if (is_plain(c)) {
            *at++ = (char)c;
            continue;
        }
        *at++ = '\\';
        *at++ = 'x';
        *at++ = digits[c >> 4];
        *at++ = digits[c & 15];
    }
    *at = '\0';
}

const struct tree_node *tree_following(const struct tree_node *node)
{
    if (node->first)
        return node->first;
    while (node && !node->next)
        node = node->parent;
    return node ? node->next : NULL;
}

/* ------------------------------------------------------------------ text */

static void print_bytes(FILE *out, hf_span bytes)
{
    fprintf(out, "%zu byte%s", bytes.size, bytes.size == 1 ? "" : "s");
    size_t shown = bytes.size > LINE_IS_FULL ? BYTES_SHOWN : bytes.size;
    for (size_t i = 0; i < shown; i++)
        fprintf(out, "%s%02x", i ? "" : ": ", bytes.data[i]);
    if (shown < bytes.size)
        fputs("...", out);
}

/* Code points are written as the registries do: those of 16 bits in hexadecimal. */
static void print_code(FILE *out, const struct tree_node *node)
{
    const char *name = node->name ? node->name : "unknown";
    fprintf(out, node->width > 1 ? "%s (0x%04x)" : "%s (%u)", name, node->number);
}

static void print_value(FILE *out, const struct tree_node *node)
{
    switch (node->kind) {
    case TREE_GROUP:
        fprintf(out, "%zu byte%s", node->size, node->size == 1 ? "" : "s");
        break;
    case TREE_NUMBER:
        fprintf(out, "%u", node->number);
        break;
    case TREE_CODE:
        print_code(out, node);
        break;
    case TREE_TEXT:
        fputs(node->text ? node->text : "", out);
        break;
    case TREE_BYTES:
        print_bytes(out, node->bytes);
        break;
    }
}

static void print_node(FILE *out, const struct tree_node *node, int column)
{
    fprintf(out, "%*s", column, "");
    if (node->field)
        fprintf(out, "%s%s", node->field, node->kind == TREE_GROUP ? ", " : ": ");
    print_value(out, node);
    if (node->fault)
        fprintf(out, " [malformed: %s]", node->fault);
    fputc('\n', out);
}

void tree_print(const struct tree *tree, FILE *out, int indent)
{
    const struct tree_node *node = &tree->root;
    while ((node = tree_following(node)) != NULL)
        print_node(out, node, indent + (int)(node->depth - 1) * INDENT);
    if (tree->is_incomplete)
        fprintf(out, "%*s[no memory for more]\n", indent, "");
}

#include "tools/tree_json.h"

#include <stdlib.h>

json_t *tree_json_hex(hf_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(bytes.size * 2 + 1);
    if (!text)
        return NULL;
    for (size_t i = 0; i < bytes.size; i++) {
        text[2 * i] = digits[bytes.data[i] >> 4];
        text[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    json_t *value = json_stringn(text, bytes.size * 2);
    free(text);
    return value;
}

static json_t *json_value(const struct tree_node *node)
{
    switch (node->kind) {
    case TREE_NUMBER:
    case TREE_CODE:
        return json_integer(node->number);
    case TREE_TEXT:
        return json_string(node->text ? node->text : "");
    case TREE_BYTES:
        return tree_json_hex(node->bytes);
    case TREE_GROUP:
        break;
    }
    return NULL;
}

/* The node as an object; the array that its children go to, or NULL, in `*fields`. */
static json_t *json_node(const struct tree_node *node, json_t **fields)
{
    json_t *object = json_object();
    json_t *value = json_value(node);
    if (node->field)
        json_object_set_new(object, "field", json_string(node->field));
    json_object_set_new(object, "offset", json_integer((json_int_t)node->offset));
    json_object_set_new(object, "size", json_integer((json_int_t)node->size));
    if (value)
        json_object_set_new(object, "value", value);
    if (node->name)
        json_object_set_new(object, "name", json_string(node->name));
    if (node->fault)
        json_object_set_new(object, "malformed", json_string(node->fault));
    *fields = NULL;
    if (node->first || node->kind == TREE_GROUP) {
        *fields = json_array();
        json_object_set_new(object, "fields", *fields);
    }
    return object;
}

json_t *tree_json(const struct tree *tree)
{
    json_t *lists[TREE_DEPTH_MAX + 1] = {json_array()};
    const struct tree_node *node = &tree->root;
    while (lists[0] && (node = tree_following(node)) != NULL) {
        json_t *object = json_node(node, &lists[node->depth]);
        json_array_append_new(lists[node->depth - 1], object);
    }
    return lists[0];
}

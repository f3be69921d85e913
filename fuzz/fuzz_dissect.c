/* What --trace shows of a handshake message.
 *
 * The input is the version and the cipher suite that have been agreed on, two bytes each, and a
 * message. Every field lies within the message and within what it is a part of, siblings follow
 * each other, and the work is bounded by the size of the message.
 *
 * covers: dissect_message, take_hello_extensions, take_certificate, take_ocsp_response
 * covers: take_x509_extensions, take_algorithm, tree_add, tree_print, tree_following, tree_free
 * covers: tree_set_text, tree_set_bytes_as_text, take_code, take_bytes, take_opaque, take_text
 * covers: take_group, take_vector, take_vector_below, take_codes, cursor_end, cursor_break
 * covers: der_group, der_enter, der_bytes, der_text, der_any, der_bits, der_number, der_boolean
 * covers: der_time, der_oid, der_name, subject_text, oid_name, oid_dotted, message.c:v2_hello
 * covers: certificate.c:ip_address, certificate.c:general_name, certificate.c:name_constraints
 * covers: ocsp.c:single_response
 * dictionary: der.dict */
#define _POSIX_C_SOURCE 200809L

#include "fuzz/fuzz.h"

#include "tools/dissect/dissect.h"

#include <stdlib.h>

#define NODES_MAX(size) (8 * (size) + 64)
#define LINES_MAX(size) (NODES_MAX(size) * 1024)

static size_t check_nodes(const struct tree *tree, size_t size)
{
    size_t count = 0;
    bool has_fault = false;
    for (const struct tree_node *node = tree_following(&tree->root); node;
         node = tree_following(node), count++) {
        const struct tree_node *parent = node->parent, *next = node->next;
        size_t end = node->offset + node->size;
        fuzz_require(end <= size && node->depth == parent->depth + 1);
        fuzz_require(parent == &tree->root ||
                     (node->offset >= parent->offset && end <= parent->offset + parent->size));
        fuzz_require(!next || next->offset >= node->offset);
        fuzz_require(node->kind != TREE_TEXT || node->text);
        has_fault = has_fault || node->fault;
    }
    fuzz_require(has_fault == tree->is_malformed && !tree->is_incomplete);
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    struct dissect_context context = {.version = hf_read_u16(&input)};
    context.suite = hf_read_u16(&input);
    hf_span message = hf_read_bytes(&input, hf_reader_left(&input));
    struct tree tree;
    char *lines = NULL;
    size_t lines_size = 0;
    dissect_message(&tree, &context, message);
    fuzz_require(check_nodes(&tree, message.size) <= NODES_MAX(message.size));
    FILE *out = open_memstream(&lines, &lines_size);
    fuzz_require(out != NULL);
    tree_print(&tree, out, 4);
    fuzz_require(fclose(out) == 0 && lines_size <= LINES_MAX(message.size));
    for (size_t i = 0; i < lines_size; i++)
        fuzz_require(lines[i] == '\n' || (lines[i] >= ' ' && lines[i] <= '~'));
    free(lines);
    tree_free(&tree);
    return 0;
}

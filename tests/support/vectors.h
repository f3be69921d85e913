/* tests/support: what the tests of several folders share.
 *
 *   vectors.h    published test vectors, read from vectors/ at the top of the repository
 *   pair.h       a client and a server in one process, joined by memory
 *   pki.h        certificates put together piece by piece, right or wrong in any place
 *   make_pki.sh  the certificates of the tests that run programs
 *
 * A vector file is plain text: lines `# ...` (the first of them name the source), lines
 * `[section]`, and blocks of `name = value` lines. Blank lines and section lines end a block. A
 * value is hex digits (bytes; empty means no bytes), a decimal number or a word; the test knows
 * which. The loader prints what is wrong and ends the process when a file does not follow the
 * format, a field is missing or is not of the kind asked for, or no block was read at all: a
 * vector test never passes by skipping. */
#ifndef HF_TESTS_SUPPORT_VECTORS_H
#define HF_TESTS_SUPPORT_VECTORS_H

#include "crypto_glue/types.h"

#define VECTORS_FIELDS_MAX 32

typedef struct vectors_field {
    const char *name;
    const char *value;
    uint8_t *bytes; /* decoded when first asked for */
} vectors_field;

typedef struct vectors {
    const char *name; /* of the file */
    char *text;       /* the whole file; fields point into it */
    char *next_line;
    uint8_t *decoded; /* room for the bytes of all fields of a block */
    size_t decoded_size;
    const char *section;
    vectors_field fields[VECTORS_FIELDS_MAX];
    size_t field_count;
    size_t line;        /* last line read */
    size_t block_line;  /* first line of the block, for messages */
    size_t block_count; /* blocks read so far */
} vectors;

/* Opens HF_VECTORS_DIR/name. */
void vectors_open(vectors *v, const char *name);

/* Goes to the next block; false at the end of the file. What the getters returned for the block
 * before is no longer valid. */
bool vectors_next(vectors *v);

/* The section that the block stands in, "" before the first. */
const char *vectors_section(const vectors *v);

bool vectors_has(const vectors *v, const char *field);
hf_span vectors_bytes(vectors *v, const char *field);
uint64_t vectors_number(const vectors *v, const char *field);
const char *vectors_text(const vectors *v, const char *field);

/* "file:line" of the block, for assertion messages. */
const char *vectors_where(const vectors *v);

/* Releases the file; an error if not a single block was read. */
void vectors_close(vectors *v);

#endif

/* CBC records put together from RFC 2246, 4346 and 5246 6.2.3.2, RFC 7366 3 and RFC 6066 7, right
 * or wrong in any place. Nothing here is shared with what is tested but HMAC and the block ciphers.
 */
#ifndef HF_TESTS_CBC_SUPPORT_H
#define HF_TESTS_CBC_SUPPORT_H

#include "tls/record/protection.h"

/* How records of a connection are protected. */
typedef struct cbc_kind {
    uint16_t suite, version;
    bool encrypt_then_mac, truncated;
} cbc_kind;

/* Every CBC protection: all versions, ciphers and MACs, each way to use them. */
#define CBC_KINDS_MAX 64
size_t cbc_kinds(cbc_kind out[CBC_KINDS_MAX]);
const char *cbc_name(const cbc_kind *kind);

size_t cbc_block(const cbc_kind *kind);
size_t cbc_mac(const cbc_kind *kind);    /* bytes of a MAC on the wire */
size_t cbc_prefix(const cbc_kind *kind); /* bytes of an explicit IV */

/* What a record holds, and what is wrong with it. */
typedef struct cbc_record {
    const uint8_t *content;
    size_t size;
    size_t padding;       /* padding_length: must fill the block */
    size_t wrong_padding; /* 1..: this byte of it, counted from the end, is another */
    size_t wrong_mac;     /* 1..: likewise of the MAC */
    uint8_t filled;       /* not 0: all that is encrypted is this byte */
    uint64_t sequence;
    uint8_t type;
    uint8_t iv[16]; /* explicit or chained */
} cbc_record;

/* The smallest padding_length not below `padding` that fills the block. */
size_t cbc_padding(const cbc_kind *kind, size_t size, size_t padding);
/* The fragment; returns its size. */
size_t cbc_write(const cbc_kind *kind, const cbc_record *record, uint8_t *out);
/* A protection with the same keys. */
void cbc_protection(const cbc_kind *kind, const hf_random *random, hf_protection *out);

#endif

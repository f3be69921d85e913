/* What the tests of EC, RSA and DSA share: scripted random sources, names in vector files, and a
 * math provider that fails where it is told to. */
#ifndef HF_TESTS_PK_SUPPORT_H
#define HF_TESTS_PK_SUPPORT_H

#include "crypto_glue/dsa.h"
#include "crypto_glue/ec.h"
#include "crypto_glue/rsa.h"
#include "tests/support/vectors.h"

/* Registers with libtomcrypt; a .init of Criterion. */
void pk_init(void);

/* A source that first hands out the bytes of a script, and then those of the system or nothing. */
typedef struct pk_script {
    hf_span bytes;
    bool ends; /* fail after the script */
    size_t calls;
} pk_script;

hf_random pk_random(pk_script *script);
hf_random pk_system_random(void);
hf_random pk_constant_random(const uint8_t *byte); /* that byte for ever */

/* Words of the vector files: P-256 .., SHA-1 .. */
hf_curve pk_curve(const char *name);
hf_hash_id pk_hash(const char *name);

/* The digest of a message, held until the next call. */
hf_span pk_digest(hf_hash_id hash, hf_span message);

/* A copy of the key in the current block of a vector file, which outlives the block. */
typedef struct pk_rsa_key {
    hf_rsa_private key;
    uint8_t bytes[8][HF_RSA_SIZE_MAX];
} pk_rsa_key;
void pk_read_public(pk_rsa_key *key, vectors *v);
void pk_read_private(pk_rsa_key *key, vectors *v);

/* The same for DSA; the private key is empty if the block has none. */
typedef struct pk_dsa_key {
    hf_dsa_private key;
    uint8_t bytes[5][HF_DSA_SIZE_MAX];
} pk_dsa_key;
void pk_read_dsa(pk_dsa_key *key, vectors *v);

/* Runs `operation` again and again, each time with another call of the math provider failing
 * for want of memory, until it succeeds with none failing. Each failure must be reported as
 * such, and all numbers must be freed. The operation must make the same calls each time. */
void pk_fail_each_math_call(hf_crypto_result (*operation)(void *context), void *context);

#endif

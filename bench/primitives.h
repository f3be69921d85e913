/* The primitives of one handshake, straight from libtomcrypt: the floor under what a handshake can
 * cost with it. Keys are imported beforehand, nothing is checked twice, and of the hashes only the
 * compressions are left that no implementation can do without: each end hashes the handshake once,
 * and the PRF keeps the pad states of its HMAC key. Of record protection only the block ciphers are
 * taken: the key schedules of both directions at both ends and the blocks of the two Finished. */
#ifndef HF_BENCH_PRIMITIVES_H
#define HF_BENCH_PRIMITIVES_H

#include "bench/bench.h"

#include <tomcrypt.h>

#define PRIMITIVES_CHECKS 2 /* signatures in a chain: the leaf's and the intermediate's */

/* A signature with the digest that was signed and the key to verify it with. */
typedef struct signature_check {
    hf_public_key key; /* of the issuer */
    ecc_key ec;
    rsa_key rsa;
    uint8_t digest[HF_HASH_SIZE_MAX];
    size_t digest_size;
    hf_hash_id hash;
    hf_span signature;
} signature_check;

typedef struct primitives {
    const hf_suite *suite;
    int ephemeral_size; /* bytes: what libtomcrypt calls the key size of a curve */
    hf_random random;
    uint64_t random_state;
    ecc_key ec_key;
    rsa_key rsa_key;
    signature_check checks[PRIMITIVES_CHECKS];
    size_t certificate_sizes[PRIMITIVES_CHECKS]; /* of what was signed */
    size_t handshake_size;                       /* bytes of all messages */
} primitives;

/* Whether the primitives of a suite are known here: those of ECDHE and of RSA key transport with an
 * ECDSA or RSA certificate. */
bool primitives_know(const hf_suite *suite);
/* Makes one handshake of the pair to see how long its messages are. */
void primitives_prepare(primitives *p, bench_pair *pair);
/* What a client and a server compute, both of them. */
void primitives_public_key(primitives *p);
void primitives_hashes(const primitives *p);
void primitives_ciphers(const primitives *p);

#endif

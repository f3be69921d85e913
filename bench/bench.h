/* bench: what the engine costs beyond the primitives that it has to call.
 *
 *   bench.h             the pair that the programs measure (this file)
 *   bench.c             certificates, a client and a server joined by memory
 *   handshake_cost.c    N handshakes, then as many times the primitives of one
 *   primitives.[hc]     those primitives, called from libtomcrypt without anything around them
 *   path_cost.c         N validations of a chain, then as many times its signature checks
 *   path_cost.sh        counts the instructions of both
 *   resumption.c        N handshakes that resume a session
 *   resumption.sh       counts their instructions, by ID and by ticket
 *   bulk.c              records through a connection, then through the bare AEAD
 *   handshake_cost.sh   counts the instructions of handshake_cost for every suite
 *   bulk.sh             counts those of bulk for every AEAD and record size
 *
 * Counting is done by callgrind, which follows the functions whose names begin with `counted_`. All
 * runs are deterministic. Any failure ends the program. */
#ifndef HF_BENCH_BENCH_H
#define HF_BENCH_BENCH_H

#include <handfast/handfast.h>

/* Keeps a function callable by its name, which is how callgrind finds it. */
#if defined(__clang__)
#define BENCH_COUNTED __attribute__((noinline))
#else
#define BENCH_COUNTED __attribute__((noinline, noclone))
#endif

#define BENCH_BUFFER 131072 /* several records of the largest size */

typedef struct bench_chain {
    hf_span certificates[2]; /* leaf and intermediate */
    hf_span root;
    hf_private_key key;
    hf_credentials credentials;
    hf_trust_anchor anchor;
} bench_chain;

typedef struct bench_endpoint {
    hf_conn conn;
    hf_handshake handshake;
    hf_config config;
    uint64_t random_state;
    uint8_t rx[BENCH_BUFFER], tx[BENCH_BUFFER];
} bench_endpoint;

typedef struct bench_pair {
    bench_endpoint client, server;
    bench_chain chain;
    hf_binding binding;
    uint16_t suite, group;
    hf_session *session; /* where the client keeps its session, or NULL */
} bench_pair;

_Noreturn void bench_fail(const char *what);

/* Ends the program unless the condition holds. */
static inline void bench_expect(bool condition, const char *what)
{
    if (!condition)
        bench_fail(what);
}

/* `keys` names a certificate of tests/support/make_pki.sh: p256, p384, p521, rsa2048, ... */
void bench_prepare(bench_pair *pair, uint16_t suite, uint16_t group, const char *keys);
/* One handshake over fresh connections. */
void bench_connect(bench_pair *pair);
/* Runs a connection until it has nothing left to do. */
void bench_run(hf_conn *conn);
/* Moves what one connection has to send to the other; returns how much it was. */
size_t bench_transfer(hf_conn *from, hf_conn *to);

/* The numbers of a counter stretched by splitmix64: for measurements only. */
bool bench_random(void *context, uint8_t *out, size_t size);

#endif

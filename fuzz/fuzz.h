/* fuzz: a harness for each place where strangers' bytes come in.
 *
 *   fuzz.h              what harnesses share (this file)
 *   endpoint.c          a connection with fixed credentials, random numbers and time
 *   fuzz_client.c       a client, given what a server sends
 *   fuzz_server.c       a server, given what a client sends
 *   fuzz_pair.c         both of them, with somebody in between
 *   fuzz_record.c       record protection
 *   fuzz_hello.c        hellos and their extensions
 *   fuzz_certificate.c  certificates and paths
 *   fuzz_crl.c          revocation lists
 *   fuzz_ocsp.c         OCSP responses
 *   fuzz_private_key.c  private keys
 *   replay_main.c       runs a harness over its seeds, where there is no libFuzzer
 *   make_seeds.c        writes the seeds that are real handshakes, into corpus/
 *   corpus/NAME/        the seeds of fuzz_NAME.c
 *   tls.dict            code points and fragments of messages, for all harnesses
 *
 * Nothing here depends on anything but the input: random numbers come from a counter, the time is
 * fixed, no file is read. So a recorded handshake is completed again when it is replayed, and what
 * is behind it can be reached; peers are verified as anywhere else. What an input must never bring
 * about ends in a trap. */
#ifndef HF_FUZZ_FUZZ_H
#define HF_FUZZ_FUZZ_H

#include <handfast/handfast.h>

#include "tls/wire/reader.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* The first two bytes of an input: how the connection is configured. */
#define FUZZ_COMPATIBLE (1u << 0) /* hf_policy_compatible instead of the default          */
#define FUZZ_SMALL      (1u << 1) /* the smallest buffers                                 */
#define FUZZ_ASK        (1u << 2) /* questions: external keys, a say over the chain       */
#define FUZZ_RSA        (1u << 3) /* server: the RSA certificate before the ECDSA one     */
#define FUZZ_PROTOCOLS  (1u << 4) /* ALPN                                                 */
#define FUZZ_STRICT     (1u << 5) /* server: unknown names are refused, client's order     */

#define FUZZ_ESTABLISHED (1u << 6) /* fuzz_pair.c: begin after the handshake                */

typedef struct fuzz_options {
    uint8_t flags;
    uint8_t suite; /* 0: the policy's, n: hf_suite_at(n - 1) alone */
} fuzz_options;

#define FUZZ_KEYS (2 + HF_WITH_DSS) /* one of each type that a suite may need */

typedef struct fuzz_endpoint {
    hf_conn conn;
    hf_handshake handshake;
    hf_config config;
    hf_binding bindings[2];
    hf_credentials credentials[FUZZ_KEYS];
    hf_private_key keys[FUZZ_KEYS];
    uint16_t suite;
    uint64_t random_state;
    uint8_t rx[HF_RX_FULL], tx[HF_TX_FULL];
} fuzz_endpoint;

fuzz_options fuzz_read_options(hf_reader *input);

/* False if this build has nothing that goes with the options. */
bool fuzz_start(fuzz_endpoint *e, hf_role role, fuzz_options options);
/* Runs the connection until it needs something from outside, answers its questions, and checks
 * that what it says of itself holds. */
void fuzz_run(fuzz_endpoint *e);

/* A whole life: the rest of the input is a list of pieces, each with its length in two bytes,
 * which arrive one after the other; then the transport ends. The application reads whatever comes
 * and answers it. */
void fuzz_live(fuzz_endpoint *e, hf_reader *input);

#endif

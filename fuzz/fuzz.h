/* fuzz: a harness for each place where strangers' bytes come in.
 *
 *   fuzz.h              what harnesses share (this file)
 *   endpoint.c          a connection with fixed credentials, random numbers and time
 *   credentials.c       a certificate of both roles, and an OCSP response
 *   fuzz_client.c       a client, given what a server sends
 *   fuzz_server.c       a server, given what a client sends
 *   fuzz_pair.c         both of them, with somebody in between
 *   fuzz_message.c      each handshake message, where a handshake has come to it
 *   fuzz_hello.c        hellos and each of their extensions
 *   fuzz_record.c       record protection
 *   fuzz_certificate.c  certificates and paths
 *   fuzz_name.c         distinguished names, host names and name constraints
 *   fuzz_crl.c          revocation lists
 *   fuzz_ocsp.c         OCSP responses
 *   fuzz_private_key.c  private keys
 *   fuzz_session.c      sessions and tickets
 *   fuzz_pem.c          the files that the command reads certificates and keys from
 *   fuzz_capture.c      captures as `inspect` reads them; capture_secrets.inc: those of its seeds
 *   fuzz_dissect.c      handshake messages as --trace shows them
 *   replay_main.c       runs a harness over its seeds, where there is no fuzzer
 *   make_seeds.c        writes the seeds that come from real handshakes, into corpus/
 *   corpus/NAME/        the seeds of fuzz_NAME.c
 *   tls.dict der.dict pem.dict      words of the formats
 *   oss-fuzz-build.sh   builds all of it in the way of OSS-Fuzz
 *
 * Lines of a harness's header that scripts read: ` * covers: FUNCTION, ...`, what its seeds must
 * reach (scripts/coverage.sh), and ` * dictionary: FILE`.
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

/* The first three bytes of an input: how the connection is configured. */
#define FUZZ_COMPATIBLE  (1u << 0)  /* hf_policy_compatible instead of the default             */
#define FUZZ_SMALL       (1u << 1)  /* the smallest buffers                                    */
#define FUZZ_ASK         (1u << 2)  /* questions: external keys, a say over whatever there is  */
#define FUZZ_RSA         (1u << 3)  /* server: the RSA certificate before the ECDSA one        */
#define FUZZ_PROTOCOLS   (1u << 4)  /* ALPN                                                    */
#define FUZZ_STRICT      (1u << 5)  /* server: unknown names are refused, client's order       */
#define FUZZ_ESTABLISHED (1u << 6)  /* fuzz_pair.c: begin after the handshake                  */
#define FUZZ_LEGACY      (1u << 7)  /* hf_policy_legacy; server: hellos of SSL 2.0's format    */
#define FUZZ_CLIENT_AUTH (1u << 8)  /* server: asks for a certificate; client: has one         */
#define FUZZ_TICKETS     (1u << 9)  /* server: issues them; client: asks for them              */
#define FUZZ_RESUME      (1u << 10) /* both remember a session                                 */
#define FUZZ_RENEGOTIATE (1u << 11) /* both may start a renegotiation                          */
#define FUZZ_EXTRAS      (1u << 12) /* OCSP, trusted_ca_keys, URLs, shorter records and MACs   */
#define FUZZ_TLS1_1      (1u << 13) /* no version above it                                     */
#define FUZZ_TLS1_0      (1u << 14) /* likewise                                                */
#define FUZZ_NO_ETM      (1u << 15) /* no encrypt_then_mac                                     */

typedef struct fuzz_options {
    uint16_t flags;
    uint8_t suite; /* 0: the policy's, n: hf_suite_at(n - 1) alone */
} fuzz_options;

/* Of a server: one of each type that a suite may need, and fuzz_peer. */
#define FUZZ_KEYS (3 + HF_WITH_DSS)

#define FUZZ_SESSIONS 2

typedef struct fuzz_endpoint {
    hf_conn conn;
    hf_handshake handshake;
    hf_config config;
    hf_binding bindings[2];
    hf_credentials credentials[FUZZ_KEYS];
    hf_private_key keys[FUZZ_KEYS];
    hf_trust_anchor anchors[2];
    hf_certificate_url url;
    hf_session session;
    hf_session_cache cache;
    hf_session_slot slots[FUZZ_SESSIONS];
    uint16_t suite;
    uint64_t random_state;
    bool has_failed; /* and what belongs to that has been checked */
    uint8_t rx[HF_RX_FULL], tx[HF_TX_FULL];
} fuzz_endpoint;

/* --- credentials.c --- */

extern const hf_trust_anchor fuzz_anchor[1];
extern const hf_credentials fuzz_peer;

/* --- endpoint.c --- */

/* A generator of which repeatable is all that can be said; the context is a uint64_t. */
bool fuzz_random(void *context, uint8_t *out, size_t size);

/* The key that tickets are sealed with. */
extern const hf_ticket_keys fuzz_ticket_keys;

/* Whether a view is one of these bytes. */
bool fuzz_is_within(hf_span part, hf_span whole);

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

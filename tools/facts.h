/* What the messages of a handshake say, as somebody reads them who overhears it. Unlike the
 * engine's readers these take what they understand and pass over the rest: messages that an
 * endpoint would refuse are of special interest here. */
#ifndef TOOLS_FACTS_H
#define TOOLS_FACTS_H

#include <handfast/registry.h>

#include "tls/wire/codes.h"

#define FACTS_SUITES_MAX 128 /* of what a client offers */
#define FACTS_TLS1_3     0x0304

/* A Certificate message. */
struct chain_facts {
    bool is_seen;
    size_t count; /* of certificates */
    bool is_read; /* the leaf could be read; the rest is about it */
    char subject[256], issuer[256];
    char names[256]; /* DNS names, separated by ", " */
    bool is_self_signed, is_for_name;
    int64_t not_before, not_after; /* of the leaf, or of the first that is not valid at the time */
    bool is_expired, is_not_yet_valid;
};

struct facts {
    bool has_client_hello, has_server_hello, has_server_hello_done, has_client_key_exchange;
    uint8_t client_random[HF_RANDOM_SIZE], server_random[HF_RANDOM_SIZE];
    uint16_t offered_version; /* the highest */
    uint16_t offered_suites[FACTS_SUITES_MAX];
    size_t offered_count; /* may be more than there is room for */
    char server_name[256];

    uint16_t version, suite_code;
    const hf_suite *suite; /* NULL: unknown to this build */
    char protocol[256];    /* of ALPN */
    bool extended_master_secret, encrypt_then_mac, truncated_hmac, secure_renegotiation;
    uint16_t group_code; /* 0: none was named */
    uint32_t dh_bits;    /* of a group that has no name */
    const hf_scheme *scheme;
    bool is_resumed, has_status, has_ticket, asks_for_certificate, has_certificate_verify;
    struct chain_facts server_chain, client_chain;
};

/* Takes a whole message with its header; `time` is UNIX seconds. */
void facts_take(struct facts *facts, hf_role sender, hf_span message, int64_t time);
/* A ClientHello in the format of SSL 2.0 (RFC 5246 E.2), without its length. */
void facts_take_v2_hello(struct facts *facts, hf_span message);

/* Also of versions that this library does not have. */
const char *facts_version_text(uint16_t version);

#endif

/* What a connection is told: const, shared by any number of connections, may live in flash.
 * Everything is zeroes by default; each field says what its zero means. */
#ifndef HANDFAST_CONFIG_H
#define HANDFAST_CONFIG_H

#include "crypto_glue/dh.h"

#include <handfast/observe.h>
#include <handfast/session.h>
#include <handfast/x509.h>

/* A list of code points in order of preference. */
typedef struct hf_code_list {
    const uint16_t *codes;
    size_t count;
} hf_code_list;

/* A named set of what is allowed. */
typedef struct hf_policy {
    const char *name;
    uint16_t version_min, version_max;
    hf_code_list suites, groups, schemes;
    uint16_t rsa_bits_min;              /* RSA, DSA */
    uint16_t dh_bits_min;               /* of a server's own finite-field group */
    bool allow_sha1;                    /* in certificates' signatures                            */
    bool allow_no_extended_master;      /* peers without extended_master_secret (RFC 7627)        */
    bool allow_no_secure_renegotiation; /* peers without renegotiation_info (RFC 5746)            */
} hf_policy;

/* Whether a list of suites or a policy names it makes the difference: DH_anon, ECDH_anon and NULL
 * are in no policy. */
extern const hf_policy hf_policy_default;    /* TLS 1.2, ECDHE, AEAD                              */
extern const hf_policy hf_policy_compatible; /* adds TLS 1.0 and 1.1, CBC, RSA key transport */
extern const hf_policy hf_policy_legacy; /* adds 3DES, RC4, DSS, SHA-1 signatures, 1024-bit keys */

/* A pre-shared key (RFC 4279). */
typedef struct hf_psk {
    hf_span identity; /* up to HF_PSK_IDENTITY_MAX bytes */
    hf_span key;      /* 1 to HF_PSK_MAX bytes           */
} hf_psk;

/* Where a client's certificates are to be had (RFC 6066 5). */
#define HF_URL_HASH_SIZE 20
typedef struct hf_certificate_url {
    hf_span url;                    /* 1 to 65535 bytes of ASCII              */
    uint8_t sha1[HF_URL_HASH_SIZE]; /* of what is there: a certificate in DER, or a PkiPath */
} hf_certificate_url;

typedef enum hf_url_type {
    HF_URLS_OF_CERTIFICATES, /* one for each certificate, leaf first */
    HF_URLS_OF_PKIPATH       /* one for all of them                  */
} hf_url_type;

/* A certificate chain and its key. What is empty is not used. */
typedef struct hf_credentials {
    const hf_span *chain; /* DER, leaf first; the root may be left out (RFC 5246 7.4.2) */
    size_t chain_count;
    const hf_private_key *key;
    hf_span root;                   /* server: the root that was left out, for trusted_ca_keys   */
    hf_span ocsp_response;          /* server: of the leaf, in DER, for status_request           */
    const hf_certificate_url *urls; /* client: sent instead of the chain to servers that agree   */
    size_t url_count;
    hf_url_type url_type;
} hf_credentials;

/* How a client names its trust anchors to a server (RFC 6066 6). */
typedef enum hf_trusted_ca_keys {
    HF_TRUSTED_CA_KEYS_OFF,
    HF_TRUSTED_CA_KEYS_NAMES,
    HF_TRUSTED_CA_KEYS_KEY_HASHES,
    HF_TRUSTED_CA_KEYS_CERTIFICATE_HASHES,
    HF_TRUSTED_CA_KEYS_PRE_AGREED /* says only that the server knows them */
} hf_trusted_ca_keys;

typedef enum hf_status_request {
    HF_STATUS_REQUEST_OFF,
    HF_STATUS_REQUEST_ASK,    /* for an OCSP response (RFC 6066 8); one that comes must be good, and
                                 one must come if the certificate says so (RFC 7633) */
    HF_STATUS_REQUEST_REQUIRE /* the handshake fails without one */
} hf_status_request;

/* Whether a server asks its clients for certificates (RFC 5246 7.4.4). */
typedef enum hf_client_auth {
    HF_CLIENT_AUTH_INHERIT, /* in a binding: the configuration's; in the configuration: off */
    HF_CLIENT_AUTH_OFF,
    HF_CLIENT_AUTH_REQUEST, /* a client may come without */
    HF_CLIENT_AUTH_REQUIRE
} hf_client_auth;

/* One row of a server's SNI table. */
typedef struct hf_binding {
    hf_span host; /* "shop.example", "*.example" (one label), or empty: the default binding */
    const hf_credentials *credentials; /* one per key type, in order of preference */
    size_t credentials_count;
    const hf_span *protocols; /* ALPN for this binding, in order; NULL: the configuration's */
    size_t protocol_count;
    hf_client_auth client_auth;
    const hf_trust_anchor *anchors; /* for its clients' certificates; NULL: the configuration's */
    size_t anchor_count;
} hf_binding;

/* Who may start a handshake inside an established connection (RFC 5746). Only ever with a peer that
 * has secure renegotiation. */
typedef enum hf_renegotiation {
    HF_RENEGOTIATION_OFF, /* requests are answered with a warning, no_renegotiation */
    HF_RENEGOTIATION_BY_CLIENT,
    HF_RENEGOTIATION_BY_SERVER,
    HF_RENEGOTIATION_BY_BOTH
} hf_renegotiation;

typedef enum hf_unknown_name {
    HF_UNKNOWN_NAME_DEFAULT, /* the default binding serves it, without an acknowledgement  */
    HF_UNKNOWN_NAME_WARN,    /* the same after a warning alert unrecognized_name           */
    HF_UNKNOWN_NAME_FATAL    /* refused with a fatal unrecognized_name                     */
} hf_unknown_name;

typedef enum hf_verify_mode {
    HF_VERIFY_REQUIRED, /* the peer's chain must lead to a trust anchor                    */
    HF_VERIFY_NONE      /* the chain is read but not validated: for tests, never for use   */
} hf_verify_mode;

/* Returns false if the time is not known (a device at first boot). */
typedef bool (*hf_clock_function)(void *context, int64_t *unix_seconds);

typedef struct hf_config {
    const hf_policy *policy;              /* NULL: hf_policy_default                             */
    uint16_t version_min, version_max;    /* 0: the policy's                                     */
    hf_code_list suites, groups, schemes; /* count 0: the policy's                            */
    bool server_preference_off; /* server: false: own order of suites and groups wins, true: the
                                   client's */

    hf_random random; /* required */

    hf_clock_function clock; /* NULL: the time is not known */
    void *clock_context;
    bool allow_no_clock; /* validate without looking at validity periods if the time is not known */

    hf_verify_mode verify;
    const hf_trust_anchor *anchors; /* for the peer's certificates */
    size_t anchor_count;
    hf_client_auth client_auth; /* server */
    const hf_credentials
        *credentials; /* client: the first that suits the server's request is used */
    size_t credentials_count;
    bool allow_no_name; /* client: validate although no server name was set */
    const hf_pin *pins; /* keys of which the path of a peer must have one; none: any will do */
    size_t pin_count;
    const hf_span *crls; /* in DER: with any, every certificate of a peer's path needs some that
                            cover it (hf_path_rules) */
    size_t crl_count;
    bool allow_missing_crls;
    bool ask_about_chain; /* HF_QUESTION_CHAIN after a chain has been validated */

    const hf_span *protocols; /* ALPN names in order of preference; NULL: not offered */
    size_t protocol_count;

    const hf_binding *bindings; /* server: at least one; the first without a host is the default,
                                   else the first */
    size_t binding_count;
    hf_unknown_name unknown_name;

    const hf_psk *psks; /* client: the first is used; server: found by identity */
    size_t psk_count;
    hf_span psk_hint; /* server: psk_identity_hint, empty: none is sent */

    const hf_dh_group
        *dh_group; /* server: for DHE with clients that name no group; NULL: ffdhe2048 */

    hf_session_cache *cache;       /* server: NULL: no session is resumed by its ID */
    const hf_ticket_keys *tickets; /* server: NULL: none are issued or taken (RFC 5077) */
    bool without_session_ticket;   /* client: ask for none */
    bool ask_about_sessions;       /* server: HF_QUESTION_FIND_SESSION and _KEEP_SESSION: a store
                                      elsewhere */
    bool ask_about_binding;        /* server: HF_QUESTION_BINDING for each ClientHello */
    bool ask_about_credentials;    /* client: HF_QUESTION_CREDENTIALS for each CertificateRequest */

    hf_renegotiation renegotiation;
    bool allow_certificate_change; /* in a renegotiation: the peer may become somebody else */
    bool resume_in_renegotiation;  /* client: offer the session there, too: new keys of the old
                                      secret, which not every server takes */

    /* Payload of records. 0: from the size of the receive buffer, nothing where that holds the
     * largest record. */
    uint16_t max_fragment_length; /* client: 512, 1024, 2048 or 4096, both ways (RFC 6066 4)   */
    uint16_t record_size_limit;   /* 64 to 16384, what this side takes (RFC 8449)               */
    bool without_max_fragment_length;
    bool without_record_size_limit;

    hf_trusted_ca_keys trusted_ca_keys; /* client */
    hf_status_request status_request;   /* client */
    bool ask_about_status;              /* client: HF_QUESTION_STATUS for each that is sent */
    bool accept_certificate_urls;       /* server: HF_QUESTION_CERTIFICATE_URL for each     */

    bool padding;         /* client: no ClientHello of 256 to 511 bytes (RFC 7685)             */
    bool accept_v2_hello; /* server: a ClientHello in the format of SSL 2.0 (RFC 5246 E.2)      */
    bool fallback;        /* client: this is a second try with a lower version (RFC 7507)       */
    bool truncated_hmac;  /* offer and accept truncated_hmac (RFC 6066 7)                       */
    bool without_encrypt_then_mac;
    bool without_server_name;            /* client: do not send server_name                   */
    bool without_extended_master_secret; /* do not offer or accept it, nor ask it of the peer */

    const hf_observer *observer; /* NULL: nobody watches */
} hf_config;

#endif

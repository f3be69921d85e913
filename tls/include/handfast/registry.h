/* The code points that this build knows, as tables that a program may print or choose from. */
#ifndef HANDFAST_REGISTRY_H
#define HANDFAST_REGISTRY_H

#include "crypto_glue/ec.h"
#include "crypto_glue/hash.h"

#include <handfast/types.h>

typedef enum hf_key_exchange {
    HF_KX_RSA,       /* RFC 5246 7.4.7.1 */
    HF_KX_DHE,       /* RFC 5246 7.4.3; DH_anon where the authentication is HF_KEY_NONE   */
    HF_KX_ECDHE,     /* RFC 8422 2; ECDH_anon likewise                                     */
    HF_KX_PSK,       /* RFC 4279 2 */
    HF_KX_DHE_PSK,   /* RFC 4279 3 */
    HF_KX_ECDHE_PSK, /* RFC 5489 2 */
    HF_KX_RSA_PSK    /* RFC 4279 4 */
} hf_key_exchange;

/* The kind of key in a certificate. */
typedef enum hf_key_type { HF_KEY_NONE, HF_KEY_RSA, HF_KEY_EC, HF_KEY_DSA } hf_key_type;

/* How records are encrypted (RFC 5246 appendix C and later RFCs). */
typedef enum hf_cipher {
    HF_CIPHER_NULL,
    HF_CIPHER_RC4_128,
    HF_CIPHER_3DES_EDE_CBC,
    HF_CIPHER_AES_128_CBC,
    HF_CIPHER_AES_256_CBC,
    HF_CIPHER_AES_128_GCM,
    HF_CIPHER_AES_256_GCM,
    HF_CIPHER_AES_128_CCM,
    HF_CIPHER_AES_256_CCM,
    HF_CIPHER_AES_128_CCM_8,
    HF_CIPHER_AES_256_CCM_8,
    HF_CIPHER_CHACHA20_POLY1305
} hf_cipher;

typedef struct hf_suite {
    uint16_t code; /* IANA TLS Cipher Suites */
    uint16_t version_min;
    const char *name;
    hf_key_exchange key_exchange;
    hf_key_type
        authentication; /* key type of the server's certificate; HF_KEY_NONE: no certificate */
    hf_cipher cipher;
    hf_hash_id mac;      /* HF_HASH_NONE: an AEAD */
    hf_hash_id prf_hash; /* with TLS 1.2 (RFC 5246 5) */
} hf_suite;

typedef struct hf_group {
    uint16_t code; /* IANA TLS Supported Groups */
    const char *name;
    hf_curve curve; /* HF_CURVE_NONE: a finite-field group of RFC 7919 */
} hf_group;

typedef enum hf_padding { HF_PADDING_NONE, HF_PADDING_PKCS1, HF_PADDING_PSS } hf_padding;

typedef struct hf_scheme {
    uint16_t code; /* IANA TLS SignatureScheme; before TLS 1.3 {hash, signature} */
    const char *name;
    hf_key_type key_type;
    hf_padding padding; /* of RSA signatures */
    hf_hash_id hash;
} hf_scheme;

/* The rows by position (NULL past the end) and by code point or curve (NULL if this build has
 * none). */
const hf_suite *hf_suite_at(size_t index);
const hf_suite *hf_suite_of(uint16_t code);
const hf_group *hf_group_at(size_t index);
const hf_group *hf_group_of(uint16_t code);
const hf_group *hf_group_of_curve(hf_curve curve);
const hf_scheme *hf_scheme_at(size_t index);
const hf_scheme *hf_scheme_of(uint16_t code);

typedef struct hf_extension_info {
    uint16_t code; /* IANA TLS ExtensionType Values */
#if HF_WITH_TEXT
    const char *name;
    const char *section; /* of the RFC */
#endif
} hf_extension_info;

const hf_extension_info *hf_extension_at(size_t index);

/* Names for traces: never NULL, "unknown" for what is not registered. */
const char *hf_alert_name(uint8_t alert);
const char *hf_message_name(uint8_t handshake_type);
const char *hf_version_name(uint16_t version); /* "TLS 1.2" */

/* The ladders of RFC 5246 7.3 figures 1 and 2 (flow.c), row by row. */
#define HF_CHANGE_CIPHER_SPEC 0x100 /* hf_flow_row.message: a record of that type, no message */

typedef struct hf_flow_row {
    hf_role sender;
    uint16_t message; /* HandshakeType, or HF_CHANGE_CIPHER_SPEC */
    bool resumed;     /* a row of the short ladder, which follows the full one */
    const char *name;
    const char *when; /* the condition's name, "always" if there is none */
} hf_flow_row;

/* False past the last row. */
bool hf_flow_at(size_t index, hf_flow_row *row);

#endif

/* Public and private keys as views of the bytes that hold them: nothing is copied or expanded. */
#ifndef HANDFAST_KEY_H
#define HANDFAST_KEY_H

#include "crypto_glue/dsa.h"
#include "crypto_glue/ec.h"
#include "crypto_glue/rsa.h"

#include <handfast/error.h>
#include <handfast/registry.h>

typedef struct hf_public_key {
    hf_key_type type;
#if HF_WITH_DSS
    bool inherits; /* a DSA key with the parameters of its issuer's, RFC 3279 2.3.2: HF_KEY_NONE */
#endif
    union {
        hf_rsa_public rsa;
#if HF_WITH_DSS
        hf_dsa_public dsa;
#endif
        struct {
            hf_curve curve;
            hf_span point;
        } ec;
    } u;
} hf_public_key;

/* A private key. Its spans point into memory of the caller that must outlive every connection
 * that uses it, and may be flash. With `external` set the private numbers are elsewhere (a secure
 * element, another process): only the public part is filled in, and the connection asks a
 * question (HF_QUESTION_SIGN, HF_QUESTION_DECRYPT) instead of computing. */
typedef struct hf_private_key {
    hf_key_type type;
    bool external;
    union {
        hf_rsa_private rsa;
#if HF_WITH_DSS
        hf_dsa_private dsa;
#endif
        struct {
            hf_curve curve;
            hf_span scalar; /* hf_ec_field_size bytes, big-endian; empty if external */
            hf_span point;  /* of an external key: its public point, 04 X Y          */
        } ec;
    } u;
} hf_private_key;

/* Reads a DER private key: PKCS #1 RSAPrivateKey, SEC 1 ECPrivateKey (with its curve named), the
 * DSAPrivateKey that OpenSSL writes, or PKCS #8 of any (RFC 8017 A.1.2, RFC 5915, RFC 5958). The
 * result is a view of `der`.
 * Errors: HF_ERROR_BAD_PRIVATE_KEY, HF_ERROR_KEY_ENCRYPTED. */
HF_MUST_USE hf_error hf_private_key_read(hf_private_key *key, hf_span der);

/* Whether a private key belongs to a certificate's public key. EC and DSA keys are compared by
 * computing the public point or value (one public-key operation; an external key's is compared as
 * it is), RSA keys by modulus and exponent. HF_ERROR_BAD_PRIVATE_KEY if the private number is
 * outside [1, n-1]. */
HF_MUST_USE hf_error hf_private_key_matches(const hf_private_key *key, const hf_public_key *other,
                                            bool *matches);

#endif

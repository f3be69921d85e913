/* tests/support/pki: certificates put together piece by piece, right or wrong in any place.
 *
 * DER is written from the inside out: each function returns a span of a static arena that lives as
 * long as the test's process. Nothing here is shared with what is tested, except that signatures
 * are made by crypto_glue. Keys are P-256. */
#ifndef HF_TESTS_SUPPORT_PKI_H
#define HF_TESTS_SUPPORT_PKI_H

#include "crypto_glue/dsa.h"

#define PKI_COUNT(...)    (sizeof((const hf_span[]){__VA_ARGS__}) / sizeof(hf_span))
#define PKI_JOIN(...)     pki_join((const hf_span[]){__VA_ARGS__}, PKI_COUNT(__VA_ARGS__))
/* One element around parts. */
#define PKI_DER(tag, ...) pki_element((tag), PKI_JOIN(__VA_ARGS__))
#define PKI_SEQUENCE(...) PKI_DER(0x30, __VA_ARGS__)

#define PKI_NONE ((hf_span){(const uint8_t *)"", 0})

hf_span pki_join(const hf_span *parts, size_t count);
hf_span pki_element(uint8_t tag, hf_span content);
hf_span pki_hex(const char *digits);
hf_span pki_text(const char *text);
hf_span pki_oid(const char *dotted);
/* An INTEGER from 0 to 0x7fffffff. */
hf_span pki_integer(unsigned value);
hf_span pki_bytes_of(const char *name); /* of HF_PKI_DIR */
hf_span pki_pem_of(const char *name);   /* the DER inside a PEM file of HF_PKI_DIR */

/* A Name with one commonName, a UTF8String. */
hf_span pki_name(const char *common_name);
/* The same with any type of attribute and string. */
hf_span pki_name_of(const char *attribute_oid, uint8_t tag, const char *value);

typedef struct pki_key {
    uint8_t scalar[32];
    uint8_t point[65];
} pki_key;

/* Key number n of this process, made when first asked for. */
const pki_key *pki_key_at(size_t n);
/* The P-256 key NAME of HF_PKI_DIR, without its point. */
pki_key pki_key_of_file(const char *name);
hf_span pki_public_key(const pki_key *key); /* SubjectPublicKeyInfo */

hf_span pki_extension(const char *oid, bool is_critical, hf_span value);
hf_span pki_basic_constraints(bool is_ca, int path_length); /* -1: none */
hf_span pki_key_usage(unsigned bits);                       /* HF_KEY_USAGE_... */
/* GeneralNames by tag: 0x82 DNS, 0x81 mailbox, 0x86 URI; subjectAltName of a list of them. */
hf_span pki_general_name(uint8_t tag, const char *text);
hf_span pki_alt_names(hf_span general_names);
hf_span pki_dns(const char *name); /* subjectAltName with one DNS name */
/* nameConstraints; each list is made of pki_subtree, empty: left out. */
hf_span pki_subtree(hf_span general_name);
hf_span pki_constraints(hf_span permitted, hf_span excluded);

/* What a certificate says. Zeroes stand for: version 3, serial number 1, valid from 2020 to 2030,
 * ecdsa-with-SHA256, no extensions. */
typedef struct pki_fields {
    const char *issuer, *subject;       /* common names */
    hf_span issuer_der, subject_der;    /* instead of them */
    const pki_key *key, *signer;        /* signer NULL: self-signed */
    const hf_dsa_private *dsa_signer;   /* instead: dsa-with-SHA256 */
    const char *not_before, *not_after; /* 13 characters: UTCTime, 15: GeneralizedTime */
    bool is_version_1;                  /* the field is left out */
    hf_span version;                    /* the whole field [0] */
    hf_span serial;                     /* the whole INTEGER */
    hf_span algorithm;                  /* AlgorithmIdentifier, inside and outside */
    hf_span outer_algorithm;            /* if it is to be another outside */
    hf_span public_key;                 /* SubjectPublicKeyInfo */
    hf_span unique_ids;                 /* put between key and extensions */
    hf_span extensions;                 /* Extension elements, one after the other */
    bool has_bad_signature;
} pki_fields;

hf_span pki_issue(const pki_fields *fields);

/* What a signature is made with. Zeroes stand for ecdsa-with-SHA256 by `key`. */
typedef struct pki_signer {
    const pki_key *key;
    const char *rsa_name;      /* instead: an RSA key of HF_PKI_DIR, sha256WithRSAEncryption */
    const hf_dsa_private *dsa; /* instead: dsa-with-SHA256 */
    bool is_sha1;              /* ecdsa-with-SHA1 */
    hf_span algorithm;         /* AlgorithmIdentifier that is written, whatever is done */
    bool is_bad;               /* signs something else */
} pki_signer;

hf_span pki_algorithm(const pki_signer *signer);
hf_span pki_sign(const pki_signer *signer, hf_span data); /* BIT STRING */
/* What is signed, how, and the signature, each of them one element. */
hf_span pki_signed(const pki_signer *signer, hf_span data);

hf_span pki_time(const char *text); /* 13 characters: UTCTime, 15: GeneralizedTime */
hf_span pki_bit_string(hf_span octets);
hf_span pki_or(hf_span given, hf_span otherwise); /* the second if the first is empty */

/* Whether there is a further length octet in DER, `n` being counted from 0 over all elements and
 * what is inside of constructed ones; `*position` is where its last octet stands. */
bool pki_length_at(hf_span der, size_t n, size_t *position);
/* The same bytes with one of them changed by `difference`. */
hf_span pki_changed(hf_span der, size_t position, int difference);

#endif

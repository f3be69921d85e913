/* What the tests of paths share: validating a chain made by tests/support/pki. */
#ifndef HF_TESTS_UNIT_X509_PATH_SUPPORT_H
#define HF_TESTS_UNIT_X509_PATH_SUPPORT_H

#include "tests/support/pki.h"

#include <handfast/x509.h>

#define NOW 1735689600 /* 2025-01-01, within the default validity of pki_issue */

typedef struct outcome {
    hf_error error;
    uint8_t failed; /* hf_path_failed_certificate */
    size_t length;  /* hf_path_length             */
    unsigned steps; /* calls of hf_path_step      */
} outcome;

outcome validate(const hf_path_rules *rules, const hf_span *chain, size_t count);
#define VALIDATE(rules, ...) \
    validate((rules), (const hf_span[]){__VA_ARGS__}, PKI_COUNT(__VA_ARGS__))

/* Rules with one anchor, at NOW, for a server. `anchor` is kept by the rules. */
hf_path_rules rules_for(hf_trust_anchor *anchor, hf_span root);

/* Certificates by name: key number n belongs to the n-th letter, "a" is 0; the subject's key is the
 * one of its first letter, and so is the issuer's. */
pki_fields fields_of(const char *subject, const char *issuer);
hf_span root_of(const char *name);
hf_span ca_of(const char *name, const char *issuer);
hf_span ca_with(const char *name, const char *issuer, hf_span extension);
hf_span leaf_of(const char *issuer); /* subject "z", DNS name host.example */
hf_span leaf_with(const char *issuer, hf_span extension);

#endif

/* OCSP responses for the server certificates of the tests, signed by their issuer. */
#ifndef HF_TESTS_STAPLE_H
#define HF_TESTS_STAPLE_H

#include "tests/support/pair.h"

/* CertStatus, RFC 6960 4.2.1. */
#define STAPLE_GOOD    "8000"
#define STAPLE_REVOKED "a111180f32303235303130313030303030305a"
#define STAPLE_UNKNOWN "8200"

/* A response about a certificate below inter-p256 ("server-p256"), current until 2027. The bytes
 * stay until the process ends. */
hf_span staple_of(const char *leaf, const char *status);
/* Says "good" of server-p256; always the same. */
hf_span staple_good(void);

#endif

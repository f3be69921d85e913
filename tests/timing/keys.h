/* Test keys whose private numbers are secret, from the certificates of tests/support/make_pki.sh.
 */
#ifndef HF_TESTS_TIMING_KEYS_H
#define HF_TESTS_TIMING_KEYS_H

#include <handfast/handfast.h>

typedef struct timing_key {
    hf_private_key key;
    hf_span chain[1];
    hf_credentials credentials;
} timing_key;

/* "server-p256" and the like; loaded once. The certificate alone is its chain. */
const timing_key *timing_key_of(const char *name);

#endif

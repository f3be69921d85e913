/* Connections that together have every message of the ladder and every extension of the table. */
#ifndef HF_TESTS_RECORDED_H
#define HF_TESTS_RECORDED_H

#include "tests/flow/recording.h"

typedef struct recorded {
    const char *name;
    void (*prepare)(recording *r);
    bool is_cheap;       /* no public-key operation anywhere */
    bool is_established; /* what matters comes after a first handshake */
} recorded;

/* NULL past the last. */
const recorded *recorded_at(size_t index);

/* Certificates by URL, a stapled response, a ticket, truncated_hmac and max_fragment_length, or
 * record_size_limit instead of that: all extensions but padding. */
void recorded_prepare_fetched(recording *r);
void recorded_prepare_limited(recording *r);
/* A hello of a size that wants padding. */
void recorded_prepare_padded(recording *r);

#endif

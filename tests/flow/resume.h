/* Two handshakes, one after the other, with a session kept on both sides between them. */
#ifndef HF_TESTS_RESUME_H
#define HF_TESTS_RESUME_H

#include "tests/flow/relay.h"

#define RESUME_SLOTS 3

typedef struct resume {
    pair p;
    relay line;
    hf_session_slot slots[RESUME_SLOTS];
    hf_session_cache cache; /* the server's, kept between handshakes */
    hf_session session;     /* the client's, likewise */
    uint16_t suite;
    uint64_t handshakes; /* so far, so that each has randoms of its own */
} resume;

/* An empty cache. */
void resume_begin(resume *r);
/* Both sides anew, with the cache and one suite in common; the test may then change them. */
void resume_prepare(resume *r, const char *server_keys, uint16_t suite, uint16_t version);
/* A handshake that offers no session; keeps the one it makes. */
void resume_full(resume *r);
/* A handshake that offers the session kept; with a hook on the line, or NULL. */
void resume_again(resume *r, relay_hook *hook, void *context);
/* Whether both sides are established, both by the short ladder or both by the full one. */
void expect_resumed(resume *r, bool is_resumed);

#endif

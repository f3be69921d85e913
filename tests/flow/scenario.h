/* A whole life of a connection of every kind: a handshake, data both ways, an orderly end; for
 * tests that let something go wrong on the way. */
#ifndef HF_TESTS_SCENARIO_H
#define HF_TESTS_SCENARIO_H

#include "tests/flow/renegotiate.h"

typedef enum scenario_handshake {
    SCENARIO_FULL,
    SCENARIO_CLIENT_AUTH, /* full, and the client shows a certificate */
    SCENARIO_NEW_TICKET,  /* full, and the server gives a ticket */
    SCENARIO_ID,          /* resumes by a session ID */
    SCENARIO_TICKET,      /* resumes by a ticket */
    SCENARIO_RENEGOTIATED_BY_CLIENT,
    SCENARIO_RENEGOTIATED_BY_SERVER,
    SCENARIO_RESUMED_INSIDE /* a renegotiation that resumes, by the client */
} scenario_handshake;

typedef struct scenario {
    const char *name;
    uint16_t suite, version;
    scenario_handshake handshake;
} scenario;

#define SCENARIO_MAX 32
extern const scenario scenarios[];
/* Their places in the table, as parameters of a test; returns how many there are. */
size_t scenario_places(size_t places[SCENARIO_MAX]);

/* The world of the running scenario. */
extern renegotiation world;

/* Does all that comes before the handshake that the scenario is about, and remembers the state. */
void scenario_reach(const scenario *s);
/* The state that was remembered. */
void scenario_again(void);
/* The handshake, data and end, as far as it gets. Checks that nobody is given wrong data. */
void scenario_live(void);
/* Whether both sides have come to an orderly end with all the data. */
bool scenario_has_succeeded(void);

#endif

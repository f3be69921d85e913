/* A connection in which handshakes follow one another, and what its tests have in common. */
#ifndef HF_TESTS_RENEGOTIATE_H
#define HF_TESTS_RENEGOTIATE_H

#include "tests/flow/resume.h"

/* What becomes of the session inside a connection. */
typedef enum inner_handshake { INNER_FULL, INNER_BY_ID, INNER_BY_TICKET } inner_handshake;

/* What an endpoint has told its observer; alerts with the level in the high byte. */
typedef struct watched {
    unsigned alert_sent, alert_heard; /* the last ones, 0: none */
    unsigned established, key_changes, hello_requests;
    uint8_t master[48]; /* the last that was logged */
} watched;

typedef struct renegotiation {
    resume r;
    watched seen[2]; /* by role */
    hf_observer observers[2];
    hf_handshake spare;
} renegotiation;

/* Both ends anew, with one suite of any policy, both allowed to begin. */
void reneg_prepare(renegotiation *n, const char *server_keys, uint16_t suite, uint16_t version,
                   inner_handshake kind);
/* The first handshake, a full one. */
void reneg_connect(renegotiation *n);
/* The key type that goes with a suite, as pair_prepare calls it. */
const char *reneg_keys(uint16_t suite);

endpoint *reneg_end(renegotiation *n, hf_role role);
hf_role reneg_other(hf_role role);

/* Asks for one and does nothing more. */
void reneg_ask(renegotiation *n, hf_role by);
/* Asks for one and lets it happen; checks that both sides have come to new keys that agree. */
void reneg_do(renegotiation *n, hf_role by);
/* The same with client certificates: what the server asks for, and which one the client shows, 0
 * for none, 1 or 2. */
void reneg_prepare_auth(renegotiation *n, hf_client_auth mode, inner_handshake kind);
void reneg_show(renegotiation *n, int who);
/* Another certificate for the server. */
void reneg_switch_server(renegotiation *n, const char *leaf, const char *issuer);

/* Neither side has failed, or is in a handshake. */
void reneg_expect_quiet(renegotiation *n);
/* Once all is done there have been so many handshakes, and data goes both ways. */
void reneg_expect_settled(renegotiation *n, unsigned established);
/* Or this side has failed, as in expect_refusal, and no secret is left. */
void reneg_expect_refused(renegotiation *n, hf_role by, hf_error reason, int alert);

/* Puts a record of this side's own making behind what it has to send, under its present keys. */
void reneg_slip_in(endpoint *e, uint8_t type, const void *content, size_t size);
/* Lets one side speak, with the first of its handshake messages changed on the way; for protection
 * that does not chain records. */
void reneg_pass_changed(renegotiation *n, hf_role from, relay_hook *hook, void *context);
/* Moves at most `most` bytes one way, 0: all; false if there are none. Both sides run before. */
bool reneg_move(renegotiation *n, hf_role from, size_t most);

/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 3.3), in front of the suites. */
void hello_add_scsv(relayed *hello);

#endif

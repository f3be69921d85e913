/* A handshake that has been rehearsed once, so that every message of both sides is known, and that
 * is then played to one of them, the victim, by the test alone. */
#ifndef HF_TESTS_REHEARSAL_H
#define HF_TESTS_REHEARSAL_H

#include "tests/flow/grammar.h"
#include "tests/support/pair.h"

typedef enum authentication {
    AUTH_NONE,      /* the server does not ask                     */
    AUTH_WITHOUT,   /* it asks a client that has no certificate    */
    AUTH_REQUESTED, /* it asks a client that has one               */
    AUTH_REQUIRED,  /* and does not go on without                  */
    AUTHENTICATIONS
} authentication;

typedef enum course {
    COURSE_FULL,
    COURSE_FULL_TICKET, /* with a NewSessionTicket */
    COURSE_FULL_STATUS, /* with a CertificateStatus */
    COURSE_FULL_URL,    /* the client has its certificate at a URL, if it is asked for it */
    COURSE_FULL_ALL,    /* with all of these */
    COURSE_BY_ID,
    COURSE_BY_TICKET,
    COURSE_RENEWED, /* by a ticket in place of which there is a new one */
    COURSES
} course;

typedef struct situation {
    hf_role victim;
    uint16_t version;
    key_exchange kx;
    authentication auth;
    course course;
} situation;

/* Whether there is such a thing. */
bool situation_exists(const situation *what);
unsigned situation_facts(const situation *what);
const char *situation_name(const situation *what);

#define SCRIPT_MAX 12

/* What one side says in a handshake. Of what is protected there is the symbol only. */
typedef struct part {
    uint16_t symbol;
    size_t offset, size;
} part;

typedef struct script {
    part parts[SCRIPT_MAX];
    size_t count, size;
    uint8_t bytes[8000];
} script;

typedef struct rehearsal {
    situation what;
    pair p;
    endpoint *victim;
    hf_session session; /* the client's */
    hf_session_slot slots[2];
    hf_session_cache cache;
    hf_ticket_key keys[2];
    hf_ticket_keys tickets;
    hf_trust_anchor client_issuer;
    hf_credentials client_offer;
    hf_certificate_url url;
    uint16_t suite;
    script scripts[2];       /* by sender */
    uint8_t verify_data[12]; /* of the other side's Finished */
    uint8_t sent[8000];      /* the victim's answer to what it was given last */
    size_t sent_size;
} rehearsal;

/* Enough for the messages here; small, since a failure wipes it. */
#define REHEARSAL_RX 4096

/* All that changes while the victim is played to. */
typedef struct moment {
    hf_conn conn;
    hf_handshake handshake;
    uint8_t rx[REHEARSAL_RX];
    uint64_t random_state;
    hf_session session;
    hf_session_slot slots[2];
    hf_session_cache cache;
} moment;

/* Rehearses; the victim then waits for the other side's first message. */
void rehearse(rehearsal *r, const situation *what);
/* What the other side has said. */
const script *rehearsed(const rehearsal *r);

void rehearsal_save(const rehearsal *r, moment *to);
void rehearsal_restore(rehearsal *r, const moment *from);

/* The content of the record that a symbol is, well-formed and as far as possible right for this
 * moment; returns its ContentType. */
uint8_t rehearsal_content(const rehearsal *r, uint16_t symbol, uint8_t *out, size_t *size);
/* Gives the victim a record as the other side would send it now. */
void rehearsal_give(rehearsal *r, uint8_t type, const void *content, size_t size);
void rehearsal_give_bytes(rehearsal *r, const uint8_t *bytes, size_t size);
/* Gives it a symbol, and reads what data there is. */
void rehearsal_play(rehearsal *r, uint16_t symbol);

/* Room for what rehearsal_content makes. */
#define CONTENT_MAX 4096

/* What is wrong with the victim that it should have gone on, or have ended in a failure with this
 * alert as its last word; NULL: nothing. */
const char *rehearsal_why_not_accepted(const rehearsal *r);
const char *rehearsal_why_not_refused(const rehearsal *r, hf_error reason, uint8_t alert);
/* What is wrong with what has become of the victim by a symbol. */
const char *rehearsal_why_wrong(rehearsal *r, const grammar *before, uint16_t symbol);

#endif

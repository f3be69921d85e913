/* Somebody on the line between a client and a server: sees every message and may change it. */
#ifndef HF_TESTS_RELAY_H
#define HF_TESTS_RELAY_H

#include "tests/support/pair.h"

/* A handshake message in the clear with its 4-byte header, or the fragment of any other record. */
typedef struct relayed {
    hf_role sender;
    uint8_t content; /* ContentType */
    bool sealed;     /* a protected fragment */
    uint8_t type;    /* HandshakeType, of a message in the clear */
    uint8_t *bytes;  /* with room for more behind them */
    size_t size;
} relayed;

typedef struct relay relay;

/* False: the part is dropped. */
typedef bool relay_hook(relay *r, relayed *part);

#define RELAY_SEEN_MAX 64

struct relay {
    pair *p;
    relay_hook *hook;                 /* NULL: nothing is changed */
    void *context;                    /* the hook's */
    bool sealed[2];                   /* by sender: its ChangeCipherSpec has passed */
    uint16_t seen[2][RELAY_SEEN_MAX]; /* what passed, by sender: HandshakeType in the clear, or */
    size_t seen_count[2];             /* 0x100 * ContentType for other and protected records */
    uint16_t version;                 /* of the last record */
    size_t fragment_max;              /* that the sender may send */
    uint8_t out[80000];               /* what goes on */
    size_t out_size;
};

/* Starts both ends of a prepared pair and lets the handshake happen. */
void relay_connect(relay *r, pair *p, relay_hook *hook, void *context);
/* Goes on until neither side has anything to say. */
void relay_run(relay *r);
/* From within a hook: a record in the clear that goes out before the part. */
void relay_insert(relay *r, uint8_t content, const void *bytes, size_t size);

/* Replaces bytes of a message and mends its length. */
void relayed_splice(relayed *part, size_t at, size_t removed, const void *bytes, size_t size);
/* The body of an extension of a hello, NULL if it has none of this type. */
uint8_t *hello_extension(const relayed *hello, uint16_t code, size_t *size);
bool hello_remove_extension(relayed *hello, uint16_t code);
void hello_add_extension(relayed *hello, uint16_t code, const void *body, size_t size);

/* Both sides have completed the handshake. */
void expect_established(pair *p);
/* This side has failed for the reason, with the alert that the reason has in `alert`, and the other
 * has heard of it. */
void expect_refusal(pair *p, hf_role by, hf_error reason, int alert);
/* What waits to be read is this text, of at most 63 bytes, and no more. */
void expect_read(endpoint *e, const char *text);
/* Data goes both ways. */
void expect_data(pair *p);

#endif

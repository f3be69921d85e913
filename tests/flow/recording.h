/* A connection part by part, from the first hello to the last close_notify. All that changes in it
 * is in one object, so that it may be saved and restored by assignment as long as it stays where it
 * is: whatever is done to a part costs no more than what follows that part. Random bytes and time
 * are always the same. */
#ifndef HF_TESTS_RECORDING_H
#define HF_TESTS_RECORDING_H

#include "tests/support/pair.h"

/* A handshake message in the clear with its header, or the fragment of any other record. */
typedef struct flight_part {
    hf_role sender;
    uint8_t content; /* ContentType */
    bool sealed;
    uint16_t version; /* of its record */
    size_t at, size;  /* in `bytes` */
} flight_part;

#define PARTS_MAX       48
#define RECORDED_SLOTS  2
#define RECORDED_CHAINS 2

/* What one end has seen: digests of the handshake messages that it has heard and said, so far and
 * when its last handshake was done, and the data that came. */
typedef struct view {
    uint64_t messages[2], agreed[2];
    uint8_t data[64];
    size_t data_size;
} view;

/* What is done once there is nothing left to pass on. */
typedef enum action { ACT_END, ACT_DATA, ACT_CLIENT_HELLO, ACT_HELLO_REQUEST, ACT_CLOSE } action;

typedef struct recording {
    pair p;
    uint16_t suite;
    hf_session session;
    hf_session_slot slots[RECORDED_SLOTS];
    hf_session_cache cache;
    hf_credentials client_offer;
    hf_certificate_url urls[RECORDED_CHAINS];
    hf_observer observers[2];
    view views[2];        /* by role */
    const action *script; /* to ACT_END */
    bool sealed[2];       /* by sender */
    uint8_t bytes[24000];
    size_t size;
    flight_part parts[PARTS_MAX];
    size_t count, next;
} recording;

/* Both ends with their observers, for a scenario to go on with. */
void recording_prepare(recording *r, const char *server_keys, const action *script);
void recording_start(recording *r);
/* The next part to be passed on, or NULL once everything has been. */
const flight_part *recording_peek(recording *r);
/* Passes the next part on as it is. */
void recording_pass(recording *r);
/* Passes on all that is left, and then lets the transport end wherever one side still waits. */
void recording_finish(recording *r);

/* Leaves the next part out, so that something else may be given in its place. */
flight_part recording_drop(recording *r);
/* Gives the receiver of a part bytes, whatever they are. */
void recording_give(recording *r, hf_role sender, const uint8_t *bytes, size_t size);
/* Gives content in records of the part's kind, in the clear. */
void recording_give_clear(recording *r, const flight_part *like, const uint8_t *content,
                          size_t size);
/* Opens the fragment of a protected part as its receiver would; returns how many bytes it holds. */
size_t recording_open(const recording *r, const flight_part *sealed, uint8_t *plain);
/* Gives other content in place of a protected part, under the same keys; not for CBC. */
void recording_give_sealed(recording *r, const flight_part *like, const uint8_t *content,
                           size_t size);

endpoint *recording_end(recording *r, hf_role role);
hf_role recording_other(hf_role role);
/* Whether the end waits for the rest of something that has begun. */
bool recording_is_short_of(const endpoint *e);

#endif

/* A TLS connection that was overheard: its two streams of bytes taken apart into records and
 * messages, decrypted as far as a key log has its secrets, and kept as a list of what happened. */
#ifndef TOOLS_CONVERSATION_H
#define TOOLS_CONVERSATION_H

#include "tools/facts.h"
#include "tools/keylog.h"
#include "tools/tcp_stream.h"

#include <stdint.h>

#define CONVERSATION_ITEMS_MAX   1000
#define CONVERSATION_ITEMS_KEPT  100        /* of them for other things than data */
#define CONVERSATION_MESSAGE_MAX (1u << 18) /* bytes of a handshake message */

enum item_kind {
    ITEM_MESSAGE,     /* a handshake message: `code` is its HandshakeType               */
    ITEM_CHANGE_KEYS, /* a ChangeCipherSpec                                             */
    ITEM_ALERT,       /* `level` and `code`                                             */
    ITEM_DATA,        /* application data, `records` of them in a row                     */
    ITEM_UNREADABLE,  /* a protected record without its key: `code` is its content type   */
    ITEM_BAD_RECORD,  /* one that does not verify, likewise                               */
    ITEM_ESTABLISHED, /* both have sent Finished                                          */
    ITEM_NOT_TLS,     /* bytes that are no record: the rest of this side is not read      */
    ITEM_LOST,        /* bytes that the capture does not have                           */
    ITEM_FINISHED,    /* TCP: this side sends no more                                   */
    ITEM_RESET
};

/* One thing that happened: an arrow of a ladder. */
struct item {
    enum item_kind kind;
    hf_role sender;
    int64_t time;      /* microseconds since 1970 */
    bool is_protected; /* its record is encrypted */
    uint8_t code, level;
    uint64_t size; /* bytes: of the message with its header, the data, the record, the gap */
    uint32_t records;
};

struct direction;

struct conversation {
    unsigned number;           /* of the TCP connection, from 1, as it began */
    struct packet_end ends[2]; /* client, server */
    struct item *items;
    size_t item_count, items_dropped;
    int64_t began;
    uint64_t data[2]; /* bytes of application data, by sender */

    struct facts facts;                /* of the handshake that was begun last */
    struct facts settled;              /* of the one that was completed last   */
    unsigned handshakes;               /* completed */
    bool is_handshaking;               /* one has begun and is not completed */
    bool has_loss;                     /* bytes are missing from the capture */
    bool was_decrypted, is_unreadable; /* some records were, some could not be */

    /* private */
    size_t item_capacity;
    struct item overflow; /* the last one that there was no room for */
    struct conversations *owner;
    struct direction *directions[2]; /* by side */
    tcp_side client_side;
    bool is_side_known, is_tls;
    bool has_finished[2]; /* by role, in this handshake */
};

/* All conversations of a capture; `done` gets each one as it ends, to look at. */
struct conversations {
    const struct keylog *keys;
    void (*done)(void *context, const struct conversation *conversation);
    void *context;
    unsigned opened;        /* connections of TCP */
    unsigned count, others; /* TLS or not, of those that have ended */
};

/* What to give to tcp_streams_new; `conversations` must outlive it. */
struct tcp_user conversations_user(struct conversations *conversations);

#endif

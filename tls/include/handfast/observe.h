/* What a connection tells an observer: enough for a ladder, a trace, a log line and a key log. */
#ifndef HANDFAST_OBSERVE_H
#define HANDFAST_OBSERVE_H

#include <handfast/error.h>

struct hf_conn;

typedef enum hf_event_kind {
    HF_EVENT_MESSAGE,     /* bytes of a handshake message; long ones come in several pieces   */
    HF_EVENT_CHANGE_KEYS, /* a ChangeCipherSpec: from here on the sender's records are protected */
    HF_EVENT_ALERT,
    HF_EVENT_ESTABLISHED, /* the handshake is done                                            */
    HF_EVENT_FAILED,      /* hf_conn_failure has the reason                                   */
    HF_EVENT_CLOSED,      /* both directions are closed in order                              */
    HF_EVENT_KEY_LOG      /* only where hf_observer.key_log is set                            */
} hf_event_kind;

typedef struct hf_event {
    hf_event_kind kind;
    bool sent;           /* by this side                                           */
    uint8_t message;     /* MESSAGE: HandshakeType                                 */
    uint8_t alert_level; /* ALERT                                                  */
    uint8_t alert;       /* ALERT                                                  */
    uint32_t total;      /* MESSAGE: its size with the 4-byte header               */
    uint32_t offset;     /* MESSAGE: where `bytes` stand in it                     */
    hf_span bytes;       /* MESSAGE: a piece; KEY_LOG: the 48-byte master secret   */
    hf_span random;      /* KEY_LOG: the client random, 32 bytes                   */
} hf_event;

/* Called from inside the connection's calls: it may look at the connection but not change it.
 * The spans of an event are valid only during the call. */
typedef struct hf_observer {
    void (*event)(void *context, const struct hf_conn *conn, const hf_event *event);
    void *context;
    bool key_log; /* secrets leave the connection: for debugging only */
} hf_observer;

#endif

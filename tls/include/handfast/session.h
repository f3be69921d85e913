/* Sessions: what two sides keep of a handshake so that the next one can be short (RFC 5246 F.1.4).
 * A session holds a master secret: whoever has it can read what is resumed from it. */
#ifndef HANDFAST_SESSION_H
#define HANDFAST_SESSION_H

#include <handfast/types.h>

#define HF_SESSION_ID_SIZE 32

/* What both sides remember of a handshake. All fields are private. */
typedef struct hf_session_state {
    uint8_t master_secret[48];
    uint8_t server_name[32];      /* SHA-256 of the name in lower case; zeros if there was none */
    uint8_t peer_certificate[32]; /* SHA-256 of the peer's, or of its PSK identity; else zeros */
    int64_t expires;              /* UNIX seconds; INT64_MAX: no clock when it was made */
    uint16_t version, suite;      /* version 0: there is no session */
    uint16_t fragment_length;     /* max_fragment_length in bytes; 0: none. Holds for resumptions */
    bool extended_master_secret;
    bool truncated_hmac; /* RFC 6066 7: holds for resumptions as well */
    bool client_authenticated;
    bool server_verified; /* client: the server's certificate led to a trust anchor */
} hf_session_state;

/* A client's session: of fixed size and without pointers. All zeros is an empty one. It may be kept
 * as it is by a program that stays on one machine, or as bytes (hf_session_write) in flash or on a
 * disk. All fields are private. */
typedef struct hf_session {
    hf_session_state state;
    uint8_t id[HF_SESSION_ID_SIZE];
    uint8_t id_size;
#if HF_WITH_SESSION_TICKET
    uint16_t ticket_size;
    uint8_t ticket[HF_TICKET_MAX]; /* RFC 5077; where there is one the ID does not count */
#endif
} hf_session;

/* A state as bytes: what a server's external store gets (HF_QUESTION_KEEP_SESSION) and what is
 * inside a ticket. */
#define HF_SESSION_STATE_BYTES (1 + 48 + 32 + 32 + 8 + 2 + 2 + 2 + 1)

/* Whether there is anything to resume. It may have expired, and the server may still say no. */
bool hf_session_is_empty(const hf_session *session);
void hf_session_wipe(hf_session *session);

/* A session as bytes, the same on every machine: how many were written, 0 for an empty one. */
#if HF_WITH_SESSION_TICKET
#define HF_SESSION_BYTES (HF_SESSION_STATE_BYTES + 1 + HF_SESSION_ID_SIZE + 2 + HF_TICKET_MAX)
#else
#define HF_SESSION_BYTES (HF_SESSION_STATE_BYTES + 1 + HF_SESSION_ID_SIZE + 2)
#endif
size_t hf_session_write(const hf_session *session, uint8_t bytes[HF_SESSION_BYTES]);
/* False, and an empty session, if the bytes are not exactly from hf_session_write, or their ticket
 * is longer than this build keeps. */
bool hf_session_read(hf_session *session, hf_span bytes);

/* ------------------------------------------------------------------ a server's memory */

/* Sessions over an array of the caller's: the least recently used is forgotten for a new one.
 * Shared by the connections of a configuration; one thread at a time. */
typedef struct hf_session_slot {
    hf_session_state state;
    uint8_t id[HF_SESSION_ID_SIZE];
    uint64_t used; /* 0: free; else when it was last used, by count */
} hf_session_slot;

typedef struct hf_session_cache {
    hf_session_slot *slots;
    size_t count;
    uint32_t lifetime; /* seconds from the full handshake on, at most 86400 (RFC 5246 F.1.4) */
    uint64_t uses;
} hf_session_cache;

/* Empties the slots. lifetime 0 stands for 86400. */
void hf_session_cache_init(hf_session_cache *cache, hf_session_slot *slots, size_t count,
                           uint32_t lifetime);
/* Forgets and wipes all of them. */
void hf_session_cache_wipe(hf_session_cache *cache);

/* ------------------------------------------------------------------ tickets, RFC 5077 */

#define HF_TICKET_KEY_NAME_SIZE 16
#define HF_TICKET_SECRET_SIZE   32

/* What a server seals its tickets with (ChaCha20-Poly1305, or AES-256-GCM in a build without it).
 * The name goes out in each ticket and tells the keys apart; both must be random. Nonces are random
 * as well: replace a key before it has sealed 2^32 tickets (NIST SP 800-38D 8.3). */
typedef struct hf_ticket_key {
    uint8_t name[HF_TICKET_KEY_NAME_SIZE];
    uint8_t secret[HF_TICKET_SECRET_SIZE];
} hf_ticket_key;

/* The first key seals; all of them open. A ticket that another than the first has opened is
 * replaced by a new one. To rotate, put a new key first and drop the last one once its tickets have
 * expired. Whoever gets a key can read every connection resumed from its tickets, and servers that
 * share one must agree on who may connect. */
typedef struct hf_ticket_keys {
    const hf_ticket_key *keys;
    size_t count;
    uint32_t lifetime; /* seconds from the full handshake on; 0: 86400, which is also the most */
} hf_ticket_keys;

#endif

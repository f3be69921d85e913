/* Sessions: what two sides keep of a handshake so that the next one can be short (RFC 5246 F.1.4).
 * A session holds a master secret: whoever has it can read what is resumed from it. */
#ifndef HANDFAST_SESSION_H
#define HANDFAST_SESSION_H

#include <handfast/types.h>

#define HF_SESSION_ID_SIZE 32

/* Of fixed size and without pointers: it may be kept as it is by a program that stays on one
 * machine, or as bytes (hf_session_write) in flash or on a disk. */
typedef struct hf_session {
    /* All fields are private. */
    uint8_t id[HF_SESSION_ID_SIZE];
    uint8_t id_size; /* 0: not a session */
    uint8_t master_secret[48];
    uint8_t server_name[32]; /* SHA-256 of the name in lower case; zeros if there was none */
    uint16_t version, suite;
    bool extended_master_secret;
    bool truncated_hmac; /* RFC 6066 7: holds for resumptions as well */
    bool client_authenticated;
    bool server_verified; /* client: the server's certificate led to a trust anchor */
    int64_t expires;      /* UNIX seconds; INT64_MAX: no clock when it was made */
} hf_session;

/* A session as bytes, the same on every machine. */
#define HF_SESSION_BYTES (1 + 1 + HF_SESSION_ID_SIZE + 48 + 32 + 2 + 2 + 1 + 8)
void hf_session_write(const hf_session *session, uint8_t bytes[HF_SESSION_BYTES]);
/* False, and a session that will not be used, if the bytes are not from hf_session_write. */
bool hf_session_read(hf_session *session, const uint8_t bytes[HF_SESSION_BYTES]);
void hf_session_wipe(hf_session *session);

/* A server's memory of sessions, over an array of the caller's: the least recently used is
 * forgotten for a new one. Shared by the connections of a configuration; one thread at a time. */
typedef struct hf_session_slot {
    hf_session session;
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

#endif

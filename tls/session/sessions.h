/* session: resumption (RFC 5246 7.3 figure 2, F.1.4; RFC 5077; RFC 7627 5.3).
 *
 *   sessions.h   internal declarations (this file); the types are in <handfast/session.h>
 *   session.c    a connection's session made, checked and used
 *   bytes.c      sessions as bytes
 *   cache.c      a server's memory of sessions
 *   ticket.c     sessions sealed for the client to keep
 */
#ifndef HF_SESSION_SESSIONS_H
#define HF_SESSION_SESSIONS_H

#include <handfast/session.h>
#include <handfast/state.h>

/* The name that the connection is for, as sessions keep it. */
void hf_session_note_name(hf_conn *c, hf_span name);

/* The state of the present handshake, full or resumed. Needs the handshake object. */
void hf_session_make(const hf_conn *c, hf_session_state *state);

/* Whether a connection may resume a session as far as its own side is concerned: name, time,
 * version, suite, extended master secret, fragment length. */
bool hf_session_is_usable(const hf_conn *c, const hf_session_state *state);

/* Takes suite, master secret and what else the session fixes over. */
void hf_session_resume(hf_conn *c, const hf_session_state *state);

/* Client: puts what an established handshake has made into the application's object. */
void hf_session_store(hf_conn *c);

/* --- bytes.c --- */

void hf_session_state_write(const hf_session_state *state, uint8_t bytes[HF_SESSION_STATE_BYTES]);
bool hf_session_state_read(hf_session_state *state, hf_span bytes);

/* --- cache.c --- */

/* The session with this ID, or NULL; one that has expired is forgotten. */
const hf_session_state *hf_session_cache_find(hf_session_cache *cache, hf_span id, int64_t now);
void hf_session_cache_keep(hf_session_cache *cache, const uint8_t id[HF_SESSION_ID_SIZE],
                           const hf_session_state *state);
/* After a fatal alert a session is not resumed any more (RFC 5246 7.2.2). */
void hf_session_cache_forget(hf_session_cache *cache, hf_span id);

/* --- ticket.c --- */

/* key_name, nonce, the sealed state, tag. */
#define HF_TICKET_SIZE \
    (HF_TICKET_KEY_NAME_SIZE + HF_AEAD_NONCE_SIZE + HF_SESSION_STATE_BYTES + HF_AEAD_TAG_SIZE_MAX)

HF_MUST_USE hf_error hf_ticket_seal(const hf_ticket_key *key, const hf_random *random,
                                    const hf_session_state *state, uint8_t ticket[HF_TICKET_SIZE]);
/* False if none of the keys has made it. *is_stale: a newer key would make it now. */
HF_MUST_USE bool hf_ticket_open(const hf_ticket_keys *keys, hf_span ticket, hf_session_state *state,
                                bool *is_stale);

#endif

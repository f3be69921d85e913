/* session: resumption (RFC 5246 7.3 figure 2, F.1.4; RFC 7627 5.3).
 *
 *   sessions.h   internal declarations (this file); the types are in <handfast/session.h>
 *   session.c    a connection's session made, checked and used; its form as bytes
 *   cache.c      a server's memory of sessions
 */
#ifndef HF_SESSION_SESSIONS_H
#define HF_SESSION_SESSIONS_H

#include <handfast/session.h>
#include <handfast/state.h>

/* The name that the connection is for, as sessions keep it. */
void hf_session_note_name(hf_conn *c, hf_span name);

/* When the session of a handshake just completed ends. */
void hf_session_note_expiry(hf_conn *c);

/* The session of a full handshake just completed; id_size 0 if it cannot be resumed. */
void hf_session_make(const hf_conn *c, hf_session *session);

/* Whether a connection may resume a session as far as its own side is concerned: name, time,
 * version, suite, extended master secret. */
bool hf_session_is_usable(const hf_conn *c, const hf_session *session);

/* Takes suite, identity and master secret over. */
void hf_session_resume(hf_conn *c, const hf_session *session);

/* The session with this ID, or NULL; one that has expired is forgotten. */
const hf_session *hf_session_cache_find(hf_session_cache *cache, hf_span id, int64_t now);
void hf_session_cache_keep(hf_session_cache *cache, const hf_session *session);
/* After a fatal alert a session is not resumed any more (RFC 5246 7.2.2). */
void hf_session_cache_forget(hf_session_cache *cache, hf_span id);

#endif

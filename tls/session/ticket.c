/* Tickets, RFC 5077 4: key_name, nonce, the state sealed by an AEAD whose associated data is the
 * key_name. The RFC recommends AES-CBC with an HMAC; the form is the server's own affair. */
#include "tls/session/sessions.h"

#include "crypto_glue/constant_time.h"

#include <string.h>

#if HF_WITH_CHACHA20_POLY1305
#define TICKET_AEAD HF_AEAD_CHACHA20_POLY1305
#elif HF_WITH_AES_GCM
#define TICKET_AEAD HF_AEAD_AES_256_GCM
#else
#define TICKET_AEAD HF_AEAD_AES_256_CCM
#endif

#define NONCE_OFFSET HF_TICKET_KEY_NAME_SIZE
#define STATE_OFFSET (NONCE_OFFSET + HF_AEAD_NONCE_SIZE)
#define TAG_OFFSET   (STATE_OFFSET + HF_SESSION_STATE_BYTES)

static hf_span associated_data(const hf_ticket_key *key)
{
    return (hf_span){key->name, sizeof key->name};
}

static hf_crypto_result seal(const hf_ticket_key *key, uint8_t ticket[HF_TICKET_SIZE])
{
    hf_aead_key aead;
    hf_crypto_result result = hf_aead_init(&aead, TICKET_AEAD, key->secret);
    if (result == HF_CRYPTO_OK)
        result = hf_aead_seal(&aead, ticket + NONCE_OFFSET, associated_data(key),
                              ticket + STATE_OFFSET, HF_SESSION_STATE_BYTES, ticket + TAG_OFFSET);
    hf_aead_wipe(&aead);
    return result;
}

hf_error hf_ticket_seal(const hf_ticket_key *key, const hf_random *random,
                        const hf_session_state *state, uint8_t ticket[HF_TICKET_SIZE])
{
    if (!random->fill(random->context, ticket + NONCE_OFFSET, HF_AEAD_NONCE_SIZE))
        return HF_ERROR_RANDOM_FAILED;
    memcpy(ticket, key->name, sizeof key->name);
    hf_session_state_write(state, ticket + STATE_OFFSET);
    if (seal(key, ticket) == HF_CRYPTO_OK)
        return HF_OK;
    hf_wipe(ticket, HF_TICKET_SIZE);
    return HF_ERROR_CRYPTO_FAILED;
}

static bool open_with(const hf_ticket_key *key, hf_span ticket, hf_session_state *state)
{
    hf_aead_key aead;
    uint8_t bytes[HF_SESSION_STATE_BYTES];
    memcpy(bytes, ticket.data + STATE_OFFSET, sizeof bytes);
    bool is_good = hf_aead_init(&aead, TICKET_AEAD, key->secret) == HF_CRYPTO_OK &&
                   hf_aead_open(&aead, ticket.data + NONCE_OFFSET, associated_data(key), bytes,
                                sizeof bytes, ticket.data + TAG_OFFSET) == HF_CRYPTO_OK &&
                   hf_session_state_read(state, (hf_span){bytes, sizeof bytes});
    hf_aead_wipe(&aead);
    hf_wipe(bytes, sizeof bytes);
    return is_good;
}

bool hf_ticket_open(const hf_ticket_keys *keys, hf_span ticket, hf_session_state *state,
                    bool *is_stale)
{
    if (ticket.size != HF_TICKET_SIZE)
        return false;
    for (size_t i = 0; i < keys->count; i++) {
        if (memcmp(keys->keys[i].name, ticket.data, HF_TICKET_KEY_NAME_SIZE) == 0) {
            *is_stale = i != 0;
            return open_with(&keys->keys[i], ticket, state);
        }
    }
    return false;
}

/* RSA key transport, RFC 5246 7.4.7.1. */
#include "tls/handshake/key_exchange.h"

#include "crypto_glue/constant_time.h"

hf_error hf_write_encrypted_premaster(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    uint8_t *premaster = hf_other_secret(c);
    hf_error error = hf_conn_random(c, premaster, HF_PREMASTER_SIZE);
    if (error != HF_OK)
        return error;
    /* The version that was offered, not the one that was chosen. */
    premaster[0] = (uint8_t)(h->client_version >> 8);
    premaster[1] = (uint8_t)h->client_version;
    size_t vector = hf_write_vector_begin(w, 2), size = 0;
    if (w->failed)
        return HF_ERROR_OUTPUT_TOO_LONG;
    hf_crypto_result result =
        hf_rsa_encrypt_premaster(&h->peer_public_key.u.rsa, &c->config->random, premaster,
                                 w->data + w->position, w->size - w->position, &size);
    if (result != HF_CRYPTO_OK)
        return hf_error_of(result, HF_ERROR_CRYPTO_FAILED);
    (void)hf_write_space(w, size);
    hf_write_vector_end(w, vector, 2);
    hf_finish_premaster(c, HF_PREMASTER_SIZE);
    return HF_OK;
}

/* The ciphertext stays in the message for the step that follows. */
void hf_read_encrypted_premaster(hf_conn *c, hf_reader *r)
{
    c->handshake->peer_public = hf_read_vector16(r, 0, 0xffff);
}

hf_error hf_decrypt_premaster(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    const hf_private_key *key = h->credentials->key;
    /* RFC 5246 7.4.7.1: a server "MUST NOT generate an alert if processing an RSA-encrypted
     * premaster secret message fails", not even where the length alone says that it will. */
    if (h->peer_public.size != key->u.rsa.public_key.modulus.size)
        return hf_take_decrypted(c, (hf_span){NULL, 0});
    if (key->external) {
        c->question = (hf_question){
            .kind = HF_QUESTION_DECRYPT, .credentials = h->credentials, .input = h->peer_public};
        c->has_question = true;
        return HF_WAITING;
    }
    if (!hf_conn_may_compute(c))
        return HF_AGAIN;
    hf_error error =
        hf_error_of(hf_rsa_decrypt_premaster(&key->u.rsa, &c->config->random, h->client_version,
                                             h->peer_public, hf_other_secret(c)),
                    HF_ERROR_CRYPTO_FAILED);
    hf_finish_premaster(c, HF_PREMASTER_SIZE);
    return error;
}

hf_error hf_take_decrypted(hf_conn *c, hf_span encoded)
{
    uint8_t fallback[HF_PREMASTER_SIZE];
    hf_error error = hf_conn_random(c, fallback, sizeof fallback);
    if (error == HF_OK) {
        hf_rsa_unpad_premaster(encoded, c->handshake->client_version, fallback, hf_other_secret(c));
        hf_finish_premaster(c, HF_PREMASTER_SIZE);
    }
    hf_wipe(fallback, sizeof fallback);
    return error;
}

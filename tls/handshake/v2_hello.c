/* A ClientHello in the format of SSL 2.0 that offers TLS, RFC 5246 E.2. It has no extensions. */
#include "tls/handshake/handshake.h"

#include <string.h>

#define CHALLENGE_MIN 16
#define CHALLENGE_MAX 32

#define V2_CIPHER_SPEC_SIZE 3

hf_error hf_read_v2_hello(hf_conn *c, hf_reader *r)
{
    hf_handshake *h = c->handshake;
    (void)hf_read_u8(r); /* msg_type, by which it was told from other records */
    h->client_version = hf_read_u16(r);
    size_t specs_size = hf_read_u16(r);
    size_t session_id_size = hf_read_u16(r);
    size_t challenge_size = hf_read_u16(r);
    hf_span specs = hf_read_bytes(r, specs_size);
    (void)hf_read_bytes(r, session_id_size);
    hf_span challenge = hf_read_bytes(r, challenge_size);
    hf_error error = hf_message_end(r);
    if (error != HF_OK)
        return error;
    if (specs.size == 0 || specs.size % V2_CIPHER_SPEC_SIZE != 0 || session_id_size != 0 ||
        challenge.size < CHALLENGE_MIN || challenge.size > CHALLENGE_MAX)
        return HF_ERROR_MESSAGE_SYNTAX;
    memset(h->client_random, 0, HF_RANDOM_SIZE);
    memcpy(h->client_random + HF_RANDOM_SIZE - challenge.size, challenge.data, challenge.size);
    h->suites_offered = specs;
    h->suite_size = V2_CIPHER_SPEC_SIZE;
    hf_reader no_extensions = hf_reader_of((hf_span){NULL, 0});
    return hf_take_client_hello(c, &no_extensions);
}

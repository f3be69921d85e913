/* record_size_limit, RFC 8449 4: each side says how much payload it takes in a protected record. */
#include "tls/extensions/extensions.h"

#define LIMIT_MIN 64

/* A client asks where its buffer is small or the configuration says so, be it only to be told the
 * server's limit; a server answers always. */
static bool offers(const hf_conn *c)
{
    bool is_wanted = c->config->record_size_limit != 0 || hf_own_record_limit(c) < HF_PLAINTEXT_MAX;
    return !c->config->without_record_size_limit && is_wanted;
}

static bool answers(const hf_conn *c)
{
    return c->handshake->peer_record_limit != 0;
}

static void write_limit(const hf_conn *c, hf_writer *w)
{
    hf_write_u16(w, (uint16_t)hf_own_record_limit(c));
}

/* More than there can be in a record is for versions and extensions to come: a server takes it for
 * no limit, and a client did not offer any of them. */
static hf_error read_limit(hf_conn *c, hf_reader *r)
{
    uint16_t limit = hf_read_u16(r);
    if (!hf_reader_done(r))
        return HF_ERROR_EXTENSION_SYNTAX;
    if (limit < LIMIT_MIN || (hf_is_client(c->role) && limit > HF_PLAINTEXT_MAX))
        return HF_ERROR_RECORD_SIZE_LIMIT_WRONG;
    if (!c->config->without_record_size_limit)
        c->handshake->peer_record_limit = limit < HF_PLAINTEXT_MAX ? limit : HF_PLAINTEXT_MAX;
    return HF_OK;
}

const hf_extension hf_extension_record_size_limit = {
    .info = HF_EXTENSION_INFO(28, "record_size_limit", "RFC 8449 4"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_limit),
    .read_offer = HF_SERVER_ONLY(read_limit),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_limit),
    .read_answer = HF_CLIENT_ONLY(read_limit),
};

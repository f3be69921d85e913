/* truncated_hmac, RFC 6066 7: an empty extension on both sides. */
#include "tls/extensions/extensions.h"

static bool offers(const hf_conn *c)
{
    return c->config->truncated_hmac;
}

static bool answers(const hf_conn *c)
{
    return c->truncated_hmac;
}

/* Without effect on a suite that has no HMAC. */
static hf_error read_answer(hf_conn *c, hf_reader *r)
{
    (void)r;
    c->truncated_hmac = c->suite->mac != HF_HASH_NONE;
    return HF_OK;
}

const hf_extension hf_extension_truncated_hmac = {
    .info = HF_EXTENSION_INFO(4, "truncated_hmac", "RFC 6066 7"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(hf_write_empty_extension),
    .read_offer = HF_SERVER_ONLY(hf_read_empty_extension),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};

/* truncated_hmac, RFC 6066 7: an empty extension on both sides. */
#include "tls/extensions/extensions.h"

static bool offers(const hf_conn *c)
{
    return c->config->truncated_hmac;
}

static void write_empty(const hf_conn *c, hf_writer *w)
{
    (void)c, (void)w;
}

static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    (void)c, (void)r; /* whether it is empty is checked by the caller */
    return HF_OK;
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
    .info = {4, HF_TEXT("truncated_hmac"), HF_TEXT("RFC 6066 7")},
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_empty),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_empty),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};

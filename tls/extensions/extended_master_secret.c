/* extended_master_secret, RFC 7627 5.1: an empty extension on both sides. */
#include "tls/extensions/extensions.h"

static bool is_wanted(const hf_conn *c)
{
    return !c->config->without_extended_master_secret;
}

static hf_error read_empty(hf_conn *c, hf_reader *r)
{
    (void)r; /* whether it is empty is checked by the caller */
    c->extended_master_secret = is_wanted(c);
    return HF_OK;
}

static bool answers(const hf_conn *c)
{
    return c->extended_master_secret;
}

const hf_extension hf_extension_extended_master_secret = {
    .info = HF_EXTENSION_INFO(23, "extended_master_secret", "RFC 7627 5.1"),
    .offers = HF_CLIENT_ONLY(is_wanted),
    .write_offer = HF_CLIENT_ONLY(hf_write_empty_extension),
    .read_offer = HF_SERVER_ONLY(read_empty),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(read_empty),
};

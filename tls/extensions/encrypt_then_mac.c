/* encrypt_then_mac, RFC 7366 2: an empty extension on both sides. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"

static bool offers(const hf_conn *c)
{
    return !c->config->without_encrypt_then_mac && hf_settings_use_cbc(c->config);
}

/* RFC 7366 3: only where the suite chosen is CBC. */
static bool answers(const hf_conn *c)
{
    return c->encrypt_then_mac;
}

static hf_error read_answer(hf_conn *c, hf_reader *r)
{
    (void)r;
    if (!hf_suite_is_cbc(c->suite))
        return HF_ERROR_ENCRYPT_THEN_MAC_WRONG;
    c->encrypt_then_mac = true;
    return HF_OK;
}

const hf_extension hf_extension_encrypt_then_mac = {
    .info = HF_EXTENSION_INFO(22, "encrypt_then_mac", "RFC 7366 2"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(hf_write_empty_extension),
    .read_offer = HF_SERVER_ONLY(hf_read_empty_extension),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};

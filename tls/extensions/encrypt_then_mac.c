/* encrypt_then_mac, RFC 7366 2: an empty extension on both sides. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"

static bool offers(const hf_conn *c)
{
    return !c->config->without_encrypt_then_mac && hf_settings_use_cbc(c->config);
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
    .info = {22, HF_TEXT("encrypt_then_mac"), HF_TEXT("RFC 7366 2")},
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_empty),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_empty),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};

/* client_certificate_url, RFC 6066 5: the client may send URLs of its certificates instead of the
 * certificates; an empty extension on both sides. */
#include "tls/extensions/extensions.h"

static bool offers(const hf_conn *c)
{
    for (size_t i = 0; i < c->config->credentials_count; i++)
        if (c->config->credentials[i].url_count != 0)
            return true;
    return false;
}

/* Of use only to a server that asks for a certificate. */
static bool answers(const hf_conn *c)
{
    return c->handshake->accepts_urls;
}

const hf_extension hf_extension_client_certificate_url = {
    .info = HF_EXTENSION_INFO(2, "client_certificate_url", "RFC 6066 5"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(hf_write_empty_extension),
    .read_offer = HF_SERVER_ONLY(hf_read_empty_extension),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(hf_read_empty_extension),
};

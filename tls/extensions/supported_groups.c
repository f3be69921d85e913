/* supported_groups, RFC 8422 5.1.1 (elliptic_curves of RFC 4492), RFC 7919 2. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"

static bool is_offered(const hf_config *config, uint16_t code)
{
    const hf_group *group = hf_group_of(code);
    if (group == NULL)
        return false;
    return group->curve != HF_CURVE_NONE ? hf_settings_use_curves(config)
                                         : hf_settings_use_dh(config);
}

static bool offers(const hf_conn *c)
{
    const hf_code_list *groups = hf_settings_groups(c->config);
    for (size_t i = 0; i < groups->count; i++)
        if (is_offered(c->config, groups->codes[i]))
            return true;
    return false;
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    const hf_code_list *groups = hf_settings_groups(c->config);
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < groups->count; i++)
        if (is_offered(c->config, groups->codes[i]))
            hf_write_u16(w, groups->codes[i]);
    hf_write_vector_end(w, list, 2);
}

static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    c->handshake->groups_offered = hf_read_codes16(r, 2, 0xfffe);
    return r->failed ? HF_ERROR_EXTENSION_SYNTAX : HF_OK;
}

/* Servers do not send it before TLS 1.3, but some do: RFC 8422 does not forbid a client to ignore
 * what it may not act upon, and RFC 8446 4.2.7 asks it to. */
static hf_error read_answer(hf_conn *c, hf_reader *r)
{
    (void)c;
    (void)hf_read_codes16(r, 2, 0xfffe);
    return r->failed ? HF_ERROR_EXTENSION_SYNTAX : HF_OK;
}

const hf_extension hf_extension_supported_groups = {
    .info = HF_EXTENSION_INFO(10, "supported_groups", "RFC 8422 5.1.1"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};

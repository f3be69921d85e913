/* Which suites follow from --psk and --policy, and whether certificates are needed for them. */
#include "tools/options.h"

/* Whether a PSK suite is to a suite of certificates what ECDHE_PSK is to ECDHE; what has no forward
 * secrecy goes with what has none. */
static bool is_counterpart(const hf_suite *psk, const hf_suite *other)
{
    bool same_exchange = false;
    switch (psk->key_exchange) {
    case HF_KX_ECDHE_PSK:
        same_exchange = other->key_exchange == HF_KX_ECDHE;
        break;
    case HF_KX_DHE_PSK:
        same_exchange = other->key_exchange == HF_KX_DHE;
        break;
    case HF_KX_PSK:
    case HF_KX_RSA_PSK:
        same_exchange = other->key_exchange == HF_KX_RSA;
        break;
    default:
        break;
    }
    return same_exchange && psk->cipher == other->cipher && psk->mac == other->mac &&
           psk->prf_hash == other->prf_hash && psk->version_min == other->version_min;
}

static void add_suite(struct tls_options *options, uint16_t code)
{
    hf_code_list *list = &options->config.suites;
    for (size_t i = 0; i < list->count; i++)
        if (list->codes[i] == code)
            return;
    if (list->count < OPTION_CODES_MAX)
        options->suites[list->count++] = code;
}

void tls_options_complete(struct tls_options *options)
{
    hf_config *config = &options->config;
    if (config->psk_count == 0 || config->suites.count != 0)
        return;
    hf_code_list policy = config->policy->suites;
    config->suites.codes = options->suites;
    for (size_t i = 0; i < policy.count; i++) {
        const hf_suite *suite = hf_suite_of(policy.codes[i]), *psk;
        for (size_t k = 0; suite && (psk = hf_suite_at(k)); k++)
            if (is_counterpart(psk, suite))
                add_suite(options, psk->code);
    }
    for (size_t i = 0; i < policy.count; i++)
        add_suite(options, policy.codes[i]);
}

static hf_code_list suites_of(const struct tls_options *options)
{
    const hf_config *config = &options->config;
    return config->suites.count ? config->suites : config->policy->suites;
}

bool tls_options_use_certificates(const struct tls_options *options)
{
    hf_code_list list = suites_of(options);
    for (size_t i = 0; i < list.count; i++) {
        const hf_suite *suite = hf_suite_of(list.codes[i]);
        if (suite && suite->authentication != HF_KEY_NONE)
            return true;
    }
    return false;
}

bool tls_options_use_no_certificates(const struct tls_options *options)
{
    hf_code_list list = suites_of(options);
    for (size_t i = 0; i < list.count; i++) {
        const hf_suite *suite = hf_suite_of(list.codes[i]);
        if (suite && suite->authentication == HF_KEY_NONE &&
            (suite->key_exchange < HF_KX_PSK || options->config.psk_count != 0))
            return true;
    }
    return false;
}

#include "tls/wire/settings.h"

#include "tls/wire/switches.h"

const hf_policy *hf_settings_policy(const hf_config *config)
{
    return config->policy != NULL ? config->policy : &hf_policy_default;
}

const hf_code_list *hf_settings_suites(const hf_config *config)
{
    return config->suites.count != 0 ? &config->suites : &hf_settings_policy(config)->suites;
}

const hf_code_list *hf_settings_groups(const hf_config *config)
{
    return config->groups.count != 0 ? &config->groups : &hf_settings_policy(config)->groups;
}

const hf_code_list *hf_settings_schemes(const hf_config *config)
{
    return config->schemes.count != 0 ? &config->schemes : &hf_settings_policy(config)->schemes;
}

uint16_t hf_settings_version_min(const hf_config *config)
{
    return config->version_min != 0 ? config->version_min : hf_settings_policy(config)->version_min;
}

uint16_t hf_settings_version_max(const hf_config *config)
{
    return config->version_max != 0 ? config->version_max : hf_settings_policy(config)->version_max;
}

bool hf_list_has(const hf_code_list *list, uint16_t code)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->codes[i] == code)
            return true;
    return false;
}

bool hf_settings_have_group(const hf_config *config, uint16_t code)
{
    return hf_group_of(code) != NULL && hf_list_has(hf_settings_groups(config), code);
}

/* Whether a suite that is enabled has a property. */
static bool use_any(const hf_config *config, bool (*has)(const hf_suite *suite))
{
    const hf_code_list *list = hf_settings_suites(config);
    for (size_t i = 0; i < list->count; i++) {
        const hf_suite *suite = hf_suite_of(list->codes[i]);
        if (suite != NULL && has(suite))
            return true;
    }
    return false;
}

bool hf_settings_use_curves(const hf_config *config)
{
    return HF_USE_ECDHE_ONLY || use_any(config, hf_suite_uses_curve);
}

bool hf_settings_use_dh(const hf_config *config)
{
    return HF_WITH_DHE && use_any(config, hf_suite_uses_dh);
}

bool hf_settings_use_certificates(const hf_config *config)
{
    return HF_USE_CERTIFICATE_ONLY || use_any(config, hf_suite_has_certificate);
}

bool hf_settings_use_cbc(const hf_config *config)
{
    return HF_USE_CBC && use_any(config, hf_suite_is_cbc);
}

const hf_suite *hf_settings_suite(const hf_config *config, uint16_t code, uint16_t version)
{
    const hf_suite *suite = hf_suite_of(code);
    return suite != NULL && suite->version_min <= version &&
                   (!hf_suite_uses_psk(suite) || config->psk_count != 0) &&
                   hf_list_has(hf_settings_suites(config), code)
               ? suite
               : NULL;
}

const hf_scheme *hf_scheme_implied(hf_key_type key_type)
{
    static const hf_scheme rsa = {0, "rsa_pkcs1_md5_sha1", HF_KEY_RSA, HF_PADDING_PKCS1,
                                  HF_HASH_MD5_SHA1};
    switch (key_type) {
    case HF_KEY_RSA:
        return &rsa;
    case HF_KEY_EC:
        return hf_scheme_of(0x0203); /* ecdsa_sha1, RFC 8422 5.4 */
    case HF_KEY_DSA:
        return hf_scheme_of(0x0202); /* dsa_sha1 */
    default:
        return NULL;
    }
}

bool hf_settings_read_clock(const hf_config *config, int64_t *now)
{
    if (config->clock != NULL && config->clock(config->clock_context, now))
        return true;
    *now = 0;
    return false;
}

bool hf_settings_need_extended_master_secret(const hf_config *config)
{
    return !hf_settings_policy(config)->allow_no_extended_master &&
           !config->without_extended_master_secret;
}

/* Suites that go with the highest version at least. */
static size_t count_suites(const hf_config *config)
{
    const hf_code_list *list = hf_settings_suites(config);
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += hf_settings_suite(config, list->codes[i], hf_settings_version_max(config)) != NULL;
    return count;
}

static size_t count_groups(const hf_code_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += hf_group_of(list->codes[i]) != NULL;
    return count;
}

static size_t count_schemes(const hf_code_list *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += hf_scheme_of(list->codes[i]) != NULL;
    return count;
}

bool hf_settings_are_complete(const hf_credentials *credentials, size_t count)
{
    if (count > HF_CREDENTIALS_MAX || (count != 0 && credentials == NULL))
        return false;
    for (size_t i = 0; i < count; i++)
        if (credentials[i].key == NULL || credentials[i].chain == NULL ||
            credentials[i].chain_count == 0)
            return false;
    return true;
}

static bool has_usable_credentials(const hf_config *config)
{
    for (size_t i = 0; i < config->binding_count; i++) {
        const hf_binding *binding = &config->bindings[i];
        if (binding->credentials_count == 0 ||
            !hf_settings_are_complete(binding->credentials, binding->credentials_count))
            return false;
    }
    return config->binding_count != 0;
}

static bool psks_are_valid(const hf_config *config)
{
    for (size_t i = 0; HF_WITH_PSK && i < config->psk_count; i++) {
        const hf_psk *psk = &config->psks[i];
        if (psk->key.size == 0 || psk->key.size > HF_PSK_MAX || psk->identity.size == 0 ||
            psk->identity.size > HF_PSK_IDENTITY_MAX)
            return false;
    }
    return !HF_WITH_PSK || config->psk_hint.size <= HF_PSK_IDENTITY_MAX;
}

/* RFC 6066 4: 2^9 to 2^12; RFC 8449 4: 64 to 2^14. */
static bool limits_are_valid(const hf_config *config)
{
    uint16_t length = config->max_fragment_length, limit = config->record_size_limit;
    return (length == 0 || (length >= 512 && length <= 4096 && (length & (length - 1)) == 0)) &&
           (limit == 0 || (limit >= 64 && limit <= 16384));
}

/* What this build would otherwise pass over in silence. */
static bool is_in_build(const hf_config *config)
{
    return (HF_WITH_SESSION_TICKET || config->tickets == NULL) &&
           (HF_WITH_RENEGOTIATION || config->renegotiation == HF_RENEGOTIATION_OFF) &&
           (HF_WITH_RECORD_LIMITS ||
            (config->max_fragment_length == 0 && config->record_size_limit == 0)) &&
           (HF_WITH_STATUS_REQUEST || config->status_request == HF_STATUS_REQUEST_OFF) &&
           (HF_WITH_TRUSTED_CA_KEYS || config->trusted_ca_keys == HF_TRUSTED_CA_KEYS_OFF) &&
           (HF_USE_CERTIFICATE_URL || !config->accept_certificate_urls) &&
           (HF_WITH_PADDING || !config->padding) && config->crl_count <= HF_CRLS_MAX &&
           (HF_WITH_PINS || config->pin_count == 0) &&
           (HF_WITH_CHOICES || !(config->ask_about_sessions || config->ask_about_binding ||
                                 config->ask_about_credentials));
}

static bool are_tickets_valid(const hf_ticket_keys *tickets)
{
    return !HF_WITH_SESSION_TICKET || tickets == NULL ||
           (tickets->keys != NULL && tickets->count != 0);
}

static bool versions_are_valid(const hf_config *config)
{
    uint16_t lowest = HF_WITH_TLS1_0 ? HF_TLS1_0 : HF_TLS1_2;
    uint16_t min = hf_settings_version_min(config), max = hf_settings_version_max(config);
    return lowest <= min && min <= max && max <= HF_TLS1_2;
}

static bool use_signatures(const hf_config *config)
{
    return HF_USE_SIGNED_ONLY || use_any(config, hf_suite_is_signed);
}

static bool is_anonymous_or_psk(const hf_suite *suite)
{
    return !hf_suite_has_certificate(suite);
}

static bool use_anonymous_or_psk(const hf_config *config)
{
    return !HF_USE_CERTIFICATE_ONLY && use_any(config, is_anonymous_or_psk);
}

/* Whether clients may be asked for certificates, or, if `without_anchors` is set, for such that
 * nobody could verify. */
static bool may_ask_clients(const hf_config *config, bool without_anchors)
{
    if (without_anchors && config->anchor_count != 0)
        return false;
    if (config->client_auth >= HF_CLIENT_AUTH_REQUEST)
        return true;
    for (size_t i = 0; i < config->binding_count; i++)
        if (config->bindings[i].client_auth >= HF_CLIENT_AUTH_REQUEST &&
            !(without_anchors && config->bindings[i].anchor_count != 0))
            return true;
    return false;
}

/* A build without client authentication must not pass over in silence that it was asked for. */
static bool wants_client_auth(const hf_config *config, hf_role role)
{
    return hf_is_client(role) ? config->credentials_count != 0 : may_ask_clients(config, false);
}

hf_error hf_settings_check(const hf_config *config, hf_role role)
{
    if (config->random.fill == NULL)
        return HF_ERROR_NO_RANDOM_SOURCE;
    if (!psks_are_valid(config))
        return HF_ERROR_BAD_PSK;
    if (!is_in_build(config) || !limits_are_valid(config) || !are_tickets_valid(config->tickets))
        return HF_ERROR_BAD_ARGUMENT;
    if (!HF_WITH_CLIENT_AUTH && wants_client_auth(config, role))
        return HF_ERROR_BAD_ARGUMENT;
    if (!versions_are_valid(config) || count_suites(config) == 0 ||
        (hf_settings_use_curves(config) && count_groups(hf_settings_groups(config)) == 0) ||
        (use_signatures(config) && count_schemes(hf_settings_schemes(config)) == 0))
        return HF_ERROR_NOTHING_ENABLED;
    if (hf_is_server(role) && !has_usable_credentials(config) &&
        (config->binding_count != 0 || !use_anonymous_or_psk(config)))
        return HF_ERROR_NO_CREDENTIALS;
    if (hf_is_client(role) &&
        !hf_settings_are_complete(config->credentials, config->credentials_count))
        return HF_ERROR_NO_CREDENTIALS;
    if (config->verify != HF_VERIFY_REQUIRED)
        return HF_OK;
    if (hf_is_client(role) ? config->anchor_count == 0 && hf_settings_use_certificates(config)
                           : HF_WITH_CLIENT_AUTH && may_ask_clients(config, true))
        return HF_ERROR_NO_TRUST_ANCHORS;
    return HF_OK;
}

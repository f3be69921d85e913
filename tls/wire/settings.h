/* What a configuration and its policy amount to: which code points are enabled. */
#ifndef HF_WIRE_SETTINGS_H
#define HF_WIRE_SETTINGS_H

#include <handfast/config.h>

const hf_policy *hf_settings_policy(const hf_config *config);
const hf_code_list *hf_settings_suites(const hf_config *config);
const hf_code_list *hf_settings_groups(const hf_config *config);
const hf_code_list *hf_settings_schemes(const hf_config *config);
uint16_t hf_settings_version_min(const hf_config *config);
uint16_t hf_settings_version_max(const hf_config *config);
bool hf_list_has(const hf_code_list *list, uint16_t code);
/* What is in a list and in this build. */
bool hf_settings_have_group(const hf_config *config, uint16_t code);
/* Whether a suite of these kinds may be offered; not asked where no suite is enabled at all. */
bool hf_settings_use_curves(const hf_config *config);
bool hf_settings_use_dh(const hf_config *config);
bool hf_settings_use_certificates(const hf_config *config);
bool hf_settings_use_cbc(const hf_config *config);
/* The time, UNIX seconds. False, and 0, if it is not known. */
bool hf_settings_read_clock(const hf_config *config, int64_t *now);
/* Whether a peer that lacks it is refused. */
bool hf_settings_need_extended_master_secret(const hf_config *config);
/* A suite that is enabled, in this build and allowed with versions up to this one, or NULL; one
 * with a pre-shared key only where there is one. */
const hf_suite *hf_settings_suite(const hf_config *config, uint16_t code, uint16_t version);
/* The scheme that TLS 1.0 and 1.1 imply by the type of the key (RFC 4346 7.4.3), or NULL. */
const hf_scheme *hf_scheme_implied(hf_key_type key_type);
/* Whether each of them has a chain and a key. */
bool hf_settings_are_complete(const hf_credentials *credentials, size_t count);
HF_MUST_USE hf_error hf_settings_check(const hf_config *config, hf_role role);

/* What a suite is made of; constant where the build has only one kind. */

static inline bool hf_suite_is_cbc(const hf_suite *suite)
{
    return HF_USE_CBC &&
           (suite->cipher == HF_CIPHER_AES_128_CBC || suite->cipher == HF_CIPHER_AES_256_CBC ||
            suite->cipher == HF_CIPHER_3DES_EDE_CBC);
}

/* RFC 5246 7.4.4: only a server that has shown a certificate itself may ask for one; not with
 * RSA_PSK either, where the client has proven itself by the key. */
static inline bool hf_suite_lets_ask_client(const hf_suite *suite)
{
    return suite->authentication != HF_KEY_NONE && suite->key_exchange != HF_KX_RSA_PSK;
}

/* The key exchanges that work with a pre-shared key, in a finite field, or on a curve. */
static inline bool hf_suite_uses_psk(const hf_suite *suite)
{
    return HF_WITH_PSK && suite->key_exchange >= HF_KX_PSK;
}

static inline bool hf_suite_uses_dh(const hf_suite *suite)
{
    return HF_WITH_DHE &&
           (suite->key_exchange == HF_KX_DHE || suite->key_exchange == HF_KX_DHE_PSK);
}

static inline bool hf_suite_uses_curve(const hf_suite *suite)
{
    return HF_USE_ECDHE_ONLY || suite->key_exchange == HF_KX_ECDHE ||
           suite->key_exchange == HF_KX_ECDHE_PSK;
}

static inline bool hf_suite_has_certificate(const hf_suite *suite)
{
    return HF_USE_CERTIFICATE_ONLY || suite->authentication != HF_KEY_NONE;
}

static inline bool hf_suite_is_anonymous(const hf_suite *suite)
{
    return HF_WITH_ANON && suite->authentication == HF_KEY_NONE && !hf_suite_uses_psk(suite);
}

/* Whether the server signs its ephemeral key. */
static inline bool hf_suite_is_signed(const hf_suite *suite)
{
    return HF_USE_SIGNED_ONLY ||
           (suite->authentication != HF_KEY_NONE &&
            (suite->key_exchange == HF_KX_DHE || suite->key_exchange == HF_KX_ECDHE));
}

#endif

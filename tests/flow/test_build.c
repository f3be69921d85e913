/* What a build leaves out is neither offered nor taken, and saying so is not left to chance. Holds
 * for every combination of switches. */
#include <handfast/handfast.h>

#include "crypto_glue/aead.h"
#include "crypto_glue/cbc.h"
#include "crypto_glue/init.h"
#include "crypto_glue/random.h"

#include <criterion/criterion.h>

static hf_conn conn;
static hf_handshake handshake;
static uint8_t rx[HF_RX_MIN], tx[HF_TX_MIN];

/* Good for either role: nothing is verified, and the server has something to show. */
static const uint8_t scalar[32] = {1};
static const hf_private_key key = {
    .type = HF_KEY_EC,
    .u.ec = {.curve = HF_CURVE_P256, .scalar = {scalar, sizeof scalar}},
};
static const hf_span chain = {scalar, sizeof scalar};
static const hf_credentials credentials = {.chain = &chain, .chain_count = 1, .key = &key};
static const hf_binding binding = {.credentials = &credentials, .credentials_count = 1};

static hf_config plain_config(void)
{
    return (hf_config){
        .random = {hf_random_system, NULL},
        .verify = HF_VERIFY_NONE,
        .allow_no_name = true,
        .bindings = &binding,
        .binding_count = 1,
    };
}

static hf_error begin(const hf_config *config, int role)
{
    return hf_conn_init(&conn, (hf_role)role, config, &handshake, (hf_buf){rx, sizeof rx},
                        (hf_buf){tx, sizeof tx});
}

Test(build, roles)
{
    hf_config config = plain_config();
    cr_assert_eq(begin(&config, HF_CLIENT), HF_WITH_CLIENT ? HF_OK : HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(begin(&config, HF_SERVER), HF_WITH_SERVER ? HF_OK : HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(begin(&config, HF_SERVER + 1), HF_ERROR_BAD_ARGUMENT);
}

/* Revocation lists that nobody would look at are not taken in silence. */
Test(build, revocation_lists)
{
    static hf_span lists[UINT16_MAX + 1];
    const hf_trust_anchor anchor = {.certificate = chain};
    hf_config config = plain_config();
    hf_path_rules rules = {.anchors = &anchor, .anchor_count = 1, .crls = lists};
    const int role = HF_WITH_CLIENT ? HF_CLIENT : HF_SERVER;
    hf_path path;
    config.crls = lists;
    config.crl_count = rules.crl_count = 1;
    cr_assert_eq(begin(&config, role), HF_WITH_CRL ? HF_OK : HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_path_begin(&path, &rules, &chain, 1),
                 HF_WITH_CRL ? HF_ERROR_CERTIFICATE_MALFORMED : HF_ERROR_BAD_ARGUMENT);
    config.crl_count = rules.crl_count = UINT16_MAX + 1;
    cr_assert_eq(begin(&config, role), HF_ERROR_BAD_ARGUMENT);
    cr_assert_eq(hf_path_begin(&path, &rules, &chain, 1), HF_ERROR_BAD_ARGUMENT);
}

/* Nor are pins that nobody would look at. */
Test(build, pins)
{
    static const hf_pin pin;
    hf_config config = plain_config();
    config.pins = &pin;
    config.pin_count = 1;
    cr_assert_eq(begin(&config, HF_WITH_CLIENT ? HF_CLIENT : HF_SERVER),
                 HF_WITH_PINS ? HF_OK : HF_ERROR_BAD_ARGUMENT);
}

#if HF_WITH_SERVER
Test(build, server_that_asks_clients)
{
    hf_error expected = HF_WITH_CLIENT_AUTH ? HF_OK : HF_ERROR_BAD_ARGUMENT;
    hf_config config = plain_config();
    config.client_auth = HF_CLIENT_AUTH_REQUIRE;
    cr_assert_eq(begin(&config, HF_SERVER), expected);
    hf_binding asking = binding;
    asking.client_auth = HF_CLIENT_AUTH_REQUEST;
    config.client_auth = HF_CLIENT_AUTH_OFF;
    cr_assert_eq(begin(&config, HF_SERVER), HF_OK);
    config.bindings = &asking;
    cr_assert_eq(begin(&config, HF_SERVER), expected);
}
#endif

#if HF_WITH_CLIENT
Test(build, client_with_certificate)
{
    hf_config config = plain_config();
    config.credentials = &credentials;
    config.credentials_count = 1;
    cr_assert_eq(begin(&config, HF_CLIENT), HF_WITH_CLIENT_AUTH ? HF_OK : HF_ERROR_BAD_ARGUMENT);
}

/* RFC 5246 7.4.1.2: type, length, version, random, session ID, then the suites. */
Test(build, client_offers_what_is_there)
{
    hf_config config = plain_config();
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    cr_assert_eq(begin(&config, HF_CLIENT), HF_OK);
    cr_assert_eq(hf_conn_run(&conn), HF_OK);
    hf_span record = hf_conn_outgoing(&conn);
    const uint8_t *suites = record.data + 5 + 4 + 2 + 32 + 1;
    cr_assert_gt(record.size, 5 + 4 + 2 + 32 + 1 + 2);
    size_t size = (size_t)suites[0] << 8 | suites[1];
    cr_assert_gt(size, 0);
    for (size_t i = 2; i < 2 + size; i += 2)
        cr_assert_not_null(hf_suite_of((uint16_t)(suites[i] << 8 | suites[i + 1])));
}
#endif

/* A row without its primitive would be offered, chosen and then fail. */
Test(build, suites_have_their_primitives)
{
    static const struct {
        hf_aead_id aead;
        hf_cbc_id cbc;
    } ciphers[] = {
        [HF_CIPHER_3DES_EDE_CBC] = {.cbc = HF_CBC_3DES_EDE},
        [HF_CIPHER_AES_128_CBC] = {.cbc = HF_CBC_AES_128},
        [HF_CIPHER_AES_256_CBC] = {.cbc = HF_CBC_AES_256},
        [HF_CIPHER_AES_128_GCM] = {.aead = HF_AEAD_AES_128_GCM},
        [HF_CIPHER_AES_256_GCM] = {.aead = HF_AEAD_AES_256_GCM},
        [HF_CIPHER_AES_128_CCM] = {.aead = HF_AEAD_AES_128_CCM},
        [HF_CIPHER_AES_256_CCM] = {.aead = HF_AEAD_AES_256_CCM},
        [HF_CIPHER_AES_128_CCM_8] = {.aead = HF_AEAD_AES_128_CCM_8},
        [HF_CIPHER_AES_256_CCM_8] = {.aead = HF_AEAD_AES_256_CCM_8},
        [HF_CIPHER_CHACHA20_POLY1305] = {.aead = HF_AEAD_CHACHA20_POLY1305},
    };
    static const uint8_t secret[HF_AEAD_KEY_SIZE_MAX] = {1};
    cr_assert_eq(hf_crypto_init(), HF_CRYPTO_OK);
    for (size_t i = 0; hf_suite_at(i) != NULL; i++) {
        const hf_suite *suite = hf_suite_at(i);
        cr_assert_neq(hf_hash_size(suite->prf_hash), 0, "%04x", suite->code);
        if (suite->mac != HF_HASH_NONE)
            cr_assert_neq(hf_hash_size(suite->mac), 0, "%04x", suite->code);
        hf_aead_id aead = ciphers[suite->cipher].aead;
        hf_aead_key aead_key;
        if (aead != HF_AEAD_NONE)
            cr_assert_eq(hf_aead_init(&aead_key, aead, secret), HF_CRYPTO_OK, "%04x", suite->code);
#if HF_USE_CBC
        hf_cbc_id cbc = ciphers[suite->cipher].cbc;
        hf_cbc_key cbc_key;
        if (cbc != HF_CBC_NONE)
            cr_assert_eq(hf_cbc_init(&cbc_key, cbc, secret), HF_CRYPTO_OK, "%04x", suite->code);
#else
        cr_assert_eq(ciphers[suite->cipher].cbc, HF_CBC_NONE, "%04x", suite->code);
#endif
    }
}

Test(build, groups_and_schemes_have_their_primitives)
{
    for (size_t i = 0; hf_group_at(i) != NULL; i++)
        if (hf_group_at(i)->curve != HF_CURVE_NONE)
            cr_assert_neq(hf_ec_field_size(hf_group_at(i)->curve), 0, "%u", hf_group_at(i)->code);
    for (size_t i = 0; hf_scheme_at(i) != NULL; i++)
        cr_assert_neq(hf_hash_size(hf_scheme_at(i)->hash), 0, "%04x", hf_scheme_at(i)->code);
}

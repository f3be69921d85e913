#include "tests/flow/primitives.h"

#include "tests/flow/leftovers.h"

#include "crypto_glue/aead.h"
#include "crypto_glue/cbc.h"
#include "crypto_glue/dh.h"
#include "crypto_glue/dsa.h"
#include "crypto_glue/ec.h"
#include "crypto_glue/rc4.h"
#include "crypto_glue/rsa.h"

#include "tls/keys/keys.h"

#include <string.h>

primitive_calls primitives;

void primitives_watch(unsigned fail_at, hf_crypto_result fail_with)
{
    memset(&primitives, 0, sizeof primitives);
    primitives.fail_at = fail_at;
    primitives.fail_with = fail_with;
}

/* One more call. HF_CRYPTO_OK: it is to be made. */
static hf_crypto_result begin(const primitive *which)
{
    if (which->is_public_key)
        primitives.public_key++;
    if (primitives.count < PRIMITIVE_CALLS_MAX)
        primitives.which[primitives.count] = which;
    primitives.count++;
    return primitives.count == primitives.fail_at ? primitives.fail_with : HF_CRYPTO_OK;
}

/* The function that the linker calls in place of `name`; `parameters` and `arguments` in
 * parentheses. */
#define STAND_BEFORE(name, is_public_key, results, parameters, arguments) \
    hf_crypto_result __real_##name parameters;                            \
    hf_crypto_result __wrap_##name parameters;                            \
    hf_crypto_result __wrap_##name parameters                             \
    {                                                                     \
        static const primitive self = {#name, results, is_public_key};    \
        hf_crypto_result result = begin(&self);                           \
        return result == HF_CRYPTO_OK ? __real_##name arguments : result; \
    }

#define ARITHMETIC (MAY(NO_MEMORY) | MAY(FAILED))

/* --- agreements: these also show secrets --- */

hf_crypto_result __real_hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                       uint8_t *point);
hf_crypto_result __wrap_hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                       uint8_t *point);
hf_crypto_result __wrap_hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                       uint8_t *point)
{
    static const primitive self = {"hf_ec_generate", MAY(NO_RANDOM) | ARITHMETIC, true};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        result = __real_hf_ec_generate(curve, random, scalar, point);
    if (result == HF_CRYPTO_OK)
        leftovers_note(scalar, hf_ec_field_size(curve));
    return result;
}

hf_crypto_result __real_hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer,
                                            uint8_t *secret);
hf_crypto_result __wrap_hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer,
                                            uint8_t *secret);
hf_crypto_result __wrap_hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer,
                                            uint8_t *secret)
{
    static const primitive self = {"hf_ec_shared_secret",
                                   MAY(BAD_POINT) | MAY(BAD_KEY) | ARITHMETIC, true};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        result = __real_hf_ec_shared_secret(curve, scalar, peer, secret);
    if (result == HF_CRYPTO_OK)
        leftovers_note(secret, hf_ec_field_size(curve));
    return result;
}

hf_crypto_result __real_hf_dh_generate(const hf_dh_group *group, const hf_random *random,
                                       uint8_t exponent[HF_DH_EXPONENT_SIZE], uint8_t *value);
hf_crypto_result __wrap_hf_dh_generate(const hf_dh_group *group, const hf_random *random,
                                       uint8_t exponent[HF_DH_EXPONENT_SIZE], uint8_t *value);
hf_crypto_result __wrap_hf_dh_generate(const hf_dh_group *group, const hf_random *random,
                                       uint8_t exponent[HF_DH_EXPONENT_SIZE], uint8_t *value)
{
    static const primitive self = {"hf_dh_generate", MAY(BAD_KEY) | MAY(NO_RANDOM) | ARITHMETIC,
                                   true};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        result = __real_hf_dh_generate(group, random, exponent, value);
    if (result == HF_CRYPTO_OK)
        leftovers_note(exponent, HF_DH_EXPONENT_SIZE);
    return result;
}

hf_crypto_result __real_hf_dh_shared_secret(const hf_dh_group *group,
                                            const uint8_t exponent[HF_DH_EXPONENT_SIZE],
                                            hf_span peer, uint8_t *secret, size_t *size);
hf_crypto_result __wrap_hf_dh_shared_secret(const hf_dh_group *group,
                                            const uint8_t exponent[HF_DH_EXPONENT_SIZE],
                                            hf_span peer, uint8_t *secret, size_t *size);
hf_crypto_result __wrap_hf_dh_shared_secret(const hf_dh_group *group,
                                            const uint8_t exponent[HF_DH_EXPONENT_SIZE],
                                            hf_span peer, uint8_t *secret, size_t *size)
{
    static const primitive self = {"hf_dh_shared_secret",
                                   MAY(BAD_KEY) | MAY(BAD_POINT) | ARITHMETIC, true};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        result = __real_hf_dh_shared_secret(group, exponent, peer, secret, size);
    if (result == HF_CRYPTO_OK)
        leftovers_note(secret, *size);
    return result;
}

/* The key schedule cannot fail: this one only shows what goes in and comes out, but for
 * verify_data, which is sent. */
void __real_hf_prf(hf_hash_id hash, hf_span secret, const char *label, hf_span seed1, hf_span seed2,
                   uint8_t *out, size_t size);
void __wrap_hf_prf(hf_hash_id hash, hf_span secret, const char *label, hf_span seed1, hf_span seed2,
                   uint8_t *out, size_t size);
void __wrap_hf_prf(hf_hash_id hash, hf_span secret, const char *label, hf_span seed1, hf_span seed2,
                   uint8_t *out, size_t size)
{
    leftovers_note(secret.data, secret.size);
    __real_hf_prf(hash, secret, label, seed1, seed2, out, size);
    if (strstr(label, "finished") == NULL)
        leftovers_note(out, size);
}

/* --- the others --- */

STAND_BEFORE(hf_ec_check_point, false, MAY(BAD_POINT) | ARITHMETIC, (hf_curve curve, hf_span point),
             (curve, point))
STAND_BEFORE(hf_ecdsa_sign, true, MAY(BAD_KEY) | MAY(NO_RANDOM) | ARITHMETIC,
             (hf_curve curve, const uint8_t *scalar, const hf_random *random, hf_span digest,
              uint8_t *signature, size_t *size),
             (curve, scalar, random, digest, signature, size))
STAND_BEFORE(hf_ecdsa_verify, true, MAY(BAD_POINT) | MAY(BAD_SIGNATURE) | ARITHMETIC,
             (hf_curve curve, hf_span point, hf_span digest, hf_span signature),
             (curve, point, digest, signature))

STAND_BEFORE(hf_dsa_sign, true, MAY(BAD_KEY) | MAY(NO_RANDOM) | MAY(NO_SPACE) | ARITHMETIC,
             (const hf_dsa_private *key, const hf_random *random, hf_span digest,
              uint8_t *signature, size_t capacity, size_t *size),
             (key, random, digest, signature, capacity, size))
STAND_BEFORE(hf_dsa_verify, true, MAY(BAD_KEY) | MAY(BAD_SIGNATURE) | ARITHMETIC,
             (const hf_dsa_public *key, hf_span digest, hf_span signature),
             (key, digest, signature))
STAND_BEFORE(hf_rsa_pkcs1_sign, true, MAY(BAD_KEY) | MAY(NO_RANDOM) | MAY(NO_SPACE) | ARITHMETIC,
             (const hf_rsa_private *key, const hf_random *random, hf_hash_id hash, hf_span digest,
              uint8_t *signature, size_t capacity, size_t *size),
             (key, random, hash, digest, signature, capacity, size))
STAND_BEFORE(hf_rsa_pkcs1_verify, true, MAY(BAD_KEY) | MAY(BAD_SIGNATURE) | ARITHMETIC,
             (const hf_rsa_public *key, hf_hash_id hash, hf_span digest, hf_span signature),
             (key, hash, digest, signature))
STAND_BEFORE(hf_rsa_pss_sign, true, MAY(BAD_KEY) | MAY(NO_RANDOM) | MAY(NO_SPACE) | ARITHMETIC,
             (const hf_rsa_private *key, const hf_random *random, hf_hash_id hash, hf_span digest,
              uint8_t *signature, size_t capacity, size_t *size),
             (key, random, hash, digest, signature, capacity, size))
STAND_BEFORE(hf_rsa_pss_verify, true, MAY(BAD_KEY) | MAY(BAD_SIGNATURE) | ARITHMETIC,
             (const hf_rsa_public *key, hf_hash_id hash, hf_span digest, hf_span signature),
             (key, hash, digest, signature))
STAND_BEFORE(hf_rsa_encrypt_premaster, true,
             MAY(BAD_KEY) | MAY(NO_RANDOM) | MAY(NO_SPACE) | ARITHMETIC,
             (const hf_rsa_public *key, const hf_random *random, const uint8_t *premaster,
              uint8_t *out, size_t capacity, size_t *size),
             (key, random, premaster, out, capacity, size))
STAND_BEFORE(hf_rsa_decrypt_premaster, true, MAY(BAD_KEY) | MAY(NO_RANDOM) | ARITHMETIC,
             (const hf_rsa_private *key, const hf_random *random, uint16_t version,
              hf_span ciphertext, uint8_t *premaster),
             (key, random, version, ciphertext, premaster))

STAND_BEFORE(hf_aead_seal, false, MAY(FAILED),
             (const hf_aead_key *key, const uint8_t *nonce, hf_span aad, uint8_t *data, size_t size,
              uint8_t *tag),
             (key, nonce, aad, data, size, tag))
STAND_BEFORE(hf_aead_open, false, MAY(BAD_TAG) | MAY(FAILED),
             (const hf_aead_key *key, const uint8_t *nonce, hf_span aad, uint8_t *data, size_t size,
              const uint8_t *tag),
             (key, nonce, aad, data, size, tag))

STAND_BEFORE(hf_cbc_encrypt, false, MAY(FAILED),
             (const hf_cbc_key *key, uint8_t *iv, uint8_t *data, size_t size),
             (key, iv, data, size))
STAND_BEFORE(hf_cbc_decrypt, false, MAY(FAILED),
             (const hf_cbc_key *key, uint8_t *iv, uint8_t *data, size_t size),
             (key, iv, data, size))
STAND_BEFORE(hf_rc4_crypt, false, MAY(FAILED), (hf_rc4 * rc4, uint8_t *data, size_t size),
             (rc4, data, size))

/* --- those that leave no key behind when they fail --- */

hf_crypto_result __real_hf_aead_init(hf_aead_key *key, hf_aead_id id, const uint8_t *secret);
hf_crypto_result __wrap_hf_aead_init(hf_aead_key *key, hf_aead_id id, const uint8_t *secret);
hf_crypto_result __wrap_hf_aead_init(hf_aead_key *key, hf_aead_id id, const uint8_t *secret)
{
    static const primitive self = {"hf_aead_init", MAY(FAILED), false};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        return __real_hf_aead_init(key, id, secret);
    hf_aead_wipe(key);
    return result;
}

hf_crypto_result __real_hf_cbc_init(hf_cbc_key *key, hf_cbc_id id, const uint8_t *secret);
hf_crypto_result __wrap_hf_cbc_init(hf_cbc_key *key, hf_cbc_id id, const uint8_t *secret);
hf_crypto_result __wrap_hf_cbc_init(hf_cbc_key *key, hf_cbc_id id, const uint8_t *secret)
{
    static const primitive self = {"hf_cbc_init", MAY(FAILED), false};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        return __real_hf_cbc_init(key, id, secret);
    hf_cbc_wipe(key);
    return result;
}

hf_crypto_result __real_hf_rc4_init(hf_rc4 *rc4, const uint8_t *secret);
hf_crypto_result __wrap_hf_rc4_init(hf_rc4 *rc4, const uint8_t *secret);
hf_crypto_result __wrap_hf_rc4_init(hf_rc4 *rc4, const uint8_t *secret)
{
    static const primitive self = {"hf_rc4_init", MAY(FAILED), false};
    hf_crypto_result result = begin(&self);
    if (result == HF_CRYPTO_OK)
        return __real_hf_rc4_init(rc4, secret);
    hf_rc4_wipe(rc4);
    return result;
}

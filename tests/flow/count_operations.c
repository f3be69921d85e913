#include "tests/flow/count_operations.h"

#include "crypto_glue/ec.h"
#include "crypto_glue/rsa.h"

#include <criterion/criterion.h>
#include <string.h>

unsigned operations;

unsigned count_operations(pair *p)
{
    unsigned total = 0;
    for (int round = 0; round < 200; round++) {
        endpoint *e = round % 2 == 0 ? &p->client : &p->server;
        endpoint *other = round % 2 == 0 ? &p->server : &p->client;
        operations = 0;
        (void)hf_conn_run(&e->conn);
        cr_assert_leq(operations, 1);
        total += operations;
        hf_span out = hf_conn_outgoing(&e->conn);
        hf_buf in = hf_conn_incoming(&other->conn);
        cr_assert_leq(out.size, in.size);
        if (out.size != 0)
            memcpy(in.data, out.data, out.size);
        cr_assert_eq(hf_conn_received(&other->conn, out.size), HF_OK);
        cr_assert_eq(hf_conn_sent(&e->conn, out.size), HF_OK);
    }
    return total;
}

hf_crypto_result __real_hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                       uint8_t *point);
hf_crypto_result __wrap_hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                       uint8_t *point);
hf_crypto_result __wrap_hf_ec_generate(hf_curve curve, const hf_random *random, uint8_t *scalar,
                                       uint8_t *point)
{
    operations++;
    return __real_hf_ec_generate(curve, random, scalar, point);
}

hf_crypto_result __real_hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer,
                                            uint8_t *secret);
hf_crypto_result __wrap_hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer,
                                            uint8_t *secret);
hf_crypto_result __wrap_hf_ec_shared_secret(hf_curve curve, const uint8_t *scalar, hf_span peer,
                                            uint8_t *secret)
{
    operations++;
    return __real_hf_ec_shared_secret(curve, scalar, peer, secret);
}

hf_crypto_result __real_hf_ecdsa_sign(hf_curve curve, const uint8_t *scalar,
                                      const hf_random *random, hf_span digest, uint8_t *signature,
                                      size_t *size);
hf_crypto_result __wrap_hf_ecdsa_sign(hf_curve curve, const uint8_t *scalar,
                                      const hf_random *random, hf_span digest, uint8_t *signature,
                                      size_t *size);
hf_crypto_result __wrap_hf_ecdsa_sign(hf_curve curve, const uint8_t *scalar,
                                      const hf_random *random, hf_span digest, uint8_t *signature,
                                      size_t *size)
{
    operations++;
    return __real_hf_ecdsa_sign(curve, scalar, random, digest, signature, size);
}

hf_crypto_result __real_hf_ecdsa_verify(hf_curve curve, hf_span point, hf_span digest,
                                        hf_span signature);
hf_crypto_result __wrap_hf_ecdsa_verify(hf_curve curve, hf_span point, hf_span digest,
                                        hf_span signature);
hf_crypto_result __wrap_hf_ecdsa_verify(hf_curve curve, hf_span point, hf_span digest,
                                        hf_span signature)
{
    operations++;
    return __real_hf_ecdsa_verify(curve, point, digest, signature);
}

hf_crypto_result __real_hf_rsa_pkcs1_sign(const hf_rsa_private *key, const hf_random *random,
                                          hf_hash_id hash, hf_span digest, uint8_t *signature,
                                          size_t capacity, size_t *size);
hf_crypto_result __wrap_hf_rsa_pkcs1_sign(const hf_rsa_private *key, const hf_random *random,
                                          hf_hash_id hash, hf_span digest, uint8_t *signature,
                                          size_t capacity, size_t *size);
hf_crypto_result __wrap_hf_rsa_pkcs1_sign(const hf_rsa_private *key, const hf_random *random,
                                          hf_hash_id hash, hf_span digest, uint8_t *signature,
                                          size_t capacity, size_t *size)
{
    operations++;
    return __real_hf_rsa_pkcs1_sign(key, random, hash, digest, signature, capacity, size);
}

hf_crypto_result __real_hf_rsa_pkcs1_verify(const hf_rsa_public *key, hf_hash_id hash,
                                            hf_span digest, hf_span signature);
hf_crypto_result __wrap_hf_rsa_pkcs1_verify(const hf_rsa_public *key, hf_hash_id hash,
                                            hf_span digest, hf_span signature);
hf_crypto_result __wrap_hf_rsa_pkcs1_verify(const hf_rsa_public *key, hf_hash_id hash,
                                            hf_span digest, hf_span signature)
{
    operations++;
    return __real_hf_rsa_pkcs1_verify(key, hash, digest, signature);
}

hf_crypto_result __real_hf_rsa_pss_sign(const hf_rsa_private *key, const hf_random *random,
                                        hf_hash_id hash, hf_span digest, uint8_t *signature,
                                        size_t capacity, size_t *size);
hf_crypto_result __wrap_hf_rsa_pss_sign(const hf_rsa_private *key, const hf_random *random,
                                        hf_hash_id hash, hf_span digest, uint8_t *signature,
                                        size_t capacity, size_t *size);
hf_crypto_result __wrap_hf_rsa_pss_sign(const hf_rsa_private *key, const hf_random *random,
                                        hf_hash_id hash, hf_span digest, uint8_t *signature,
                                        size_t capacity, size_t *size)
{
    operations++;
    return __real_hf_rsa_pss_sign(key, random, hash, digest, signature, capacity, size);
}

hf_crypto_result __real_hf_rsa_pss_verify(const hf_rsa_public *key, hf_hash_id hash, hf_span digest,
                                          hf_span signature);
hf_crypto_result __wrap_hf_rsa_pss_verify(const hf_rsa_public *key, hf_hash_id hash, hf_span digest,
                                          hf_span signature);
hf_crypto_result __wrap_hf_rsa_pss_verify(const hf_rsa_public *key, hf_hash_id hash, hf_span digest,
                                          hf_span signature)
{
    operations++;
    return __real_hf_rsa_pss_verify(key, hash, digest, signature);
}

hf_crypto_result __real_hf_rsa_encrypt_premaster(const hf_rsa_public *key, const hf_random *random,
                                                 const uint8_t premaster[HF_PREMASTER_SIZE],
                                                 uint8_t *out, size_t capacity, size_t *size);
hf_crypto_result __wrap_hf_rsa_encrypt_premaster(const hf_rsa_public *key, const hf_random *random,
                                                 const uint8_t premaster[HF_PREMASTER_SIZE],
                                                 uint8_t *out, size_t capacity, size_t *size);
hf_crypto_result __wrap_hf_rsa_encrypt_premaster(const hf_rsa_public *key, const hf_random *random,
                                                 const uint8_t premaster[HF_PREMASTER_SIZE],
                                                 uint8_t *out, size_t capacity, size_t *size)
{
    operations++;
    return __real_hf_rsa_encrypt_premaster(key, random, premaster, out, capacity, size);
}

hf_crypto_result __real_hf_rsa_decrypt_premaster(const hf_rsa_private *key, const hf_random *random,
                                                 uint16_t version, hf_span ciphertext,
                                                 uint8_t premaster[HF_PREMASTER_SIZE]);
hf_crypto_result __wrap_hf_rsa_decrypt_premaster(const hf_rsa_private *key, const hf_random *random,
                                                 uint16_t version, hf_span ciphertext,
                                                 uint8_t premaster[HF_PREMASTER_SIZE]);
hf_crypto_result __wrap_hf_rsa_decrypt_premaster(const hf_rsa_private *key, const hf_random *random,
                                                 uint16_t version, hf_span ciphertext,
                                                 uint8_t premaster[HF_PREMASTER_SIZE])
{
    operations++;
    return __real_hf_rsa_decrypt_premaster(key, random, version, ciphertext, premaster);
}

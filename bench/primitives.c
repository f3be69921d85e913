#include "bench/primitives.h"

#include "tls/record/protection.h"

#include "crypto_glue/tomcrypt_random.h"

#include <string.h>

static void expect(int code)
{
    bench_expect(code == CRYPT_OK, error_to_string(code));
}

/* ---------------------------------------------------------------- preparation */

bool primitives_know(const hf_suite *suite)
{
    return (suite->authentication == HF_KEY_EC || suite->authentication == HF_KEY_RSA) &&
           (suite->key_exchange == HF_KX_ECDHE || suite->key_exchange == HF_KX_RSA);
}

static void import_public(signature_check *check)
{
    const hf_public_key *key = &check->key;
    if (key->type == HF_KEY_EC)
        expect(ecc_ansi_x963_import(key->u.ec.point.data, key->u.ec.point.size, &check->ec));
    else
        expect(rsa_set_key(key->u.rsa.modulus.data, key->u.rsa.modulus.size,
                           key->u.rsa.exponent.data, key->u.rsa.exponent.size, NULL, 0,
                           &check->rsa));
}

static void import_private(rsa_key *imported, const hf_rsa_private *key)
{
    expect(rsa_set_key(key->public_key.modulus.data, key->public_key.modulus.size,
                       key->public_key.exponent.data, key->public_key.exponent.size,
                       key->private_exponent.data, key->private_exponent.size, imported));
    expect(rsa_set_factors(key->prime1.data, key->prime1.size, key->prime2.data, key->prime2.size,
                           imported));
    expect(rsa_set_crt_params(key->exponent1.data, key->exponent1.size, key->exponent2.data,
                              key->exponent2.size, key->coefficient.data, key->coefficient.size,
                              imported));
}

/* Returns how much is signed. */
static size_t prepare_check(signature_check *check, hf_span certificate, hf_span issuer)
{
    hf_certificate subject, signer;
    bench_expect(hf_certificate_read(&subject, certificate) == HF_OK &&
                     hf_certificate_read(&signer, issuer) == HF_OK,
                 "cannot read a certificate");
    check->key = signer.public_key;
    check->hash = subject.algorithm.hash;
    check->digest_size = hf_hash_digest(check->hash, subject.to_be_signed, check->digest);
    check->signature = subject.signature;
    import_public(check);
    return subject.to_be_signed.size;
}

static void add_size(void *context, const hf_conn *conn, const hf_event *event)
{
    size_t *sum = context;
    (void)conn;
    if (event->kind == HF_EVENT_MESSAGE)
        *sum += event->bytes.size;
}

static size_t measure_handshake(bench_pair *pair)
{
    size_t size = 0;
    const hf_observer observer = {.event = add_size, .context = &size};
    pair->client.config.observer = &observer;
    bench_connect(pair);
    pair->client.config.observer = NULL;
    bench_expect(size != 0, "the library was built without HF_WITH_OBSERVER");
    return size;
}

void primitives_prepare(primitives *p, bench_pair *pair)
{
    memset(p, 0, sizeof *p);
    bench_expect(register_hash(&sha256_desc) >= 0 && register_hash(&sha384_desc) >= 0 &&
                     register_hash(&sha512_desc) >= 0,
                 "register_hash");
    p->suite = hf_suite_of(pair->suite);
    p->ephemeral_size = (int)hf_ec_field_size(hf_group_of(pair->group)->curve);
    p->random_state = 3;
    p->random = (hf_random){bench_random, &p->random_state};
    p->certificate_sizes[0] =
        prepare_check(&p->checks[0], pair->chain.certificates[0], pair->chain.certificates[1]);
    p->certificate_sizes[1] =
        prepare_check(&p->checks[1], pair->chain.certificates[1], pair->chain.root);
    p->handshake_size = measure_handshake(pair);
    if (pair->chain.key.type == HF_KEY_RSA)
        import_private(&p->rsa_key, &pair->chain.key.u.rsa);
    else /* libtomcrypt reads no EC key in any usual form; another key costs the same */
        expect(ecc_make_key(hf_tomcrypt_prng(&p->random), hf_tomcrypt_prng_index(),
                            (int)hf_ec_field_size(pair->chain.key.u.ec.curve), &p->ec_key));
}

/* ---------------------------------------------------------------- public keys */

static void verify_rsa(rsa_key *key, int padding, hf_hash_id hash, hf_span digest,
                       hf_span signature)
{
    int valid = 0;
    int index = find_hash(hash == HF_HASH_SHA256 ? "sha256" : "sha384");
    expect(rsa_verify_hash_ex(signature.data, signature.size, digest.data, digest.size, padding,
                              index, digest.size, &valid, key));
    bench_expect(valid == 1, "an RSA signature is wrong");
}

static void verify_ec(ecc_key *key, hf_span digest, hf_span signature)
{
    int valid = 0;
    expect(ecc_verify_hash(signature.data, signature.size, digest.data, digest.size, &valid, key));
    bench_expect(valid == 1, "an ECDSA signature is wrong");
}

static void run_check(signature_check *check)
{
    hf_span digest = {check->digest, check->digest_size};
    if (check->key.type == HF_KEY_EC)
        verify_ec(&check->ec, digest, check->signature);
    else
        verify_rsa(&check->rsa, LTC_PKCS_1_V1_5, check->hash, digest, check->signature);
}

/* ServerKeyExchange: signed by the server, verified by the client. */
static void run_signature(primitives *p)
{
    uint8_t signature[HF_RSA_SIZE_MAX], digest[32];
    unsigned long size = sizeof signature;
    (void)bench_random(&p->random_state, digest, sizeof digest);
    hf_span digest_span = {digest, sizeof digest};
    if (p->suite->authentication == HF_KEY_EC) {
        expect(ecc_sign_hash(digest, sizeof digest, signature, &size, hf_tomcrypt_prng(&p->random),
                             hf_tomcrypt_prng_index(), &p->ec_key));
        verify_ec(&p->ec_key, digest_span, (hf_span){signature, size});
    } else {
        expect(rsa_sign_hash_ex(digest, sizeof digest, signature, &size, LTC_PKCS_1_PSS,
                                hf_tomcrypt_prng(&p->random), hf_tomcrypt_prng_index(),
                                find_hash("sha256"), sizeof digest, &p->rsa_key));
        verify_rsa(&p->rsa_key, LTC_PKCS_1_PSS, HF_HASH_SHA256, digest_span,
                   (hf_span){signature, size});
    }
}

static void run_ecdhe(primitives *p)
{
    ecc_key client, server;
    uint8_t secret[HF_EC_SCALAR_MAX];
    unsigned long size = sizeof secret;
    prng_state *prng = hf_tomcrypt_prng(&p->random);
    int index = hf_tomcrypt_prng_index();
    expect(ecc_make_key(prng, index, p->ephemeral_size, &server));
    expect(ecc_make_key(prng, index, p->ephemeral_size, &client));
    expect(ecc_shared_secret(&client, &server, secret, &size));
    size = sizeof secret;
    expect(ecc_shared_secret(&server, &client, secret, &size));
    ecc_free(&client);
    ecc_free(&server);
}

static void run_key_transport(primitives *p)
{
    uint8_t premaster[HF_PREMASTER_SIZE] = {3, 3}, ciphertext[HF_RSA_SIZE_MAX];
    unsigned long size = sizeof ciphertext, premaster_size = sizeof premaster;
    int valid = 0;
    expect(rsa_encrypt_key_ex(premaster, sizeof premaster, ciphertext, &size, NULL, 0,
                              hf_tomcrypt_prng(&p->random), hf_tomcrypt_prng_index(), 0,
                              LTC_PKCS_1_V1_5, &p->rsa_key));
    expect(rsa_decrypt_key_ex(ciphertext, size, premaster, &premaster_size, NULL, 0, 0,
                              LTC_PKCS_1_V1_5, &valid, &p->rsa_key));
    bench_expect(valid == 1, "RSA decryption");
}

void primitives_public_key(primitives *p)
{
    for (size_t i = 0; i < PRIMITIVES_CHECKS; i++)
        run_check(&p->checks[i]);
    if (p->suite->key_exchange == HF_KX_ECDHE) {
        run_ecdhe(p);
        run_signature(p);
    } else {
        run_key_transport(p);
    }
}

/* ---------------------------------------------------------------- hashes */

/* Blocks that a message of `size` bytes makes, padding included (FIPS 180-4 5.1). */
static size_t blocks_of(hf_hash_id hash, size_t size)
{
    size_t block = hf_hash_block_size(hash);
    return (size + 1 + block / 8 + block - 1) / block;
}

static void compress(hf_hash_id hash, size_t blocks)
{
    static const uint8_t data[HF_HASH_BLOCK_MAX];
    hash_state state;
    size_t block = hf_hash_block_size(hash);
    expect(hash == HF_HASH_SHA256 ? sha256_init(&state) : sha384_init(&state));
    for (size_t i = 0; i < blocks; i++)
        expect(hash == HF_HASH_SHA256 ? sha256_process(&state, data, block)
                                      : sha512_process(&state, data, block));
}

/* PRF, RFC 5246 5: the key's two pads, A(1), then an HMAC for each piece of output and for each
 * further A(i). The outer hash of an HMAC takes one block, which the kept pad of the inner one
 * saves. */
static size_t prf_blocks(hf_hash_id hash, size_t seed, size_t output)
{
    size_t digest = hf_hash_size(hash), block = hf_hash_block_size(hash);
    size_t pieces = (output + digest - 1) / digest;
    size_t first = blocks_of(hash, block + seed);
    size_t piece = blocks_of(hash, block + digest + seed);
    size_t further = blocks_of(hash, block + digest);
    return 2 + first + pieces * piece + (pieces - 1) * further;
}

#define RANDOMS_SIZE 64
static void hash_signed_data(const primitives *p)
{
    for (size_t i = 0; i < PRIMITIVES_CHECKS; i++)
        compress(p->checks[i].hash, blocks_of(p->checks[i].hash, p->certificate_sizes[i]));
    if (p->suite->key_exchange == HF_KX_ECDHE) {
        size_t parameters = 5 + 2 * (size_t)p->ephemeral_size; /* RFC 8422 5.4 */
        compress(HF_HASH_SHA256, 2 * blocks_of(HF_HASH_SHA256, RANDOMS_SIZE + parameters));
    }
}

void primitives_hashes(const primitives *p)
{
    hf_hash_id hash = p->suite->prf_hash;
    size_t digest = hf_hash_size(hash);
    hf_key_sizes sizes = hf_key_sizes_of(p->suite, HF_TLS1_2);
    size_t key_block = 2 * ((size_t)sizes.mac_key + sizes.key + sizes.iv);
    size_t one_end = blocks_of(hash, p->handshake_size) +
                     prf_blocks(hash, strlen("extended master secret") + digest, 48) +
                     prf_blocks(hash, strlen("key expansion") + RANDOMS_SIZE, key_block) +
                     2 * prf_blocks(hash, strlen("client finished") + digest, 12);
    hash_signed_data(p);
    compress(hash, 2 * one_end);
}

/* ---------------------------------------------------------------- ciphers */

#define FINISHED_SIZE 16 /* its header and 12 bytes, RFC 5246 7.4.9 */

/* NULL: no block cipher; the stream ciphers cost next to nothing here. */
static const struct ltc_cipher_descriptor *block_cipher_of(const hf_suite *suite)
{
    switch (suite->cipher) {
    case HF_CIPHER_NULL:
    case HF_CIPHER_RC4_128:
    case HF_CIPHER_CHACHA20_POLY1305:
        return NULL;
    case HF_CIPHER_3DES_EDE_CBC:
        return &des3_desc;
    default:
        return &cipher_descriptor[find_cipher("aes")];
    }
}

/* At least: CBC always pads, and its MAC may be outside; of an AEAD the tag takes a block. */
static size_t cipher_blocks(const primitives *p, size_t block)
{
    bool is_cbc = p->suite->mac != HF_HASH_NONE;
    return is_cbc ? FINISHED_SIZE / block + 1 : (FINISHED_SIZE + block - 1) / block + 1;
}

void primitives_ciphers(const primitives *p)
{
    static const uint8_t key[HF_AEAD_KEY_SIZE_MAX] = {1};
    const struct ltc_cipher_descriptor *cipher = block_cipher_of(p->suite);
    uint8_t block[16] = {2};
    if (cipher == NULL)
        return;
    size_t blocks = cipher_blocks(p, (size_t)cipher->block_length);
    int key_size = hf_key_sizes_of(p->suite, HF_TLS1_2).key;
    for (int direction = 0; direction < 2; direction++)
        for (int end = 0; end < 2; end++) {
            symmetric_key schedule;
            expect(cipher->setup(key, key_size, 0, &schedule));
            for (size_t i = 0; i < blocks; i++)
                expect(cipher->ecb_encrypt(block, block, &schedule));
            cipher->done(&schedule);
        }
}

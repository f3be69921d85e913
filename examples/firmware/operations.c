/* What each operation with a public key takes of arena, stack and time. And each must bear to be
 * refused memory: in every arena that is too small it ends with HF_CRYPTO_NO_MEMORY and gives all
 * back. */
#include "report.h"
#include "semihosting.h"

#include "crypto_glue/arena.h"
#include "crypto_glue/init.h"

#include <string.h>

#define ARENA_SIZE 8192
#define STEP       64 /* between the arenas that are too small */

/* Blocks have one size_t in front of them: from there on nothing is lost to alignment. */
#define HEADER sizeof(size_t)
static _Alignas(8) uint8_t arena[HEADER + ARENA_SIZE];

/* The same numbers in each run, so that figures are the same, too. Never for keys that are used. */
static bool draw_same(void *context, uint8_t *out, size_t size)
{
    (void)context;
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(0x5b + 37 * i);
    return true;
}

static const hf_random source = {draw_same, NULL};

#define P256_SIZE 32
static uint8_t scalar[P256_SIZE], point[1 + 2 * P256_SIZE], secret[P256_SIZE];
static uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
static size_t signature_size;
static const uint8_t digest[P256_SIZE] = {1, 2, 3};

static hf_crypto_result p256_generate(void)
{
    return hf_ec_generate(HF_CURVE_P256, &source, scalar, point);
}

static hf_crypto_result p256_agree(void)
{
    return hf_ec_shared_secret(HF_CURVE_P256, scalar, (hf_span){point, sizeof point}, secret);
}

static hf_crypto_result p256_sign(void)
{
    return hf_ecdsa_sign(HF_CURVE_P256, scalar, &source, (hf_span){digest, sizeof digest}, signature,
                         &signature_size);
}

static hf_crypto_result p256_verify(void)
{
    return hf_ecdsa_verify(HF_CURVE_P256, (hf_span){point, sizeof point},
                           (hf_span){digest, sizeof digest},
                           (hf_span){signature, signature_size});
}

/* With a wrong digest: what is refused is looked at twice. */
static hf_crypto_result p256_refuse(void)
{
    static const uint8_t other[P256_SIZE] = {3, 2, 1};
    hf_crypto_result result =
        hf_ecdsa_verify(HF_CURVE_P256, (hf_span){point, sizeof point},
                        (hf_span){other, sizeof other}, (hf_span){signature, signature_size});
    if (result == HF_CRYPTO_OK)
        return HF_CRYPTO_FAILED;
    return result == HF_CRYPTO_BAD_SIGNATURE ? HF_CRYPTO_OK : result;
}

#if HF_WITH_RSA
/* operations_constants.S */
extern const uint8_t rsa_key[];
extern const uint32_t rsa_key_size;

static hf_private_key key;
static uint8_t rsa_signature[HF_RSA_SIZE_MAX];
static size_t rsa_signature_size;

static hf_crypto_result rsa_private(void)
{
    return hf_rsa_pkcs1_sign(&key.u.rsa, &source, HF_HASH_SHA256, (hf_span){digest, sizeof digest},
                             rsa_signature, sizeof rsa_signature, &rsa_signature_size);
}

static hf_crypto_result rsa_public(void)
{
    return hf_rsa_pkcs1_verify(&key.u.rsa.public_key, HF_HASH_SHA256,
                               (hf_span){digest, sizeof digest},
                               (hf_span){rsa_signature, rsa_signature_size});
}
#endif

typedef struct operation {
    const char *name;
    hf_crypto_result (*run)(void);
} operation;

static const operation operations[] = {
#if HF_WITH_RSA
    {"rsa2048.private", rsa_private},
    {"rsa2048.public", rsa_public},
#else
    {"p256.generate", p256_generate}, {"p256.agree", p256_agree},   {"p256.sign", p256_sign},
    {"p256.verify", p256_verify},     {"p256.refuse", p256_refuse},
#endif
};
#define COUNT (sizeof operations / sizeof operations[0])

static bool measure(const operation *o)
{
    bool fine = hf_arena_init((hf_buf){arena + HEADER, ARENA_SIZE});
    report_operation_begin();
    fine = o->run() == HF_CRYPTO_OK && fine;
    report_operation(o->name);
    return fine && hf_arena_status().used == 0 && hf_arena_status().refused == 0;
}

/* From the largest arena that is too small down; how many there were, 0 if one was borne badly. */
static uint32_t starve(const operation *o)
{
    uint32_t count = 0;
    for (size_t size = hf_arena_status().peak - 1; size > STEP; size -= STEP) {
        bool fine = hf_arena_init((hf_buf){arena + HEADER, size}) && o->run() == HF_CRYPTO_NO_MEMORY &&
                    hf_arena_status().used == 0 && hf_arena_status().refused > 0;
        if (!fine)
            return 0;
        count++;
    }
    return count;
}

int main(void)
{
    bool fine = hf_crypto_init() == HF_CRYPTO_OK;
#if HF_WITH_RSA
    fine = fine && hf_private_key_read(&key, (hf_span){rsa_key, rsa_key_size}) == HF_OK;
#endif
    for (size_t i = 0; i < COUNT; i++) {
        fine = measure(&operations[i]) && fine;
        uint32_t starved = starve(&operations[i]);
        report_number("starved", starved);
        fine = fine && starved > 0;
    }
    return fine ? 0 : 1;
}

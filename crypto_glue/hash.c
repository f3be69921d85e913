#include "crypto_glue/hash.h"

#include "crypto_glue/constant_time.h"

#include <tomcrypt.h>

/* libtomcrypt's hash_state is a union of all its hash functions, twice as large as the largest
 * that TLS uses. Each function touches only its own member, so storage for the largest of ours
 * does. */
#define STATE_FITS(type)                                            \
    _Static_assert(sizeof(type) <= sizeof(((hf_hash *)0)->state) && \
                       _Alignof(type) <= _Alignof(uint64_t),        \
                   #type " fits hf_hash")

/* A libtomcrypt built for a device may lack what the switches ask for; that has size 0 here. */
#if defined(LTC_MD5) && HF_GLUE_MD5
#define HAS_MD5
STATE_FITS(struct md5_state);
#endif
#if defined(LTC_SHA1) && HF_GLUE_SHA1
#define HAS_SHA1
STATE_FITS(struct sha1_state);
#endif
#if defined(LTC_SHA256)
#define HAS_SHA256
STATE_FITS(struct sha256_state);
#endif
#if defined(LTC_SHA384) && defined(LTC_SHA512) && HF_GLUE_SHA512
#define HAS_SHA512
STATE_FITS(struct sha512_state);
#endif

#if defined(HAS_MD5) && defined(HAS_SHA1)
/* MD5 and SHA-1 side by side, as one more function of libtomcrypt's kind. */
struct md5_sha1_state {
    struct md5_state md5;
    struct sha1_state sha1;
};
STATE_FITS(struct md5_sha1_state);

#define MD5_SIZE  16
#define SHA1_SIZE 20

static hash_state *md5_half(hash_state *both)
{
    return (hash_state *)(void *)&((struct md5_sha1_state *)(void *)both)->md5;
}

static hash_state *sha1_half(hash_state *both)
{
    return (hash_state *)(void *)&((struct md5_sha1_state *)(void *)both)->sha1;
}

static int md5_sha1_init(hash_state *both)
{
    int result = md5_init(md5_half(both));

    return result == CRYPT_OK ? sha1_init(sha1_half(both)) : result;
}

static int md5_sha1_process(hash_state *both, const unsigned char *data, unsigned long size)
{
    int result = md5_process(md5_half(both), data, size);

    return result == CRYPT_OK ? sha1_process(sha1_half(both), data, size) : result;
}

static int md5_sha1_done(hash_state *both, unsigned char *out)
{
    int result = md5_done(md5_half(both), out);

    return result == CRYPT_OK ? sha1_done(sha1_half(both), out + MD5_SIZE) : result;
}

static const struct ltc_hash_descriptor md5_sha1_desc = {
    .name = "md5+sha1",
    .hashsize = MD5_SIZE + SHA1_SIZE,
    .blocksize = 64,
    .init = md5_sha1_init,
    .process = md5_sha1_process,
    .done = md5_sha1_done,
};
#endif

static const struct ltc_hash_descriptor *const functions[HF_HASH_COUNT] = {
#ifdef HAS_MD5
    [HF_HASH_MD5] = &md5_desc,
#endif
#ifdef HAS_SHA1
    [HF_HASH_SHA1] = &sha1_desc,
#endif
#if defined(HAS_SHA256) && defined(LTC_SHA224)
    [HF_HASH_SHA224] = &sha224_desc,
#endif
#ifdef HAS_SHA256
    [HF_HASH_SHA256] = &sha256_desc,
#endif
#ifdef HAS_SHA512
    [HF_HASH_SHA384] = &sha384_desc,     [HF_HASH_SHA512] = &sha512_desc,
#endif
#if defined(HAS_MD5) && defined(HAS_SHA1)
    [HF_HASH_MD5_SHA1] = &md5_sha1_desc,
#endif
};

/* NULL for HF_HASH_NONE and for functions that are not in the build. */
static const struct ltc_hash_descriptor *find_function(hf_hash_id id)
{
    return (unsigned)id < HF_HASH_COUNT ? functions[id] : NULL;
}

static hash_state *tomcrypt_state(hf_hash *hash)
{
    return (hash_state *)(void *)hash->state;
}

size_t hf_hash_size(hf_hash_id id)
{
    const struct ltc_hash_descriptor *function = find_function(id);

    return function != NULL ? (size_t)function->hashsize : 0;
}

size_t hf_hash_block_size(hf_hash_id id)
{
    const struct ltc_hash_descriptor *function = find_function(id);

    return function != NULL ? (size_t)function->blocksize : 0;
}

void hf_hash_init(hf_hash *hash, hf_hash_id id)
{
    const struct ltc_hash_descriptor *function = find_function(id);

    hash->id = function != NULL ? id : HF_HASH_NONE;
    if (function != NULL) {
        function->init(tomcrypt_state(hash));
    }
}

void hf_hash_update(hf_hash *hash, const uint8_t *data, size_t size)
{
    const struct ltc_hash_descriptor *function = find_function(hash->id);

    /* libtomcrypt aborts on NULL even where there is nothing to read. Its one error, more than
     * 2^64 bits of input, is out of reach. */
    if (function != NULL && size > 0) {
        function->process(tomcrypt_state(hash), data, (unsigned long)size);
    }
}

size_t hf_hash_final(hf_hash *hash, uint8_t *out)
{
    const struct ltc_hash_descriptor *function = find_function(hash->id);
    size_t size = hf_hash_size(hash->id);

    if (function != NULL) {
        function->done(tomcrypt_state(hash), out);
    }
    hf_wipe(hash, sizeof *hash);
    return size;
}

size_t hf_hash_digest(hf_hash_id id, hf_span data, uint8_t *out)
{
    hf_hash hash;

    hf_hash_init(&hash, id);
    hf_hash_update(&hash, data.data, data.size);
    return hf_hash_final(&hash, out);
}

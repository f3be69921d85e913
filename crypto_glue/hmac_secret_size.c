#include "crypto_glue/constant_time.h"
#include "crypto_glue/hmac.h"

#include <string.h>
#include <tomcrypt.h>

/* A hash function pads its message (FIPS 180-4 5.1, RFC 1321 3.1), so the place where the message
 * ends decides which block is the last and what stands in it. Here each block that may be the last
 * is built with masks and compressed, and the digest after the right one is kept. Positions count
 * from the start of prefix || data. */

#define PADDING_START   0x80
#define LENGTH_SIZE_MAX 16

typedef struct message {
    hf_span prefix;
    hf_span data; /* as long as it may be */
    uint32_t end; /* secret: the position after the last byte */
} message;

/* What the supported hash functions differ in. */
typedef struct padding {
    unsigned block_shift; /* a division of secrets may take a time that depends on them */
    size_t length_size;   /* bytes that hold the length at the end of the last block */
    bool little_endian;
} padding;

static bool find_padding(hf_hash_id id, padding *form)
{
    switch (id) {
    case HF_HASH_MD5:
        *form = (padding){6, 8, true};
        return true;
    case HF_HASH_SHA1:
    case HF_HASH_SHA256:
        *form = (padding){6, 8, false};
        return true;
    case HF_HASH_SHA384:
        *form = (padding){7, 16, false};
        return true;
    default:
        return false;
    }
}

static void put_words32(uint8_t *out, const ulong32 *words, size_t count, bool little_endian)
{
    for (size_t i = 0; i < 4 * count; i++) {
        size_t shift = 8 * (little_endian ? i % 4 : 3 - i % 4);

        out[i] = (uint8_t)(words[i / 4] >> shift);
    }
}

static void put_words64(uint8_t *out, const ulong64 *words, size_t count)
{
    for (size_t i = 0; i < 8 * count; i++) {
        out[i] = (uint8_t)(words[i / 8] >> 8 * (7 - i % 8));
    }
}

/* The digest as it is if the block that was compressed last ends the message. */
static void read_digest(const hf_hash *hash, uint8_t out[HF_HASH_SIZE_MAX])
{
    const void *state = hash->state;

    switch (hash->id) {
    case HF_HASH_MD5:
        put_words32(out, ((const struct md5_state *)state)->state, 4, true);
        break;
    case HF_HASH_SHA1:
        put_words32(out, ((const struct sha1_state *)state)->state, 5, false);
        break;
    case HF_HASH_SHA256:
        put_words32(out, ((const struct sha256_state *)state)->state, 8, false);
        break;
    case HF_HASH_SHA384:
        put_words64(out, ((const struct sha512_state *)state)->state, 6);
        break;
    default:
        break;
    }
}

/* Bytes of prefix || data, and zeros beyond: nothing of this is secret. */
static uint8_t byte_at(const message *m, size_t position)
{
    if (position < m->prefix.size) {
        return m->prefix.data[position];
    }
    position -= m->prefix.size;
    return position < m->data.size ? m->data.data[position] : 0;
}

/* The block at `start` with the part of the padding that falls into it, but for the length. */
static void build_block(const message *m, size_t start, size_t size, uint8_t *block)
{
    uint32_t inside =
        hf_mask_less((uint32_t)start, m->end) | hf_mask_equal((uint32_t)start, m->end);

    for (size_t i = 0; i < size; i++) {
        uint32_t ends = hf_mask_equal((uint32_t)(start + i), m->end);
        uint32_t byte = byte_at(m, start + i);

        block[i] = (uint8_t)(inside & ((byte & ~ends) | (PADDING_START & ends)));
        inside &= ~ends;
    }
}

/* The length in bits of the whole message, which starts with a block made from the key. */
static void put_length(uint8_t out[LENGTH_SIZE_MAX], const padding *form, uint32_t end)
{
    uint64_t bits = ((uint64_t)end + (UINT64_C(1) << form->block_shift)) * 8;

    memset(out, 0, LENGTH_SIZE_MAX);
    for (size_t i = 0; i < sizeof bits; i++) {
        size_t at = form->little_endian ? i : form->length_size - 1 - i;

        out[at] = (uint8_t)(bits >> 8 * i);
    }
}

static void hash_public_part(hf_hash *hash, const message *m, size_t size)
{
    size_t from_prefix = size < m->prefix.size ? size : m->prefix.size;

    hf_hash_update(hash, m->prefix.data, from_prefix);
    hf_hash_update(hash, m->data.data, size - from_prefix);
}

static void hash_secret_part(hf_hash *hash, const message *m, const padding *form, size_t start,
                             uint8_t digest[HF_HASH_SIZE_MAX])
{
    uint8_t block[HF_HASH_BLOCK_MAX];
    uint8_t length[LENGTH_SIZE_MAX];
    uint8_t candidate[HF_HASH_SIZE_MAX] = {0};
    size_t size = (size_t)1 << form->block_shift;
    size_t limit = m->prefix.size + m->data.size + form->length_size;
    uint32_t last = (m->end + (uint32_t)form->length_size) >> form->block_shift;

    memset(digest, 0, HF_HASH_SIZE_MAX);
    put_length(length, form, m->end);
    for (; start <= limit; start += size) {
        uint32_t is_last = hf_mask_equal((uint32_t)(start >> form->block_shift), last);
        uint8_t *length_field = block + size - form->length_size;

        build_block(m, start, size, block);
        hf_constant_time_select(length_field, (uint8_t)is_last, length, length_field,
                                form->length_size);
        hf_hash_update(hash, block, size);
        read_digest(hash, candidate);
        hf_constant_time_select(digest, (uint8_t)is_last, candidate, digest, sizeof candidate);
    }
    hf_wipe(block, sizeof block);
    hf_wipe(length, sizeof length);
    hf_wipe(candidate, sizeof candidate);
}

size_t hf_hmac_secret_size(const hf_hmac_key *key, hf_span prefix, const uint8_t *data,
                           size_t size_min, size_t size_max, size_t secret_size, uint8_t *out)
{
    const message m = {prefix, {data, size_max}, (uint32_t)(prefix.size + secret_size)};
    uint8_t digest[HF_HASH_SIZE_MAX];
    padding form;
    hf_hash hash;

    if (!find_padding(key->inner.id, &form)) {
        return 0;
    }
    /* Blocks that the shortest message fills are never the last. */
    size_t start = (prefix.size + size_min) >> form.block_shift << form.block_shift;
    hf_hmac_begin(key, &hash);
    hash_public_part(&hash, &m, start);
    hash_secret_part(&hash, &m, &form, start, digest);
    hash = key->outer;
    hf_hash_update(&hash, digest, hf_hash_size(hash.id));
    hf_wipe(digest, sizeof digest);
    return hf_hash_final(&hash, out);
}

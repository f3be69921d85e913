#include "crypto_glue/cbc.h"

#include "crypto_glue/cipher.h"
#include "crypto_glue/constant_time.h"

#define STATE_FITS(type)                                                  \
    _Static_assert(sizeof(type) <= sizeof(((hf_cbc_key *)0)->schedule) && \
                       _Alignof(type) <= _Alignof(uint64_t),              \
                   #type " fits hf_cbc_key")

STATE_FITS(struct rijndael_key);

#if HF_WITH_3DES
STATE_FITS(struct des3_key);

/* Needs no registration; a descriptor that the application registered goes first. */
static const hf_cipher *find_3des(void)
{
    int index = find_cipher("3des");

    return index >= 0 ? &cipher_descriptor[index] : &des3_desc;
}
#endif

/* NULL before hf_crypto_init, and for what is not in the build. */
static const hf_cipher *find_block_cipher(hf_cbc_id id)
{
    switch (id) {
    case HF_CBC_AES_128:
    case HF_CBC_AES_256:
        return hf_cipher_find_aes();
    case HF_CBC_3DES_EDE:
#if HF_WITH_3DES
        return find_3des();
#endif
    case HF_CBC_NONE:
        break;
    }
    return NULL;
}

size_t hf_cbc_key_size(hf_cbc_id id)
{
    switch (id) {
    case HF_CBC_AES_128:
        return 16;
    case HF_CBC_AES_256:
        return 32;
    case HF_CBC_3DES_EDE:
        return 24;
    case HF_CBC_NONE:
        break;
    }
    return 0;
}

size_t hf_cbc_block_size(hf_cbc_id id)
{
    switch (id) {
    case HF_CBC_AES_128:
    case HF_CBC_AES_256:
        return 16;
    case HF_CBC_3DES_EDE:
        return 8;
    case HF_CBC_NONE:
        break;
    }
    return 0;
}

hf_crypto_result hf_cbc_init(hf_cbc_key *key, hf_cbc_id id, const uint8_t *secret)
{
    const hf_cipher *cipher = find_block_cipher(id);

    key->id = id;
    if (cipher == NULL || cipher->setup(secret, (int)hf_cbc_key_size(id), 0,
                                        hf_tomcrypt_key(key->schedule)) != CRYPT_OK) {
        hf_cbc_wipe(key);
        return HF_CRYPTO_FAILED;
    }
    return HF_CRYPTO_OK;
}

void hf_cbc_wipe(hf_cbc_key *key)
{
    hf_wipe(key, sizeof *key);
}

static bool encrypt_each(const hf_cipher *cipher, symmetric_key *key, uint8_t *iv, hf_buf data,
                         size_t block_size)
{
    const uint8_t *before = iv;

    for (size_t at = 0; at < data.size; at += block_size) {
        uint8_t *block = data.data + at;

        hf_xor_bytes(block, before, block_size);
        if (cipher->ecb_encrypt(block, block, key) != CRYPT_OK) {
            return false;
        }
        before = block;
    }
    memcpy(iv, before, block_size);
    return true;
}

/* From the last block to the first: each needs the one before it as it was received. */
static bool decrypt_each(const hf_cipher *cipher, symmetric_key *key, uint8_t *iv, hf_buf data,
                         size_t block_size)
{
    uint8_t last[HF_CBC_BLOCK_MAX];

    memcpy(last, data.data + data.size - block_size, block_size);
    for (size_t at = data.size; at > 0; at -= block_size) {
        uint8_t *block = data.data + at - block_size;

        if (cipher->ecb_decrypt(block, block, key) != CRYPT_OK) {
            return false;
        }
        hf_xor_bytes(block, block == data.data ? iv : block - block_size, block_size);
    }
    memcpy(iv, last, block_size);
    return true;
}

hf_crypto_result hf_cbc_encrypt(const hf_cbc_key *key, uint8_t *iv, uint8_t *data, size_t size)
{
    const hf_cipher *cipher = find_block_cipher(key->id);
    size_t block_size = hf_cbc_block_size(key->id);
    symmetric_key *schedule = hf_tomcrypt_key(key->schedule);
    bool ok;

    if (cipher == NULL || size % block_size != 0) {
        return HF_CRYPTO_FAILED;
    }
    if (size == 0) {
        ok = true;
    } else if (cipher->accel_cbc_encrypt != NULL) {
        ok = cipher->accel_cbc_encrypt(data, data, (unsigned long)(size / block_size), iv,
                                       schedule) == CRYPT_OK;
    } else {
        ok = encrypt_each(cipher, schedule, iv, (hf_buf){data, size}, block_size);
    }
    return ok ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
}

hf_crypto_result hf_cbc_decrypt(const hf_cbc_key *key, uint8_t *iv, uint8_t *data, size_t size)
{
    const hf_cipher *cipher = find_block_cipher(key->id);
    size_t block_size = hf_cbc_block_size(key->id);
    symmetric_key *schedule = hf_tomcrypt_key(key->schedule);
    bool ok;

    if (cipher == NULL || size % block_size != 0) {
        return HF_CRYPTO_FAILED;
    }
    if (size == 0) {
        ok = true;
    } else if (cipher->accel_cbc_decrypt != NULL) {
        ok = cipher->accel_cbc_decrypt(data, data, (unsigned long)(size / block_size), iv,
                                       schedule) == CRYPT_OK;
    } else {
        ok = decrypt_each(cipher, schedule, iv, (hf_buf){data, size}, block_size);
    }
    return ok ? HF_CRYPTO_OK : HF_CRYPTO_FAILED;
}

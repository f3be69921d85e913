#include "tests/timing/keys.h"

#include "tests/timing/timing.h"

#include <stdio.h>
#include <string.h>

#define KEYS_MAX  8
#define FILE_SIZE 4096

static struct {
    const char *name;
    timing_key key;
    uint8_t private_bytes[FILE_SIZE], certificate[FILE_SIZE];
} keys[KEYS_MAX];

static hf_span load(uint8_t *out, const char *name, const char *ending)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s%s", HF_PKI_DIR, name, ending);
    FILE *file = fopen(path, "rb");
    timing_require(file != NULL, path);
    size_t size = fread(out, 1, FILE_SIZE, file);
    timing_require(size != 0 && size != FILE_SIZE, path);
    (void)fclose(file);
    return (hf_span){out, size};
}

static void hide(hf_span number)
{
    timing_secret((uint8_t *)(uintptr_t)number.data, number.size);
}

static void hide_private_numbers(const hf_private_key *key)
{
    if (key->type == HF_KEY_EC) {
        hide(key->u.ec.scalar);
    } else if (key->type == HF_KEY_DSA) {
        hide(key->u.dsa.exponent);
    } else {
        const hf_rsa_private *rsa = &key->u.rsa;
        const hf_span numbers[] = {rsa->private_exponent, rsa->prime1,    rsa->prime2,
                                   rsa->exponent1,        rsa->exponent2, rsa->coefficient};
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
            hide(numbers[i]);
    }
}

const timing_key *timing_key_of(const char *name)
{
    size_t i = 0;
    while (i < KEYS_MAX && keys[i].name != NULL && strcmp(keys[i].name, name) != 0)
        i++;
    timing_require(i < KEYS_MAX, "too many keys");
    timing_key *found = &keys[i].key;
    if (keys[i].name != NULL)
        return found;
    keys[i].name = name;
    hf_span der = load(keys[i].private_bytes, name, ".key.der");
    timing_require(hf_private_key_read(&found->key, der) == HF_OK, name);
    found->chain[0] = load(keys[i].certificate, name, ".der");
    found->credentials =
        (hf_credentials){.chain = found->chain, .chain_count = 1, .key = &found->key};
    hide_private_numbers(&found->key);
    return found;
}

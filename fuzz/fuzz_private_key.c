/* Private keys: hf_private_key_read. Whatever it takes must lie within the input. */
#include "fuzz/fuzz.h"

static void require_within(hf_span part, const uint8_t *data, size_t size)
{
    if (part.data < data || part.size > size || part.data > data + size - part.size) {
        __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_private_key key;
    if (hf_private_key_read(&key, (hf_span){data, size}) != HF_OK) {
        return 0;
    }
    if (key.type == HF_KEY_EC) {
        require_within(key.u.ec.scalar, data, size);
    } else {
        require_within(key.u.rsa.public_key.modulus, data, size);
        require_within(key.u.rsa.private_exponent, data, size);
        require_within(key.u.rsa.coefficient, data, size);
    }
    return 0;
}

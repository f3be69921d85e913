/* Private keys. Whatever is taken must lie within the input.
 *
 * covers: hf_private_key_read, private_key.c:read_any_form, private_key.c:read_rsa
 * covers: private_key.c:read_ec, private_key.c:read_dsa, private_key.c:read_dsa_pkcs8
 * covers: private_key.c:read_pkcs8
 * dictionary: der.dict */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_private_key key;
    const hf_span input = {data, size};
    if (hf_private_key_read(&key, input) != HF_OK)
        return 0;
    if (key.type == HF_KEY_EC) {
        fuzz_require(fuzz_is_within(key.u.ec.scalar, input));
#if HF_WITH_DSS
    } else if (key.type == HF_KEY_DSA) {
        fuzz_require(fuzz_is_within(key.u.dsa.public_key.prime, input));
        fuzz_require(fuzz_is_within(key.u.dsa.exponent, input));
#endif
    } else {
        fuzz_require(fuzz_is_within(key.u.rsa.public_key.modulus, input));
        fuzz_require(fuzz_is_within(key.u.rsa.private_exponent, input));
        fuzz_require(fuzz_is_within(key.u.rsa.coefficient, input));
    }
    return 0;
}

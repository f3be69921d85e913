#include "tests/timing/borders.h"

#include "tests/timing/timing.h"

#include "crypto_glue/constant_time.h"
#include "crypto_glue/rsa.h"

#include "tls/record/protection.h"
#include "tls/session/sessions.h"
#include "tls/wire/codes.h"

#include <string.h>
#include <tomcrypt.h>
#include <valgrind/memcheck.h>

void timing_secret(void *memory, size_t size)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
}

void timing_public(void *memory, size_t size)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(memory, size);
}

bool timing_is_secret(const void *memory, size_t size)
{
    const uint8_t *bytes = memory;
    for (size_t i = 0; i < size; i++) {
        uint8_t unknown = 0;
        if (VALGRIND_GET_VBITS(bytes + i, &unknown, 1) != 1 || unknown != 0xff)
            return false;
    }
    return size != 0;
}

static bool next_bytes(void *context, uint8_t *out, size_t size)
{
    uint64_t *state = context;
    for (size_t i = 0; i < size; i++) { /* xorshift64* */
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        out[i] = (uint8_t)((*state * UINT64_C(0x2545f4914f6cdd1d)) >> 56);
    }
    return true;
}

bool timing_secret_random(void *context, uint8_t *out, size_t size)
{
    (void)next_bytes(context, out, size);
    timing_secret(out, size);
    return true;
}

bool timing_handshake_random(void *context, uint8_t *out, size_t size)
{
    (void)next_bytes(context, out, size);
    if (size == HF_PREMASTER_SIZE)
        timing_secret(out, size);
    return true;
}

/* ---------------------------------------------------------------- big numbers */

static int (*read_number)(void *number, unsigned char *bytes, unsigned long size);

static int read_public_copy(void *number, unsigned char *bytes, unsigned long size)
{
    static unsigned char copy[4096];
    timing_require(size <= sizeof copy, "a number is longer than the copy");
    memcpy(copy, bytes, size);
    timing_public(copy, size);
    return read_number(number, copy, size);
}

void timing_guard_numbers(void)
{
    read_number = ltc_mp.unsigned_read;
    ltc_mp.unsigned_read = read_public_copy;
}

int real_write_secret(void *number, uint8_t *out,
                      size_t size) __asm__("__real_hf_number_write_secret");
int marked_write_secret(void *number, uint8_t *out,
                        size_t size) __asm__("__wrap_hf_number_write_secret");

int marked_write_secret(void *number, uint8_t *out, size_t size)
{
    int code = real_write_secret(number, out, size);

    if (code == CRYPT_OK)
        timing_secret(out, size + 1);
    return code;
}

hf_span real_strip(hf_span bytes) __asm__("__real_hf_number_strip");
hf_span counted_strip(hf_span bytes) __asm__("__wrap_hf_number_strip");

hf_span counted_strip(hf_span bytes)
{
    static uint8_t copy[4096];

    timing_require(bytes.size <= sizeof copy, "a number is longer than the copy");
    memcpy(copy, bytes.data, bytes.size);
    timing_public(copy, bytes.size);
    hf_span stripped = real_strip((hf_span){copy, bytes.size});
    size_t zeros = bytes.size - stripped.size;
    return (hf_span){bytes.data + zeros, stripped.size};
}

/* ---------------------------------------------------------------- verdicts */

bool real_mask_verdict(uint32_t mask) __asm__("__real_hf_mask_verdict");
bool public_mask_verdict(uint32_t mask) __asm__("__wrap_hf_mask_verdict");
bool real_equal(const uint8_t *a, const uint8_t *b,
                size_t size) __asm__("__real_hf_constant_time_equal");
bool public_equal(const uint8_t *a, const uint8_t *b,
                  size_t size) __asm__("__wrap_hf_constant_time_equal");

bool public_mask_verdict(uint32_t mask)
{
    bool verdict = real_mask_verdict(mask);

    timing_public(&verdict, sizeof verdict);
    return verdict;
}

bool public_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    bool verdict = real_equal(a, b, size);

    timing_public(&verdict, sizeof verdict);
    return verdict;
}

/* ---------------------------------------------------------------- records and sessions */

hf_error real_open_cbc(hf_protection *p, hf_record_id *id, uint8_t *fragment, size_t fragment_size,
                       size_t *size) __asm__("__real_hf_open_cbc");
hf_error sized_open_cbc(hf_protection *p, hf_record_id *id, uint8_t *fragment, size_t fragment_size,
                        size_t *size) __asm__("__wrap_hf_open_cbc");

hf_error sized_open_cbc(hf_protection *p, hf_record_id *id, uint8_t *fragment, size_t fragment_size,
                        size_t *size)
{
    hf_error error = real_open_cbc(p, id, fragment, fragment_size, size);

    if (error == HF_OK)
        timing_public(size, sizeof *size);
    return error;
}

hf_error real_open(hf_protection *p, uint8_t type, uint16_t version, uint8_t *fragment,
                   size_t fragment_size, size_t *size) __asm__("__real_hf_protection_open");
hf_error parsed_open(hf_protection *p, uint8_t type, uint16_t version, uint8_t *fragment,
                     size_t fragment_size, size_t *size) __asm__("__wrap_hf_protection_open");

hf_error parsed_open(hf_protection *p, uint8_t type, uint16_t version, uint8_t *fragment,
                     size_t fragment_size, size_t *size)
{
    hf_error error = real_open(p, type, version, fragment, fragment_size, size);

    if (error == HF_OK && type != HF_CONTENT_APPLICATION_DATA)
        timing_public(fragment + hf_protection_prefix(p), *size);
    return error;
}

bool real_state_read(hf_session_state *state,
                     hf_span bytes) __asm__("__real_hf_session_state_read");
bool parsed_state_read(hf_session_state *state,
                       hf_span bytes) __asm__("__wrap_hf_session_state_read");

/* A byte of format stands before the master secret. */
bool parsed_state_read(hf_session_state *state, hf_span bytes)
{
    uint8_t *first = (uint8_t *)(uintptr_t)bytes.data;
    size_t begin = 1, end = begin + sizeof state->master_secret;

    timing_public(first, begin);
    timing_public(first + end, bytes.size - end);
    return real_state_read(state, bytes);
}

/* Opens CBC records under callgrind and has the instructions of each written to a file of its own;
 * cbc_instructions.sh runs it and compares. */
#include "tests/timing/records.h"
#include "tests/timing/timing.h"

#include "crypto_glue/init.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#define RECORD_SIZE 304

static const char *const damage_names[] = {"right", "padding", "mac", "length"};

static const record_kind kinds[] = {
    {"tls1.0-aes-sha1", 0x002f, HF_TLS1_0, false, false},
    {"tls1.2-aes-sha1", 0x0035, HF_TLS1_2, false, false},
    {"tls1.2-3des-sha1", 0x000a, HF_TLS1_2, false, false},
    {"tls1.2-aes-sha256", 0x003c, HF_TLS1_2, false, false},
    {"tls1.2-aes-sha384", 0xc024, HF_TLS1_2, false, false},
    {"tls1.2-aes-truncated", 0x002f, HF_TLS1_2, false, true},
};

/* What hf_open_cbc takes care not to be: looks at the padding first, and takes the MAC of as much
 * as is left. */
static hf_error open_carelessly(hf_protection *p, hf_record_id *id, uint8_t *fragment,
                                size_t fragment_size, size_t *size)
{
    size_t prefix = hf_protection_prefix(p), end = fragment_size - prefix;
    uint8_t *data = fragment + prefix, mac[HF_HASH_SIZE_MAX];

    memcpy(p->iv, fragment, prefix);
    timing_require(hf_cbc_decrypt(&p->u.cbc, p->iv, data, end) == HF_CRYPTO_OK, "CBC fails");
    size_t padding = data[end - 1];
    for (size_t i = 0; i <= padding; i++) {
        if (data[end - 1 - i] != padding)
            return HF_ERROR_BAD_RECORD_MAC;
    }
    *size = end - padding - 1 - p->mac_size;
    hf_record_id_set_size(id, *size);
    hf_record_mac(p, id, data, *size, mac);
    return memcmp(mac, data + *size, p->mac_size) == 0 ? HF_OK : HF_ERROR_BAD_RECORD_MAC;
}

typedef hf_error open_function(hf_protection *p, hf_record_id *id, uint8_t *fragment,
                               size_t fragment_size, size_t *size);

static void count(const record_kind *kind, const char *name, open_function *open, size_t padding,
                  damage what)
{
    static uint8_t fragment[16 + RECORD_SIZE];
    char label[80];
    hf_protection p;
    size_t size = 0, fragment_size = timing_record(kind, RECORD_SIZE, padding, what, fragment);

    timing_record_begin(kind, &timing_keys, &p);
    hf_record_id id = timing_record_id(kind, &p);
    (void)snprintf(label, sizeof label, "%s %s %zu", name, damage_names[what], padding);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    hf_error error = open(&p, &id, fragment, fragment_size, &size);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_DUMP_STATS_AT(label);
    timing_require(error == (what == DAMAGE_NONE ? HF_OK : HF_ERROR_BAD_RECORD_MAC),
                   "opened or refused by mistake");
}

static void count_all(const record_kind *kind, const char *name, open_function *open, size_t step)
{
    for (size_t padding = 0; padding < 256; padding += step)
        for (int what = DAMAGE_NONE; what <= DAMAGE_LENGTH; what++)
            count(kind, name, open, padding, (damage)what);
}

int main(void)
{
    timing_require(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init failed");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        count_all(&kinds[i], kinds[i].name, hf_open_cbc, 1);
    count_all(&kinds[0], "careless", open_carelessly, 15);
    return EXIT_SUCCESS;
}

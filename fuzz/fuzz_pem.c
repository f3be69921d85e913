/* The files that the command reads certificates, revocation lists and private keys from.
 *
 * The input is such a file. What has been read out of it and is written as PEM again must be read
 * as the same.
 *
 * covers: pem_take_certificates, pem_take_crls, pem_take_key, der_list_free, pem_free_key
 * dictionary: pem.dict */
#include "fuzz/fuzz.h"

#include "tools/pem.h"
#include "tools/tools.h"

#include <mbedtls/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX  65536
#define BLOCK_MAX (2 * FILE_MAX)

typedef bool take_function(const char *path, const uint8_t *bytes, size_t size,
                           struct der_list *list);

/* What the command has in main.c. Nobody reads the complaints. */
void complain(const char *format, ...)
{
    fuzz_require(strlen(format) != 0);
}

void *must_allocate(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size != 0 ? size : 1);
    fuzz_require(memory != NULL);
    return memory;
}

static void check_item(take_function *take, const char *label, hf_span item)
{
    static uint8_t block[BLOCK_MAX];
    char begin[64], end[64];
    struct der_list again = {NULL, 0};
    size_t size = 0;
    (void)snprintf(begin, sizeof begin, "-----BEGIN %s-----\n", label);
    (void)snprintf(end, sizeof end, "-----END %s-----\n", label);
    fuzz_require(mbedtls_pem_write_buffer(begin, end, item.data, item.size, block, sizeof block,
                                          &size) == 0);
    fuzz_require(take("again", block, size, &again) && again.count == 1);
    fuzz_require(again.items[0].size == item.size &&
                 memcmp(again.items[0].data, item.data, item.size) == 0);
    der_list_free(&again);
}

static void take_list(take_function *take, const char *label, const uint8_t *text, size_t size)
{
    struct der_list list = {NULL, 0};
    bool is_good = take("input", text, size, &list);
    fuzz_require(!is_good || list.count != 0);
    for (size_t i = 0; i < list.count; i++)
        check_item(take, label, list.items[i]);
    der_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > FILE_MAX)
        return 0;
    uint8_t *text = must_allocate(size + 1, 1); /* as file_read gives it */
    hf_span key = {NULL, 0};
    if (size != 0)
        memcpy(text, data, size);
    take_list(pem_take_certificates, "CERTIFICATE", text, size);
    take_list(pem_take_crls, "X509 CRL", text, size);
    fuzz_require(pem_take_key("input", text, size, &key) == (key.data != NULL));
    pem_free_key(&key);
    free(text);
    return 0;
}

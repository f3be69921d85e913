#include "tools/pem.h"

#include "crypto_glue/constant_time.h"
#include "tools/file.h"
#include "tools/tools.h"

#include <mbedtls/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DER_SEQUENCE 0x30

static hf_span copy(const uint8_t *data, size_t size)
{
    uint8_t *bytes = must_allocate(size, 1);
    memcpy(bytes, data, size);
    return (hf_span){bytes, size};
}

static void append(struct der_list *list, hf_span item)
{
    hf_span *items = must_allocate(list->count + 1, sizeof *items);
    for (size_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    free(list->items);
    items[list->count++] = item;
    list->items = items;
}

/* Takes the next PEM block with this label; `used` is how far it reaches. Returns mbedtls's
 * result. */
static int read_block(const char *label, const char *text, hf_span *der, size_t *used)
{
    char begin[64], end[64];
    snprintf(begin, sizeof begin, "-----BEGIN %s-----", label);
    snprintf(end, sizeof end, "-----END %s-----", label);
    mbedtls_pem_context block;
    mbedtls_pem_init(&block);
    int result = mbedtls_pem_read_buffer(&block, begin, end, (const uint8_t *)text, NULL, 0, used);
    if (result == 0 && block.buflen == 0) /* such as of half a group of base64 */
        result = MBEDTLS_ERR_PEM_INVALID_DATA;
    if (result == 0)
        *der = copy(block.buf, block.buflen);
    mbedtls_pem_free(&block); /* wipes */
    return result;
}

/* What a file may be made of. */
struct kind {
    const char *label, *name;
};

static bool append_blocks(const struct kind *kind, const char *path, const char *text,
                          struct der_list *list)
{
    size_t before = list->count;
    for (;;) {
        hf_span der;
        size_t used = 0;
        int result = read_block(kind->label, text, &der, &used);
        if (result == MBEDTLS_ERR_PEM_NO_HEADER_FOOTER_PRESENT)
            break;
        if (result != 0) {
            complain("%s: %s %zu is not valid PEM", path, kind->name, list->count - before + 1);
            return false;
        }
        append(list, der);
        text += used;
    }
    if (list->count == before)
        complain("%s: no %s in it", path, kind->name);
    return list->count > before;
}

static const struct kind certificate = {"CERTIFICATE", "certificate"};
static const struct kind crl = {"X509 CRL", "revocation list"};

static bool take_list(const struct kind *kind, const char *path, const uint8_t *bytes, size_t size,
                      struct der_list *list)
{
    if (bytes[0] != DER_SEQUENCE)
        return append_blocks(kind, path, (const char *)bytes, list);
    append(list, copy(bytes, size));
    return true;
}

static bool read_list(const struct kind *kind, const char *path, struct der_list *list)
{
    size_t size;
    uint8_t *bytes = file_read(path, &size);
    bool good = bytes && take_list(kind, path, bytes, size, list);
    free(bytes);
    return good;
}

bool pem_take_certificates(const char *path, const uint8_t *bytes, size_t size,
                           struct der_list *list)
{
    return take_list(&certificate, path, bytes, size, list);
}

bool pem_take_crls(const char *path, const uint8_t *bytes, size_t size, struct der_list *list)
{
    return take_list(&crl, path, bytes, size, list);
}

bool pem_read_certificates(const char *path, struct der_list *list)
{
    return read_list(&certificate, path, list);
}

bool pem_read_crls(const char *path, struct der_list *list)
{
    return read_list(&crl, path, list);
}

void der_list_free(struct der_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((uint8_t *)list->items[i].data);
    free(list->items);
    *list = (struct der_list){NULL, 0};
}

/* The key block that begins first, whatever its form. */
static const char *first_key_label(const char *text)
{
    static const char *const labels[] = {"PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY",
                                         "DSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"};
    const char *label = NULL, *first = NULL;
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        char begin[64];
        snprintf(begin, sizeof begin, "-----BEGIN %s-----", labels[i]);
        const char *at = strstr(text, begin);
        if (at && (!first || at < first)) {
            first = at;
            label = labels[i];
        }
    }
    return label;
}

/* NULL, or what is wrong with the file. */
static const char *read_key_text(const char *text, hf_span *der)
{
    static const char encrypted[] =
        "the private key is encrypted with a password; give it in the clear";
    const char *label = first_key_label(text);
    if (!label)
        return "no private key in it";
    if (strcmp(label, "ENCRYPTED PRIVATE KEY") == 0)
        return encrypted;
    size_t used;
    switch (read_block(label, text, der, &used)) {
    case 0:
        return NULL;
    case MBEDTLS_ERR_PEM_PASSWORD_REQUIRED: /* the headers of RFC 1421 4.6 */
    case MBEDTLS_ERR_PEM_UNKNOWN_ENC_ALG:
    case MBEDTLS_ERR_PEM_FEATURE_UNAVAILABLE:
        return encrypted;
    default:
        return "the private key is not valid PEM";
    }
}

bool pem_take_key(const char *path, const uint8_t *bytes, size_t size, hf_span *der)
{
    const char *problem = NULL;
    if (bytes[0] == DER_SEQUENCE)
        *der = copy(bytes, size);
    else
        problem = read_key_text((const char *)bytes, der);
    if (problem)
        complain("%s: %s", path, problem);
    return !problem;
}

bool pem_read_key(const char *path, hf_span *der)
{
    size_t size;
    uint8_t *bytes = file_read(path, &size);
    if (!bytes)
        return false;
    bool good = pem_take_key(path, bytes, size, der);
    hf_wipe(bytes, size);
    free(bytes);
    return good;
}

void pem_free_key(hf_span *der)
{
    if (der->data) {
        hf_wipe((uint8_t *)der->data, der->size);
        free((uint8_t *)der->data);
    }
    *der = (hf_span){NULL, 0};
}

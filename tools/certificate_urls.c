#include "tools/certificate_urls.h"

#include "tools/file.h"
#include "tools/tools.h"

#include "crypto_glue/hash.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PKIPATH_ENDING ".pkipath"
#define NAME_MAX_SIZE  100

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), ending_size = strlen(ending);
    return size >= ending_size && strcmp(text + size - ending_size, ending) == 0;
}

/* A DER header of a SEQUENCE; returns its size. */
static size_t put_header(uint8_t header[5], size_t size)
{
    if (size < 0x80) {
        header[0] = 0x30;
        header[1] = (uint8_t)size;
        return 2;
    }
    size_t octets = size > 0xffff ? 3 : size > 0xff ? 2 : 1;
    header[0] = 0x30;
    header[1] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        header[2 + i] = (uint8_t)(size >> 8 * (octets - 1 - i));
    return 2 + octets;
}

/* SHA-1 of the PkiPath: the chain from its end. */
static void hash_pkipath(const hf_credentials *credentials, uint8_t sha1[HF_URL_HASH_SIZE])
{
    uint8_t header[5];
    hf_hash hash;
    size_t total = 0;
    for (size_t i = 0; i < credentials->chain_count; i++)
        total += credentials->chain[i].size;
    hf_hash_init(&hash, HF_HASH_SHA1);
    hf_hash_update(&hash, header, put_header(header, total));
    for (size_t i = credentials->chain_count; i-- > 0;)
        hf_hash_update(&hash, credentials->chain[i].data, credentials->chain[i].size);
    (void)hf_hash_final(&hash, sha1);
}

bool certificate_urls_set(struct identity_list *identities, char *const *urls, size_t count)
{
    hf_credentials *credentials = &identities->credentials[0];
    bool is_pkipath = ends_with(urls[0], PKIPATH_ENDING);
    if (count > credentials->chain_count || (is_pkipath && count != 1)) {
        complain("--cert-url: one URL for each certificate, or one that ends in " PKIPATH_ENDING);
        return false;
    }
    hf_certificate_url *list = must_allocate(count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i].url = (hf_span){(const uint8_t *)urls[i], strlen(urls[i])};
        if (!is_pkipath)
            (void)hf_hash_digest(HF_HASH_SHA1, credentials->chain[i], list[i].sha1);
    }
    if (is_pkipath)
        hash_pkipath(credentials, list[0].sha1);
    identities->items[0]->urls = list;
    credentials->urls = list;
    credentials->url_count = count;
    credentials->url_type = is_pkipath ? HF_URLS_OF_PKIPATH : HF_URLS_OF_CERTIFICATES;
    return true;
}

/* The part behind the last slash, if it is a plain name. */
static bool take_name(char name[NAME_MAX_SIZE + 1], hf_span url)
{
    size_t size = 0;
    while (size < url.size && url.data[url.size - 1 - size] != '/')
        size++;
    const uint8_t *start = url.data + url.size - size;
    if (size == 0 || size > NAME_MAX_SIZE || start[0] == '.')
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum(start[i]) && strchr("._-", start[i]) == NULL)
            return false;
    memcpy(name, start, size);
    name[size] = '\0';
    return true;
}

uint8_t *certificate_url_fetch(const char *folder, hf_span url, size_t *size)
{
    char name[NAME_MAX_SIZE + 1];
    if (!folder || !take_name(name, url))
        return NULL;
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    return length > 0 && (size_t)length < sizeof path ? file_read(path, size) : NULL;
}

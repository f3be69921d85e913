#include "tools/identity.h"

#include "tools/tools.h"

#include <stdlib.h>

static bool check(const struct identity *identity, const char *certificate_path,
                  const char *key_path)
{
    hf_certificate leaf;
    hf_error error = hf_certificate_read(&leaf, identity->chain.items[0]);
    if (error != HF_OK) {
        complain("%s: %s", certificate_path, hf_reason_of(error)->sentence);
        return false;
    }
    bool matches = false;
    error = hf_private_key_matches(&identity->key, &leaf.public_key, &matches);
    if (error != HF_OK) {
        complain("%s: %s", key_path, hf_reason_of(error)->sentence);
        return false;
    }
    if (!matches)
        complain("%s is not the key of the certificate in %s", key_path, certificate_path);
    return matches;
}

static bool load(struct identity *identity, const char *certificate_path, const char *key_path)
{
    if (!pem_read_certificates(certificate_path, &identity->chain) ||
        !pem_read_key(key_path, &identity->key_der))
        return false;
    hf_error error = hf_private_key_read(&identity->key, identity->key_der);
    if (error != HF_OK) {
        complain("%s: %s", key_path, hf_reason_of(error)->sentence);
        return false;
    }
    identity->credentials = (hf_credentials){.chain = identity->chain.items,
                                             .chain_count = identity->chain.count,
                                             .key = &identity->key};
    return check(identity, certificate_path, key_path);
}

struct identity *identity_load(const char *certificate_path, const char *key_path)
{
    struct identity *identity = must_allocate(1, sizeof *identity);
    if (load(identity, certificate_path, key_path))
        return identity;
    identity_free(identity);
    return NULL;
}

void identity_free(struct identity *identity)
{
    der_list_free(&identity->chain);
    pem_free_key(&identity->key_der);
    free(identity->urls);
    free(identity);
}

bool identity_list_add(struct identity_list *list, const char *certificate_path,
                       const char *key_path)
{
    struct identity *identity = identity_load(certificate_path, key_path);
    if (!identity)
        return false;
    list->credentials[list->count] = identity->credentials;
    list->items[list->count++] = identity;
    return true;
}

void identity_list_free(struct identity_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        identity_free(list->items[i]);
    list->count = 0;
}

bool anchor_list_read(struct anchor_list *list, const char *path)
{
    if (!pem_read_certificates(path, &list->certificates))
        return false;
    list->count = list->certificates.count;
    list->items = must_allocate(list->count, sizeof *list->items);
    for (size_t i = 0; i < list->count; i++)
        list->items[i].certificate = list->certificates.items[i];
    return true;
}

void anchor_list_free(struct anchor_list *list)
{
    free(list->items);
    der_list_free(&list->certificates);
    list->count = 0;
}

static bool check_crl(const char *path, hf_span der)
{
    switch (hf_crl_kind_of(der)) {
    case HF_CRL_MALFORMED:
        complain("%s: not a revocation list of version 2 (RFC 5280 5)", path);
        return false;
    case HF_CRL_DELTA:
        complain("WARNING: %s: a delta list decides nothing here", path);
        return true;
    case HF_CRL_INDIRECT:
        complain("WARNING: %s: an indirect list decides nothing here", path);
        return true;
    case HF_CRL_COMPLETE:
        return true;
    }
    return false;
}

bool crl_files_read(struct crl_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        size_t before = files->lists.count;
        if (!pem_read_crls(files->paths[i], &files->lists))
            return false;
        for (size_t j = before; j < files->lists.count; j++)
            if (!check_crl(files->paths[i], files->lists.items[j]))
                return false;
    }
    return true;
}

void crl_files_free(struct crl_files *files)
{
    der_list_free(&files->lists);
}

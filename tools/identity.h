/* Certificates from files as the library takes them: trust anchors, chains with their keys, and
 * revocation lists. */
#ifndef TOOLS_IDENTITY_H
#define TOOLS_IDENTITY_H

#include "tools/pem.h"

#include <handfast/config.h>

struct identity {
    hf_credentials credentials; /* points into the rest; the object must not move */
    hf_private_key key;
    struct der_list chain;
    hf_span key_der;
    hf_certificate_url *urls; /* certificate_urls.h */
};

/* NULL after a complaint. */
struct identity *identity_load(const char *certificate_path, const char *key_path);
void identity_free(struct identity *identity);

#define IDENTITIES_MAX 8

/* Identities of one end of a connection, as a list for hf_config or hf_binding. */
struct identity_list {
    hf_credentials credentials[IDENTITIES_MAX];
    struct identity *items[IDENTITIES_MAX]; /* what they point into */
    size_t count;
};

/* Loads one more, of which there must be room. False after a complaint. */
bool identity_list_add(struct identity_list *list, const char *certificate_path,
                       const char *key_path);
void identity_list_free(struct identity_list *list);

/* Every certificate of a file as a trust anchor. */
struct anchor_list {
    hf_trust_anchor *items;
    size_t count;
    struct der_list certificates; /* what they point into */
};

/* False after a complaint; the list is to be freed all the same. */
bool anchor_list_read(struct anchor_list *list, const char *path);
void anchor_list_free(struct anchor_list *list);

#define CRL_FILES_MAX 64

/* The files of --crl, and what is in them. */
struct crl_files {
    const char *paths[CRL_FILES_MAX];
    size_t count;
    struct der_list lists;
};

/* False after a complaint; to be freed all the same. Lists that are not used (hf_crl_kind) are told
 * of. */
bool crl_files_read(struct crl_files *files);
void crl_files_free(struct crl_files *files);

#endif

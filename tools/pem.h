/* Certificates, revocation lists and private keys from files, in PEM (RFC 7468) or plain DER. */
#ifndef TOOLS_PEM_H
#define TOOLS_PEM_H

#include <handfast/types.h>

/* DER values, each in memory of its own. */
struct der_list {
    hf_span *items;
    size_t count;
};

/* Appends every certificate of a file, at least one. False after a complaint. */
bool pem_read_certificates(const char *path, struct der_list *list);
/* The same with revocation lists, "X509 CRL" in PEM. */
bool pem_read_crls(const char *path, struct der_list *list);
void der_list_free(struct der_list *list);

/* The same with what a file holds, a zero after its last byte (file_read). `path` is for
 * complaints. */
bool pem_take_certificates(const char *path, const uint8_t *bytes, size_t size,
                           struct der_list *list);
bool pem_take_crls(const char *path, const uint8_t *bytes, size_t size, struct der_list *list);

/* The first private key of a file. False after a complaint, such as that it is encrypted. */
bool pem_read_key(const char *path, hf_span *der);
bool pem_take_key(const char *path, const uint8_t *bytes, size_t size, hf_span *der);
/* Wipes and frees what these gave. */
void pem_free_key(hf_span *der);

#endif

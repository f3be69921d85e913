/* Certificates and keys of PEM files, as BearSSL wants them. What is read is kept to the end. */
#ifndef HF_TESTS_INTEROP_BEARSSL_FILES_H
#define HF_TESTS_INTEROP_BEARSSL_FILES_H

#include <bearssl.h>
#include <stdbool.h>
#include <stddef.h>

enum { FILES_CERTIFICATES_MAX = 8 };

/* All certificates of a file; the number, 0 if there is none. */
size_t files_chain(const char *path, br_x509_certificate chain[FILES_CERTIFICATES_MAX]);

/* The same as trust anchors. */
size_t files_anchors(const char *path, br_x509_trust_anchor anchors[FILES_CERTIFICATES_MAX]);

bool files_key(const char *path, br_skey_decoder_context *key);

#endif

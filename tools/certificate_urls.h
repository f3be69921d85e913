/* Certificates behind URLs (RFC 6066 5): what a client says, what a server fetches. */
#ifndef TOOLS_CERTIFICATE_URLS_H
#define TOOLS_CERTIFICATE_URLS_H

#include "tools/identity.h"

/* Makes the first identity be shown by URLs: one that ends in ".pkipath" stands for the whole
 * chain, any others for its certificates, leaf first. False after a complaint. */
bool certificate_urls_set(struct identity_list *list, char *const *urls, size_t count);

/* The file of a folder that a URL's last part names, for free(); NULL if there is none, or the name
 * could lead elsewhere. No URL is ever followed: who could make a server do that could make it
 * call whom he likes. */
uint8_t *certificate_url_fetch(const char *folder, hf_span url, size_t *size);

#endif

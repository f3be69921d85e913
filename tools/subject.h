/* The names in a certificate. */
#ifndef TOOLS_SUBJECT_H
#define TOOLS_SUBJECT_H

#include <handfast/types.h>

/* The DNS names in a certificate's subjectAltName, by position, as views; false past the last. */
bool subject_dns_name(hf_span subject_alt_name, size_t index, hf_span *name);

/* The DER of a Name in the form of RFC 4514, such as "CN=client.example,O=Example", in visible
 * ASCII and cut off where the capacity ends. */
void subject_text(char *text, size_t capacity, hf_span name);

#endif

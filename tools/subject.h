/* The name in a certificate as text. */
#ifndef TOOLS_SUBJECT_H
#define TOOLS_SUBJECT_H

#include <handfast/types.h>

/* The DER of a Name in the form of RFC 4514, such as "CN=client.example,O=Example", in visible
 * ASCII and cut off where the capacity ends. */
void subject_text(char *text, size_t capacity, hf_span name);

#endif

/* OBJECT IDENTIFIERs as text. */
#ifndef TOOLS_DISSECT_OIDS_H
#define TOOLS_DISSECT_OIDS_H

#include <handfast/types.h>

#define OID_TEXT_MAX 128

/* "1.2.840.113549.1.1.11"; cut off where it does not fit. `oid` are content octets. */
void oid_dotted(char text[OID_TEXT_MAX], hf_span oid);
/* What its RFC calls an algorithm, a curve, a key purpose, an extension or an access method of
 * certificates; NULL: not known. */
const char *oid_name(hf_span oid);

#endif

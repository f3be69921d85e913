/* Types that every other header uses. */
#ifndef HANDFAST_TYPES_H
#define HANDFAST_TYPES_H

#include "crypto_glue/types.h"

#include <handfast/build.h>

typedef enum hf_role { HF_CLIENT, HF_SERVER } hf_role;

/* ProtocolVersion as it stands on the wire (RFC 5246 6.2.1). */
#define HF_TLS1_0 0x0301
#define HF_TLS1_1 0x0302
#define HF_TLS1_2 0x0303

/* A span of a string literal, without its terminating zero. */
#define HF_SPAN_LITERAL(text) ((hf_span){(const uint8_t *)(text), sizeof(text) - 1})

#endif

/* A cursor over bytes received. Every take checks what is left; the first take that does not fit
 * sets `failed`, and from then on all takes give zeroes and empty spans. So a message is read in
 * straight lines and asked once, at its end, with hf_reader_done. */
#ifndef HF_WIRE_READER_H
#define HF_WIRE_READER_H

#include <handfast/types.h>

typedef struct hf_reader {
    const uint8_t *data;
    size_t size;
    size_t position;
    bool failed;
} hf_reader;

static inline hf_reader hf_reader_of(hf_span span)
{
    return (hf_reader){span.data, span.size, 0, false};
}

static inline size_t hf_reader_left(const hf_reader *r)
{
    return r->size - r->position;
}

/* All bytes were used and none was missing (RFC 3546 2.1: anything else is a decode_error). */
static inline bool hf_reader_done(const hf_reader *r)
{
    return !r->failed && r->position == r->size;
}

hf_span hf_read_bytes(hf_reader *r, size_t size);
uint8_t hf_read_u8(hf_reader *r);
uint16_t hf_read_u16(hf_reader *r);

/* A vector opaque<minimum..maximum> of the presentation language (RFC 5246 4.3), its length in
 * one, two or three bytes. A length outside the limits fails like one that does not fit. */
hf_span hf_read_vector8(hf_reader *r, size_t minimum, size_t maximum);
hf_span hf_read_vector16(hf_reader *r, size_t minimum, size_t maximum);
hf_span hf_read_vector24(hf_reader *r, size_t minimum, size_t maximum);

/* A list of 16-bit code points <minimum..maximum> in bytes: an odd length fails. */
hf_span hf_read_codes16(hf_reader *r, size_t minimum, size_t maximum);

/* Whether a list as returned by hf_read_codes16 has a code. */
bool hf_codes_have(hf_span codes, uint16_t code);

#endif

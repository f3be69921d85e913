/* A cursor over a buffer to fill: the mirror image of hf_reader, with the same sticky error. */
#ifndef HF_WIRE_WRITER_H
#define HF_WIRE_WRITER_H

#include <handfast/types.h>

typedef struct hf_writer {
    uint8_t *data;
    size_t size;
    size_t position;
    bool failed;
} hf_writer;

static inline hf_writer hf_writer_of(uint8_t *data, size_t size)
{
    return (hf_writer){data, size, 0, false};
}

/* Room for `size` bytes to be filled in by the caller, or NULL. */
uint8_t *hf_write_space(hf_writer *w, size_t size);
void hf_write_bytes(hf_writer *w, hf_span bytes);
void hf_write_u8(hf_writer *w, uint8_t value);
void hf_write_u16(hf_writer *w, uint16_t value);
void hf_write_u24(hf_writer *w, uint32_t value);

/* A vector whose length is known only once it has been written: begin leaves `width` bytes (1 to
 * 3) for it and returns where they are, end fills them in. */
size_t hf_write_vector_begin(hf_writer *w, size_t width);
void hf_write_vector_end(hf_writer *w, size_t begin, size_t width);
/* Both at once for bytes that are there. */
void hf_write_vector(hf_writer *w, hf_span bytes, size_t width);

#endif

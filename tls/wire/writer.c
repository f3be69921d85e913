#include "tls/wire/writer.h"

#include <string.h>

uint8_t *hf_write_space(hf_writer *w, size_t size)
{
    if (w->failed || size > w->size - w->position) {
        w->failed = true;
        return NULL;
    }
    w->position += size;
    return w->data + w->position - size;
}

void hf_write_bytes(hf_writer *w, hf_span bytes)
{
    uint8_t *space = hf_write_space(w, bytes.size);
    if (space != NULL && bytes.size != 0)
        memcpy(space, bytes.data, bytes.size);
}

static void put_number(uint8_t *out, uint32_t value, size_t width)
{
    for (size_t i = width; i-- > 0; value >>= 8)
        out[i] = (uint8_t)value;
}

static void write_number(hf_writer *w, uint32_t value, size_t width)
{
    uint8_t *space = hf_write_space(w, width);
    if (space != NULL)
        put_number(space, value, width);
}

void hf_write_u8(hf_writer *w, uint8_t value)
{
    write_number(w, value, 1);
}

void hf_write_u16(hf_writer *w, uint16_t value)
{
    write_number(w, value, 2);
}

void hf_write_u24(hf_writer *w, uint32_t value)
{
    write_number(w, value, 3);
}

size_t hf_write_vector_begin(hf_writer *w, size_t width)
{
    size_t begin = w->position;
    (void)hf_write_space(w, width);
    return begin;
}

void hf_write_vector_end(hf_writer *w, size_t begin, size_t width)
{
    if (w->failed)
        return;
    size_t size = w->position - begin - width;
    if (size >> (8 * width) != 0) {
        w->failed = true;
        return;
    }
    put_number(w->data + begin, (uint32_t)size, width);
}

void hf_write_vector(hf_writer *w, hf_span bytes, size_t width)
{
    size_t begin = hf_write_vector_begin(w, width);
    hf_write_bytes(w, bytes);
    hf_write_vector_end(w, begin, width);
}

#include "tls/wire/reader.h"

hf_span hf_read_bytes(hf_reader *r, size_t size)
{
    hf_span taken = {r->data, 0};
    if (r->failed || size > hf_reader_left(r)) {
        r->failed = true;
        return taken;
    }
    taken = (hf_span){r->data + r->position, size};
    r->position += size;
    return taken;
}

static uint32_t read_number(hf_reader *r, size_t width)
{
    hf_span bytes = hf_read_bytes(r, width);
    uint32_t value = 0;
    for (size_t i = 0; i < bytes.size; i++)
        value = value << 8 | bytes.data[i];
    return value;
}

uint8_t hf_read_u8(hf_reader *r)
{
    return (uint8_t)read_number(r, 1);
}

uint16_t hf_read_u16(hf_reader *r)
{
    return (uint16_t)read_number(r, 2);
}

static hf_span read_vector(hf_reader *r, size_t width, size_t minimum, size_t maximum)
{
    size_t size = read_number(r, width);
    if (size < minimum || size > maximum)
        r->failed = true;
    return hf_read_bytes(r, size);
}

hf_span hf_read_vector8(hf_reader *r, size_t minimum, size_t maximum)
{
    return read_vector(r, 1, minimum, maximum);
}

hf_span hf_read_vector16(hf_reader *r, size_t minimum, size_t maximum)
{
    return read_vector(r, 2, minimum, maximum);
}

hf_span hf_read_vector24(hf_reader *r, size_t minimum, size_t maximum)
{
    return read_vector(r, 3, minimum, maximum);
}

hf_span hf_read_codes16(hf_reader *r, size_t minimum, size_t maximum)
{
    hf_span codes = hf_read_vector16(r, minimum, maximum);
    if (codes.size % 2 != 0)
        r->failed = true;
    return codes;
}

bool hf_codes_have(hf_span codes, uint16_t code)
{
    for (size_t i = 0; i + 1 < codes.size; i += 2)
        if ((codes.data[i] << 8 | codes.data[i + 1]) == code)
            return true;
    return false;
}

/* hf_reader and hf_writer: vectors of the presentation language (RFC 5246 4.3), bounds, the sticky
 * error. */
#include "tls/wire/wire.h"

#include <criterion/criterion.h>
#include <string.h>

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static hf_reader reader(size_t size)
{
    return hf_reader_of((hf_span){bytes, size});
}

Test(reader, numbers)
{
    hf_reader r = reader(6);
    cr_assert_eq(hf_read_u8(&r), 0x01);
    cr_assert_eq(hf_read_u16(&r), 0x0203);
    cr_assert_eq(hf_reader_left(&r), 3);
    cr_assert_not(hf_reader_done(&r));
    cr_assert_eq(hf_read_u16(&r), 0x0405);
    cr_assert_eq(hf_read_u8(&r), 0x06);
    cr_assert(hf_reader_done(&r));
}

Test(reader, numbers_past_the_end)
{
    hf_reader r = reader(1);
    cr_assert_eq(hf_read_u16(&r), 0);
    cr_assert(r.failed);
    cr_assert_eq(r.position, 0, "a failed take must not move");
    r = reader(0);
    cr_assert_eq(hf_read_u8(&r), 0);
    cr_assert(r.failed);
}

/* Once failed nothing is taken any more, though it would fit. */
Test(reader, error_is_sticky)
{
    hf_reader r = reader(4);
    cr_assert_eq(hf_read_bytes(&r, 5).size, 0);
    cr_assert(r.failed);
    cr_assert_eq(hf_read_u8(&r), 0);
    cr_assert_eq(hf_read_u16(&r), 0);
    cr_assert_eq(hf_read_bytes(&r, 1).size, 0);
    cr_assert_eq(hf_read_vector8(&r, 0, 255).size, 0);
    cr_assert_eq(hf_read_codes16(&r, 0, 0xfffe).size, 0);
    cr_assert_not(hf_reader_done(&r));
}

Test(reader, bytes_are_views)
{
    hf_reader r = reader(10);
    hf_span first = hf_read_bytes(&r, 0), second = hf_read_bytes(&r, 10);
    cr_assert_eq(first.size, 0);
    cr_assert_eq(second.data, bytes);
    cr_assert_eq(second.size, 10);
    cr_assert_eq(hf_read_bytes(&r, 0).size, 0);
    cr_assert(hf_reader_done(&r));
    cr_assert_eq(hf_read_bytes(&r, SIZE_MAX).size, 0);
    cr_assert(r.failed);
}

typedef hf_span (*read_vector)(hf_reader *, size_t, size_t);

/* Each length from none to more than there is, against each pair of limits. */
static void check_vectors(read_vector read, size_t width)
{
    uint8_t data[3 + 8];
    for (size_t length = 0; length < 12; length++) {
        memset(data, 0, sizeof data);
        data[width - 1] = (uint8_t)length;
        for (size_t minimum = 0; minimum < 10; minimum++) {
            for (size_t maximum = minimum; maximum < 12; maximum++) {
                hf_reader r = hf_reader_of((hf_span){data, width + 8});
                hf_span got = read(&r, minimum, maximum);
                bool good = length >= minimum && length <= maximum && length <= 8;
                cr_assert_eq(r.failed, !good);
                cr_assert_eq(got.size, good ? length : 0);
                if (good)
                    cr_assert_eq(got.data, data + width);
            }
        }
    }
    for (size_t size = 0; size < width; size++) {
        hf_reader r = hf_reader_of((hf_span){data, size});
        (void)read(&r, 0, 255);
        cr_assert(r.failed);
    }
}

Test(reader, vectors)
{
    check_vectors(hf_read_vector8, 1);
    check_vectors(hf_read_vector16, 2);
    check_vectors(hf_read_vector24, 3);
}

Test(reader, length_bytes_are_big_endian)
{
    static uint8_t data[3 + 0x10203];
    for (size_t i = 0; i < 3; i++)
        data[i] = bytes[i];
    hf_reader r = hf_reader_of((hf_span){data, sizeof data});
    cr_assert_eq(hf_read_vector24(&r, 0, 0xffffff).size, 0x10203);
    cr_assert(hf_reader_done(&r));
    r = hf_reader_of((hf_span){data, 2 + 0x102});
    cr_assert_eq(hf_read_vector16(&r, 0, 0xffff).size, 0x102);
    cr_assert(hf_reader_done(&r));
}

Test(reader, codes)
{
    static const uint8_t even[] = {0, 4, 0x13, 1, 0xc0, 0x2b}, odd[] = {0, 3, 1, 2, 3};
    hf_reader r = hf_reader_of((hf_span){even, sizeof even});
    hf_span codes = hf_read_codes16(&r, 2, 0xfffe);
    cr_assert(hf_reader_done(&r));
    cr_assert(hf_codes_have(codes, 0x1301));
    cr_assert(hf_codes_have(codes, 0xc02b));
    cr_assert_not(hf_codes_have(codes, 0x01c0), "codes are looked for at even places");
    cr_assert_not(hf_codes_have((hf_span){NULL, 0}, 0));
    r = hf_reader_of((hf_span){odd, sizeof odd});
    (void)hf_read_codes16(&r, 2, 0xfffe);
    cr_assert(r.failed);
}

/* ---------------------------------------------------------------- writer */

Test(writer, mirrors_the_reader)
{
    uint8_t out[16];
    hf_writer w = hf_writer_of(out, 6);
    hf_write_u8(&w, 1);
    hf_write_u16(&w, 0x0203);
    hf_write_u24(&w, 0x040506);
    cr_assert_not(w.failed);
    cr_assert_eq(w.position, 6);
    cr_assert_eq(memcmp(out, bytes, 6), 0);
    hf_write_u8(&w, 7);
    cr_assert(w.failed);
    cr_assert_eq(w.position, 6);
}

/* What does not fit is not written in part, and the error stays. */
Test(writer, bounds)
{
    uint8_t out[4] = {0xee, 0xee, 0xee, 0xee};
    hf_writer w = hf_writer_of(out, 3);
    hf_write_u8(&w, 1);
    hf_write_u24(&w, 0x020304);
    cr_assert(w.failed);
    cr_assert_eq(out[1], 0xee);
    hf_write_u8(&w, 2);
    cr_assert_eq(out[1], 0xee, "nothing is written behind an error");
    cr_assert_null(hf_write_space(&w, 0));
    w = hf_writer_of(out, 3);
    cr_assert_null(hf_write_space(&w, SIZE_MAX));
    cr_assert(w.failed);
    w = hf_writer_of(out, 3);
    cr_assert_eq(hf_write_space(&w, 3), out);
    hf_write_bytes(&w, (hf_span){NULL, 0});
    cr_assert_not(w.failed);
    hf_write_bytes(&w, (hf_span){bytes, 1});
    cr_assert(w.failed);
    cr_assert_eq(out[3], 0xee);
}

Test(writer, vectors)
{
    uint8_t out[32];
    hf_writer w = hf_writer_of(out, sizeof out);
    size_t outer = hf_write_vector_begin(&w, 3);
    size_t middle = hf_write_vector_begin(&w, 2);
    size_t inner = hf_write_vector_begin(&w, 1);
    hf_write_bytes(&w, (hf_span){bytes, 3});
    hf_write_vector_end(&w, inner, 1);
    hf_write_vector_end(&w, middle, 2);
    size_t empty = hf_write_vector_begin(&w, 1);
    hf_write_vector_end(&w, empty, 1);
    hf_write_vector_end(&w, outer, 3);
    static const uint8_t expected[] = {0, 0, 7, 0, 4, 3, 1, 2, 3, 0};
    cr_assert_not(w.failed);
    cr_assert_eq(w.position, sizeof expected);
    cr_assert_eq(memcmp(out, expected, sizeof expected), 0);
}

/* A vector longer than its length field can say is an error, not a wrapped length. */
Test(writer, vector_too_long)
{
    static uint8_t out[0x10000 + 8];
    for (size_t size = 254; size <= 257; size++) {
        hf_writer w = hf_writer_of(out, sizeof out);
        size_t begin = hf_write_vector_begin(&w, 1);
        (void)hf_write_space(&w, size);
        hf_write_vector_end(&w, begin, 1);
        cr_assert_eq(w.failed, size > 255);
    }
    for (size_t size = 0xfffe; size <= 0x10001; size++) {
        hf_writer w = hf_writer_of(out, sizeof out);
        size_t begin = hf_write_vector_begin(&w, 2);
        (void)hf_write_space(&w, size);
        hf_write_vector_end(&w, begin, 2);
        cr_assert_eq(w.failed, size > 0xffff);
    }
    hf_writer w = hf_writer_of(out, 1);
    size_t begin = hf_write_vector_begin(&w, 2);
    hf_write_vector_end(&w, begin, 2);
    cr_assert(w.failed);
}

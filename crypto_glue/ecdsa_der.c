#include "crypto_glue/ecdsa_der.h"

#include <string.h>

#define TAG_INTEGER  0x02
#define TAG_SEQUENCE 0x30
#define LONG_LENGTH  0x81 /* the length is in the one byte that follows */
#define SHORT_MAX    0x7f /* the longest content with a length of one byte */

/* Takes one element of the given tag off the front of `rest`. Contents of up to 255 bytes: a
 * signature of P-521 has 138. */
static bool take(hf_span *rest, uint8_t tag, hf_span *content)
{
    size_t head = 2;
    if (rest->size < head || rest->data[0] != tag) {
        return false;
    }
    size_t length = rest->data[1];
    if (length == LONG_LENGTH) {
        head = 3;
        if (rest->size < head || rest->data[2] <= SHORT_MAX) {
            return false;
        }
        length = rest->data[2];
    } else if (length > SHORT_MAX) {
        return false;
    }
    if (rest->size - head < length) {
        return false;
    }
    *content = (hf_span){rest->data + head, length};
    *rest = (hf_span){rest->data + head + length, rest->size - head - length};
    return true;
}

/* Takes an INTEGER >= 0 in its shortest form and writes it with leading zeros. */
static bool take_number(hf_span *rest, size_t size, uint8_t *out)
{
    hf_span number;
    if (!take(rest, TAG_INTEGER, &number) || number.size == 0 || number.data[0] >= 0x80) {
        return false;
    }
    if (number.data[0] == 0 && number.size > 1) {
        if (number.data[1] < 0x80) {
            return false;
        }
        number = (hf_span){number.data + 1, number.size - 1};
    }
    if (number.size > size) {
        return false;
    }
    memset(out, 0, size - number.size);
    memcpy(out + (size - number.size), number.data, number.size);
    return true;
}

bool hf_ecdsa_der_read(hf_span signature, size_t size, uint8_t *r_and_s)
{
    hf_span sequence;
    return take(&signature, TAG_SEQUENCE, &sequence) && signature.size == 0 &&
           take_number(&sequence, size, r_and_s) && take_number(&sequence, size, r_and_s + size) &&
           sequence.size == 0;
}

static size_t put_number(const uint8_t *number, size_t size, uint8_t *out)
{
    while (size > 1 && number[0] == 0) {
        number++;
        size--;
    }
    size_t sign = number[0] >= 0x80 ? 1 : 0;
    out[0] = TAG_INTEGER;
    out[1] = (uint8_t)(sign + size);
    out[2] = 0;
    memcpy(out + 2 + sign, number, size);
    return 2 + sign + size;
}

size_t hf_ecdsa_der_write(const uint8_t *r_and_s, size_t size, uint8_t *signature)
{
    size_t head = 2;
    size_t length = put_number(r_and_s, size, signature + head);
    length += put_number(r_and_s + size, size, signature + head + length);
    if (length > SHORT_MAX) {
        head = 3;
        memmove(signature + head, signature + 2, length);
        signature[1] = LONG_LENGTH;
    }
    signature[0] = TAG_SEQUENCE;
    signature[head - 1] = (uint8_t)length;
    return head + length;
}

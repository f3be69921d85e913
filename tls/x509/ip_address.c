/* IP addresses in text form (RFC 3986 3.2.2, RFC 4291 2.2). */
#include "tls/x509/x509.h"

#include <string.h>

/* A decimal octet without leading zeros, RFC 3986 3.2.2. */
static bool parse_octet(hf_span text, uint8_t *octet)
{
    if (text.size == 0 || text.size > 3 || !hf_text_is_number(text) ||
        (text.size > 1 && text.data[0] == '0')) {
        return false;
    }
    uint32_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        value = value * 10 + (text.data[i] - (uint32_t)'0');
    }
    *octet = (uint8_t)value;
    return value <= 255;
}

static bool parse_ipv4(hf_span text, uint8_t address[4])
{
    bool more = true;
    for (size_t i = 0; i < 4; i++) {
        if (!more || !parse_octet(hf_text_take(&text, '.', &more), &address[i])) {
            return false;
        }
    }
    return !more;
}

/* One to four hexadecimal digits, RFC 4291 2.2. */
static bool parse_group(hf_span text, uint8_t group[2])
{
    uint32_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        uint8_t lower = c | 0x20;
        if (c >= '0' && c <= '9') {
            value = value << 4 | (uint32_t)(c - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            value = value << 4 | (uint32_t)(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    group[0] = (uint8_t)(value >> 8);
    group[1] = (uint8_t)value;
    return text.size >= 1 && text.size <= 4;
}

/* Groups between colons; the last two may be an IPv4 address where it ends the whole address. */
static bool parse_groups(hf_span text, bool ends_address, uint8_t address[16], size_t *size)
{
    bool more = text.size > 0;
    *size = 0;
    while (more) {
        hf_span rest = text;
        hf_span group = hf_text_take(&text, ':', &more);
        if (!more && ends_address && *size <= 12 && parse_ipv4(rest, address + *size)) {
            *size += 4;
        } else if (*size <= 14 && parse_group(group, address + *size)) {
            *size += 2;
        } else {
            return false;
        }
    }
    return true;
}

/* RFC 4291 2.2: eight groups, of which one run of zeros may be written as "::". */
static bool parse_ipv6(hf_span text, uint8_t address[16])
{
    uint8_t tail[16];
    size_t head_size, tail_size, gap = 0;
    while (gap + 1 < text.size && (text.data[gap] != ':' || text.data[gap + 1] != ':')) {
        gap++;
    }
    if (gap + 1 >= text.size) {
        return parse_groups(text, true, address, &head_size) && head_size == 16;
    }
    hf_span after = {text.data + gap + 2, text.size - gap - 2};
    if (!parse_groups((hf_span){text.data, gap}, false, address, &head_size) ||
        !parse_groups(after, true, tail, &tail_size) || head_size + tail_size > 14) {
        return false;
    }
    memset(address + head_size, 0, 16 - head_size);
    memcpy(address + 16 - tail_size, tail, tail_size);
    return true;
}

size_t hf_parse_ip_address(hf_span text, uint8_t address[16])
{
    if (parse_ipv4(text, address)) {
        return 4;
    }
    return parse_ipv6(text, address) ? 16 : 0;
}

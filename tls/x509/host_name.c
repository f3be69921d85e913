/* The names of subjectAltName that TLS peers are known by (RFC 9525, RFC 5280 4.2.1.6). */
#include "tls/x509/x509.h"

#include <string.h>

#define HOST_NAME_MAX  253 /* RFC 1035 2.3.4: 255 octets on the wire */
#define HOST_LABEL_MAX 63

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_label_character(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool is_label(hf_span label)
{
    if (label.size == 0 || label.size > HOST_LABEL_MAX || label.data[0] == '-' ||
        label.data[label.size - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < label.size; i++) {
        if (!is_label_character(label.data[i])) {
            return false;
        }
    }
    return true;
}

static bool is_number(hf_span label)
{
    size_t digits = 0;
    while (digits < label.size && is_digit(label.data[digits])) {
        digits++;
    }
    return digits == label.size;
}

/* Takes the text up to the next `separator` or the end, and the separator with it. `*more` tells
 * whether there was one. */
static hf_span take_until(hf_span *text, uint8_t separator, bool *more)
{
    hf_span part = {text->data, 0};
    while (part.size < text->size && text->data[part.size] != separator) {
        part.size++;
    }
    *more = part.size < text->size;
    size_t taken = part.size + (*more ? 1 : 0);
    *text = (hf_span){text->data + taken, text->size - taken};
    return part;
}

bool hf_is_host_name(hf_span name)
{
    if (name.size == 0 || name.size > HOST_NAME_MAX) {
        return false;
    }
    hf_span label;
    bool more;
    do {
        label = take_until(&name, '.', &more);
        if (!is_label(label)) {
            return false;
        }
    } while (more);
    /* RFC 1123 2.1: the last label of a host name is alphabetic, which tells it from an address. */
    return !is_number(label);
}

/* A decimal octet without leading zeros, RFC 3986 3.2.2. */
static bool parse_octet(hf_span text, uint8_t *octet)
{
    if (text.size == 0 || text.size > 3 || !is_number(text) ||
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
        if (!more || !parse_octet(take_until(&text, '.', &more), &address[i])) {
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
        if (is_digit(c)) {
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
        hf_span group = take_until(&text, ':', &more);
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

/* RFC 9525 6.3: "*" as the whole left-most label of the presented name stands for exactly one
 * label; anywhere else it is an ordinary character, which `name`, a host name, does not have. */
static bool dns_name_matches(hf_span presented, hf_span name)
{
    if (presented.size > 2 && presented.data[0] == '*' && presented.data[1] == '.') {
        bool more;
        take_until(&name, '.', &more);
        presented = (hf_span){presented.data + 2, presented.size - 2};
        return hf_text_equal(presented, name);
    }
    return hf_text_equal(presented, name);
}

bool hf_certificate_has_name(const hf_certificate *certificate, hf_span name)
{
    uint8_t address[16];
    hf_span ip = {address, hf_parse_ip_address(name, address)};
    if (ip.size == 0 && !hf_is_host_name(name)) {
        return false;
    }
    hf_der whole = hf_der_open(certificate->subject_alt_name);
    hf_der names = hf_der_enter(&whole, HF_DER_SEQUENCE);
    while (hf_der_more(&names)) {
        uint8_t type;
        hf_span presented = hf_der_read_any(&names, &type);
        if (ip.size > 0 ? type == HF_NAME_IP && hf_span_equal(presented, ip)
                        : type == HF_NAME_DNS && dns_name_matches(presented, name)) {
            return true;
        }
    }
    return false;
}

/* RFC 5280 7.5: the local part octet by octet, the host without regard to case. */
bool hf_mailbox_equal(hf_span presented, hf_span mailbox)
{
    size_t at = mailbox.size;
    while (at > 0 && mailbox.data[at - 1] != '@') {
        at--;
    }
    return at > 1 && presented.size == mailbox.size &&
           memcmp(presented.data, mailbox.data, at) == 0 &&
           hf_text_equal((hf_span){presented.data + at, presented.size - at},
                         (hf_span){mailbox.data + at, mailbox.size - at});
}

bool hf_certificate_has_mailbox(const hf_certificate *certificate, hf_span mailbox)
{
    hf_der whole = hf_der_open(certificate->subject_alt_name);
    hf_der names = hf_der_enter(&whole, HF_DER_SEQUENCE);
    while (hf_der_more(&names)) {
        uint8_t type;
        hf_span presented = hf_der_read_any(&names, &type);
        if (type == HF_NAME_MAILBOX && hf_mailbox_equal(presented, mailbox)) {
            return true;
        }
    }
    return false;
}

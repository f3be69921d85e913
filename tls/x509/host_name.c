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

bool hf_text_is_number(hf_span text)
{
    size_t digits = 0;
    while (digits < text.size && is_digit(text.data[digits])) {
        digits++;
    }
    return digits == text.size;
}

hf_span hf_text_take(hf_span *text, uint8_t separator, bool *more)
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
        label = hf_text_take(&name, '.', &more);
        if (!is_label(label)) {
            return false;
        }
    } while (more);
    /* RFC 1123 2.1: the last label of a host name is alphabetic, which tells it from an address. */
    return !hf_text_is_number(label);
}

/* RFC 9525 6.3: "*" as the whole left-most label of the presented name stands for exactly one
 * label; anywhere else it is an ordinary character, which `name`, a host name, does not have. */
static bool dns_name_matches(hf_span presented, hf_span name)
{
    if (presented.size > 2 && presented.data[0] == '*' && presented.data[1] == '.') {
        bool more;
        hf_text_take(&name, '.', &more);
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
    hf_der names = hf_der_open_sequence(certificate->subject_alt_name);
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
    hf_der names = hf_der_open_sequence(certificate->subject_alt_name);
    while (hf_der_more(&names)) {
        uint8_t type;
        hf_span presented = hf_der_read_any(&names, &type);
        if (type == HF_NAME_MAILBOX && hf_mailbox_equal(presented, mailbox)) {
            return true;
        }
    }
    return false;
}

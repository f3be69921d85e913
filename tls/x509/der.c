#include "tls/x509/der.h"

#include <string.h>

bool hf_der_at(const hf_der *der, uint8_t tag)
{
    return !der->failed && der->left > 0 && der->next[0] == tag;
}

bool hf_der_more(const hf_der *der)
{
    return !der->failed && der->left > 0;
}

bool hf_der_done(const hf_der *der)
{
    return !der->failed && der->left == 0;
}

static hf_span fail(hf_der *der)
{
    der->failed = true;
    der->left = 0;
    return (hf_span){NULL, 0};
}

/* Reads tag and length (X.690 8.1.2, 8.1.3, 10.1). Returns the header's size, 0 on a violation. */
static size_t read_header(const hf_der *der, size_t *content_size)
{
    const uint8_t *p = der->next;
    /* Tag numbers above 30 take further octets; X.509 has none. */
    if (der->left < 2 || (p[0] & 0x1f) == 0x1f) {
        return 0;
    }
    if (p[1] < 0x80) {
        *content_size = p[1];
        return 2;
    }
    size_t octets = p[1] & 0x7fU;
    /* 80 is the indefinite form. Four octets are 4 GB, beyond any message. */
    if (octets == 0 || octets > 4 || der->left - 2 < octets || p[2] == 0) {
        return 0;
    }
    uint32_t size = 0;
    for (size_t i = 0; i < octets; i++) {
        size = size << 8 | p[2 + i];
    }
    *content_size = size;
    return size < 0x80 ? 0 : 2 + octets;
}

/* Takes one element; `*content` becomes its content. */
static hf_span take(hf_der *der, hf_span *content)
{
    size_t size = 0;
    size_t header = der->failed ? 0 : read_header(der, &size);
    if (header == 0 || size > der->left - header) {
        *content = fail(der);
        return *content;
    }
    hf_span element = {der->next, header + size};
    *content = (hf_span){der->next + header, size};
    der->next += element.size;
    der->left -= element.size;
    return element;
}

hf_span hf_der_read_element(hf_der *der, uint8_t tag)
{
    hf_span content;
    return hf_der_at(der, tag) ? take(der, &content) : fail(der);
}

hf_span hf_der_read(hf_der *der, uint8_t tag)
{
    hf_span content;
    if (!hf_der_at(der, tag)) {
        return fail(der);
    }
    take(der, &content);
    return content;
}

hf_span hf_der_read_optional(hf_der *der, uint8_t tag)
{
    return hf_der_at(der, tag) ? hf_der_read(der, tag) : (hf_span){NULL, 0};
}

hf_span hf_der_read_any(hf_der *der, uint8_t *tag)
{
    hf_span content;
    *tag = hf_der_more(der) ? der->next[0] : 0;
    take(der, &content);
    return content;
}

hf_der hf_der_enter(hf_der *der, uint8_t tag)
{
    hf_span content = hf_der_read(der, tag);
    return (hf_der){content.data, content.size, der->failed};
}

hf_der hf_der_open_sequence(hf_span bytes)
{
    hf_der whole = hf_der_open(bytes);
    hf_der content = hf_der_enter(&whole, HF_DER_SEQUENCE);
    if (whole.left != 0) {
        fail(&content);
    }
    return content;
}

bool hf_der_read_default_false(hf_der *der)
{
    if (!hf_der_at(der, HF_DER_BOOLEAN)) {
        return false;
    }
    hf_span value = hf_der_read(der, HF_DER_BOOLEAN);
    if (value.size != 1 || (value.data[0] != 0x00 && value.data[0] != 0xff)) {
        fail(der);
        return false;
    }
    return value.data[0] == 0xff;
}

/* X.690 8.3.2: the first nine bits are neither all zeros nor all ones. */
static bool is_canonical_integer(hf_span value)
{
    if (value.size < 2) {
        return value.size == 1;
    }
    bool second_is_negative = (value.data[1] & 0x80) != 0;
    return !(value.data[0] == 0x00 && !second_is_negative) &&
           !(value.data[0] == 0xff && second_is_negative);
}

static hf_span read_integer(hf_der *der, uint8_t tag)
{
    hf_span value = hf_der_read(der, tag);
    return is_canonical_integer(value) ? value : fail(der);
}

hf_span hf_der_read_integer(hf_der *der)
{
    return read_integer(der, HF_DER_INTEGER);
}

hf_span hf_der_read_positive(hf_der *der)
{
    hf_span value = hf_der_read_integer(der);
    if (value.size == 0 || (value.data[0] & 0x80) != 0) {
        return fail(der);
    }
    if (value.data[0] == 0) {
        value.data++;
        value.size--;
    }
    return value.size > 0 ? value : fail(der);
}

uint32_t hf_der_read_small(hf_der *der, uint8_t tag)
{
    hf_span value = read_integer(der, tag);
    if (value.size == 0 || (value.data[0] & 0x80) != 0) {
        fail(der);
        return 0;
    }
    if (value.size > 5 || (value.size == 5 && value.data[0] != 0)) {
        return UINT32_MAX;
    }
    uint32_t number = 0;
    for (size_t i = 0; i < value.size; i++) {
        number = number << 8 | value.data[i];
    }
    return number;
}

hf_span hf_der_read_oid(hf_der *der)
{
    hf_span oid = hf_der_read(der, HF_DER_OID);
    bool at_start = true;
    for (size_t i = 0; i < oid.size; i++) {
        if (at_start && oid.data[i] == 0x80) {
            return fail(der);
        }
        at_start = (oid.data[i] & 0x80) == 0;
    }
    return oid.size > 0 && at_start ? oid : fail(der);
}

hf_span hf_der_read_octet_bits(hf_der *der)
{
    hf_span bits = hf_der_read(der, HF_DER_BIT_STRING);
    if (bits.size == 0 || bits.data[0] != 0) {
        return fail(der);
    }
    return (hf_span){bits.data + 1, bits.size - 1};
}

uint16_t hf_der_read_named_bits(hf_der *der)
{
    return hf_der_read_tagged_bits(der, HF_DER_BIT_STRING);
}

uint16_t hf_der_read_tagged_bits(hf_der *der, uint8_t tag)
{
    hf_span bits = hf_der_read(der, tag);
    /* X.690 8.6.2.2 and 8.6.2.3: at most seven unused bits, none where there are no octets. */
    if (bits.size == 0 || bits.data[0] > (bits.size == 1 ? 0 : 7)) {
        fail(der);
        return 0;
    }
    /* X.690 11.2.1: unused bits are zero. */
    if (bits.size > 1 && (bits.data[bits.size - 1] & ((1U << bits.data[0]) - 1U)) != 0) {
        fail(der);
        return 0;
    }
    uint32_t flags = 0;
    for (size_t bit = 0; bit < 16 && bit / 8 + 1 < bits.size; bit++) {
        uint32_t is_set = (uint32_t)bits.data[1 + bit / 8] >> (7 - bit % 8) & 1U;
        flags |= is_set << bit;
    }
    return (uint16_t)flags;
}

void hf_der_read_null(hf_der *der)
{
    if (hf_der_read(der, HF_DER_NULL).size != 0) {
        fail(der);
    }
}

/* Days from 1 January 1970 in the Gregorian calendar; years are counted from March, so that the
 * leap day comes last. */
static int32_t days_since_epoch(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t y = month <= 2 ? year - 1 : year;
    uint32_t month_from_march = (month + 9) % 12;
    uint32_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    return (int32_t)(y * 365 + y / 4 - y / 100 + y / 400 + day_of_year) - 719468;
}

static uint32_t days_in_month(uint32_t year, uint32_t month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29U : days[month - 1];
}

/* Two decimal digits; 100 if they are none. */
static uint32_t two_digits(const uint8_t *text)
{
    bool are_digits = text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9';
    return are_digits ? (text[0] - (uint32_t)'0') * 10 + (text[1] - (uint32_t)'0') : 100;
}

/* MMDDHHMMSSZ of a year. */
static bool parse_time(uint32_t year, const uint8_t *text, int64_t *seconds)
{
    uint32_t month = two_digits(text), day = two_digits(text + 2), hour = two_digits(text + 4);
    uint32_t minute = two_digits(text + 6), second = two_digits(text + 8);
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 ||
        minute > 59 || second > 59 || text[10] != 'Z') {
        return false;
    }
    uint32_t second_of_day = (hour * 60 + minute) * 60 + second;
    *seconds = (int64_t)days_since_epoch(year, month, day) * 86400 + second_of_day;
    return true;
}

int64_t hf_der_read_time(hf_der *der)
{
    int64_t seconds = 0;
    bool is_utc = hf_der_at(der, HF_DER_UTC_TIME);
    hf_span text = hf_der_read(der, is_utc ? HF_DER_UTC_TIME : HF_DER_GENERALIZED_TIME);
    if (text.size != (is_utc ? 13U : 15U)) {
        fail(der);
        return 0;
    }
    uint32_t century = is_utc ? 0 : two_digits(text.data);
    const uint8_t *rest = is_utc ? text.data : text.data + 2;
    uint32_t year = two_digits(rest);
    bool is_number = century < 100 && year < 100;
    /* RFC 5280 4.1.2.5.1: 50..99 are 1950..1999. Year 0 has no days before it to count. */
    if (is_utc) {
        century = year >= 50 ? 19 : 20;
    }
    year += century * 100;
    if (!is_number || year == 0 || !parse_time(year, rest + 2, &seconds)) {
        fail(der);
        return 0;
    }
    return seconds;
}

int64_t hf_der_read_generalized_time(hf_der *der)
{
    der->failed = der->failed || !hf_der_at(der, HF_DER_GENERALIZED_TIME);
    return hf_der_read_time(der);
}

bool hf_span_equal(hf_span a, hf_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

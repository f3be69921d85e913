/* Names alone, for what their comparisons promise beyond not to crash: distinguished names, host
 * names and addresses, mailboxes, and name constraints.
 *
 * The input is one byte that says what kind of names they are and three pieces, each with its
 * length in two bytes.
 *
 * covers: hf_name_is_valid, hf_name_equal, hf_name_starts_with, hf_rdn_equal
 * covers: hf_rdn_is_valid, hf_text_equal, hf_mailbox_equal, hf_is_host_name
 * covers: hf_parse_ip_address, hf_certificate_has_name, hf_certificate_has_mailbox
 * covers: hf_constraints_allow, hf_constraints_are_valid, hf_general_names_are_valid
 * covers: constraints.c:dns_is_within, constraints.c:uri_is_within
 * covers: constraints.c:mailbox_is_within, constraints.c:address_is_within
 * covers: host_name.c:dns_name_matches, ip_address.c:parse_ipv6
 * covers: constraints.c:wildcard_covers
 * dictionary: der.dict */
#include "fuzz/fuzz.h"

#include "tls/wire/writer.h"
#include "tls/x509/x509.h"

#include <string.h>

#define PIECE_MAX 1024
#define DER_MAX   (PIECE_MAX + 64)

enum what { DISTINGUISHED, HOSTS, CONSTRAINTS, WHATS };

/* An element around others, with a length in two bytes more than it always takes. */
static hf_span wrap(uint8_t tag, hf_span content, uint8_t out[DER_MAX])
{
    hf_writer w = hf_writer_of(out, DER_MAX);
    hf_write_u8(&w, tag);
    if (content.size >= 256)
        hf_write_u8(&w, 0x82);
    else if (content.size >= 128)
        hf_write_u8(&w, 0x81);
    if (content.size >= 256)
        hf_write_u16(&w, (uint16_t)content.size);
    else
        hf_write_u8(&w, (uint8_t)content.size);
    hf_write_bytes(&w, content);
    fuzz_require(!w.failed);
    return (hf_span){out, w.position};
}

/* ---------------------------------------------------------------- distinguished names */

/* Equality is an equivalence, and the order that "starts with" makes goes with it. */
static void compare_names(hf_span a, hf_span b, hf_span c)
{
    if (!hf_name_is_valid(a) || !hf_name_is_valid(b) || !hf_name_is_valid(c))
        return;
    bool are_equal = hf_name_equal(a, b), a_starts = hf_name_starts_with(a, b),
         b_starts = hf_name_starts_with(b, a);
    fuzz_require(hf_name_equal(a, a) && hf_name_starts_with(a, a));
    fuzz_require(hf_name_equal(b, a) == are_equal);
    fuzz_require((a_starts && b_starts) == are_equal);
    fuzz_require(!are_equal || hf_name_equal(a, c) == hf_name_equal(b, c));
    fuzz_require(!are_equal || hf_name_starts_with(c, a) == hf_name_starts_with(c, b));
    fuzz_require(!are_equal || hf_name_starts_with(a, c) == hf_name_starts_with(b, c));
    fuzz_require(!a_starts || !hf_name_starts_with(b, c) || hf_name_starts_with(a, c));
}

/* ---------------------------------------------------------------- names of a subjectAltName */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool equal_but_for_case(hf_span a, hf_span b)
{
    bool are_equal = a.size == b.size;
    for (size_t i = 0; are_equal && i < a.size; i++)
        are_equal = lower(a.data[i]) == lower(b.data[i]);
    return are_equal;
}

static size_t count_dots(hf_span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == '.';
    return count;
}

/* Bytes after the first label. */
static hf_span parent_of(hf_span name)
{
    const uint8_t *dot = name.size != 0 ? memchr(name.data, '.', name.size) : NULL;
    if (dot == NULL)
        return (hf_span){NULL, 0};
    size_t skipped = (size_t)(dot - name.data) + 1;
    return (hf_span){name.data + skipped, name.size - skipped};
}

static bool certificate_has(uint8_t type, hf_span presented, hf_span name)
{
    uint8_t inner[DER_MAX], outer[DER_MAX];
    hf_certificate c = {.subject_alt_name =
                            wrap(HF_DER_SEQUENCE, wrap(type, presented, inner), outer)};
    return type == HF_NAME_MAILBOX ? hf_certificate_has_mailbox(&c, name)
                                   : hf_certificate_has_name(&c, name);
}

/* RFC 9525 6.3: a wildcard is the whole first label and stands for exactly one. */
static void match_host(hf_span presented, hf_span name)
{
    uint8_t address[16];
    bool is_address = hf_parse_ip_address(name, address) != 0;
    bool is_wildcard = presented.size > 2 && memcmp(presented.data, "*.", 2) == 0;
    bool is_covered = equal_but_for_case(presented, name) ||
                      (is_wildcard && count_dots(presented) == count_dots(name) &&
                       equal_but_for_case(parent_of(presented), parent_of(name)));
    fuzz_require(!is_address || !hf_is_host_name(name));
    fuzz_require(certificate_has(HF_NAME_DNS, presented, name) ==
                 (hf_is_host_name(name) && is_covered));
}

static void match_mailbox(hf_span presented, hf_span mailbox)
{
    bool matches = certificate_has(HF_NAME_MAILBOX, presented, mailbox);
    fuzz_require(!matches || equal_but_for_case(presented, mailbox));
    fuzz_require(matches == certificate_has(HF_NAME_MAILBOX, mailbox, presented));
}

/* An address is matched by its octets, and by no other name. */
static void match_address(hf_span presented, hf_span text)
{
    uint8_t address[16];
    size_t size = hf_parse_ip_address(text, address);
    fuzz_require(size == 0 || size == 4 || size == 16);
    fuzz_require(size == 0 || certificate_has(HF_NAME_IP, (hf_span){address, size}, text));
    fuzz_require(
        certificate_has(HF_NAME_IP, presented, text) ==
        (size != 0 && presented.size == size && memcmp(presented.data, address, size) == 0));
    fuzz_require(size == 0 || !certificate_has(HF_NAME_DNS, text, text));
}

/* ---------------------------------------------------------------- name constraints */

static bool is_allowed(uint8_t list, uint8_t type, hf_span base, hf_span name)
{
    static const uint8_t nobody[] = {HF_DER_SEQUENCE, 0};
    uint8_t a[DER_MAX], b[DER_MAX], c[DER_MAX], d[DER_MAX];
    uint32_t left = HF_CONSTRAINT_CHECKS_MAX;
    hf_span names = wrap(HF_DER_SEQUENCE, wrap(type, name, a), b);
    hf_span subtree = wrap(HF_DER_SEQUENCE, wrap(type, base, c), d);
    hf_span constraints = wrap(HF_DER_SEQUENCE, wrap(list, subtree, c), d);
    return hf_constraints_allow(constraints, (hf_span){nobody, sizeof nobody}, names, &left);
}

#define PERMITTED HF_DER_CONSTRUCTED(0)
#define EXCLUDED  HF_DER_CONSTRUCTED(1)

/* RFC 5280 4.2.1.10: a DNS name is in the subtree that taking labels off its front leads to. */
static bool is_in_domain(hf_span name, hf_span domain)
{
    while (name.size > domain.size)
        name = parent_of(name);
    return equal_but_for_case(name, domain);
}

/* What is permitted by a subtree is not let through where the same is excluded; for host names
 * there is nothing between the two. */
static void constrain(uint8_t type, hf_span name, hf_span base)
{
    bool is_permitted = is_allowed(PERMITTED, type, base, name);
    bool is_let_through = is_allowed(EXCLUDED, type, base, name);
    fuzz_require(!is_permitted || !is_let_through);
    if (type != HF_NAME_DNS || base.size == 0 || !hf_is_host_name(base))
        return;
    bool is_host = hf_is_host_name(name);
    fuzz_require(!is_host || is_permitted == is_in_domain(name, base));
    fuzz_require(!is_host || is_permitted != is_let_through);
}

static void constrain_all(hf_span name, hf_span base)
{
    static const uint8_t types[] = {HF_NAME_DNS, HF_NAME_MAILBOX, HF_NAME_URI, HF_NAME_IP};
    for (size_t i = 0; i < sizeof types; i++)
        constrain(types[i], name, base);
    if (hf_name_is_valid(name) && hf_name_is_valid(base)) {
        constrain(HF_NAME_DIRECTORY, name, base);
        fuzz_require(is_allowed(PERMITTED, HF_NAME_DIRECTORY, base, name) ==
                     hf_name_starts_with(name, base));
    }
    (void)hf_general_names_are_valid(name);
    (void)hf_constraints_are_valid(name);
}

static hf_span take_piece(hf_reader *input)
{
    hf_span piece = hf_read_vector16(input, 0, PIECE_MAX);
    return piece.data != NULL ? piece : (hf_span){(const uint8_t *)"", 0};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    enum what what = (enum what)(hf_read_u8(&input) % WHATS);
    hf_span a = take_piece(&input), b = take_piece(&input), c = take_piece(&input);
    if (what == DISTINGUISHED) {
        compare_names(a, b, c);
    } else if (what == HOSTS) {
        match_host(a, b);
        match_mailbox(a, b);
        match_address(a, b);
    } else {
        constrain_all(a, b);
    }
    return 0;
}

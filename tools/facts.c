#include "tools/facts.h"

#include "tools/subject.h"
#include "tools/summary.h"

#include "tls/wire/reader.h"

#include <handfast/x509.h>

#include <stdio.h>
#include <string.h>

#define MESSAGE_HEADER 4

/* IANA TLS ExtensionType Values. */
enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_TRUNCATED_HMAC = 4,
    EXTENSION_ALPN = 16,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_EXTENDED_MASTER_SECRET = 23,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_RENEGOTIATION_INFO = 0xff01
};

static void copy(uint8_t *out, hf_span bytes, size_t size)
{
    if (bytes.size == size)
        memcpy(out, bytes.data, size);
}

/* The next of a block of extensions; false at its end or where it breaks off. */
static bool next_extension(hf_reader *block, uint16_t *type, hf_reader *body)
{
    if (hf_reader_left(block) == 0)
        return false;
    *type = hf_read_u16(block);
    *body = hf_reader_of(hf_read_vector16(block, 0, UINT16_MAX));
    return !block->failed;
}

/* The signalling values are no suites. */
static void take_suite(struct facts *facts, uint16_t code)
{
    if (code == HF_SCSV_RENEGOTIATION || code == HF_SCSV_FALLBACK)
        return;
    if (facts->offered_count < FACTS_SUITES_MAX)
        facts->offered_suites[facts->offered_count] = code;
    facts->offered_count++;
}

/* ------------------------------------------------------------------ hellos */

/* RFC 6066 3; only the type host_name exists. */
static void take_server_name(struct facts *facts, hf_reader *body)
{
    hf_reader list = hf_reader_of(hf_read_vector16(body, 0, UINT16_MAX));
    if (hf_read_u8(&list) == 0)
        printable(facts->server_name, sizeof facts->server_name,
                  hf_read_vector16(&list, 0, UINT16_MAX));
}

/* RFC 8446 4.2.1: the highest that the client has, if it has any above TLS 1.2. */
static void take_offered_versions(struct facts *facts, hf_reader *body)
{
    hf_reader list = hf_reader_of(hf_read_vector8(body, 0, UINT8_MAX));
    while (hf_reader_left(&list) >= 2) {
        uint16_t version = hf_read_u16(&list);
        if (version >> 8 == 3 && version > facts->offered_version)
            facts->offered_version = version;
    }
}

static void take_client_extensions(struct facts *facts, hf_reader *block)
{
    uint16_t type;
    hf_reader body;
    while (next_extension(block, &type, &body)) {
        if (type == EXTENSION_SERVER_NAME)
            take_server_name(facts, &body);
        else if (type == EXTENSION_SUPPORTED_VERSIONS)
            take_offered_versions(facts, &body);
    }
}

/* A ClientHello begins a handshake: what an earlier one agreed on does not hold for it. */
static void take_client_hello(struct facts *facts, hf_reader *r)
{
    *facts = (struct facts){.has_client_hello = true};
    facts->offered_version = hf_read_u16(r);
    copy(facts->client_random, hf_read_bytes(r, HF_RANDOM_SIZE), HF_RANDOM_SIZE);
    (void)hf_read_vector8(r, 0, UINT8_MAX);
    hf_reader suites = hf_reader_of(hf_read_vector16(r, 0, UINT16_MAX));
    while (hf_reader_left(&suites) >= 2)
        take_suite(facts, hf_read_u16(&suites));
    (void)hf_read_vector8(r, 0, UINT8_MAX);
    hf_reader block = hf_reader_of(hf_read_vector16(r, 0, UINT16_MAX));
    take_client_extensions(facts, &block);
}

void facts_take_v2_hello(struct facts *facts, hf_span message)
{
    hf_reader r = hf_reader_of(message);
    *facts = (struct facts){.has_client_hello = true};
    (void)hf_read_u8(&r); /* its type */
    facts->offered_version = hf_read_u16(&r);
    uint16_t suites_size = hf_read_u16(&r), id_size = hf_read_u16(&r);
    uint16_t challenge_size = hf_read_u16(&r);
    hf_reader suites = hf_reader_of(hf_read_bytes(&r, suites_size));
    while (hf_reader_left(&suites) >= 3) {
        bool is_ssl2 = hf_read_u8(&suites) != 0;
        uint16_t code = hf_read_u16(&suites);
        if (!is_ssl2)
            take_suite(facts, code);
    }
    (void)hf_read_bytes(&r, id_size);
    hf_span challenge = hf_read_bytes(&r, challenge_size);
    if (challenge.size <= HF_RANDOM_SIZE)
        copy(facts->client_random + HF_RANDOM_SIZE - challenge.size, challenge, challenge.size);
}

/* RFC 7301 3.1. */
static void take_protocol(struct facts *facts, hf_reader *body)
{
    hf_reader list = hf_reader_of(hf_read_vector16(body, 0, UINT16_MAX));
    printable(facts->protocol, sizeof facts->protocol, hf_read_vector8(&list, 0, UINT8_MAX));
}

static void take_server_extensions(struct facts *facts, hf_reader *block)
{
    uint16_t type;
    hf_reader body;
    while (next_extension(block, &type, &body)) {
        switch (type) {
        case EXTENSION_TRUNCATED_HMAC:
            facts->truncated_hmac = true;
            break;
        case EXTENSION_ALPN:
            take_protocol(facts, &body);
            break;
        case EXTENSION_ENCRYPT_THEN_MAC:
            facts->encrypt_then_mac = true;
            break;
        case EXTENSION_EXTENDED_MASTER_SECRET:
            facts->extended_master_secret = true;
            break;
        case EXTENSION_SUPPORTED_VERSIONS:
            facts->version = hf_read_u16(&body);
            break;
        case EXTENSION_RENEGOTIATION_INFO:
            facts->secure_renegotiation = true;
            break;
        default:
            break;
        }
    }
}

static void take_server_hello(struct facts *facts, hf_reader *r)
{
    facts->has_server_hello = true;
    facts->version = hf_read_u16(r);
    copy(facts->server_random, hf_read_bytes(r, HF_RANDOM_SIZE), HF_RANDOM_SIZE);
    (void)hf_read_vector8(r, 0, UINT8_MAX);
    facts->suite_code = hf_read_u16(r);
    facts->suite = hf_suite_of(facts->suite_code);
    (void)hf_read_u8(r); /* compression */
    hf_reader block = hf_reader_of(hf_read_vector16(r, 0, UINT16_MAX));
    take_server_extensions(facts, &block);
}

/* ------------------------------------------------------------------ certificates */

static void take_names(struct chain_facts *chain, const hf_certificate *leaf)
{
    hf_span name;
    for (size_t i = 0; subject_dns_name(leaf->subject_alt_name, i, &name); i++) {
        size_t used = strlen(chain->names);
        char text[256];
        printable(text, sizeof text, name);
        snprintf(chain->names + used, sizeof chain->names - used, "%s%s", i ? ", " : "", text);
    }
}

static void take_leaf(struct chain_facts *chain, const hf_certificate *leaf, const char *name)
{
    hf_span expected = {(const uint8_t *)name, strlen(name)};
    chain->is_read = true;
    subject_text(chain->subject, sizeof chain->subject, leaf->subject);
    subject_text(chain->issuer, sizeof chain->issuer, leaf->issuer);
    take_names(chain, leaf);
    chain->is_for_name = hf_certificate_has_name(leaf, expected);
    chain->is_self_signed = leaf->subject.size == leaf->issuer.size &&
                            memcmp(leaf->subject.data, leaf->issuer.data, leaf->issuer.size) == 0;
}

static void take_validity(struct chain_facts *chain, const hf_certificate *certificate,
                          int64_t time)
{
    if (chain->is_expired || chain->is_not_yet_valid)
        return;
    chain->is_expired = time > certificate->not_after;
    chain->is_not_yet_valid = time < certificate->not_before;
    if (chain->count > 1 && !chain->is_expired && !chain->is_not_yet_valid)
        return;
    chain->not_before = certificate->not_before;
    chain->not_after = certificate->not_after;
}

static void take_chain(struct chain_facts *chain, hf_reader *r, const char *name, int64_t time)
{
    *chain = (struct chain_facts){.is_seen = true};
    hf_reader list = hf_reader_of(hf_read_vector24(r, 0, SIZE_MAX));
    while (hf_reader_left(&list) != 0) {
        hf_span der = hf_read_vector24(&list, 0, SIZE_MAX);
        if (list.failed)
            return;
        chain->count++;
        hf_certificate certificate;
        if (hf_certificate_read(&certificate, der) != HF_OK)
            continue;
        if (chain->count == 1)
            take_leaf(chain, &certificate, name);
        take_validity(chain, &certificate, time);
    }
}

/* ------------------------------------------------------------------ key exchange */

static uint32_t bits_of(hf_span number)
{
    uint32_t bits = (uint32_t)number.size * 8;
    for (size_t i = 0; bits > 0 && (number.data[i / 8] & 0x80 >> i % 8) == 0; i++)
        bits--;
    return bits;
}

/* RFC 5246 7.4.3, RFC 8422 5.4; with a pre-shared key its hint comes first (RFC 4279 3). */
static void take_server_key_exchange(struct facts *facts, hf_reader *r)
{
    if (!facts->suite)
        return;
    hf_key_exchange kind = facts->suite->key_exchange;
    if (kind == HF_KX_PSK || kind == HF_KX_DHE_PSK || kind == HF_KX_ECDHE_PSK ||
        kind == HF_KX_RSA_PSK)
        (void)hf_read_vector16(r, 0, UINT16_MAX);
    if (kind == HF_KX_ECDHE || kind == HF_KX_ECDHE_PSK) {
        if (hf_read_u8(r) == HF_CURVE_TYPE_NAMED)
            facts->group_code = hf_read_u16(r);
        (void)hf_read_vector8(r, 0, UINT8_MAX);
    } else if (kind == HF_KX_DHE || kind == HF_KX_DHE_PSK) {
        facts->dh_bits = bits_of(hf_read_vector16(r, 0, UINT16_MAX));
        (void)hf_read_vector16(r, 0, UINT16_MAX);
        (void)hf_read_vector16(r, 0, UINT16_MAX);
    }
    if (facts->version == HF_TLS1_2 && hf_reader_left(r) >= 2)
        facts->scheme = hf_scheme_of(hf_read_u16(r));
}

void facts_take(struct facts *facts, hf_role sender, hf_span message, int64_t time)
{
    hf_reader r = hf_reader_of(message);
    uint8_t type = hf_read_u8(&r);
    (void)hf_read_bytes(&r, MESSAGE_HEADER - 1);
    switch (type) {
    case HF_CLIENT_HELLO:
        take_client_hello(facts, &r);
        break;
    case HF_SERVER_HELLO:
        take_server_hello(facts, &r);
        break;
    case HF_CERTIFICATE:
        if (sender == HF_SERVER)
            take_chain(&facts->server_chain, &r, facts->server_name, time);
        else
            take_chain(&facts->client_chain, &r, "", time);
        break;
    case HF_CERTIFICATE_STATUS:
        facts->has_status = true;
        break;
    case HF_SERVER_KEY_EXCHANGE:
        take_server_key_exchange(facts, &r);
        break;
    case HF_CERTIFICATE_REQUEST:
        facts->asks_for_certificate = true;
        break;
    case HF_SERVER_HELLO_DONE:
        facts->has_server_hello_done = true;
        break;
    case HF_CLIENT_KEY_EXCHANGE:
        facts->has_client_key_exchange = true;
        break;
    case HF_CERTIFICATE_VERIFY:
        facts->has_certificate_verify = true;
        break;
    case HF_NEW_SESSION_TICKET:
        facts->has_ticket = true;
        break;
    default:
        break;
    }
}

const char *facts_version_text(uint16_t version)
{
    if (version == FACTS_TLS1_3)
        return "TLS 1.3";
    return version == 0x0300 ? "SSL 3.0" : hf_version_name(version);
}

#include "tools/dissect/code_names.h"

#include <handfast/registry.h>

#include <stdbool.h>
#include <stddef.h>

struct code_name {
    uint32_t code;
    const char *name;
};

#define FIND(table, code) find(table, sizeof(table) / sizeof(table)[0], code)

static const char *find(const struct code_name *rows, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].code == code)
            return rows[i].name;
    return NULL;
}

/* RFC 8701 2: values of two equal bytes that end in a, to be ignored like all unknown ones. */
static bool is_grease(uint32_t code)
{
    return (code & 0x0f0f) == 0x0a0a && (code & 0xff) == code >> 8;
}

static const char *or_grease(const char *name, uint32_t code)
{
    return !name && is_grease(code) ? "GREASE" : name;
}

const char *code_version(uint32_t version)
{
    static const struct code_name rows[] = {
        {0x0002, "SSL 2.0"}, {0x0300, "SSL 3.0"}, {0x0301, "TLS 1.0"},
        {0x0302, "TLS 1.1"}, {0x0303, "TLS 1.2"}, {0x0304, "TLS 1.3"},
    };
    return or_grease(FIND(rows, version), version);
}

/* Signalling values (RFC 5746 3.3, RFC 7507 2) and the suites of TLS 1.3 (RFC 8446 B.4), which
 * clients offer beside those that they may get. */
const char *code_suite(uint32_t suite)
{
    static const struct code_name rows[] = {
        {0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
        {0x5600, "TLS_FALLBACK_SCSV"},
        {0x1301, "TLS_AES_128_GCM_SHA256"},
        {0x1302, "TLS_AES_256_GCM_SHA384"},
        {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
        {0x1304, "TLS_AES_128_CCM_SHA256"},
        {0x1305, "TLS_AES_128_CCM_8_SHA256"},
    };
    const hf_suite *row = hf_suite_of((uint16_t)suite);
    return or_grease(row ? row->name : FIND(rows, suite), suite);
}

/* RFC 8422 5.1.1 and RFC 7919 2. */
const char *code_group(uint32_t group)
{
    static const struct code_name rows[] = {
        {21, "secp224r1"},
        {22, "secp256k1"},
        {26, "brainpoolP256r1"},
        {27, "brainpoolP384r1"},
        {28, "brainpoolP512r1"},
        {29, "x25519"},
        {30, "x448"},
        {259, "ffdhe6144"},
        {260, "ffdhe8192"},
    };
    const hf_group *row = hf_group_of((uint16_t)group);
    return or_grease(row ? row->name : FIND(rows, group), group);
}

/* RFC 8446 4.2.3, RFC 8422 5.1.3, and of the pairs of RFC 5246 7.4.1.4.1 those that are still
 * offered. */
const char *code_scheme(uint32_t scheme)
{
    static const struct code_name rows[] = {
        {0x0807, "ed25519"},
        {0x0808, "ed448"},
        {0x0809, "rsa_pss_pss_sha256"},
        {0x080a, "rsa_pss_pss_sha384"},
        {0x080b, "rsa_pss_pss_sha512"},
        {0x0101, "rsa_md5"},
        {0x0301, "rsa_sha224"},
        {0x0302, "dsa_sha224"},
        {0x0303, "ecdsa_sha224"},
        {0x0502, "dsa_sha384"},
        {0x0602, "dsa_sha512"},
    };
    const hf_scheme *row = hf_scheme_of((uint16_t)scheme);
    return or_grease(row ? row->name : FIND(rows, scheme), scheme);
}

const char *code_extension(uint32_t extension)
{
    static const struct code_name rows[] = {
        {14, "use_srtp"},
        {15, "heartbeat"},
        {17, "status_request_v2"},
        {18, "signed_certificate_timestamp"},
        {19, "client_certificate_type"},
        {20, "server_certificate_type"},
        {27, "compress_certificate"},
        {34, "delegated_credential"},
        {41, "pre_shared_key"},
        {42, "early_data"},
        {43, "supported_versions"},
        {44, "cookie"},
        {45, "psk_key_exchange_modes"},
        {47, "certificate_authorities"},
        {49, "post_handshake_auth"},
        {50, "signature_algorithms_cert"},
        {51, "key_share"},
        {65037, "encrypted_client_hello"},
    };
#if HF_WITH_TEXT
    const hf_extension_info *row;
    for (size_t i = 0; (row = hf_extension_at(i)) != NULL; i++)
        if (row->code == extension)
            return row->name;
#endif
    return or_grease(FIND(rows, extension), extension);
}

/* RFC 3749 2. */
const char *code_compression(uint32_t method)
{
    static const struct code_name rows[] = {{0, "null"}, {1, "DEFLATE"}};
    return FIND(rows, method);
}

/* RFC 8422 5.1.2. */
const char *code_point_format(uint32_t format)
{
    static const struct code_name rows[] = {
        {0, "uncompressed"}, {1, "ansiX962_compressed_prime"}, {2, "ansiX962_compressed_char2"}};
    return FIND(rows, format);
}

/* RFC 8422 5.4. */
const char *code_curve_type(uint32_t type)
{
    static const struct code_name rows[] = {
        {1, "explicit_prime"}, {2, "explicit_char2"}, {3, "named_curve"}};
    return FIND(rows, type);
}

/* RFC 6066 4. */
const char *code_fragment_length(uint32_t code)
{
    static const struct code_name rows[] = {{1, "2^9"}, {2, "2^10"}, {3, "2^11"}, {4, "2^12"}};
    return FIND(rows, code);
}

/* RFC 6066 3. */
const char *code_server_name_type(uint32_t type)
{
    static const struct code_name rows[] = {{0, "host_name"}};
    return FIND(rows, type);
}

/* RFC 6066 8, RFC 6961 2.2. */
const char *code_status_type(uint32_t type)
{
    static const struct code_name rows[] = {{1, "ocsp"}, {2, "ocsp_multi"}};
    return FIND(rows, type);
}

/* RFC 5246 7.4.4, RFC 8422 5.5. */
const char *code_certificate_type(uint32_t type)
{
    static const struct code_name rows[] = {
        {1, "rsa_sign"},    {2, "dss_sign"},        {3, "rsa_fixed_dh"},     {4, "dss_fixed_dh"},
        {64, "ecdsa_sign"}, {65, "rsa_fixed_ecdh"}, {66, "ecdsa_fixed_ecdh"}};
    return FIND(rows, type);
}

/* RFC 6066 5. */
const char *code_url_chain_type(uint32_t type)
{
    static const struct code_name rows[] = {{0, "individual_certs"}, {1, "pkipath"}};
    return FIND(rows, type);
}

/* RFC 6066 6. */
const char *code_trusted_ca_type(uint32_t type)
{
    static const struct code_name rows[] = {
        {0, "pre_agreed"}, {1, "key_sha1_hash"}, {2, "x509_name"}, {3, "cert_sha1_hash"}};
    return FIND(rows, type);
}

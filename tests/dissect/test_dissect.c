/* The tree of fields of each message: bytes as the RFCs lay them out, and the lines that must come
 * of them. Then each of these messages cut and damaged.
 *
 * Messages are written down in hexadecimal; 'text' stands for its bytes, <2 ...> for a vector with
 * its length in two bytes before it (RFC 5246 4.3), {30 ...} for an element of DER with tag 30. */
#include "tools/dissect/dissect.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 2048
#define NESTING_MAX 16

struct message {
    uint8_t bytes[MESSAGE_MAX];
    size_t size;
};

/* ------------------------------------------------------------------ the notation */

struct opened {
    size_t start, width; /* width 0: DER */
};

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void put(struct message *m, size_t byte)
{
    cr_assert_lt(m->size, MESSAGE_MAX);
    m->bytes[m->size++] = (uint8_t)byte;
}

static void insert(struct message *m, size_t at, const uint8_t *bytes, size_t size)
{
    memmove(m->bytes + at + size, m->bytes + at, m->size - at);
    memcpy(m->bytes + at, bytes, size);
    m->size += size;
}

static void close_vector(struct message *m, const struct opened *open)
{
    size_t size = m->size - open->start;
    uint8_t length[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8),
                         (uint8_t)size};
    uint8_t long_form[3] = {0x82, length[2], length[3]};
    if (open->width)
        insert(m, open->start, length + 4 - open->width, open->width);
    else if (size < 0x80)
        insert(m, open->start, length + 3, 1);
    else
        insert(m, open->start, long_form, 3);
}

static struct message compose(const char *text)
{
    struct message m = {.size = 0};
    struct opened open[NESTING_MAX];
    size_t depth = 0;
    for (; *text; text++) {
        if (*text == ' ')
            continue;
        if (*text == '\'') {
            for (text++; *text != '\''; text++)
                put(&m, (uint8_t)*text);
        } else if (*text == '<') {
            open[depth++] = (struct opened){m.size, digit(*++text)};
        } else if (*text == '{') {
            put(&m, (size_t)digit(text[1]) << 4 | digit(text[2]));
            text += 2;
            open[depth++] = (struct opened){m.size, 0};
        } else if (*text == '>' || *text == '}') {
            close_vector(&m, &open[--depth]);
        } else {
            put(&m, (size_t)digit(text[0]) << 4 | digit(text[1]));
            text++;
        }
    }
    cr_assert_eq(depth, 0);
    return m;
}

/* ------------------------------------------------------------------ the examples */

#define RANDOM         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RANDOM_LINE    "random: 32 bytes: " RANDOM "\n"
#define HASH           "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3"
#define NAME(text)     "{30 {31 {30 {06 550403} {0c '" text "'}}}}" /* RFC 5280 4.1.2.4: CN */
#define SIGNATURE      "<2 3045>"
#define SIGNATURE_LINE "signature: 2 bytes: 3045\n"
#define ECDSA_SHA256   "{30 {06 2a8648ce3d040302}}"
#define POINT          "04" HASH HASH HASH HASH "aabbccdd"

/* RFC 5280 4.1 with one extension of each kind that is taken apart (4.2.1, 4.2.2, RFC 7633). */
#define EXTENSION(oid, value)          "{30 {06 " oid "} {04 " value "}}"
#define CRITICAL_EXTENSION(oid, value) "{30 {06 " oid "} {01 ff} {04 " value "}}"
#define CERTIFICATE                                                                                \
    "{30 {30 {a0 {02 02}} {02 1234} " ECDSA_SHA256                                                 \
        NAME("ca") "{30 {17 '200102030405Z'} {18 '20500102030405Z'}}" NAME(                        \
            "a,b\xc3\xa9") "{30 {30 {06 2a8648ce3d0201} {06 2a8648ce3d030107}} {03 00 " POINT "}}" \
                           "{a3 {30" EXTENSION(                                                    \
                               "551d11",                                                           \
                               "{30 {82 'host.test'} {81 'a@b'} {86 'https://c/'}"                 \
                               "{87 7f000001} {a4 " NAME(                                          \
                                   "d") "} {88 2a}}") CRITICAL_EXTENSION("551d0f", "{03 0106}")    \
                               CRITICAL_EXTENSION("551d13", "{30 {01 ff} {02 03}}") EXTENSION(     \
                                   "551d25",                                                       \
                                   "{30 {06 2b06010505070301} {06 2a03}}") EXTENSION("551d0e",     \
                                                                                     "{04 0a0b}")  \
                                   EXTENSION("551d23", "{30 {80 0c0d}}") EXTENSION(                \
                                       "551d20", "{30 {30 {06 551d2000}} {30 {06 2a04} {30 05}}}") \
                                       EXTENSION("551d1e", "{30 {a0 {30 {82 'in.test'}}} {a1 {30 " \
                                                           "{87 0a000000ff000000}}}}")             \
                                           EXTENSION(                                              \
                                               "2b06010505070101",                                 \
                                               "{30 {30 {06 2b06010505073001} {86 'http://o/'}}}") \
                                               EXTENSION("551d1f",                                 \
                                                         "{30 {30 {a0 {a0 {86 'http://l/'}}}}}")   \
                                                   EXTENSION("2b06010505070118", "{30 {02 05}}")   \
                                                       EXTENSION("2a030405",                       \
                                                                 "0102") "}}} " ECDSA_SHA256       \
                                                                         "{03 00 3046}}"

#define CERTIFICATE_LINES(i)                                                            \
    i "tbsCertificate, 528 bytes\n" i "    version: v3 (2)\n" i                         \
      "    serialNumber: 2 bytes: 1234\n" i "    signature: ecdsa-with-SHA256\n" i      \
      "    issuer: CN=ca\n" i "    notBefore: 2020-01-02 03:04:05 UTC\n" i              \
      "    notAfter: 2050-01-02 03:04:05 UTC\n" i "    subject: CN=a\\,b\\C3\\A9\n" i   \
      "    subjectPublicKeyInfo, 111 bytes\n" i "        algorithm: id-ecPublicKey\n" i \
      "        namedCurve: secp256r1\n" i                                               \
      "        subjectPublicKey: 85 bytes: 04a0a1a2a3a4a5a6a7a8a9aaabacadae...\n"

struct example {
    const char *name;
    uint16_t version, suite; /* agreed on before */
    const char *notation, *lines;
};

static const struct example examples[] = {
    {"HelloRequest", 0, 0, "00 <3 >", "msg_type: HelloRequest (0)\nlength: 0\n"},
    /* RFC 5246 7.4.1.2 */
    {"ClientHello without extensions", 0, 0, "01 <3 0303" RANDOM "<1 0102> <2 c02b 00ff> <1 00>>",
     "msg_type: ClientHello (1)\n"
     "length: 45\n"
     "client_version: TLS 1.2 (0x0303)\n" RANDOM_LINE "session_id: 2 bytes: 0102\n"
     "cipher_suites, 4 bytes\n"
     "    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (0xc02b)\n"
     "    TLS_EMPTY_RENEGOTIATION_INFO_SCSV (0x00ff)\n"
     "compression_methods, 1 byte\n"
     "    null (0)\n"},
    /* RFC 6066 3 to 8, RFC 8422 5.1, RFC 5246 7.4.1.4.1, RFC 7301 3.1, RFC 7685 3, RFC 7366 2, RFC
     * 7627 5.1, RFC 8449 4, RFC 5077 3.2, RFC 8446 4.2.1, RFC 5746 3.2 */
    {"ClientHello", 0, 0,
     "01 <3 0301" RANDOM "<1 > <2 1301 1234> <1 00 01> <2"
     "0000 <2 <2 00 <2 'host.test'>>>"
     "0001 <2 03>"
     "0002 <2 >"
     "0003 <2 <2 00 01" HASH "02 <2 " NAME("r") "> 03" HASH ">>"
                                                "0004 <2 >"
                                                "0005 <2 01 <2 <2 0d0e>> <2 >>"
                                                "000a <2 <2 001d fafa 0017>>"
                                                "000b <2 <1 00>>"
                                                "000d <2 <2 0403 0201>>"
                                                "0010 <2 <2 <1 'h2'> <1 'a\\b'>>>"
                                                "0015 <2 0000>"
                                                "0016 <2 >"
                                                "0017 <2 >"
                                                "001c <2 0400>"
                                                "0023 <2 aabbcc>"
                                                "002b <2 <1 0304 0303>>"
                                                "ff01 <2 <1 >>"
                                                "1234 <2 abcd>>>",
     "msg_type: ClientHello (1)\n"
     "length: 244\n"
     "client_version: TLS 1.0 (0x0301)\n" RANDOM_LINE "session_id: 0 bytes\n"
     "cipher_suites, 4 bytes\n"
     "    TLS_AES_128_GCM_SHA256 (0x1301)\n"
     "    unknown (0x1234)\n"
     "compression_methods, 2 bytes\n"
     "    null (0)\n"
     "    DEFLATE (1)\n"
     "extensions, 198 bytes\n"
     "    extension_type: server_name (0x0000)\n"
     "        server_name_list, 12 bytes\n"
     "            name_type: host_name (0)\n"
     "            HostName: host.test\n"
     "    extension_type: max_fragment_length (0x0001)\n"
     "        MaxFragmentLength: 2^11 (3)\n"
     "    extension_type: client_certificate_url (0x0002)\n"
     "    extension_type: trusted_ca_keys (0x0003)\n"
     "        trusted_authorities_list, 60 bytes\n"
     "            identifier_type: pre_agreed (0)\n"
     "            identifier_type: key_sha1_hash (1)\n"
     "            SHA1Hash: 20 bytes: " HASH "\n"
     "            identifier_type: x509_name (2)\n"
     "            DistinguishedName, 14 bytes\n"
     "                CN=r\n"
     "            identifier_type: cert_sha1_hash (3)\n"
     "            SHA1Hash: 20 bytes: " HASH "\n"
     "    extension_type: truncated_hmac (0x0004)\n"
     "    extension_type: status_request (0x0005)\n"
     "        status_type: ocsp (1)\n"
     "        responder_id_list, 4 bytes\n"
     "            ResponderID: 2 bytes: 0d0e\n"
     "        request_extensions: 0 bytes\n"
     "    extension_type: supported_groups (0x000a)\n"
     "        named_group_list, 6 bytes\n"
     "            x25519 (0x001d)\n"
     "            GREASE (0xfafa)\n"
     "            secp256r1 (0x0017)\n"
     "    extension_type: ec_point_formats (0x000b)\n"
     "        ec_point_format_list, 1 byte\n"
     "            uncompressed (0)\n"
     "    extension_type: signature_algorithms (0x000d)\n"
     "        supported_signature_algorithms, 4 bytes\n"
     "            ecdsa_secp256r1_sha256 (0x0403)\n"
     "            rsa_pkcs1_sha1 (0x0201)\n"
     "    extension_type: application_layer_protocol_negotiation (0x0010)\n"
     "        protocol_name_list, 7 bytes\n"
     "            ProtocolName: h2\n"
     "            ProtocolName: a\\x5cb\n"
     "    extension_type: padding (0x0015)\n"
     "        padding: 2 bytes: 0000\n"
     "    extension_type: encrypt_then_mac (0x0016)\n"
     "    extension_type: extended_master_secret (0x0017)\n"
     "    extension_type: record_size_limit (0x001c)\n"
     "        RecordSizeLimit: 1024\n"
     "    extension_type: session_ticket (0x0023)\n"
     "        ticket: 3 bytes: aabbcc\n"
     "    extension_type: supported_versions (0x002b)\n"
     "        versions, 4 bytes\n"
     "            TLS 1.3 (0x0304)\n"
     "            TLS 1.2 (0x0303)\n"
     "    extension_type: renegotiation_info (0xff01)\n"
     "        renegotiated_connection: 0 bytes\n"
     "    extension_type: unknown (0x1234)\n"
     "        extension_data: 2 bytes: abcd\n"},
    /* RFC 5246 E.2 */
    {"ClientHello of SSL 2.0", 0, 0,
     "01 0301 0006 0000 0010 00c009 010080 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "msg_type: 1\n"
     "version: TLS 1.0 (0x0301)\n"
     "cipher_spec_length: 6\n"
     "session_id_length: 0\n"
     "challenge_length: 16\n"
     "cipher_specs, 6 bytes\n"
     "    TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA (0xc009)\n"
     "    unknown (0x10080)\n"
     "session_id: 0 bytes\n"
     "challenge: 16 bytes: a0a1a2a3a4a5a6a7a8a9aaabacadaeaf\n"},
    /* RFC 5246 7.4.1.3 */
    {"ServerHello", 0, 0,
     "02 <3 0303" RANDOM "<1 0a> c02b 00 <2 0000 <2 > 0010 <2 <2 <1 'h2'>>> ff01 <2 <1 >> 002b <2 "
     "0304>>>",
     "msg_type: ServerHello (2)\n"
     "length: 65\n"
     "server_version: TLS 1.2 (0x0303)\n" RANDOM_LINE "session_id: 1 byte: 0a\n"
     "cipher_suite: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (0xc02b)\n"
     "compression_method: null (0)\n"
     "extensions, 24 bytes\n"
     "    extension_type: server_name (0x0000)\n"
     "    extension_type: application_layer_protocol_negotiation (0x0010)\n"
     "        protocol_name_list, 3 bytes\n"
     "            ProtocolName: h2\n"
     "    extension_type: renegotiation_info (0xff01)\n"
     "        renegotiated_connection: 0 bytes\n"
     "    extension_type: supported_versions (0x002b)\n"
     "        extension_data: 2 bytes: 0304\n"},
    /* RFC 5077 3.3 */
    {"NewSessionTicket", 0, 0, "04 <3 00000e10 <2 beef>>",
     "msg_type: NewSessionTicket (4)\n"
     "length: 8\n"
     "ticket_lifetime_hint: 3600\n"
     "ticket: 2 bytes: beef\n"},
    {"ServerHelloDone", 0, 0, "0e <3 >", "msg_type: ServerHelloDone (14)\nlength: 0\n"},
    /* RFC 5246 7.4.2, RFC 5280 4 */
    {"Certificate", 0, 0, "0b <3 <3 <3 " CERTIFICATE ">>>",
     "msg_type: Certificate (11)\n"
     "length: 555\n"
     "certificate_list, 552 bytes\n"
     "    ASN.1Cert, 549 bytes\n" CERTIFICATE_LINES(
         "        ") "            extensions, 321 bytes\n"
                     "                Extension, 64 bytes\n"
                     "                    extnID: subjectAltName\n"
                     "                    dNSName: host.test\n"
                     "                    rfc822Name: a@b\n"
                     "                    uniformResourceIdentifier: https://c/\n"
                     "                    iPAddress: 127.0.0.1\n"
                     "                    directoryName: CN=d\n"
                     "                    GeneralName: 3 bytes: 88012a\n"
                     "                Extension, 16 bytes\n"
                     "                    extnID: keyUsage\n"
                     "                    critical: true\n"
                     "                    KeyUsage: keyCertSign, cRLSign\n"
                     "                Extension, 20 bytes\n"
                     "                    extnID: basicConstraints\n"
                     "                    critical: true\n"
                     "                    cA: true\n"
                     "                    pathLenConstraint: 3\n"
                     "                Extension, 25 bytes\n"
                     "                    extnID: extKeyUsage\n"
                     "                    KeyPurposeId: id-kp-serverAuth\n"
                     "                    KeyPurposeId: 1.2.3\n"
                     "                Extension, 13 bytes\n"
                     "                    extnID: subjectKeyIdentifier\n"
                     "                    KeyIdentifier: 2 bytes: 0a0b\n"
                     "                Extension, 15 bytes\n"
                     "                    extnID: authorityKeyIdentifier\n"
                     "                    keyIdentifier: 2 bytes: 0c0d\n"
                     "                Extension, 28 bytes\n"
                     "                    extnID: certificatePolicies\n"
                     "                    policyIdentifier: anyPolicy\n"
                     "                    policyIdentifier: 1.2.4\n"
                     "                    policyQualifiers: 3 bytes: 300105\n"
                     "                Extension, 38 bytes\n"
                     "                    extnID: nameConstraints\n"
                     "                    permittedSubtrees, 13 bytes\n"
                     "                        dNSName: in.test\n"
                     "                    excludedSubtrees, 14 bytes\n"
                     "                        iPAddress: 10.0.0.0/255.0.0.0\n"
                     "                Extension, 39 bytes\n"
                     "                    extnID: authorityInfoAccess\n"
                     "                    AccessDescription, 23 bytes\n"
                     "                        accessMethod: ocsp\n"
                     "                        uniformResourceIdentifier: http://o/\n"
                     "                Extension, 28 bytes\n"
                     "                    extnID: cRLDistributionPoints\n"
                     "                    DistributionPoint, 17 bytes\n"
                     "                        uniformResourceIdentifier: http://l/\n"
                     "                Extension, 19 bytes\n"
                     "                    extnID: tlsFeature\n"
                     "                    ExtensionType: 5\n"
                     "                Extension, 12 bytes\n"
                     "                    extnID: 1.2.3.4.5\n"
                     "                    extnValue: 2 bytes: 0102\n"
                     "        signatureAlgorithm: ecdsa-with-SHA256\n"
                     "        signatureValue: 2 bytes: 3046\n"},
    /* RFC 3279 2.3.1; version 1, RFC 5280 4.1.2.1 */
    {"Certificate with an RSA key", 0, 0,
     "0b <3 <3 <3 {30 {30 {02 01} {30 {06 2a864886f70d01010b} {05 }}" NAME(
         "i") "{30 {17 '990102030405Z'} {17 '490102030405Z'}}" NAME("s") "{30 {30 {06 "
                                                                         "2a864886f70d010101} {05 "
                                                                         "}} {03 00 {30 {02 00c1} "
                                                                         "{02 010001}}}}}"
                                                                         "{30 {06 "
                                                                         "2a864886f70d01010b} {05 "
                                                                         "}} {03 00 ff}}>>>",
     "msg_type: Certificate (11)\n"
     "length: 140\n"
     "certificate_list, 137 bytes\n"
     "    ASN.1Cert, 134 bytes\n"
     "        tbsCertificate, 111 bytes\n"
     "            serialNumber: 1 byte: 01\n"
     "            signature: sha256WithRSAEncryption\n"
     "            issuer: CN=i\n"
     "            notBefore: 1999-01-02 03:04:05 UTC\n"
     "            notAfter: 2049-01-02 03:04:05 UTC\n"
     "            subject: CN=s\n"
     "            subjectPublicKeyInfo, 31 bytes\n"
     "                algorithm: rsaEncryption\n"
     "                subjectPublicKey: 11 bytes: 3009020200c10203010001\n"
     "                    modulus: 2 bytes: 00c1\n"
     "                    publicExponent: 65537\n"
     "        signatureAlgorithm: sha256WithRSAEncryption\n"
     "        signatureValue: 1 byte: ff\n"},
    /* RFC 8422 5.4 */
    {"ServerKeyExchange, ECDHE", HF_TLS1_2, 0xc02b, "0c <3 03 0017 <1 0405> 0403" SIGNATURE ">",
     "msg_type: ServerKeyExchange (12)\n"
     "length: 12\n"
     "curve_type: named_curve (3)\n"
     "namedcurve: secp256r1 (0x0017)\n"
     "public: 2 bytes: 0405\n"
     "algorithm: ecdsa_secp256r1_sha256 (0x0403)\n" SIGNATURE_LINE},
    /* RFC 5246 7.4.3; no algorithm before TLS 1.2 (RFC 4346 7.4.3) */
    {"ServerKeyExchange, DHE, TLS 1.1", HF_TLS1_1, 0x0033,
     "0c <3 <2 17> <2 02> <2 08>" SIGNATURE ">",
     "msg_type: ServerKeyExchange (12)\n"
     "length: 13\n"
     "dh_p: 1 byte: 17\n"
     "dh_g: 1 byte: 02\n"
     "dh_Ys: 1 byte: 08\n" SIGNATURE_LINE},
    {"ServerKeyExchange, ECDH_anon", HF_TLS1_2, 0xc018, "0c <3 03 0018 <1 0405>>",
     "msg_type: ServerKeyExchange (12)\n"
     "length: 6\n"
     "curve_type: named_curve (3)\n"
     "namedcurve: secp384r1 (0x0018)\n"
     "public: 2 bytes: 0405\n"},
    /* RFC 4279 3, RFC 5489 2 */
    {"ServerKeyExchange, DHE_PSK", HF_TLS1_2, 0x00aa, "0c <3 <2 'who?'> <2 17> <2 02> <2 08>>",
     "msg_type: ServerKeyExchange (12)\n"
     "length: 15\n"
     "psk_identity_hint: who?\n"
     "dh_p: 1 byte: 17\n"
     "dh_g: 1 byte: 02\n"
     "dh_Ys: 1 byte: 08\n"},
    {"ServerKeyExchange, RSA_PSK", HF_TLS1_2, 0x00ac, "0c <3 <2 >>",
     "msg_type: ServerKeyExchange (12)\n"
     "length: 2\n"
     "psk_identity_hint: \n"},
    {"ServerKeyExchange, of nobody knows what", HF_TLS1_2, 0xfedc, "0c <3 0102>",
     "msg_type: ServerKeyExchange (12)\n"
     "length: 2\n"
     "(of a cipher suite that is not known): 2 bytes: 0102\n"},
    /* RFC 5246 7.4.4, before TLS 1.2 RFC 4346 7.4.4 */
    {"CertificateRequest", HF_TLS1_2, 0xc02b, "0d <3 <1 01 40> <2 0804> <2 <2 " NAME("ca") ">>>",
     "msg_type: CertificateRequest (13)\n"
     "length: 26\n"
     "certificate_types, 2 bytes\n"
     "    rsa_sign (1)\n"
     "    ecdsa_sign (64)\n"
     "supported_signature_algorithms, 2 bytes\n"
     "    rsa_pss_rsae_sha256 (0x0804)\n"
     "certificate_authorities, 17 bytes\n"
     "    DistinguishedName, 15 bytes\n"
     "        CN=ca\n"},
    {"CertificateRequest, TLS 1.1", HF_TLS1_1, 0xc013, "0d <3 <1 01> <2 >>",
     "msg_type: CertificateRequest (13)\n"
     "length: 4\n"
     "certificate_types, 1 byte\n"
     "    rsa_sign (1)\n"
     "certificate_authorities, 0 bytes\n"},
    {"CertificateVerify", HF_TLS1_2, 0xc02b, "0f <3 0804" SIGNATURE ">",
     "msg_type: CertificateVerify (15)\n"
     "length: 6\n"
     "algorithm: rsa_pss_rsae_sha256 (0x0804)\n" SIGNATURE_LINE},
    {"CertificateVerify, TLS 1.0", HF_TLS1_0, 0xc013, "0f <3" SIGNATURE ">",
     "msg_type: CertificateVerify (15)\n"
     "length: 4\n" SIGNATURE_LINE},
    /* RFC 5246 7.4.7, RFC 8422 5.7, RFC 4279 2 to 4, RFC 5489 2 */
    {"ClientKeyExchange, RSA", HF_TLS1_2, 0x009c, "10 <3 <2 0102>>",
     "msg_type: ClientKeyExchange (16)\n"
     "length: 4\n"
     "EncryptedPreMasterSecret: 2 bytes: 0102\n"},
    {"ClientKeyExchange, DHE", HF_TLS1_2, 0x009e, "10 <3 <2 0102>>",
     "msg_type: ClientKeyExchange (16)\n"
     "length: 4\n"
     "dh_Yc: 2 bytes: 0102\n"},
    {"ClientKeyExchange, ECDHE", HF_TLS1_2, 0xc02b, "10 <3 <1 0405>>",
     "msg_type: ClientKeyExchange (16)\n"
     "length: 3\n"
     "ecdh_Yc: 2 bytes: 0405\n"},
    {"ClientKeyExchange, PSK", HF_TLS1_2, 0x00a8, "10 <3 <2 'me'>>",
     "msg_type: ClientKeyExchange (16)\n"
     "length: 4\n"
     "psk_identity: me\n"},
    {"ClientKeyExchange, ECDHE_PSK", HF_TLS1_2, 0xc037, "10 <3 <2 'me'> <1 0405>>",
     "msg_type: ClientKeyExchange (16)\n"
     "length: 7\n"
     "psk_identity: me\n"
     "ecdh_Yc: 2 bytes: 0405\n"},
    {"Finished", HF_TLS1_2, 0xc02b, "14 <3 a0a1a2a3a4a5a6a7a8a9aaab>",
     "msg_type: Finished (20)\n"
     "length: 12\n"
     "verify_data: 12 bytes: a0a1a2a3a4a5a6a7a8a9aaab\n"},
    /* RFC 6066 5 */
    {"CertificateURL", HF_TLS1_2, 0xc02b, "15 <3 00 <2 <2 'http://a/'> 01" HASH ">>",
     "msg_type: CertificateURL (21)\n"
     "length: 35\n"
     "type: individual_certs (0)\n"
     "url_and_hash_list, 32 bytes\n"
     "    url: http://a/\n"
     "    padding: 1\n"
     "    SHA1Hash: 20 bytes: " HASH "\n"},
    /* RFC 6066 8, RFC 6960 4.2.1 */
    {"CertificateStatus", HF_TLS1_2, 0xc02b,
     "16 <3 01 <3 {30 {0a 00} {a0 {30 {06 2b0601050507300101} {04 {30 {30 {a2 {04 0102}}"
     "{18 '20260102030405Z'} {30 {30 {30 {30 {06 2b0e03021a}} {04 aa} {04 bb} {02 05}} {80 }"
     "{18 '20260102030405Z'} {a0 {18 '20260202030405Z'}}}"
     "{30 {30 {30 {06 2b0e03021a}} {04 aa} {04 bb} {02 06}}"
     "{a1 {18 '20250102030405Z'} {a0 {0a 01}}} {18 '20260102030405Z'}}}}" ECDSA_SHA256
     "{03 00 3047}}}}}}>>",
     "msg_type: CertificateStatus (22)\n"
     "length: 207\n"
     "status_type: ocsp (1)\n"
     "OCSPResponse, 203 bytes\n"
     "    responseStatus: successful (0)\n"
     "    responseType: id-pkix-ocsp-basic\n"
     "    BasicOCSPResponse, 173 bytes\n"
     "        tbsResponseData, 152 bytes\n"
     "            byKey: 2 bytes: 0102\n"
     "            producedAt: 2026-01-02 03:04:05 UTC\n"
     "            responses, 125 bytes\n"
     "                SingleResponse, 60 bytes\n"
     "                    certID, 20 bytes\n"
     "                        hashAlgorithm: id-sha1\n"
     "                        issuerNameHash: 1 byte: aa\n"
     "                        issuerKeyHash: 1 byte: bb\n"
     "                        serialNumber: 1 byte: 05\n"
     "                    good: 0 bytes\n"
     "                    thisUpdate: 2026-01-02 03:04:05 UTC\n"
     "                    nextUpdate: 2026-02-02 03:04:05 UTC\n"
     "                SingleResponse, 63 bytes\n"
     "                    certID, 20 bytes\n"
     "                        hashAlgorithm: id-sha1\n"
     "                        issuerNameHash: 1 byte: aa\n"
     "                        issuerKeyHash: 1 byte: bb\n"
     "                        serialNumber: 1 byte: 06\n"
     "                    revoked, 24 bytes\n"
     "                        revocationTime: 2025-01-02 03:04:05 UTC\n"
     "                        revocationReason: keyCompromise (1)\n"
     "                    thisUpdate: 2026-01-02 03:04:05 UTC\n"
     "        signatureAlgorithm: ecdsa-with-SHA256\n"
     "        signature: 2 bytes: 3047\n"},
    {"a message of an unknown type", HF_TLS1_2, 0xc02b, "63 <3 0102>",
     "msg_type: unknown (99)\n"
     "length: 2\n"
     "body: 2 bytes: 0102\n"},
};

#define EXAMPLE_COUNT (sizeof examples / sizeof examples[0])

/* ------------------------------------------------------------------ the tests */

/* What is printed of bytes, in memory to free. They are read from memory of just their size, so
 * that a sanitizer sees any read past their end. */
static char *lines_of(const struct example *example, const uint8_t *bytes, size_t size,
                      bool *is_malformed)
{
    char *text = NULL;
    size_t text_size = 0;
    uint8_t *copy = malloc(size ? size : 1);
    FILE *out = open_memstream(&text, &text_size);
    cr_assert(copy && out);
    memcpy(copy, bytes, size);
    struct dissect_context context = {example->version, example->suite};
    struct tree tree;
    dissect_message(&tree, &context, (hf_span){copy, size});
    *is_malformed = tree.is_malformed;
    tree_print(&tree, out, 0);
    tree_free(&tree);
    free(copy);
    fclose(out);
    return text;
}

Test(dissect, every_message)
{
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        struct message m = compose(examples[i].notation);
        bool is_malformed;
        char *lines = lines_of(&examples[i], m.bytes, m.size, &is_malformed);
        cr_expect_str_eq(lines, examples[i].lines, "%s:\n%s", examples[i].name, lines);
        cr_expect_not(is_malformed, "%s", examples[i].name);
        free(lines);
    }
}

/* However little there is, what there is is shown, and nobody takes it for the whole. */
Test(dissect, every_prefix)
{
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        struct message m = compose(examples[i].notation);
        for (size_t size = 0; size < m.size; size++) {
            bool is_malformed;
            char *lines = lines_of(&examples[i], m.bytes, size, &is_malformed);
            cr_expect(is_malformed, "%s, %zu bytes:\n%s", examples[i].name, size, lines);
            cr_expect(strstr(lines, "[malformed: ") != NULL, "%s", lines);
            free(lines);
        }
    }
}

/* Nothing is read outside, whatever a length or a tag is (see the sanitizers). */
Test(dissect, every_byte_damaged)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xff};
    for (size_t i = 0; i < EXAMPLE_COUNT; i++) {
        struct message m = compose(examples[i].notation);
        for (size_t at = 0; at < m.size; at++) {
            uint8_t before = m.bytes[at];
            for (size_t v = 0; v < sizeof values; v++) {
                bool is_malformed;
                m.bytes[at] = values[v];
                free(lines_of(&examples[i], m.bytes, m.size, &is_malformed));
            }
            m.bytes[at] = before;
        }
    }
}

/* Each fault is marked where it is, and what stands before and behind it is shown. */
static const struct example faults[] = {
    {"nothing", 0, 0, "", "msg_type: 0 bytes [malformed: cut short]\n"},
    {"less than the length says", 0, 0, "0e 000001",
     "msg_type: ServerHelloDone (14)\nlength: 1 [malformed: there is less]\n"},
    {"more than the message is made of", 0, 0, "0e <3 aa>",
     "msg_type: ServerHelloDone (14)\nlength: 1\n"
     "(left over): 1 byte: aa [malformed: nothing was expected here]\n"},
    {"bytes behind the message", 0, 0, "0e <3 > aabb",
     "msg_type: ServerHelloDone (14)\nlength: 0\n"
     "(left over): 2 bytes: aabb [malformed: nothing was expected here]\n"},
    {"half a code point", 0, 0, "01 <3 0303" RANDOM "<1 > <2 c02b00> <1 00>>",
     "msg_type: ClientHello (1)\n"
     "length: 42\n"
     "client_version: TLS 1.2 (0x0303)\n" RANDOM_LINE "session_id: 0 bytes\n"
     "cipher_suites, 3 bytes\n"
     "    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (0xc02b)\n"
     "    1 byte: 00 [malformed: cut short]\n"
     "compression_methods, 1 byte\n"
     "    null (0)\n"},
    {"a vector that is longer than what it is in", HF_TLS1_2, 0x009c, "10 <3 0003 aabb>",
     "msg_type: ClientKeyExchange (16)\n"
     "length: 4\n"
     "EncryptedPreMasterSecret: 2 bytes: aabb [malformed: cut short]\n"},
    {"an extension that is longer than its fields", 0, 0,
     "02 <3 0303" RANDOM "<1 > c02b 00 <2 001c <2 0400ff> 0017 <2 >>>",
     "msg_type: ServerHello (2)\n"
     "length: 51\n"
     "server_version: TLS 1.2 (0x0303)\n" RANDOM_LINE "session_id: 0 bytes\n"
     "cipher_suite: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (0xc02b)\n"
     "compression_method: null (0)\n"
     "extensions, 11 bytes\n"
     "    extension_type: record_size_limit (0x001c)\n"
     "        RecordSizeLimit: 1024\n"
     "        (left over): 1 byte: ff [malformed: nothing was expected here]\n"
     "    extension_type: extended_master_secret (0x0017)\n"},
    {"an authority of an unknown type", 0, 0,
     "01 <3 0303" RANDOM "<1 > <2 c02b> <1 00> <2 0003 <2 <2 07 aa>>>>",
     "msg_type: ClientHello (1)\n"
     "length: 51\n"
     "client_version: TLS 1.2 (0x0303)\n" RANDOM_LINE "session_id: 0 bytes\n"
     "cipher_suites, 2 bytes\n"
     "    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (0xc02b)\n"
     "compression_methods, 1 byte\n"
     "    null (0)\n"
     "extensions, 8 bytes\n"
     "    extension_type: trusted_ca_keys (0x0003)\n"
     "        trusted_authorities_list, 2 bytes\n"
     "            identifier_type: unknown (7)\n"
     "            1 byte: aa [malformed: of an unknown type, and so of unknown length]\n"},
    {"no certificate, and one behind it", HF_TLS1_2, 0xc02b, "0b <3 <3 <3 ff> <3 {30 {31 }}>>>",
     "msg_type: Certificate (11)\n"
     "length: 14\n"
     "certificate_list, 11 bytes\n"
     "    ASN.1Cert, 1 byte\n"
     "        Certificate: 1 byte: ff [malformed: another tag was expected]\n"
     "    ASN.1Cert, 4 bytes\n"
     "        tbsCertificate: 2 bytes: 3100 [malformed: another tag was expected]\n"},
    {"a length without an end", HF_TLS1_2, 0xc02b, "0b <3 <3 <3 3080 0000>>>",
     "msg_type: Certificate (11)\n"
     "length: 10\n"
     "certificate_list, 7 bytes\n"
     "    ASN.1Cert, 4 bytes\n"
     "        Certificate: 4 bytes: 30800000 [malformed: not a length of DER]\n"},
};

Test(dissect, faults_are_marked_where_they_are)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct message m = compose(faults[i].notation);
        bool is_malformed;
        char *lines = lines_of(&faults[i], m.bytes, m.size, &is_malformed);
        cr_expect_str_eq(lines, faults[i].lines, "%s:\n%s", faults[i].name, lines);
        cr_expect(is_malformed, "%s", faults[i].name);
        free(lines);
    }
}

/* What is behind a ServerHello is read by what that has chosen. */
Test(dissect, context_is_learned)
{
    struct message hello = compose("02 <3 0302" RANDOM "<1 > 0039 00>");
    struct message exchange = compose("0c <3 <2 17> <2 02> <2 08>" SIGNATURE ">");
    struct dissect_context context = {0, 0};
    struct tree tree;
    dissect_message(&tree, &context, (hf_span){exchange.bytes, exchange.size});
    cr_expect_str_eq(tree.root.last->field, "(of a cipher suite that is not known)");
    tree_free(&tree);
    dissect_message(&tree, &context, (hf_span){hello.bytes, hello.size});
    tree_free(&tree);
    cr_expect_eq(context.version, 0x0302);
    cr_expect_eq(context.suite, 0x0039);
    dissect_message(&tree, &context, (hf_span){exchange.bytes, exchange.size});
    cr_expect_str_eq(tree.root.last->field, "signature");
    cr_expect_not(tree.is_malformed);
    tree_free(&tree);
}

#include "tools/dissect/oids.h"

#include <stdio.h>
#include <string.h>

#define OID_MAX 10

struct oid_row {
    const char *name;
    uint8_t size;
    uint8_t oid[OID_MAX];
};

static const struct oid_row rows[] = {
    /* RFC 8017 C, RFC 3279 2.2 and 2.3, RFC 5758 3, RFC 8410 3 */
    {"rsaEncryption", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1}},
    {"md5WithRSAEncryption", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4}},
    {"sha1WithRSAEncryption", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5}},
    {"id-RSASSA-PSS", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10}},
    {"sha256WithRSAEncryption", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11}},
    {"sha384WithRSAEncryption", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12}},
    {"sha512WithRSAEncryption", 9, {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13}},
    {"id-dsa", 7, {0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1}},
    {"id-dsa-with-sha1", 7, {0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3}},
    {"id-dsa-with-sha256", 9, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2}},
    {"id-ecPublicKey", 7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1}},
    {"ecdsa-with-SHA1", 7, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1}},
    {"ecdsa-with-SHA256", 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}},
    {"ecdsa-with-SHA384", 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3}},
    {"ecdsa-with-SHA512", 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4}},
    {"id-Ed25519", 3, {0x2b, 0x65, 0x70}},
    {"id-Ed448", 3, {0x2b, 0x65, 0x71}},
    {"id-sha1", 5, {0x2b, 0x0e, 3, 2, 0x1a}},
    {"id-sha256", 9, {0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}},
    /* RFC 5480 2.1.1.1 */
    {"secp256r1", 8, {0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}},
    {"secp384r1", 5, {0x2b, 0x81, 4, 0, 0x22}},
    {"secp521r1", 5, {0x2b, 0x81, 4, 0, 0x23}},
    /* RFC 5280 4.2.1.12, RFC 6960 4.2.2.2 */
    {"anyExtendedKeyUsage", 4, {0x55, 0x1d, 0x25, 0}},
    {"id-kp-serverAuth", 8, {0x2b, 6, 1, 5, 5, 7, 3, 1}},
    {"id-kp-clientAuth", 8, {0x2b, 6, 1, 5, 5, 7, 3, 2}},
    {"id-kp-codeSigning", 8, {0x2b, 6, 1, 5, 5, 7, 3, 3}},
    {"id-kp-emailProtection", 8, {0x2b, 6, 1, 5, 5, 7, 3, 4}},
    {"id-kp-timeStamping", 8, {0x2b, 6, 1, 5, 5, 7, 3, 8}},
    {"id-kp-OCSPSigning", 8, {0x2b, 6, 1, 5, 5, 7, 3, 9}},
    /* RFC 5280 4.2.1 and 4.2.2, RFC 7633 6, RFC 6960 4.2.1, RFC 6962 3.3 */
    {"subjectKeyIdentifier", 3, {0x55, 0x1d, 14}},
    {"keyUsage", 3, {0x55, 0x1d, 15}},
    {"subjectAltName", 3, {0x55, 0x1d, 17}},
    {"issuerAltName", 3, {0x55, 0x1d, 18}},
    {"basicConstraints", 3, {0x55, 0x1d, 19}},
    {"nameConstraints", 3, {0x55, 0x1d, 30}},
    {"cRLDistributionPoints", 3, {0x55, 0x1d, 31}},
    {"certificatePolicies", 3, {0x55, 0x1d, 32}},
    {"anyPolicy", 4, {0x55, 0x1d, 32, 0}},
    {"policyMappings", 3, {0x55, 0x1d, 33}},
    {"authorityKeyIdentifier", 3, {0x55, 0x1d, 35}},
    {"policyConstraints", 3, {0x55, 0x1d, 36}},
    {"extKeyUsage", 3, {0x55, 0x1d, 37}},
    {"inhibitAnyPolicy", 3, {0x55, 0x1d, 54}},
    {"authorityInfoAccess", 8, {0x2b, 6, 1, 5, 5, 7, 1, 1}},
    {"tlsFeature", 8, {0x2b, 6, 1, 5, 5, 7, 1, 24}},
    {"ocsp", 8, {0x2b, 6, 1, 5, 5, 7, 48, 1}},
    {"caIssuers", 8, {0x2b, 6, 1, 5, 5, 7, 48, 2}},
    {"id-pkix-ocsp-basic", 9, {0x2b, 6, 1, 5, 5, 7, 48, 1, 1}},
    {"signedCertificateTimestampList", 10, {0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2}},
};

const char *oid_name(hf_span oid)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (oid.size == rows[i].size && memcmp(oid.data, rows[i].oid, oid.size) == 0)
            return rows[i].name;
    return NULL;
}

void oid_dotted(char text[OID_TEXT_MAX], hf_span oid)
{
    unsigned long arc = 0;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < oid.size && used < OID_TEXT_MAX; i++) {
        arc = arc << 7 | (oid.data[i] & 0x7fu);
        if (oid.data[i] & 0x80)
            continue;
        if (used == 0) { /* X.690 8.19.4: the first two arcs are one number */
            unsigned long root = arc < 80 ? arc / 40 : 2;
            used += (size_t)snprintf(text, OID_TEXT_MAX, "%lu", root);
            arc -= 40 * root;
        }
        used += (size_t)snprintf(text + used, OID_TEXT_MAX - used, ".%lu", arc);
        arc = 0;
    }
}

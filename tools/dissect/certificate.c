/* Certificates, RFC 5280 4.1. */
#include "tools/dissect/der.h"
#include "tools/dissect/dissect.h"
#include "tools/dissect/oids.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------ names */

/* RFC 5280 4.2.1.6: 4 or 16 octets; in name constraints with a mask behind them. */
static void ip_address(struct cursor *c)
{
    char text[2 * INET6_ADDRSTRLEN + 1], mask[INET6_ADDRSTRLEN];
    hf_span bytes = der_bytes(c, "iPAddress", TAG_PRIMITIVE(7));
    size_t size = bytes.size;
    bool has_mask = size == 8 || size == 32;
    if (has_mask)
        size /= 2;
    int family = size == 4 ? AF_INET : AF_INET6;
    if ((size != 4 && size != 16) || !inet_ntop(family, bytes.data, text, sizeof text)) {
        if (!c->is_broken)
            tree_mark(c->tree, cursor_newest(c), "not the size of an address");
        return;
    }
    if (has_mask && inet_ntop(family, bytes.data + size, mask, sizeof mask)) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, "/%s", mask);
    }
    cursor_newest(c)->kind = TREE_TEXT;
    tree_set_text(c->tree, cursor_newest(c), text);
}

/* GeneralName, RFC 5280 4.2.1.6. */
static void general_name(struct cursor *c)
{
    struct cursor name;
    switch (der_next_tag(c)) {
    case TAG_PRIMITIVE(1):
        der_text(c, "rfc822Name", TAG_PRIMITIVE(1));
        break;
    case TAG_PRIMITIVE(2):
        der_text(c, "dNSName", TAG_PRIMITIVE(2));
        break;
    case TAG_CONSTRUCTED(4):
        name = der_enter(c, "directoryName", TAG_CONSTRUCTED(4));
        der_name(&name, "directoryName");
        cursor_end(&name);
        break;
    case TAG_PRIMITIVE(6):
        der_text(c, "uniformResourceIdentifier", TAG_PRIMITIVE(6));
        break;
    case TAG_PRIMITIVE(7):
        ip_address(c);
        break;
    default:
        (void)der_any(c, "GeneralName");
        break;
    }
}

static void general_names(struct cursor *c, uint8_t tag)
{
    struct cursor names = der_enter(c, "GeneralNames", tag);
    while (cursor_left(&names))
        general_name(&names);
}

/* ------------------------------------------------------------------ values of extensions */

static void alternative_names(struct cursor *c)
{
    general_names(c, TAG_SEQUENCE);
}

/* RFC 5280 4.2.1.2. */
static void subject_key_identifier(struct cursor *c)
{
    (void)der_bytes(c, "KeyIdentifier", TAG_OCTET_STRING);
}

/* RFC 5280 4.2.1.1. */
static void authority_key_identifier(struct cursor *c)
{
    struct cursor s = der_enter(c, "AuthorityKeyIdentifier", TAG_SEQUENCE);
    if (der_next_tag(&s) == TAG_PRIMITIVE(0))
        (void)der_bytes(&s, "keyIdentifier", TAG_PRIMITIVE(0));
    if (der_next_tag(&s) == TAG_CONSTRUCTED(1))
        general_names(&s, TAG_CONSTRUCTED(1));
    if (der_next_tag(&s) == TAG_PRIMITIVE(2))
        (void)der_bytes(&s, "authorityCertSerialNumber", TAG_PRIMITIVE(2));
    cursor_end(&s);
}

/* RFC 5280 4.2.1.3. */
static void key_usage(struct cursor *c)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    char text[160] = "";
    hf_span bits = der_bytes(c, "KeyUsage", TAG_BIT_STRING);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t used = strlen(text);
        if (bits.size > 1 + i / 8 && bits.data[1 + i / 8] & 0x80 >> i % 8)
            snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "", names[i]);
    }
    if (!text[0])
        return;
    cursor_newest(c)->kind = TREE_TEXT;
    tree_set_text(c->tree, cursor_newest(c), text);
}

/* RFC 5280 4.2.1.9. */
static void basic_constraints(struct cursor *c)
{
    struct cursor s = der_enter(c, "BasicConstraints", TAG_SEQUENCE);
    if (der_next_tag(&s) == TAG_BOOLEAN)
        (void)der_boolean(&s, "cA");
    if (der_next_tag(&s) == TAG_INTEGER)
        (void)der_number(&s, "pathLenConstraint", TAG_INTEGER, NULL);
    cursor_end(&s);
}

/* RFC 5280 4.2.1.12. */
static void extended_key_usage(struct cursor *c)
{
    struct cursor s = der_enter(c, "ExtKeyUsageSyntax", TAG_SEQUENCE);
    while (cursor_left(&s))
        (void)der_oid(&s, "KeyPurposeId");
}

/* RFC 5280 4.2.1.4. */
static void policies(struct cursor *c)
{
    struct cursor s = der_enter(c, "certificatePolicies", TAG_SEQUENCE);
    while (cursor_left(&s)) {
        struct cursor policy = der_enter(&s, "PolicyInformation", TAG_SEQUENCE);
        (void)der_oid(&policy, "policyIdentifier");
        if (cursor_left(&policy))
            (void)der_any(&policy, "policyQualifiers");
        cursor_end(&policy);
    }
}

/* RFC 5280 4.2.1.10; minimum and maximum do not occur. */
static void subtrees(struct cursor *c, const char *field, uint8_t tag)
{
    if (der_next_tag(c) != tag)
        return;
    struct cursor list = der_group(c, field, tag);
    while (cursor_left(&list)) {
        struct cursor subtree = der_enter(&list, "GeneralSubtree", TAG_SEQUENCE);
        general_name(&subtree);
        cursor_end(&subtree);
    }
}

static void name_constraints(struct cursor *c)
{
    struct cursor s = der_enter(c, "NameConstraints", TAG_SEQUENCE);
    subtrees(&s, "permittedSubtrees", TAG_CONSTRUCTED(0));
    subtrees(&s, "excludedSubtrees", TAG_CONSTRUCTED(1));
    cursor_end(&s);
}

/* RFC 5280 4.2.2.1. */
static void authority_info_access(struct cursor *c)
{
    struct cursor s = der_enter(c, "AuthorityInfoAccessSyntax", TAG_SEQUENCE);
    while (cursor_left(&s)) {
        struct cursor description = der_group(&s, "AccessDescription", TAG_SEQUENCE);
        (void)der_oid(&description, "accessMethod");
        general_name(&description);
        cursor_end(&description);
    }
}

/* RFC 5280 4.2.1.13. */
static void distribution_points(struct cursor *c)
{
    struct cursor s = der_enter(c, "CRLDistributionPoints", TAG_SEQUENCE);
    while (cursor_left(&s)) {
        struct cursor point = der_group(&s, "DistributionPoint", TAG_SEQUENCE);
        if (der_next_tag(&point) == TAG_CONSTRUCTED(0)) {
            struct cursor name = der_enter(&point, "distributionPoint", TAG_CONSTRUCTED(0));
            if (der_next_tag(&name) == TAG_CONSTRUCTED(0))
                general_names(&name, TAG_CONSTRUCTED(0));
            else
                (void)der_any(&name, "nameRelativeToCRLIssuer");
        }
        while (cursor_left(&point))
            (void)der_any(&point, "reasons or cRLIssuer");
    }
}

/* RFC 7633 4: numbers of hello extensions. */
static void tls_feature(struct cursor *c)
{
    struct cursor s = der_enter(c, "Features", TAG_SEQUENCE);
    while (cursor_left(&s))
        (void)der_number(&s, "ExtensionType", TAG_INTEGER, NULL);
}

static const struct {
    const char *name;
    void (*take)(struct cursor *c);
} extensions[] = {
    {"subjectAltName", alternative_names},
    {"issuerAltName", alternative_names},
    {"subjectKeyIdentifier", subject_key_identifier},
    {"authorityKeyIdentifier", authority_key_identifier},
    {"keyUsage", key_usage},
    {"basicConstraints", basic_constraints},
    {"extKeyUsage", extended_key_usage},
    {"certificatePolicies", policies},
    {"nameConstraints", name_constraints},
    {"authorityInfoAccess", authority_info_access},
    {"cRLDistributionPoints", distribution_points},
    {"tlsFeature", tls_feature},
};

/* What is in extnValue. */
static void extension_value(struct cursor *c, hf_span oid)
{
    const char *name = oid_name(oid);
    for (size_t i = 0; name && i < sizeof extensions / sizeof extensions[0]; i++)
        if (strcmp(extensions[i].name, name) == 0) {
            extensions[i].take(c);
            cursor_end(c);
            return;
        }
    (void)take_rest(c, "extnValue");
}

void take_x509_extensions(struct cursor *c, const char *field)
{
    struct cursor list = der_group(c, field, TAG_SEQUENCE);
    while (cursor_left(&list)) {
        struct cursor extension = der_group(&list, "Extension", TAG_SEQUENCE);
        hf_span oid = der_oid(&extension, "extnID");
        if (der_next_tag(&extension) == TAG_BOOLEAN)
            (void)der_boolean(&extension, "critical");
        struct cursor value = der_enter(&extension, "extnValue", TAG_OCTET_STRING);
        extension_value(&value, oid);
        cursor_end(&extension);
    }
}

/* ------------------------------------------------------------------ the rest */

void take_algorithm(struct cursor *c, const char *field)
{
    struct cursor s = der_enter(c, field, TAG_SEQUENCE);
    (void)der_oid(&s, field);
}

static void rsa_key(struct cursor *c)
{
    struct cursor s = der_enter(c, "RSAPublicKey", TAG_SEQUENCE);
    (void)der_bytes(&s, "modulus", TAG_INTEGER);
    (void)der_number(&s, "publicExponent", TAG_INTEGER, NULL);
    cursor_end(&s);
}

/* SubjectPublicKeyInfo, RFC 3279 2.3 and RFC 5480 2. */
static void public_key(struct cursor *c)
{
    struct cursor info = der_group(c, "subjectPublicKeyInfo", TAG_SEQUENCE);
    struct cursor algorithm = der_enter(&info, "algorithm", TAG_SEQUENCE);
    hf_span oid = der_oid(&algorithm, "algorithm");
    const char *name = oid_name(oid);
    if (der_next_tag(&algorithm) == TAG_OID)
        (void)der_oid(&algorithm, "namedCurve");
    size_t start = info.at;
    hf_span key = der_bits(&info, "subjectPublicKey");
    if (key.data && name && strcmp(name, "rsaEncryption") == 0) {
        struct cursor inner = info;
        inner.parent = cursor_newest(&info);
        inner.at = (size_t)(key.data - info.message);
        inner.end = inner.at + key.size;
        inner.is_broken = start == info.at;
        rsa_key(&inner);
    }
    cursor_end(&info);
}

static const char *version_name(uint32_t version)
{
    static const char *const names[] = {"v1", "v2", "v3"};
    return version < 3 ? names[version] : NULL;
}

static void to_be_signed(struct cursor *c)
{
    struct cursor s = der_group(c, "tbsCertificate", TAG_SEQUENCE);
    if (der_next_tag(&s) == TAG_CONSTRUCTED(0)) {
        struct cursor version = der_enter(&s, "version", TAG_CONSTRUCTED(0));
        (void)der_number(&version, "version", TAG_INTEGER, version_name);
    }
    (void)der_bytes(&s, "serialNumber", TAG_INTEGER);
    take_algorithm(&s, "signature");
    der_name(&s, "issuer");
    struct cursor validity = der_enter(&s, "validity", TAG_SEQUENCE);
    der_time(&validity, "notBefore");
    der_time(&validity, "notAfter");
    cursor_end(&validity);
    der_name(&s, "subject");
    public_key(&s);
    for (uint8_t n = 1; n <= 2; n++)
        if (der_next_tag(&s) == TAG_PRIMITIVE(n))
            (void)der_bytes(&s, n == 1 ? "issuerUniqueID" : "subjectUniqueID", TAG_PRIMITIVE(n));
    if (der_next_tag(&s) == TAG_CONSTRUCTED(3)) {
        struct cursor list = der_enter(&s, "extensions", TAG_CONSTRUCTED(3));
        take_x509_extensions(&list, "extensions");
        cursor_end(&list);
    }
    cursor_end(&s);
}

void take_certificate(struct cursor *c)
{
    struct cursor s = der_enter(c, "Certificate", TAG_SEQUENCE);
    to_be_signed(&s);
    take_algorithm(&s, "signatureAlgorithm");
    (void)der_bits(&s, "signatureValue");
    cursor_end(&s);
}

/* tls/x509: X.509 certificates (RFC 5280), usable without the rest of the engine.
 *
 * Everything is a view of the DER that the caller keeps. Nothing here allocates, recurses, or does
 * more work than is linear in what it reads, except where a named limit bounds the product.
 *
 *   x509.h         this file: what the folder's files share
 *   der.h, der.c   a strict DER cursor with a sticky error
 *   certificate.c  reading a certificate and its extensions
 *   public_key.c   SubjectPublicKeyInfo
 *   private_key.c  PKCS #1, SEC 1, DSA and PKCS #8 private keys, whether they fit a certificate
 *   signature.c    AlgorithmIdentifiers of signatures, and verifying one
 *   name.c         comparing distinguished names
 *   host_name.c    DNS names, IP addresses and mailboxes of subjectAltName
 *   ip_address.c   IP addresses in text form
 *   constraints.c  name constraints
 *   policy.c       certificate policies
 *   crl.c          certificate revocation lists
 *   revocation.c   whether they list one of a path's certificates
 *   ocsp.c         OCSP responses
 *   path.c         building and validating a path, one signature check at a time
 */
#ifndef HF_X509_X509_H
#define HF_X509_X509_H

#include "tls/x509/der.h"

#include <handfast/x509.h>

/* Limits that keep work linear where the peer chooses both factors of a product: attributes of one
 * RelativeDistinguishedName that are compared, comparisons of names with subtrees in one
 * validation, and policies that are followed along a path. To reach one can only cost a path its
 * acceptance. */
#define HF_RDN_ATTRIBUTES_MAX    8
#define HF_CONSTRAINT_CHECKS_MAX 65536
#define HF_POLICIES_MAX          32

/* GeneralName, RFC 5280 4.2.1.6. */
#define HF_NAME_MAILBOX   HF_DER_PRIMITIVE(1)
#define HF_NAME_DNS       HF_DER_PRIMITIVE(2)
#define HF_NAME_DIRECTORY HF_DER_CONSTRUCTED(4)
#define HF_NAME_URI       HF_DER_PRIMITIVE(6)
#define HF_NAME_IP        HF_DER_PRIMITIVE(7)

/* An Extension of a certificate, a CRL or an OCSP response; the value is what extnValue holds. */
typedef struct hf_x509_extension {
    hf_span oid;
    bool is_critical;
    hf_span value;
} hf_x509_extension;

/* Takes the next of a list; its error is the list's. */
hf_x509_extension hf_x509_read_extension(hf_der *list);
/* The same for a list that has not been read before, the content of `extensions`; `*count` is 0
 * before the first. False if it is malformed, stands there already, or is one too many. */
bool hf_x509_next_extension(hf_x509_extension *e, hf_der *list, hf_span extensions, size_t *count);
/* n of id-ce-n, 2.5.29.n (HF_CE_...); 0 for other OIDs. */
uint8_t hf_x509_id_ce(hf_span oid);

/* id-ce, RFC 5280 appendix A: the last number of the OID. */
#define HF_CE_SUBJECT_KEY_ID          14
#define HF_CE_KEY_USAGE               15
#define HF_CE_SUBJECT_ALT_NAME        17
#define HF_CE_BASIC_CONSTRAINTS       19
#define HF_CE_NAME_CONSTRAINTS        30
#define HF_CE_CRL_DISTRIBUTION_POINTS 31
#define HF_CE_CERTIFICATE_POLICIES    32
#define HF_CE_POLICY_MAPPINGS         33
#define HF_CE_AUTHORITY_KEY_ID        35
#define HF_CE_POLICY_CONSTRAINTS      36
#define HF_CE_EXTENDED_KEY_USAGE      37
#define HF_CE_INHIBIT_ANY_POLICY      54

/* An OBJECT IDENTIFIER's content octets as a span. */
#define HF_OID(...) \
    ((hf_span){(const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})})
/* id-ce, 2.5.29: the certificate extensions. */
#define HF_OID_CE(...) HF_OID(0x55, 0x1d, __VA_ARGS__)

/* Reads an AlgorithmIdentifier, a Name or a SubjectPublicKeyInfo (DER with tag and length). False:
 * malformed. An algorithm that is not supported gives HF_KEY_NONE. */
bool hf_signature_algorithm_read(hf_signature_algorithm *algorithm, hf_span der);
bool hf_public_key_read(hf_public_key *key, hf_span der);
#if HF_WITH_DSS
/* Gives a key that inherits the parameters of its issuer's, if that is a DSA key; it goes on
 * inheriting if the issuer's key does so itself. */
void hf_public_key_inherit(hf_public_key *key, const hf_public_key *issuer);
#endif
bool hf_name_is_valid(hf_span name);

/* The content of a RelativeDistinguishedName, and that of GeneralNames (RFC 5280 4.2.1.6). */
bool hf_rdn_is_valid(hf_span attributes);
bool hf_general_names_are_valid(hf_span names);

/* Whether a key may be relied on: supported, of numbers that can be, and of at least as many bits
 * (0: 2048) if it is an RSA or DSA key. */
hf_error hf_public_key_check(const hf_public_key *key, uint16_t rsa_bits_min);

/* RFC 6066 6, key_sha1_hash: SHA-1 of an RSA modulus, or of the subjectPublicKey of another key, of
 * a SubjectPublicKeyInfo. False: malformed. */
bool hf_public_key_sha1(hf_span der, uint8_t sha1[20]);

/* Whether DER is a CRLReason, RFC 5280 5.3.1. */
bool hf_x509_is_crl_reason(hf_span der);

/* The named curve of ECParameters (RFC 5480 2.1.1.1): content octets of its OID. */
hf_curve hf_curve_of(hf_span oid);

/* A cursor over the RelativeDistinguishedNames of a Name. */
hf_der hf_name_open(hf_span name);

/* RFC 5280 7.1: whether two Names are the same, or `name` starts with all RDNs of `prefix`. */
bool hf_name_equal(hf_span a, hf_span b);
bool hf_name_starts_with(hf_span name, hf_span prefix);
/* The same for two RelativeDistinguishedNames, content only. */
bool hf_rdn_equal(hf_span a, hf_span b);

/* A certificate taken apart (RFC 5280 4.1), for a look at one that has been read before, or that
 * may turn out not to be needed: its shape is checked, its parts are not. All are elements with tag
 * and length, but of the INTEGER, the BIT STRING and the extensions it is the content. */
typedef struct hf_certificate_parts {
    hf_span to_be_signed, algorithm, signature;
    hf_span serial_number, issuer, validity, subject, public_key, extensions;
    uint8_t version; /* 1, 2 or 3 */
} hf_certificate_parts;

/* False: not of this shape; what stands behind the fault may be empty then. */
bool hf_certificate_take_apart(hf_certificate_parts *parts, hf_span der);
/* The issuer's Name of a certificate; empty if it is malformed. */
hf_span hf_certificate_issuer(hf_span der);
/* RFC 5280 6.1: issuer and subject are the same name. */
bool hf_certificate_is_self_issued(hf_span der);
/* The value of the extension id-ce-n; empty if there is none. */
hf_span hf_certificate_extension(const hf_certificate_parts *parts, uint8_t n);

/* The values of basicConstraints and keyUsage, RFC 5280 4.2.1.9 and 4.2.1.3. False: malformed. */
bool hf_basic_constraints_read(hf_span value, bool *is_ca, bool *has_path_length,
                               uint32_t *path_length);
bool hf_key_usage_read(hf_span value, uint16_t *key_usage);

/* ASCII without regard to case. */
bool hf_text_equal(hf_span a, hf_span b);
/* Whether there are no other characters than decimal digits. */
bool hf_text_is_number(hf_span text);
/* Takes the text up to the next `separator` or the end, and the separator with it. `*more` tells
 * whether there was one. */
hf_span hf_text_take(hf_span *text, uint8_t separator, bool *more);

/* RFC 5280 7.5: two mailboxes with a local part and a host. */
bool hf_mailbox_equal(hf_span a, hf_span b);

/* Whether NameConstraints, an extension value, is well formed (RFC 5280 4.2.1.10). */
bool hf_constraints_are_valid(hf_span name_constraints);
/* Whether a subject and the names of its subjectAltName (extension value, or empty) are all within
 * the name constraints of an issuer. Each comparison takes one from `*checks_left`; when none is
 * left the answer is no. */
bool hf_constraints_allow(hf_span name_constraints, hf_span subject, hf_span subject_alt_name,
                          uint32_t *checks_left);

/* Whether a GeneralName is well formed (RFC 5280 4.2.1.6): of the types that are compared all of
 * it, of the others only the tag. */
bool hf_general_name_is_valid(uint8_t type, hf_span value);

#define HF_NO_LIMIT 0xff

/* What a certificate says about policies (RFC 5280 4.2.1.4, .5, .11, .14): extension values, empty
 * if there are none, and how many more certificates may follow before a rule holds, HF_NO_LIMIT
 * where there is no such rule. */
typedef struct hf_policy_extensions {
    hf_span policies, mappings;
    uint8_t require_explicit_policy, inhibit_policy_mapping, inhibit_any_policy;
} hf_policy_extensions;

/* Reads an extension id-ce-n if it is one of these. False: malformed. Where `*has_unknown` is set a
 * critical one has something that is not understood. */
bool hf_policy_extension_read(hf_policy_extensions *p, uint8_t n, const hf_x509_extension *e,
                              bool *has_unknown);

/* The key at a level of a path, the leaf's at 0, the anchor's behind the last, with the parameters
 * that it may inherit from above; type HF_KEY_NONE where it is not supported. False: malformed, or
 * not there. */
bool hf_path_key(const hf_path *path, size_t level, hf_public_key *key);

/* Starts to look up the certificates of a path that is whole, and takes a step, with at most one
 * signature check: HF_OK if none is revoked, HF_AGAIN to go on. */
void hf_revocation_begin(hf_path *path);
hf_error hf_revocation_step(hf_path *path);

/* RFC 5280 6.1.2 to 6.1.5 as far as policies go, for any-policy as the initial set: whether the
 * finished path, `length` certificates of `chain` listed leaf first by `route`, has a policy
 * wherever one of its CAs requires it. Otherwise `*failed` is the certificate it fails at. */
bool hf_policy_holds(const hf_span *chain, const uint8_t *route, uint8_t length, uint8_t *failed);

#endif

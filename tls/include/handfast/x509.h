/* X.509 certificates (RFC 5280): strict reading, names (RFC 9525) and path validation. Usable
 * without the rest of the library. Nothing is copied: every span points into the DER given. */
#ifndef HANDFAST_X509_H
#define HANDFAST_X509_H

#include <handfast/error.h>
#include <handfast/key.h>

/* KeyUsage bits, RFC 5280 4.2.1.3: bit n of the BIT STRING is 1 << n. */
#define HF_KEY_USAGE_DIGITAL_SIGNATURE (1u << 0)
#define HF_KEY_USAGE_NON_REPUDIATION   (1u << 1)
#define HF_KEY_USAGE_KEY_ENCIPHERMENT  (1u << 2)
#define HF_KEY_USAGE_DATA_ENCIPHERMENT (1u << 3)
#define HF_KEY_USAGE_KEY_AGREEMENT     (1u << 4)
#define HF_KEY_USAGE_KEY_CERT_SIGN     (1u << 5)
#define HF_KEY_USAGE_CRL_SIGN          (1u << 6)
#define HF_KEY_USAGE_ENCIPHER_ONLY     (1u << 7)
#define HF_KEY_USAGE_DECIPHER_ONLY     (1u << 8)

typedef enum hf_purpose {
    HF_PURPOSE_ANY,    /* extendedKeyUsage is not looked at                  */
    HF_PURPOSE_SERVER, /* id-kp-serverAuth, RFC 5280 4.2.1.12                */
    HF_PURPOSE_CLIENT  /* id-kp-clientAuth                                   */
} hf_purpose;

/* How a certificate is signed. */
typedef struct hf_signature_algorithm {
    hf_key_type key_type; /* HF_KEY_NONE: not supported */
    hf_padding padding;
    hf_hash_id hash;
} hf_signature_algorithm;

/* Most revocation lists that a validation may be given. */
#define HF_CRLS_MAX (HF_WITH_CRL ? UINT16_MAX : 0)

/* A certificate taken apart. All spans are views; DER values include tag and length unless said
 * otherwise. */
typedef struct hf_certificate {
    uint8_t version; /* 1, 2 or 3 */
    bool has_basic_constraints, is_ca, has_path_length, has_key_usage;
    bool has_unknown_critical; /* a critical extension, or part of one, that is not understood  */
    bool must_staple;          /* TLS feature status_request, RFC 7633                          */
    hf_signature_algorithm algorithm;
    uint16_t key_usage; /* HF_KEY_USAGE_... */
    uint32_t path_length;
    hf_span der;                   /* the whole certificate                                     */
    hf_span to_be_signed;          /* TBSCertificate                                            */
    hf_span serial_number;         /* content octets of the INTEGER                             */
    hf_span issuer;                /* Name                                                      */
    hf_span subject;               /* Name                                                      */
    hf_span public_key_der;        /* SubjectPublicKeyInfo                                      */
    hf_public_key public_key;      /* type HF_KEY_NONE where the algorithm is not supported     */
    hf_span signature;             /* content of the BIT STRING, without the unused-bits octet  */
    int64_t not_before, not_after; /* UNIX seconds, both inclusive                              */
    hf_span extensions;            /* content of the Extensions SEQUENCE, empty if none         */
    hf_span subject_alt_name;      /* extension values (content of extnValue), empty if none    */
    hf_span extended_key_usage;
    hf_span name_constraints;
} hf_certificate;

/* Reads one certificate, strictly: DER of minimal lengths, canonical BOOLEAN and INTEGER, unique
 * extensions (at most HF_CERTIFICATE_EXTENSIONS_MAX), each extension that is understood whole, no
 * trailing bytes. HF_ERROR_CERTIFICATE_MALFORMED otherwise. Unknown algorithms are not an error
 * here. Linear in der.size; no allocation, no recursion. */
HF_MUST_USE hf_error hf_certificate_read(hf_certificate *certificate, hf_span der);

/* Whether subjectAltName has `name`: a DNS name (A-labels; one leading wildcard label in the
 * certificate covers exactly one label) or an IPv4 / IPv6 address in text form. The subject's
 * common name is never looked at (RFC 9525 2). */
bool hf_certificate_has_name(const hf_certificate *certificate, hf_span name);

/* Whether subjectAltName has this mailbox, "local@host" (RFC 5280 4.2.1.6: the local part is
 * compared exactly, the host without regard to case). For clients' certificates. */
bool hf_certificate_has_mailbox(const hf_certificate *certificate, hf_span mailbox);

/* Whether `name` is a syntactically valid DNS host name (RFC 1123 2.1, RFC 6066 3: no trailing
 * dot, no IP address), as server_name may carry it. Underscores are let through, since names with
 * them are in use (RFC 2181 11). */
bool hf_is_host_name(hf_span name);
/* Parses an IPv4 or IPv6 address in text form; returns 4, 16 or 0 (not an address). */
#if HF_WITH_IP_NAMES
size_t hf_parse_ip_address(hf_span text, uint8_t address[16]);
#else
static inline size_t hf_parse_ip_address(hf_span text, uint8_t address[16])
{
    (void)text;
    (void)address;
    return 0;
}
#endif

/* What a revocation list is. Deltas and indirect lists are not used: whoever has only such a list
 * for a certificate has none. */
typedef enum hf_crl_kind {
    HF_CRL_MALFORMED,
    HF_CRL_COMPLETE,
    HF_CRL_DELTA,   /* RFC 5280 5.2.4: changes since a complete one */
    HF_CRL_INDIRECT /* RFC 5280 5.2.5: of other issuers' certificates */
} hf_crl_kind;

#if HF_WITH_CRL
hf_crl_kind hf_crl_kind_of(hf_span der);
#endif

/* A trusted key: either a whole certificate, or name and key alone (both DER), as a device keeps
 * them in flash. Of a certificate the key, name, name constraints, path length and key usage hold,
 * and its validity period; its own signature is never looked at (RFC 5280 6.1.1, RFC 5937). It
 * must be a CA certificate to vouch for others; any certificate vouches for itself. */
typedef struct hf_trust_anchor {
    hf_span certificate;      /* empty: the next three are used */
    hf_span name;             /* Name                           */
    hf_span public_key;       /* SubjectPublicKeyInfo           */
    hf_span name_constraints; /* extension value, or empty      */
} hf_trust_anchor;

/* SHA-256 of a SubjectPublicKeyInfo (RFC 7469 2.4). There is none for DSA keys that inherit their
 * parameters. */
#define HF_PIN_SIZE 32
typedef struct hf_pin {
    uint8_t sha256[HF_PIN_SIZE];
} hf_pin;

/* What a path must satisfy. */
typedef struct hf_path_rules {
    const hf_trust_anchor *anchors;
    size_t anchor_count;
    int64_t time;     /* UNIX seconds                                                */
    bool ignore_time; /* no clock: validity periods are not checked                  */
    hf_purpose purpose;
    uint16_t key_usage;    /* bits the leaf must have where it has a keyUsage extension   */
    hf_span name;          /* DNS name or IP address expected; empty: no name is checked  */
    uint16_t rsa_bits_min; /* weakest RSA or DSA key of the path; 0: 2048                 */
    bool allow_sha1;       /* signatures over SHA-1 within the path; MD5 is never allowed */
    uint8_t length_max;    /* most certificates of the path, anchor not counted; 0: no limit */
    uint8_t checks_max;    /* signature checks allowed; 0: HF_SIGNATURE_CHECKS_MAX        */
    const hf_pin *pins;    /* keys of which the path, its anchor included, must have one         */
    size_t pin_count;      /* 0: any will do                                              */
    const hf_span *crls;   /* revocation lists in DER; with any, each certificate needs some that
                              speak for all reasons (RFC 5280 6.3) ... */
    size_t crl_count;
    bool allow_missing_crls; /* ... unless this is set: then only what they list is refused */
} hf_path_rules;

/* A certificate whose revocation is looked up, and the level of the path that it stands at. */
typedef struct hf_path_target {
    uint8_t position, level;
} hf_path_target;

/* A validation in progress. The rules, the chain array's bytes and the anchors must stay where
 * they are until it ends. */
typedef struct hf_path {
    /* All fields are private. */
    const hf_path_rules *rules;
    uint8_t length; /* certificates in `route` */
    uint8_t count;  /* certificates in `chain` */
    uint8_t checks_left;
    bool is_done;
    hf_error result;    /* best explanation so far, or the final result */
    uint8_t failed;     /* certificate that `result` is about */
    uint16_t anchor;    /* next anchor to try as issuer of the last in `route`                   */
    uint16_t candidate; /* then, next of `chain`: from `count` on the unlikely ones once more    */
#if HF_WITH_DSS
    uint8_t unchecked; /* highest place in `route` whose signature below is unchecked; 0: none */
#endif
    uint32_t comparisons_left;   /* of names with name constraints                         */
    uint8_t route[HF_CHAIN_MAX]; /* the path so far, leaf first: positions in `chain`      */
    hf_span chain[HF_CHAIN_MAX];
#if HF_WITH_CRL
    /* Once the path is whole (revocation.c): the certificate that is looked up, the list that is
     * tried for it, the reasons that lists have spoken for, and the peer's certificate (from 1 on)
     * whose key may have signed the list, with the level that its issuer is above of; before these
     * (0) the keys of the path above that level. */
    hf_path_target targets[HF_CHAIN_MAX + HF_CRL_SIGNERS_MAX];
    uint8_t target, target_count;
    uint16_t crl, reasons;
    uint8_t signer, signer_level;
    bool is_vouched, is_whole;
    hf_error missing;
#endif
    hf_certificate leaf;
} hf_path;

/* Starts a validation: chain[0] is the peer's certificate, the others help to build a path in any
 * order; those that are not needed are not looked into. Reads the leaf and checks all that needs
 * no signature check. HF_AGAIN: go on with hf_path_step. */
HF_MUST_USE hf_error hf_path_begin(hf_path *path, const hf_path_rules *rules, const hf_span *chain,
                                   size_t count);

/* Does at most one signature check. HF_AGAIN: call again; HF_OK: accepted; else the reason. */
HF_MUST_USE hf_error hf_path_step(hf_path *path);

/* The leaf, once hf_path_begin has not failed with HF_ERROR_CERTIFICATE_MALFORMED for it. A DSA key
 * that inherits its parameters has them once the path is accepted; a handshake takes no such leaf.
 */
const hf_certificate *hf_path_leaf(const hf_path *path);

/* Certificates in the accepted path, leaf included and anchor not; 0 if none was accepted. */
size_t hf_path_length(const hf_path *path);

/* Name and SubjectPublicKeyInfo of the leaf's issuer in the accepted path; false if the leaf is an
 * anchor itself. Views of the chain and the anchors. */
bool hf_path_issuer(const hf_path *path, hf_span *name, hf_span *public_key);

#if HF_WITH_STATUS_REQUEST
/* The certificate that an OCSP response (RFC 6960) must be about, and how strict to be. */
typedef struct hf_ocsp_subject {
    hf_span serial_number; /* content octets of the INTEGER */
    hf_span issuer_name;   /* Name */
    hf_span issuer_key;    /* SubjectPublicKeyInfo; of a DSA key that inherits its parameters no
                              response can be verified */
    int64_t time;          /* UNIX seconds */
    bool ignore_time;
    bool allow_sha1;       /* in signatures; the hashes of CertID are names only */
    uint16_t rsa_bits_min; /* weakest RSA or DSA key of a delegate; 0: 2048 */
} hf_ocsp_subject;

/* The leaf of an accepted path as a subject, by the path's rules: views of the chain and the
 * anchors. False if none was accepted, or if the leaf is an anchor itself, whose issuer nobody
 * knows. */
bool hf_path_ocsp_subject(const hf_path *path, hf_ocsp_subject *subject);

/* Checks a response in steps of at most one signature check: HF_AGAIN to go on, *step being 0 at
 * first. HF_OK: it says in good time, by the issuer or by whom it has delegated this to, that the
 * certificate is good. Else HF_ERROR_OCSP_MALFORMED, _UNSUCCESSFUL, _OTHER_CERTIFICATE, _STALE,
 * _UNAUTHORIZED, _REVOKED or _UNKNOWN. Linear in the response. */
HF_MUST_USE hf_error hf_ocsp_step(const hf_ocsp_subject *subject, hf_span response, uint8_t *step);
#endif

/* Index of the certificate that the last failure is about (leaf 0), or HF_NO_CERTIFICATE. */
uint8_t hf_path_failed_certificate(const hf_path *path);

/* Verifies one signature with a public key: `data` is hashed and checked. One public-key
 * operation. HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, _ALGORITHM_UNSUPPORTED or _KEY_UNSUPPORTED. */
HF_MUST_USE hf_error hf_x509_verify(const hf_signature_algorithm *algorithm,
                                    const hf_public_key *key, hf_span data, hf_span signature);

#endif

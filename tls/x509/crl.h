/* Certificate revocation lists, RFC 5280 5. */
#ifndef HF_X509_CRL_H
#define HF_X509_CRL_H

#include "tls/x509/x509.h"

/* ReasonFlags bits 1 to 8, RFC 5280 4.2.1.13. */
#define HF_CRL_ALL_REASONS 0x1fe

/* A list taken apart; all spans are views. */
typedef struct hf_crl {
    hf_span to_be_signed, signature;
    hf_span issuer;             /* Name */
    hf_span revoked;            /* content of revokedCertificates */
    hf_span distribution_point; /* DistributionPointName, empty if there is none */
    hf_signature_algorithm algorithm;
    int64_t this_update, next_update;
    uint16_t reasons; /* for which it speaks */
    bool has_next_update, has_number;
    bool is_delta, is_indirect;
    bool only_users, only_cas, only_attributes;
    bool has_unknown_critical;
} hf_crl;

/* What a list is asked about: a certificate of its issuer's. */
typedef struct hf_crl_subject {
    hf_span serial_number;       /* content octets of the INTEGER */
    hf_span issuer;              /* Name */
    hf_span distribution_points; /* extension value, or empty */
    bool is_ca;
} hf_crl_subject;

/* Of a certificate that has been read before. */
bool hf_crl_subject_of(hf_crl_subject *subject, hf_span certificate);

typedef enum hf_crl_status { HF_CRL_NOT_LISTED, HF_CRL_REVOKED, HF_CRL_UNUSABLE } hf_crl_status;

/* Version 2, with a CRL number. False: malformed. */
bool hf_crl_read(hf_crl *crl, hf_span der);

/* The reasons for revocation that the list speaks for with regard to a certificate; 0 where it is
 * out of its scope. Each distribution point and name compared takes one from `*comparisons_left`.
 */
uint16_t hf_crl_reasons_for(const hf_crl *crl, const hf_crl_subject *subject,
                            uint32_t *comparisons_left);

/* Linear in the list. Unusable where an entry is malformed or has something critical that is not
 * understood. */
hf_crl_status hf_crl_find(const hf_crl *crl, hf_span serial_number);

#endif

/* tests/support/revocation: revocation lists (RFC 5280 5) and OCSP responses (RFC 6960 4.2.1) put
 * together piece by piece, right or wrong in any place, as pki.h does with certificates.
 *
 * Where a field is "whole" it is put in as it is, tag and length included. */
#ifndef HF_TESTS_SUPPORT_REVOCATION_H
#define HF_TESTS_SUPPORT_REVOCATION_H

#include "crypto_glue/hash.h"
#include "tests/support/pki.h"

/* What a list says. Zeroes stand for: version 2, from 2024-12-01 to 2025-02-01, nobody revoked,
 * CRL number 1 and nothing else. */
typedef struct crl_fields {
    const char *issuer; /* common name */
    hf_span issuer_der; /* instead of it */
    pki_signer signer;
    const char *this_update, *next_update; /* "": left out */
    hf_span version;                       /* whole */
    hf_span outer_algorithm;
    hf_span revoked; /* whole */
    bool has_no_number;
    bool has_no_extensions;
    hf_span extensions; /* Extension elements that follow the number */
} crl_fields;

hf_span crl_to_be_signed(const crl_fields *fields);
hf_span crl_issue(const crl_fields *fields);

/* An entry of revokedCertificates; extensions are Extension elements. */
hf_span crl_entry(unsigned serial, hf_span extensions);
/* issuingDistributionPoint of its fields, whole. */
hf_span crl_distribution_point(hf_span fields);
/* cRLDistributionPoints of DistributionPoint elements; one of a name (DistributionPointName,
 * whole) and reasons (content octets of the BIT STRING), each perhaps empty. */
hf_span pki_distribution_points(hf_span points);
hf_span pki_distribution_point(hf_span name, hf_span reasons);
/* DistributionPointName: fullName of GeneralNames, nameRelativeToCRLIssuer of attributes. */
hf_span pki_full_name(hf_span general_names);
hf_span pki_relative_name(hf_span attributes);

/* SingleResponse. Zeroes stand for: SHA-1, serial number 1, good, from 2024-12-01 to 2025-02-01. */
typedef struct ocsp_single {
    hf_span issuer_name, issuer_key; /* Name, SubjectPublicKeyInfo */
    hf_hash_id hash;
    hf_span serial;                        /* whole */
    hf_span status;                        /* whole */
    const char *this_update, *next_update; /* "": left out */
    hf_span extensions;                    /* whole */
} ocsp_single;

hf_span ocsp_single_of(const ocsp_single *single);
hf_span ocsp_revoked(void); /* CertStatus */
hf_span ocsp_unknown(void);

/* BasicOCSPResponse and what is around it. */
typedef struct ocsp_fields {
    hf_span version;     /* whole, usually left out */
    hf_span responder;   /* whole; ocsp_by_name, ocsp_by_key */
    hf_span produced_at; /* whole; empty: 2024-12-01 */
    hf_span singles;     /* SingleResponse elements */
    hf_span extensions;  /* whole */
    pki_signer signer;
    hf_span certificates; /* Certificate elements; empty: left out */
} ocsp_fields;

hf_span ocsp_by_name(hf_span name);
hf_span ocsp_by_key(hf_span public_key);
hf_span ocsp_to_be_signed(const ocsp_fields *fields);
/* Signs what ocsp_to_be_signed made, or something like it. */
hf_span ocsp_sign(const ocsp_fields *fields, hf_span to_be_signed);
hf_span ocsp_issue(const ocsp_fields *fields);
/* OCSPResponse around a BasicOCSPResponse. */
hf_span ocsp_wrap(hf_span basic);

#endif

/* OCSP responses, RFC 6960. */
#ifndef HF_X509_OCSP_H
#define HF_X509_OCSP_H

#include "tls/x509/x509.h"

/* The certificate that a response must be about, and how strict to be. */
typedef struct hf_ocsp_subject {
    hf_span serial_number; /* content octets of the INTEGER */
    hf_span issuer_name;   /* Name */
    hf_span issuer_key;    /* SubjectPublicKeyInfo */
    int64_t time;          /* UNIX seconds */
    bool ignore_time;
    bool allow_sha1; /* in signatures; the hashes of CertID are names only */
} hf_ocsp_subject;

/* Checks a response in steps of at most one signature check: HF_AGAIN to go on, *step being 0 at
 * first. HF_OK: it says in good time, by the issuer or by whom it has delegated this to, that the
 * certificate is good. Else HF_ERROR_OCSP_MALFORMED, _UNSUCCESSFUL, _OTHER_CERTIFICATE, _STALE,
 * _UNAUTHORIZED, _REVOKED or _UNKNOWN. Linear in the response. */
HF_MUST_USE hf_error hf_ocsp_step(const hf_ocsp_subject *subject, hf_span response, uint8_t *step);

#endif

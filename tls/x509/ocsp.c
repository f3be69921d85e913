/* OCSP responses (RFC 6960), as a server staples them: whether one is about a certificate, current,
 * by somebody who may say so, and good. */
#include "tls/x509/x509.h"

#include <string.h>

#define HASH_MAX 32

/* id-pkix-ocsp-basic, 1.3.6.1.5.5.7.48.1.1 */
#define OID_BASIC        HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01)
/* id-kp-OCSPSigning, 1.3.6.1.5.5.7.3.9 */
#define OID_OCSP_SIGNING HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x09)

#define STATUS_GOOD    HF_DER_PRIMITIVE(0)
#define STATUS_REVOKED HF_DER_CONSTRUCTED(1)
#define STATUS_UNKNOWN HF_DER_PRIMITIVE(2)

/* BasicOCSPResponse taken apart. */
typedef struct basic_response {
    hf_span to_be_signed, signature;
    hf_signature_algorithm algorithm;
    hf_span responder; /* Name, or the SHA-1 of a key */
    bool is_by_key;
    hf_span responses;    /* content of SEQUENCE OF SingleResponse */
    hf_span certificates; /* content of SEQUENCE OF Certificate, or empty */
} basic_response;

typedef struct single_response {
    uint8_t status; /* tag of CertStatus */
    int64_t this_update, next_update;
    bool has_next_update;
} single_response;

/* The octets of a key in a SubjectPublicKeyInfo, of which OCSP takes hashes (4.1.1). */
static hf_span key_bits(hf_span public_key_der)
{
    hf_der body = hf_der_open_sequence(public_key_der);
    hf_der_read(&body, HF_DER_SEQUENCE);
    return hf_der_read_octet_bits(&body);
}

/* SHA-1 or SHA-256, the hashes that responders use. */
static hf_hash_id hash_of(hf_der *id)
{
    uint8_t type = HF_DER_NULL;
    hf_span parameters = {NULL, 0};
    hf_der algorithm = hf_der_enter(id, HF_DER_SEQUENCE);
    hf_span oid = hf_der_read_oid(&algorithm);
    if (hf_der_more(&algorithm)) {
        parameters = hf_der_read_any(&algorithm, &type);
    }
    id->failed = id->failed || !hf_der_done(&algorithm);
    if (type != HF_DER_NULL || parameters.size != 0) {
        return HF_HASH_NONE;
    }
    if (hf_span_equal(oid, HF_OID(0x2b, 0x0e, 0x03, 0x02, 0x1a))) {
        return HF_HASH_SHA1;
    }
    return hf_span_equal(oid, HF_OID(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01))
               ? HF_HASH_SHA256
               : HF_HASH_NONE;
}

static bool is_digest_of(hf_hash_id id, hf_span digest, hf_span data)
{
    uint8_t computed[HASH_MAX];
    return hf_hash_size(id) == digest.size && hf_hash_size(id) <= sizeof computed &&
           hf_hash_digest(id, data, computed) == digest.size &&
           memcmp(computed, digest.data, digest.size) == 0;
}

/* CertID, 4.1.1. False for another certificate. */
static bool is_about(hf_der *single, const hf_ocsp_subject *subject)
{
    hf_der id = hf_der_enter(single, HF_DER_SEQUENCE);
    hf_hash_id hash = hash_of(&id);
    hf_span name_hash = hf_der_read(&id, HF_DER_OCTET_STRING);
    hf_span key_hash = hf_der_read(&id, HF_DER_OCTET_STRING);
    hf_span serial_number = hf_der_read_integer(&id);
    single->failed = single->failed || !hf_der_done(&id);
    return !single->failed && hash != HF_HASH_NONE &&
           hf_span_equal(serial_number, subject->serial_number) &&
           is_digest_of(hash, name_hash, subject->issuer_name) &&
           is_digest_of(hash, key_hash, key_bits(subject->issuer_key));
}

/* Extensions [1]. What is critical must be understood (RFC 5280 4.2); nothing in a response is. */
static bool skip_extensions(hf_der *der)
{
    size_t count = 0;
    if (!hf_der_at(der, HF_DER_CONSTRUCTED(1))) {
        return true;
    }
    hf_der field = hf_der_enter(der, HF_DER_CONSTRUCTED(1));
    hf_span extensions = hf_der_read(&field, HF_DER_SEQUENCE);
    hf_der list = hf_der_open(extensions);
    do {
        hf_x509_extension e;
        if (!hf_x509_next_extension(&e, &list, extensions, &count) || e.is_critical) {
            return false;
        }
    } while (hf_der_more(&list));
    return hf_der_done(&field);
}

/* RevokedInfo: when and, perhaps, why. */
static bool is_revoked_info(hf_span info)
{
    hf_der body = hf_der_open(info);
    hf_der_read_generalized_time(&body);
    return !hf_der_at(&body, HF_DER_CONSTRUCTED(0))
               ? hf_der_done(&body)
               : hf_x509_is_crl_reason(hf_der_read(&body, HF_DER_CONSTRUCTED(0))) &&
                     hf_der_done(&body);
}

static bool read_single(single_response *response, hf_der *single)
{
    hf_span status = hf_der_read_any(single, &response->status);
    response->this_update = hf_der_read_generalized_time(single);
    response->has_next_update = hf_der_at(single, HF_DER_CONSTRUCTED(0));
    if (response->has_next_update) {
        hf_der next = hf_der_enter(single, HF_DER_CONSTRUCTED(0));
        response->next_update = hf_der_read_generalized_time(&next);
        single->failed = single->failed || !hf_der_done(&next);
    }
    bool is_known = response->status == STATUS_REVOKED
                        ? is_revoked_info(status)
                        : status.size == 0 && (response->status == STATUS_GOOD ||
                                               response->status == STATUS_UNKNOWN);
    return skip_extensions(single) && is_known && hf_der_done(single);
}

/* The first SingleResponse about the certificate. All of them are read. */
static hf_error find_single(const basic_response *basic, const hf_ocsp_subject *subject,
                            single_response *response)
{
    bool is_found = false;
    hf_der list = hf_der_open(basic->responses);
    *response = (single_response){0};
    while (hf_der_more(&list)) {
        single_response next;
        hf_der single = hf_der_enter(&list, HF_DER_SEQUENCE);
        bool is_wanted = is_about(&single, subject) && !is_found;
        if (!read_single(&next, &single)) {
            return HF_ERROR_OCSP_MALFORMED;
        }
        if (is_wanted) {
            *response = next;
            is_found = true;
        }
    }
    if (!hf_der_done(&list)) {
        return HF_ERROR_OCSP_MALFORMED;
    }
    return is_found ? HF_OK : HF_ERROR_OCSP_OTHER_CERTIFICATE;
}

static bool read_response_data(basic_response *basic)
{
    hf_der data = hf_der_open_sequence(basic->to_be_signed);
    if (hf_der_at(&data, HF_DER_CONSTRUCTED(0))) { /* version, v1 by default */
        hf_der version = hf_der_enter(&data, HF_DER_CONSTRUCTED(0));
        if (hf_der_read_small(&version, HF_DER_INTEGER) != 0 || !hf_der_done(&version)) {
            return false;
        }
    }
    basic->is_by_key = hf_der_at(&data, HF_DER_CONSTRUCTED(2));
    hf_der responder = hf_der_enter(&data, HF_DER_CONSTRUCTED(basic->is_by_key ? 2 : 1));
    basic->responder = basic->is_by_key ? hf_der_read(&responder, HF_DER_OCTET_STRING)
                                        : hf_der_read_element(&responder, HF_DER_SEQUENCE);
    hf_der_read_generalized_time(&data); /* producedAt */
    basic->responses = hf_der_read(&data, HF_DER_SEQUENCE);
    return skip_extensions(&data) && hf_der_done(&responder) && hf_der_done(&data) &&
           (basic->is_by_key || hf_name_is_valid(basic->responder));
}

/* SEQUENCE OF Certificate, [0]: each is read only where it is looked for. */
static hf_span read_certificates(hf_der *body)
{
    if (!hf_der_at(body, HF_DER_CONSTRUCTED(0))) {
        return (hf_span){NULL, 0};
    }
    hf_der field = hf_der_enter(body, HF_DER_CONSTRUCTED(0));
    hf_span certificates = hf_der_read(&field, HF_DER_SEQUENCE);
    hf_der list = hf_der_open(certificates);
    while (hf_der_more(&list)) {
        hf_der_read(&list, HF_DER_SEQUENCE);
    }
    body->failed = body->failed || !hf_der_done(&field) || !hf_der_done(&list);
    return certificates;
}

static bool read_basic(basic_response *basic, hf_span der)
{
    hf_der body = hf_der_open_sequence(der);
    basic->to_be_signed = hf_der_read_element(&body, HF_DER_SEQUENCE);
    hf_span algorithm = hf_der_read_element(&body, HF_DER_SEQUENCE);
    basic->signature = hf_der_read_octet_bits(&body);
    basic->certificates = read_certificates(&body);
    return hf_der_done(&body) && hf_signature_algorithm_read(&basic->algorithm, algorithm) &&
           read_response_data(basic);
}

/* OCSPResponseStatus, 4.2.1; 4 is not used. */
#define STATUS_SUCCESSFUL 0
#define STATUS_NOT_USED   4
#define STATUS_MAX        6

/* OCSPResponse, 4.2.1: only a successful one has a response in it. */
static hf_error read_response(basic_response *basic, hf_span der)
{
    hf_der body = hf_der_open_sequence(der);
    hf_span status = hf_der_read(&body, HF_DER_ENUMERATED);
    if (body.failed || status.size != 1 || status.data[0] > STATUS_MAX ||
        status.data[0] == STATUS_NOT_USED) {
        return HF_ERROR_OCSP_MALFORMED;
    }
    if (status.data[0] != STATUS_SUCCESSFUL) {
        return hf_der_done(&body) ? HF_ERROR_OCSP_UNSUCCESSFUL : HF_ERROR_OCSP_MALFORMED;
    }
    hf_der field = hf_der_enter(&body, HF_DER_CONSTRUCTED(0));
    hf_der bytes = hf_der_enter(&field, HF_DER_SEQUENCE);
    hf_span type = hf_der_read_oid(&bytes);
    hf_span basic_der = hf_der_read(&bytes, HF_DER_OCTET_STRING);
    bool is_whole = hf_der_done(&bytes) && hf_der_done(&field) && hf_der_done(&body);
    return is_whole && hf_span_equal(type, OID_BASIC) && read_basic(basic, basic_der)
               ? HF_OK
               : HF_ERROR_OCSP_MALFORMED;
}

/* 4.2.2.1: without nextUpdate newer information is always there, so that it is of no use later. */
static hf_error check_times(const hf_ocsp_subject *subject, const single_response *response)
{
    if (subject->ignore_time) {
        return HF_OK;
    }
    return response->this_update <= subject->time && response->has_next_update &&
                   subject->time <= response->next_update
               ? HF_OK
               : HF_ERROR_OCSP_STALE;
}

static hf_error status_error(uint8_t status)
{
    if (status == STATUS_GOOD) {
        return HF_OK;
    }
    return status == STATUS_REVOKED ? HF_ERROR_OCSP_REVOKED : HF_ERROR_OCSP_UNKNOWN;
}

static bool is_responder(const basic_response *basic, hf_span name, hf_span public_key_der)
{
    return basic->is_by_key ? is_digest_of(HF_HASH_SHA1, basic->responder, key_bits(public_key_der))
                            : hf_name_equal(basic->responder, name);
}

static bool is_for_ocsp_signing(hf_span extended_key_usage)
{
    hf_der purposes = hf_der_open_sequence(extended_key_usage);
    while (hf_der_more(&purposes)) {
        if (hf_span_equal(hf_der_read_oid(&purposes), OID_OCSP_SIGNING)) {
            return true;
        }
    }
    return false;
}

static bool is_hash_good(const hf_ocsp_subject *subject, const hf_signature_algorithm *algorithm)
{
    return algorithm->hash != HF_HASH_MD5 &&
           (algorithm->hash != HF_HASH_SHA1 || subject->allow_sha1);
}

/* RFC 5280 4.2.1.12, of id-kp-OCSPSigning. */
#define FOR_SIGNING (HF_KEY_USAGE_DIGITAL_SIGNATURE | HF_KEY_USAGE_NON_REPUDIATION)

/* 4.2.2.2: a certificate of the same issuer for this purpose alone will do. */
static bool may_respond(const hf_ocsp_subject *subject, const hf_certificate *c)
{
    bool is_valid =
        subject->ignore_time || (c->not_before <= subject->time && subject->time <= c->not_after);
    return is_valid && hf_name_equal(c->issuer, subject->issuer_name) && !c->has_unknown_critical &&
           is_for_ocsp_signing(c->extended_key_usage) &&
           (!c->has_key_usage || (c->key_usage & FOR_SIGNING) != 0) &&
           is_hash_good(subject, &c->algorithm) &&
           hf_public_key_check(&c->public_key, subject->rsa_bits_min) == HF_OK;
}

/* Whom the issuer has delegated the signing of responses to, and the signature that says so. */
typedef struct delegate {
    hf_public_key key;
    hf_signature_algorithm algorithm;
    hf_span to_be_signed, signature;
} delegate;

/* The delegate's certificate in the response, which names itself there. */
static HF_OWN_FRAME bool find_delegate(const basic_response *basic, const hf_ocsp_subject *subject,
                                       delegate *found)
{
    hf_der list = hf_der_open(basic->certificates);
    for (size_t i = 0; i < HF_CHAIN_MAX && hf_der_more(&list); i++) {
        hf_certificate c;
        hf_span der = hf_der_read_element(&list, HF_DER_SEQUENCE);
        if (!list.failed && hf_certificate_read(&c, der) == HF_OK &&
            is_responder(basic, c.subject, c.public_key_der) && may_respond(subject, &c)) {
            *found = (delegate){c.public_key, c.algorithm, c.to_be_signed, c.signature};
            return true;
        }
    }
    return false;
}

/* All but the signatures. */
static HF_OWN_FRAME hf_error check_content(const hf_ocsp_subject *subject, hf_span response,
                                           basic_response *basic)
{
    single_response single = {0};
    hf_error error = read_response(basic, response);
    if (error == HF_OK) {
        error = find_single(basic, subject, &single);
    }
    if (error == HF_OK) {
        error = check_times(subject, &single);
    }
    if (error == HF_OK && !is_hash_good(subject, &basic->algorithm)) {
        error = HF_ERROR_OCSP_UNAUTHORIZED;
    }
    return error == HF_OK ? status_error(single.status) : error;
}

static hf_error verified(hf_error error)
{
    return error == HF_OK || error == HF_ERROR_OUT_OF_SCRATCH || error == HF_ERROR_CRYPTO_FAILED
               ? error
               : HF_ERROR_OCSP_UNAUTHORIZED;
}

bool hf_path_ocsp_subject(const hf_path *path, hf_ocsp_subject *subject)
{
    *subject = (hf_ocsp_subject){.serial_number = path->leaf.serial_number,
                                 .time = path->rules->time,
                                 .ignore_time = path->rules->ignore_time,
                                 .allow_sha1 = path->rules->allow_sha1,
                                 .rsa_bits_min = path->rules->rsa_bits_min};
    return hf_path_length(path) != 0 &&
           hf_path_issuer(path, &subject->issuer_name, &subject->issuer_key);
}

enum { STEP_BEGIN, STEP_RESPONSE };

hf_error hf_ocsp_step(const hf_ocsp_subject *subject, hf_span response, uint8_t *step)
{
    basic_response basic;
    delegate signer;
    hf_error error = check_content(subject, response, &basic);
    if (error != HF_OK && error != HF_ERROR_OCSP_REVOKED && error != HF_ERROR_OCSP_UNKNOWN) {
        return error;
    }
    hf_public_key issuer_key;
    if (!hf_public_key_read(&issuer_key, subject->issuer_key)) {
        return HF_ERROR_OCSP_UNAUTHORIZED;
    }
    const hf_public_key *key = &issuer_key;
    if (!is_responder(&basic, subject->issuer_name, subject->issuer_key)) {
        if (!find_delegate(&basic, subject, &signer)) {
            return HF_ERROR_OCSP_UNAUTHORIZED;
        }
        if (*step == STEP_BEGIN) {
            *step = STEP_RESPONSE;
            hf_error vouched = verified(hf_x509_verify(&signer.algorithm, &issuer_key,
                                                       signer.to_be_signed, signer.signature));
            return vouched == HF_OK ? HF_AGAIN : vouched;
        }
        key = &signer.key;
    }
    hf_error signed_ =
        verified(hf_x509_verify(&basic.algorithm, key, basic.to_be_signed, basic.signature));
    return signed_ == HF_OK ? error : signed_;
}

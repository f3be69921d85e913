/* OCSP responses.
 *
 * The input is a list of pieces, each with its length in two bytes: a response, the certificate
 * that it should be about, and its issuer's.
 *
 * covers: hf_ocsp_step, ocsp.c:read_response, ocsp.c:read_basic, ocsp.c:read_response_data
 * covers: ocsp.c:read_single
 * dictionary: der.dict */
#include "fuzz/fuzz.h"

#if HF_WITH_STATUS_REQUEST
static bool is_expected(hf_error error)
{
    switch (error) {
    case HF_OK:
    case HF_ERROR_OCSP_MALFORMED:
    case HF_ERROR_OCSP_UNSUCCESSFUL:
    case HF_ERROR_OCSP_OTHER_CERTIFICATE:
    case HF_ERROR_OCSP_STALE:
    case HF_ERROR_OCSP_UNAUTHORIZED:
    case HF_ERROR_OCSP_REVOKED:
    case HF_ERROR_OCSP_UNKNOWN:
        return true;
    default:
        return false;
    }
}

static hf_error run(const hf_ocsp_subject *subject, hf_span response)
{
    uint8_t step = 0;
    unsigned steps = 0;
    hf_error error;
    do {
        error = hf_ocsp_step(subject, response, &step);
        fuzz_require(++steps <= 2);
    } while (error == HF_AGAIN);
    fuzz_require(is_expected(error));
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    hf_span response = hf_read_vector16(&input, 0, 0xffff);
    hf_certificate leaf, issuer;
    if (hf_certificate_read(&leaf, hf_read_vector16(&input, 0, 0xffff)) != HF_OK ||
        hf_certificate_read(&issuer, hf_read_vector16(&input, 0, 0xffff)) != HF_OK) {
        return 0;
    }
    hf_ocsp_subject subject = {.serial_number = leaf.serial_number,
                               .issuer_name = issuer.subject,
                               .issuer_key = issuer.public_key_der,
                               .time = 1735689600, /* 2025-01-01 */
                               .allow_sha1 = true,
                               .rsa_bits_min = 1024};
    hf_error timely = run(&subject, response);
    subject.ignore_time = true;
    hf_error any_time = run(&subject, response);
    /* The clock only ever adds a reason to refuse. */
    fuzz_require(timely == any_time || timely == HF_ERROR_OCSP_STALE ||
                 timely == HF_ERROR_OCSP_UNAUTHORIZED);
    return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data, (void)size;
    return 0;
}
#endif

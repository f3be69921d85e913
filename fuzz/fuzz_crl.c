/* Revocation lists: the reader, scopes and entries, and paths that are looked up.
 *
 * The input is a list of pieces, each with its length in two bytes: a revocation list, then a
 * chain, leaf first, of which the last is the anchor. As a signature that is right is beyond any
 * fuzzer, what a list says is asked without one as well.
 *
 * covers: hf_crl_read, hf_crl_kind_of, hf_crl_find, hf_crl_reasons_for
 * covers: hf_x509_is_crl_reason, hf_revocation_begin, hf_revocation_step
 * covers: crl.c:read_distribution_point
 * dictionary: der.dict */
#include "fuzz/fuzz.h"

#include "tls/x509/crl.h"

#define CHECKS_MAX 8
#define STEPS_MAX  4096 /* lists and signers that are passed over cost a step without a check */

#if HF_WITH_CRL
static void look_into(const hf_crl *crl, hf_span der, hf_span certificate)
{
    hf_certificate c;
    hf_crl_subject subject;
    uint32_t left = HF_CONSTRAINT_CHECKS_MAX;
    fuzz_require(fuzz_is_within(crl->to_be_signed, der));
    fuzz_require(fuzz_is_within(crl->revoked, crl->to_be_signed));
    fuzz_require(fuzz_is_within(crl->distribution_point, crl->to_be_signed));
    if (hf_certificate_read(&c, certificate) != HF_OK) {
        return;
    }
    fuzz_require(hf_crl_subject_of(&subject, certificate));
    uint16_t reasons = hf_crl_reasons_for(crl, &subject, &left);
    fuzz_require((reasons & ~crl->reasons) == 0 && left <= HF_CONSTRAINT_CHECKS_MAX);
    fuzz_require(crl->revoked.size != 0 || hf_crl_find(crl, c.serial_number) == HF_CRL_NOT_LISTED);
    (void)hf_crl_find(crl, c.serial_number);
}

static hf_error run(const hf_trust_anchor *anchor, const hf_span *crls, const hf_span *chain,
                    size_t count, bool allow_missing)
{
    hf_path_rules rules = {.anchors = anchor,
                           .anchor_count = 1,
                           .ignore_time = true,
                           .rsa_bits_min = 1024,
                           .allow_sha1 = true,
                           .checks_max = CHECKS_MAX,
                           .crls = crls,
                           .crl_count = 2,
                           .allow_missing_crls = allow_missing};
    hf_path path;
    unsigned steps = 0;
    hf_error error = hf_path_begin(&path, &rules, chain, count);
    while (error == HF_AGAIN) {
        error = hf_path_step(&path);
        fuzz_require(++steps < STEPS_MAX);
    }
    fuzz_require((hf_path_length(&path) > 0) == (error == HF_OK));
    return error;
}

static void run_both(const hf_trust_anchor *anchor, const hf_span *crls, const hf_span *chain,
                     size_t count)
{
    hf_error strict = run(anchor, crls, chain, count, false);
    hf_error lax = run(anchor, crls, chain, count, true);
    /* What is accepted with lists is accepted by those who let some be missing. */
    fuzz_require(strict != HF_OK || lax == HF_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_reader input = hf_reader_of((hf_span){data, size});
    hf_span list = hf_read_vector16(&input, 0, 0xffff), chain[HF_CHAIN_MAX];
    hf_crl crl;
    size_t count = 0;
    bool is_list = hf_crl_read(&crl, list);
    fuzz_require(is_list == (hf_crl_kind_of(list) != HF_CRL_MALFORMED));
    while (!input.failed && hf_reader_left(&input) != 0 && count < HF_CHAIN_MAX) {
        chain[count] = hf_read_vector16(&input, 0, 0xffff);
        if (is_list) {
            look_into(&crl, list, chain[count]);
        }
        count++;
    }
    if (count < 2) {
        return 0;
    }
    hf_certificate top;
    const hf_span crls[] = {{list.data, list.size / 2}, list};
    hf_trust_anchor anchor = {.certificate = chain[count - 1]};
    run_both(&anchor, crls, chain, count);
    if (hf_certificate_read(&top, anchor.certificate) == HF_OK) {
        anchor = (hf_trust_anchor){.name = top.subject, .public_key = top.public_key_der};
        run_both(&anchor, crls, chain, count - 1);
    }
    return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data, (void)size;
    return 0;
}
#endif

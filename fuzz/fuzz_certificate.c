/* Certificates and paths.
 *
 * The input is one or more DER elements: a chain, leaf first. All of them are anchors of a second
 * validation, too, once as certificates and once as names and keys.
 *
 * covers: hf_certificate_read, hf_public_key_read, hf_signature_algorithm_read
 * covers: hf_x509_verify, hf_path_begin, hf_path_step, hf_path_length, hf_path_issuer
 * covers: hf_policy_holds, hf_public_key_check, hf_x509_next_extension
 * covers: hf_certificate_has_name, hf_certificate_issuer, hf_certificate_is_self_issued
 * covers: hf_constraints_allow, policy.c:read_policies, certificate.c:read_tls_feature
 * covers: policy.c:read_policy_constraints, hf_certificate_take_apart
 * covers: hf_constraints_are_valid
 * dictionary: der.dict */
#include "fuzz/fuzz.h"

#include "tls/x509/x509.h"

/* Takes what looks like one element with a two-octet length, or all that is left. */
static hf_span take(hf_span *input)
{
    hf_span part = *input;
    if (input->size > 4 && input->data[0] == 0x30 && input->data[1] == 0x82) {
        size_t size = 4 + ((size_t)input->data[2] << 8 | input->data[3]);
        part.size = size < input->size ? size : input->size;
    }
    *input = (hf_span){input->data + part.size, input->size - part.size};
    return part;
}

static void run(const hf_trust_anchor *anchors, size_t anchor_count, const hf_span *chain,
                size_t count)
{
    hf_path_rules rules = {.anchors = anchors,
                           .anchor_count = anchor_count,
                           .ignore_time = true,
                           .purpose = HF_PURPOSE_SERVER,
                           .rsa_bits_min = 1024,
                           .allow_sha1 = true,
                           .checks_max = 4};
    hf_path path;
    unsigned steps = 0;
    hf_error error = hf_path_begin(&path, &rules, chain, count);
    while (error == HF_AGAIN) {
        error = hf_path_step(&path);
        steps++;
    }
    fuzz_require(steps <= rules.checks_max + 1U && (hf_path_length(&path) > 0) == (error == HF_OK));
    hf_span name, key;
    if (error == HF_OK && hf_path_issuer(&path, &name, &key))
        fuzz_require(hf_name_is_valid(name) && key.size != 0);
}

/* The two readers of a certificate agree: what one takes, the other takes apart in the same way. */
static void compare_readers(hf_span der, const hf_certificate *c)
{
    hf_certificate_parts parts;
    fuzz_require(hf_certificate_take_apart(&parts, der));
    fuzz_require(hf_span_equal(parts.issuer, c->issuer) &&
                 hf_span_equal(parts.subject, c->subject) &&
                 hf_span_equal(parts.serial_number, c->serial_number) &&
                 hf_span_equal(parts.public_key, c->public_key_der));
    fuzz_require(hf_span_equal(hf_certificate_issuer(der), c->issuer));
    fuzz_require(hf_certificate_is_self_issued(der) == hf_name_equal(c->issuer, c->subject));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hf_span input = {data, size};
    hf_span chain[HF_CHAIN_MAX];
    hf_trust_anchor whole[HF_CHAIN_MAX], bare[HF_CHAIN_MAX];
    size_t count = 0;
    do {
        hf_certificate c;
        chain[count] = take(&input);
        whole[count] = (hf_trust_anchor){.certificate = chain[count]};
        bare[count] = (hf_trust_anchor){.name = chain[count], .public_key = chain[count]};
        if (hf_certificate_read(&c, chain[count]) == HF_OK) {
            compare_readers(chain[count], &c);
            bare[count] = (hf_trust_anchor){.name = c.subject,
                                            .public_key = c.public_key_der,
                                            .name_constraints = c.name_constraints};
            (void)hf_certificate_has_name(&c, HF_SPAN_LITERAL("host.example"));
            (void)hf_certificate_has_name(&c, HF_SPAN_LITERAL("10.0.0.1"));
            (void)hf_certificate_has_mailbox(&c, HF_SPAN_LITERAL("box@host.example"));
        }
        count++;
    } while (input.size > 0 && count < HF_CHAIN_MAX);
    run(whole + count - 1, 1, chain, count);
    run(bare + count - 1, 1, chain, count);
    run(whole, count, chain, 1);
    run(bare, count, chain, 1);
    return 0;
}

#include "path_support.h"

#include <criterion/criterion.h>

outcome validate(const hf_path_rules *rules, const hf_span *chain, size_t count)
{
    hf_path path;
    outcome o = {.steps = 0};
    o.error = hf_path_begin(&path, rules, chain, count);
    while (o.error == HF_AGAIN) {
        o.error = hf_path_step(&path);
        o.steps++;
    }
    if (o.steps > 0) {
        cr_expect_eq(hf_path_step(&path), o.error, "the result stays");
    }
    o.failed = hf_path_failed_certificate(&path);
    o.length = hf_path_length(&path);
    cr_expect_eq(o.length > 0, o.error == HF_OK);
    return o;
}

hf_path_rules rules_for(hf_trust_anchor *anchor, hf_span root)
{
    *anchor = (hf_trust_anchor){.certificate = root};
    return (hf_path_rules){
        .anchors = anchor, .anchor_count = 1, .time = NOW, .purpose = HF_PURPOSE_SERVER};
}

static const pki_key *key_of(const char *name)
{
    return pki_key_at((size_t)(name[0] - 'a'));
}

pki_fields fields_of(const char *subject, const char *issuer)
{
    return (pki_fields){
        .subject = subject, .issuer = issuer, .key = key_of(subject), .signer = key_of(issuer)};
}

hf_span root_of(const char *name)
{
    return ca_of(name, name);
}

hf_span ca_of(const char *name, const char *issuer)
{
    return ca_with(name, issuer, PKI_NONE);
}

hf_span ca_with(const char *name, const char *issuer, hf_span extension)
{
    pki_fields fields = fields_of(name, issuer);
    fields.extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                 pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN), extension);
    return pki_issue(&fields);
}

hf_span leaf_of(const char *issuer)
{
    return leaf_with(issuer, PKI_NONE);
}

hf_span leaf_with(const char *issuer, hf_span extension)
{
    pki_fields fields = fields_of("z", issuer);
    fields.extensions = PKI_JOIN(pki_dns("host.example"), extension);
    return pki_issue(&fields);
}

/* The verb `verify`: path validation alone. */
#include "tools/failure.h"
#include "tools/file.h"
#include "tools/identity.h"
#include "tools/options.h"
#include "tools/subject.h"
#include "tools/tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct verify {
    const char *chain_path, *ca_path, *name, *ocsp_path;
    struct crl_files crls;
    int64_t time;
    bool batch;
    hf_purpose purpose;
    const hf_policy *policy;
};

enum key {
    KEY_CA = 0x100,
    KEY_NAME,
    KEY_TIME,
    KEY_PURPOSE,
    KEY_CRL,
    KEY_OCSP,
    KEY_POLICY,
    KEY_BATCH
};

static const struct argp_option rows[] = {
    {"ca", KEY_CA, "FILE", 0, "Trust anchors in PEM", 0},
    {"name", KEY_NAME, "NAME", 0, "The leaf must be for this DNS name or IP address", 0},
    {"time", KEY_TIME, "UNIX", 0, "Judge at this time instead of now", 0},
    {"purpose", KEY_PURPOSE, "ROLE", 0,
     "The leaf must be allowed as server or client (extendedKeyUsage); default: not looked at", 0},
    {"crl", KEY_CRL, "FILE", 0,
     "Revocation lists in PEM or DER, of which each certificate needs some that cover it; may be "
     "repeated",
     0},
    {"ocsp", KEY_OCSP, "FILE", 0, "An OCSP response in DER, which must say that the leaf is good",
     0},
    {"policy", KEY_POLICY, "NAME", 0,
     "default and compatible want keys of 2048 bits (RSA, DSA) and no SHA-1; "
     "legacy takes 1024 bits and SHA-1",
     0},
    {"batch", KEY_BATCH, NULL, 0,
     "Read cases from standard input instead, answer each before the next; see docs/command.md", 0},
    {0},
};

static void check_arguments(const struct verify *verify, struct argp_state *state)
{
    if (verify->batch) {
        if (verify->chain_path || verify->ca_path || verify->name || verify->crls.count ||
            verify->ocsp_path)
            argp_error(state, "--batch takes its cases from standard input alone");
        return;
    }
    if (!verify->chain_path)
        argp_error(state, "CHAIN.pem is missing");
    if (!verify->ca_path)
        argp_error(state, "--ca is missing");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    static const char *const purposes[] = {"server", "client", NULL};
    struct verify *verify = state->input;
    switch (key) {
    case KEY_CA:
        verify->ca_path = argument;
        return 0;
    case KEY_NAME:
        verify->name = argument;
        return 0;
    case KEY_TIME:
        verify->time = option_number(state, "time", argument, INT64_MIN, INT64_MAX);
        return 0;
    case KEY_PURPOSE:
        verify->purpose = option_choice(state, "purpose", argument, purposes) == 0
                              ? HF_PURPOSE_SERVER
                              : HF_PURPOSE_CLIENT;
        return 0;
    case KEY_CRL:
        option_crl(state, &verify->crls, argument);
        return 0;
    case KEY_OCSP:
        verify->ocsp_path = argument;
        return 0;
    case KEY_POLICY:
        verify->policy = option_policy(state, argument);
        return 0;
    case KEY_BATCH:
        verify->batch = true;
        return 0;
    case ARGP_KEY_ARG:
        if (verify->chain_path)
            argp_error(state, "one CHAIN.pem is enough: \"%s\"", argument);
        verify->chain_path = argument;
        return 0;
    case ARGP_KEY_END:
        check_arguments(verify, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp verify_argp = {
    rows,
    parse,
    "CHAIN.pem\n--batch",
    "Validates a certificate path to a trust anchor: the leaf first, then other certificates in "
    "any order. Prints `accepted` or the reason.",
    NULL,
    NULL,
    NULL};

/* What a response says about the leaf of an accepted path. It is about another certificate in any
 * case where the leaf is itself an anchor, whose issuer nobody knows. */
static hf_error judge_response(const hf_path *path, hf_span response)
{
    hf_ocsp_subject subject;
    if (!hf_path_ocsp_subject(path, &subject))
        return HF_ERROR_OCSP_OTHER_CERTIFICATE;
    uint8_t step = 0;
    hf_error error;
    do
        error = hf_ocsp_step(&subject, response, &step);
    while (error == HF_AGAIN);
    return error;
}

static int judge(const hf_path_rules *rules, const struct der_list *chain, const hf_span *response)
{
    hf_path path;
    hf_error error = hf_path_begin(&path, rules, chain->items, chain->count);
    while (error == HF_AGAIN)
        error = hf_path_step(&path);
    if (error == HF_OK && response)
        error = judge_response(&path, *response);
    if (error == HF_OK) {
        puts("accepted");
        return STATUS_DONE;
    }
    puts(hf_reason_of(error)->symbol);
    hf_failure failure = failure_of_error(error);
    failure.certificate = hf_path_failed_certificate(&path);
    hf_certificate certificate;
    char subject[256] = "";
    if (failure.certificate < chain->count &&
        hf_certificate_read(&certificate, chain->items[failure.certificate]) == HF_OK)
        subject_text(subject, sizeof subject, certificate.subject);
    return failure_report(&failure, subject);
}

static int run(struct verify *verify)
{
    struct der_list chain = {NULL, 0};
    struct anchor_list anchors = {.count = 0};
    hf_span response = {NULL, 0};
    int status = STATUS_OUTSIDE;
    if (verify->ocsp_path)
        response.data = file_read(verify->ocsp_path, &response.size);
    if ((!verify->ocsp_path || response.data) &&
        pem_read_certificates(verify->chain_path, &chain) &&
        anchor_list_read(&anchors, verify->ca_path) && crl_files_read(&verify->crls)) {
        hf_path_rules rules = {.anchors = anchors.items,
                               .anchor_count = anchors.count,
                               .time = verify->time,
                               .purpose = verify->purpose,
                               .rsa_bits_min = verify->policy->rsa_bits_min,
                               .allow_sha1 = verify->policy->allow_sha1,
                               .crls = verify->crls.lists.items,
                               .crl_count = verify->crls.lists.count};
        if (verify->name)
            rules.name = (hf_span){(const uint8_t *)verify->name, strlen(verify->name)};
        status = judge(&rules, &chain, verify->ocsp_path ? &response : NULL);
    }
    free((uint8_t *)response.data);
    crl_files_free(&verify->crls);
    der_list_free(&chain);
    anchor_list_free(&anchors);
    return status;
}

int verb_verify(int argc, char **argv)
{
    struct verify verify = {.time = (int64_t)time(NULL), .policy = &hf_policy_default};
    argp_parse(&verify_argp, argc, argv, 0, NULL, &verify);
    return verify.batch ? batch_run(verify.policy) : run(&verify);
}

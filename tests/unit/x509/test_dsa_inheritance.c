/* DSA keys whose parameters are those of the certificate that signs theirs (RFC 3279 2.3.2; RFC
 * 5280 6.1.4 (d) to (f), 6.1.5 (c) to (e)). The signature of such a key says nothing until the path
 * has come to the parameters. */
#include "path_support.h"
#include "tests/support/revocation.h"
#include "tls/x509/x509.h"

#include <criterion/criterion.h>
#include <handfast/key.h>
#include <stdio.h>
#include <string.h>

#if HF_WITH_DSS

/* ---------------------------------------------------------------- keys */

/* Keys of one group: those of OpenSSL, and others with the exponents 2, 3... */
typedef struct group {
    hf_dsa_private keys[20];
    uint8_t values[20][HF_DSA_SIZE_MAX], exponents[20];
} group;

static group first, second; /* of 2048 and 1024 bits */

static void make_group(group *g, const char *name)
{
    hf_private_key key;
    cr_assert_eq(hf_private_key_read(&key, pki_pem_of(name)), HF_OK);
    for (size_t i = 0; i < sizeof g->keys / sizeof g->keys[0]; i++) {
        hf_dsa_private *made = &g->keys[i];
        *made = key.u.dsa;
        if (i > 0) {
            g->exponents[i] = (uint8_t)(i + 1);
            made->exponent = (hf_span){&g->exponents[i], 1};
        }
        cr_assert_eq(hf_dsa_public_value(made, g->values[i]), HF_CRYPTO_OK);
        made->public_key.value = (hf_span){g->values[i], made->public_key.prime.size};
        while (*made->public_key.value.data == 0) {
            made->public_key.value.data++;
            made->public_key.value.size--;
        }
    }
}

static void start(void)
{
    (void)pki_key_at(0); /* the first key starts crypto_glue */
    make_group(&first, "server-dsa2048.dsa.key");
    make_group(&second, "server-dsa1024.dsa.key");
}

TestSuite(dsa_inheritance, .init = start);

static hf_span number(hf_span bytes)
{
    return PKI_DER(0x02, bytes.data[0] >= 0x80 ? pki_hex("00") : PKI_NONE, bytes);
}

static hf_span key_info(const hf_dsa_private *key, bool inherits)
{
    const hf_dsa_public *k = &key->public_key;
    hf_span domain = PKI_SEQUENCE(number(k->prime), number(k->subprime), number(k->generator));
    return PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.2.840.10040.4.1"), inherits ? PKI_NONE : domain),
                        pki_bit_string(number(k->value)));
}

/* ---------------------------------------------------------------- certificates */

/* A CA with a DSA key, by an issuer with a DSA key, or with NULL the EC key of its name. */
static hf_span ca(const char *name, const hf_dsa_private *key, bool inherits, const char *issuer,
                  const hf_dsa_private *signer)
{
    pki_fields fields = fields_of(name, issuer);
    fields.public_key = key_info(key, inherits);
    fields.dsa_signer = signer;
    fields.extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                 pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN | HF_KEY_USAGE_CRL_SIGN));
    return pki_issue(&fields);
}

static pki_fields leaf_fields(const char *issuer, const hf_dsa_private *signer)
{
    pki_fields fields = fields_of("z", issuer);
    fields.dsa_signer = signer;
    fields.extensions = pki_dns("host.example");
    return fields;
}

static hf_span leaf(const char *issuer, const hf_dsa_private *signer)
{
    pki_fields fields = leaf_fields(issuer, signer);
    return pki_issue(&fields);
}

/* With an EC key; it signs lists, too. */
static hf_span root(void)
{
    pki_fields fields = fields_of("a", "a");
    fields.extensions = PKI_JOIN(pki_basic_constraints(true, -1),
                                 pki_key_usage(HF_KEY_USAGE_KEY_CERT_SIGN | HF_KEY_USAGE_CRL_SIGN));
    return pki_issue(&fields);
}

static hf_trust_anchor anchor;

static hf_path_rules rules(void)
{
    hf_path_rules made = rules_for(&anchor, root());
    made.rsa_bits_min = 1024; /* for the second group */
    return made;
}

/* ---------------------------------------------------------------- paths */

Test(dsa_inheritance, over_some_levels)
{
    const hf_path_rules r = rules();
    const hf_dsa_private *keys = first.keys;
    hf_span whole = ca("b", &keys[0], false, "a", NULL);
    hf_span one = ca("c", &keys[1], true, "b", &keys[0]);
    hf_span two = ca("d", &keys[2], true, "c", &keys[1]);

    outcome o = VALIDATE(&r, leaf("c", &keys[1]), one, whole);
    cr_expect_eq(o.error, HF_OK);
    cr_expect_eq(o.length, 3);
    o = VALIDATE(&r, leaf("d", &keys[2]), two, one, whole);
    cr_expect_eq(o.error, HF_OK);
    cr_expect_eq(o.length, 4);
    cr_expect_eq(VALIDATE(&r, leaf("d", &keys[2]), whole, one, two).error, HF_OK);
    /* an intermediate with parameters of its own ends it */
    hf_span other = ca("d", &second.keys[2], false, "c", &keys[1]);
    cr_expect_eq(VALIDATE(&r, leaf("d", &second.keys[2]), whole, one, other).error, HF_OK);
}

/* From the anchor, as a certificate and as name and key. */
Test(dsa_inheritance, from_the_anchor)
{
    const hf_dsa_private *keys = first.keys;
    hf_path_rules r = rules_for(&anchor, ca("a", &keys[0], false, "a", &keys[0]));
    hf_span one = ca("c", &keys[1], true, "a", &keys[0]);
    cr_expect_eq(VALIDATE(&r, leaf("c", &keys[1]), one).error, HF_OK);
    cr_expect_eq(VALIDATE(&r, leaf("c", &keys[2]), one).error,
                 HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
    anchor = (hf_trust_anchor){.name = pki_name("a"), .public_key = key_info(&keys[0], false)};
    cr_expect_eq(VALIDATE(&r, leaf("c", &keys[1]), one).error, HF_OK);
    /* there is nothing above an anchor */
    anchor.public_key = key_info(&keys[0], true);
    cr_expect_eq(VALIDATE(&r, leaf("c", &keys[1]), one).error,
                 HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED);
    anchor = (hf_trust_anchor){.certificate = ca("a", &keys[0], true, "a", &keys[0])};
    cr_expect_eq(VALIDATE(&r, leaf("c", &keys[1]), one).error,
                 HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED);
}

/* The leaf's own key may inherit: what it says is known once the path is whole. */
Test(dsa_inheritance, by_the_leaf)
{
    hf_path path;
    const hf_path_rules r = rules();
    const hf_dsa_private *keys = first.keys;
    pki_fields fields = leaf_fields("b", &keys[0]);
    fields.public_key = key_info(&keys[3], true);
    const hf_span chain[] = {pki_issue(&fields), ca("b", &keys[0], false, "a", NULL)};
    cr_assert_eq(hf_path_begin(&path, &r, chain, 2), HF_AGAIN);
    cr_expect_eq(hf_path_leaf(&path)->public_key.type, HF_KEY_NONE);
    hf_error error = HF_AGAIN;
    while (error == HF_AGAIN)
        error = hf_path_step(&path);
    cr_assert_eq(error, HF_OK);
    const hf_public_key *key = &hf_path_leaf(&path)->public_key;
    cr_assert_eq(key->type, HF_KEY_DSA);
    const hf_dsa_public *expected = &keys[3].public_key;
    cr_expect(hf_span_equal(key->u.dsa.prime, expected->prime));
    cr_expect(hf_span_equal(key->u.dsa.subprime, expected->subprime));
    cr_expect(hf_span_equal(key->u.dsa.generator, expected->generator));
    cr_expect(hf_span_equal(key->u.dsa.value, expected->value));

    /* Such a leaf is no anchor, which would leave its key without parameters. */
    hf_trust_anchor itself;
    hf_path_rules pinned = rules_for(&itself, chain[0]);
    cr_expect_eq(validate(&pinned, chain, 2).error, HF_ERROR_CERTIFICATE_UNKNOWN_CA);
}

/* Of issuers with keys of another kind there is nothing to inherit. */
Test(dsa_inheritance, nothing_to_inherit)
{
    const hf_path_rules r = rules();
    hf_span one = ca("c", &first.keys[1], true, "a", NULL);
    outcome o = VALIDATE(&r, leaf("c", &first.keys[1]), one);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED);
    cr_expect_eq(o.failed, 1);
    pki_fields fields = leaf_fields("a", NULL);
    fields.public_key = key_info(&first.keys[1], true);
    o = VALIDATE(&r, pki_issue(&fields));
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED);
    cr_expect_eq(o.failed, 0);
}

/* A policy asks for as many bits of what is inherited. */
Test(dsa_inheritance, short_parameters)
{
    hf_path_rules r = rules();
    hf_span whole = ca("b", &second.keys[0], false, "a", NULL);
    hf_span one = ca("c", &second.keys[1], true, "b", &second.keys[0]);
    cr_expect_eq(VALIDATE(&r, leaf("c", &second.keys[1]), one, whole).error, HF_OK);
    r.rsa_bits_min = 2048;
    cr_expect_eq(VALIDATE(&r, leaf("c", &second.keys[1]), one, whole).error,
                 HF_ERROR_CERTIFICATE_KEY_WEAK);
}

/* ---------------------------------------------------------------- signatures */

/* Each signature of a path counts, those that are checked late as well. */
Test(dsa_inheritance, wrong_signatures)
{
    const hf_path_rules r = rules();
    const hf_dsa_private *keys = first.keys, *wrong = &first.keys[9];
    for (unsigned bad = 0; bad < 4; bad++) {
        hf_span chain[] = {
            leaf("d", bad == 0 ? wrong : &keys[2]),
            ca("d", &keys[2], true, "c", bad == 1 ? wrong : &keys[1]),
            ca("c", &keys[1], true, "b", bad == 2 ? wrong : &keys[0]),
            ca("b", &keys[0], false, "a", bad == 3 ? wrong : NULL),
        };
        outcome o = validate(&r, chain, 4);
        cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_SIGNATURE_WRONG, "signature %u", bad);
        cr_expect_eq(o.failed, bad, "signature %u", bad);
    }
}

/* A certificate of the name from which the key could inherit, by somebody else: whoever chooses the
 * parameters can sign. */
Test(dsa_inheritance, never_from_another_of_the_name)
{
    const hf_path_rules r = rules();
    const hf_dsa_private *own = first.keys, *others = second.keys;
    hf_span whole = ca("b", &own[0], false, "a", NULL), one = ca("c", &own[1], true, "b", &own[0]);
    hf_span other_root = ca("b", &others[0], false, "b", &others[0]);
    hf_span forged = leaf("c", &others[1]);
    cr_expect_eq(VALIDATE(&r, forged, one, other_root, whole).error,
                 HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
    cr_expect_eq(VALIDATE(&r, forged, one, whole, other_root).error,
                 HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
    /* and it does not stand in the way */
    cr_expect_eq(VALIDATE(&r, leaf("c", &own[1]), one, other_root, whole).error, HF_OK);
}

/* The same key certified in two groups: of the two paths one has right signatures. */
Test(dsa_inheritance, goes_on_with_other_parameters)
{
    const hf_path_rules r = rules();
    const hf_dsa_private *own = first.keys, *others = second.keys;
    hf_span whole = ca("b", &own[0], false, "a", NULL), one = ca("c", &own[1], true, "b", &own[0]);
    hf_span whole2 = ca("e", &others[0], false, "a", NULL);
    hf_span one2 = ca("c", &own[1], true, "e", &others[0]); /* the value says no group */
    hf_span end = leaf("c", &own[1]);
    cr_expect_eq(VALIDATE(&r, end, one2, whole2, one, whole).error, HF_OK);
    cr_expect_eq(VALIDATE(&r, end, one, whole, one2, whole2).error, HF_OK);
    cr_expect_eq(VALIDATE(&r, end, one2, whole2, whole).error,
                 HF_ERROR_CERTIFICATE_SIGNATURE_WRONG);
}

/* RFC 7469 2.4: of a key without parameters "a public key pin cannot be formed". Another CA could
 * certify its value in a group of its own choice. */
Test(dsa_inheritance, has_no_pin)
{
    hf_path_rules r = rules();
    const hf_dsa_private *keys = first.keys;
    pki_fields fields = leaf_fields("c", &keys[1]);
    fields.public_key = key_info(&keys[3], true);
    const hf_span infos[] = {fields.public_key, key_info(&keys[1], true),
                             key_info(&keys[0], false)};
    const hf_span chain[] = {pki_issue(&fields), ca("c", &keys[1], true, "b", &keys[0]),
                             ca("b", &keys[0], false, "a", NULL)};
    cr_expect_eq(validate(&r, chain, 3).error, HF_OK);
    for (size_t i = 0; i < 3; i++) {
        hf_pin pin;
        (void)hf_hash_digest(HF_HASH_SHA256, infos[i], pin.sha256);
        r.pins = &pin;
        r.pin_count = 1;
        cr_expect_eq(validate(&r, chain, 3).error, i == 2 ? HF_OK : HF_ERROR_CERTIFICATE_NOT_PINNED,
                     "key %zu", i);
    }
}

/* ---------------------------------------------------------------- work */

/* One signature check a step, and no more of them than there are signatures. */
Test(dsa_inheritance, steps)
{
    hf_path_rules r = rules();
    const hf_dsa_private *keys = first.keys;
    const hf_span chain[] = {leaf("d", &keys[2]), ca("d", &keys[2], true, "c", &keys[1]),
                             ca("c", &keys[1], true, "b", &keys[0]),
                             ca("b", &keys[0], false, "a", NULL)};
    outcome o = validate(&r, chain, 4);
    cr_expect_eq(o.error, HF_OK);
    /* two that wait, the one that tells the parameters, those two, and the anchor's */
    cr_expect_eq(o.steps, 6);
    r.checks_max = 6;
    cr_expect_eq(validate(&r, chain, 4).error, HF_OK);
    r.checks_max = 5;
    cr_expect_eq(validate(&r, chain, 4).error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
}

/* Certificates of one name that might each have signed any other: going from one to the next costs
 * no signature check, but is taken off the budget. */
Test(dsa_inheritance, loops_are_bounded)
{
    const hf_path_rules r = rules();
    hf_span chain[HF_CHAIN_MAX] = {leaf("c", &first.keys[1])};
    for (size_t i = 1; i < HF_CHAIN_MAX; i++)
        chain[i] = ca("c", &first.keys[i], true, "c", &first.keys[1]);
    outcome o = validate(&r, chain, HF_CHAIN_MAX);
    cr_expect_eq(o.error, HF_ERROR_CERTIFICATE_PATH_BUDGET);
    cr_expect_leq(o.steps, HF_SIGNATURE_CHECKS_MAX + 1);
}

/* ---------------------------------------------------------------- revocation */

#if HF_WITH_CRL
Test(dsa_inheritance, lists)
{
    hf_path_rules r = rules();
    const hf_dsa_private *keys = first.keys;
    const hf_span chain[] = {leaf("c", &keys[1]), ca("c", &keys[1], true, "b", &keys[0]),
                             ca("b", &keys[0], false, "a", NULL)};
    crl_fields of_c = {.issuer = "c", .signer = {.dsa = &keys[1]}};
    crl_fields of_b = {.issuer = "b", .signer = {.dsa = &keys[0]}};
    crl_fields of_a = {.issuer = "a", .signer = {.key = pki_key_at(0)}};
    hf_span lists[] = {crl_issue(&of_c), crl_issue(&of_b), crl_issue(&of_a)};
    r.crls = lists;
    r.crl_count = 3;
    cr_expect_eq(validate(&r, chain, 3).error, HF_OK);

    of_c.revoked = PKI_SEQUENCE(crl_entry(1, PKI_NONE));
    lists[0] = crl_issue(&of_c);
    cr_expect_eq(validate(&r, chain, 3).error, HF_ERROR_CERTIFICATE_REVOKED);

    of_c = (crl_fields){.issuer = "c", .signer = {.dsa = &keys[2]}};
    lists[0] = crl_issue(&of_c);
    cr_expect_eq(validate(&r, chain, 3).error, HF_ERROR_CERTIFICATE_STATUS_UNKNOWN);
}
#endif

#endif

#include "tests/flow/staple.h"

#include "tests/support/pki.h"

#include <criterion/criterion.h>
#include <stdio.h>

static hf_span octets(hf_hash_id hash, hf_span data)
{
    uint8_t digest[HF_HASH_SIZE_MAX];
    return pki_element(0x04, (hf_span){digest, hf_hash_digest(hash, data, digest)});
}

/* The content of the BIT STRING in a SubjectPublicKeyInfo of P-256, which ends it. */
static hf_span key_bits(hf_span public_key)
{
    return (hf_span){public_key.data + public_key.size - 65, 65};
}

static hf_span time_of(const char *text)
{
    return pki_element(0x18, pki_text(text));
}

/* CertID, RFC 6960 4.1.1, with SHA-1. */
static hf_span id_of(const hf_certificate *leaf, const hf_certificate *issuer)
{
    return PKI_SEQUENCE(PKI_SEQUENCE(pki_oid("1.3.14.3.2.26"), pki_hex("0500")),
                        octets(HF_HASH_SHA1, issuer->subject),
                        octets(HF_HASH_SHA1, key_bits(issuer->public_key_der)),
                        pki_element(0x02, leaf->serial_number));
}

static hf_span sign(hf_span data)
{
    uint64_t state = 11;
    hf_private_key key;
    uint8_t digest[HF_HASH_SIZE_MAX], signature[HF_ECDSA_SIGNATURE_MAX];
    size_t size = 0;
    const hf_random random = {test_random, &state};
    hf_span hashed = {digest, hf_hash_digest(HF_HASH_SHA256, data, digest)};
    cr_assert_eq(hf_private_key_read(&key, pki_file("inter-p256.key.der")), HF_OK);
    cr_assert_eq(
        hf_ecdsa_sign(HF_CURVE_P256, key.u.ec.scalar.data, &random, hashed, signature, &size),
        HF_CRYPTO_OK);
    return PKI_DER(0x03, pki_hex("00"), (hf_span){signature, size});
}

hf_span staple_of(const char *leaf, const char *status)
{
    char name[64];
    hf_certificate about, issuer;
    (void)snprintf(name, sizeof name, "%s.der", leaf);
    cr_assert_eq(hf_certificate_read(&about, pki_file(name)), HF_OK);
    cr_assert_eq(hf_certificate_read(&issuer, pki_file("inter-p256.der")), HF_OK);
    hf_span single =
        PKI_SEQUENCE(id_of(&about, &issuer), pki_hex(status), time_of("20251201000000Z"),
                     PKI_DER(0xa0, time_of("20270101000000Z")));
    hf_span responder = PKI_DER(0xa2, octets(HF_HASH_SHA1, key_bits(issuer.public_key_der)));
    hf_span data = PKI_SEQUENCE(responder, time_of("20251201000000Z"), PKI_SEQUENCE(single));
    hf_span basic = PKI_SEQUENCE(data, PKI_SEQUENCE(pki_oid("1.2.840.10045.4.3.2")), sign(data));
    return PKI_SEQUENCE(
        pki_hex("0a0100"),
        PKI_DER(0xa0, PKI_SEQUENCE(pki_oid("1.3.6.1.5.5.7.48.1.1"), pki_element(0x04, basic))));
}

hf_span staple_good(void)
{
    static hf_span made;
    if (made.size == 0)
        made = staple_of("server-p256", STAPLE_GOOD);
    return made;
}

#include "tests/support/revocation.h"

#include <string.h>

#define FROM  "20241201000000Z"
#define UNTIL "20250201000000Z"

static hf_span time_or(const char *text, const char *otherwise)
{
    if (text == NULL) {
        return pki_time(otherwise);
    }
    return text[0] != 0 ? pki_time(text) : PKI_NONE;
}

/* ---------------------------------------------------------------- lists */

hf_span crl_to_be_signed(const crl_fields *f)
{
    hf_span number =
        f->has_no_number ? PKI_NONE : pki_extension("2.5.29.20", false, pki_hex("020101"));
    hf_span extensions =
        f->has_no_extensions ? PKI_NONE : PKI_DER(0xa0, PKI_SEQUENCE(number, f->extensions));
    hf_span issuer = f->issuer_der.size > 0 ? f->issuer_der : pki_name(f->issuer);
    return PKI_SEQUENCE(pki_or(f->version, pki_hex("020101")), pki_algorithm(&f->signer), issuer,
                        time_or(f->this_update, FROM), time_or(f->next_update, UNTIL), f->revoked,
                        extensions);
}

hf_span crl_issue(const crl_fields *f)
{
    hf_span to_be_signed = crl_to_be_signed(f);
    return PKI_SEQUENCE(to_be_signed, pki_or(f->outer_algorithm, pki_algorithm(&f->signer)),
                        pki_sign(&f->signer, to_be_signed));
}

hf_span crl_entry(unsigned serial, hf_span extensions)
{
    return PKI_SEQUENCE(pki_integer(serial), pki_time("241115120000Z"),
                        extensions.size > 0 ? PKI_SEQUENCE(extensions) : PKI_NONE);
}

hf_span crl_distribution_point(hf_span fields)
{
    return pki_extension("2.5.29.28", true, PKI_SEQUENCE(fields));
}

hf_span pki_distribution_points(hf_span points)
{
    return pki_extension("2.5.29.31", false, PKI_SEQUENCE(points));
}

hf_span pki_distribution_point(hf_span name, hf_span reasons)
{
    return PKI_SEQUENCE(name, reasons.size > 0 ? pki_element(0x81, reasons) : PKI_NONE);
}

hf_span pki_full_name(hf_span general_names)
{
    return PKI_DER(0xa0, PKI_DER(0xa0, general_names));
}

hf_span pki_relative_name(hf_span attributes)
{
    return PKI_DER(0xa0, PKI_DER(0xa1, attributes));
}

/* ---------------------------------------------------------------- responses */

static hf_span digest_of(hf_hash_id hash, hf_span data)
{
    uint8_t digest[HF_HASH_SIZE_MAX];
    size_t size = hf_hash_digest(hash, data, digest);
    return PKI_DER(0x04, (hf_span){digest, size});
}

/* The BIT STRING of a SubjectPublicKeyInfo without tag, length and the octet of unused bits. */
static hf_span key_octets(hf_span public_key)
{
    size_t algorithm = 0, bits = 0, n = 0;
    (void)pki_length_at(public_key, 1, &algorithm);
    size_t end = algorithm + 1 + public_key.data[algorithm];
    do {
        (void)pki_length_at(public_key, n++, &bits);
    } while (bits <= end);
    return (hf_span){public_key.data + bits + 2, public_key.size - bits - 2};
}

static const char *oid_of(hf_hash_id hash)
{
    if (hash == HF_HASH_SHA256) {
        return "2.16.840.1.101.3.4.2.1";
    }
    return hash == HF_HASH_SHA384 ? "2.16.840.1.101.3.4.2.2" : "1.3.14.3.2.26";
}

hf_span ocsp_single_of(const ocsp_single *s)
{
    hf_hash_id hash = s->hash != HF_HASH_NONE ? s->hash : HF_HASH_SHA1;
    hf_span next = time_or(s->next_update, UNTIL);
    hf_span id = PKI_SEQUENCE(
        PKI_SEQUENCE(pki_oid(oid_of(hash)), pki_hex("0500")), digest_of(hash, s->issuer_name),
        digest_of(hash, key_octets(s->issuer_key)), pki_or(s->serial, pki_integer(1)));
    return PKI_SEQUENCE(id, pki_or(s->status, pki_hex("8000")), time_or(s->this_update, FROM),
                        next.size > 0 ? PKI_DER(0xa0, next) : PKI_NONE, s->extensions);
}

hf_span ocsp_revoked(void)
{
    return PKI_DER(0xa1, pki_time("20241115120000Z"), pki_hex("a0030a0101"));
}

hf_span ocsp_unknown(void)
{
    return pki_hex("8200");
}

hf_span ocsp_by_name(hf_span name)
{
    return PKI_DER(0xa1, name);
}

hf_span ocsp_by_key(hf_span public_key)
{
    return PKI_DER(0xa2, digest_of(HF_HASH_SHA1, key_octets(public_key)));
}

hf_span ocsp_to_be_signed(const ocsp_fields *f)
{
    return PKI_SEQUENCE(f->version, f->responder, pki_or(f->produced_at, pki_time(FROM)),
                        PKI_SEQUENCE(f->singles), f->extensions);
}

hf_span ocsp_wrap(hf_span basic)
{
    return PKI_SEQUENCE(
        pki_hex("0a0100"),
        PKI_DER(0xa0, PKI_SEQUENCE(pki_oid("1.3.6.1.5.5.7.48.1.1"), pki_element(0x04, basic))));
}

hf_span ocsp_sign(const ocsp_fields *f, hf_span to_be_signed)
{
    hf_span certificates =
        f->certificates.size > 0 ? PKI_DER(0xa0, PKI_SEQUENCE(f->certificates)) : PKI_NONE;
    return ocsp_wrap(PKI_SEQUENCE(pki_signed(&f->signer, to_be_signed), certificates));
}

hf_span ocsp_issue(const ocsp_fields *f)
{
    return ocsp_sign(f, ocsp_to_be_signed(f));
}

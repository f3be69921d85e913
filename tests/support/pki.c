#include "tests/support/pki.h"

#include "crypto_glue/ec.h"
#include "crypto_glue/hash.h"
#include "crypto_glue/init.h"
#include "crypto_glue/random.h"
#include "crypto_glue/rsa.h"

#include <handfast/key.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 26

static uint8_t arena[8 << 20];
static size_t arena_used;
static pki_key keys[KEYS_MAX];
static bool has_key[KEYS_MAX];
static const hf_random random_source = {hf_random_system, NULL};

/* Ends the test program: what follows would test nothing. */
static void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "tests/support/pki: %s\n", what);
        abort();
    }
}

static uint8_t *take(size_t size)
{
    require(size <= sizeof arena - arena_used, "the arena is used up");
    arena_used += size;
    return arena + arena_used - size;
}

hf_span pki_join(const hf_span *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        size += parts[i].size;
    }
    uint8_t *out = take(size), *next = out;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            memcpy(next, parts[i].data, parts[i].size);
        }
        next += parts[i].size;
    }
    return (hf_span){out, size};
}

hf_span pki_element(uint8_t tag, hf_span content)
{
    uint8_t header[6] = {tag};
    size_t size = 2, octets = 0;
    if (content.size < 0x80) {
        header[1] = (uint8_t)content.size;
    } else {
        while (content.size >> (8 * octets) != 0) {
            octets++;
        }
        header[1] = (uint8_t)(0x80 | octets);
        while (octets > 0) {
            header[size++] = (uint8_t)(content.size >> (8 * --octets));
        }
    }
    return PKI_JOIN((hf_span){header, size}, content);
}

static unsigned nibble(char digit)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = digit != 0 ? strchr(digits, digit) : NULL;
    require(found != NULL, "not hexadecimal");
    return (unsigned)(found - digits);
}

hf_span pki_hex(const char *digits)
{
    size_t size = strlen(digits) / 2;
    uint8_t *out = take(size);
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(nibble(digits[2 * i]) << 4 | nibble(digits[2 * i + 1]));
    }
    return (hf_span){out, size};
}

hf_span pki_text(const char *text)
{
    return (hf_span){(const uint8_t *)text, strlen(text)};
}

hf_span pki_oid(const char *dotted)
{
    uint8_t content[32];
    size_t size = 0, arcs = 0;
    unsigned long first = 0;
    for (char *next = (char *)(uintptr_t)dotted; *next != 0;) {
        unsigned long arc = strtoul(next, &next, 10);
        next += *next == '.';
        if (arcs++ == 0) {
            first = arc;
            continue;
        }
        arc += arcs == 2 ? 40 * first : 0;
        for (unsigned shift = 28; shift > 0; shift -= 7) {
            if (arc >> shift != 0) {
                content[size++] = (uint8_t)(0x80 | (arc >> shift & 0x7f));
            }
        }
        content[size++] = (uint8_t)(arc & 0x7f);
        require(size <= sizeof content - 5, "the OID is too long");
    }
    return pki_element(0x06, (hf_span){content, size});
}

hf_span pki_integer(unsigned value)
{
    uint8_t content[4];
    size_t size = 0;
    for (unsigned shift = 32; shift > 0; shift -= 8) {
        bool is_needed = size > 0 || shift == 8 || value >> (shift - 9) != 0;
        if (is_needed) {
            content[size++] = (uint8_t)(value >> (shift - 8));
        }
    }
    return pki_element(0x02, (hf_span){content, size});
}

hf_span pki_bytes_of(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", HF_PKI_DIR, name);
    FILE *file = fopen(path, "rb");
    require(file != NULL, path);
    uint8_t *out = take(65536);
    size_t size = fread(out, 1, 65536, file);
    require(size > 0 && size < 65536, path);
    fclose(file);
    return (hf_span){out, size};
}

hf_span pki_pem_of(const char *name)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    hf_span text = pki_bytes_of(name);
    uint8_t *out = take(text.size);
    size_t size = 0, i = 0;
    uint32_t bits = 0, count = 0;
    while (text.data[i] != '\n') {
        i++;
    }
    for (; i < text.size && text.data[i] != '-'; i++) {
        const char *digit = text.data[i] != 0 ? strchr(digits, text.data[i]) : NULL;
        if (digit == NULL) {
            continue;
        }
        bits = bits << 6 | (uint32_t)(digit - digits);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[size++] = (uint8_t)(bits >> count);
        }
    }
    return (hf_span){out, size};
}

hf_span pki_name_of(const char *attribute_oid, uint8_t tag, const char *value)
{
    hf_span attribute = PKI_SEQUENCE(pki_oid(attribute_oid), pki_element(tag, pki_text(value)));
    return PKI_SEQUENCE(pki_element(0x31, attribute));
}

hf_span pki_name(const char *common_name)
{
    return pki_name_of("2.5.4.3", 0x0c, common_name);
}

const pki_key *pki_key_at(size_t n)
{
    require(n < KEYS_MAX, "no such key");
    require(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init");
    if (!has_key[n]) {
        require(hf_ec_generate(HF_CURVE_P256, &random_source, keys[n].scalar, keys[n].point) ==
                    HF_CRYPTO_OK,
                "hf_ec_generate");
        has_key[n] = true;
    }
    return &keys[n];
}

pki_key pki_key_of_file(const char *name)
{
    char file[64];
    hf_private_key read;
    pki_key key;
    snprintf(file, sizeof file, "%s.key.der", name);
    require(hf_private_key_read(&read, pki_bytes_of(file)) == HF_OK && read.type == HF_KEY_EC &&
                read.u.ec.curve == HF_CURVE_P256,
            file);
    memset(&key, 0, sizeof key);
    memcpy(key.scalar, read.u.ec.scalar.data, sizeof key.scalar);
    return key;
}

hf_span pki_bit_string(hf_span octets)
{
    return PKI_DER(0x03, pki_hex("00"), octets);
}

hf_span pki_public_key(const pki_key *key)
{
    hf_span algorithm = PKI_SEQUENCE(pki_oid("1.2.840.10045.2.1"), pki_oid("1.2.840.10045.3.1.7"));
    return PKI_SEQUENCE(algorithm, pki_bit_string((hf_span){key->point, sizeof key->point}));
}

hf_span pki_extension(const char *oid, bool is_critical, hf_span value)
{
    return PKI_SEQUENCE(pki_oid(oid), is_critical ? pki_hex("0101ff") : PKI_NONE,
                        pki_element(0x04, value));
}

hf_span pki_basic_constraints(bool is_ca, int path_length)
{
    hf_span length = path_length >= 0 ? pki_integer((unsigned)path_length) : PKI_NONE;
    return pki_extension("2.5.29.19", true,
                         PKI_SEQUENCE(is_ca ? pki_hex("0101ff") : PKI_NONE, length));
}

hf_span pki_key_usage(unsigned bits)
{
    uint8_t content[3] = {0, 0, 0};
    for (unsigned bit = 0; bit < 9; bit++) {
        if ((bits >> bit & 1) != 0) {
            content[1 + bit / 8] |= (uint8_t)(0x80 >> bit % 8);
            content[0] = (uint8_t)(7 - bit % 8);
        }
    }
    return pki_extension("2.5.29.15", true,
                         pki_element(0x03, (hf_span){content, bits >> 8 != 0 ? 3 : 2}));
}

hf_span pki_general_name(uint8_t tag, const char *text)
{
    return pki_element(tag, pki_text(text));
}

hf_span pki_alt_names(hf_span general_names)
{
    return pki_extension("2.5.29.17", false, PKI_SEQUENCE(general_names));
}

hf_span pki_dns(const char *name)
{
    return pki_alt_names(pki_general_name(0x82, name));
}

hf_span pki_subtree(hf_span general_name)
{
    return PKI_SEQUENCE(general_name);
}

hf_span pki_constraints(hf_span permitted, hf_span excluded)
{
    return pki_extension("2.5.29.30", true,
                         PKI_SEQUENCE(permitted.size > 0 ? pki_element(0xa0, permitted) : PKI_NONE,
                                      excluded.size > 0 ? pki_element(0xa1, excluded) : PKI_NONE));
}

hf_span pki_time(const char *text)
{
    return pki_element(strlen(text) == 13 ? 0x17 : 0x18, pki_text(text));
}

static hf_span time_or(const char *text, const char *otherwise)
{
    return pki_time(text != NULL ? text : otherwise);
}

hf_span pki_or(hf_span given, hf_span otherwise)
{
    return given.size > 0 ? given : otherwise;
}

static hf_span name_or(hf_span given, const char *common_name)
{
    return given.size > 0 ? given : pki_name(common_name != NULL ? common_name : "nobody");
}

static hf_span sign_with_ecdsa(const pki_key *key, hf_span digest)
{
    uint8_t signature[HF_ECDSA_SIGNATURE_MAX];
    size_t size = 0;
    require(hf_ecdsa_sign(HF_CURVE_P256, key->scalar, &random_source, digest, signature, &size) ==
                HF_CRYPTO_OK,
            "hf_ecdsa_sign");
    return PKI_JOIN((hf_span){signature, size});
}

#if HF_WITH_RSA
static hf_span sign_with_rsa(const char *name, hf_span digest)
{
    char file[64];
    uint8_t signature[HF_RSA_SIZE_MAX];
    hf_private_key key;
    size_t size = 0;
    snprintf(file, sizeof file, "%s.key.der", name);
    require(hf_private_key_read(&key, pki_bytes_of(file)) == HF_OK && key.type == HF_KEY_RSA, file);
    require(hf_rsa_pkcs1_sign(&key.u.rsa, &random_source, HF_HASH_SHA256, digest, signature,
                              sizeof signature, &size) == HF_CRYPTO_OK,
            "hf_rsa_pkcs1_sign");
    return PKI_JOIN((hf_span){signature, size});
}
#else
static hf_span sign_with_rsa(const char *name, hf_span digest)
{
    (void)digest;
    require(false, name);
    return PKI_NONE;
}
#endif

#if HF_WITH_DSS
static hf_span sign_with_dsa(const hf_dsa_private *key, hf_span digest)
{
    uint8_t signature[HF_DSA_SIGNATURE_MAX];
    size_t size = 0;
    require(hf_dsa_sign(key, &random_source, digest, signature, sizeof signature, &size) ==
                HF_CRYPTO_OK,
            "hf_dsa_sign");
    return PKI_JOIN((hf_span){signature, size});
}
#else
static hf_span sign_with_dsa(const hf_dsa_private *key, hf_span digest)
{
    (void)key, (void)digest;
    require(false, "DSA");
    return PKI_NONE;
}
#endif

hf_span pki_algorithm(const pki_signer *signer)
{
    hf_span usual =
        signer->rsa_name != NULL ? PKI_SEQUENCE(pki_oid("1.2.840.113549.1.1.11"), pki_hex("0500"))
        : signer->dsa != NULL
            ? PKI_SEQUENCE(pki_oid("2.16.840.1.101.3.4.3.2"))
            : PKI_SEQUENCE(pki_oid(signer->is_sha1 ? "1.2.840.10045.4.1" : "1.2.840.10045.4.3.2"));
    return pki_or(signer->algorithm, usual);
}

hf_span pki_sign(const pki_signer *signer, hf_span data)
{
    uint8_t bytes[HF_HASH_SIZE_MAX];
    require(hf_crypto_init() == HF_CRYPTO_OK, "hf_crypto_init");
    hf_hash_id hash = signer->is_sha1 ? HF_HASH_SHA1 : HF_HASH_SHA256;
    hf_span digest = {bytes, hf_hash_digest(hash, data, bytes)};
    bytes[0] ^= signer->is_bad;
    if (signer->dsa != NULL)
        return pki_bit_string(sign_with_dsa(signer->dsa, digest));
    return pki_bit_string(signer->rsa_name != NULL ? sign_with_rsa(signer->rsa_name, digest)
                                                   : sign_with_ecdsa(signer->key, digest));
}

hf_span pki_signed(const pki_signer *signer, hf_span data)
{
    return PKI_JOIN(data, pki_algorithm(signer), pki_sign(signer, data));
}

hf_span pki_issue(const pki_fields *f)
{
    const pki_signer signer = {.key = f->signer != NULL ? f->signer : f->key,
                               .dsa = f->dsa_signer,
                               .algorithm = f->algorithm,
                               .is_bad = f->has_bad_signature};
    hf_span algorithm = pki_algorithm(&signer);
    hf_span extensions =
        f->extensions.size > 0 ? PKI_DER(0xa3, PKI_SEQUENCE(f->extensions)) : PKI_NONE;
    hf_span tbs = PKI_SEQUENCE(
        f->is_version_1 ? PKI_NONE : pki_or(f->version, pki_hex("a003020102")),
        pki_or(f->serial, pki_integer(1)), algorithm, name_or(f->issuer_der, f->issuer),
        PKI_SEQUENCE(time_or(f->not_before, "200101000000Z"),
                     time_or(f->not_after, "300101000000Z")),
        name_or(f->subject_der, f->subject), pki_or(f->public_key, pki_public_key(f->key)),
        f->unique_ids, extensions);
    return PKI_SEQUENCE(tbs, pki_or(f->outer_algorithm, algorithm), pki_sign(&signer, tbs));
}

bool pki_length_at(hf_span der, size_t n, size_t *position)
{
    for (size_t at = 0; at + 1 < der.size; n--) {
        size_t octets = der.data[at + 1] < 0x80 ? 0 : der.data[at + 1] & 0x7fU;
        size_t size = octets == 0 ? der.data[at + 1] : 0;
        for (size_t i = 0; i < octets; i++) {
            size = size << 8 | der.data[at + 2 + i];
        }
        if (n == 0) {
            *position = at + 1 + octets;
            return true;
        }
        bool is_constructed = (der.data[at] & 0x20) != 0;
        at += 2 + octets + (is_constructed ? 0 : size);
    }
    return false;
}

hf_span pki_changed(hf_span der, size_t position, int difference)
{
    uint8_t *out = take(der.size);
    memcpy(out, der.data, der.size);
    out[position] = (uint8_t)(out[position] + difference);
    return (hf_span){out, der.size};
}

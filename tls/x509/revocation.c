/* Whether a path's certificates are revoked, by the CRLs that the application has (RFC 5280 6.3).
 *
 * Once a path is whole its certificates are looked up one after the other, leaf first. A list
 * counts if it is by the certificate's issuer, current, and in scope; one for some reasons only
 * must be joined by others until all reasons are spoken for. It is signed with the issuer's key, or
 * with an older one that the path goes on with (a CA that has signed its new key itself), or with
 * another key of the same name whose certificate is among the peer's and is vouched for from the
 * same place as the issuer's: by the next above it, or by the issuer's key itself (a CA that signs
 * lists with a key of their own, or has changed its key). Such a certificate is then looked up like
 * the others. Deltas and indirect lists are not used. */
#include "tls/x509/crl.h"

#include <string.h>

/* Who may issue what is below: a CA of the path, or the anchor. */
typedef struct authority {
    hf_span subject;
    hf_public_key key;
    bool may_sign_lists;
} authority;

/* RFC 5280 4.2.1.3: cRLSign, where there is a keyUsage. */
static bool may_sign_lists(const hf_certificate_parts *parts)
{
    uint16_t key_usage;
    hf_span value = hf_certificate_extension(parts, HF_CE_KEY_USAGE);
    return value.size == 0 ||
           (hf_key_usage_read(value, &key_usage) && (key_usage & HF_KEY_USAGE_CRL_SIGN) != 0);
}

/* All but the key. */
static bool read_authority(const hf_path *path, size_t level, authority *a)
{
    hf_certificate_parts parts;
    const hf_trust_anchor *anchor =
        level == path->length ? &path->rules->anchors[path->anchor - 1] : NULL;
    if (anchor != NULL && anchor->certificate.size == 0) {
        a->subject = anchor->name;
        a->may_sign_lists = true;
        return true;
    }
    if (!hf_certificate_take_apart(&parts, anchor != NULL ? anchor->certificate
                                                          : path->chain[path->route[level]])) {
        return false;
    }
    a->subject = parts.subject;
    a->may_sign_lists = may_sign_lists(&parts);
    return true;
}

/* The issuer of what stands at a level of the path. */
static bool authority_above(const hf_path *path, size_t level, authority *a)
{
    if (level + 1 > path->length) {
        return false; /* nothing is above the anchor */
    }
    return hf_path_key(path, level + 1, &a->key) && read_authority(path, level + 1, a);
}

static hf_path_target *current(hf_path *path)
{
    return &path->targets[path->target];
}

static void begin_list(hf_path *path, uint16_t crl)
{
    path->crl = crl;
    path->signer = 0;
    path->signer_level = current(path)->level;
    path->is_vouched = false;
}

static void begin_target(hf_path *path, size_t target)
{
    path->target = (uint8_t)target;
    path->reasons = 0;
    path->missing = HF_ERROR_CERTIFICATE_STATUS_UNKNOWN;
    begin_list(path, 0);
}

static void next_list(hf_path *path)
{
    begin_list(path, (uint16_t)(path->crl + 1));
}

/* Somebody else of that name, perhaps. */
static void next_signer(hf_path *path)
{
    path->is_vouched = false;
    if (path->signer == 0) {
        path->signer_level++;
    } else {
        path->signer++;
        path->signer_level = HF_NO_CERTIFICATE;
    }
}

void hf_revocation_begin(hf_path *path)
{
    path->target_count = path->length;
    for (uint8_t level = 0; level < path->length; level++) {
        path->targets[level] = (hf_path_target){path->route[level], level};
    }
    begin_target(path, 0);
}

/* The signer of a list is looked up as well. */
static bool add_target(hf_path *path, uint8_t position, uint8_t level)
{
    for (size_t i = 0; i < path->target_count; i++) {
        if (path->targets[i].position == position) {
            return true;
        }
    }
    if (path->target_count == sizeof path->targets / sizeof path->targets[0]) {
        return false;
    }
    path->targets[path->target_count++] = (hf_path_target){position, level};
    return true;
}

static bool is_current(hf_path *path, const hf_crl *crl)
{
    const hf_path_rules *rules = path->rules;
    if (rules->ignore_time || (crl->this_update <= rules->time && crl->has_next_update &&
                               rules->time <= crl->next_update)) {
        return true;
    }
    path->missing = HF_ERROR_CERTIFICATE_STATUS_STALE;
    return false;
}

/* The reasons that a list adds to those spoken for; 0 where it is of no use. */
static uint16_t reasons_of(hf_path *path, const hf_crl *crl, const hf_crl_subject *c)
{
    if (!hf_name_equal(crl->issuer, c->issuer) || crl->is_delta || crl->is_indirect ||
        crl->has_unknown_critical || !is_current(path, crl)) {
        return 0;
    }
    uint16_t reasons = hf_crl_reasons_for(crl, c, &path->comparisons_left);
    return (uint16_t)(reasons & ~path->reasons);
}

/* One signature check of the budget. */
static hf_error verify(hf_path *path, const hf_signature_algorithm *algorithm,
                       const hf_public_key *key, hf_span data, hf_span signature)
{
    if (path->checks_left == 0) {
        return HF_ERROR_CERTIFICATE_PATH_BUDGET;
    }
    path->checks_left--;
    return hf_x509_verify(algorithm, key, data, signature);
}

static bool is_fatal(hf_error error)
{
    return error == HF_ERROR_CERTIFICATE_PATH_BUDGET || error == HF_ERROR_OUT_OF_SCRATCH ||
           error == HF_ERROR_CRYPTO_FAILED;
}

static bool is_hash_allowed(const hf_path_rules *rules, const hf_signature_algorithm *algorithm)
{
    return algorithm->hash != HF_HASH_MD5 && (algorithm->hash != HF_HASH_SHA1 || rules->allow_sha1);
}

/* A list that is signed by `key`: what it says. */
static hf_error check_list(hf_path *path, const hf_crl *crl, const hf_crl_subject *c,
                           const hf_public_key *key, uint16_t reasons)
{
    hf_error error = is_hash_allowed(path->rules, &crl->algorithm)
                         ? verify(path, &crl->algorithm, key, crl->to_be_signed, crl->signature)
                         : HF_ERROR_CERTIFICATE_HASH_WEAK;
    if (is_fatal(error)) {
        return error;
    }
    if (error != HF_OK) {
        next_signer(path);
        return HF_AGAIN;
    }
    hf_crl_status status = hf_crl_find(crl, c->serial_number);
    if (status == HF_CRL_REVOKED) {
        return HF_ERROR_CERTIFICATE_REVOKED;
    }
    if (status == HF_CRL_NOT_LISTED) {
        bool is_followed =
            path->signer == 0 || add_target(path, (uint8_t)(path->signer - 1), path->signer_level);
        path->reasons |= is_followed ? reasons : 0;
    }
    next_list(path);
    return HF_AGAIN;
}

/* Another key of a list's issuer, and who has signed its certificate. */
typedef struct signer {
    hf_public_key key;
    hf_span issuer; /* Name */
    hf_span to_be_signed, signature;
    hf_signature_algorithm algorithm;
} signer;

/* Reads a certificate of the peer's that could be of another key of the list's issuer. */
static HF_OWN_FRAME bool read_signer(const hf_path *path, hf_span der, hf_span list_issuer,
                                     signer *other)
{
    const hf_path_rules *rules = path->rules;
    hf_certificate c;
    if (hf_certificate_read(&c, der) != HF_OK) {
        return false;
    }
    *other = (signer){c.public_key, c.issuer, c.to_be_signed, c.signature, c.algorithm};
    bool is_valid =
        rules->ignore_time || (c.not_before <= rules->time && rules->time <= c.not_after);
    return hf_name_equal(c.subject, list_issuer) && c.has_key_usage &&
           (c.key_usage & HF_KEY_USAGE_CRL_SIGN) != 0 && is_valid && !c.has_unknown_critical &&
           is_hash_allowed(rules, &c.algorithm) &&
           hf_public_key_check(&c.public_key, rules->rsa_bits_min) == HF_OK;
}

/* Checks the certificate of another key: by whoever is above the issuer, then by the issuer. */
static HF_OWN_FRAME hf_error vouch(hf_path *path, const signer *other)
{
    authority a;
    uint8_t level = current(path)->level;
    if (path->signer_level != level && authority_above(path, level + 1u, &a) &&
        hf_name_equal(a.subject, other->issuer)) {
        path->signer_level = (uint8_t)(level + 1);
    } else if (authority_above(path, level, &a) && hf_name_equal(a.subject, other->issuer)) {
        path->signer_level = level;
    } else {
        next_signer(path);
        return HF_AGAIN;
    }
    hf_error error = verify(path, &other->algorithm, &a.key, other->to_be_signed, other->signature);
    path->is_vouched = error == HF_OK;
    if (error != HF_OK && path->signer_level == level) {
        next_signer(path);
    } else if (error != HF_OK) {
        path->signer_level = level;
    }
    return is_fatal(error) ? error : HF_AGAIN;
}

/* The list may be signed with the issuer's own key or an older one: of those right above it in the
 * path that go by its name. */
static HF_OWN_FRAME hf_error try_own_keys(hf_path *path, const hf_crl *crl, const hf_crl_subject *c,
                                          uint16_t reasons)
{
    authority own;
    for (; authority_above(path, path->signer_level, &own) && hf_name_equal(own.subject, c->issuer);
         path->signer_level++) {
        if (own.may_sign_lists) {
            return check_list(path, crl, c, &own.key, reasons);
        }
    }
    path->signer = 1;
    path->signer_level = HF_NO_CERTIFICATE;
    return HF_AGAIN;
}

/* Or with a key whose certificate the peer has sent. */
static HF_OWN_FRAME hf_error try_other_keys(hf_path *path, const hf_crl *crl,
                                            const hf_crl_subject *c, uint16_t reasons)
{
    for (; path->signer <= path->count; path->signer++) {
        signer other;
        if (read_signer(path, path->chain[path->signer - 1], crl->issuer, &other)) {
            return path->is_vouched ? check_list(path, crl, c, &other.key, reasons)
                                    : vouch(path, &other);
        }
    }
    next_list(path);
    return HF_AGAIN;
}

static hf_error step_target(hf_path *path)
{
    hf_crl_subject c;
    hf_crl crl;
    if (!hf_crl_subject_of(&c, path->chain[current(path)->position])) {
        return HF_ERROR_CERTIFICATE_MALFORMED;
    }
    for (; path->crl < path->rules->crl_count; next_list(path)) {
        uint16_t reasons =
            hf_crl_read(&crl, path->rules->crls[path->crl]) ? reasons_of(path, &crl, &c) : 0;
        if (reasons != 0) {
            return path->signer == 0 ? try_own_keys(path, &crl, &c, reasons)
                                     : try_other_keys(path, &crl, &c, reasons);
        }
    }
    return path->rules->allow_missing_crls ? HF_OK : path->missing;
}

hf_error hf_revocation_step(hf_path *path)
{
    hf_error error = path->reasons == HF_CRL_ALL_REASONS ? HF_OK : step_target(path);
    if (error != HF_OK) {
        path->failed = current(path)->position;
        return error;
    }
    if (path->target + 1 == path->target_count) {
        return HF_OK;
    }
    begin_target(path, path->target + 1u);
    return HF_AGAIN;
}

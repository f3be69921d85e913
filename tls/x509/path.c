/* Building and validating a path (RFC 5280 6.1, RFC 4158).
 *
 * The path grows from the leaf towards an anchor. For its last certificate the issuers are tried
 * that have the right name, anchors first, then the peer's other certificates. All that needs no
 * public key is checked before a signature is; a candidate that fails costs nothing. When a
 * certificate has no issuer left the search steps back to the one below it. Each signature check
 * takes one from the budget, and that bounds the whole search.
 *
 * RFC 5280 walks from the anchor down and carries limits along. Walking up, a CA's limits (path
 * length, name constraints) are checked against all that is below it when it joins the path, which
 * is the same; policies are followed down once the path has reached an anchor.
 *
 * Nothing of the peer's is proven before that, so every loop over it has a bound of its own. */
#include "tls/x509/x509.h"

#include <string.h>

/* The parts of a certificate that a path is built by. */
typedef struct identity {
    hf_span issuer, subject, public_key;
} identity;

static bool read_identity(identity *id, hf_span certificate)
{
    hf_der whole = hf_der_open(certificate);
    hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
    hf_der tbs = hf_der_enter(&body, HF_DER_SEQUENCE);
    if (hf_der_at(&tbs, HF_DER_CONSTRUCTED(0))) {
        hf_der_read(&tbs, HF_DER_CONSTRUCTED(0));
    }
    hf_der_read(&tbs, HF_DER_INTEGER);
    hf_der_read(&tbs, HF_DER_SEQUENCE);
    id->issuer = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    hf_der_read(&tbs, HF_DER_SEQUENCE);
    id->subject = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    id->public_key = hf_der_read_element(&tbs, HF_DER_SEQUENCE);
    return !tbs.failed;
}

static bool is_self_issued(const hf_path *path, uint8_t position)
{
    identity id;
    return read_identity(&id, path->chain[position]) && hf_name_equal(id.issuer, id.subject);
}

static hf_error finish(hf_path *path, hf_error result, uint8_t position)
{
    path->is_done = true;
    path->result = result;
    path->failed = position;
    return result;
}

/* How much a reason tells about why there is no path. */
static unsigned weight_of(hf_error reason)
{
    switch (reason) {
    case HF_AGAIN:
        return 0;
    case HF_ERROR_CERTIFICATE_UNKNOWN_CA:
    case HF_ERROR_CERTIFICATE_SELF_SIGNED:
        return 1;
    case HF_ERROR_CERTIFICATE_MALFORMED:
        return 2;
    case HF_ERROR_CERTIFICATE_SIGNATURE_WRONG: /* maybe only another key of the same name */
        return 3;
    default:
        return 4;
    }
}

/* Keeps the first of the most telling reasons. */
static void note(hf_path *path, hf_error reason, uint8_t position)
{
    if (weight_of(reason) > weight_of(path->result)) {
        path->result = reason;
        path->failed = position;
    }
}

static hf_error check_time(const hf_path_rules *rules, const hf_certificate *c)
{
    if (rules->ignore_time) {
        return HF_OK;
    }
    if (rules->time < c->not_before) {
        return HF_ERROR_CERTIFICATE_NOT_YET_VALID;
    }
    return rules->time > c->not_after ? HF_ERROR_CERTIFICATE_EXPIRED : HF_OK;
}

/* RFC 5280 4.2.1.12. Of a CA certificate it is a limit on all below it, as CAs use it. */
static hf_error check_purpose(const hf_path_rules *rules, const hf_certificate *c)
{
    if (rules->purpose == HF_PURPOSE_ANY || c->extended_key_usage.size == 0) {
        return HF_OK;
    }
    /* id-kp-serverAuth and id-kp-clientAuth, 1.3.6.1.5.5.7.3.1 and .2 */
    uint8_t last = rules->purpose == HF_PURPOSE_SERVER ? 1 : 2;
    hf_span wanted = HF_OID(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, last);
    hf_der whole = hf_der_open(c->extended_key_usage);
    hf_der purposes = hf_der_enter(&whole, HF_DER_SEQUENCE);
    while (hf_der_more(&purposes)) {
        hf_span purpose = hf_der_read_oid(&purposes);
        /* anyExtendedKeyUsage, 2.5.29.37.0 */
        if (hf_span_equal(purpose, wanted) || hf_span_equal(purpose, HF_OID_CE(0x25, 0x00))) {
            return HF_OK;
        }
    }
    return HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE;
}

static hf_error check_key(const hf_path_rules *rules, const hf_public_key *key)
{
    return hf_public_key_check(key, rules->rsa_bits_min);
}

/* Whether the way that a certificate is signed may be relied on. */
static hf_error check_algorithm(const hf_path_rules *rules, const hf_certificate *c)
{
    if (c->algorithm.key_type == HF_KEY_NONE) {
        return HF_ERROR_CERTIFICATE_ALGORITHM_UNSUPPORTED;
    }
    if (c->algorithm.hash == HF_HASH_MD5 ||
        (c->algorithm.hash == HF_HASH_SHA1 && !rules->allow_sha1)) {
        return HF_ERROR_CERTIFICATE_HASH_WEAK;
    }
    return HF_OK;
}

/* RFC 5280 4.2.1.3: the bits that are needed, and no keyCertSign unless it is a CA. */
static hf_error check_leaf_key_usage(const hf_path_rules *rules, const hf_certificate *c)
{
    bool has_all = (c->key_usage & rules->key_usage) == rules->key_usage;
    bool signs_certificates = (c->key_usage & HF_KEY_USAGE_KEY_CERT_SIGN) != 0;
    return !c->has_key_usage || (has_all && (c->is_ca || !signs_certificates))
               ? HF_OK
               : HF_ERROR_CERTIFICATE_KEY_USAGE;
}

static hf_error check_leaf(const hf_path_rules *rules, const hf_certificate *c)
{
    if (c->has_unknown_critical) {
        return HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION;
    }
    if (rules->name.size > 0 && !hf_certificate_has_name(c, rules->name)) {
        return HF_ERROR_CERTIFICATE_NAME_MISMATCH;
    }
    hf_error error = check_time(rules, c);
    if (error == HF_OK) {
        error = check_purpose(rules, c);
    }
    if (error == HF_OK) {
        error = check_leaf_key_usage(rules, c);
    }
    return error == HF_OK ? check_key(rules, &c->public_key) : error;
}

/* RFC 5280 6.1.4 (k) to (o), for a certificate that is to be an issuer. */
static hf_error check_issuer(const hf_path_rules *rules, const hf_certificate *c)
{
    if (c->has_unknown_critical) {
        return HF_ERROR_CERTIFICATE_CRITICAL_EXTENSION;
    }
    if (!c->is_ca) {
        return HF_ERROR_CERTIFICATE_NOT_CA;
    }
    if (c->has_key_usage && (c->key_usage & HF_KEY_USAGE_KEY_CERT_SIGN) == 0) {
        return HF_ERROR_CERTIFICATE_KEY_USAGE;
    }
    hf_error error = check_time(rules, c);
    if (error == HF_OK) {
        error = check_purpose(rules, c);
    }
    return error == HF_OK ? check_key(rules, &c->public_key) : error;
}

/* RFC 5280 4.2.1.9: CA certificates between an issuer and the leaf, self-issued ones not counted.
 */
static size_t count_intermediates(const hf_path *path)
{
    size_t count = 0;
    for (size_t i = 1; i < path->length; i++) {
        count += is_self_issued(path, path->route[i]) ? 0 : 1;
    }
    return count;
}

/* RFC 5280 6.1.3 (b) and (c): self-issued certificates are exempt, unless they are the leaf. */
static bool are_names_allowed(hf_path *path, hf_span name_constraints)
{
    for (size_t i = 0; i < path->length && name_constraints.size > 0; i++) {
        hf_certificate c;
        if (hf_certificate_read(&c, path->chain[path->route[i]]) != HF_OK) {
            return false;
        }
        bool is_exempt = i > 0 && hf_certificate_is_self_issued(&c);
        if (!is_exempt && !hf_constraints_allow(name_constraints, &c, &path->comparisons_left)) {
            return false;
        }
    }
    return true;
}

/* Whether an issuer's limits allow the path below it. */
static hf_error check_limits(hf_path *path, const hf_certificate *issuer)
{
    if (issuer->has_path_length && count_intermediates(path) > issuer->path_length) {
        return HF_ERROR_CERTIFICATE_PATH_LENGTH;
    }
    return are_names_allowed(path, issuer->name_constraints)
               ? HF_OK
               : HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS;
}

/* An anchor given as a certificate. One of version 1 or 2 cannot say that it is a CA. */
static hf_error check_anchor_certificate(hf_path *path, hf_span der, hf_public_key *key)
{
    hf_certificate c;
    hf_error error = hf_certificate_read(&c, der);
    if (error != HF_OK) {
        return error;
    }
    c.is_ca = c.is_ca || c.version < 3;
    *key = c.public_key;
    error = check_issuer(path->rules, &c);
    return error == HF_OK ? check_limits(path, &c) : error;
}

static hf_error check_bare_anchor(hf_path *path, const hf_trust_anchor *anchor, hf_public_key *key)
{
    if (!hf_public_key_read(key, anchor->public_key)) {
        return HF_ERROR_CERTIFICATE_MALFORMED;
    }
    hf_error error = check_key(path->rules, key);
    if (error == HF_OK && !are_names_allowed(path, anchor->name_constraints)) {
        error = HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS;
    }
    return error;
}

static bool read_anchor_identity(identity *id, const hf_trust_anchor *anchor)
{
    if (anchor->certificate.size > 0) {
        return read_identity(id, anchor->certificate);
    }
    id->subject = anchor->name;
    id->public_key = anchor->public_key;
    return true;
}

/* Finds the next anchor with the name of the issuer that is looked for, and whose limits allow the
 * path. */
static bool next_anchor(hf_path *path, hf_span issuer, hf_public_key *key)
{
    while (path->anchor < path->rules->anchor_count) {
        const hf_trust_anchor *anchor = &path->rules->anchors[path->anchor++];
        identity id;
        if (!read_anchor_identity(&id, anchor) || !hf_name_equal(id.subject, issuer)) {
            continue;
        }
        hf_error error = anchor->certificate.size > 0
                             ? check_anchor_certificate(path, anchor->certificate, key)
                             : check_bare_anchor(path, anchor, key);
        if (error == HF_OK) {
            return true;
        }
        note(path, error, HF_NO_CERTIFICATE);
    }
    return false;
}

/* Whether the path has this name with this key already: going on would lead in a circle. */
static bool is_on_route(const hf_path *path, const identity *candidate)
{
    for (size_t i = 0; i < path->length; i++) {
        identity id;
        if (read_identity(&id, path->chain[path->route[i]]) &&
            hf_span_equal(id.public_key, candidate->public_key) &&
            hf_name_equal(id.subject, candidate->subject)) {
            return true;
        }
    }
    return false;
}

static hf_error check_candidate(hf_path *path, hf_span der, hf_public_key *key)
{
    hf_certificate c;
    if (path->rules->length_max != 0 && path->length == path->rules->length_max) {
        return HF_ERROR_CERTIFICATE_PATH_TOO_LONG;
    }
    hf_error error = hf_certificate_read(&c, der);
    if (error == HF_OK) {
        error = check_issuer(path->rules, &c);
    }
    if (error == HF_OK) {
        error = check_algorithm(path->rules, &c);
    }
    *key = c.public_key;
    return error == HF_OK ? check_limits(path, &c) : error;
}

/* The same as next_anchor for the peer's certificates. `*position` is the one found. */
static bool next_candidate(hf_path *path, hf_span issuer, hf_public_key *key, uint8_t *position)
{
    while (path->candidate < path->count) {
        identity id;
        *position = path->candidate++;
        if (!read_identity(&id, path->chain[*position])) {
            note(path, HF_ERROR_CERTIFICATE_MALFORMED, *position);
            continue;
        }
        if (!hf_name_equal(id.subject, issuer) || is_on_route(path, &id)) {
            continue;
        }
        hf_error error = check_candidate(path, path->chain[*position], key);
        if (error == HF_OK) {
            return true;
        }
        note(path, error, *position);
    }
    return false;
}

/* Makes chain[position] the last of the path. */
static void go_up(hf_path *path, uint8_t position)
{
    path->route[path->length++] = position;
    path->anchor = 0;
    path->candidate = 1;
}

/* Takes the last certificate off the path and goes on behind it; false if it is the leaf. */
static bool step_back(hf_path *path)
{
    uint8_t last = path->route[path->length - 1];
    bool is_leaf = path->length == 1;
    note(path,
         is_leaf && is_self_issued(path, 0) ? HF_ERROR_CERTIFICATE_SELF_SIGNED
                                            : HF_ERROR_CERTIFICATE_UNKNOWN_CA,
         last);
    if (is_leaf) {
        return false;
    }
    path->length--;
    path->anchor = (uint16_t)path->rules->anchor_count;
    path->candidate = (uint8_t)(last + 1);
    return true;
}

/* Finds the next signature worth checking: that of the path's last certificate with `key`, which is
 * an anchor's where *position is HF_NO_CERTIFICATE. */
static bool next_issuer(hf_path *path, hf_public_key *key, uint8_t *position)
{
    do {
        identity last;
        *position = HF_NO_CERTIFICATE;
        if (!read_identity(&last, path->chain[path->route[path->length - 1]])) {
            continue;
        }
        if (next_anchor(path, last.issuer, key) ||
            next_candidate(path, last.issuer, key, position)) {
            return true;
        }
    } while (step_back(path));
    return false;
}

static hf_error verify_last(const hf_path *path, const hf_public_key *key)
{
    hf_certificate c;
    hf_error error = hf_certificate_read(&c, path->chain[path->route[path->length - 1]]);
    return error == HF_OK ? hf_x509_verify(&c.algorithm, key, c.to_be_signed, c.signature) : error;
}

static bool is_pinned(const hf_path_rules *rules, hf_span public_key)
{
    uint8_t digest[HF_PIN_SIZE];
    (void)hf_hash_digest(HF_HASH_SHA256, public_key, digest);
    for (size_t i = 0; i < rules->pin_count; i++) {
        if (memcmp(rules->pins[i].sha256, digest, sizeof digest) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether one of the path's keys is pinned, that of the anchor included (RFC 7469 2.6). */
static bool has_pinned_key(const hf_path *path)
{
    identity id;
    if (path->rules->pin_count == 0) {
        return true;
    }
    for (size_t i = 0; i < path->length; i++) {
        if (read_identity(&id, path->chain[path->route[i]]) &&
            is_pinned(path->rules, id.public_key)) {
            return true;
        }
    }
    return path->anchor > 0 && read_anchor_identity(&id, &path->rules->anchors[path->anchor - 1]) &&
           is_pinned(path->rules, id.public_key);
}

/* The path is whole and its signatures are right: what is left are the policies, which a peer that
 * forges certificates could make long to follow. */
static hf_error accept(hf_path *path)
{
    uint8_t failed;
    if (!hf_policy_holds(path->chain, path->route, path->length, &failed)) {
        note(path, HF_ERROR_CERTIFICATE_POLICY, failed);
        return HF_AGAIN;
    }
    if (!has_pinned_key(path)) {
        note(path, HF_ERROR_CERTIFICATE_NOT_PINNED, HF_NO_CERTIFICATE);
        return HF_AGAIN;
    }
#if HF_WITH_CRL
    if (path->rules->crl_count != 0) {
        path->is_whole = true;
        hf_revocation_begin(path);
        return HF_AGAIN;
    }
#endif
    return finish(path, HF_OK, HF_NO_CERTIFICATE);
}

#if HF_WITH_CRL
/* A certificate that is revoked, or of which nobody knows whether it is, ends the search: it may
 * stand in other paths, too. */
static hf_error step_revocation(hf_path *path)
{
    hf_error error = hf_revocation_step(path);
    if (error == HF_AGAIN) {
        return error;
    }
    return finish(path, error, error == HF_OK ? HF_NO_CERTIFICATE : path->failed);
}
#endif

hf_error hf_path_step(hf_path *path)
{
    hf_public_key key;
    uint8_t position;
    if (path->is_done) {
        return path->result;
    }
#if HF_WITH_CRL
    if (path->is_whole) {
        return step_revocation(path);
    }
#endif
    if (!next_issuer(path, &key, &position)) {
        return finish(path, path->result, path->failed);
    }
    uint8_t last = path->route[path->length - 1];
    if (path->checks_left == 0) {
        return finish(path, HF_ERROR_CERTIFICATE_PATH_BUDGET, last);
    }
    path->checks_left--;
    hf_error error = verify_last(path, &key);
    if (error == HF_ERROR_OUT_OF_SCRATCH || error == HF_ERROR_CRYPTO_FAILED) {
        return finish(path, error, HF_NO_CERTIFICATE);
    }
    if (error != HF_OK) {
        note(path, error, last);
        return HF_AGAIN;
    }
    if (position == HF_NO_CERTIFICATE) {
        return accept(path);
    }
    go_up(path, position);
    return HF_AGAIN;
}

/* Whether the leaf is itself the anchor: what the anchor's certificate says is what the leaf says,
 * by whomever it is signed, or the leaf has the anchor's name and key. */
static bool is_same_as(const hf_trust_anchor *anchor, const hf_certificate *leaf)
{
    if (anchor->certificate.size > 0) {
        hf_der whole = hf_der_open(anchor->certificate);
        hf_der body = hf_der_enter(&whole, HF_DER_SEQUENCE);
        return hf_span_equal(hf_der_read_element(&body, HF_DER_SEQUENCE), leaf->to_be_signed);
    }
    return hf_span_equal(anchor->public_key, leaf->public_key_der) &&
           hf_name_equal(anchor->name, leaf->subject);
}

static bool is_anchor(const hf_path_rules *rules, const hf_certificate *leaf)
{
    for (size_t i = 0; i < rules->anchor_count; i++) {
        if (is_same_as(&rules->anchors[i], leaf)) {
            return true;
        }
    }
    return false;
}

hf_error hf_path_begin(hf_path *path, const hf_path_rules *rules, const hf_span *chain,
                       size_t count)
{
    memset(path, 0, sizeof *path);
    path->rules = rules;
    path->result = HF_AGAIN;
    if (count == 0) {
        return finish(path, HF_ERROR_CERTIFICATE_MISSING, HF_NO_CERTIFICATE);
    }
    if (count > HF_CHAIN_MAX) {
        return finish(path, HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG, HF_NO_CERTIFICATE);
    }
    if (rules->anchor_count == 0 || rules->anchor_count > UINT16_MAX) {
        return finish(path, HF_ERROR_NO_TRUST_ANCHORS, HF_NO_CERTIFICATE);
    }
    if (rules->crl_count > HF_CRLS_MAX) {
        return finish(path, HF_ERROR_BAD_ARGUMENT, HF_NO_CERTIFICATE);
    }
    memcpy(path->chain, chain, count * sizeof chain[0]);
    path->count = (uint8_t)count;
    path->comparisons_left = HF_CONSTRAINT_CHECKS_MAX;
    path->checks_left = rules->checks_max > 0 ? rules->checks_max : HF_SIGNATURE_CHECKS_MAX;
    path->failed = HF_NO_CERTIFICATE;
    hf_error error = hf_certificate_read(&path->leaf, chain[0]);
    if (error == HF_OK) {
        error = check_leaf(rules, &path->leaf);
    }
    bool is_trusted = error == HF_OK && is_anchor(rules, &path->leaf);
    if (error == HF_OK && !is_trusted) {
        error = check_algorithm(rules, &path->leaf);
    }
    if (error != HF_OK) {
        return finish(path, error, 0);
    }
    go_up(path, 0);
    if (is_trusted) {
        finish(path, has_pinned_key(path) ? HF_OK : HF_ERROR_CERTIFICATE_NOT_PINNED,
               HF_NO_CERTIFICATE);
    }
    return HF_AGAIN;
}

const hf_certificate *hf_path_leaf(const hf_path *path)
{
    return &path->leaf;
}

size_t hf_path_length(const hf_path *path)
{
    return path->is_done && path->result == HF_OK ? path->length : 0;
}

uint8_t hf_path_failed_certificate(const hf_path *path)
{
    return path->failed;
}

bool hf_path_issuer(const hf_path *path, hf_span *name, hf_span *public_key)
{
    identity id = {0};
    bool is_found = false;
    if (path->length > 1) {
        is_found = read_identity(&id, path->chain[path->route[1]]);
    } else if (path->anchor > 0) {
        is_found = read_anchor_identity(&id, &path->rules->anchors[path->anchor - 1]);
    }
    *name = id.subject;
    *public_key = id.public_key;
    return is_found;
}

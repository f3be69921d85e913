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
 * is the same; policies are followed down once the path has reached an anchor. DSA parameters are
 * inherited downwards, too: signatures that need them are checked once the path has come to them.
 *
 * Nothing of the peer's is proven before that, so every loop over it has a bound of its own. */
#include "tls/x509/x509.h"

#include <string.h>

/* What a path is built by: the name and the key of who issues, and what limits it sets to the path
 * below. */
typedef struct issuer {
    hf_public_key key;
    hf_span name_constraints; /* extension value, or empty */
    uint32_t path_length;     /* UINT32_MAX: no limit      */
} issuer;

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
    hf_der purposes = hf_der_open_sequence(c->extended_key_usage);
    while (hf_der_more(&purposes)) {
        hf_span purpose = hf_der_read_oid(&purposes);
        /* anyExtendedKeyUsage, 2.5.29.37.0 */
        if (hf_span_equal(purpose, wanted) || hf_span_equal(purpose, HF_OID_CE(0x25, 0x00))) {
            return HF_OK;
        }
    }
    return HF_ERROR_CERTIFICATE_EXTENDED_KEY_USAGE;
}

static hf_error check_time_and_purpose(const hf_path_rules *rules, const hf_certificate *c)
{
    hf_error error = check_time(rules, c);
    return error == HF_OK ? check_purpose(rules, c) : error;
}

static hf_error check_key(const hf_path_rules *rules, const hf_public_key *key)
{
    return hf_public_key_check(key, rules->rsa_bits_min);
}

/* Whether a key is without the parameters that it needs: they are above it in the path. */
static bool is_inheriting(const hf_public_key *key)
{
#if HF_WITH_DSS
    return key->inherits;
#else
    (void)key;
    return false;
#endif
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
    hf_error error = check_time_and_purpose(rules, c);
    if (error == HF_OK) {
        error = check_leaf_key_usage(rules, c);
    }
    return error == HF_OK && !is_inheriting(&c->public_key) ? check_key(rules, &c->public_key)
                                                            : error;
}

/* RFC 5280 6.1.4 (k) to (o), for a certificate that is to be an issuer; its key is another matter.
 */
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
    return check_time_and_purpose(rules, c);
}

/* RFC 5280 4.2.1.9: CA certificates between an issuer and the leaf, self-issued ones not counted.
 */
static size_t count_intermediates(const hf_path *path)
{
    size_t count = 0;
    for (size_t i = 1; i < path->length; i++) {
        count += hf_certificate_is_self_issued(path->chain[path->route[i]]) ? 0 : 1;
    }
    return count;
}

#if HF_WITH_NAME_CONSTRAINTS
/* The names of a certificate that an issuer may constrain. */
typedef struct constrained {
    hf_span subject, subject_alt_name;
} constrained;

static HF_OWN_FRAME bool read_constrained(const hf_path *path, uint8_t position, constrained *names)
{
    hf_certificate_parts parts;
    if (!hf_certificate_take_apart(&parts, path->chain[position])) {
        return false;
    }
    names->subject = parts.subject;
    names->subject_alt_name = hf_certificate_extension(&parts, HF_CE_SUBJECT_ALT_NAME);
    return true;
}

/* RFC 5280 6.1.3 (b) and (c): self-issued certificates are exempt, unless they are the leaf. */
static bool are_names_allowed(hf_path *path, hf_span name_constraints)
{
    for (size_t i = 0; i < path->length && name_constraints.size > 0; i++) {
        constrained names;
        if (i > 0 && hf_certificate_is_self_issued(path->chain[path->route[i]])) {
            continue;
        }
        if (!read_constrained(path, path->route[i], &names) ||
            !hf_constraints_allow(name_constraints, names.subject, names.subject_alt_name,
                                  &path->comparisons_left)) {
            return false;
        }
    }
    return true;
}
#else
/* What cannot be checked is not taken to hold. */
static bool are_names_allowed(const hf_path *path, hf_span name_constraints)
{
    (void)path;
    return name_constraints.size == 0;
}
#endif

/* Whether an issuer's limits allow the path below it. */
static hf_error check_limits(hf_path *path, const issuer *above)
{
    if (count_intermediates(path) > above->path_length) {
        return HF_ERROR_CERTIFICATE_PATH_LENGTH;
    }
    return are_names_allowed(path, above->name_constraints) ? HF_OK
                                                            : HF_ERROR_CERTIFICATE_NAME_CONSTRAINTS;
}

/* An issuer's certificate: the peer's, or an anchor. Of an anchor the signature does not matter,
 * and one of version 1 or 2 cannot say that it is a CA. */
static HF_OWN_FRAME hf_error read_issuer(const hf_path_rules *rules, hf_span der, bool is_anchor,
                                         issuer *above)
{
    hf_certificate c;
    hf_error error = hf_certificate_read(&c, der);
    if (error != HF_OK) {
        return error;
    }
    c.is_ca = c.is_ca || (is_anchor && c.version < 3);
    *above =
        (issuer){c.public_key, c.name_constraints, c.has_path_length ? c.path_length : UINT32_MAX};
    error = check_issuer(rules, &c);
    if (error == HF_OK && (is_anchor || !is_inheriting(&c.public_key))) {
        error = check_key(rules, &c.public_key);
    }
    return error == HF_OK && !is_anchor ? check_algorithm(rules, &c) : error;
}

static hf_error read_bare_anchor(const hf_path_rules *rules, const hf_trust_anchor *anchor,
                                 issuer *above)
{
    above->name_constraints = anchor->name_constraints;
    above->path_length = UINT32_MAX;
    return hf_public_key_read(&above->key, anchor->public_key) ? check_key(rules, &above->key)
                                                               : HF_ERROR_CERTIFICATE_MALFORMED;
}

/* False: malformed. The name may be found even so. */
static HF_OWN_FRAME bool find_anchor_identity(const hf_trust_anchor *anchor, hf_span *name,
                                              hf_span *public_key)
{
    hf_certificate_parts parts;
    if (anchor->certificate.size == 0) {
        *name = anchor->name;
        *public_key = anchor->public_key;
        return true;
    }
    bool is_read = hf_certificate_take_apart(&parts, anchor->certificate);
    *name = parts.subject;
    *public_key = parts.public_key;
    return is_read;
}

static HF_OWN_FRAME bool find_key(const hf_path *path, size_t level, hf_span *public_key)
{
    hf_certificate_parts parts;
    bool is_read = hf_certificate_take_apart(&parts, path->chain[path->route[level]]);
    *public_key = parts.public_key;
    return is_read;
}

/* The key at a level of the path: the leaf's at 0, the anchor's behind the last. */
static bool read_key(const hf_path *path, size_t level, hf_public_key *key)
{
    hf_span name, public_key;
    bool is_found =
        level < path->length
            ? find_key(path, level, &public_key)
            : path->anchor > 0 &&
                  find_anchor_identity(&path->rules->anchors[path->anchor - 1], &name, &public_key);
    return is_found && hf_public_key_read(key, public_key);
}

bool hf_path_key(const hf_path *path, size_t level, hf_public_key *key)
{
    bool is_read = read_key(path, level, key);
#if HF_WITH_DSS
    for (size_t above = level + 1; is_read && key->inherits && above <= path->length; above++) {
        hf_public_key from = {.type = HF_KEY_NONE};
        is_read = read_key(path, above, &from);
        hf_public_key_inherit(key, &from);
    }
#endif
    return is_read;
}

/* Finds the next anchor with the name of the issuer that is looked for, and whose limits allow the
 * path. */
static bool next_anchor(hf_path *path, hf_span issuer_name, issuer *above)
{
    while (path->anchor < path->rules->anchor_count) {
        const hf_trust_anchor *anchor = &path->rules->anchors[path->anchor++];
        hf_span name, public_key;
        (void)find_anchor_identity(anchor, &name, &public_key);
        if (!hf_name_equal(name, issuer_name)) {
            continue;
        }
        hf_error error = anchor->certificate.size > 0
                             ? read_issuer(path->rules, anchor->certificate, true, above)
                             : read_bare_anchor(path->rules, anchor, above);
        if (error == HF_OK) {
            error = check_limits(path, above);
        }
        if (error == HF_OK) {
            return true;
        }
        note(path, error, HF_NO_CERTIFICATE);
    }
    return false;
}

/* Whether the path has this name with this key already: going on would lead in a circle. A
 * malformed certificate without a key has none of them. */
static HF_OWN_FRAME bool is_on_route(const hf_path *path, uint8_t candidate)
{
    hf_certificate_parts own, parts;
    (void)hf_certificate_take_apart(&own, path->chain[candidate]);
    for (size_t i = 0; i < path->length; i++) {
        if (hf_certificate_take_apart(&parts, path->chain[path->route[i]]) &&
            hf_span_equal(parts.public_key, own.public_key) &&
            hf_name_equal(parts.subject, own.subject)) {
            return true;
        }
    }
    return false;
}

/* The keyIdentifier of authorityKeyIdentifier, RFC 5280 4.2.1.1; empty if there is none. */
static hf_span authority_key_id(const hf_certificate_parts *parts)
{
    hf_der body = hf_der_open_sequence(hf_certificate_extension(parts, HF_CE_AUTHORITY_KEY_ID));
    return hf_der_read_optional(&body, HF_DER_PRIMITIVE(0));
}

static hf_span subject_key_id(const hf_certificate_parts *parts)
{
    hf_der whole = hf_der_open(hf_certificate_extension(parts, HF_CE_SUBJECT_KEY_ID));
    return hf_der_read(&whole, HF_DER_OCTET_STRING);
}

/* Who is looked for: the issuer of a certificate, by name and, as a hint, by the key's identifier.
 */
typedef struct hint {
    hf_span name, key_id;
} hint;

static HF_OWN_FRAME bool find_hint(const hf_path *path, uint8_t position, hint *wanted)
{
    hf_certificate_parts parts;
    if (!hf_certificate_take_apart(&parts, path->chain[position])) {
        return false;
    }
    wanted->name = parts.issuer;
    wanted->key_id = authority_key_id(&parts);
    return true;
}

typedef enum fit { NAMELESS, OTHER, LIKELY, UNLIKELY } fit;

/* Whether a certificate may be the one that is looked for. Where the key identifiers say that it
 * was somebody else of this name it is tried last (RFC 4158 3.5.12). One that is malformed behind
 * its name is refused once it is read. */
static HF_OWN_FRAME fit fit_of(const hf_path *path, uint8_t position, const hint *wanted)
{
    hf_certificate_parts parts;
    (void)hf_certificate_take_apart(&parts, path->chain[position]);
    if (parts.subject.size == 0) {
        return NAMELESS;
    }
    if (!hf_name_equal(parts.subject, wanted->name)) {
        return OTHER;
    }
    hf_span own = subject_key_id(&parts);
    bool is_other_key =
        wanted->key_id.size != 0 && own.size != 0 && !hf_span_equal(own, wanted->key_id);
    return is_other_key ? UNLIKELY : LIKELY;
}

static hf_error check_candidate(hf_path *path, hf_span der, issuer *above)
{
    if (path->rules->length_max != 0 && path->length == path->rules->length_max) {
        return HF_ERROR_CERTIFICATE_PATH_TOO_LONG;
    }
    hf_error error = read_issuer(path->rules, der, false, above);
    return error == HF_OK ? check_limits(path, above) : error;
}

/* The same as next_anchor for the peer's certificates. `*position` is the one found. All are looked
 * at twice: first the likely ones are tried, then the others. */
static bool next_candidate(hf_path *path, const hint *wanted, issuer *above, uint8_t *position)
{
    while (path->candidate < 2 * path->count) {
        fit now = path->candidate < path->count ? LIKELY : UNLIKELY;
        *position = (uint8_t)(path->candidate++ % path->count);
        fit found = fit_of(path, *position, wanted);
        hf_error error = HF_ERROR_CERTIFICATE_MALFORMED;
        if (found != NAMELESS) {
            if (found != now || is_on_route(path, *position)) {
                continue;
            }
            error = check_candidate(path, path->chain[*position], above);
        }
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
    path->candidate = 0;
}

/* Goes on with the candidates behind chain[position], which was one. */
static void go_on_behind(hf_path *path, uint8_t position)
{
    hint wanted;
    bool was_unlikely = find_hint(path, path->route[path->length - 1], &wanted) &&
                        fit_of(path, position, &wanted) == UNLIKELY;
    path->anchor = (uint16_t)path->rules->anchor_count;
    path->candidate = (uint16_t)(position + 1 + (was_unlikely ? path->count : 0));
}

/* Takes the last certificate off the path and goes on behind it; false if it is the leaf. */
static HF_OWN_FRAME bool step_back(hf_path *path)
{
    uint8_t last = path->route[path->length - 1];
    bool is_leaf = path->length == 1;
    note(path,
         is_leaf && hf_certificate_is_self_issued(path->chain[0]) ? HF_ERROR_CERTIFICATE_SELF_SIGNED
                                                                  : HF_ERROR_CERTIFICATE_UNKNOWN_CA,
         last);
    if (is_leaf) {
        return false;
    }
    path->length--;
    go_on_behind(path, last);
    return true;
}

/* Finds the next signature worth checking: that of the path's last certificate with the key of
 * `above`, an anchor where *position is HF_NO_CERTIFICATE. */
static bool next_issuer(hf_path *path, issuer *above, uint8_t *position)
{
    do {
        hint wanted;
        *position = HF_NO_CERTIFICATE;
        if (find_hint(path, path->route[path->length - 1], &wanted) &&
            (next_anchor(path, wanted.name, above) ||
             next_candidate(path, &wanted, above, position))) {
            return true;
        }
    } while (step_back(path));
    return false;
}

/* Takes a public-key operation off the budget. */
static bool spend(hf_path *path)
{
    if (path->checks_left == 0) {
        finish(path, HF_ERROR_CERTIFICATE_PATH_BUDGET, path->route[path->length - 1]);
        return false;
    }
    path->checks_left--;
    return true;
}

/* The signature of the path's certificate at a level. A wrong one is not the end: HF_AGAIN. */
static HF_OWN_FRAME hf_error verify(hf_path *path, size_t level, const hf_public_key *key)
{
    hf_certificate_parts c;
    hf_signature_algorithm algorithm;
    uint8_t position = path->route[level];
    hf_error error = HF_ERROR_CERTIFICATE_MALFORMED;
    if (hf_certificate_take_apart(&c, path->chain[position]) &&
        hf_signature_algorithm_read(&algorithm, c.algorithm)) {
        error = hf_x509_verify(&algorithm, key, c.to_be_signed, c.signature);
    }
    if (error == HF_ERROR_OUT_OF_SCRATCH || error == HF_ERROR_CRYPTO_FAILED) {
        return finish(path, error, HF_NO_CERTIFICATE);
    }
    if (error != HF_OK) {
        note(path, error, position);
        return HF_AGAIN;
    }
    return HF_OK;
}

/* RFC 7469 2.4: a key without its parameters is half of one, and has no pin. Whoever may choose the
 * rest, as a CA can that the path was not meant to have, may know the private key. */
static HF_OWN_FRAME bool can_be_pinned(hf_span public_key)
{
    hf_public_key key;
    return hf_public_key_read(&key, public_key) && !is_inheriting(&key);
}

static bool is_pinned(const hf_path_rules *rules, hf_span public_key)
{
    uint8_t digest[HF_PIN_SIZE];
    if (!can_be_pinned(public_key)) {
        return false;
    }
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
    hf_span name, public_key;
    if (!HF_WITH_PINS || path->rules->pin_count == 0) {
        return path->rules->pin_count == 0;
    }
    for (size_t i = 0; i < path->length; i++) {
        hf_certificate_parts parts;
        if (hf_certificate_take_apart(&parts, path->chain[path->route[i]]) &&
            is_pinned(path->rules, parts.public_key)) {
            return true;
        }
    }
    return path->anchor > 0 &&
           find_anchor_identity(&path->rules->anchors[path->anchor - 1], &name, &public_key) &&
           is_pinned(path->rules, public_key);
}

#if HF_WITH_DSS
/* Where the leaf's key inherits its parameters. */
static HF_OWN_FRAME bool complete_leaf(hf_path *path)
{
    hf_public_key key;
    if (!read_key(path, 0, &key) || !is_inheriting(&key)) {
        return true;
    }
    bool is_good = hf_path_key(path, 0, &key) && check_key(path->rules, &key) == HF_OK;
    path->leaf.public_key = key;
    return is_good;
}
#endif

/* The path is whole and its signatures are right: what is left are the policies, which a peer that
 * forges certificates could make long to follow. */
static hf_error accept(hf_path *path)
{
#if HF_WITH_DSS
    if (!complete_leaf(path)) {
        note(path, HF_ERROR_CERTIFICATE_KEY_UNSUPPORTED, 0);
        return HF_AGAIN;
    }
#endif
#if HF_WITH_POLICIES
    uint8_t failed;
    if (!hf_policy_holds(path->chain, path->route, path->length, &failed)) {
        note(path, HF_ERROR_CERTIFICATE_POLICY, failed);
        return HF_AGAIN;
    }
#endif
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

static bool has_unchecked(const hf_path *path)
{
#if HF_WITH_DSS
    return path->unchecked != 0;
#else
    (void)path;
    return false;
#endif
}

/* Whether an anchor has signed the last certificate, and all signatures are right. */
static bool has_arrived(const hf_path *path)
{
    return path->anchor > 0 && !has_unchecked(path);
}

#if HF_WITH_DSS
/* Below a key that inherits its parameters signatures are left unchecked until the path has come to
 * the key that has them, whose signature then makes them sure. */
static void begin_unchecked(hf_path *path, uint8_t level)
{
    hf_public_key key;
    bool is_left = level > 0 && read_key(path, level, &key) && is_inheriting(&key);
    path->unchecked = is_left ? level : 0;
}

/* Checks the highest of the signatures that were left: HF_OK once there are none. */
static HF_OWN_FRAME hf_error check_below(hf_path *path)
{
    hf_public_key key;
    uint8_t level = path->unchecked;
    if (!spend(path)) {
        return path->result;
    }
    hf_error error = hf_path_key(path, level, &key) ? check_key(path->rules, &key)
                                                    : HF_ERROR_CERTIFICATE_MALFORMED;
    if (error == HF_OK) {
        error = verify(path, level - 1u, &key);
    } else {
        note(path, error, path->route[level]);
        error = HF_AGAIN;
    }
    if (error == HF_OK) {
        begin_unchecked(path, (uint8_t)(level - 1));
        return has_arrived(path) ? HF_OK : HF_AGAIN;
    }
    path->unchecked = 0;
    if (error == HF_AGAIN && path->anchor == 0) { /* what was found above is not the one */
        (void)step_back(path);
    }
    return error;
}
#else
static void begin_unchecked(const hf_path *path, uint8_t level)
{
    (void)path, (void)level;
}
#endif

/* Checks the next signature that may make the path longer: HF_OK if it is whole. */
static HF_OWN_FRAME hf_error grow(hf_path *path)
{
    issuer above;
    uint8_t position;
    if (!next_issuer(path, &above, &position)) {
        return finish(path, path->result, path->failed);
    }
    if (!spend(path)) {
        return path->result;
    }
    uint8_t last = (uint8_t)(path->length - 1);
    if (!is_inheriting(&above.key)) {
        hf_error error = verify(path, last, &above.key);
        if (error != HF_OK) {
            return error;
        }
        begin_unchecked(path, last);
    }
    if (position != HF_NO_CERTIFICATE) {
        go_up(path, position);
    }
    return has_arrived(path) ? HF_OK : HF_AGAIN;
}

hf_error hf_path_step(hf_path *path)
{
    if (path->is_done) {
        return path->result;
    }
#if HF_WITH_CRL
    if (path->is_whole) {
        return step_revocation(path);
    }
#endif
#if HF_WITH_DSS
    hf_error error = has_unchecked(path) ? check_below(path) : grow(path);
#else
    hf_error error = grow(path);
#endif
    return error == HF_OK ? accept(path) : error;
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

static hf_error check_counts(const hf_path_rules *rules, size_t count)
{
    if (count == 0) {
        return HF_ERROR_CERTIFICATE_MISSING;
    }
    if (count > HF_CHAIN_MAX) {
        return HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG;
    }
    if (rules->anchor_count == 0 || rules->anchor_count > UINT16_MAX) {
        return HF_ERROR_NO_TRUST_ANCHORS;
    }
    return rules->crl_count > HF_CRLS_MAX ? HF_ERROR_BAD_ARGUMENT : HF_OK;
}

hf_error hf_path_begin(hf_path *path, const hf_path_rules *rules, const hf_span *chain,
                       size_t count)
{
    memset(path, 0, sizeof *path);
    path->rules = rules;
    path->result = HF_AGAIN;
    hf_error error = check_counts(rules, count);
    if (error != HF_OK) {
        return finish(path, error, HF_NO_CERTIFICATE);
    }
    memcpy(path->chain, chain, count * sizeof chain[0]);
    path->count = (uint8_t)count;
    path->comparisons_left = HF_CONSTRAINT_CHECKS_MAX;
    path->checks_left = rules->checks_max > 0 ? rules->checks_max : HF_SIGNATURE_CHECKS_MAX;
    path->failed = HF_NO_CERTIFICATE;
    error = hf_certificate_read(&path->leaf, chain[0]);
    if (error == HF_OK) {
        error = check_leaf(rules, &path->leaf);
    }
    bool is_trusted =
        error == HF_OK && !is_inheriting(&path->leaf.public_key) && is_anchor(rules, &path->leaf);
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
    hf_certificate_parts parts = {0};
    if (path->length <= 1 && path->anchor > 0) {
        return find_anchor_identity(&path->rules->anchors[path->anchor - 1], name, public_key);
    }
    bool is_found =
        path->length > 1 && hf_certificate_take_apart(&parts, path->chain[path->route[1]]);
    *name = parts.subject;
    *public_key = parts.public_key;
    return is_found;
}

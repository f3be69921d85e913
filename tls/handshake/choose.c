/* What a server makes of a ClientHello: the binding for the name asked for, then the first suite
 * for which everything else can be found as well. */
#include "tls/handshake/handshake.h"

#include "crypto_glue/constant_time.h"

#include "tls/extensions/extensions.h"
#include "tls/session/sessions.h"

#include <string.h>

bool hf_offered_suite_at(const hf_handshake *h, size_t index, uint16_t *code)
{
    const size_t size = HF_USE_V2_HELLO ? h->suite_size : 2;
    size_t end = (index + 1) * size;
    if (end > h->suites_offered.size)
        return false;
    const uint8_t *bytes = h->suites_offered.data + end - 2;
    bool is_of_ssl2 = size == 3 && bytes[-1] != 0;
    *code = (uint16_t)(is_of_ssl2 ? 0 : bytes[0] << 8 | bytes[1]);
    return true;
}

bool hf_is_suite_offered(const hf_handshake *h, uint16_t code)
{
    uint16_t offered;
    for (size_t i = 0; hf_offered_suite_at(h, i, &offered); i++)
        if (offered == code)
            return true;
    return false;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 'a' - 'A') : byte;
}

/* Host names compare without case (RFC 6066 3). */
static bool same_host(hf_span a, hf_span b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

/* "*.example" serves every name that has exactly one label before ".example". */
static bool wildcard_covers(hf_span pattern, hf_span name)
{
    if (pattern.size < 3 || pattern.data[0] != '*' || pattern.data[1] != '.')
        return false;
    const uint8_t *dot = memchr(name.data, '.', name.size);
    if (dot == NULL)
        return false;
    size_t label = (size_t)(dot - name.data);
    return same_host((hf_span){pattern.data + 1, pattern.size - 1},
                     (hf_span){dot, name.size - label});
}

/* An exact name wins over a wildcard, whatever their order in the table. */
static const hf_binding *find_binding(const hf_config *config, hf_span name)
{
    const hf_binding *wildcard = NULL;
    for (size_t i = 0; i < config->binding_count && name.size != 0; i++) {
        const hf_binding *binding = &config->bindings[i];
        if (binding->host.size != 0 && same_host(binding->host, name))
            return binding;
        if (wildcard == NULL && wildcard_covers(binding->host, name))
            wildcard = binding;
    }
    return wildcard;
}

static const hf_binding *default_binding(const hf_config *config)
{
    if (config->binding_count == 0)
        return NULL; /* all suites that are enabled do without a certificate */
    for (size_t i = 0; i < config->binding_count; i++)
        if (config->bindings[i].host.size == 0)
            return &config->bindings[i];
    return &config->bindings[0];
}

static bool is_name_unknown(const hf_conn *c)
{
    return !c->handshake->is_name_bound && hf_conn_server_name(c).size != 0;
}

static void find_own_binding(hf_conn *c)
{
    c->binding = find_binding(c->config, hf_conn_server_name(c));
    c->handshake->is_name_bound = c->binding != NULL;
    if (c->binding == NULL)
        c->binding = default_binding(c->config);
}

/* What the configuration says about names that are in no binding. */
static hf_error accept_name(hf_conn *c)
{
    if (!is_name_unknown(c))
        return HF_OK;
    if (c->config->unknown_name == HF_UNKNOWN_NAME_FATAL)
        return HF_ERROR_SERVER_NAME_UNKNOWN;
    if (c->config->unknown_name == HF_UNKNOWN_NAME_WARN)
        c->warning = HF_ALERT_UNRECOGNIZED_NAME;
    return HF_OK;
}

static hf_error ask_about_binding(hf_conn *c)
{
    bool is_refused = is_name_unknown(c) && c->config->unknown_name == HF_UNKNOWN_NAME_FATAL;
    c->question = (hf_question){.kind = HF_QUESTION_BINDING,
                                .input = hf_conn_server_name(c),
                                .binding = is_refused ? NULL : c->binding};
    c->has_question = true;
    return HF_WAITING;
}

/* A binding that the application has chosen for a name is acknowledged like one of the table (RFC
 * 6066 3). */
hf_error hf_take_binding(hf_conn *c, const hf_answer *answer)
{
    if (answer->refused)
        return HF_ERROR_SERVER_NAME_UNKNOWN;
    if (answer->binding == NULL)
        return accept_name(c);
    c->binding = answer->binding;
    c->handshake->is_name_bound = hf_conn_server_name(c).size != 0;
    return HF_OK;
}

static bool client_offers_protocol(const hf_conn *c, hf_span name)
{
    hf_reader list = hf_reader_of(c->handshake->protocols_offered);
    while (hf_reader_left(&list) != 0) {
        hf_span offered = hf_read_vector8(&list, 1, 255);
        if (offered.size == name.size && memcmp(offered.data, name.data, name.size) == 0)
            return true;
    }
    return false;
}

/* RFC 7301 3.2: the server's preference decides; nothing in common is fatal. */
static hf_error choose_protocol(hf_conn *c)
{
    const hf_binding *binding = c->binding;
    const hf_span *protocols = c->config->protocols;
    size_t count = c->config->protocol_count;
    if (binding != NULL && binding->protocols != NULL) {
        protocols = binding->protocols;
        count = binding->protocol_count;
    }
    if (!HF_WITH_ALPN || count == 0 || c->handshake->protocols_offered.size == 0)
        return HF_OK;
    for (size_t i = 0; i < count; i++) {
        if (client_offers_protocol(c, protocols[i])) {
            c->protocol = protocols[i];
            return HF_OK;
        }
    }
    return HF_ERROR_NO_COMMON_PROTOCOL;
}

/* A client that does not say which curves it has is taken to have them all (RFC 8422 4). */
static bool client_has_group(const hf_conn *c, uint16_t code)
{
    hf_span offered = c->handshake->groups_offered;
    return offered.size == 0 || hf_codes_have(offered, code);
}

static bool is_curve(const hf_group *group)
{
    return group != NULL && group->curve != HF_CURVE_NONE;
}

/* The first group of a kind that both sides have, in the order of whoever's preference counts. */
static const hf_group *common_group(const hf_conn *c, bool (*is_kind)(const hf_group *group))
{
    const hf_code_list *own = hf_settings_groups(c->config);
    hf_span offered = c->handshake->groups_offered;
    if (c->config->server_preference_off) {
        for (size_t i = 0; i + 1 < offered.size; i += 2) {
            uint16_t code = (uint16_t)(offered.data[i] << 8 | offered.data[i + 1]);
            if (hf_list_has(own, code) && is_kind(hf_group_of(code)))
                return hf_group_of(code);
        }
        if (offered.size != 0)
            return NULL;
    }
    for (size_t i = 0; i < own->count; i++)
        if (is_kind(hf_group_of(own->codes[i])) && client_has_group(c, own->codes[i]))
            return hf_group_of(own->codes[i]);
    return NULL;
}

#if HF_WITH_DHE
static bool is_finite_field(const hf_group *group)
{
    return group != NULL && group->curve == HF_CURVE_NONE;
}

/* Whether the client named any group with a code that RFC 7919 2 sets aside for finite fields. */
static bool client_names_finite_fields(const hf_conn *c)
{
    hf_span offered = c->handshake->groups_offered;
    for (size_t i = 0; i + 1 < offered.size; i += 2)
        if (offered.data[i] == 1)
            return true;
    return false;
}

/* RFC 7919 4: a client that names such groups gets one of them or no DHE at all; one that does not
 * gets what the server thinks right. */
static bool choose_dh_group(hf_conn *c)
{
    const hf_dh_group *group = c->config->dh_group;
    if (client_names_finite_fields(c)) {
        c->group = common_group(c, is_finite_field);
        group = c->group != NULL ? hf_dh_named_group(c->group->code) : NULL;
    } else if (group == NULL) {
        group = hf_dh_named_group(HF_GROUP_FFDHE2048);
    }
    if (group != NULL) {
        c->handshake->dh_group = *group;
        c->group = hf_group_of(hf_dh_group_code(group));
    }
    return group != NULL;
}
#endif

static bool choose_group(hf_conn *c, const hf_suite *suite)
{
    c->group = NULL;
    if (hf_suite_uses_curve(suite)) {
        c->group = common_group(c, is_curve);
        return c->group != NULL;
    }
#if HF_WITH_DHE
    if (hf_suite_uses_dh(suite))
        return choose_dh_group(c);
#endif
    return true;
}

/* A hello of TLS 1.2 without signature_algorithms means SHA-1 (RFC 5246 7.4.1.4.1). */
static bool client_has_scheme(const hf_conn *c, const hf_scheme *scheme)
{
    if (!hf_extension_received(c, &hf_extension_signature_algorithms))
        return scheme->hash == HF_HASH_SHA1;
    return hf_codes_have(c->handshake->schemes_offered, scheme->code);
}

/* Any hash goes with any curve before TLS 1.3, but one that is as long as the curve's numbers
 * weakens nothing (FIPS 186-4 6.4). */
static bool is_hash_of_curve(const hf_scheme *scheme, const hf_private_key *key)
{
    if (key->type != HF_KEY_EC)
        return true;
    size_t field = hf_ec_field_size(key->u.ec.curve);
    return hf_hash_size(scheme->hash) >= (field < HF_HASH_SIZE_MAX ? field : HF_HASH_SIZE_MAX);
}

static const hf_scheme *choose_scheme(const hf_conn *c, const hf_private_key *key)
{
    if (hf_is_before_tls1_2(c->version))
        return hf_scheme_implied(key->type);
    const hf_scheme *second_best = NULL;
    size_t rsa_bits =
        HF_WITH_RSA && key->type == HF_KEY_RSA ? hf_rsa_bits(&key->u.rsa.public_key) : 0;
    const hf_code_list *own = hf_settings_schemes(c->config);
    for (size_t i = 0; i < own->count; i++) {
        const hf_scheme *scheme = hf_scheme_of(own->codes[i]);
        if (scheme == NULL || !hf_scheme_fits(scheme, key->type, rsa_bits) ||
            !client_has_scheme(c, scheme))
            continue;
        if (is_hash_of_curve(scheme, key))
            return scheme;
        if (second_best == NULL)
            second_best = scheme;
    }
    return second_best;
}

/* RFC 8422 5.1: a certificate's curve must be one of the client's groups as well. */
static bool client_has_curve(const hf_conn *c, const hf_private_key *key)
{
    if (key->type != HF_KEY_EC)
        return true;
    const hf_group *group = hf_group_of_curve(key->u.ec.curve);
    return group != NULL && client_has_group(c, group->code);
}

/* Why no suite was found, so that the failure can name what was missing rather than the last
 * thing tried: a suite in common, then a group, then a scheme. Where only DHE was left RFC 7919 4
 * asks for an alert of its own. */
typedef struct missing {
    bool finite_field, group, scheme;
} missing;

static bool credentials_serve(hf_conn *c, const hf_suite *suite, const hf_credentials *credentials,
                              missing *why)
{
    if (credentials->key->type != suite->authentication || !client_has_curve(c, credentials->key))
        return false;
    if (hf_suite_is_signed(suite)) {
        c->scheme = choose_scheme(c, credentials->key);
        if (c->scheme == NULL) {
            why->scheme = true;
            return false;
        }
    }
    c->handshake->credentials = credentials;
    return true;
}

static bool any_credentials_serve(hf_conn *c, const hf_suite *suite, missing *why)
{
    if (!hf_suite_has_certificate(suite))
        return true;
    for (size_t i = 0; c->binding != NULL && i < c->binding->credentials_count; i++)
        if (!(c->handshake->is_chain_trusted && (c->handshake->trusted >> i & 1) == 0) &&
            credentials_serve(c, suite, &c->binding->credentials[i], why))
            return true;
    return false;
}

/* Leaves group, credentials and scheme filled in for the suite if it can be used. */
static bool try_suite(hf_conn *c, uint16_t code, missing *why)
{
    const hf_suite *suite = hf_settings_suite(c->config, code, c->version);
    c->scheme = NULL;
    if (suite == NULL ||
        (hf_client_auth_of(c) == HF_CLIENT_AUTH_REQUIRE && !hf_may_ask_client(c, suite)))
        return false;
    if (!choose_group(c, suite)) {
        *(hf_suite_uses_dh(suite) ? &why->finite_field : &why->group) = true;
        return false;
    }
    if (!any_credentials_serve(c, suite, why))
        return false;
    c->suite = suite;
    return true;
}

/* The client's order counts. Each suite is tried once, however often a hello repeats it. */
static bool choose_by_client(hf_conn *c, const hf_code_list *own, missing *why)
{
    uint8_t tried[32] = {0}; /* a bit for each suite of `own` */
    uint16_t code;
    for (size_t i = 0; hf_offered_suite_at(c->handshake, i, &code); i++) {
        size_t k = 0;
        while (k < own->count && own->codes[k] != code)
            k++;
        if (k >= own->count || k >= 8 * sizeof tried || (tried[k / 8] >> k % 8 & 1) != 0)
            continue;
        tried[k / 8] |= (uint8_t)(1u << k % 8);
        if (try_suite(c, code, why))
            return true;
    }
    return false;
}

/* RFC 8446 B.4: its suites begin with 0x13. GREASE (RFC 8701) and signalling values count for
 * nothing. */
static bool is_for_tls1_3_only(const hf_handshake *h)
{
    bool has_one = false;
    uint16_t code;
    for (size_t i = 0; hf_offered_suite_at(h, i, &code); i++) {
        bool is_grease = (code & 0x0f0f) == 0x0a0a && code >> 8 == (code & 0xff);
        if (code >> 8 == 0x13)
            has_one = true;
        else if (!is_grease && code != HF_SCSV_RENEGOTIATION && code != HF_SCSV_FALLBACK)
            return false;
    }
    return has_one;
}

static hf_error choose_suite(hf_conn *c)
{
    const hf_handshake *h = c->handshake;
    const hf_code_list *own = hf_settings_suites(c->config);
    missing why = {false, false, false};
    if (c->config->server_preference_off) {
        if (choose_by_client(c, own, &why))
            return HF_OK;
    } else {
        for (size_t i = 0; i < own->count; i++)
            if (hf_is_suite_offered(h, own->codes[i]) && try_suite(c, own->codes[i], &why))
                return HF_OK;
    }
    if (is_for_tls1_3_only(h))
        return HF_ERROR_VERSION_UNSUPPORTED;
    if (why.finite_field)
        return HF_ERROR_NO_COMMON_FINITE_FIELD;
    if (why.scheme)
        return HF_ERROR_NO_COMMON_SCHEME;
    return why.group ? HF_ERROR_NO_COMMON_GROUP : HF_ERROR_NO_COMMON_SUITE;
}

/* RFC 6066 6: a chain that the client can verify goes before every preference. */
static hf_error choose_trusted_suite(hf_conn *c)
{
#if HF_WITH_TRUSTED_CA_KEYS
    hf_handshake *h = c->handshake;
    if (hf_extension_received(c, &hf_extension_trusted_ca_keys))
        h->trusted = hf_trusted_credentials(c);
    h->is_chain_trusted = h->trusted != 0;
    if (h->is_chain_trusted && choose_suite(c) == HF_OK)
        return HF_OK;
    h->is_chain_trusted = false;
#endif
    return choose_suite(c);
}

/* A session that asked its client for a certificate stands for one that was given, and one that did
 * not cannot stand for a client that must show one (RFC 5246 7.4.4). */
static bool suits_client_auth(const hf_conn *c, const hf_session_state *state)
{
    hf_client_auth mode = hf_client_auth_of(c);
    if (state->client_authenticated)
        return mode >= HF_CLIENT_AUTH_REQUEST;
    return mode != HF_CLIENT_AUTH_REQUIRE;
}

static bool truncates_hmac(const hf_conn *c, const hf_suite *suite)
{
    return HF_USE_TRUNCATED_HMAC && suite->mac != HF_HASH_NONE && c->config->truncated_hmac &&
           hf_extension_received(c, &hf_extension_truncated_hmac);
}

/* RFC 5246 7.4.1.3: same version and suite, the suite offered again; RFC 6066 3, 4, 7: what was
 * agreed upon holds for resumptions, so that a client that asks for something else now gets a full
 * handshake. */
static bool suits_hello(const hf_conn *c, const hf_session_state *state)
{
    return hf_session_is_usable(c, state) && state->version == c->version &&
           hf_is_suite_offered(c->handshake, state->suite) && suits_client_auth(c, state) &&
           state->truncated_hmac == truncates_hmac(c, hf_suite_of(state->suite)) &&
           state->fragment_length == c->fragment_length;
}

/* RFC 7627 5.3: a session with the extended master secret is not resumed without it; that is an
 * attack. */
static hf_error resume_session(hf_conn *c, const hf_session_state *state)
{
    hf_span id = c->handshake->session_id_offered;
    if (!suits_hello(c, state))
        return HF_OK;
    if (state->extended_master_secret && !c->extended_master_secret)
        return HF_ERROR_EXTENDED_MASTER_SECRET_CHANGED;
    if (state->extended_master_secret != c->extended_master_secret)
        return HF_OK;
    hf_session_resume(c, state);
    c->session_id_size = (uint8_t)id.size;
    memcpy(c->session_id, id.data, id.size);
    return hf_is_renegotiation(c) ? hf_renegotiation_check_peer(c) : HF_OK;
}

#if HF_WITH_SESSION_TICKET
/* RFC 5077 3.1: a ticket that cannot be taken means a full handshake, not a failure. */
static hf_error try_ticket(hf_conn *c)
{
    hf_session_state state;
    bool is_stale = false;
    const hf_ticket_keys *keys = c->config->tickets;
    if (keys == NULL || !hf_ticket_open(keys, c->handshake->ticket_offered, &state, &is_stale))
        return HF_OK;
    /* A client that sent no ID with it learns from the next message that it was taken
     * (RFC 5077 3.4). */
    hf_error error = resume_session(c, &state);
    c->handshake->sends_ticket = c->resumed && is_stale;
    hf_wipe(&state, sizeof state);
    return error;
}
#endif

static hf_error try_cache(hf_conn *c)
{
    int64_t now;
    const hf_config *config = c->config;
    if (config->cache == NULL)
        return HF_OK;
    /* Whether it may be used where the time is not known is looked at with the rest. */
    (void)hf_settings_read_clock(config, &now);
    const hf_session_state *state =
        hf_session_cache_find(config->cache, c->handshake->session_id_offered, now);
    return state != NULL ? resume_session(c, state) : HF_OK;
}

static hf_error ask_for_session(hf_conn *c)
{
    hf_span id = c->handshake->session_id_offered;
    if (!c->config->ask_about_sessions || id.size != HF_SESSION_ID_SIZE)
        return HF_OK;
    c->question = (hf_question){.kind = HF_QUESTION_FIND_SESSION, .input = id};
    c->has_question = true;
    return HF_WAITING;
}

hf_error hf_take_found_session(hf_conn *c, hf_span bytes)
{
    hf_session_state state;
    hf_error error = HF_OK;
    if (hf_session_state_read(&state, bytes))
        error = resume_session(c, &state);
    hf_wipe(&state, sizeof state);
    return error;
}

/* A renegotiation stays with the name that the connection is for. */
static hf_error note_name(hf_conn *c)
{
    uint8_t before[sizeof c->server_name_digest];
    memcpy(before, c->server_name_digest, sizeof before);
    hf_session_note_name(c, hf_conn_server_name(c));
    return !hf_is_renegotiation(c) || memcmp(before, c->server_name_digest, sizeof before) == 0
               ? HF_OK
               : HF_ERROR_RENEGOTIATION_CHANGED;
}

/* RFC 5077 3.4: a session ID that comes with a ticket was made up by the client and stands for no
 * session that is kept here. */
static hf_error find_session(hf_conn *c)
{
    hf_error error = note_name(c);
#if HF_WITH_SESSION_TICKET
    if (error == HF_OK && c->config->tickets != NULL && c->handshake->ticket_offered.size != 0)
        return try_ticket(c);
#endif
    if (error == HF_OK)
        error = try_cache(c);
    if (error == HF_OK && HF_WITH_CHOICES && !c->resumed)
        error = ask_for_session(c);
    return error;
}

/* What goes along with the suite. */
static void choose_record_options(hf_conn *c)
{
    c->encrypt_then_mac = HF_WITH_ENCRYPT_THEN_MAC && hf_suite_is_cbc(c->suite) &&
                          !c->config->without_encrypt_then_mac &&
                          hf_extension_received(c, &hf_extension_encrypt_then_mac);
    c->truncated_hmac = truncates_hmac(c, c->suite);
#if HF_WITH_RECORD_LIMITS
    hf_limit_clear_records(c);
#endif
#if HF_USE_CERTIFICATE_URL
    c->handshake->accepts_urls = !c->resumed && c->config->accept_certificate_urls &&
                                 hf_client_auth_of(c) >= HF_CLIENT_AUTH_REQUEST &&
                                 hf_suite_lets_ask_client(c->suite) &&
                                 hf_extension_received(c, &hf_extension_client_certificate_url);
#endif
#if HF_WITH_SESSION_TICKET
    if (!c->resumed)
        c->handshake->sends_ticket =
            c->config->tickets != NULL && hf_extension_received(c, &hf_extension_session_ticket);
#endif
}

static hf_error choose_rest(hf_conn *c)
{
    hf_error error = c->resumed ? HF_OK : choose_trusted_suite(c);
    if (error == HF_OK)
        error = choose_protocol(c);
    if (error != HF_OK)
        return error;
    choose_record_options(c);
    return hf_is_renegotiation(c) ? hf_renegotiation_check_protection(c) : HF_OK;
}

enum { STEP_BINDING, STEP_SESSION, STEP_REST };

/* Each step is taken once: an answer is put to use by hf_conn_answer. */
hf_error hf_choose(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_error error = HF_OK;
    if (h->step == STEP_BINDING) {
        h->step = STEP_SESSION;
        find_own_binding(c);
        error =
            HF_WITH_CHOICES && c->config->ask_about_binding ? ask_about_binding(c) : accept_name(c);
    }
    if (error == HF_OK && h->step == STEP_SESSION) {
        h->step = STEP_REST;
        error = find_session(c);
    }
    return error == HF_OK ? choose_rest(c) : error;
}

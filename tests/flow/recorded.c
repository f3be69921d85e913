#include "tests/flow/recorded.h"

#include "tests/flow/relay.h"
#include "tests/flow/staple.h"

#include <criterion/criterion.h>
#include <string.h>

static const action data_and_close[] = {ACT_DATA, ACT_CLOSE, ACT_END};

/* Both ends with one suite and one version of any policy. */
static void begin(recording *r, const char *keys, uint16_t suite, uint16_t version,
                  const action *script)
{
    recording_prepare(r, keys, script);
    r->suite = suite;
    for (int role = HF_CLIENT; role <= HF_SERVER; role++) {
        hf_config *config = &recording_end(r, (hf_role)role)->config;
        config->policy = &hf_policy_legacy;
        config->suites = (hf_code_list){&r->suite, 1};
        config->version_min = config->version_max = version;
    }
}

static void add_psks(recording *r)
{
    static const hf_psk psks[] = {
        {{(const uint8_t *)"Client_identity", 15}, {(const uint8_t *)"the right key", 13}},
        {{(const uint8_t *)"Client_identitx", 15}, {(const uint8_t *)"the key of another", 18}}};
    r->p.client.config.psks = r->p.server.config.psks = psks;
    r->p.client.config.psk_count = 1;
    r->p.server.config.psk_count = 2;
    r->p.server.config.psk_hint = HF_SPAN_LITERAL("a hint");
}

static void add_tickets(recording *r)
{
    static const hf_ticket_key key = {{1}, {2}};
    static const hf_ticket_keys keys = {&key, 1, 0};
    r->p.session = &r->session;
    r->p.server.config.tickets = &keys;
}

static void ask_client(recording *r, const char *leaf, const char *issuer)
{
    pki_load(&r->p.client.credentials[0], leaf, issuer);
    r->client_offer = r->p.client.credentials[0].credentials;
    r->p.client.config.credentials = &r->client_offer;
    r->p.client.config.credentials_count = 1;
    r->p.server.config.client_auth = HF_CLIENT_AUTH_REQUEST;
    r->p.server.config.anchors = pki_roots(&r->p.server.config.anchor_count);
}

/* ---------------------------------------------------------------- all extensions */

static void add_protocols(recording *r)
{
    static const hf_span protocols[] = {{(const uint8_t *)"h2", 2},
                                        {(const uint8_t *)"http/1.1", 8}};
    hf_config *configs[] = {&r->p.client.config, &r->p.server.config};
    for (size_t i = 0; i < 2; i++) {
        configs[i]->protocols = protocols;
        configs[i]->protocol_count = 2;
    }
    r->p.client.config.padding = true;
    r->p.server.binding.host = HF_SPAN_LITERAL("server.example");
}

/* A suite with CBC and an HMAC, for all extensions to be answered. */
static void begin_extensions(recording *r, uint16_t suite)
{
    begin(r, "p256", suite, HF_TLS1_2, data_and_close);
    r->p.client.config.policy = r->p.server.config.policy = &hf_policy_compatible;
    add_protocols(r);
}

void recorded_prepare_padded(recording *r)
{
    begin_extensions(r, 0xc023);
    r->p.client.config.trusted_ca_keys = HF_TRUSTED_CA_KEYS_NAMES; /* of all four roots */
}

static void add_extensions(recording *r)
{
    hf_config *client = &r->p.client.config, *server = &r->p.server.config;
    client->anchors++; /* root-p256 alone */
    client->anchor_count = 1;
    add_tickets(r);
    client->truncated_hmac = server->truncated_hmac = true;
    client->status_request = HF_STATUS_REQUEST_ASK;
    r->p.server.offered[0].ocsp_response = staple_good();
    client->trusted_ca_keys = HF_TRUSTED_CA_KEYS_NAMES;
    client->max_fragment_length = 1024;
    client->record_size_limit = 2000;
    ask_client(r, "client-p256", "inter-p256");
    for (size_t i = 0; i < RECORDED_CHAINS; i++) {
        r->urls[i].url = HF_SPAN_LITERAL("http://a.example/");
        (void)hf_hash_digest(HF_HASH_SHA1, r->client_offer.chain[i], r->urls[i].sha1);
    }
    r->client_offer.urls = r->urls;
    r->client_offer.url_count = RECORDED_CHAINS;
    server->accept_certificate_urls = true;
}

void recorded_prepare_fetched(recording *r)
{
    begin_extensions(r, 0xc023);
    add_extensions(r);
    r->p.server.config.without_record_size_limit = true;
}

void recorded_prepare_limited(recording *r)
{
    begin_extensions(r, 0xc023);
    add_extensions(r);
}

/* The same hello, which the server answers without a certificate, so that each bit of it may be
 * tried. */
static void prepare_cheap(recording *r)
{
    static const uint16_t offered[] = {0x00ae, 0xc023};
    begin_extensions(r, 0x00ae);
    add_extensions(r);
    add_psks(r);
    r->p.client.config.suites = (hf_code_list){offered, 2};
    r->p.server.config.without_record_size_limit = true;
}

/* ---------------------------------------------------------------- key exchanges */

static void prepare_client_certificate(recording *r)
{
    begin(r, "p256", 0xc02b, HF_TLS1_2, data_and_close);
    ask_client(r, "client-p256", "inter-p256");
}

static void prepare_rsa(recording *r)
{
    begin(r, "rsa2048", 0x009c, HF_TLS1_2, data_and_close);
    r->p.client.config.without_extended_master_secret = true;
    r->p.server.config.without_extended_master_secret = true;
}

static void prepare_dhe(recording *r)
{
    begin(r, "rsa2048", 0x009e, HF_TLS1_2, data_and_close);
}

/* No schemes in CertificateRequest and in front of signatures (RFC 4346 7.4), chained IVs. */
static void prepare_dss(recording *r)
{
    begin(r, "dsa1024", 0x0032, HF_TLS1_0, data_and_close);
    ask_client(r, "client-p256", "inter-p256");
}

static void prepare_tls1_1(recording *r)
{
    begin(r, "rsa2048", 0xc013, HF_TLS1_1, data_and_close);
}

static void prepare_psk(recording *r)
{
    begin(r, "p256", 0x00a8, HF_TLS1_2, data_and_close);
    add_psks(r);
}

static void prepare_dhe_psk(recording *r)
{
    begin(r, "p256", 0x00aa, HF_TLS1_2, data_and_close);
    add_psks(r);
}

static void prepare_ecdhe_psk(recording *r)
{
    begin(r, "p256", 0xd001, HF_TLS1_2, data_and_close);
    add_psks(r);
}

static void prepare_rsa_psk(recording *r)
{
    begin(r, "rsa2048", 0x00ac, HF_TLS1_2, data_and_close);
    add_psks(r);
}

static void prepare_dh_anon(recording *r)
{
    begin(r, "p256", 0x00a6, HF_TLS1_2, data_and_close);
}

static void prepare_ecdh_anon(recording *r)
{
    begin(r, "p256", 0xc018, HF_TLS1_2, data_and_close);
}

/* A stream cipher, of which records chain. */
static void prepare_rc4(recording *r)
{
    begin(r, "p256", 0x008a, HF_TLS1_2, data_and_close);
    add_psks(r);
}

/* ---------------------------------------------------------------- a connection before */

/* A first connection to the same server; then both ends once more, with what is kept of it. */
static void resume_by(recording *r, void (*prepare)(recording *r))
{
    static recording first;
    prepare(&first);
    first.p.session = &first.session;
    first.p.server.config.cache = &first.cache;
    recording_start(&first);
    recording_finish(&first);
    expect_established(&first.p);
    prepare(r);
    r->session = first.session;
    r->cache.uses = first.cache.uses;
    memcpy(r->slots, first.slots, sizeof r->slots);
    r->p.session = &r->session;
    r->p.server.config.cache = &r->cache;
    r->p.client.random_state++;
    r->p.server.random_state++;
}

static void prepare_resumable(recording *r)
{
    begin(r, "p256", 0xc02b, HF_TLS1_2, data_and_close);
}

static void prepare_by_id(recording *r)
{
    resume_by(r, prepare_resumable);
}

static void prepare_ticketed(recording *r)
{
    prepare_resumable(r);
    add_tickets(r);
}

/* The ticket is of a key that seals no more, so that a new one comes. */
static void prepare_by_ticket(recording *r)
{
    static const hf_ticket_key rotated[] = {{{3}, {4}}, {{1}, {2}}};
    static const hf_ticket_keys keys = {rotated, 2, 0};
    resume_by(r, prepare_ticketed);
    r->p.server.config.tickets = &keys;
}

/* ---------------------------------------------------------------- handshakes inside */

static void allow_renegotiation(recording *r)
{
    r->p.client.config.renegotiation = r->p.server.config.renegotiation = HF_RENEGOTIATION_BY_BOTH;
}

static void prepare_renegotiation(recording *r)
{
    static const action script[] = {ACT_CLIENT_HELLO, ACT_DATA, ACT_CLOSE, ACT_END};
    begin(r, "p256", 0xc02b, HF_TLS1_2, script);
    ask_client(r, "client-p256", "inter-p256");
    allow_renegotiation(r);
}

static void prepare_hello_request(recording *r)
{
    static const action script[] = {ACT_HELLO_REQUEST, ACT_DATA, ACT_CLOSE, ACT_END};
    begin(r, "p256", 0xc02b, HF_TLS1_2, script);
    add_tickets(r);
    allow_renegotiation(r);
    r->p.client.config.resume_in_renegotiation = true;
}

/* Nobody wants it: no_renegotiation, a warning. */
static void prepare_declined(recording *r)
{
    static const action script[] = {ACT_CLIENT_HELLO, ACT_DATA, ACT_CLOSE, ACT_END};
    begin(r, "p256", 0x00a8, HF_TLS1_2, script);
    add_psks(r);
    r->p.client.config.renegotiation = HF_RENEGOTIATION_BY_CLIENT;
}

/* unrecognized_name, a warning in the clear in front of the ServerHello. */
static void prepare_unknown_name(recording *r)
{
    begin(r, "p256", 0x00a8, HF_TLS1_2, data_and_close);
    add_psks(r);
    r->p.server.binding.host = HF_SPAN_LITERAL("other.example");
    r->p.server.config.unknown_name = HF_UNKNOWN_NAME_WARN;
}

/* ---------------------------------------------------------------- the list */

static const recorded kinds[] = {
    {"every extension, PSK", prepare_cheap, true, false},
    {"every extension, URLs", recorded_prepare_fetched, false, false},
    {"every extension, limits", recorded_prepare_limited, false, false},
    {"padding", recorded_prepare_padded, false, false},
    {"client certificate", prepare_client_certificate, false, false},
    {"RSA", prepare_rsa, false, false},
    {"DHE_RSA", prepare_dhe, false, false},
    {"DHE_DSS, TLS 1.0", prepare_dss, false, false},
    {"ECDHE_RSA, TLS 1.1", prepare_tls1_1, false, false},
    {"PSK", prepare_psk, true, false},
    {"DHE_PSK", prepare_dhe_psk, false, false},
    {"ECDHE_PSK", prepare_ecdhe_psk, false, false},
    {"RSA_PSK", prepare_rsa_psk, false, false},
    {"DH_anon", prepare_dh_anon, false, false},
    {"ECDH_anon", prepare_ecdh_anon, false, false},
    {"RC4", prepare_rc4, true, false},
    {"resumed by ID", prepare_by_id, false, false},
    {"resumed by ticket", prepare_by_ticket, false, false},
    {"renegotiation by the client", prepare_renegotiation, false, true},
    {"renegotiation by the server", prepare_hello_request, false, true},
    {"renegotiation declined", prepare_declined, true, true},
    {"unknown name", prepare_unknown_name, true, false},
};

const recorded *recorded_at(size_t index)
{
    return index < sizeof kinds / sizeof kinds[0] ? &kinds[index] : NULL;
}

#include "tests/flow/grammar.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* HandshakeType: RFC 5246 7.4, RFC 5077 3.3, RFC 6066 1.1. */
static const struct {
    const char *name;
    uint16_t symbol;
} names[] = {
    {"HelloRequest", 0},
    {"ClientHello", 1},
    {"ServerHello", 2},
    {"NewSessionTicket", 4},
    {"Certificate", 11},
    {"ServerKeyExchange", 12},
    {"CertificateRequest", 13},
    {"ServerHelloDone", 14},
    {"CertificateVerify", 15},
    {"ClientKeyExchange", 16},
    {"Finished", 20},
    {"CertificateURL", 21},
    {"CertificateStatus", 22},
    {"EmptyCertificate", SYMBOL_EMPTY_CERTIFICATE},
    {"ChangeCipherSpec", SYMBOL_CHANGE_CIPHER_SPEC},
    {"ApplicationData", SYMBOL_APPLICATION_DATA},
    {"warning", SYMBOL_WARNING},
    {"fatal alert", SYMBOL_FATAL},
    {"close_notify", SYMBOL_CLOSE_NOTIFY},
};

static const struct {
    const char *name;
    unsigned fact;
} guards[] = {{"ticket", FACT_TICKET}, {"status", FACT_STATUS}};

enum {
    HELLO_REQUEST = 0,
    CLIENT_HELLO = 1,
    CERTIFICATE = 11,
    CERTIFICATE_REQUEST = 13,
    SERVER_HELLO_DONE = 14
};

#define UNEXPECTED_MESSAGE 10
#define HANDSHAKE_FAILURE  40

/* ---------------------------------------------------------------- the sentences */

#define KX(name) (1u << KX_##name)
#define KX_ANY   ((1u << KEY_EXCHANGES) - 1)

/* What one side says. `a?` may be left out; `fact:a` is there if the fact holds, and only then. */
typedef struct line {
    hf_role sender;
    unsigned key_exchanges, needs, excludes;
    const char *text;
} line;

/* RFC 5077 3.3: the ticket goes before the server's ChangeCipherSpec, and is due once promised. */
#define SERVER_END "ticket:NewSessionTicket ChangeCipherSpec Finished"

/* RFC 6066 8: the CertificateStatus goes right behind the Certificate; a server that has promised
 * it may yet have none. RFC 5246 7.4.4: a server that has shown a certificate may ask for one. */
#define SERVER_CERTIFICATE "Certificate status:CertificateStatus? "
#define SERVER_REQUEST     "CertificateRequest? ServerHelloDone "

static const line lines[] = {
    /* RFC 5246 7.3, figure 1. 7.4.3: RSA needs no ServerKeyExchange and may not have one, DHE and
     * DH_anon need it; RFC 8422 2: so do ECDHE and ECDH_anon. 7.4.2: no Certificate of anonymous
     * servers. */
    {HF_SERVER, KX(RSA), 0, FACT_RESUMES,
     "ServerHello " SERVER_CERTIFICATE SERVER_REQUEST SERVER_END},
    {HF_SERVER, KX(DHE) | KX(ECDHE), 0, FACT_RESUMES,
     "ServerHello " SERVER_CERTIFICATE "ServerKeyExchange " SERVER_REQUEST SERVER_END},
    {HF_SERVER, KX(DH_ANON) | KX(ECDH_ANON), 0, FACT_RESUMES,
     "ServerHello ServerKeyExchange ServerHelloDone " SERVER_END},
    /* RFC 4279 2: neither Certificate nor CertificateRequest, and a ServerKeyExchange only for a
     * hint; 3: DHE_PSK always has one, and RFC 5489 2: ECDHE_PSK. */
    {HF_SERVER, KX(PSK), 0, FACT_RESUMES,
     "ServerHello ServerKeyExchange? ServerHelloDone " SERVER_END},
    {HF_SERVER, KX(DHE_PSK) | KX(ECDHE_PSK), 0, FACT_RESUMES,
     "ServerHello ServerKeyExchange ServerHelloDone " SERVER_END},
    /* RFC 4279 4: the server is known by a certificate, the client by its key. */
    {HF_SERVER, KX(RSA_PSK), 0, FACT_RESUMES,
     "ServerHello " SERVER_CERTIFICATE "ServerKeyExchange? ServerHelloDone " SERVER_END},
    /* RFC 5246 7.3, figure 2; RFC 5077 3.1, figure 2. */
    {HF_SERVER, KX_ANY, FACT_RESUMES, 0, "ServerHello " SERVER_END},

    /* RFC 5246 7.4.6: a client that is asked sends a Certificate, an empty one if it has none, and
     * only then; 7.4.8: it proves that the key is its own, which takes a certificate. */
    {HF_CLIENT, KX_ANY, 0, FACT_RESUMES | FACT_ASKS,
     "ClientHello ClientKeyExchange ChangeCipherSpec Finished"},
    {HF_CLIENT, KX_ANY, FACT_ASKS, FACT_RESUMES,
     "ClientHello Certificate ClientKeyExchange CertificateVerify ChangeCipherSpec Finished"},
    {HF_CLIENT, KX_ANY, FACT_ASKS, FACT_RESUMES | FACT_REQUIRES,
     "ClientHello EmptyCertificate ClientKeyExchange ChangeCipherSpec Finished"},
    /* RFC 6066 5: in place of the Certificate, with the same proof. */
    {HF_CLIENT, KX_ANY, FACT_ASKS | FACT_URLS, FACT_RESUMES,
     "ClientHello CertificateURL ClientKeyExchange CertificateVerify ChangeCipherSpec Finished"},
    {HF_CLIENT, KX_ANY, FACT_RESUMES, 0, "ClientHello ChangeCipherSpec Finished"},
};

/* Where the RFCs name an alert of its own for a message that would be next in order, but for whom
 * it comes from. */
static const struct {
    unsigned key_exchanges;
    uint16_t symbol, in_place_of;
    uint8_t alert;
} other_alerts[] = {
    /* RFC 5246 7.4.4: an anonymous server may not ask who the client is. */
    {KX(DH_ANON) | KX(ECDH_ANON), CERTIFICATE_REQUEST, SERVER_HELLO_DONE, HANDSHAKE_FAILURE},
    /* RFC 5246 7.4.6: an empty Certificate of a client where there must be one, and 7.4.2: of a
     * server. */
    {KX_ANY, SYMBOL_EMPTY_CERTIFICATE, CERTIFICATE, HANDSHAKE_FAILURE},
};

/* ---------------------------------------------------------------- reading them */

const char *symbol_name(uint16_t symbol)
{
    static char number[16];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].symbol == symbol)
            return names[i].name;
    (void)snprintf(number, sizeof number, "message %u", symbol);
    return number;
}

size_t grammar_symbols(void)
{
    return sizeof names / sizeof names[0];
}

uint16_t grammar_symbol(size_t index)
{
    return names[index].symbol;
}

static uint16_t symbol_of(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strlen(names[i].name) == size && memcmp(names[i].name, name, size) == 0)
            return names[i].symbol;
    cr_assert_fail("no message \"%.*s\"", (int)size, name);
    return 0;
}

static bool holds(unsigned facts, const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof guards / sizeof guards[0]; i++)
        if (strlen(guards[i].name) == size && memcmp(guards[i].name, name, size) == 0)
            return (facts & guards[i].fact) != 0;
    cr_assert_fail("no fact \"%.*s\"", (int)size, name);
    return false;
}

static void add_word(grammar *g, const char *word, size_t size)
{
    const char *colon = memchr(word, ':', size);
    if (colon != NULL) {
        size_t guard = (size_t)(colon - word);
        if (!holds(g->facts, word, guard))
            return;
        word += guard + 1;
        size -= guard + 1;
    }
    bool optional = word[size - 1] == '?';
    uint8_t *length = &g->lengths[g->count];
    cr_assert_lt(*length, SENTENCE_MAX);
    g->sentences[g->count][(*length)++] = (term){symbol_of(word, size - optional), optional};
}

/* From this place on, over all that may be left out. */
static uint16_t reachable(const grammar *g, size_t sentence, size_t place)
{
    uint16_t places = (uint16_t)(1u << place);
    while (place < g->lengths[sentence] && g->sentences[sentence][place].optional)
        places |= (uint16_t)(1u << ++place);
    return places;
}

static void add_sentence(grammar *g, const char *text)
{
    cr_assert_lt(g->count, SENTENCES_MAX);
    while (*text != '\0') {
        size_t size = strcspn(text, " ");
        add_word(g, text, size);
        text += size + strspn(text + size, " ");
    }
    g->places[g->count] = reachable(g, g->count, 0);
    g->count++;
}

grammar grammar_of(hf_role sender, key_exchange kx, unsigned facts)
{
    grammar g = {.sender = sender, .kx = kx, .facts = facts};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const line *l = &lines[i];
        if (l->sender == sender && (l->key_exchanges & 1u << kx) != 0 &&
            (facts & l->needs) == l->needs && (facts & l->excludes) == 0)
            add_sentence(&g, l->text);
    }
    cr_assert_neq(g.count, 0);
    return g;
}

bool grammar_is_over(const grammar *g)
{
    for (size_t i = 0; i < g->count; i++)
        if ((g->places[i] >> g->lengths[i] & 1) != 0)
            return true;
    return false;
}

/* Follows all sentences that go on with the symbol; false if none does. */
static bool follow(grammar *g, uint16_t symbol)
{
    uint16_t all = 0;
    for (size_t i = 0; i < g->count; i++) {
        uint16_t places = 0;
        for (size_t place = 0; place < g->lengths[i]; place++)
            if ((g->places[i] >> place & 1) != 0 && g->sentences[i][place].symbol == symbol)
                places |= reachable(g, i, place + 1);
        g->places[i] = places;
        all |= places;
    }
    return all != 0;
}

static uint8_t alert_of(const grammar *g, uint16_t symbol)
{
    for (size_t i = 0; i < sizeof other_alerts / sizeof other_alerts[0]; i++) {
        grammar other = *g;
        if (other_alerts[i].symbol == symbol &&
            (other_alerts[i].key_exchanges & 1u << g->kx) != 0 &&
            follow(&other, other_alerts[i].in_place_of))
            return other_alerts[i].alert;
    }
    return UNEXPECTED_MESSAGE;
}

/* RFC 5246 7.2: alerts may come at any time. How many warnings in a row are too many is for the
 * receiver to say. */
static verdict step_alert(grammar *g, uint16_t symbol)
{
    if (symbol != SYMBOL_WARNING)
        return VERDICT_ENDED;
    return ++g->warnings > HF_WARNINGS_MAX ? VERDICT_REFUSED : VERDICT_ACCEPTED;
}

/* Of what is no part of the handshake under way. RFC 5246 7.4.1.1: a client gets a HelloRequest at
 * any time, and ignores it in a handshake; 7.4.1.2: a ClientHello after the handshake asks for
 * another; 7.4.9: no data before the peer's Finished. */
static bool is_beside(const grammar *g, uint16_t symbol)
{
    if (symbol == HELLO_REQUEST)
        return g->sender == HF_SERVER;
    if (symbol == CLIENT_HELLO)
        return g->sender == HF_CLIENT && grammar_is_over(g);
    return symbol == SYMBOL_APPLICATION_DATA && grammar_is_over(g);
}

verdict grammar_step(grammar *g, uint16_t symbol, uint8_t *alert)
{
    *alert = UNEXPECTED_MESSAGE;
    if (symbol >= SYMBOL_WARNING)
        return step_alert(g, symbol);
    g->warnings = 0;
    if (is_beside(g, symbol))
        return VERDICT_ACCEPTED;
    *alert = alert_of(g, symbol);
    return follow(g, symbol) ? VERDICT_ACCEPTED : VERDICT_REFUSED;
}

verdict grammar_peek(const grammar *g, uint16_t symbol, uint8_t *alert)
{
    grammar copy = *g;
    return grammar_step(&copy, symbol, alert);
}

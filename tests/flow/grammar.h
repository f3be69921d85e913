/* Which messages may follow one another, as the RFCs have it: a second opinion for the table of
 * tls/handshake/flow.c, with which it shares nothing. */
#ifndef HF_TESTS_GRAMMAR_H
#define HF_TESTS_GRAMMAR_H

#include <handfast/handfast.h>

typedef enum key_exchange {
    KX_RSA,
    KX_DHE,
    KX_ECDHE,
    KX_PSK,
    KX_DHE_PSK,
    KX_ECDHE_PSK,
    KX_RSA_PSK,
    KX_DH_ANON,
    KX_ECDH_ANON,
    KEY_EXCHANGES
} key_exchange;

/* What two hellos have come to. */
enum {
    FACT_RESUMES = 1,  /* RFC 5246 7.3, figure 2                              */
    FACT_TICKET = 2,   /* session_ticket in the ServerHello, RFC 5077 3.2     */
    FACT_STATUS = 4,   /* status_request in the ServerHello, RFC 6066 8       */
    FACT_URLS = 8,     /* client_certificate_url in the ServerHello, RFC 6066 5 */
    FACT_ASKS = 16,    /* the server sends a CertificateRequest               */
    FACT_REQUIRES = 32 /* and does not go on without a certificate            */
};

/* A symbol is the HandshakeType of a message, or one of these. */
enum {
    SYMBOL_EMPTY_CERTIFICATE = 256, /* a Certificate without any, RFC 5246 7.4.6 */
    SYMBOL_CHANGE_CIPHER_SPEC,
    SYMBOL_APPLICATION_DATA,
    SYMBOL_WARNING, /* an alert that asks for nothing */
    SYMBOL_FATAL,
    SYMBOL_CLOSE_NOTIFY
};

/* What becomes of a connection by a symbol. */
typedef enum verdict {
    VERDICT_REFUSED,
    VERDICT_ACCEPTED,
    VERDICT_ENDED /* by an alert, as alerts do */
} verdict;

#define SENTENCES_MAX 4
#define SENTENCE_MAX  12

typedef struct term {
    uint16_t symbol;
    bool optional;
} term;

/* All that one side may send from its hello on, and how far it has come. */
typedef struct grammar {
    hf_role sender;
    key_exchange kx;
    unsigned facts;
    size_t count;
    term sentences[SENTENCES_MAX][SENTENCE_MAX];
    uint8_t lengths[SENTENCES_MAX];
    uint16_t places[SENTENCES_MAX]; /* a bit for each place where the sentence may stand */
    unsigned warnings;              /* in a row */
} grammar;

grammar grammar_of(hf_role sender, key_exchange kx, unsigned facts);
/* Goes on by a symbol. Of one that is refused `alert` is what the RFC has as an answer. */
verdict grammar_step(grammar *g, uint16_t symbol, uint8_t *alert);
/* What grammar_step would say. */
verdict grammar_peek(const grammar *g, uint16_t symbol, uint8_t *alert);
/* The sender's Finished has come. */
bool grammar_is_over(const grammar *g);

const char *symbol_name(uint16_t symbol);
/* Every symbol that there is a name for. */
uint16_t grammar_symbol(size_t index);
size_t grammar_symbols(void);

#endif

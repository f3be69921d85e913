/* Questions: what pauses a connection until the application has answered (conn.h). Where the
 * configuration already holds the answer nothing is asked. */
#ifndef HANDFAST_QUESTION_H
#define HANDFAST_QUESTION_H

#include <handfast/config.h>

struct hf_handshake;

typedef enum hf_question_kind {
    HF_QUESTION_SIGN,         /* sign with an external key                                     */
    HF_QUESTION_DECRYPT,      /* decrypt a premaster secret with an external key: raw RSA       */
    HF_QUESTION_CHAIN,        /* the peer's chain has been validated: is it welcome?           */
    HF_QUESTION_BINDING,      /* server: which binding serves the name asked for?              */
    HF_QUESTION_FIND_SESSION, /* server: is there a session with this ID?                      */
    HF_QUESTION_KEEP_SESSION, /* server: here is one to be kept; asked before its Finished goes out
                               */
    HF_QUESTION_CREDENTIALS,  /* client: which certificate is shown?                           */
    HF_QUESTION_STATUS,       /* client: an OCSP response has been verified; is it welcome?    */
    HF_QUESTION_CERTIFICATE_URL, /* server: what is at this URL of the client's?               */
    HF_QUESTION_RENEGOTIATION    /* the peer wants one, which the configuration allows, but the
                                    handshake object has been released                            */
} hf_question_kind;

typedef struct hf_question {
    hf_question_kind kind;
    const hf_credentials *credentials; /* SIGN, DECRYPT; CREDENTIALS: what the library would show,
                                          or NULL */
    uint16_t scheme;                   /* SIGN: SignatureScheme; 0 for RSA before TLS 1.2: PKCS #1
                                          of MD5 and SHA-1 without a DigestInfo (RFC 4346 4.7) */
    hf_hash_id hash;                   /* SIGN */
    hf_span input;                     /* SIGN: the digest; DECRYPT: the ciphertext; BINDING: the
                                          name, or empty; FIND_SESSION, KEEP_SESSION: the ID;
                                          STATUS: the response in DER; CERTIFICATE_URL: the URL, as
                                          the client sent it: beware of where it leads */
    bool is_pkipath;                   /* CERTIFICATE_URL: a PkiPath, not one certificate */
    hf_span state;                     /* KEEP_SESSION: HF_SESSION_STATE_BYTES, which are secret */
    int64_t expires;                   /* KEEP_SESSION: UNIX seconds; INT64_MAX without a clock */
    const hf_binding *binding;         /* BINDING: what the library would take, or NULL if it would
                                          refuse the name (hf_config.unknown_name) */
    const hf_span *chain;              /* CHAIN: the peer's certificates, leaf first */
    size_t chain_count;
} hf_question;

/* What is not mentioned for a kind is not looked at. */
typedef struct hf_answer {
    /* CHAIN, SIGN: the connection ends with HF_ERROR_APPLICATION_REFUSED or SIGNING_FAILED;
     * DECRYPT: like a wrong padding, which no peer may notice; FIND_SESSION: there is none;
     * BINDING: the name is refused, HF_ERROR_SERVER_NAME_UNKNOWN; CREDENTIALS: no certificate is
     * shown; STATUS: HF_ERROR_STATUS_REFUSED; CERTIFICATE_URL: HF_ERROR_CERTIFICATE_UNOBTAINABLE;
     * RENEGOTIATION: answered with a warning. */
    bool refused;
    hf_span output; /* SIGN: the signature (ECDSA in DER); DECRYPT: the encoded message 00 02 ..;
                       FIND_SESSION: the state as it was kept; CERTIFICATE_URL: what is there,
                       which is not copied and must stay until the handshake is done */
    const hf_binding *binding;         /* BINDING; NULL: the library's choice. Sessions are kept by
                                          name: a client that one of the bindings of a name has let
                                          in is in with all of them, so that their `anchors` should
                                          be the same */
    const hf_credentials *credentials; /* CREDENTIALS; NULL: the library's choice */
    struct hf_handshake *handshake;    /* RENEGOTIATION: the object to use, which is then the
                                          connection's again */
} hf_answer;

#endif

/* Questions: what pauses a connection until the application has answered (conn.h). Where the
 * configuration already holds the answer nothing is asked. */
#ifndef HANDFAST_QUESTION_H
#define HANDFAST_QUESTION_H

#include <handfast/config.h>

typedef enum hf_question_kind {
    HF_QUESTION_SIGN,    /* sign with an external key                                     */
    HF_QUESTION_DECRYPT, /* decrypt a premaster secret with an external key: raw RSA       */
    HF_QUESTION_CHAIN    /* the peer's chain has been validated: is it welcome?           */
} hf_question_kind;

typedef struct hf_question {
    hf_question_kind kind;
    const hf_credentials *credentials; /* SIGN, DECRYPT */
    uint16_t scheme;                   /* SIGN: SignatureScheme */
    hf_hash_id hash;                   /* SIGN */
    hf_span input;                     /* SIGN: the digest; DECRYPT: the ciphertext */
    const hf_span *chain;              /* CHAIN: the peer's certificates, leaf first */
    size_t chain_count;
} hf_question;

typedef struct hf_answer {
    bool refused;   /* CHAIN, SIGN: the connection ends with HF_ERROR_APPLICATION_REFUSED or
                       SIGNING_FAILED; DECRYPT: like a wrong padding, which no peer may notice */
    hf_span output; /* SIGN: the signature (ECDSA in DER); DECRYPT: the encoded message 00 02 .. */
} hf_answer;

#endif

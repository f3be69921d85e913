/* What a handshake has agreed on, kept when the engine has already let go of it. */
#ifndef TOOLS_SUMMARY_H
#define TOOLS_SUMMARY_H

#include <handfast/conn.h>

struct summary {
    bool established;
    uint16_t version; /* 0: the handshake did not come so far; the same for NULL below */
    const hf_suite *suite;
    const hf_group *group;
    const hf_scheme *scheme;
    bool extended_master_secret, secure_renegotiation, encrypt_then_mac, truncated_hmac, resumed;
    unsigned handshakes;          /* more than one after renegotiations */
    uint16_t max_fragment_length; /* 0: none */
    /* Subjects of the certificates that the peer has sent, leaf first. */
    char peer_subjects[HF_CHAIN_MAX][128];
    size_t status_size;    /* of the OCSP response that was stapled, 0: none */
    char server_name[256]; /* empty: none, like the next ones */
    char binding[256];
    char protocol[256];
    /* Server: who the client is; only once `established` is it proven. */
    char client_subject[512];
    bool client_authenticated; /* also by the handshake of a session that is resumed */
    char psk_identity[HF_PSK_IDENTITY_MAX + 1];
};

/* Takes what the connection knows by now. */
void summary_update(struct summary *summary, const hf_conn *conn);

/* Takes who the client says it is from its certificate, whose chain has been validated. */
void summary_take_client(struct summary *summary, hf_span certificate);

/* Takes the subjects from the body of a Certificate message. */
void summary_take_certificates(struct summary *summary, hf_span body);
/* The subject of one of the peer's certificates, empty if it is not known. */
const char *summary_subject(const struct summary *summary, size_t index);

/* The client's subject, or that it has been seen in an earlier connection only: a session does not
 * have the certificate. Empty if nothing is proven. */
const char *summary_client(const struct summary *summary);

/* Row `index` as a label and its value; false past the last. */
bool summary_row(const struct summary *summary, size_t index, const char **label,
                 const char **value);

/* Printable form of a peer's bytes: what is not visible ASCII becomes '?'. */
void printable(char *text, size_t capacity, hf_span bytes);

#endif

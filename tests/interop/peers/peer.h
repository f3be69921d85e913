/* tests/interop/peers: small clients and servers over TLS libraries that come without commands of
 * enough use. Each makes one connection on 127.0.0.1, exchanges one request and one page as HTTP,
 * and says on standard error what was negotiated.
 *
 *   peer.h, peer.c   the command line, the socket, the exchange; common to all
 *   mbedtls.c        Mbed TLS 2.28
 *   wolfssl.c        wolfSSL
 *   bearssl.c        BearSSL, and bearssl_files.c: its certificates and keys from PEM files
 *   gnutls.c         GnuTLS, for what crashes gnutls-cli
 *   botan.cpp        Botan 2
 *
 *   peer_LIBRARY list                      its name; the versions of TLS that it has; then its
 *                                          suites, each by its code in hexadecimal or by its IANA
 *                                          name, one a line
 *   peer_LIBRARY client port=N ...         page on standard output
 *   peer_LIBRARY server ...                writes the port on standard output and serves one
 *
 * with code=HEX suite=NAME version=1.2, and chain=FILE key=FILE anchors=FILE name=HOST psk=HEX
 * identity=NAME as needed; etm=off, ems=off and truncated=on where the library can. resume=id and
 * resume=ticket make a second connection, which resumes the session of the first in this way.
 * fragment=N is the length that a client asks for (RFC 6066 4). echo=N exchanges N bytes and their
 * echo instead of a request and a page. trusted=KIND:HEX is a CA for trusted_ca_keys, KIND names,
 * keys or certificates, or pre-agreed.
 *
 * Exit status: 0 for a whole exchange; else the reason is on standard error. */
#ifndef HF_TESTS_INTEROP_PEER_H
#define HF_TESTS_INTEROP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum peer_resume { PEER_RESUME_OFF, PEER_RESUME_BY_ID, PEER_RESUME_BY_TICKET };

struct peer_options {
    bool is_server;
    bool is_second; /* connection, of those that resume asks for */
    enum peer_resume resume;
    unsigned fragment;        /* 0: not asked for */
    size_t echo;              /* bytes; 0: a page */
    const char *trusted_kind; /* NULL: none */
    uint8_t trusted[256];
    size_t trusted_size;
    uint16_t port;
    uint16_t code;     /* the only suite */
    const char *suite; /* its name */
    int minor;         /* of the only version on the wire: 1 for TLS 1.0 */
    const char *chain, *key, *anchors, *name, *identity;
    uint8_t psk[64];
    size_t psk_size;
    bool no_encrypt_then_mac, no_extended_master_secret, truncated_hmac;
};

/* What was negotiated; words are further remarks, each with a space before. */
struct peer_result {
    int minor;
    uint16_t code;
    const char *words;
};

#define PEER_RESUMED " resumed"

/* A library; state is its own affair, since a process has one connection at a time. Functions that
 * return a bool have printed the reason if it is false. */
struct peer_library {
    void (*list)(void);
    /* Makes the handshake on a connected socket. The second one of a process resumes, and has the
     * word PEER_RESUMED if it did. */
    bool (*open)(const struct peer_options *options, int socket, struct peer_result *result);
    /* Bytes read, 0 after the other side's close_notify, negative after an error. */
    int (*read)(void *data, size_t size);
    bool (*write)(const void *data, size_t size);
    /* Sends close_notify. */
    void (*close)(void);
};

int peer_main(int argc, char **argv, const struct peer_library *library);

/* Prints a line that begins with the name of a function and its error, and returns false. */
bool peer_failed(const char *function, long error);

/* read(2) and write(2) until something, or everything, is done; negative after an error. */
int peer_receive(int socket, void *data, size_t size);
int peer_send(int socket, const void *data, size_t size);

#ifdef __cplusplus
}
#endif

#endif

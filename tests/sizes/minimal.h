/* sizes: the smallest programs that a device would have, to be weighed by scripts/sizes.sh and run
 * against OpenSSL as tests.
 *
 *   minimal.h         what the programs ask of their surroundings (this file)
 *   minimal.c         one connection from its beginning to its end, over the calls of conn.h
 *   minimal_client.c  fetches a page; ECDHE-ECDSA on P-256
 *   minimal_server.c  answers one request
 *   host.c            the surroundings on a host: sockets, certificates from files
 *   objects.c         objects as large as the types that a program must place
 *   handshake.sh      runs them against openssl
 *
 * Nothing in the first three needs an operating system, a heap or an initialiser at run time that
 * reads certificates' keys: those are constants of a device. */
#ifndef HF_TESTS_SIZES_MINIMAL_H
#define HF_TESTS_SIZES_MINIMAL_H

#include <handfast/handfast.h>

/* --- the surroundings --- */

/* Bytes from the peer, at least one; 0 at the end. */
size_t minimal_receive(uint8_t *data, size_t size);
/* All of it; false if the transport has ended. */
bool minimal_send(const uint8_t *data, size_t size);
/* Application data that has come. */
void minimal_take(hf_span data);
bool minimal_random(void *context, uint8_t *out, size_t size);

extern hf_span minimal_root;       /* the client's trust anchor, a certificate */
extern hf_span minimal_chain[2];   /* the server's certificates                */
extern uint8_t minimal_scalar[32]; /* the private key of the first of them     */

/* --- the programs --- */

/* 0, or a reason of <handfast/error.h>, or 1 where none was noted. */
int minimal_client(void);
int minimal_server(void);

/* Says `text` once it may, a server after it has been asked, and goes on until both sides have
 * closed. */
int minimal_run(hf_conn *conn, hf_span text);

#endif

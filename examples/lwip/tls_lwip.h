/* TLS over the raw API of lwIP: a connection of Handfast that is fed by the callbacks of a tcp_pcb.
 *
 * Everything here runs where lwIP runs: in the one loop of a program without an operating system,
 * or with the core lock held. A callback returns after at most one public-key operation; what is
 * left to do is put off to a timeout of no time, so that the stack and the watchdog get their turn.
 */
#ifndef TLS_LWIP_H
#define TLS_LWIP_H

#include <handfast/handfast.h>
#include <lwip/tcp.h>

typedef struct tls_lwip tls_lwip;

typedef struct tls_lwip_events {
    void (*established)(tls_lwip *tls);
    void (*received)(tls_lwip *tls, hf_span data); /* taken whole; valid until the next call */
    void (*ended)(tls_lwip *tls);                  /* the pcb is gone; hf_conn_failure says why */
} tls_lwip_events;

struct tls_lwip {
    hf_conn conn; /* hf_conn_init and the like before tls_lwip_start */
    const tls_lwip_events *events;
    void *context; /* the application's */
    /* Private. */
    struct tcp_pcb *pcb;
    struct pbuf *pending; /* received by lwIP and not yet by the connection */
    size_t taken;         /* of the first pbuf in `pending` */
    bool is_established, peer_has_ended, has_ended;
};

/* Takes over a connected pcb. */
void tls_lwip_start(tls_lwip *tls, struct tcp_pcb *pcb);

/* Sends data, as much as there is room for; how much that was. There is room again when the peer
 * has acknowledged: ask once more in a poll callback or after the next event. */
size_t tls_lwip_send(tls_lwip *tls, hf_span data);

/* Sends close_notify; `ended` follows. */
void tls_lwip_close(tls_lwip *tls);

#endif

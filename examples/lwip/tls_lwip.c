#include "tls_lwip.h"

#include <lwip/timeouts.h>
#include <string.h>

static void drive(void *argument);

static void drive_later(tls_lwip *tls)
{
    sys_untimeout(drive, tls);
    sys_timeout(0, drive, tls);
}

static void end(tls_lwip *tls)
{
    if (tls->has_ended)
        return;
    tls->has_ended = true;
    sys_untimeout(drive, tls);
    if (tls->pending != NULL)
        pbuf_free(tls->pending);
    tls->pending = NULL;
    if (tls->pcb != NULL) {
        tcp_arg(tls->pcb, NULL);
        tcp_recv(tls->pcb, NULL);
        tcp_sent(tls->pcb, NULL);
        tcp_err(tls->pcb, NULL);
        if (tcp_close(tls->pcb) != ERR_OK)
            tcp_abort(tls->pcb);
        tls->pcb = NULL;
    }
    tls->events->ended(tls);
}

/* Out: what the send buffer of TCP has no room for stays in that of the connection. */
static void send_pending(tls_lwip *tls)
{
    hf_span outgoing = hf_conn_outgoing(&tls->conn);
    size_t size = outgoing.size < tcp_sndbuf(tls->pcb) ? outgoing.size : tcp_sndbuf(tls->pcb);
    if (size != 0 &&
        tcp_write(tls->pcb, outgoing.data, (u16_t)size, TCP_WRITE_FLAG_COPY) == ERR_OK &&
        hf_conn_sent(&tls->conn, size) == HF_OK)
        (void)tcp_output(tls->pcb);
}

/* In: TCP's window opens again only by what the connection has taken. The end comes after the data.
 */
static void receive_pending(tls_lwip *tls)
{
    hf_buf incoming = hf_conn_incoming(&tls->conn);
    if (tls->pending == NULL && tls->peer_has_ended)
        hf_conn_eof(&tls->conn);
    if (tls->pending == NULL || incoming.size == 0)
        return;
    size_t left = tls->pending->tot_len - tls->taken;
    size_t size = left < incoming.size ? left : incoming.size;
    (void)pbuf_copy_partial(tls->pending, incoming.data, (u16_t)size, (u16_t)tls->taken);
    if (hf_conn_received(&tls->conn, size) != HF_OK)
        return;
    tcp_recved(tls->pcb, (u16_t)size);
    tls->taken += size;
    if (size == left) {
        pbuf_free(tls->pending);
        tls->pending = NULL;
        tls->taken = 0;
    }
}

static void tell_application(tls_lwip *tls, uint32_t wants)
{
    if ((wants & HF_ESTABLISHED) != 0 && !tls->is_established) {
        tls->is_established = true;
        tls->events->established(tls);
    }
    hf_span readable = hf_conn_readable(&tls->conn);
    if (readable.size != 0) {
        tls->events->received(tls, readable);
        if (hf_conn_consumed(&tls->conn, readable.size) != HF_OK)
            return;
    }
}

/* One round. Nothing waits here: what cannot go on is woken by the next callback of lwIP. */
static void drive(void *argument)
{
    tls_lwip *tls = argument;
    receive_pending(tls);
    (void)hf_conn_run(&tls->conn); /* at most one public-key operation */
    send_pending(tls);
    uint32_t wants = hf_conn_wants(&tls->conn);
    tell_application(tls, wants);
    if (tls->has_ended)
        return;
    wants = hf_conn_wants(&tls->conn);
    bool is_over = (wants & (HF_FAILED | HF_CLOSED)) != 0;
    bool has_input = tls->pending != NULL || tls->peer_has_ended;
    if (is_over && (wants & HF_CAN_SEND) == 0)
        end(tls);
    else if ((wants & HF_HAS_WORK) != 0 || (!is_over && has_input && (wants & HF_CAN_RECEIVE) != 0))
        drive_later(tls);
}

static err_t on_received(void *argument, struct tcp_pcb *pcb, struct pbuf *data, err_t error)
{
    tls_lwip *tls = argument;
    (void)pcb;
    (void)error;
    if (data == NULL)
        tls->peer_has_ended = true;
    else if (tls->pending == NULL)
        tls->pending = data;
    else
        pbuf_cat(tls->pending, data);
    drive_later(tls);
    return ERR_OK;
}

static err_t on_sent(void *argument, struct tcp_pcb *pcb, u16_t size)
{
    (void)pcb;
    (void)size;
    drive_later(argument);
    return ERR_OK;
}

/* The pcb is gone already. */
static void on_error(void *argument, err_t error)
{
    tls_lwip *tls = argument;
    (void)error;
    tls->pcb = NULL;
    hf_conn_eof(&tls->conn);
    end(tls);
}

void tls_lwip_start(tls_lwip *tls, struct tcp_pcb *pcb)
{
    tls->pcb = pcb;
    tcp_arg(pcb, tls);
    tcp_recv(pcb, on_received);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_error);
    drive_later(tls);
}

size_t tls_lwip_send(tls_lwip *tls, hf_span data)
{
    hf_buf writable = hf_conn_writable(&tls->conn);
    size_t size = data.size < writable.size ? data.size : writable.size;
    if (size == 0)
        return 0;
    memcpy(writable.data, data.data, size);
    if (hf_conn_written(&tls->conn, size) != HF_OK)
        return 0;
    hf_conn_flush(&tls->conn);
    drive_later(tls);
    return size;
}

void tls_lwip_close(tls_lwip *tls)
{
    hf_conn_close(&tls->conn);
    drive_later(tls);
}

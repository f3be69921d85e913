#include "tests/sizes/minimal.h"

#include <string.h>

static bool send_pending(hf_conn *conn)
{
    hf_span outgoing = hf_conn_outgoing(conn);
    return minimal_send(outgoing.data, outgoing.size) && hf_conn_sent(conn, outgoing.size) == HF_OK;
}

static bool receive(hf_conn *conn)
{
    hf_buf incoming = hf_conn_incoming(conn);
    size_t size = minimal_receive(incoming.data, incoming.size);
    if (size == 0)
        hf_conn_eof(conn);
    return hf_conn_received(conn, size) == HF_OK;
}

static bool take(hf_conn *conn)
{
    hf_span readable = hf_conn_readable(conn);
    minimal_take(readable);
    return hf_conn_consumed(conn, readable.size) == HF_OK;
}

static bool say(hf_conn *conn, hf_span text)
{
    hf_buf writable = hf_conn_writable(conn);
    if (writable.size < text.size)
        return false;
    memcpy(writable.data, text.data, text.size);
    return hf_conn_written(conn, text.size) == HF_OK;
}

int minimal_run(hf_conn *conn, hf_span text)
{
    bool fine = true, has_said = false, may_say = hf_conn_role(conn) == HF_CLIENT;
    while (fine) {
        uint32_t wants = hf_conn_wants(conn);
        if ((wants & HF_HAS_WORK) != 0) {
            (void)hf_conn_run(conn); /* how it ended is in what it wants next */
        } else if ((wants & HF_CAN_SEND) != 0) {
            fine = send_pending(conn);
        } else if ((wants & HF_CAN_READ) != 0) {
            fine = take(conn);
            may_say = true;
        } else if ((wants & (HF_FAILED | HF_CLOSED)) != 0) {
            fine = false;
        } else if (may_say && !has_said && (wants & HF_CAN_WRITE) != 0) {
            fine = has_said = say(conn, text);
            hf_conn_flush(conn);
            if (hf_conn_role(conn) == HF_SERVER)
                hf_conn_close(conn);
        } else {
            fine = receive(conn);
        }
    }
    bool is_closed = (hf_conn_wants(conn) & HF_CLOSED) != 0;
    const hf_failure *failure = hf_conn_failure(conn);
    int result = is_closed ? 0 : failure != NULL ? (int)failure->reason : 1;
    hf_conn_wipe(conn);
    return result;
}

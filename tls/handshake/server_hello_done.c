/* ServerHelloDone, RFC 5246 7.4.5: empty. */
#include "tls/handshake/handshake.h"

hf_error hf_write_server_hello_done(hf_conn *c, hf_writer *w)
{
    (void)c, (void)w;
    return HF_OK;
}

hf_error hf_read_server_hello_done(hf_conn *c, hf_reader *r)
{
    (void)c, (void)r; /* the driver refuses a body: all bytes must have been used */
    return HF_OK;
}

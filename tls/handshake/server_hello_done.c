/* ServerHelloDone, RFC 5246 7.4.5: empty. */
#include "tls/handshake/handshake.h"

hf_error hf_write_server_hello_done(hf_conn *c, hf_writer *w)
{
    (void)c, (void)w;
    return HF_OK;
}

hf_error hf_read_server_hello_done(hf_conn *c, hf_reader *r)
{
    (void)r; /* the driver refuses a body: all bytes must have been used */
#if HF_WITH_STATUS_REQUEST
    return hf_check_status(c);
#else
    (void)c;
    return HF_OK;
#endif
}

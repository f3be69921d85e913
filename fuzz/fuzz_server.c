/* What a server makes of a client's bytes: hf_conn_run in the role of a server, and after the
 * handshake data, alerts and attempts to renegotiate.
 *
 * The input is three bytes of options (fuzz.h), then pieces as fuzz_live takes them.
 *
 * covers: hf_conn_run, hf_incoming_next, hf_incoming_make_room, hf_read_client_hello
 * covers: hf_read_v2_hello, hf_choose, hf_take_binding, hf_take_found_session
 * covers: hf_read_client_key_exchange, hf_finish_client_key_exchange, hf_read_certificate
 * covers: hf_read_certificate_url, hf_read_certificate_verify, hf_finish_certificate_verify
 * covers: hf_read_finished, hf_write_server_hello, hf_write_server_key_exchange
 * covers: hf_write_certificate_request, hf_write_certificate_status
 * covers: hf_write_new_session_ticket, hf_ticket_open, hf_session_cache_find
 * covers: driver.c:take_alert
 * dictionary: tls.dict */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static fuzz_endpoint server;
    hf_reader input = hf_reader_of((hf_span){data, size});
    if (fuzz_start(&server, HF_SERVER, fuzz_read_options(&input)))
        fuzz_live(&server, &input);
    return 0;
}

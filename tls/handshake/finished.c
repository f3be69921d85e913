/* Finished, RFC 5246 7.4.9. */
#include "tls/handshake/handshake.h"

#include "crypto_glue/constant_time.h"

#include "tls/keys/keys.h"

hf_error hf_write_finished(hf_conn *c, hf_writer *w)
{
    hf_compute_verify_data(c, c->role, c->verify_data[c->role]);
    hf_write_bytes(w, (hf_span){c->verify_data[c->role], HF_VERIFY_DATA_SIZE});
    return HF_OK;
}

hf_error hf_read_finished(hf_conn *c, hf_reader *r)
{
    hf_role sender = hf_is_client(c->role) ? HF_SERVER : HF_CLIENT;
    hf_span verify_data = hf_read_bytes(r, HF_VERIFY_DATA_SIZE);
    hf_error error = hf_message_end(r);
    /* A peer may have shown a certificate before, and none now. */
    if (error == HF_OK && hf_is_renegotiation(c))
        error = hf_renegotiation_check_peer(c);
    if (error != HF_OK)
        return error;
    hf_compute_verify_data(c, sender, c->verify_data[sender]);
    return hf_constant_time_equal(verify_data.data, c->verify_data[sender], HF_VERIFY_DATA_SIZE)
               ? HF_OK
               : HF_ERROR_FINISHED_WRONG;
}

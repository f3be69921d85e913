/* session_ticket, RFC 5077 3.2: a client's ticket, or nothing if it only asks for one; a server's
 * promise, which is empty, that a NewSessionTicket follows. */
#include "tls/extensions/extensions.h"

/* Without an object to keep it in there is no use for a ticket. */
static bool offers(const hf_conn *c)
{
    return c->session != NULL && !c->config->without_session_ticket;
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    if (c->handshake->offers_session)
        hf_write_bytes(w, (hf_span){c->session->ticket, c->session->ticket_size});
}

/* The whole of it is the ticket. */
static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    c->handshake->ticket_offered = hf_read_bytes(r, hf_reader_left(r));
    return HF_OK;
}

static bool answers(const hf_conn *c)
{
    return c->handshake->sends_ticket;
}

const hf_extension hf_extension_session_ticket = {
    .info = HF_EXTENSION_INFO(35, "session_ticket", "RFC 5077 3.2"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(hf_write_empty_extension),
    .read_answer = HF_CLIENT_ONLY(hf_read_empty_extension),
};

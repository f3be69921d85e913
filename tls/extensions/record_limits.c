/* What max_fragment_length and record_size_limit come to. */
#include "tls/extensions/extensions.h"

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t hf_own_record_limit(const hf_conn *c)
{
    size_t configured = c->config->record_size_limit;
    size_t fits = smaller(c->in.size - HF_RECORD_OVERHEAD, HF_PLAINTEXT_MAX);
    return configured != 0 ? smaller(configured, fits) : fits;
}

/* RFC 8449 5: a server that has record_size_limit ignores max_fragment_length beside it, and one
 * that answers both has broken the rule. */
hf_error hf_settle_record_limits(hf_conn *c)
{
    if (c->handshake->peer_record_limit == 0)
        return HF_OK;
    if (hf_is_client(c->role))
        return c->fragment_length == 0 ? HF_OK : HF_ERROR_RECORD_SIZE_LIMIT_WRONG;
    c->fragment_length = 0;
    return HF_OK;
}

static size_t in_session(const hf_conn *c)
{
    return c->fragment_length != 0 ? c->fragment_length : (size_t)HF_PLAINTEXT_MAX;
}

void hf_limit_clear_records(hf_conn *c)
{
    if (!c->established)
        c->in.limit = c->out.limit = in_session(c);
}

void hf_limit_incoming(hf_conn *c)
{
    c->in.limit = in_session(c);
    if (c->handshake->peer_record_limit != 0)
        c->in.limit = hf_own_record_limit(c);
}

void hf_limit_outgoing(hf_conn *c)
{
    c->out.limit = in_session(c);
    if (c->handshake->peer_record_limit != 0)
        c->out.limit = c->handshake->peer_record_limit;
}

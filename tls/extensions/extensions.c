#include "tls/extensions/extensions.h"

/* In the order in which they are sent. renegotiation_info goes first, since servers that choke on
 * an empty last extension are known, and signature_algorithms last for the same reason. */
static const hf_extension *const extensions[] = {
    &hf_extension_renegotiation_info,
    &hf_extension_server_name,
    &hf_extension_extended_master_secret,
    &hf_extension_supported_groups,
    &hf_extension_ec_point_formats,
#if HF_USE_CBC && HF_WITH_ENCRYPT_THEN_MAC
    &hf_extension_encrypt_then_mac,
#endif
#if HF_USE_TRUNCATED_HMAC
    &hf_extension_truncated_hmac,
#endif
#if HF_WITH_ALPN
    &hf_extension_alpn,
#endif
#if HF_WITH_SESSION_TICKET
    &hf_extension_session_ticket,
#endif
#if HF_WITH_RECORD_LIMITS
    &hf_extension_max_fragment_length,
    &hf_extension_record_size_limit,
#endif
#if HF_USE_CERTIFICATE_URL
    &hf_extension_client_certificate_url,
#endif
#if HF_WITH_TRUSTED_CA_KEYS
    &hf_extension_trusted_ca_keys,
#endif
#if HF_WITH_STATUS_REQUEST
    &hf_extension_status_request,
#endif
    &hf_extension_signature_algorithms,
#if HF_WITH_PADDING
    &hf_extension_padding, /* to what the others come to */
#endif
};

#define EXTENSION_COUNT (sizeof extensions / sizeof extensions[0])
_Static_assert(EXTENSION_COUNT < 32, "hf_handshake.offered and .received have a bit for each");

const hf_extension_info *hf_extension_at(size_t index)
{
    return index < EXTENSION_COUNT ? &extensions[index]->info : NULL;
}

void hf_write_empty_extension(const hf_conn *c, hf_writer *w)
{
    (void)c, (void)w;
}

hf_error hf_read_empty_extension(hf_conn *c, hf_reader *r)
{
    (void)c, (void)r;
    return HF_OK;
}

/* Position in the table, or EXTENSION_COUNT. */
static size_t find_extension(uint16_t code)
{
    size_t i = 0;
    while (i < EXTENSION_COUNT && extensions[i]->info.code != code)
        i++;
    return i;
}

bool hf_extension_received(const hf_conn *c, const hf_extension *extension)
{
    return (c->handshake->received >> find_extension(extension->info.code) & 1) != 0;
}

static bool is_sent(const hf_conn *c, size_t index)
{
    const hf_extension *extension = extensions[index];
    if (hf_is_client(c->role))
        return extension->offers != NULL && extension->offers(c);
    return extension->answers != NULL && extension->answers(c);
}

void hf_write_extensions(hf_conn *c, hf_writer *w)
{
    size_t before = w->position;
    size_t block = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < EXTENSION_COUNT; i++) {
        c->handshake->compose_size = (uint16_t)w->position;
        if (!is_sent(c, i))
            continue;
        hf_write_u16(w, extensions[i]->info.code);
        size_t body = hf_write_vector_begin(w, 2);
        if (hf_is_client(c->role))
            extensions[i]->write_offer(c, w);
        else
            extensions[i]->write_answer(c, w);
        hf_write_vector_end(w, body, 2);
        c->handshake->offered |= UINT32_C(1) << i;
    }
    if (w->position == block + 2)
        w->position = before;
    else
        hf_write_vector_end(w, block, 2);
}

/* Of the extensions of a hello so many are compared with all that follow. A hello may have 16383,
 * most of them unknown, and should not cost more than their number. */
#define COMPARED_MAX 64

/* Whether a type occurs among the extensions before `end`: looking again costs less than
 * remembering. */
static bool occurs_before(hf_span block, size_t end, uint16_t code)
{
    hf_reader r = hf_reader_of((hf_span){block.data, end});
    while (hf_reader_left(&r) != 0) {
        if (hf_read_u16(&r) == code)
            return true;
        (void)hf_read_vector16(&r, 0, 0xffff);
    }
    return false;
}

/* Those that are known have a bit, however many others there are. */
static bool was_received(const hf_conn *c, uint16_t code)
{
    return (c->handshake->received >> find_extension(code) & 1) != 0;
}

static hf_error read_extension(hf_conn *c, uint16_t code, hf_span body)
{
    size_t index = find_extension(code);
    if (hf_is_client(c->role) &&
        (index == EXTENSION_COUNT || (c->handshake->offered >> index & 1) == 0))
        return HF_ERROR_EXTENSION_NOT_OFFERED;
    if (index == EXTENSION_COUNT)
        return HF_OK;
    hf_error (*read)(hf_conn *, hf_reader *) =
        hf_is_client(c->role) ? extensions[index]->read_answer : extensions[index]->read_offer;
    if (read == NULL)
        return hf_is_client(c->role) ? HF_ERROR_EXTENSION_NOT_OFFERED : HF_OK;
    c->handshake->received |= UINT32_C(1) << index;
    hf_reader r = hf_reader_of(body);
    hf_error error = read(c, &r);
    if (error == HF_OK && !hf_reader_done(&r))
        error = HF_ERROR_EXTENSION_SYNTAX;
    return error;
}

hf_error hf_read_extensions(hf_conn *c, hf_reader *r)
{
    c->handshake->received = 0;
    if (r->failed || hf_reader_left(r) == 0)
        return HF_OK;
    hf_reader rest = *r;
    hf_span block = hf_read_vector16(&rest, 0, 0xffff);
    if (!hf_reader_done(&rest)) {
        *r = rest;
        return rest.failed ? HF_ERROR_MESSAGE_SYNTAX : HF_ERROR_MESSAGE_TRAILING_BYTES;
    }
    r->position += 2; /* the offset of a failure is then that of the extension it is about */
    size_t compared = 0;
    for (size_t count = 0; hf_reader_left(r) != 0; count++) {
        if (count <= COMPARED_MAX)
            compared = r->position - (r->size - block.size);
        uint16_t code = hf_read_u16(r);
        hf_span body = hf_read_vector16(r, 0, 0xffff);
        if (r->failed)
            return HF_ERROR_EXTENSION_SYNTAX;
        if (was_received(c, code) || occurs_before(block, compared, code))
            return HF_ERROR_EXTENSION_DUPLICATE;
        hf_error error = read_extension(c, code, body);
        if (error != HF_OK)
            return error;
    }
    return HF_OK;
}

#include "tls/record/record.h"

#include "tls/wire/codes.h"

#include <string.h>

static size_t available(const hf_incoming *in)
{
    return in->end - in->start;
}

static bool is_protected(const hf_incoming *in)
{
    return in->protection.kind != HF_PROTECT_NOTHING;
}

static hf_error check_type(const hf_incoming *in, const uint8_t *header)
{
    uint8_t type = header[0];
    if (type >= HF_CONTENT_CHANGE_CIPHER_SPEC && type <= HF_CONTENT_APPLICATION_DATA)
        return HF_OK;
    if (in->begun)
        return HF_ERROR_RECORD_TYPE;
    /* RFC 5246 E.2: a V2 ClientHello has the high bit of its length set, and msg_type 1. */
    return (type & 0x80) != 0 && header[2] == 1 ? HF_ERROR_SSL2_HELLO : HF_ERROR_NOT_TLS;
}

/* Alerts in the clear may carry any version 3.x: a client that gives up over the ServerHello has
 * not taken over the version that the server chose in it. */
static bool is_version_right(const hf_incoming *in, const uint8_t *header)
{
    if (in->version == 0 || (header[0] == HF_CONTENT_ALERT && !is_protected(in)))
        return header[1] == 3;
    return (header[1] << 8 | header[2]) == in->version;
}

static hf_error check_header(const hf_incoming *in, const uint8_t *header)
{
    hf_error error = check_type(in, header);
    if (error != HF_OK)
        return error;
    if (!is_version_right(in, header))
        return HF_ERROR_RECORD_VERSION;
    size_t length = (size_t)header[3] << 8 | header[4];
    if (length > (is_protected(in) ? (size_t)HF_CIPHERTEXT_MAX : in->limit))
        return HF_ERROR_RECORD_OVERFLOW;
    /* RFC 5246 7.1: no other content between the pieces of a handshake message. Alerts may come at
     * any time, since they tell why the rest will not. */
    bool is_amid_message = in->message_size != 0 || in->header_reported;
    if (is_amid_message && header[0] != HF_CONTENT_HANDSHAKE && header[0] != HF_CONTENT_ALERT)
        return HF_ERROR_SPLIT_ACROSS_KEY_CHANGE;
    return HF_OK;
}

/* Lengths that the content types fix themselves, once the content's size is known. */
static hf_error check_content_size(hf_incoming *in, uint8_t type, size_t size)
{
    if (type == HF_CONTENT_APPLICATION_DATA) {
        if (size != 0)
            in->empty_records = 0;
        else if (++in->empty_records > HF_EMPTY_RECORDS_MAX)
            return HF_ERROR_TOO_MANY_EMPTY_RECORDS;
        return HF_OK;
    }
    if (size == 0)
        return HF_ERROR_RECORD_EMPTY;
    if (type == HF_CONTENT_ALERT && size != 2)
        return HF_ERROR_ALERT_LENGTH;
    if (type == HF_CONTENT_CHANGE_CIPHER_SPEC && size != 1)
        return HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT;
    return HF_OK;
}

/* Reads a record header; a protected record is opened as a whole, one in the clear is streamed.
 * HF_AGAIN: more bytes are needed. */
static hf_error begin_record(hf_incoming *in)
{
    if (available(in) < HF_RECORD_HEADER_SIZE)
        return HF_AGAIN;
    uint8_t *header = in->data + in->start;
    hf_error error = check_header(in, header);
    if (error != HF_OK)
        return error;
    uint8_t type = header[0];
    uint16_t version = (uint16_t)(header[1] << 8 | header[2]);
    size_t length = (size_t)header[3] << 8 | header[4];
    size_t content = HF_RECORD_HEADER_SIZE, size = length;
    in->begun = true;
    in->record_version = version;
    if (is_protected(in)) {
        if (available(in) < HF_RECORD_HEADER_SIZE + length)
            return HF_AGAIN;
        error = hf_protection_open(&in->protection, type, version, header + HF_RECORD_HEADER_SIZE,
                                   length, &size);
        if (error == HF_OK && size > in->limit)
            error = HF_ERROR_RECORD_OVERFLOW;
        if (error != HF_OK)
            return error;
        content += hf_protection_prefix(&in->protection);
        in->tail = length - hf_protection_prefix(&in->protection) - size;
    }
    error = check_content_size(in, type, size);
    if (error != HF_OK)
        return error;
    in->type = type;
    in->start += content;
    in->left = size;
    return HF_OK;
}

static void end_record(hf_incoming *in)
{
    in->start += in->left + in->tail;
    in->left = in->tail = 0;
    in->type = 0;
}

/* Bytes to be gathered: those of the header until they are there, then all that is not taken. */
static size_t message_wanted(const hf_incoming *in)
{
    return in->header_reported ? in->message_total - in->message_taken : HF_MESSAGE_HEADER_SIZE;
}

static void note_header(hf_incoming *in)
{
    const uint8_t *header = in->data + in->message;
    in->header_reported = true;
    in->message_total =
        HF_MESSAGE_HEADER_SIZE + ((uint32_t)header[1] << 16 | (uint32_t)header[2] << 8 | header[3]);
}

/* Takes handshake bytes of the current record until the gathered message has `wanted` bytes. The
 * first piece is used where it stands; later ones are moved up to it. */
static void gather(hf_incoming *in, size_t wanted)
{
    size_t size = wanted - in->message_size;
    if (size > in->left)
        size = in->left;
    if (size > available(in))
        size = available(in);
    if (in->message_size == 0)
        in->message = in->start;
    uint8_t *end = in->data + in->message + in->message_size;
    if (end != in->data + in->start)
        memmove(end, in->data + in->start, size);
    in->message_size += size;
    in->start += size;
    in->left -= size;
}

/* What there is of a message whose header is known. */
static hf_item message_item(const hf_incoming *in)
{
    if (!in->header_reported)
        return HF_ITEM_NONE;
    if (HF_WITH_CLIENT && in->in_parts)
        return in->message_size > in->examined ? HF_ITEM_PART : HF_ITEM_NONE;
    return in->message_size == message_wanted(in) ? HF_ITEM_MESSAGE : HF_ITEM_NONE;
}

static hf_error next_handshake_item(hf_incoming *in, hf_item *item)
{
    size_t wanted = message_wanted(in);
    if (in->message_size < wanted)
        gather(in, wanted);
    if (in->left == 0)
        end_record(in);
    if (!in->header_reported && in->message_size == HF_MESSAGE_HEADER_SIZE) {
        note_header(in);
        *item = HF_ITEM_HEADER;
    } else {
        *item = message_item(in);
    }
    return HF_OK;
}

static hf_item item_of(const hf_incoming *in)
{
    if (in->type == HF_CONTENT_APPLICATION_DATA)
        return HF_ITEM_DATA;
    if (available(in) < in->left)
        return HF_ITEM_NONE; /* the rest of a short record in the clear is still to come */
    return in->type == HF_CONTENT_ALERT ? HF_ITEM_ALERT : HF_ITEM_CHANGE_CIPHER_SPEC;
}

#define V2_HEADER_SIZE  2
#define V2_CLIENT_HELLO 1

/* RFC 5246 E.2: two bytes of length with the high bit set, then msg_type 1. */
static bool is_v2_hello(const hf_incoming *in)
{
    const uint8_t *bytes = in->data + in->start;
    return HF_USE_V2_HELLO && in->accept_v2_hello && !in->begun && available(in) > V2_HEADER_SIZE &&
           (bytes[0] & 0x80) != 0 && bytes[V2_HEADER_SIZE] == V2_CLIENT_HELLO;
}

static size_t v2_hello_size(const hf_incoming *in)
{
    const uint8_t *bytes = in->data + in->start;
    return ((size_t)bytes[0] & 0x7f) << 8 | bytes[1];
}

static hf_error next_v2_item(hf_incoming *in, hf_item *item)
{
    size_t size = v2_hello_size(in);
    if (V2_HEADER_SIZE + size > in->size)
        return HF_ERROR_MESSAGE_EXCEEDS_BUFFER;
    if (available(in) < V2_HEADER_SIZE + size)
        return HF_OK;
    in->begun = true;
    in->message = in->start + V2_HEADER_SIZE;
    in->message_size = size;
    in->start += V2_HEADER_SIZE + size;
    *item = HF_ITEM_V2_HELLO;
    return HF_OK;
}

hf_error hf_incoming_next(hf_incoming *in, hf_item *item)
{
    *item = HF_ITEM_NONE;
    if (is_v2_hello(in))
        return next_v2_item(in, item);
    if (in->header_reported) {
        if (!in->in_parts && in->message_total > in->size)
            return HF_ERROR_MESSAGE_EXCEEDS_BUFFER;
        *item = message_item(in);
        if (*item != HF_ITEM_NONE)
            return HF_OK;
    }
    for (;;) {
        if (in->type == 0) {
            hf_error error = begin_record(in);
            if (error != HF_OK)
                return error == HF_AGAIN ? HF_OK : error;
        }
        if (in->type == HF_CONTENT_HANDSHAKE) {
            hf_error error = next_handshake_item(in, item);
            if (error != HF_OK || *item != HF_ITEM_NONE || in->type != 0)
                return error;
        } else if (in->type == HF_CONTENT_APPLICATION_DATA && in->left == 0) {
            end_record(in);
            *item = HF_ITEM_EMPTY;
            return HF_OK;
        } else {
            *item = item_of(in);
            if (*item == HF_ITEM_CHANGE_CIPHER_SPEC && in->data[in->start] != 1)
                return HF_ERROR_CHANGE_CIPHER_SPEC_CONTENT;
            return HF_OK;
        }
    }
}

hf_span hf_incoming_message(const hf_incoming *in)
{
    return (hf_span){in->data + in->message, in->message_size};
}

hf_span hf_incoming_data(const hf_incoming *in)
{
    return (hf_span){in->data + in->start, in->left};
}

void hf_incoming_alert(const hf_incoming *in, uint8_t *level, uint8_t *alert)
{
    *level = in->data[in->start];
    *alert = in->data[in->start + 1];
}

void hf_incoming_take_message(hf_incoming *in)
{
    in->message_size = in->examined = 0;
    in->message_taken = 0;
    in->header_reported = in->in_parts = false;
}

void hf_incoming_take_part(hf_incoming *in, size_t size)
{
    in->message += size;
    in->message_size -= size;
    in->examined = in->message_size;
    in->message_taken += (uint32_t)size;
}

void hf_incoming_take_record(hf_incoming *in)
{
    end_record(in);
}

void hf_incoming_take_data(hf_incoming *in, size_t size)
{
    in->start += size;
    in->left -= size;
    if (in->left == 0)
        end_record(in);
}

/* Bytes that must fit behind `start` for the next step: a whole protected record, or something of
 * a record in the clear. */
static size_t room_wanted(const hf_incoming *in)
{
    if (is_v2_hello(in))
        return V2_HEADER_SIZE + v2_hello_size(in);
    if (in->type == HF_CONTENT_APPLICATION_DATA || in->type == HF_CONTENT_ALERT)
        return in->left + in->tail;
    if (in->type != 0)
        return in->left < HF_RECORD_HEADER_SIZE ? in->left : HF_RECORD_HEADER_SIZE;
    if (!is_protected(in) || available(in) < HF_RECORD_HEADER_SIZE)
        return HF_RECORD_HEADER_SIZE + 1;
    const uint8_t *header = in->data + in->start;
    return HF_RECORD_HEADER_SIZE + ((size_t)header[3] << 8 | header[4]);
}

hf_error hf_incoming_make_room(hf_incoming *in)
{
    if (in->message_size == 0 && in->start == in->end) {
        in->start = in->end = 0;
        return HF_OK;
    }
    size_t wanted = room_wanted(in);
    if (in->size - in->start >= wanted && in->end < in->size)
        return HF_OK;
    size_t kept = in->message_size;
    if (kept != 0 && in->message != 0)
        memmove(in->data, in->data + in->message, kept);
    in->message = 0;
    memmove(in->data + kept, in->data + in->start, available(in));
    in->end = kept + available(in);
    in->start = kept;
    if (in->size - in->start < wanted)
        return kept != 0 ? HF_ERROR_MESSAGE_EXCEEDS_BUFFER : HF_ERROR_RECORD_EXCEEDS_BUFFER;
    return HF_OK;
}

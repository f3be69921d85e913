#include "tls/record/record.h"

#include "tls/wire/codes.h"
#include <handfast/alert.h>

#include <string.h>

/* A new record is begun only where this much payload fits, so that a nearly full buffer does not
 * fall apart into tiny records. */
#define PAYLOAD_WORTH_A_RECORD 256

/* TLS 1.0 chains the IVs of CBC records, so that whoever can choose the next plaintext can test
 * guesses (RFC 4346 F.3). Application data therefore goes out as two records, the first of one
 * byte: its MAC makes the IV of the second unpredictable. */
static bool is_split(const hf_outgoing *out, uint8_t type)
{
    return HF_USE_SPLIT && out->protection.split && type == HF_CONTENT_APPLICATION_DATA;
}

/* Where payload goes. With a split the record for the first byte is put in front when the record
 * is sealed; the header of the second record then ends upon that byte's first place. */
static size_t payload_offset(const hf_outgoing *out, uint8_t type)
{
    size_t offset = out->end + HF_RECORD_HEADER_SIZE + hf_protection_prefix(&out->protection);
    if (is_split(out, type))
        offset += hf_protection_sealed_size(&out->protection, 1) + HF_RECORD_HEADER_SIZE - 1;
    return offset;
}

static size_t capacity(const hf_outgoing *out, uint8_t type)
{
    size_t used =
        payload_offset(out, type) + hf_protection_suffix_max(&out->protection) + HF_ALERT_RESERVE;
    if (used >= out->size)
        return 0;
    size_t fits = out->size - used;
    if (out->open_size == 0 && out->end != 0 && fits < PAYLOAD_WORTH_A_RECORD)
        return 0;
    return fits < out->limit ? fits : out->limit;
}

hf_buf hf_outgoing_room(const hf_outgoing *out, uint8_t type)
{
    size_t most = capacity(out, type);
    if (most <= out->open_size)
        return (hf_buf){NULL, 0};
    return (hf_buf){out->data + payload_offset(out, type) + out->open_size, most - out->open_size};
}

void hf_outgoing_added(hf_outgoing *out, size_t size)
{
    out->open_type = HF_CONTENT_APPLICATION_DATA;
    out->open_size += size;
}

/* Seals the payload that stands right behind a header and prefix at out->end. */
static hf_error seal_record(hf_outgoing *out, uint8_t type, size_t size)
{
    uint8_t *header = out->data + out->end;
    uint8_t *payload = header + HF_RECORD_HEADER_SIZE + hf_protection_prefix(&out->protection);
    hf_error error = hf_protection_seal(&out->protection, type, out->version, payload, size);
    if (error != HF_OK)
        return error;
    size_t fragment = hf_protection_sealed_size(&out->protection, size);
    header[0] = type;
    header[1] = (uint8_t)(out->version >> 8);
    header[2] = (uint8_t)out->version;
    header[3] = (uint8_t)(fragment >> 8);
    header[4] = (uint8_t)fragment;
    out->end += HF_RECORD_HEADER_SIZE + fragment;
    return HF_OK;
}

static hf_error seal_split(hf_outgoing *out, uint8_t type, size_t size)
{
    uint8_t first = out->data[payload_offset(out, type)];
    out->data[out->end + HF_RECORD_HEADER_SIZE] = first;
    hf_error error = seal_record(out, type, 1);
    if (error != HF_OK || size == 1)
        return error;
    return seal_record(out, type, size - 1);
}

hf_error hf_outgoing_seal(hf_outgoing *out)
{
    if (out->open_size == 0)
        return HF_OK;
    size_t size = out->open_size;
    out->open_size = 0;
    return is_split(out, out->open_type) ? seal_split(out, out->open_type, size)
                                         : seal_record(out, out->open_type, size);
}

hf_error hf_outgoing_append(hf_outgoing *out, uint8_t type, hf_span bytes, size_t *taken)
{
    *taken = 0;
    if (out->open_size != 0 && out->open_type != type) {
        hf_error error = hf_outgoing_seal(out);
        if (error != HF_OK)
            return error;
    }
    while (*taken < bytes.size) {
        hf_buf room = hf_outgoing_room(out, type);
        size_t left = bytes.size - *taken;
        size_t size = left < room.size ? left : room.size;
        if (size != 0) {
            memcpy(room.data, bytes.data + *taken, size);
            out->open_type = type;
            out->open_size += size;
            *taken += size;
        } else if (out->open_size != 0) {
            hf_error error = hf_outgoing_seal(out);
            if (error != HF_OK)
                return error;
        } else {
            break; /* until the application has sent what is pending */
        }
    }
    return HF_OK;
}

bool hf_outgoing_has_room_for_warning(const hf_outgoing *out)
{
    return out->size - out->end >= 2 * (size_t)HF_ALERT_RESERVE;
}

hf_error hf_outgoing_alert(hf_outgoing *out, uint8_t level, uint8_t alert)
{
    uint8_t *payload = out->data + payload_offset(out, HF_CONTENT_ALERT);
    payload[0] = level;
    payload[1] = alert;
    return seal_record(out, HF_CONTENT_ALERT, 2);
}

void hf_outgoing_drop(hf_outgoing *out)
{
    out->open_size = 0;
}

void hf_outgoing_sent(hf_outgoing *out, size_t size)
{
    out->start += size;
    if (out->start == out->end && out->open_size == 0)
        out->start = out->end = 0;
}

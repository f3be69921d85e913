/* record: framing, fragmentation and protection of records, and alerts on the wire (RFC 5246 6).
 *
 *   record.h      framing and alerts (this file)
 *   protection.h  one record sealed or opened, in place; protection*.c, record_mac.c
 *   incoming.c    from bytes received to handshake messages, alerts, data
 *   outgoing.c    from payload to records
 *
 * Knows record buffers and keys, but neither the handshake nor hf_conn. */
#ifndef HF_RECORD_RECORD_H
#define HF_RECORD_RECORD_H

#include "tls/record/protection.h"

#define HF_RECORD_HEADER_SIZE  5
#define HF_MESSAGE_HEADER_SIZE 4

/* --- incoming.c --- */

typedef enum hf_item {
    HF_ITEM_NONE,     /* more bytes are needed                                          */
    HF_ITEM_HEADER,   /* the header of a handshake message: reported once, for an early check */
    HF_ITEM_MESSAGE,  /* a whole handshake message: hf_incoming_message                 */
    HF_ITEM_PART,     /* more of one that is wanted in parts: hf_incoming_message             */
    HF_ITEM_V2_HELLO, /* a ClientHello in the format of SSL 2.0, likewise, without its length   */
    HF_ITEM_CHANGE_CIPHER_SPEC,
    HF_ITEM_ALERT, /* hf_incoming_alert                                                */
    HF_ITEM_DATA,  /* application data: hf_incoming_data                               */
    HF_ITEM_EMPTY  /* an empty record of application data, taken already               */
} hf_item;

/* Parses on to the next item. The same MESSAGE, ALERT or DATA is reported until it is taken. */
HF_MUST_USE hf_error hf_incoming_next(hf_incoming *in, hf_item *item);

hf_span hf_incoming_message(const hf_incoming *in); /* with its header; also after HEADER */
hf_span hf_incoming_data(const hf_incoming *in);
void hf_incoming_alert(const hf_incoming *in, uint8_t *level, uint8_t *alert);

void hf_incoming_take_message(hf_incoming *in);
/* The first `size` bytes of a part; the message ends when in->message_taken is in->message_total.
 */
void hf_incoming_take_part(hf_incoming *in, size_t size);
void hf_incoming_take_record(hf_incoming *in); /* a ChangeCipherSpec or an alert */
void hf_incoming_take_data(hf_incoming *in, size_t size);

/* Moves what is kept to the front of the buffer where the next piece would not fit behind it. */
HF_MUST_USE hf_error hf_incoming_make_room(hf_incoming *in);

/* --- outgoing.c --- */

/* Where payload of a content type goes, and how much of it fits into the record under construction:
 * 0 until the application has sent what is pending. */
hf_buf hf_outgoing_room(const hf_outgoing *out, uint8_t type);

/* Adds what fits of `bytes` to a record of `type`; seals records as they fill up, and before
 * another type. *taken may be less than bytes.size. */
HF_MUST_USE hf_error hf_outgoing_append(hf_outgoing *out, uint8_t type, hf_span bytes,
                                        size_t *taken);
/* Payload has been put into hf_outgoing_room by the application itself. */
void hf_outgoing_added(hf_outgoing *out, size_t size);

HF_MUST_USE hf_error hf_outgoing_seal(hf_outgoing *out);

/* Queues an alert behind all sealed records; there is always room for one. Payload that is not
 * sealed yet must have been sealed or dropped. */
HF_MUST_USE hf_error hf_outgoing_alert(hf_outgoing *out, uint8_t level, uint8_t alert);
bool hf_outgoing_has_room_for_warning(const hf_outgoing *out);
void hf_outgoing_drop(hf_outgoing *out);

void hf_outgoing_sent(hf_outgoing *out, size_t size);

#endif

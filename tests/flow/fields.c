#include "tests/flow/fields.h"

#include "tls/wire/codes.h"

#include <criterion/criterion.h>

typedef struct walk {
    fields *out;
    const fields_context *context;
    const uint8_t *bytes;
    size_t at;
    int32_t extension;
} walk;

static size_t number(const walk *w, size_t at, size_t width)
{
    size_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | w->bytes[at + i];
    return value;
}

static void end_list(fields *out)
{
    cr_assert_lt(out->count, FIELDS_MAX);
    out->of[out->count].kind = FIELD_KINDS;
}

static void add(walk *w, field_kind kind, uint8_t width, size_t end, bool is_value)
{
    cr_assert_lt(w->out->count, FIELDS_MAX);
    w->out->of[w->out->count++] = (field){.kind = kind,
                                          .width = width,
                                          .at = w->at,
                                          .end = end,
                                          .extension = w->extension,
                                          .is_value = is_value};
    w->at += width;
}

static size_t code(walk *w, field_kind kind, uint8_t width)
{
    add(w, kind, width, w->at + width, false);
    return number(w, w->at - width, width);
}

/* A length and what it counts; returns where that ends. */
static size_t vector(walk *w, uint8_t width)
{
    size_t end = w->at + width + number(w, w->at, width);
    add(w, FIELD_LENGTH, width, end, false);
    return end;
}

/* opaque name<..>; */
static void opaque(walk *w, uint8_t width)
{
    size_t end = w->at + width + number(w, w->at, width);
    add(w, FIELD_LENGTH, width, end, true);
    w->at = end;
}

static void opaques(walk *w, uint8_t outer, uint8_t inner)
{
    size_t end = vector(w, outer);
    while (w->at < end)
        opaque(w, inner);
}

static void codes(walk *w, uint8_t outer, field_kind kind, uint8_t width)
{
    size_t end = vector(w, outer);
    while (w->at < end)
        (void)code(w, kind, width);
}

/* ---------------------------------------------------------------- hellos */

/* RFC 6066 3: ServerNameList. */
static void server_names(walk *w)
{
    size_t end = vector(w, 2);
    while (w->at < end) {
        (void)code(w, FIELD_NAME_TYPE, 1);
        opaque(w, 2);
    }
}

/* RFC 6066 6: TrustedAuthorities. */
static void trusted_authorities(walk *w)
{
    size_t end = vector(w, 2);
    while (w->at < end) {
        size_t type = code(w, FIELD_IDENTIFIER_TYPE, 1);
        if (type == 2)
            opaque(w, 2);
        else
            w->at += type == 0 ? 0 : 20;
    }
}

/* RFC 6066 8: CertificateStatusRequest. */
static void status_request(walk *w)
{
    (void)code(w, FIELD_STATUS_TYPE, 1);
    opaques(w, 2, 2);
    opaque(w, 2);
}

static void body(walk *w, size_t end)
{
    if (w->at == end)
        return; /* those without a body, and answers that only acknowledge */
    switch (w->extension) {
    case 0:
        server_names(w);
        break;
    case 1: /* RFC 6066 4 */
        (void)code(w, FIELD_FRAGMENT_LENGTH, 1);
        break;
    case 3:
        trusted_authorities(w);
        break;
    case 5:
        status_request(w);
        break;
    case 10: /* RFC 8422 5.1.1 */
        codes(w, 2, FIELD_GROUP, 2);
        break;
    case 11: /* RFC 8422 5.1.2 */
        codes(w, 1, FIELD_POINT_FORMAT, 1);
        break;
    case 13: /* RFC 5246 7.4.1.4.1 */
        codes(w, 2, FIELD_SCHEME, 2);
        break;
    case 16: /* RFC 7301 3.1 */
        opaques(w, 2, 1);
        break;
    case 28: /* RFC 8449 4 */
        (void)code(w, FIELD_SIZE_LIMIT, 2);
        break;
    case 0xff01: /* RFC 5746 3.2 */
        opaque(w, 1);
        break;
    default: /* RFC 5077 3.2: a ticket; RFC 7685 3: padding */
        cr_assert(w->extension == 35 || w->extension == 21, "extension %d has no form here",
                  (int)w->extension);
        w->at = end;
    }
}

/* RFC 5246 7.4.1.4. Some hellos have none. */
static void extensions(walk *w, size_t end)
{
    if (w->at == end)
        return;
    cr_assert_eq(vector(w, 2), end);
    while (w->at < end) {
        int32_t type = (int32_t)code(w, FIELD_EXTENSION, 2);
        size_t body_end = vector(w, 2);
        /* The length of a body belongs to the extension as much as what is in it. */
        w->out->of[w->out->count - 1].extension = w->extension = type;
        w->out->of[w->out->count - 1].is_value = type == 35 || type == 21;
        body(w, body_end);
        cr_assert_eq(w->at, body_end);
        w->extension = NO_EXTENSION;
    }
}

/* RFC 5246 7.4.1.2 and 7.4.1.3. */
static void hello(walk *w, size_t end)
{
    (void)code(w, FIELD_VERSION, 2);
    w->at += 32;
    opaque(w, 1);
    if (w->context->sender == HF_CLIENT) {
        codes(w, 2, FIELD_SUITE, 2);
        codes(w, 1, FIELD_COMPRESSION, 1);
    } else {
        (void)code(w, FIELD_SUITE, 2);
        (void)code(w, FIELD_COMPRESSION, 1);
    }
    extensions(w, end);
}

/* ---------------------------------------------------------------- the other messages */

static void signature(walk *w)
{
    if (w->context->version == HF_TLS1_2)
        (void)code(w, FIELD_SCHEME, 2);
    opaque(w, 2);
}

/* RFC 5246 7.4.3, RFC 8422 5.4, RFC 4279 2 and 3. */
static void server_key_exchange(walk *w)
{
    const hf_suite *suite = hf_suite_of(w->context->suite);
    hf_key_exchange kx = suite->key_exchange;
    if (kx == HF_KX_PSK || kx == HF_KX_DHE_PSK || kx == HF_KX_ECDHE_PSK || kx == HF_KX_RSA_PSK)
        opaque(w, 2);
    if (kx == HF_KX_ECDHE || kx == HF_KX_ECDHE_PSK) {
        (void)code(w, FIELD_CURVE_TYPE, 1);
        (void)code(w, FIELD_GROUP, 2);
        opaque(w, 1);
    }
    for (int i = 0; i < 3 && (kx == HF_KX_DHE || kx == HF_KX_DHE_PSK); i++)
        opaque(w, 2);
    if ((kx == HF_KX_DHE || kx == HF_KX_ECDHE) && suite->authentication != HF_KEY_NONE)
        signature(w);
}

/* RFC 5246 7.4.7, RFC 8422 5.7, RFC 4279. */
static void client_key_exchange(walk *w)
{
    hf_key_exchange kx = hf_suite_of(w->context->suite)->key_exchange;
    if (kx == HF_KX_PSK || kx == HF_KX_DHE_PSK || kx == HF_KX_ECDHE_PSK || kx == HF_KX_RSA_PSK)
        opaque(w, 2);
    if (kx == HF_KX_ECDHE || kx == HF_KX_ECDHE_PSK)
        opaque(w, 1);
    else if (kx != HF_KX_PSK)
        opaque(w, 2);
}

/* RFC 5246 7.4.4, RFC 4346 7.4.4. */
static void certificate_request(walk *w)
{
    codes(w, 1, FIELD_CERTIFICATE_TYPE, 1);
    if (w->context->version == HF_TLS1_2)
        codes(w, 2, FIELD_SCHEME, 2);
    opaques(w, 2, 2);
}

/* RFC 6066 5. */
static void certificate_url(walk *w)
{
    (void)code(w, FIELD_CHAIN_TYPE, 1);
    size_t end = vector(w, 2);
    while (w->at < end) {
        opaque(w, 2);
        (void)code(w, FIELD_HASH_FOLLOWS, 1);
        w->at += 20;
    }
}

static void message_body(walk *w, uint8_t type, size_t end)
{
    switch (type) {
    case HF_CLIENT_HELLO:
    case HF_SERVER_HELLO:
        hello(w, end);
        break;
    case HF_CERTIFICATE: /* RFC 5246 7.4.2 */
        opaques(w, 3, 3);
        break;
    case HF_CERTIFICATE_STATUS: /* RFC 6066 8 */
        (void)code(w, FIELD_STATUS_TYPE, 1);
        opaque(w, 3);
        break;
    case HF_SERVER_KEY_EXCHANGE:
        server_key_exchange(w);
        break;
    case HF_CERTIFICATE_REQUEST:
        certificate_request(w);
        break;
    case HF_CLIENT_KEY_EXCHANGE:
        client_key_exchange(w);
        break;
    case HF_CERTIFICATE_VERIFY:
        signature(w);
        break;
    case HF_CERTIFICATE_URL:
        certificate_url(w);
        break;
    case HF_NEW_SESSION_TICKET: /* RFC 5077 3.3 */
        w->at += 4;
        opaque(w, 2);
        break;
    case HF_FINISHED:
        w->at += 12;
        break;
    default:
        cr_assert(type == HF_HELLO_REQUEST || type == HF_SERVER_HELLO_DONE, "%u", type);
    }
}

void fields_of_message(fields *out, const fields_context *context, const uint8_t *bytes,
                       size_t size)
{
    walk w = {.out = out, .context = context, .bytes = bytes, .extension = NO_EXTENSION};
    out->count = 0;
    uint8_t type = (uint8_t)code(&w, FIELD_MESSAGE_TYPE, 1);
    cr_assert_eq(vector(&w, 3), size);
    message_body(&w, type, size);
    cr_assert_eq(w.at, size, "%s has another form", hf_message_name(type));
    end_list(out);
}

void fields_of_content(fields *out, uint8_t content, size_t size)
{
    const uint8_t nothing[2] = {0};
    walk w = {.out = out, .bytes = nothing, .extension = NO_EXTENSION};
    out->count = 0;
    if (content == HF_CONTENT_CHANGE_CIPHER_SPEC && size == 1)
        (void)code(&w, FIELD_CHANGE, 1);
    if (content == HF_CONTENT_ALERT && size == 2) {
        (void)code(&w, FIELD_ALERT_LEVEL, 1);
        (void)code(&w, FIELD_ALERT, 1);
    }
    end_list(out);
}

/* ---------------------------------------------------------------- registries */

/* IANA TLS Parameters, TLS Extensions and TLS HandshakeType registries as of RFC 8447, with values
 * reserved by RFC 8701 (GREASE), for private use, and not assigned. */
static const uint16_t content_types[] = {0, 19, 20, 21, 22, 23, 24, 25, 64, 128, 255};
static const uint16_t message_types[] = {0,  1,  2,  3,  4,  5,  6,  8,  11, 12,  13,
                                         14, 15, 16, 20, 21, 22, 23, 24, 67, 254, 255};
static const uint16_t versions[] = {0,      0x0002, 0x0200, 0x0300, 0x0301, 0x0302, 0x0303,
                                    0x0304, 0x03ff, 0x0400, 0x7f12, 0xfefd, 0xffff};
static const uint16_t suites[] = {
    0x0000, 0x0001, 0x0004, 0x0005, 0x000a, 0x0013, 0x002c, 0x002d, 0x002e, 0x002f, 0x0032, 0x0033,
    0x0034, 0x0035, 0x003c, 0x0067, 0x008c, 0x0090, 0x0094, 0x009c, 0x009e, 0x00a2, 0x00a6, 0x00a8,
    0x00aa, 0x00ac, 0x00ae, 0x00ff, 0x0a0a, 0x1301, 0x5600, 0xc009, 0xc013, 0xc018, 0xc023, 0xc027,
    0xc02b, 0xc02f, 0xc035, 0xc037, 0xc09c, 0xc0ac, 0xcca8, 0xcca9, 0xccab, 0xd001, 0xff00, 0xffff};
static const uint16_t compressions[] = {0, 1, 2, 63, 64, 223, 224, 255};
static const uint16_t extension_types[] = {
    0,  1,  2,  3,  4,  5,  6,  7,  9,  10, 11,     12,     13,     14,     15,     16,
    17, 18, 19, 21, 22, 23, 28, 35, 43, 44, 0x0a0a, 0x3374, 0xff00, 0xff01, 0xfffe, 0xffff};
static const uint16_t name_types[] = {0, 1, 255};
static const uint16_t fragment_lengths[] = {0, 1, 2, 3, 4, 5, 255};
static const uint16_t identifier_types[] = {0, 1, 2, 3, 4, 255};
static const uint16_t status_types[] = {0, 1, 2, 3, 255};
static const uint16_t groups[] = {0,     1,     14,     19,     22,     23,     24,    25,  26,
                                  29,    30,    31,     255,    256,    257,    258,   259, 260,
                                  0x1ff, 0xa0a, 0x6399, 0xfe00, 0xff01, 0xff02, 0xffff};
static const uint16_t point_formats[] = {0, 1, 2, 3, 247, 248, 255};
static const uint16_t schemes[] = {0x0000, 0x0001, 0x0003, 0x0101, 0x0102, 0x0103, 0x0200, 0x0201,
                                   0x0202, 0x0203, 0x0301, 0x0303, 0x0401, 0x0402, 0x0403, 0x0404,
                                   0x0501, 0x0503, 0x0601, 0x0603, 0x0703, 0x0708, 0x0804, 0x0805,
                                   0x0806, 0x0807, 0x0809, 0x0a0a, 0xe003, 0xfe00, 0xffff};
static const uint16_t size_limits[] = {0,    1,    63,    64,    65,    511,   512,
                                       1024, 4096, 16384, 16385, 32768, 0xffff};
static const uint16_t certificate_types[] = {0, 1, 2, 3, 4, 5, 6, 20, 64, 65, 66, 67, 224, 255};
static const uint16_t curve_types[] = {0, 1, 2, 3, 4, 247, 248, 255};
static const uint16_t chain_types[] = {0, 1, 2, 255};
static const uint16_t hash_follows[] = {0, 1, 2, 255};
static const uint16_t changes[] = {0, 1, 2, 255};
static const uint16_t alert_levels[] = {0, 1, 2, 3, 255};
static const uint16_t alerts[] = {0,   10,  20,  21,  22,  30,  40,  41,  42,  43,  44, 45,  46,
                                  47,  48,  49,  50,  51,  60,  70,  71,  80,  86,  90, 100, 109,
                                  110, 111, 112, 113, 114, 115, 116, 120, 121, 200, 255};

#define VALUES(array)                           \
    {                                           \
        array, sizeof(array) / sizeof(array)[0] \
    }

static const struct {
    const uint16_t *values;
    size_t count;
} registries[FIELD_KINDS] = {
    [FIELD_CONTENT_TYPE] = VALUES(content_types),
    [FIELD_MESSAGE_TYPE] = VALUES(message_types),
    [FIELD_VERSION] = VALUES(versions),
    [FIELD_SUITE] = VALUES(suites),
    [FIELD_COMPRESSION] = VALUES(compressions),
    [FIELD_EXTENSION] = VALUES(extension_types),
    [FIELD_NAME_TYPE] = VALUES(name_types),
    [FIELD_FRAGMENT_LENGTH] = VALUES(fragment_lengths),
    [FIELD_IDENTIFIER_TYPE] = VALUES(identifier_types),
    [FIELD_STATUS_TYPE] = VALUES(status_types),
    [FIELD_GROUP] = VALUES(groups),
    [FIELD_POINT_FORMAT] = VALUES(point_formats),
    [FIELD_SCHEME] = VALUES(schemes),
    [FIELD_SIZE_LIMIT] = VALUES(size_limits),
    [FIELD_CERTIFICATE_TYPE] = VALUES(certificate_types),
    [FIELD_CURVE_TYPE] = VALUES(curve_types),
    [FIELD_CHAIN_TYPE] = VALUES(chain_types),
    [FIELD_HASH_FOLLOWS] = VALUES(hash_follows),
    [FIELD_CHANGE] = VALUES(changes),
    [FIELD_ALERT_LEVEL] = VALUES(alert_levels),
    [FIELD_ALERT] = VALUES(alerts),
};

const uint16_t *field_values(field_kind kind, size_t *count)
{
    *count = registries[kind].count;
    return registries[kind].values;
}

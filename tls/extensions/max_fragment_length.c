/* max_fragment_length, RFC 6066 4: 2^9 to 2^12 bytes of payload in every record from the hellos on,
 * for the session and its resumptions. */
#include "tls/extensions/extensions.h"

#define LENGTH_MIN 512
#define CODE_MAX   4

static uint16_t length_of(uint8_t code)
{
    if (code < 1 || code > CODE_MAX)
        return 0;
    return (uint16_t)(LENGTH_MIN << (code - 1));
}

/* What the configuration says, or what the receive buffer asks for; never more than fits into that.
 * 0: nothing is asked for. */
static uint16_t wanted_length(const hf_conn *c)
{
    size_t configured = c->config->max_fragment_length, most = hf_own_record_limit(c);
    bool is_wanted = configured != 0 || most < HF_PLAINTEXT_MAX;
    if (!is_wanted || c->config->without_max_fragment_length)
        return 0;
    if (configured != 0 && configured < most)
        most = configured;
    uint8_t code = CODE_MAX;
    while (code != 0 && length_of(code) > most)
        code--;
    return length_of(code);
}

bool hf_fragment_length_suits(const hf_conn *c, uint16_t length)
{
    return length == 0 || length == wanted_length(c);
}

static bool offers(const hf_conn *c)
{
    return wanted_length(c) != 0;
}

static void write_length(hf_writer *w, uint16_t length)
{
    uint8_t code = 1;
    while (length_of(code) != length)
        code++;
    hf_write_u8(w, code);
}

static void write_offer(const hf_conn *c, hf_writer *w)
{
    write_length(w, wanted_length(c));
}

static hf_error read_offer(hf_conn *c, hf_reader *r)
{
    uint8_t code = hf_read_u8(r);
    if (!hf_reader_done(r))
        return HF_ERROR_EXTENSION_SYNTAX;
    if (length_of(code) == 0)
        return HF_ERROR_FRAGMENT_LENGTH_WRONG;
    if (!c->config->without_max_fragment_length)
        c->fragment_length = length_of(code);
    return HF_OK;
}

static bool answers(const hf_conn *c)
{
    return c->fragment_length != 0;
}

static void write_answer(const hf_conn *c, hf_writer *w)
{
    write_length(w, c->fragment_length);
}

static hf_error read_answer(hf_conn *c, hf_reader *r)
{
    uint8_t code = hf_read_u8(r);
    if (!hf_reader_done(r))
        return HF_ERROR_EXTENSION_SYNTAX;
    c->fragment_length = length_of(code);
    return c->fragment_length == wanted_length(c) ? HF_OK : HF_ERROR_FRAGMENT_LENGTH_WRONG;
}

const hf_extension hf_extension_max_fragment_length = {
    .info = HF_EXTENSION_INFO(1, "max_fragment_length", "RFC 6066 4"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_offer),
    .read_offer = HF_SERVER_ONLY(read_offer),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_answer),
    .read_answer = HF_CLIENT_ONLY(read_answer),
};

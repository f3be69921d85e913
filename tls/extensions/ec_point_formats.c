/* ec_point_formats, RFC 8422 5.1.2 and 5.2: only the uncompressed form is left, and both sides must
 * have it. */
#include "tls/extensions/extensions.h"

#include "tls/wire/settings.h"

#include <string.h>

static bool offers(const hf_conn *c)
{
    return hf_settings_use_curves(c->config);
}

static void write_formats(const hf_conn *c, hf_writer *w)
{
    (void)c;
    hf_write_u8(w, 1);
    hf_write_u8(w, HF_POINT_FORMAT_UNCOMPRESSED);
}

static hf_error read_formats(hf_conn *c, hf_reader *r)
{
    (void)c;
    hf_span formats = hf_read_vector8(r, 1, 255);
    if (!hf_reader_done(r))
        return HF_ERROR_EXTENSION_SYNTAX;
    return memchr(formats.data, HF_POINT_FORMAT_UNCOMPRESSED, formats.size) != NULL
               ? HF_OK
               : HF_ERROR_NO_UNCOMPRESSED_POINTS;
}

static bool answers(const hf_conn *c)
{
    return hf_suite_uses_curve(c->suite) &&
           hf_extension_received(c, &hf_extension_ec_point_formats);
}

const hf_extension hf_extension_ec_point_formats = {
    .info = HF_EXTENSION_INFO(11, "ec_point_formats", "RFC 8422 5.1.2"),
    .offers = HF_CLIENT_ONLY(offers),
    .write_offer = HF_CLIENT_ONLY(write_formats),
    .read_offer = HF_SERVER_ONLY(read_formats),
    .answers = HF_SERVER_ONLY(answers),
    .write_answer = HF_SERVER_ONLY(write_formats),
    .read_answer = HF_CLIENT_ONLY(read_formats),
};

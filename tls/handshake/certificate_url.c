/* CertificateURL, RFC 6066 5: in place of the client's Certificate. The server's application
 * fetches what the URLs name; that it is what the client meant is told by its hash. */
#include "tls/handshake/handshake.h"

#include "tls/x509/der.h"

#include <string.h>

/* RFC 3546 3.3 has a Boolean hash_present here, RFC 6066 5 a byte that is always 1. */
#define HASH_PRESENT 1

hf_error hf_write_certificate_url(hf_conn *c, hf_writer *w)
{
    hf_handshake *h = c->handshake;
    const hf_credentials *own = h->credentials;
    h->client_has_certificate = h->has_urls = true;
    hf_write_u8(w, (uint8_t)own->url_type);
    size_t list = hf_write_vector_begin(w, 2);
    for (size_t i = 0; i < own->url_count; i++) {
        hf_write_vector(w, own->urls[i].url, 2);
        hf_write_u8(w, HASH_PRESENT);
        hf_write_bytes(w, (hf_span){own->urls[i].sha1, sizeof own->urls[i].sha1});
    }
    hf_write_vector_end(w, list, 2);
    return HF_OK;
}

/* One URLAndHash; false where the byte between the two is wrong. */
static bool read_url(hf_reader *list, hf_span *url, hf_span *sha1)
{
    *url = hf_read_vector16(list, 1, 0xffff);
    uint8_t padding = hf_read_u8(list);
    bool is_good = list->failed || padding == HASH_PRESENT;
    *sha1 = hf_read_bytes(list, HF_URL_HASH_SIZE);
    return is_good;
}

static hf_error check_list(hf_span urls, size_t *count)
{
    hf_span url, sha1;
    hf_reader list = hf_reader_of(urls);
    for (*count = 0; hf_reader_left(&list) != 0; ++*count) {
        if (!read_url(&list, &url, &sha1))
            return HF_ERROR_CERTIFICATE_URL_WRONG;
        if (list.failed)
            return HF_ERROR_MESSAGE_SYNTAX;
    }
    return HF_OK;
}

hf_error hf_read_certificate_url(hf_conn *c, hf_reader *r)
{
    hf_handshake *h = c->handshake;
    size_t count = 0;
    h->url_type = hf_read_u8(r);
    h->urls = hf_read_vector16(r, 1, 0xffff);
    hf_error error = hf_message_end(r);
    if (error == HF_OK)
        error = check_list(h->urls, &count);
    if (error != HF_OK)
        return error;
    if (h->url_type > HF_URLS_OF_PKIPATH || (h->url_type == HF_URLS_OF_PKIPATH && count != 1))
        return HF_ERROR_CERTIFICATE_URL_WRONG;
    if (count > HF_CHAIN_MAX)
        return HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG;
    h->url_count = (uint8_t)count;
    h->has_urls = true;
    return HF_OK;
}

static void find_url(const hf_handshake *h, size_t index, hf_span *url, hf_span *sha1)
{
    hf_reader list = hf_reader_of(h->urls);
    for (size_t i = 0; i <= index; i++)
        (void)read_url(&list, url, sha1);
}

static hf_error ask_for_next(hf_conn *c)
{
    hf_span url, sha1;
    find_url(c->handshake, c->handshake->fetched_count, &url, &sha1);
    c->question = (hf_question){.kind = HF_QUESTION_CERTIFICATE_URL,
                                .input = url,
                                .is_pkipath = c->handshake->url_type == HF_URLS_OF_PKIPATH};
    c->has_question = true;
    return HF_WAITING;
}

hf_error hf_take_fetched(hf_conn *c, const hf_answer *answer)
{
    hf_handshake *h = c->handshake;
    uint8_t digest[HF_URL_HASH_SIZE];
    hf_span url, sha1;
    if (answer->refused || answer->output.size == 0)
        return HF_ERROR_CERTIFICATE_UNOBTAINABLE;
    find_url(h, h->fetched_count, &url, &sha1);
    (void)hf_hash_digest(HF_HASH_SHA1, answer->output, digest);
    if (memcmp(digest, sha1.data, sizeof digest) != 0)
        return HF_ERROR_CERTIFICATE_URL_HASH_WRONG;
    h->fetched[h->fetched_count++] = answer->output;
    return HF_OK;
}

/* PkiPath, ITU-T X.509 (08/2005) 10: a SEQUENCE of certificates, the one nearest to the root first,
 * which is turned around. */
static hf_error open_pkipath(hf_handshake *h)
{
    hf_der whole = hf_der_open(h->fetched[0]);
    hf_der path = hf_der_enter(&whole, HF_DER_SEQUENCE);
    size_t count = 0;
    while (hf_der_more(&path)) {
        if (count == HF_CHAIN_MAX)
            return HF_ERROR_CERTIFICATE_CHAIN_TOO_LONG;
        h->fetched[count++] = hf_der_read_element(&path, HF_DER_SEQUENCE);
    }
    if (!hf_der_done(&path) || !hf_der_done(&whole) || count == 0)
        return HF_ERROR_CERTIFICATE_MALFORMED;
    for (size_t i = 0; i < count / 2; i++) {
        hf_span other = h->fetched[i];
        h->fetched[i] = h->fetched[count - 1 - i];
        h->fetched[count - 1 - i] = other;
    }
    h->fetched_count = h->url_count = (uint8_t)count;
    return HF_OK;
}

static hf_error take_all(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    hf_error error = h->url_type == HF_URLS_OF_PKIPATH ? open_pkipath(h) : HF_OK;
    h->are_fetched_taken = true;
    return error == HF_OK ? hf_take_chain(c, h->fetched, h->fetched_count) : error;
}

hf_error hf_finish_certificate_url(hf_conn *c)
{
    hf_handshake *h = c->handshake;
    if (h->fetched_count < h->url_count)
        return ask_for_next(c);
    if (!h->are_fetched_taken) {
        hf_error error = take_all(c);
        if (error != HF_OK)
            return error;
    }
    return hf_verify_certificate(c);
}

/* Fetches a page with BearSSL. */
#include "peer.h"

#include "bearssl_common.h"

/* bearssl_anchor.S */
extern uint8_t root_subject[], root_point[];
extern const uint32_t root_subject_size, root_point_size;

static br_ssl_client_context client;
static br_x509_minimal_context validation;
static br_x509_trust_anchor anchor = {
    .flags = BR_X509_TA_CA,
    .pkey = {.key_type = BR_KEYTYPE_EC, .key.ec.curve = BR_EC_secp256r1},
};

#define DAYS_TO_1970   719528u /* BearSSL counts from the year 0 */
#define SECONDS_OF_DAY 86400u

static void configure_validation(void)
{
    uint32_t now = (uint32_t)peer_time();
    anchor.dn.data = root_subject;
    anchor.dn.len = root_subject_size;
    anchor.pkey.key.ec.q = root_point;
    anchor.pkey.key.ec.qlen = root_point_size;
    br_x509_minimal_init(&validation, &br_sha256_vtable, &anchor, 1);
    br_x509_minimal_set_hash(&validation, br_sha256_ID, &br_sha256_vtable);
    br_x509_minimal_set_ecdsa(&validation, &FOOTPRINT_EC, &br_ecdsa_i15_vrfy_asn1);
    br_x509_minimal_set_time(&validation, now / SECONDS_OF_DAY + DAYS_TO_1970,
                             now % SECONDS_OF_DAY);
    br_ssl_engine_set_x509(&client.eng, &validation.vtable);
}

int main(void)
{
    peer_begin();
    br_ssl_client_zero(&client);
    configure_validation();
    if (!bear_configure(&client.eng) || br_ssl_client_reset(&client, PEER_NAME, 0) != 1)
        return 2;
    bear_begin(&client.eng);
    peer_handshake_begin();
    if (!bear_write(PEER_REQUEST, sizeof PEER_REQUEST - 1))
        return 1;
    peer_handshake_end();
    peer_take_page(bear_read);
    bear_close();
    peer_report_memory(sizeof client + IOBUF_SIZE, sizeof validation, 0);
    return 0;
}

/* Code points that the engine itself branches on. */
#ifndef HF_WIRE_CODES_H
#define HF_WIRE_CODES_H

/* ContentType, RFC 5246 6.2.1. */
enum {
    HF_CONTENT_CHANGE_CIPHER_SPEC = 20,
    HF_CONTENT_ALERT = 21,
    HF_CONTENT_HANDSHAKE = 22,
    HF_CONTENT_APPLICATION_DATA = 23
};

/* X(symbol, code, name): HandshakeType, RFC 5246 7.4 and IANA TLS HandshakeType. All registered
 * values up to TLS 1.2 are named for traces; which of them may come is said by flow.c alone. */
#define HF_MESSAGES(X)                               \
    X(HELLO_REQUEST, 0, "HelloRequest")              \
    X(CLIENT_HELLO, 1, "ClientHello")                \
    X(SERVER_HELLO, 2, "ServerHello")                \
    X(NEW_SESSION_TICKET, 4, "NewSessionTicket")     \
    X(CERTIFICATE, 11, "Certificate")                \
    X(SERVER_KEY_EXCHANGE, 12, "ServerKeyExchange")  \
    X(CERTIFICATE_REQUEST, 13, "CertificateRequest") \
    X(SERVER_HELLO_DONE, 14, "ServerHelloDone")      \
    X(CERTIFICATE_VERIFY, 15, "CertificateVerify")   \
    X(CLIENT_KEY_EXCHANGE, 16, "ClientKeyExchange")  \
    X(FINISHED, 20, "Finished")                      \
    X(CERTIFICATE_URL, 21, "CertificateURL")         \
    X(CERTIFICATE_STATUS, 22, "CertificateStatus")

enum {
#define HF_MESSAGE_ENUMERATOR(symbol, code, name) HF_##symbol = (code),
    HF_MESSAGES(HF_MESSAGE_ENUMERATOR)
#undef HF_MESSAGE_ENUMERATOR
};

/* CertificateStatusType, RFC 6066 8. */
#define HF_STATUS_TYPE_OCSP 1

/* ECCurveType, RFC 8422 5.4. */
#define HF_CURVE_TYPE_NAMED 3

/* Supported Groups, RFC 7919 2. */
#define HF_GROUP_FFDHE2048 256

/* ECPointFormat, RFC 8422 5.1.2. */
#define HF_POINT_FORMAT_UNCOMPRESSED 0

/* TLS_EMPTY_RENEGOTIATION_INFO_SCSV, RFC 5746 3.3. */
#define HF_SCSV_RENEGOTIATION 0x00ff
/* TLS_FALLBACK_SCSV, RFC 7507 2. */
#define HF_SCSV_FALLBACK      0x5600

#define HF_RANDOM_SIZE      32
#define HF_SESSION_ID_MAX   32
#define HF_MASTER_SIZE      48
#define HF_VERIFY_DATA_SIZE 12 /* RFC 5246 7.4.9 */

#endif

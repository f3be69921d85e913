/* The alert protocol's code points (RFC 5246 7.2, RFC 6066 9, RFC 7301 3.2; IANA TLS Alerts). */
#ifndef HANDFAST_ALERT_H
#define HANDFAST_ALERT_H

/* X(symbol, code, IANA name, RFC section) */
#define HF_ALERTS(X)                                                                         \
    X(CLOSE_NOTIFY, 0, "close_notify", "RFC 5246 7.2.1")                                     \
    X(UNEXPECTED_MESSAGE, 10, "unexpected_message", "RFC 5246 7.2.2")                        \
    X(BAD_RECORD_MAC, 20, "bad_record_mac", "RFC 5246 7.2.2")                                \
    X(DECRYPTION_FAILED, 21, "decryption_failed_RESERVED", "RFC 5246 7.2.2")                 \
    X(RECORD_OVERFLOW, 22, "record_overflow", "RFC 5246 7.2.2")                              \
    X(DECOMPRESSION_FAILURE, 30, "decompression_failure_RESERVED", "RFC 5246 7.2.2")         \
    X(HANDSHAKE_FAILURE, 40, "handshake_failure", "RFC 5246 7.2.2")                          \
    X(NO_CERTIFICATE, 41, "no_certificate_RESERVED", "RFC 5246 7.2.2")                       \
    X(BAD_CERTIFICATE, 42, "bad_certificate", "RFC 5246 7.2.2")                              \
    X(UNSUPPORTED_CERTIFICATE, 43, "unsupported_certificate", "RFC 5246 7.2.2")              \
    X(CERTIFICATE_REVOKED, 44, "certificate_revoked", "RFC 5246 7.2.2")                      \
    X(CERTIFICATE_EXPIRED, 45, "certificate_expired", "RFC 5246 7.2.2")                      \
    X(CERTIFICATE_UNKNOWN, 46, "certificate_unknown", "RFC 5246 7.2.2")                      \
    X(ILLEGAL_PARAMETER, 47, "illegal_parameter", "RFC 5246 7.2.2")                          \
    X(UNKNOWN_CA, 48, "unknown_ca", "RFC 5246 7.2.2")                                        \
    X(ACCESS_DENIED, 49, "access_denied", "RFC 5246 7.2.2")                                  \
    X(DECODE_ERROR, 50, "decode_error", "RFC 5246 7.2.2")                                    \
    X(DECRYPT_ERROR, 51, "decrypt_error", "RFC 5246 7.2.2")                                  \
    X(EXPORT_RESTRICTION, 60, "export_restriction_RESERVED", "RFC 5246 7.2.2")               \
    X(PROTOCOL_VERSION, 70, "protocol_version", "RFC 5246 7.2.2")                            \
    X(INSUFFICIENT_SECURITY, 71, "insufficient_security", "RFC 5246 7.2.2")                  \
    X(INTERNAL_ERROR, 80, "internal_error", "RFC 5246 7.2.2")                                \
    X(INAPPROPRIATE_FALLBACK, 86, "inappropriate_fallback", "RFC 7507 3")                    \
    X(USER_CANCELED, 90, "user_canceled", "RFC 5246 7.2.2")                                  \
    X(NO_RENEGOTIATION, 100, "no_renegotiation", "RFC 5246 7.2.2")                           \
    X(UNSUPPORTED_EXTENSION, 110, "unsupported_extension", "RFC 5246 7.2.2")                 \
    X(CERTIFICATE_UNOBTAINABLE, 111, "certificate_unobtainable", "RFC 6066 5")               \
    X(UNRECOGNIZED_NAME, 112, "unrecognized_name", "RFC 6066 3")                             \
    X(BAD_CERTIFICATE_STATUS_RESPONSE, 113, "bad_certificate_status_response", "RFC 6066 8") \
    X(BAD_CERTIFICATE_HASH_VALUE, 114, "bad_certificate_hash_value", "RFC 6066 5")           \
    X(UNKNOWN_PSK_IDENTITY, 115, "unknown_psk_identity", "RFC 4279 2")                       \
    X(NO_APPLICATION_PROTOCOL, 120, "no_application_protocol", "RFC 7301 3.2")

enum {
#define HF_ALERT_ENUMERATOR(symbol, code, name, section) HF_ALERT_##symbol = (code),
    HF_ALERTS(HF_ALERT_ENUMERATOR)
#undef HF_ALERT_ENUMERATOR
        HF_ALERT_NONE = 0xff /* not a code point: no alert */
};

#define HF_ALERT_LEVEL_WARNING 1
#define HF_ALERT_LEVEL_FATAL   2

#endif

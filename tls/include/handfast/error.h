/* Why a call or a handshake failed: one closed list of reasons, and what belongs to a failure. */
#ifndef HANDFAST_ERROR_H
#define HANDFAST_ERROR_H

#include <handfast/alert.h>
#include <handfast/types.h>

/* X(symbol, class, alert, RFC section, sentence)
 *
 * class   MISUSE        the application called something that it may not call, or configured it so;
 *                       these rows come first, so that they can be told without the table
 *         LOCAL         something here gave out: random, memory, a key, a buffer, an answer
 *         MISBEHAVED    the peer broke a rule of the protocol
 *         INCOMPATIBLE  the peer kept the rules, but there is nothing that both sides accept
 *         UNTRUSTED     the peer's certificate was refused
 *         ENDED         the peer or the transport ended the connection
 * alert   what is sent to the peer; none where there is nothing to send or nobody to send it to */
#define HF_REASONS(X)                                                                              \
    /* --- our own side --- */                                                                     \
    X(BAD_ARGUMENT, MISUSE, NONE, "", "An argument is NULL or outside its range.")                 \
    X(BAD_STATE, MISUSE, NONE, "", "The call is not allowed in the connection's present state.")   \
    X(BUFFER_TOO_SMALL, MISUSE, NONE, "", "A buffer is smaller than its minimum size.")            \
    X(NO_RANDOM_SOURCE, MISUSE, NONE, "RFC 5246 D.1", "The configuration has no random source.")   \
    X(NO_CREDENTIALS, MISUSE, NONE, "RFC 5246 7.4.2",                                              \
      "A certificate or its key is missing; a server needs at least one binding with both.")       \
    X(NO_TRUST_ANCHORS, MISUSE, NONE, "RFC 5280 6.1.1",                                            \
      "Peers are to be verified, but the configuration has no trust anchor.")                      \
    X(NOTHING_ENABLED, MISUSE, NONE, "RFC 5246 7.4.1.2",                                           \
      "The configuration leaves no version, cipher suite, group or scheme that can be used.")      \
    X(BAD_SERVER_NAME, MISUSE, NONE, "RFC 6066 3",                                                 \
      "The server name to ask for is missing, or is not a host name or an IP address.")            \
    X(BAD_PSK, MISUSE, NONE, "RFC 4279 5.3",                                                       \
      "A pre-shared key or its identity is empty or longer than allowed.")                         \
    X(BAD_PRIVATE_KEY, MISUSE, NONE, "RFC 8017 3.2",                                               \
      "The private key is malformed, of an unknown type or outside the limits.")                   \
    X(KEY_ENCRYPTED, MISUSE, NONE, "RFC 5958 3",                                                   \
      "The private key is encrypted with a password; give it in the clear.")                       \
    X(NO_CLOCK, LOCAL, INTERNAL_ERROR, "RFC 5280 6.1.3",                                           \
      "The time is not known and the policy does not allow validation without it.")                \
    X(RANDOM_FAILED, LOCAL, INTERNAL_ERROR, "RFC 5246 D.1", "The random source failed.")           \
    X(CRYPTO_FAILED, LOCAL, INTERNAL_ERROR, "", "A cryptographic primitive failed.")               \
    X(OUT_OF_SCRATCH, LOCAL, INTERNAL_ERROR, "", "The scratch memory for big numbers is used up.") \
    X(SIGNING_FAILED, LOCAL, INTERNAL_ERROR, "RFC 5246 7.4.3", "The private key could not sign.")  \
    X(OUTPUT_TOO_LONG, LOCAL, INTERNAL_ERROR, "RFC 5246 7.4",                                      \
      "A message to send does not fit where it is composed.")                                      \
    X(SEQUENCE_EXHAUSTED, LOCAL, INTERNAL_ERROR, "RFC 5246 6.1",                                   \
      "The record sequence number would wrap.")                                                    \
    X(KEY_EXHAUSTED, LOCAL, INTERNAL_ERROR, "RFC 9325 4.4",                                        \
      "One key has encrypted as much as its cipher allows.")                                       \
    X(APPLICATION_REFUSED, LOCAL, ACCESS_DENIED, "RFC 5246 7.2.2",                                 \
      "The application refused to go on.")                                                         \
    X(HANDSHAKE_ABANDONED, LOCAL, USER_CANCELED, "RFC 5246 7.2.2",                                 \
      "The application closed the connection during the handshake.")                               \
    /* --- the end of the connection --- */                                                        \
    X(PEER_ALERT, ENDED, NONE, "RFC 5246 7.2.2", "The peer sent a fatal alert.")                   \
    X(TRUNCATED, ENDED, NONE, "RFC 5246 7.2.1",                                                    \
      "The transport ended without a close_notify: data may be missing.")                          \
    X(CLOSED_IN_HANDSHAKE, ENDED, NONE, "RFC 5246 7.2.1",                                          \
      "The peer closed the connection before the handshake was done.")                             \
    /* --- records --- */                                                                          \
    X(NOT_TLS, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 6",                                       \
      "The first bytes from the peer are not a TLS record.")                                       \
    X(SSL2_HELLO, INCOMPATIBLE, PROTOCOL_VERSION, "RFC 6176 3",                                    \
      "The peer spoke SSL 2.0 or sent a hello in its format.")                                     \
    X(RECORD_VERSION, MISBEHAVED, PROTOCOL_VERSION, "RFC 5246 E.1",                                \
      "A record has the wrong version.")                                                           \
    X(RECORD_TYPE, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 6",                                   \
      "A record has an unknown content type.")                                                     \
    X(RECORD_OVERFLOW, MISBEHAVED, RECORD_OVERFLOW, "RFC 5246 6.2.1",                              \
      "A record is longer than the protocol or the agreed limit allows.")                          \
    X(RECORD_EXCEEDS_BUFFER, INCOMPATIBLE, RECORD_OVERFLOW, "RFC 5246 6.2.3",                      \
      "A protected record is longer than the receive buffer.")                                     \
    X(BAD_RECORD_MAC, MISBEHAVED, BAD_RECORD_MAC, "RFC 5246 7.2.2",                                \
      "A record failed authentication: it was damaged, forged or protected with other keys.")      \
    X(RECORD_EMPTY, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 6.2.1",                              \
      "A handshake, alert or ChangeCipherSpec record is empty.")                                   \
    X(TOO_MANY_EMPTY_RECORDS, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 6.2.1",                    \
      "Too many empty application data records came in a row.")                                    \
    X(TOO_MANY_WARNINGS, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 7.2.2",                         \
      "Too many warning alerts came in a row.")                                                    \
    X(ALERT_LENGTH, MISBEHAVED, DECODE_ERROR, "RFC 5246 7.2",                                      \
      "An alert record does not hold exactly one alert of two bytes.")                             \
    X(ALERT_LEVEL, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.2",                                  \
      "An alert is neither a warning nor fatal.")                                                  \
    X(DATA_IN_HANDSHAKE, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 7.4.9",                         \
      "Application data came before the handshake was done.")                                      \
    X(UNEXPECTED_CHANGE_CIPHER_SPEC, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 7.1",               \
      "A ChangeCipherSpec came where none is allowed.")                                            \
    X(CHANGE_CIPHER_SPEC_CONTENT, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 7.1",                  \
      "A ChangeCipherSpec record is not the single byte 1.")                                       \
    X(SPLIT_ACROSS_KEY_CHANGE, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 7.1",                     \
      "A handshake message was left unfinished before a ChangeCipherSpec or other content.")       \
    X(HANDSHAKE_FLOOD, MISBEHAVED, HANDSHAKE_FAILURE, "RFC 5246 F.5",                              \
      "The peer sent more bytes than a handshake may take.")                                       \
    /* --- handshake messages --- */                                                               \
    X(UNEXPECTED_MESSAGE, MISBEHAVED, UNEXPECTED_MESSAGE, "RFC 5246 7.4",                          \
      "A handshake message came that no row of the ladder allows here.")                           \
    X(ANONYMOUS_SERVER_ASKS, MISBEHAVED, HANDSHAKE_FAILURE, "RFC 5246 7.4.4",                      \
      "A server that is anonymous itself asked for the client's certificate.")                     \
    X(MESSAGE_EXCEEDS_BUFFER, INCOMPATIBLE, HANDSHAKE_FAILURE, "RFC 5246 7.4",                     \
      "A handshake message is longer than the receive buffer.")                                    \
    X(MESSAGE_SYNTAX, MISBEHAVED, DECODE_ERROR, "RFC 5246 7.2.2",                                  \
      "A length in a message reaches past its end, or a vector is outside its limits.")            \
    X(MESSAGE_TRAILING_BYTES, MISBEHAVED, DECODE_ERROR, "RFC 5246 7.2.2",                          \
      "A message has bytes left over after its last field.")                                       \
    X(VERSION_UNSUPPORTED, INCOMPATIBLE, PROTOCOL_VERSION, "RFC 5246 E.1",                         \
      "The peer's highest version is below the lowest that is allowed here.")                      \
    X(VERSION_NOT_OFFERED, MISBEHAVED, PROTOCOL_VERSION, "RFC 5246 E.1",                           \
      "The server chose a version that was not offered.")                                          \
    X(INAPPROPRIATE_FALLBACK, INCOMPATIBLE, INAPPROPRIATE_FALLBACK, "RFC 7507 3",                  \
      "The client tried again with a lower version although both sides have a higher one.")        \
    X(DOWNGRADE_DETECTED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 8446 4.1.3",                         \
      "The server's random says that it has a higher version than was negotiated: somebody "       \
      "interfered.")                                                                               \
    X(NO_COMMON_SUITE, INCOMPATIBLE, HANDSHAKE_FAILURE, "RFC 5246 7.4.1.3",                        \
      "No cipher suite is acceptable to both sides.")                                              \
    X(SUITE_NOT_OFFERED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",                        \
      "The server chose a cipher suite that was not offered or does not go with the version.")     \
    X(RESUMPTION_CHANGED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",                       \
      "The server resumed a session with another version, cipher suite or HMAC than it had.")      \
    X(NO_NULL_COMPRESSION, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.4.1.2",                      \
      "The client did not offer the null compression method.")                                     \
    X(COMPRESSION_CHOSEN, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.4.1.3",                       \
      "The server chose a compression method that was not offered.")                               \
    X(EXTENSION_DUPLICATE, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.4.1.4",                      \
      "A hello has the same extension twice.")                                                     \
    X(EXTENSION_NOT_OFFERED, MISBEHAVED, UNSUPPORTED_EXTENSION, "RFC 5246 7.4.1.4",                \
      "The server sent an extension that was not asked for.")                                      \
    X(EXTENSION_SYNTAX, MISBEHAVED, DECODE_ERROR, "RFC 3546 2.1",                                  \
      "An extension's lengths do not fit, or a vector in it is outside its limits.")               \
    X(SERVER_NAME_SYNTAX, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 6066 3",                             \
      "The server_name list repeats a name type or holds something that is not a host name.")      \
    X(SERVER_NAME_UNKNOWN, INCOMPATIBLE, UNRECOGNIZED_NAME, "RFC 6066 3",                          \
      "No binding has the name that the client asked for.")                                        \
    X(NO_COMMON_PROTOCOL, INCOMPATIBLE, NO_APPLICATION_PROTOCOL, "RFC 7301 3.2",                   \
      "No application protocol is acceptable to both sides.")                                      \
    X(PROTOCOL_NOT_OFFERED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 7301 3.1",                         \
      "The server chose an application protocol that was not offered, or more than one.")          \
    X(FRAGMENT_LENGTH_WRONG, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 6066 4",                          \
      "The max_fragment_length has no meaning, or is not the one that was asked for.")             \
    X(RECORD_SIZE_LIMIT_WRONG, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 8449 4",                        \
      "The record_size_limit is outside its range, or a server sent it with max_fragment_length.") \
    X(TRUSTED_AUTHORITY_WRONG, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 6066 6",                        \
      "The client named a trusted authority in a way that is not known.")                          \
    X(STATUS_TYPE_WRONG, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 6066 8",                              \
      "The server sent a certificate status of a type that was not asked for.")                    \
    X(CERTIFICATE_URL_WRONG, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 6066 5",                          \
      "The CertificateURL message has an unknown chain type, the wrong number of URLs or no "      \
      "hash.")                                                                                     \
    X(ENCRYPT_THEN_MAC_WRONG, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 7366 3",                         \
      "The server answered encrypt_then_mac for a suite that is not CBC.")                         \
    X(RENEGOTIATION_INFO_WRONG, MISBEHAVED, HANDSHAKE_FAILURE, "RFC 5746 3.4",                     \
      "The renegotiation_info does not match this connection.")                                    \
    X(NO_SECURE_RENEGOTIATION, INCOMPATIBLE, HANDSHAKE_FAILURE, "RFC 5746 4.1",                    \
      "The peer does not support secure renegotiation.")                                           \
    X(NO_EXTENDED_MASTER_SECRET, INCOMPATIBLE, HANDSHAKE_FAILURE, "RFC 7627 5.2",                  \
      "The peer does not support the extended master secret.")                                     \
    X(EXTENDED_MASTER_SECRET_CHANGED, MISBEHAVED, HANDSHAKE_FAILURE, "RFC 7627 5.3",               \
      "The use of the extended master secret changed within a session.")                           \
    X(NO_UNCOMPRESSED_POINTS, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 8422 5.1.2",                     \
      "The peer's ec_point_formats leave out the uncompressed format.")                            \
    X(NO_COMMON_GROUP, INCOMPATIBLE, HANDSHAKE_FAILURE, "RFC 8422 4",                              \
      "No group is acceptable to both sides.")                                                     \
    X(NO_COMMON_FINITE_FIELD, INCOMPATIBLE, INSUFFICIENT_SECURITY, "RFC 7919 4",                   \
      "No Diffie-Hellman group that the client names is acceptable, and nothing else is left.")    \
    X(GROUP_NOT_OFFERED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 8422 5.4",                            \
      "The server chose a group that was not offered or is not a named one.")                      \
    X(GROUP_WEAK, INCOMPATIBLE, INSUFFICIENT_SECURITY, "RFC 7919 5.1",                             \
      "The server's Diffie-Hellman group is smaller than the policy allows or malformed.")         \
    X(BAD_PUBLIC_VALUE, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 8422 5.11",                            \
      "The peer's public value is not a valid element of the group.")                              \
    X(NO_COMMON_SCHEME, INCOMPATIBLE, HANDSHAKE_FAILURE, "RFC 5246 7.4.1.4.1",                     \
      "No signature scheme is acceptable to both sides.")                                          \
    X(SCHEME_NOT_OFFERED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5246 7.4.3",                         \
      "The peer signed with a scheme that was not offered or does not go with its key.")           \
    X(SIGNATURE_WRONG, MISBEHAVED, DECRYPT_ERROR, "RFC 5246 7.2.2",                                \
      "The peer's signature over the key exchange or handshake is wrong.")                         \
    X(PSK_IDENTITY_UNKNOWN, INCOMPATIBLE, UNKNOWN_PSK_IDENTITY, "RFC 4279 2",                      \
      "No pre-shared key goes with the identity that the client named.")                           \
    X(FINISHED_WRONG, MISBEHAVED, DECRYPT_ERROR, "RFC 5246 7.4.9",                                 \
      "The Finished message does not match the handshake: the two sides saw different messages.")  \
    X(RENEGOTIATION_LIMIT, MISBEHAVED, HANDSHAKE_FAILURE, "RFC 5746 4.5",                          \
      "There were more renegotiations, or requests for one that is not allowed, than the limit.")  \
    X(RENEGOTIATION_CHANGED, MISBEHAVED, ILLEGAL_PARAMETER, "RFC 5746 5",                          \
      "A renegotiation changed what must stay: the version, the server's name, the peer's "        \
      "certificate or encrypt-then-MAC.")                                                          \
    /* --- the peer's certificates --- */                                                          \
    X(CERTIFICATE_MISSING, UNTRUSTED, HANDSHAKE_FAILURE, "RFC 5246 7.4.6",                         \
      "The peer sent no certificate where one is required.")                                       \
    X(CERTIFICATE_CHAIN_TOO_LONG, UNTRUSTED, BAD_CERTIFICATE, "RFC 5246 7.4.2",                    \
      "The peer sent more certificates than are read.")                                            \
    X(CERTIFICATE_MALFORMED, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 4.1",                           \
      "A certificate is not valid DER of the form that RFC 5280 gives.")                           \
    X(CERTIFICATE_KEY_UNSUPPORTED, UNTRUSTED, UNSUPPORTED_CERTIFICATE, "RFC 5246 7.4.2",           \
      "A certificate's key is of a type that is not supported or not right for the cipher suite.") \
    X(CERTIFICATE_ALGORITHM_UNSUPPORTED, UNTRUSTED, UNSUPPORTED_CERTIFICATE, "RFC 5280 4.1.1.2",   \
      "A certificate is signed with an algorithm that is not supported.")                          \
    X(CERTIFICATE_KEY_WEAK, UNTRUSTED, BAD_CERTIFICATE, "RFC 5246 F.1",                            \
      "A certificate's key is shorter than the policy allows.")                                    \
    X(CERTIFICATE_HASH_WEAK, UNTRUSTED, BAD_CERTIFICATE, "RFC 9155 3",                             \
      "A certificate is signed over a hash that the policy does not allow.")                       \
    X(CERTIFICATE_EXPIRED, UNTRUSTED, CERTIFICATE_EXPIRED, "RFC 5280 4.1.2.5",                     \
      "A certificate has expired.")                                                                \
    X(CERTIFICATE_NOT_YET_VALID, UNTRUSTED, CERTIFICATE_EXPIRED, "RFC 5280 4.1.2.5",               \
      "A certificate is not valid yet.")                                                           \
    X(CERTIFICATE_SELF_SIGNED, UNTRUSTED, UNKNOWN_CA, "RFC 5280 6.1",                              \
      "The peer's certificate is self-signed and not among the trust anchors.")                    \
    X(CERTIFICATE_UNKNOWN_CA, UNTRUSTED, UNKNOWN_CA, "RFC 5280 6.1",                               \
      "No path leads from the peer's certificate to a trust anchor.")                              \
    X(CERTIFICATE_SIGNATURE_WRONG, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 6.1.3",                   \
      "A certificate's signature does not verify with its issuer's key.")                          \
    X(CERTIFICATE_NOT_CA, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 4.2.1.9",                          \
      "A certificate that signed another is not a CA certificate.")                                \
    X(CERTIFICATE_PATH_LENGTH, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 4.2.1.9",                     \
      "The path is longer than a CA certificate's pathLenConstraint allows.")                      \
    X(CERTIFICATE_KEY_USAGE, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 4.2.1.3",                       \
      "A certificate's keyUsage does not allow what it was used for.")                             \
    X(CERTIFICATE_EXTENDED_KEY_USAGE, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 4.2.1.12",             \
      "A certificate's extendedKeyUsage does not allow this role.")                                \
    X(CERTIFICATE_CRITICAL_EXTENSION, UNTRUSTED, UNSUPPORTED_CERTIFICATE, "RFC 5280 4.2",          \
      "A certificate has a critical extension that is not known.")                                 \
    X(CERTIFICATE_NAME_MISMATCH, UNTRUSTED, BAD_CERTIFICATE, "RFC 9525 6",                         \
      "The certificate is not for the name that was asked for.")                                   \
    X(CERTIFICATE_NAME_CONSTRAINTS, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 4.2.1.10",               \
      "A certificate has a name that an issuer above it is not allowed to certify.")               \
    X(CERTIFICATE_POLICY, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 6.1.5",                            \
      "A CA requires a certificate policy, but none holds for the whole path.")                    \
    X(CERTIFICATE_PATH_BUDGET, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 6.1",                         \
      "Validation would take more signature checks than the budget allows.")                       \
    X(CERTIFICATE_PATH_TOO_LONG, UNTRUSTED, BAD_CERTIFICATE, "RFC 5280 6.1",                       \
      "The path has more certificates than are allowed here.")                                     \
    X(CERTIFICATE_NOT_PINNED, UNTRUSTED, BAD_CERTIFICATE, "RFC 7469 2.6",                          \
      "No certificate of the path has one of the pinned keys.")                                    \
    X(CERTIFICATE_REVOKED, UNTRUSTED, CERTIFICATE_REVOKED, "RFC 5280 6.3",                         \
      "A certificate was revoked.")                                                                \
    X(CERTIFICATE_STATUS_UNKNOWN, UNTRUSTED, CERTIFICATE_UNKNOWN, "RFC 5280 6.3",                  \
      "Nothing tells whether a certificate was revoked.")                                          \
    X(CERTIFICATE_STATUS_STALE, UNTRUSTED, CERTIFICATE_UNKNOWN, "RFC 5280 6.3",                    \
      "What tells whether a certificate was revoked is out of date.")                              \
    X(CERTIFICATE_UNOBTAINABLE, UNTRUSTED, CERTIFICATE_UNOBTAINABLE, "RFC 6066 5",                 \
      "The client's certificate could not be fetched from its URL.")                               \
    X(CERTIFICATE_URL_HASH_WRONG, UNTRUSTED, BAD_CERTIFICATE_HASH_VALUE, "RFC 6066 5",             \
      "What was fetched from the client's URL does not have the hash that the client gave.")       \
    X(STATUS_MISSING, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6066 8",                    \
      "The server sent no certificate status although the configuration or its certificate asks "  \
      "for one.")                                                                                  \
    X(OCSP_MALFORMED, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 4.2.1",                \
      "The OCSP response is not valid DER of the form that RFC 6960 gives.")                       \
    X(OCSP_UNSUCCESSFUL, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 4.2.1",             \
      "The OCSP responder gave an error instead of a status.")                                     \
    X(OCSP_OTHER_CERTIFICATE, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 3.2",          \
      "The OCSP response is about another certificate.")                                           \
    X(OCSP_STALE, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 3.2",                      \
      "The OCSP response is out of date, or not valid yet.")                                       \
    X(OCSP_UNAUTHORIZED, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 4.2.2.2",           \
      "The OCSP response is not rightly signed by the issuer or by whom it has delegated this "    \
      "to.")                                                                                       \
    X(OCSP_REVOKED, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 2.2",                    \
      "The OCSP response says that the certificate was revoked.")                                  \
    X(OCSP_UNKNOWN, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6960 2.2",                    \
      "The OCSP responder does not know the certificate.")                                         \
    X(STATUS_REFUSED, UNTRUSTED, BAD_CERTIFICATE_STATUS_RESPONSE, "RFC 6066 8",                    \
      "The application refused the certificate status that the server sent.")

/* What a call returns. HF_OK and the next two are not failures. */
typedef enum hf_error {
    HF_OK = 0,
    HF_AGAIN,   /* there is more of the same to do: call again        */
    HF_WAITING, /* a question to the application must be answered first */
#define HF_REASON_ENUMERATOR(symbol, class, alert, section, sentence) HF_ERROR_##symbol,
    HF_REASONS(HF_REASON_ENUMERATOR)
#undef HF_REASON_ENUMERATOR
        HF_ERROR_END /* one past the last reason */
} hf_error;

typedef enum hf_reason_class {
    HF_CLASS_MISUSE,
    HF_CLASS_LOCAL,
    HF_CLASS_MISBEHAVED,
    HF_CLASS_INCOMPATIBLE,
    HF_CLASS_UNTRUSTED,
    HF_CLASS_ENDED
} hf_reason_class;

/* One row of the list above. The texts are empty where HF_WITH_TEXT is 0. */
typedef struct hf_reason {
    hf_error error;
    hf_reason_class class_;
    uint8_t alert; /* HF_ALERT_NONE: none is sent */
    const char *symbol;
    const char *section;
    const char *sentence;
} hf_reason;

/* Never NULL: HF_OK and unknown values give a row with the symbol "OK" or "UNKNOWN". */
const hf_reason *hf_reason_of(hf_error error);

#define HF_NO_STEP        0xff /* hf_failure.step: outside a handshake */
#define HF_NO_MESSAGE     0xff /* hf_failure.message: outside any handshake message */
#define HF_NO_CERTIFICATE 0xff /* hf_failure.certificate: not about a certificate   */

typedef struct hf_failure {
    hf_error reason;
    bool alert_received; /* true: `alert` came from the peer; false: it was sent, if any */
    uint8_t alert_level; /* HF_ALERT_LEVEL_WARNING or _FATAL */
    uint8_t alert;       /* HF_ALERT_...; HF_ALERT_NONE if none was sent or received */
    uint8_t step;        /* row of the ladder (hf_flow_at), or HF_NO_STEP */
    uint8_t message;     /* HandshakeType being read or written, or HF_NO_MESSAGE */
    uint8_t certificate; /* index in the peer's chain, leaf 0, or HF_NO_CERTIFICATE */
    uint32_t offset; /* byte in the message (its 4-byte header included) or record; 0 if unknown */
} hf_failure;

#endif

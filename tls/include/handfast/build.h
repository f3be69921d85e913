/* Build-time switches. Each takes code, tables and struct fields out of the library when it is 0.
 * The CMake package and the pkg-config file pass the values that the library was built with, so a
 * program always sees the layout that it links to. Presets: default, full, tiny. */
#ifndef HANDFAST_BUILD_H
#define HANDFAST_BUILD_H

#ifndef HF_WITH_CLIENT
#define HF_WITH_CLIENT 1
#endif
#ifndef HF_WITH_SERVER
#define HF_WITH_SERVER 1
#endif
#ifndef HF_WITH_RSA_KX /* RSA key transport: no forward secrecy, never in the default policy */
#define HF_WITH_RSA_KX 1
#endif
#ifndef HF_WITH_RSA /* RSA certificates and signatures */
#define HF_WITH_RSA 1
#endif
#ifndef HF_WITH_ECDSA
#define HF_WITH_ECDSA 1
#endif
#ifndef HF_WITH_DSS /* DSS certificates and signatures */
#define HF_WITH_DSS 1
#endif
#ifndef HF_WITH_DHE /* finite-field Diffie-Hellman */
#define HF_WITH_DHE 1
#endif
#ifndef HF_WITH_PSK /* pre-shared keys */
#define HF_WITH_PSK 1
#endif
#ifndef HF_WITH_ANON /* DH_anon and ECDH_anon: no authentication, only where named */
#define HF_WITH_ANON 1
#endif
#ifndef HF_WITH_CLIENT_AUTH /* certificates of clients */
#define HF_WITH_CLIENT_AUTH 1
#endif
#ifndef HF_WITH_TLS1_0 /* TLS 1.0 and 1.1 */
#define HF_WITH_TLS1_0 1
#endif
#ifndef HF_WITH_AES_GCM
#define HF_WITH_AES_GCM 1
#endif
#ifndef HF_WITH_AES_CCM
#define HF_WITH_AES_CCM 1
#endif
#ifndef HF_WITH_AES_CBC
#define HF_WITH_AES_CBC 1
#endif
#ifndef HF_WITH_3DES
#define HF_WITH_3DES 1
#endif
#ifndef HF_WITH_RC4
#define HF_WITH_RC4 1
#endif
#ifndef HF_WITH_NULL /* integrity without secrecy, only where named */
#define HF_WITH_NULL 1
#endif
#ifndef HF_WITH_CHACHA20_POLY1305
#define HF_WITH_CHACHA20_POLY1305 1
#endif
#ifndef HF_WITH_SECP384R1
#define HF_WITH_SECP384R1 1
#endif
#ifndef HF_WITH_SECP521R1
#define HF_WITH_SECP521R1 1
#endif
#ifndef HF_WITH_ALPN
#define HF_WITH_ALPN 1
#endif
#ifndef HF_WITH_ENCRYPT_THEN_MAC
#define HF_WITH_ENCRYPT_THEN_MAC 1
#endif
#ifndef HF_WITH_TRUNCATED_HMAC
#define HF_WITH_TRUNCATED_HMAC 1
#endif
#ifndef HF_WITH_SESSION_TICKET /* resumption by ticket (RFC 5077), besides that by session ID */
#define HF_WITH_SESSION_TICKET 1
#endif
#ifndef HF_WITH_RENEGOTIATION
#define HF_WITH_RENEGOTIATION 1
#endif
#ifndef HF_WITH_RECORD_LIMITS /* max_fragment_length and record_size_limit */
#define HF_WITH_RECORD_LIMITS 1
#endif
#ifndef HF_WITH_STATUS_REQUEST /* OCSP stapling */
#define HF_WITH_STATUS_REQUEST 1
#endif
#ifndef HF_WITH_TRUSTED_CA_KEYS
#define HF_WITH_TRUSTED_CA_KEYS 1
#endif
#ifndef HF_WITH_CERTIFICATE_URL /* client_certificate_url, with HF_WITH_CLIENT_AUTH only */
#define HF_WITH_CERTIFICATE_URL 1
#endif
#ifndef HF_WITH_PADDING /* of the ClientHello (RFC 7685) */
#define HF_WITH_PADDING 1
#endif
#ifndef HF_WITH_EXPORTER /* keying material for the application (RFC 5705) */
#define HF_WITH_EXPORTER 1
#endif
#ifndef HF_WITH_CRL /* certificate revocation lists that the application has */
#define HF_WITH_CRL 1
#endif
#ifndef HF_WITH_NAME_CONSTRAINTS /* without, CAs that have them are refused */
#define HF_WITH_NAME_CONSTRAINTS 1
#endif
#ifndef HF_WITH_POLICIES /* certificate policies; without, critical ones are refused */
#define HF_WITH_POLICIES 1
#endif
#ifndef HF_WITH_NAME_MATCHING /* names of issuers are compared as text, not octet by octet */
#define HF_WITH_NAME_MATCHING 1
#endif
#ifndef HF_WITH_PINS /* keys of which a peer's path must have one */
#define HF_WITH_PINS 1
#endif
#ifndef HF_WITH_IP_NAMES /* peers that are known by their IP address */
#define HF_WITH_IP_NAMES 1
#endif
#ifndef HF_WITH_CHOICES /* questions about bindings, sessions and credentials (question.h) */
#define HF_WITH_CHOICES 1
#endif
#ifndef HF_WITH_OBSERVER /* events for traces; the key log only where the observer asks for it */
#define HF_WITH_OBSERVER 1
#endif
#ifndef HF_WITH_TEXT /* names of code points and sentences of reasons */
#define HF_WITH_TEXT 1
#endif

/* What follows from the switches; not to be set. */
#define HF_USE_V2_HELLO         (HF_WITH_SERVER && HF_WITH_TLS1_0) /* RFC 5246 E.2 */
#define HF_USE_RSA_KX           (HF_WITH_RSA && HF_WITH_RSA_KX)
#define HF_USE_ECDHE_ONLY       (!HF_USE_RSA_KX && !HF_WITH_DHE && !HF_WITH_PSK)
#define HF_USE_SIGNED_ONLY      (!HF_USE_RSA_KX && !HF_WITH_PSK && !HF_WITH_ANON)
#define HF_USE_CERTIFICATE_ONLY (!HF_WITH_PSK && !HF_WITH_ANON)
#define HF_USE_PRF_SHA384       (HF_WITH_AES_GCM || HF_WITH_AES_CBC || HF_WITH_NULL)
#define HF_USE_AES_AEAD         (HF_WITH_AES_GCM || HF_WITH_AES_CCM)
#define HF_USE_CBC              (HF_WITH_AES_CBC || HF_WITH_3DES)
#define HF_USE_MAC              (HF_USE_CBC || HF_WITH_RC4 || HF_WITH_NULL)
#define HF_USE_SPLIT            (HF_USE_CBC && HF_WITH_TLS1_0) /* RFC 4346 F.3 */
#define HF_USE_TRUNCATED_HMAC   (HF_USE_MAC && HF_WITH_TRUNCATED_HMAC)
/* To overlook that a name is excluded or on a list would be to accept too much. */
#define HF_USE_NAME_MATCHING    (HF_WITH_NAME_MATCHING || HF_WITH_NAME_CONSTRAINTS || HF_WITH_CRL)
#define HF_USE_CERTIFICATE_URL  (HF_WITH_CLIENT_AUTH && HF_WITH_CERTIFICATE_URL)

/* What a configuration may list: signature schemes, and credentials of a client or a binding. Bits
 * of 32-bit fields. */
#define HF_SCHEMES_MAX     32
#define HF_CREDENTIALS_MAX 32

/* Limits (every limit is a named constant). */
#ifndef HF_CHAIN_MAX /* certificates accepted from a peer in one Certificate message */
#define HF_CHAIN_MAX 16
#endif
#ifndef HF_CERTIFICATE_EXTENSIONS_MAX /* extensions of one certificate that are read */
#define HF_CERTIFICATE_EXTENSIONS_MAX 32
#endif
#ifndef HF_PSK_MAX /* bytes of a pre-shared key (RFC 4279 5.3) */
#define HF_PSK_MAX 64
#endif
#ifndef HF_PSK_IDENTITY_MAX /* bytes of a PSK identity or hint (RFC 4279 5.3) */
#define HF_PSK_IDENTITY_MAX 128
#endif
#ifndef HF_STACK_WIPED /* bytes of stack that are overwritten after work with secrets; 0: none */
#define HF_STACK_WIPED 8192
#endif
#ifndef HF_SESSION_LIFETIME_MAX /* seconds from a full handshake until its session is forgotten */
#define HF_SESSION_LIFETIME_MAX 86400
#endif
#ifndef HF_TICKET_MAX /* bytes of a ticket that a client keeps, longer ones it lets go */
#define HF_TICKET_MAX 1024
#endif
#ifndef HF_RENEGOTIATIONS_MAX /* renegotiations of one connection */
#define HF_RENEGOTIATIONS_MAX 64
#endif
#ifndef HF_EMPTY_RECORDS_MAX /* empty application data records in a row */
#define HF_EMPTY_RECORDS_MAX 16
#endif
#ifndef HF_WARNINGS_MAX /* warning alerts in a row */
#define HF_WARNINGS_MAX 4
#endif
#ifndef HF_RENEGOTIATIONS_REFUSED_MAX /* requests answered with a warning */
#define HF_RENEGOTIATIONS_REFUSED_MAX 4
#endif
#ifndef HF_HANDSHAKE_BYTES_MAX /* bytes received before the handshake ends */
#define HF_HANDSHAKE_BYTES_MAX 262144
#endif
#ifndef HF_3DES_BLOCKS_MAX /* blocks of 8 bytes in records under one 3DES key (Sweet32) */
#define HF_3DES_BLOCKS_MAX 134217728
#endif
#ifndef HF_AES_AEAD_KB_MAX /* KB under one AES-GCM key, 2^24.5 full records; AES-CCM: a third */
#define HF_AES_AEAD_KB_MAX 379625062
#endif
#ifndef HF_CRL_SIGNERS_MAX /* certificates besides a path's own that may have signed its CRLs */
#define HF_CRL_SIGNERS_MAX 4
#endif
#ifndef HF_SIGNATURE_CHECKS_MAX /* public-key operations that one path validation may cost */
#define HF_SIGNATURE_CHECKS_MAX 32
#endif

#endif

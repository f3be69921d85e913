/* Layout of hf_conn and hf_handshake. The types are complete so that a program can place them
 * where it likes; every field is private to the library. */
#ifndef HANDFAST_STATE_H
#define HANDFAST_STATE_H

#include "crypto_glue/aead.h"
#include "crypto_glue/cbc.h"
#include "crypto_glue/dh.h"
#include "crypto_glue/dsa.h"
#include "crypto_glue/hmac.h"
#include "crypto_glue/rc4.h"

#include <handfast/config.h>
#include <handfast/question.h>

/* The most that a record adds to its payload in the transmit buffer: the header, an explicit IV or
 * nonce, MAC and padding or tag (RFC 5246 6.2.3); and, where TLS 1.0 splits the first byte off
 * (record/outgoing.c), a second header and a record for that byte. Room for one alert is always
 * kept on top of it. */
#if HF_USE_CBC
#define HF_RECORD_OVERHEAD (5 + 16 + 48 + 16)
#define HF_SPLIT_OVERHEAD  (4 + 36)
#elif HF_USE_MAC
#define HF_RECORD_OVERHEAD (5 + 48)
#define HF_SPLIT_OVERHEAD  0
#else
#define HF_RECORD_OVERHEAD (5 + 8 + 16)
#define HF_SPLIT_OVERHEAD  0
#endif
#define HF_ALERT_RESERVE (HF_RECORD_OVERHEAD + 2)
#define HF_TX_OVERHEAD   (HF_RECORD_OVERHEAD + HF_SPLIT_OVERHEAD + HF_ALERT_RESERVE)

typedef enum hf_protection_kind {
    HF_PROTECT_NOTHING, /* records in the clear */
    HF_PROTECT_AEAD,    /* RFC 5246 6.2.3.3 */
    HF_PROTECT_CBC,     /* RFC 5246 6.2.3.2 */
    HF_PROTECT_STREAM   /* RFC 5246 6.2.3.1: RC4, or no cipher at all with a MAC */
} hf_protection_kind;

/* One direction's record protection (tls/record/protection.c). */
typedef struct hf_protection {
    hf_protection_kind kind;
    uint8_t prefix_size; /* explicit IV or nonce in front of each record's ciphertext */
    uint8_t mac_size;    /* 0 for an AEAD; 10 with truncated_hmac */
    bool encrypt_then_mac;
    bool ciphers_nothing; /* STREAM: NULL instead of RC4 */
    bool split;           /* CBC with chained IVs: RFC 4346 F.3, the attack of BEAST */
    uint32_t used; /* of the key's lifetime: KB (AES-CCM: thirds of one), or blocks of 3DES */
    const hf_random *random; /* for explicit IVs */
    uint64_t sequence;
    uint8_t iv[16]; /* AEAD: the fixed part; CBC: the chained IV of TLS 1.0 */
    union {
        hf_aead_key aead;
#if HF_USE_CBC
        hf_cbc_key cbc;
#endif
#if HF_WITH_RC4
        hf_rc4 rc4;
#endif
    } u;
#if HF_USE_MAC
    hf_hmac_key mac;
#endif
} hf_protection;

/* From here on what is looked at most stands first, small fields before large ones: machine
 * instructions are shorter for fields near the start. */

/* Records from the peer (tls/record/incoming.c). Offsets into `data`. */
typedef struct hf_incoming {
    uint8_t type;            /* of the current record, 0: at a record boundary           */
    uint8_t empty_records;   /* in a row                                                 */
    bool begun;              /* a first record header has been accepted                  */
    bool accept_v2_hello;    /* as the first thing, RFC 5246 E.2                         */
    bool header_reported;    /* the driver has seen the gathered message's header        */
    bool in_parts;           /* and wants the message in parts, as they come             */
    uint16_t version;        /* that records must have; 0: any 3.x (before ServerHello)  */
    uint16_t record_version; /* of the last record                                       */
    uint8_t *data;
    size_t size;
    size_t start, end;            /* bytes received and not yet taken                         */
    size_t message, message_size; /* handshake bytes gathered, at most one message            */
    size_t limit;                 /* most payload in a record                                 */
    size_t left;                  /* content of the current record not yet taken, at `start`  */
    size_t tail;                  /* bytes behind it that belong to the record (the tag)      */
    size_t examined;              /* bytes of the part that were too few                      */
    uint32_t message_taken;       /* bytes of it taken so far                                 */
    uint32_t message_total;       /* with its header                                          */
    hf_protection protection;
} hf_incoming;

/* Records for the peer (tls/record/outgoing.c). */
typedef struct hf_outgoing {
    uint8_t open_type;
    uint16_t version;
    uint8_t *data;
    size_t size;
    size_t start, end; /* sealed records not yet sent                                  */
    size_t open_size;  /* payload of the record under construction behind `end`        */
    size_t limit;      /* most payload in a record                                     */
    hf_protection protection;
} hf_outgoing;

/* Hashes over all handshake messages so far (tls/keys/transcript.c): all that may still be needed
 * while version and cipher suite are open, then the one of the PRF. MD5 and SHA-1, SHA-256,
 * SHA-384. */
#define HF_TRANSCRIPT_HASHES ((HF_WITH_TLS1_0 ? 1 : 0) + 1 + (HF_USE_PRF_SHA384 ? 1 : 0))
typedef struct hf_transcript {
    hf_hash hashes[HF_TRANSCRIPT_HASHES];
    uint8_t count;
} hf_transcript;

/* The longest ephemeral private and public key, secret that both sides come to, and premaster
 * secret. */
#if HF_WITH_DHE
#define HF_EXPONENT_MAX \
    (HF_DH_EXPONENT_SIZE > HF_EC_SCALAR_MAX ? HF_DH_EXPONENT_SIZE : HF_EC_SCALAR_MAX)
#define HF_PUBLIC_MAX HF_DH_SIZE_MAX
#define HF_SHARED_MAX HF_DH_SIZE_MAX
#else
#define HF_EXPONENT_MAX HF_EC_SCALAR_MAX
#define HF_PUBLIC_MAX   HF_EC_POINT_MAX
#define HF_SHARED_MAX \
    (HF_USE_RSA_KX && HF_PREMASTER_SIZE > HF_EC_SCALAR_MAX ? HF_PREMASTER_SIZE : HF_EC_SCALAR_MAX)
#endif
#if HF_WITH_PSK /* RFC 4279 2: the other secret may also be as long as the key */
#define HF_OTHER_MAX     (HF_PSK_MAX > HF_SHARED_MAX ? HF_PSK_MAX : HF_SHARED_MAX)
#define HF_PREMASTER_MAX (2 + HF_OTHER_MAX + 2 + HF_PSK_MAX)
#else
#define HF_PREMASTER_MAX HF_SHARED_MAX
#endif

/* The longest public key that is kept from a certificate, and the longest message that is
 * composed here (longer ones are streamed from the caller's memory). */
#if HF_WITH_DSS
#define HF_PEER_KEY_MAX (HF_RSA_SIZE_MAX + 3 * HF_DSA_SIZE_MAX)
#elif HF_WITH_RSA
#define HF_PEER_KEY_MAX (HF_RSA_SIZE_MAX + 8)
#else
#define HF_PEER_KEY_MAX HF_EC_POINT_MAX
#endif
#if HF_WITH_DHE
#define HF_COMPOSE_MAX (2 * HF_PUBLIC_MAX + HF_RSA_SIZE_MAX + 320)
#elif HF_WITH_RSA
#define HF_COMPOSE_MAX (HF_RSA_SIZE_MAX + 320)
#else
#define HF_COMPOSE_MAX 512
#endif

/* MAC key, key, IV of both sides. */
#define HF_KEY_BLOCK_MAX (2 * ((HF_USE_MAC ? 48 : 0) + 32 + (HF_USE_CBC ? 16 : 12)))

/* Where the driver stands within one row of the ladder (tls/handshake/driver.c). */
typedef enum hf_phase {
    HF_PHASE_ROW,         /* at the start of a row                             */
    HF_PHASE_WRITE,       /* ours: the message is being composed               */
    HF_PHASE_EMIT,        /* ours: the message goes out piece by piece         */
    HF_PHASE_AFTER_WRITE, /* ours: what is computed once it is in the transcript */
    HF_PHASE_AFTER_READ,  /* theirs: likewise, after it was read               */
    HF_PHASE_END          /* past the last row                                 */
} hf_phase;

typedef struct hf_handshake {
    hf_phase phase;
    uint8_t row;
    uint8_t step;               /* within the write or after function of a row                    */
    bool is_name_bound;         /* server: the name chose the binding                             */
    bool certificate_requested; /* the server has asked the client for one                        */
    bool client_has_certificate; /* the client has sent one */
    bool offers_session;    /* client: in this hello, and not declined                        */
    bool sends_ticket;      /* server: a NewSessionTicket follows                             */
    bool has_new_ticket;    /* client: one has been taken                                     */
    bool peer_changed_keys; /* its ChangeCipherSpec has come                                  */
    bool has_answer;        /* to a question that is asked once                               */
    bool wants_status;      /* server: status_request of a known type                         */
    bool is_chain_trusted;  /* server: the credentials chosen are one of `trusted`            */
    bool accepts_urls;      /* server: has answered client_certificate_url                    */
    bool has_urls;          /* a CertificateURL has come, or gone out                         */
    bool request_has_names; /* client: the CertificateRequest                                 */
    uint8_t request_types;  /* a bit for each hf_key_type in it                               */
    uint8_t suite_size;     /* bytes of each suite offered: 2, in a hello of SSL 2.0 format 3 */
    uint8_t server_name_size;
    uint8_t piece_length[3]; /* of the piece that follows it                                   */
    uint16_t own_public_size;
    uint16_t premaster_size;
    uint16_t shared_size;    /* of the secret agreed upon, within `premaster`                  */
    uint16_t client_version; /* ClientHello.client_version                                     */
    uint16_t compose_size;
    uint16_t piece;             /* of the message going out: 0 is `compose`                       */
    uint16_t pieces_hashed;     /* that have entered the transcript                               */
    uint16_t peer_record_limit; /* record_size_limit, 0 without one                               */
    uint32_t piece_sent;        /* bytes of that piece                                            */
    uint32_t streamed_size;     /* bytes of the pieces from 1 on                                  */
    uint32_t message_sent;
    uint32_t offered;         /* client: extensions sent, by position in the table              */
    uint32_t received;        /* extensions of the peer's hello, likewise                       */
    uint32_t bytes_received;  /* limit HF_HANDSHAKE_BYTES_MAX                                   */
    uint32_t ticket_lifetime; /* client: the server's hint in seconds                           */
    uint32_t request_schemes; /* client: of the own ones, what the server accepts by position   */
    uint32_t request_issuers; /* of the own credentials, those of an authority that it names    */
    uint32_t trusted;         /* server: bits of the credentials that trusted_ca_keys leads to  */
    const hf_scheme *scheme;  /* of the signature being made or checked                         */
    const hf_psk *psk;
    const hf_scheme *client_scheme;    /* client: of its own CertificateVerify                  */
    const hf_credentials *credentials; /* server: chosen for this handshake                     */
    hf_span suites_offered;            /* server: views of the ClientHello being read           */
    hf_span session_id_offered;
    hf_span groups_offered;
    hf_span schemes_offered;
    hf_span protocols_offered;
    hf_span peer_public;           /* views of the message being read: the peer's              */
    hf_span peer_signature;        /* ephemeral public key or encrypted premaster              */
                                   /* secret, and its signature                                */
    hf_public_key peer_public_key; /* a view of peer_key                                       */
    hf_dh_group dh_group;          /* DHE: a view as well (client) or constant                 */
    int64_t peer_not_after;        /* of the peer's certificate; INT64_MAX without one         */
    int64_t session_expires;       /* of the session that is resumed                           */
#if HF_WITH_SESSION_TICKET
    hf_span ticket_offered;
#endif
#if HF_WITH_TRUSTED_CA_KEYS
    hf_span authorities_offered; /* server: trusted_ca_keys                      */
#endif
#if HF_WITH_STATUS_REQUEST
    hf_span status; /* client: an OCSP response, a view             */
    /* of what it must be about, in `compose` */
    uint16_t issuer_name_size, issuer_key_size;
    uint8_t serial_size;
    bool must_staple, has_status;
#endif
    uint8_t client_random[32];
    uint8_t server_random[32];
    uint8_t exponent[HF_EXPONENT_MAX]; /* private part of our ephemeral key */
    uint8_t own_public[HF_PUBLIC_MAX]; /* its public part                   */
    uint8_t premaster[HF_PREMASTER_MAX];
    uint8_t digest[HF_HASH_SIZE_MAX]; /* to be signed or verified          */
    uint8_t key_block[HF_KEY_BLOCK_MAX];
    uint8_t peer_key[HF_PEER_KEY_MAX];
    uint8_t server_name[255]; /* server: as received */
#if HF_WITH_RENEGOTIATION
    uint8_t peer_certificate[32];                    /* SHA-256 of the one shown now */
    uint8_t previous_session_id[HF_SESSION_ID_SIZE]; /* of the handshake before      */
    uint8_t previous_session_id_size;
#endif
#if HF_USE_CERTIFICATE_URL
    hf_span fetched[HF_CHAIN_MAX]; /* what the client's URLs led to */
    hf_span urls;                  /* CertificateURL being read     */
    uint8_t url_type, url_count, fetched_count;
    bool are_fetched_taken;
#endif
    hf_transcript transcript;
    hf_path_rules path_rules;
    hf_path path;
    uint8_t compose[HF_COMPOSE_MAX]; /* the message being written */
} hf_handshake;

typedef struct hf_conn {
    hf_role role;
    bool failed;
    bool dirty;        /* run will get on                                                */
    bool established;  /* a handshake has been completed                                 */
    bool in_handshake; /* one is under way: the first, or a renegotiation                */
    bool resumed;
    bool has_question;
    bool blocked; /* something waits for room in the transmit buffer                */
    bool idle;    /* nothing more can be done for now */
    bool spent;   /* this call of run has done its public-key operation             */
    bool flush;   /* seal what is written                                           */
    bool closing; /* the application wants to close                                 */
    bool close_sent;
    bool peer_closed;
    bool ended;       /* the transport has ended                                        */
    bool passes_over; /* given up to close: the peer may not know yet                   */
    uint8_t warning;  /* alert to be sent as a warning, or HF_ALERT_NONE                */
    uint8_t warnings; /* received in a row                                              */
    bool extended_master_secret;
    bool secure_renegotiation;
    bool client_authenticated;
    bool server_verified; /* client: the chain led to a trust anchor, now or when the session
                             began                                                          */
    bool encrypt_then_mac;
    bool truncated_hmac;
    bool renegotiate;     /* the application or the peer wants one                          */
    bool asked_for_hello; /* server: a HelloRequest is out                                  */
    bool renegotiation_answered; /* the question has been answered */
    uint8_t renegotiations; /* begun                                                          */
    uint8_t renegotiations_refused;
    uint8_t session_id_size;
    uint16_t version;
    uint16_t fragment_length; /* max_fragment_length in bytes; 0: not negotiated                */
    const hf_config *config;
    hf_handshake *handshake;
    const hf_suite *suite;
    const hf_group *group;
    const hf_scheme *scheme;
    const hf_binding *binding;
    hf_session *session; /* client: the application's, to be resumed and renewed           */
    hf_span server_name; /* client: asked for                                              */
    hf_span protocol;    /* ALPN: a view of the configuration                              */
    hf_failure failure;
    hf_incoming in;
    hf_outgoing out;
    hf_question question;
    uint8_t session_id[HF_SESSION_ID_SIZE];
    uint8_t master_secret[48];
    uint8_t server_name_digest[32];
    uint8_t verify_data[2][12]; /* of the client's and the server's Finished, RFC 5746 3.1 */
#if HF_WITH_RENEGOTIATION
    uint8_t peer_certificate[32]; /* SHA-256 of it; zeros: none was shown */
#endif
#if HF_WITH_EXPORTER
    uint8_t randoms[2][32]; /* the client's and the server's, RFC 5705 4 */
#endif
} hf_conn;

#endif

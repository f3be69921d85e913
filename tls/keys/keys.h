/* keys: from secrets to keys (RFC 5246 5, 6.3, 8; RFC 7627).
 *
 *   keys.h        all declarations of this folder (this file)
 *   prf.c         the pseudorandom function
 *   transcript.c  the running hash of the handshake messages
 *   schedule.c    master secret, key block, verify_data
 *   exporter.c    hf_conn_export (RFC 5705) */
#ifndef HF_KEYS_KEYS_H
#define HF_KEYS_KEYS_H

#include "crypto_glue/hmac.h"

#include <handfast/state.h>

/* PRF(secret, label, seed1 || seed2): RFC 5246 5, and with HF_HASH_MD5_SHA1 that of RFC 2246 5.
 * `label` is the ASCII text of the RFC. */
void hf_prf(hf_hash_id hash, hf_span secret, const char *label, hf_span seed1, hf_span seed2,
            uint8_t *out, size_t size);
/* The same with a seed in any number of pieces. */
void hf_prf_of(hf_hash_id hash, hf_span secret, const char *label, const hf_span *seeds,
               size_t count, uint8_t *out, size_t size);

/* The hash of PRF, transcript and Finished for what was negotiated: MD5 and SHA-1 together before
 * TLS 1.2 (RFC 2246 5, 7.4.9), the suite's from then on. */
hf_hash_id hf_negotiated_hash(const hf_conn *c);

/* Starts with the hashes of all that a configuration allows. */
void hf_transcript_begin(hf_transcript *transcript, const hf_config *config);
/* Drops all hashes but one. Until a CertificateVerify has been dealt with the others may be needed
 * for its signature. */
void hf_transcript_keep(hf_transcript *transcript, hf_hash_id hash);
void hf_transcript_update(hf_transcript *transcript, hf_span bytes);
/* The hash of what came so far; the transcript goes on. Returns its size. */
size_t hf_transcript_digest(const hf_transcript *transcript, hf_hash_id hash, uint8_t *out);

/* Master secret from the premaster secret, which is wiped: the extended form of RFC 7627 4 over
 * the transcript up to ClientKeyExchange if negotiated, else RFC 5246 8.1. */
void hf_derive_master_secret(hf_conn *c);

/* Key block (RFC 5246 6.3) into the handshake object. */
void hf_derive_key_block(hf_conn *c);

/* Takes one side's keys out of the key block into a direction's protection, from sequence 0. */
HF_MUST_USE hf_error hf_activate_protection(hf_conn *c, hf_role sender, hf_protection *protection);

/* verify_data of one side's Finished over the transcript so far (RFC 5246 7.4.9). */
void hf_compute_verify_data(const hf_conn *c, hf_role sender, uint8_t *verify_data);

#endif

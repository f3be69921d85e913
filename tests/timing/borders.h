/* Where secrets enter and leave what is not checked here, and where they cease to be secret.
 *
 * Each function of borders.c stands in front of one of the product (tests/timing/CMakeLists.txt,
 * --wrap) or of libtomcrypt (its math descriptor). This is the whole list of what the checks do not
 * see:
 *
 * - Big numbers: libtomcrypt's and GMP's or LibTomMath's arithmetic, from the reading of a number
 *   (which makes a public copy of the bytes) to hf_number_write_secret (which marks what it
 * writes). With them the scalar multiplication, the modular exponentiation, the comparisons of
 * numbers, and the rejection of candidates that are not in range (which tells nothing about the one
 * that is taken).
 * - AES: replaced by a cipher without tables (plain_cipher.h), but for one check of the processor's
 *   own. check_leaks.c shows that libtomcrypt's depends on keys and data. DES and RC4 are the same
 * by their nature, and are not run with secrets.
 * - Zeros in front of a secret of finite-field Diffie-Hellman: their number is in the protocol (RFC
 *   5246 8.1.2). A public copy is counted.
 * - Zeros in padding that PKCS #1 v1.5 encryption draws and throws away: random_bytes below makes
 * no secret of the padding, of which only those positions decide a branch.
 * - Verdicts on a MAC, a tag, a Finished, a padding: hf_mask_verdict and hf_constant_time_equal say
 *   them, and they are public.
 * - Lengths of a CBC record once it has been found good, of a PSK (its configuration's), and of all
 *   that is written.
 * - Messages of handshakes and alerts in a record that has been opened, and what a session is about
 *   besides its master secret: parsed. Application data stays secret.
 * - The line: what has been sealed and is sent.
 * - Key files are parsed before their numbers become secret (tls/x509/private_key.c).
 * - The key log for an application that asks for it: it is handed the master secret. */
#ifndef HF_TESTS_TIMING_BORDERS_H
#define HF_TESTS_TIMING_BORDERS_H

#include "crypto_glue/types.h"

/* Before the first check: puts the border around big numbers. */
void timing_guard_numbers(void);

/* All of it secret; and the deterministic source of handshakes, where only premaster secrets are:
 * random values, session IDs and IVs are sent. */
bool timing_secret_random(void *context, uint8_t *out, size_t size);
bool timing_handshake_random(void *context, uint8_t *out, size_t size);

/* Whether every byte is secret, without any report. */
bool timing_is_secret(const void *memory, size_t size);

#endif

/* crypto_glue: the one seam between the engine and libtomcrypt.
 *
 * Only files of this folder include <tomcrypt.h>. Everything above sees spans, state objects of
 * fixed size and hf_crypto_result. No function here keeps a pointer to its arguments, and none
 * has state of its own beyond libtomcrypt's registration tables (init.h).
 *
 *   types.h          spans, results, the random source                      (this file)
 *   switches.h       what is in the build
 *   init.h           one-time registration of descriptors and math provider
 *   constant_time.h  compare, select and wipe without a branch on secrets
 *   arena.h          a fixed piece of memory in the place of libtomcrypt's heap, for devices
 *   random.h         the operating system's random source, for hosts
 *   hash.h           MD5 .. SHA-512, and MD5 with SHA-1; states that may be copied
 *   hmac.h           HMAC with both pad states kept (RFC 2104), also of a secret number of bytes
 *   aead.h           AES-GCM, AES-CCM and ChaCha20-Poly1305 (RFC 5116, RFC 6655, RFC 8439)
 *   cbc.h            AES and triple DES in CBC mode
 *   rc4.h            RC4
 *   ec.h             ECDH and ECDSA on P-256, P-384, P-521 (FIPS 186-4, SEC 1)
 *   rsa.h            PKCS #1 v1.5 and PSS signatures, key transport (RFC 8017)
 *   dh.h             finite-field Diffie-Hellman (RFC 5246 8.1.2, RFC 7919)
 *   dsa.h            DSA signatures (FIPS 186-4)
 */
#ifndef HF_CRYPTO_GLUE_TYPES_H
#define HF_CRYPTO_GLUE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define HF_MUST_USE  __attribute__((warn_unused_result))
/* A function that is not made part of its callers, so that its frame is gone before they call
 * something that needs much of the stack, too. */
#define HF_OWN_FRAME __attribute__((noinline))
#else
#define HF_MUST_USE
#define HF_OWN_FRAME
#endif

/* A view of bytes that somebody else owns. An empty span has size 0; its data may be NULL. */
typedef struct hf_span {
    const uint8_t *data;
    size_t size;
} hf_span;

/* A writable buffer that somebody else owns. */
typedef struct hf_buf {
    uint8_t *data;
    size_t size;
} hf_buf;

typedef enum hf_crypto_result {
    HF_CRYPTO_OK = 0,
    HF_CRYPTO_BAD_KEY,       /* a key or domain parameter outside the limits or not valid        */
    HF_CRYPTO_BAD_POINT,     /* not a point of the curve in uncompressed form, or infinity       */
    HF_CRYPTO_BAD_SIGNATURE, /* malformed or wrong; the two are not told apart                   */
    HF_CRYPTO_BAD_TAG,       /* authentication failed; no plaintext was released                 */
    HF_CRYPTO_NO_RANDOM,     /* the random source failed                                         */
    HF_CRYPTO_NO_MEMORY,     /* the big-number scratch (heap on a host, arena on a device) is out */
    HF_CRYPTO_NO_SPACE,      /* the output buffer is too small                                   */
    HF_CRYPTO_FAILED         /* anything else that a primitive reported                          */
} hf_crypto_result;

/* Fills out[0..size) with unpredictable bytes; false if it cannot. Never called with size 0. */
typedef bool (*hf_random_function)(void *context, uint8_t *out, size_t size);

typedef struct hf_random {
    hf_random_function fill;
    void *context;
} hf_random;

#endif

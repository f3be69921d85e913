/* A small configuration of mbed TLS 2.28: one suite, one curve, one role (FOOTPRINT_CLIENT or
 * FOOTPRINT_SERVER), records of 1 KB, and the choices that its own config-suite-b.h makes to save
 * memory. Entropy is the board's, without a generator of mbed TLS over it. */
#ifndef FOOTPRINT_MBEDTLS_CONFIG_H
#define FOOTPRINT_MBEDTLS_CONFIG_H

#include <stddef.h>
#include <stdint.h>

/* ---- the board */
void *hf_arena_allocate_zeros(size_t count, size_t size);
void hf_arena_free(void *block);
int64_t mbed_time(int64_t *now);

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO    hf_arena_allocate_zeros
#define MBEDTLS_PLATFORM_FREE_MACRO      hf_arena_free
#define MBEDTLS_PLATFORM_TIME_TYPE_MACRO int64_t
#define MBEDTLS_PLATFORM_TIME_MACRO      mbed_time
#define MBEDTLS_PLATFORM_GMTIME_R_ALT

/* ---- TLS */
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_SSL_CIPHERSUITES    MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
#define MBEDTLS_SSL_MAX_CONTENT_LEN 1024
#ifdef FOOTPRINT_CLIENT
#define MBEDTLS_SSL_CLI_C
#else
#define MBEDTLS_SSL_SRV_C
#endif

/* ---- certificates and keys */
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C
#define MBEDTLS_X509_CHECK_KEY_USAGE
#define MBEDTLS_X509_CHECK_EXTENDED_KEY_USAGE

/* ---- primitives */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_MPI_MAX_SIZE 32
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_NO_INTERNAL_RNG   /* TLS gives it the board's */
#define MBEDTLS_ECP_WINDOW_SIZE       2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_CIPHER_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C

#include "mbedtls/check_config.h"

#endif

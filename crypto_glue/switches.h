/* What of the glue is in the build. The switches are those of <handfast/build.h>, which hands them
 * down as definitions; the glue alone has everything. */
#ifndef HF_CRYPTO_GLUE_SWITCHES_H
#define HF_CRYPTO_GLUE_SWITCHES_H

#ifndef HF_WITH_RSA
#define HF_WITH_RSA 1
#endif
#ifndef HF_WITH_DSS
#define HF_WITH_DSS 1
#endif
#ifndef HF_WITH_TLS1_0
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
#ifndef HF_WITH_NULL
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

#ifndef HF_WITH_TRUSTED_CA_KEYS
#define HF_WITH_TRUSTED_CA_KEYS 1
#endif
#ifndef HF_WITH_CERTIFICATE_URL
#define HF_WITH_CERTIFICATE_URL 1
#endif

#ifndef HF_STACK_WIPED
#define HF_STACK_WIPED 8192
#endif

/* AES in any mode. */
#define HF_GLUE_AES_AEAD (HF_WITH_AES_GCM || HF_WITH_AES_CCM)
#define HF_GLUE_AES      (HF_GLUE_AES_AEAD || HF_WITH_AES_CBC)

/* The hash functions that something needs; SHA-256 is always there. SHA-1 and MD5 live on in the
 * MACs of old suites, in DSS, below TLS 1.2 and in the hashes of RFC 6066. SHA-384 and SHA-512 (one
 * function) belong to some suites, to curves of their strength, and to RSA, whose signatures come
 * with any hash. */
#define HF_GLUE_MD5 (HF_WITH_TLS1_0 || HF_WITH_RC4 || HF_WITH_NULL)
#define HF_GLUE_SHA1                                                                             \
    (HF_GLUE_MD5 || HF_WITH_AES_CBC || HF_WITH_3DES || HF_WITH_DSS || HF_WITH_TRUSTED_CA_KEYS || \
     HF_WITH_CERTIFICATE_URL)
#define HF_GLUE_SHA512                                                                         \
    (HF_WITH_AES_GCM || HF_WITH_AES_CBC || HF_WITH_NULL || HF_WITH_RSA || HF_WITH_SECP384R1 || \
     HF_WITH_SECP521R1)

#endif

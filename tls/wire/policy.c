#include <handfast/config.h>

#define HF_LIST(array)                            \
    {                                             \
        array, sizeof(array) / sizeof((array)[0]) \
    }

/* ChaCha20-Poly1305 first: it is constant time in plain C, where table-driven AES is not. */
#define HF_DEFAULT_SUITES                              \
    0xcca9, 0xcca8,     /* ECDHE, ChaCha20-Poly1305 */ \
        0xc02b, 0xc02f, /* ECDHE, AES-128-GCM       */ \
        0xc02c, 0xc030  /* ECDHE, AES-256-GCM       */

/* Forward secrecy before RSA key transport, AEAD before CBC, SHA-256 before SHA-1. */
#define HF_COMPATIBLE_SUITES                                                    \
    HF_DEFAULT_SUITES, 0xccaa, 0x009e, 0x009f, /* DHE_RSA, AEAD             */  \
        0xc023, 0xc027, 0xc024, 0xc028,        /* ECDHE, CBC, SHA-256 and up */ \
        0xc009, 0xc013, 0xc00a, 0xc014,        /* ECDHE, CBC, SHA-1         */  \
        0x0067, 0x006b, 0x0033, 0x0039,        /* DHE_RSA, CBC              */  \
        0x009c, 0x009d,                        /* RSA, GCM                  */  \
        0x003c, 0x003d, 0x002f, 0x0035         /* RSA, CBC                  */

#define HF_LEGACY_SUITES                                                                           \
    HF_COMPATIBLE_SUITES, 0x00a2, 0x00a3, 0x0040, 0x006a, 0x0032, 0x0038, /* DHE_DSS            */ \
        0xc008, 0xc012, 0x0016, 0x0013, 0x000a,                           /* 3DES               */ \
        0xc007, 0xc011, 0x0005, 0x0004                                    /* RC4                */

#define HF_DEFAULT_GROUPS 23, 24, 25 /* secp256r1, secp384r1, secp521r1 */

#define HF_DEFAULT_SCHEMES                       \
    0x0403, 0x0503, 0x0603,     /* ECDSA      */ \
        0x0804, 0x0805, 0x0806, /* RSA PSS    */ \
        0x0401, 0x0501, 0x0601  /* RSA PKCS#1 */

static const uint16_t default_suites[] = {HF_DEFAULT_SUITES};
static const uint16_t compatible_suites[] = {HF_COMPATIBLE_SUITES};
static const uint16_t legacy_suites[] = {HF_LEGACY_SUITES};
static const uint16_t default_groups[] = {HF_DEFAULT_GROUPS};
static const uint16_t compatible_groups[] = {HF_DEFAULT_GROUPS, 256, 257, 258};
static const uint16_t default_schemes[] = {HF_DEFAULT_SCHEMES};
static const uint16_t legacy_schemes[] = {
    HF_DEFAULT_SCHEMES,
    0x0402, /* DSA, SHA-256       */
    0x0203,
    0x0201,
    0x0202, /* SHA-1          */
};

/* The lowest version of the build takes the place of TLS 1.0 where that is left out. */
#define HF_LOWEST_VERSION (HF_WITH_TLS1_0 ? HF_TLS1_0 : HF_TLS1_2)

const hf_policy hf_policy_default = {
    .name = "default",
    .version_min = HF_TLS1_2,
    .version_max = HF_TLS1_2,
    .suites = HF_LIST(default_suites),
    .groups = HF_LIST(default_groups),
    .schemes = HF_LIST(default_schemes),
    .rsa_bits_min = 2048,
    .dh_bits_min = 2048,
};

const hf_policy hf_policy_compatible = {
    .name = "compatible",
    .version_min = HF_LOWEST_VERSION,
    .version_max = HF_TLS1_2,
    .suites = HF_LIST(compatible_suites),
    .groups = HF_LIST(compatible_groups),
    .schemes = HF_LIST(default_schemes),
    .rsa_bits_min = 2048,
    .dh_bits_min = 2048,
    .allow_no_extended_master = true,
    .allow_no_secure_renegotiation = true,
};

const hf_policy hf_policy_legacy = {
    .name = "legacy",
    .version_min = HF_LOWEST_VERSION,
    .version_max = HF_TLS1_2,
    .suites = HF_LIST(legacy_suites),
    .groups = HF_LIST(compatible_groups),
    .schemes = HF_LIST(legacy_schemes),
    .rsa_bits_min = 1024,
    .dh_bits_min = 1024,
    .allow_sha1 = true,
    .allow_no_extended_master = true,
    .allow_no_secure_renegotiation = true,
};

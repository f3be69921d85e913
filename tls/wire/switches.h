/* The switches of <handfast/build.h> as expressions, so that #if need not cut functions into
 * pieces. What only a switched-off part needs is still compiled and checked; the compiler then
 * drops it if it is static, the linker if it is not (-ffunction-sections, --gc-sections). */
#ifndef HF_WIRE_SWITCHES_H
#define HF_WIRE_SWITCHES_H

#include <handfast/types.h>

/* A function in a table, NULL in a build that has no use for it. */
#define HF_CLIENT_ONLY(function) HF_ONLY_WITH(HF_WITH_CLIENT, function)
#define HF_SERVER_ONLY(function) HF_ONLY_WITH(HF_WITH_SERVER, function)

#define HF_ONLY_WITH(condition, function) ((condition) ? (function) : NULL)

/* What a hello extension is called, a hf_extension_info. */
#if HF_WITH_TEXT
#define HF_EXTENSION_INFO(code, name, section) \
    {                                          \
        code, name, section                    \
    }
#else
#define HF_EXTENSION_INFO(code, name, section) \
    {                                          \
        code                                   \
    }
#endif

/* A text of a table, empty in a build without texts. */
#if HF_WITH_TEXT
#define HF_TEXT(text) text
#else
#define HF_TEXT(text) ""
#endif

/* Constant in a build with one role. */
static inline bool hf_is_client(hf_role role)
{
    return HF_WITH_CLIENT && (!HF_WITH_SERVER || role == HF_CLIENT);
}

static inline bool hf_is_server(hf_role role)
{
    return !hf_is_client(role);
}

static inline bool hf_is_before_tls1_2(uint16_t version)
{
    return HF_WITH_TLS1_0 && version < HF_TLS1_2;
}

#endif

# Finds libtomcrypt and chooses its big-number provider: GMP where libtomcrypt has it (it is about
# twice as fast), else LibTomMath. Sets HF_MATH_DEFINITION for crypto_glue.
set(HF_MATH auto CACHE STRING "Big-number provider: auto, gmp or ltm")
set_property(CACHE HF_MATH PROPERTY STRINGS auto gmp ltm)

find_package(TomCrypt 1.18 REQUIRED)

include(CheckCSourceCompiles)
# Whether this libtomcrypt was built with a provider is seen in its descriptor alone.
function(hf_check_math provider result)
    set(CMAKE_REQUIRED_LIBRARIES TomCrypt::TomCrypt)
    string(TOUPPER ${provider} upper)
    check_c_source_compiles("
        #define ${upper}_DESC
        #include <tomcrypt.h>
        int main(void) { ltc_mp = ${provider}_desc; return ltc_mp.name == 0; }" ${result})
endfunction()

if(NOT HF_MATH MATCHES "^(auto|gmp|ltm)$")
    message(FATAL_ERROR "HF_MATH is auto, gmp or ltm, not \"${HF_MATH}\"")
endif()
set(provider "")
if(HF_MATH MATCHES "^(auto|gmp)$")
    hf_check_math(gmp HF_TOMCRYPT_HAS_GMP)
    if(HF_TOMCRYPT_HAS_GMP)
        set(provider gmp)
    endif()
endif()
if(NOT provider AND HF_MATH MATCHES "^(auto|ltm)$")
    hf_check_math(ltm HF_TOMCRYPT_HAS_LTM)
    if(HF_TOMCRYPT_HAS_LTM)
        set(provider ltm)
    endif()
endif()
if(NOT provider)
    message(FATAL_ERROR "libtomcrypt in ${TomCrypt_LIBRARY} has no big-number provider for HF_MATH=${HF_MATH}")
endif()
string(TOUPPER "HF_MATH_${provider}" HF_MATH_DEFINITION)
message(STATUS "Big numbers: ${provider}")

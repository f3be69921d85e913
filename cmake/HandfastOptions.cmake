# Options of the build, and the compiler settings for code of our own.

option(HF_SHARED "Build libhandfast.so beside libhandfast.a" ON)
option(HF_TOOL "Build the command handfast" ON)
option(HF_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(HF_FUZZ "Build the fuzz harnesses" ${PROJECT_IS_TOP_LEVEL})
option(HF_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(HF_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(HF_INSTALL "Generate the install rules" ${PROJECT_IS_TOP_LEVEL})
option(HF_WERROR "Turn compiler warnings into errors" OFF)
set(HF_SANITIZE "" CACHE STRING "Value of -fsanitize= for everything, such as address,undefined")
set(HF_FUZZ_ENGINE "" CACHE STRING
    "What fuzz harnesses link to, such as -fsanitize=fuzzer or a library; empty: they run the seeds once")
option(HF_COVERAGE "Instrument everything for line coverage (clang); see scripts/coverage.sh" OFF)

option(HF_EVERYTHING "Start with every switch of handfast/build.h on" OFF)

# The number in include/handfast-N and in the pkg-config file; changes with the interface only.
set(HF_INTERFACE 1)

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Kind of build" FORCE)
endif()

if(HF_SANITIZE)
    add_compile_options(-fsanitize=${HF_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${HF_SANITIZE})
endif()
# The compiler of AFL++ instruments by itself; it links its own driver for this option.
if(HF_FUZZ_ENGINE MATCHES "-fsanitize=fuzzer" AND NOT CMAKE_C_COMPILER MATCHES "afl-")
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "HF_FUZZ_ENGINE=${HF_FUZZ_ENGINE} needs clang; use the preset `fuzz`")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(HF_COVERAGE)
    add_compile_options(-O1 -fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()

# The switches and limits of handfast/build.h become cache options of the same names, as do the
# limits of crypto_glue. The headers are the only list of them; what differs from a header is
# handed to every user of the library, so that programs see the layout that they link to.
set(HF_CHANGED_SWITCHES "")
foreach(header IN ITEMS tls/include/handfast/build.h crypto_glue/rsa.h crypto_glue/dh.h)
    set(header "${PROJECT_SOURCE_DIR}/${header}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${header}")
    file(STRINGS "${header}" lines REGEX "^#(ifndef|define) HF_[A-Z0-9_]+")
    set(name "")
    foreach(line IN LISTS lines)
        if(line MATCHES "^#ifndef (HF_[A-Z0-9_]+)( +/\\* *(.*[^ ]) *\\*/)?")
            set(name "${CMAKE_MATCH_1}")
            set(help "${CMAKE_MATCH_3}")
            continue()
        elseif(NOT name OR NOT line MATCHES "^#define ${name} +([0-9]+)$")
            continue()
        endif()
        set(value "${CMAKE_MATCH_1}")
        if(name MATCHES "^HF_WITH_")
            if(HF_EVERYTHING)
                option(${name} "${help}" ON)
            else()
                option(${name} "${help}" ${value})
            endif()
            if(${name})
                set(chosen 1)
            else()
                set(chosen 0)
            endif()
        else()
            set(${name} ${value} CACHE STRING "${help}")
            set(chosen "${${name}}")
        endif()
        if(NOT chosen STREQUAL value)
            list(APPEND HF_CHANGED_SWITCHES ${name}=${chosen})
        endif()
    endforeach()
endforeach()
if(NOT HF_WITH_CLIENT AND NOT HF_WITH_SERVER)
    message(FATAL_ERROR "HF_WITH_CLIENT and HF_WITH_SERVER are both off")
endif()

# Language, warnings and include roots of a target of ours.
function(hf_own_code target)
    set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
    target_compile_options(${target} PRIVATE
        -Wall -Wextra -Wconversion -Wshadow -Wvla -pedantic $<$<BOOL:${HF_WERROR}>:-Werror>)
    target_include_directories(${target} PRIVATE
        "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/tls/include")
    # Where a 32-bit C library has a choice: file positions and times beyond 31 bits.
    target_compile_definitions(${target} PRIVATE
        _FILE_OFFSET_BITS=64 _TIME_BITS=64 ${HF_CHANGED_SWITCHES})
endfunction()

# Install rules: libraries, headers, the command, the CMake package and the pkg-config file.
include(CMakePackageConfigHelpers)

set(include_root "${CMAKE_INSTALL_INCLUDEDIR}/handfast-${HF_INTERFACE}")
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/handfast")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/tls/include/handfast"
    DESTINATION "${include_root}" FILES_MATCHING PATTERN "*.h")

# Of crypto_glue, what the public headers include, directly or not, and those that a program
# calls by itself.
set(wanted crypto_glue/arena.h crypto_glue/init.h crypto_glue/random.h)
file(GLOB public_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tls/include/handfast/*.h")
foreach(header IN LISTS public_headers)
    file(STRINGS "${header}" lines REGEX "^#include \"crypto_glue/")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" name "${line}")
        list(APPEND wanted ${name})
    endforeach()
endforeach()
set(glue_headers "")
while(wanted)
    list(POP_FRONT wanted header)
    if(header IN_LIST glue_headers)
        continue()
    endif()
    list(APPEND glue_headers ${header})
    file(STRINGS "${PROJECT_SOURCE_DIR}/${header}" lines REGEX "^#include \"crypto_glue/")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^#include \"([^\"]+)\".*" "\\1" name "${line}")
        list(APPEND wanted ${name})
    endforeach()
endwhile()
foreach(header IN LISTS glue_headers)
    install(FILES "${PROJECT_SOURCE_DIR}/${header}" DESTINATION "${include_root}/crypto_glue")
endforeach()

install(TARGETS ${libraries} EXPORT handfast
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET handfast_tool)
    install(TARGETS handfast_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

install(EXPORT handfast
    FILE handfast-targets.cmake NAMESPACE handfast:: DESTINATION "${package_folder}")
configure_package_config_file(
    "${PROJECT_SOURCE_DIR}/cmake/handfast-config.cmake.in"
    "${PROJECT_BINARY_DIR}/package/handfast-config.cmake"
    INSTALL_DESTINATION "${package_folder}"
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
    "${PROJECT_BINARY_DIR}/package/handfast-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES
    "${PROJECT_BINARY_DIR}/package/handfast-config.cmake"
    "${PROJECT_BINARY_DIR}/package/handfast-config-version.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/FindTomCrypt.cmake"
    DESTINATION "${package_folder}")

set(pkgconfig_definitions "")
foreach(definition IN LISTS HF_CHANGED_SWITCHES)
    string(APPEND pkgconfig_definitions " -D${definition}")
endforeach()
configure_file(
    "${PROJECT_SOURCE_DIR}/cmake/handfast.pc.in" "${PROJECT_BINARY_DIR}/package/handfast.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/handfast.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

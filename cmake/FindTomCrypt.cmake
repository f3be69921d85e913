# Finds libtomcrypt: the imported target TomCrypt::TomCrypt.
#
# A static libtomcrypt needs the big-number libraries that it was built with; where they are found
# they are linked too. A shared one brings them itself.
find_path(TomCrypt_INCLUDE_DIR tomcrypt.h)
find_library(TomCrypt_LIBRARY tomcrypt)
mark_as_advanced(TomCrypt_INCLUDE_DIR TomCrypt_LIBRARY)

if(TomCrypt_INCLUDE_DIR)
    file(STRINGS "${TomCrypt_INCLUDE_DIR}/tomcrypt.h" TomCrypt_VERSION REGEX "define SCRYPT ")
    string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" TomCrypt_VERSION "${TomCrypt_VERSION}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TomCrypt
    REQUIRED_VARS TomCrypt_LIBRARY TomCrypt_INCLUDE_DIR
    VERSION_VAR TomCrypt_VERSION)

if(TomCrypt_FOUND AND NOT TARGET TomCrypt::TomCrypt)
    add_library(TomCrypt::TomCrypt UNKNOWN IMPORTED)
    set_target_properties(TomCrypt::TomCrypt PROPERTIES
        IMPORTED_LOCATION "${TomCrypt_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${TomCrypt_INCLUDE_DIR}")
    if(TomCrypt_LIBRARY MATCHES "\\.a$")
        foreach(name IN ITEMS tommath gmp)
            find_library(TomCrypt_${name}_LIBRARY ${name})
            mark_as_advanced(TomCrypt_${name}_LIBRARY)
            if(TomCrypt_${name}_LIBRARY)
                set_property(TARGET TomCrypt::TomCrypt APPEND PROPERTY
                    INTERFACE_LINK_LIBRARIES "${TomCrypt_${name}_LIBRARY}")
            endif()
        endforeach()
    endif()
endif()

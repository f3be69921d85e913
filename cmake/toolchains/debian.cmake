# What the other machines of a Debian host have in common; scripts/cross.sh installs the packages.
# Programs are linked statically, so that qemu needs no other machine's loader and libraries.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_LIBRARY_ARCHITECTURE ${HF_CROSS_TRIPLET})
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)

# Debian's name of the compiler is that of the libraries' folder, except for i386.
if(NOT HF_CROSS_COMPILER_TRIPLET)
    set(HF_CROSS_COMPILER_TRIPLET ${HF_CROSS_TRIPLET})
endif()
if(NOT CMAKE_C_COMPILER)
    set(CMAKE_C_COMPILER ${HF_CROSS_COMPILER_TRIPLET}-gcc)
endif()
set(CMAKE_C_COMPILER_TARGET ${HF_CROSS_COMPILER_TRIPLET}) # for clang; gcc has one target
if(HF_CROSS_EMULATOR)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${HF_CROSS_EMULATOR})
endif()

# The platform's list begins with shared libraries; it is set by project(), so that this comes after.
set(CMAKE_PROJECT_INCLUDE "${CMAKE_CURRENT_LIST_DIR}/static_libraries.cmake")

# The host's libraries are of no use here, even where pkg-config knows them.
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/${HF_CROSS_TRIPLET}/pkgconfig)

# 32-bit ARM with hardware floating point, little-endian; strict about alignment in its code.
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_FLAGS_INIT -mno-unaligned-access)
set(HF_CROSS_TRIPLET arm-linux-gnueabihf)
set(HF_CROSS_EMULATOR qemu-arm)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")

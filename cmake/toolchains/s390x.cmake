# 64-bit and big-endian.
set(CMAKE_SYSTEM_PROCESSOR s390x)
set(HF_CROSS_TRIPLET s390x-linux-gnu)
set(HF_CROSS_EMULATOR qemu-s390x)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")

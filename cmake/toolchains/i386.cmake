# 32-bit x86; an amd64 processor runs it as it is.
set(CMAKE_SYSTEM_PROCESSOR i686)
set(HF_CROSS_TRIPLET i386-linux-gnu)
set(HF_CROSS_COMPILER_TRIPLET i686-linux-gnu)
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")

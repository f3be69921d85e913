# Read at the end of project(), see debian.cmake.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)

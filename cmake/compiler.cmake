# Compiler flags shared by everything in the project.
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()

add_library(omendb_flags INTERFACE)
target_compile_features(omendb_flags INTERFACE cxx_std_20)
target_compile_options(omendb_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wformat=2 -Wimplicit-fallthrough -Wnon-virtual-dtor -Werror)
# g++ 12 sees overlapping copies in std::string's operator+ where there are none (GCC bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(omendb_flags INTERFACE -Wno-restrict)
else()
  # clang names the buffer that std::stable_sort of g++ 12's library takes.
  target_compile_options(omendb_flags INTERFACE -Wno-deprecated-declarations)
endif()
# Everything runs on any x86-64-v2 CPU; wider kernels are chosen at run time (src/simd).
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # Tuned for CPUs of the last ten years: the generic tuning splits every 256-bit load of the kernels in two.
  target_compile_options(omendb_flags INTERFACE -march=x86-64-v2 -mtune=haswell)
endif()

if(OMENDB_SANITIZER STREQUAL "address")
  # What reads through a null pointer, ASan shows; checking for it as well takes a fifth of the time of a build.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=null,vptr -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(OMENDB_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()

# libFuzzer is steered by the branches taken in everything it links, so the floors are compiled with its counters.
if(OMENDB_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_program(OMENDB_CCACHE ccache)
if(OMENDB_CCACHE)
  # The sloppiness that ccache wants for precompiled headers (the tests'); __TIME__ and its like are not used here.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${OMENDB_CCACHE})
endif()
find_program(OMENDB_MOLD mold)
if(OMENDB_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# One test program a floor from the *_test.cc beside its code, and one a story from tests/*_test.cc.
find_package(GTest REQUIRED)

# All test programs, and none of the omendb command.
add_custom_target(test_programs)

# GoogleTest's headers, compiled once for all: they are half of the time that a test takes to compile.
add_executable(gtest_headers ${PROJECT_SOURCE_DIR}/cmake/gtest_headers.cc)
target_link_libraries(gtest_headers PRIVATE omendb_flags Threads::Threads GTest::gmock GTest::gtest_main)
target_precompile_headers(gtest_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)

# The thread sanitizer takes ten times as long.
set(OMENDB_TEST_SECONDS 600)
if(OMENDB_SANITIZER STREQUAL "thread")
  set(OMENDB_TEST_SECONDS 3600)
endif()

function(omendb_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE omendb_flags ${arg_LINKS} GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_precompile_headers(${name} REUSE_FROM gtest_headers)
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # for ccache
  add_test(NAME ${name} COMMAND ${name})
  add_dependencies(test_programs ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${OMENDB_TEST_SECONDS})
endfunction()

get_property(floors GLOBAL PROPERTY OMENDB_FLOORS)
foreach(floor ${floors})
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${floor}/*_test.cc)
  if(tests)
    omendb_test(${floor}_test SOURCES ${tests} LINKS omendb_${floor})
  endif()
endforeach()

if(OMENDB_APPS AND OMENDB_SERVER)
  omendb_test(apps_test SOURCES ${PROJECT_SOURCE_DIR}/src/apps/config/config_test.cc LINKS omendb_config omendb_os)
endif()

file(GLOB stories CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*_test.cc)
foreach(story ${stories})
  get_filename_component(name ${story} NAME_WE)
  omendb_test(${name} SOURCES ${story} LINKS omendb_db)
endforeach()

find_package(Python3 COMPONENTS Interpreter REQUIRED)
file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*_test.py)
foreach(script ${scripts})
  get_filename_component(name ${script} NAME_WE)
  add_test(NAME ${name} COMMAND ${Python3_EXECUTABLE} ${script} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${OMENDB_TEST_SECONDS} ENVIRONMENT "OMENDB_BUILD=${PROJECT_BINARY_DIR}")
endforeach()

# omendb_floor(NAME [USES floor...] [SHOWS lib...] [LIBRARIES lib...]): the *.cc of src/NAME and its subfolders, without
# the tests and benchmarks beside them, become the library omendb_NAME, whose headers include those of SHOWS and nothing of
# LIBRARIES; *_test.cc becomes the program NAME_test (cmake/tests.cmake), and each *_bench.cc the program of its name
# (cmake/benches.cmake).
function(omendb_floor name)
  cmake_parse_arguments(arg "" "" "USES;SHOWS;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_(test|bench)\\.cc$")
  add_library(omendb_${name} STATIC ${sources})
  target_include_directories(omendb_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(omendb_${name} PRIVATE omendb_flags ${arg_LIBRARIES} PUBLIC Threads::Threads ${arg_SHOWS})
  foreach(floor ${arg_USES})
    target_link_libraries(omendb_${name} PUBLIC omendb_${floor})
  endforeach()
  set_property(GLOBAL APPEND PROPERTY OMENDB_FLOORS ${name})
endfunction()

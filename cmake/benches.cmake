# One program for each *_bench.cc beside the code it times. None is built unless it is named:
# ./dev build release --target kernels_bench makes build/release/kernels_bench.
get_property(floors GLOBAL PROPERTY OMENDB_FLOORS)
foreach(floor ${floors})
  file(GLOB_RECURSE benches CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${floor}/*_bench.cc)
  foreach(bench ${benches})
    get_filename_component(name ${bench} NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL ${bench})
    target_link_libraries(${name} PRIVATE omendb_flags omendb_${floor})
  endforeach()
endforeach()

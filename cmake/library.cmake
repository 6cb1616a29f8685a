# The library that users link, made of all floors, and its installation: find_package(omendb) gives omendb::omendb.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(floors GLOBAL PROPERTY OMENDB_FLOORS)

add_library(omendb STATIC)
foreach(floor ${floors})
  target_sources(omendb PRIVATE $<TARGET_OBJECTS:omendb_${floor}>)
endforeach()
set_target_properties(omendb PROPERTIES LINKER_LANGUAGE CXX)
add_library(omendb::omendb ALIAS omendb)
target_include_directories(omendb PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(omendb PUBLIC Threads::Threads hwy simdjson::simdjson utf8proc)
target_compile_features(omendb PUBLIC cxx_std_20)

install(TARGETS omendb EXPORT omendb-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/omendb DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT omendb-targets NAMESPACE omendb:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/omendb)
configure_package_config_file(cmake/omendb-config.cmake.in ${PROJECT_BINARY_DIR}/omendb-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/omendb)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/omendb-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/omendb-config.cmake ${PROJECT_BINARY_DIR}/omendb-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/omendb)

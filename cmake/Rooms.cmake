# A room is a folder of src/ and a static library. Its tests (x_test.cpp) stand beside the code and
# make one test program, test_<room>.
function(twinlake_room name)
  cmake_parse_arguments(ROOM "" "" "ROOMS;LIBRARIES;TOGETHER" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/main\\.cpp$")
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(${name} PUBLIC ${ROOM_ROOMS} ${ROOM_LIBRARIES} twinlake_pch_json PRIVATE twinlake_warnings)
  target_precompile_headers(${name} REUSE_FROM twinlake_pch_json)

  file(GLOB_RECURSE tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.cpp")
  if(TWINLAKE_TESTS AND tests)
    twinlake_test(test_${name} SOURCES ${tests} LIBRARIES ${name} TOGETHER ${ROOM_TOGETHER})
  endif()
endfunction()

# A test program whose cases ctest lists one by one. COST: what costs more begins earlier. LABEL seeds:
# its cases read TWINLAKE_SEEDS, and `./test --all` runs them again with many more.
function(twinlake_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT;LABEL;COST" "SOURCES;LIBRARIES;TOGETHER" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  if(NOT TEST_COST)
    set(TEST_COST 0)
  endif()
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE ${TEST_LIBRARIES} GTest::gtest_main twinlake_pch_test twinlake_warnings)
  target_precompile_headers(${name} REUSE_FROM twinlake_pch_test)
  target_compile_options(${name} PRIVATE ${TWINLAKE_TEST_OPTIONS})
  target_compile_definitions(${name} PRIVATE
    TWINLAKE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" TWINLAKE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  # A suite whose tests share what takes long to make is one test: each process would make it anew.
  set(alone "")
  foreach(suite ${TEST_TOGETHER})
    add_test(NAME ${name}.${suite} COMMAND ${name} --gtest_filter=${suite}.*)
    set_tests_properties(${name}.${suite} PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABEL}")
    string(APPEND alone ":${suite}.*")
  endforeach()
  if(alone)
    string(PREPEND alone "-")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_FILTER "${alone}"
    PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABEL}" COST ${TEST_COST})
endfunction()

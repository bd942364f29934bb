# A precompiled header NAME from cmake/pch/NAME.h, as a library: whoever links it may reuse the header.
# With clang the code of its inline functions and templates is made once, in an object of its own, and
# not again in each file that includes the header (ADR 0018: what that saves).
function(twinlake_precompiled name)
  cmake_parse_arguments(PCH "" "" "LIBRARIES;OPTIONS" ${ARGN})
  set(target twinlake_pch_${name})
  set(folder "${PROJECT_SOURCE_DIR}/cmake/pch")
  add_library(${target} STATIC "${folder}/${name}.cpp")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/cmake")
  target_link_libraries(${target} PRIVATE ${PCH_LIBRARIES} twinlake_warnings)
  target_compile_options(${target} PRIVATE ${PCH_OPTIONS})
  target_precompile_headers(${target} PRIVATE "${folder}/${name}.h")
  # The coverage of fuzzers refers to all functions, so that none could be left out when it is linked.
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_DISABLE_PRECOMPILE_HEADERS OR TWINLAKE_FUZZ)
    return()
  endif()
  target_compile_options(${target} PRIVATE -fpch-codegen)
  set(header "${PROJECT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.hxx.pch")
  set(object "${PROJECT_BINARY_DIR}/CMakeFiles/${target}.dir/cmake_pch.code.o")
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
  # A constructor that is an alias of another one is never inlined, and that object has hundreds of calls of such.
  list(APPEND flags -Xclang -mno-constructor-aliases)
  # JSON is most of what slow builds do at run time; optimised in this one object, the tests with sanitizers take
  # half of the processor time.
  if(NOT build_type STREQUAL "RELEASE" AND name STREQUAL "json")
    list(APPEND flags -O1)
  endif()
  add_custom_command(OUTPUT "${object}"
    COMMAND "${CMAKE_CXX_COMPILER}" ${flags} ${TWINLAKE_SANITIZE_OPTIONS} ${PCH_OPTIONS}
            -ffunction-sections -c "${header}" -o "${object}"
    DEPENDS "${header}" COMMENT "Building the code of the precompiled header ${name}" VERBATIM)
  set_source_files_properties("${object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  add_library(${target}_code STATIC "${object}")
  set_target_properties(${target}_code PROPERTIES
    LINKER_LANGUAGE CXX ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
  # By path and not by target: programs wait for it when they are linked, but no file waits for it to be
  # compiled.
  target_link_libraries(${target} INTERFACE "${PROJECT_BINARY_DIR}/lib${target}_code.a")
  # It has all inline functions of those headers, also the few that nobody calls and whose libraries
  # lack what they need.
  target_link_options(${target} INTERFACE -Wl,--gc-sections)
endfunction()

twinlake_precompiled(json LIBRARIES nlohmann_json::nlohmann_json tl::expected)
if(TWINLAKE_TESTS)
  # What is tested is compiled as it is shipped; the tests themselves need not be fast (ADR 0018).
  set(TWINLAKE_TEST_OPTIONS -O0)
  twinlake_precompiled(test LIBRARIES nlohmann_json::nlohmann_json tl::expected GTest::gtest
                       OPTIONS ${TWINLAKE_TEST_OPTIONS})
endif()

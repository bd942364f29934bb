# src/kinds/x.cpp defines `const Kind& x_kind()` in a namespace x of its own; the catalogue of all kinds is
# generated from the names of the files, so a file that does not define its kind is a link error.
file(GLOB kind_files CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/kinds/*.cpp")
list(FILTER kind_files EXCLUDE REGEX "_test\\.cpp$")
set(declarations "")
set(calls "")
foreach(file IN LISTS kind_files)
  get_filename_component(kind "${file}" NAME_WE)
  string(APPEND declarations "namespace ${kind} {\nconst Kind& ${kind}_kind();\n}\n")
  string(APPEND calls "    &${kind}::${kind}_kind(),\n")
endforeach()
file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/all_kinds.cpp" CONTENT
"// Generated from the files in src/kinds.
#include \"model/kind.h\"

namespace twinlake::kinds {
using model::Kind;
${declarations}
std::vector<const Kind*> all() {
  return {
${calls}  };
}
}  // namespace twinlake::kinds
" @ONLY)
add_library(kinds STATIC ${kind_files} "${CMAKE_CURRENT_BINARY_DIR}/all_kinds.cpp")
target_link_libraries(kinds PUBLIC model workspace PRIVATE twinlake_warnings)
target_precompile_headers(kinds REUSE_FROM twinlake_pch_json)
twinlake_compile_together(kinds)
file(GLOB kind_tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/kinds/*_test.cpp")
if(TWINLAKE_TESTS AND kind_tests)
  twinlake_test(test_kinds SOURCES ${kind_tests} LIBRARIES kinds simulator)
endif()

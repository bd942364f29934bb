# A text file carried inside the program: folder/NAME.EXTENSION becomes `const std::string_view NAMESPACE::NAME`,
# in a generated source file of `target`.
function(twinlake_embed_text target namespace file)
  set(path "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  get_filename_component(TWINLAKE_TEXT_NAME "${path}" NAME_WE)
  file(READ "${path}" TWINLAKE_TEXT)
  set(TWINLAKE_TEXT_FILE "${file}")
  set(TWINLAKE_TEXT_NAMESPACE "${namespace}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${target}_${TWINLAKE_TEXT_NAME}.cpp")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/text.cpp.in" "${output}" @ONLY)
  target_sources(${target} PRIVATE "${output}")
endfunction()

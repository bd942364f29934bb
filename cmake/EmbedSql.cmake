# The schema is written in SQL files and carried inside the program: state/schema/NNNN_name.sql
# become the steps of state::schema_steps(), in the order of their numbers; likewise for another room.
function(twinlake_embed_sql target folder)
  set(directory "${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
  file(GLOB files CONFIGURE_DEPENDS "${directory}/*.sql")
  list(SORT files)
  # GLOB notices new files only; this notices a changed one.
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${files})
  set(steps "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME)
    if(NOT name MATCHES "^0*([0-9]+)_[a-z0-9_]+\\.sql$")
      message(FATAL_ERROR "${folder}/${name}: a schema file is named NNNN_what_it_does.sql")
    endif()
    set(version "${CMAKE_MATCH_1}")
    file(READ "${file}" text)
    string(APPEND steps "    {${version}, \"${name}\", R\"sql(${text})sql\"},\n")
  endforeach()
  # @ONLY and a variable: the SQL itself must not be read as CMake code.
  set(TWINLAKE_SCHEMA_STEPS "${steps}")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${target}_schema.cpp")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/schema.cpp.in" "${output}" @ONLY)
  target_sources(${target} PRIVATE "${output}")
endfunction()

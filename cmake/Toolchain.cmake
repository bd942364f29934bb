# ccache and mold where they are installed; sanitizers by TWINLAKE_SANITIZE.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only when ccache is told that their defines and times do not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_NOHASHDIR=1 "${CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
if(TWINLAKE_SANITIZE)
  set(TWINLAKE_SANITIZE_OPTIONS -fsanitize=${TWINLAKE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_compile_options(${TWINLAKE_SANITIZE_OPTIONS})
  add_link_options(-fsanitize=${TWINLAKE_SANITIZE})
endif()

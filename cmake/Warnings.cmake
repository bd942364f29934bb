# For our own targets only; dependencies come in as SYSTEM.
add_library(twinlake_warnings INTERFACE)
target_compile_options(twinlake_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough
  -Wswitch-enum -Wunused-result
  # libstdc++ 12's own stable_sort uses its own deprecated get_temporary_buffer.
  -Wno-deprecated-declarations)
if(TWINLAKE_WERROR)
  target_compile_options(twinlake_warnings INTERFACE -Werror)
endif()

# For our own targets only; dependencies come in as SYSTEM.
add_library(twinlake_warnings INTERFACE)
target_compile_options(twinlake_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough
  -Wswitch-enum -Wunused-result
  # When files are compiled together, what one calls a local variable may be a function of another.
  $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>
  # libstdc++ 12's own stable_sort uses its own deprecated get_temporary_buffer.
  -Wno-deprecated-declarations)
if(TWINLAKE_WERROR)
  target_compile_options(twinlake_warnings INTERFACE -Werror)
endif()

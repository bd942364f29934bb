# g++ 12 silently miscompiles aggregates inside co_await expressions (docs/adr/0010), so it is refused.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR
    "g++ ${CMAKE_CXX_COMPILER_VERSION} miscompiles C++20 coroutines (double frees at run time). "
    "Use clang-19: cmake -DCMAKE_CXX_COMPILER=clang++-19, or one of the presets.")
endif()

#include "base/memory.h"

#include <malloc.h>

namespace twinlake {

void give_back_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

void give_back_large_blocks() {
#ifdef __GLIBC__
  constexpr int first_value = 128 * 1024;  // what glibc begins with
  mallopt(M_MMAP_THRESHOLD, first_value);
  mallopt(M_TRIM_THRESHOLD, first_value);
#endif
}

}  // namespace twinlake

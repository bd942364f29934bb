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
  // Above the pieces in which files are sent: to map each of those anew takes more time than to
  // send it.
  constexpr int large = 8 << 20;
  mallopt(M_MMAP_THRESHOLD, large);
  mallopt(M_TRIM_THRESHOLD, large);
#endif
}

}  // namespace twinlake

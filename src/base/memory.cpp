#include "base/memory.h"

#include <malloc.h>

namespace twinlake {

void give_back_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace twinlake

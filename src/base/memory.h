#pragma once

namespace twinlake {

/// Gives what is free back to the system. For ends of phases that leave a hundred megabytes free in
/// small pieces: glibc keeps these, and large texts and tables of the next phase are mapped beside
/// them. Where the C library has nothing of the kind, nothing happens.
void give_back_free_memory();

}  // namespace twinlake

#pragma once

namespace twinlake {

/// Gives what is free back to the system. For ends of phases that leave a hundred megabytes free in
/// small pieces: glibc keeps these, and large texts and tables of the next phase are mapped beside
/// them. Where the C library has nothing of the kind, nothing happens.
void give_back_free_memory();

/// Once, at the start: the tables of a large estate go back to the system when they are freed. glibc
/// raises the size from which blocks do with each one that is freed, up to 32 MB, and tables that
/// grow then leave holes of their earlier sizes.
void give_back_large_blocks();

}  // namespace twinlake

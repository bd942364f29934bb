#include "simulation/state_disk.h"

#include <sqlite3.h>

#include <stdexcept>
#include <utility>

namespace twinlake::simulation {

namespace {

/// A file of SQLite: ours first, then the one of the system, in one piece of memory that SQLite provides.
struct TroubledFile {
  sqlite3_file base;
  StateDisk* disk;
  sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

TroubledFile* ours(sqlite3_file* file) { return reinterpret_cast<TroubledFile*>(file); }
sqlite3_file* below(sqlite3_file* file) { return ours(file)->system(); }
const sqlite3_io_methods* calls(sqlite3_file* file) { return below(file)->pMethods; }

int write_to(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  if (const int error = ours(file)->disk->before_write(); error != SQLITE_OK) return error;
  return calls(file)->xWrite(below(file), bytes, count, offset);
}
int truncate_to(sqlite3_file* file, sqlite3_int64 size) {
  if (const int error = ours(file)->disk->before_write(); error != SQLITE_OK) return error;
  return calls(file)->xTruncate(below(file), size);
}
int sync_it(sqlite3_file* file, int flags) {
  if (const int error = ours(file)->disk->before_sync(); error != SQLITE_OK) return error;
  return calls(file)->xSync(below(file), flags);
}
int close_it(sqlite3_file* file) { return calls(file)->xClose(below(file)); }
int read_from(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) { return calls(file)->xRead(below(file), to, count, offset); }
int size_of(sqlite3_file* file, sqlite3_int64* size) { return calls(file)->xFileSize(below(file), size); }
int lock_it(sqlite3_file* file, int level) { return calls(file)->xLock(below(file), level); }
int unlock_it(sqlite3_file* file, int level) { return calls(file)->xUnlock(below(file), level); }
int is_reserved(sqlite3_file* file, int* answer) { return calls(file)->xCheckReservedLock(below(file), answer); }
int control(sqlite3_file* file, int what, void* argument) { return calls(file)->xFileControl(below(file), what, argument); }
int sector(sqlite3_file* file) { return calls(file)->xSectorSize(below(file)); }
int characteristics(sqlite3_file* file) { return calls(file)->xDeviceCharacteristics(below(file)); }
int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** at) { return calls(file)->xShmMap(below(file), page, size, extend, at); }
int lock_shared(sqlite3_file* file, int offset, int count, int flags) { return calls(file)->xShmLock(below(file), offset, count, flags); }
void barrier(sqlite3_file* file) { calls(file)->xShmBarrier(below(file)); }
int unmap_shared(sqlite3_file* file, int remove) { return calls(file)->xShmUnmap(below(file), remove); }

constexpr sqlite3_io_methods methods{2, close_it, read_from, write_to, truncate_to, sync_it, size_of, lock_it, unlock_it, is_reserved,
                                     control, sector, characteristics, map_shared, lock_shared, barrier, unmap_shared, nullptr, nullptr};

struct Registered {
  sqlite3_vfs vfs{};
  sqlite3_vfs* system = nullptr;
};
/// SQLite keeps a pointer to it and knows of one default only.
Registered registered;

int open_it(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  TroubledFile* const mine = ours(file);
  mine->disk = static_cast<StateDisk*>(vfs->pAppData);
  const int opened = registered.system->xOpen(registered.system, name, mine->system(), flags, out_flags);
  file->pMethods = mine->system()->pMethods == nullptr ? nullptr : &methods;
  return opened;
}

}  // namespace

StateDisk::StateDisk() {
  if (registered.vfs.pAppData != nullptr) throw std::logic_error("two disks at once");
  registered.system = sqlite3_vfs_find(nullptr);
  registered.vfs = *registered.system;
  registered.vfs.zName = "troubled";
  registered.vfs.szOsFile = static_cast<int>(sizeof(TroubledFile)) + registered.system->szOsFile;
  registered.vfs.xOpen = open_it;
  registered.vfs.pAppData = this;
  sqlite3_vfs_register(&registered.vfs, 1);
}

StateDisk::~StateDisk() {
  sqlite3_vfs_unregister(&registered.vfs);
  sqlite3_vfs_register(registered.system, 1);
  registered.vfs.pAppData = nullptr;
}

void StateDisk::break_after(unsigned writes, Trouble trouble, std::function<void()> told) {
  left_ = writes;
  trouble_ = trouble;
  told_ = std::move(told);
}

void StateDisk::mend() {
  left_.reset();
  is_broken_ = false;
  told_ = nullptr;
}

int StateDisk::before_write() {
  if (!is_broken_ && left_ && (*left_)-- == 0) {
    is_broken_ = true;
    if (told_) told_();
  }
  if (!is_broken_) return SQLITE_OK;
  return trouble_ == Trouble::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int StateDisk::before_sync() {
  if (!is_broken_ || trouble_ == Trouble::full) return SQLITE_OK;
  return SQLITE_IOERR_FSYNC;
}

}  // namespace twinlake::simulation

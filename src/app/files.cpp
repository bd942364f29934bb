#include "app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace twinlake::app {

namespace {

Error file_error(const std::string& path, int code) {
  if (code == EEXIST)
    return Error(Fault::refused, path + " is there already",
                 "Give another name, or --force to replace it");
  std::string hint = "Choose another place for the file";
  if (code == ENOSPC || code == EDQUOT) hint = "Make room on that disk, or choose another place";
  if (code == EACCES || code == EROFS || code == EPERM)
    hint = "Give yourself the right to write there, or choose another place";
  if (code == ENOENT) hint = "Make its folder first, or choose another place";
  return Error(Fault::io, "cannot write " + path + ": " + std::strerror(code), hint);
}

int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return fsync(descriptor) == 0 || errno == EINVAL ? 0 : errno;
}

/// Gives errno: EEXIST when something has that name.
int rename_to_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // Some file systems know no such renaming; a second name is refused by them too where one is.
  if (link(from.c_str(), to.c_str()) != 0) return errno;
  unlink(from.c_str());
  return 0;
}

int rename_over(const std::string& from, const std::string& to) {
  return rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

Result<void> write_and_rename(const std::string& path, std::string_view content, Privacy privacy,
                              int (*give_name)(const std::string&, const std::string&)) {
  std::string beside = path + ".XXXXXX";
  const int descriptor = mkostemp(beside.data(), O_CLOEXEC);
  if (descriptor < 0) return fail(file_error(path, errno));
  int problem = write_all(descriptor, content);
  const mode_t mode = privacy == Privacy::owner_only ? 0600 : 0644;
  if (problem == 0 && fchmod(descriptor, mode) != 0) problem = errno;
  if (close(descriptor) != 0 && problem == 0) problem = errno;
  if (problem == 0) problem = give_name(beside, path);
  if (problem == 0) return {};
  unlink(beside.c_str());
  return fail(file_error(path, problem));
}

}  // namespace

Result<void> write_atomically(const std::string& path, std::string_view content, Privacy privacy) {
  return write_and_rename(path, content, privacy, rename_over);
}

Result<void> write_new_atomically(const std::string& path, std::string_view content,
                                  Privacy privacy) {
  return write_and_rename(path, content, privacy, rename_to_new);
}

std::string expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* const home = std::getenv("HOME");
  return home == nullptr ? path : home + path.substr(1);
}

}  // namespace twinlake::app

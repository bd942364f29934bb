#include "app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace twinlake::app {

namespace {

Error file_error(const std::string& path, int code) {
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

}  // namespace

Result<void> write_atomically(const std::string& path, std::string_view content, Privacy privacy) {
  std::string beside = path + ".XXXXXX";
  const int descriptor = mkostemp(beside.data(), O_CLOEXEC);
  if (descriptor < 0) return fail(file_error(path, errno));
  int problem = write_all(descriptor, content);
  const mode_t mode = privacy == Privacy::owner_only ? 0600 : 0644;
  if (problem == 0 && fchmod(descriptor, mode) != 0) problem = errno;
  if (close(descriptor) != 0 && problem == 0) problem = errno;
  if (problem == 0 && rename(beside.c_str(), path.c_str()) != 0) problem = errno;
  if (problem == 0) return {};
  unlink(beside.c_str());
  return fail(file_error(path, problem));
}

std::string expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const char* const home = std::getenv("HOME");
  return home == nullptr ? path : home + path.substr(1);
}

}  // namespace twinlake::app

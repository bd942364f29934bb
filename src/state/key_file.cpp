#include "state/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "state/database.h"
#include "state/descriptor.h"

namespace twinlake::state {

namespace {

constexpr std::size_t key_digits = 64;

/// Not from the loop's seeded source: a key that a seed could replay would be no key.
Result<std::string> random_key() {
  std::array<unsigned char, key_digits / 2> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    return fail(Fault::io, "the system gives no random bytes for the fingerprint key");
  }
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : bytes) {
    hex += digits[byte >> 4U];
    hex += digits[byte & 15U];
  }
  return hex;
}

Result<std::string> read_key(const Descriptor& file, const std::string& path) {
  struct stat facts{};
  if (fstat(file.number(), &facts) != 0) return fail(file_error("cannot read", path, errno));
  if ((facts.st_mode & 077U) != 0) {
    return fail(
        Fault::io, path + " holds a key and can be read by others",
        "Run `chmod 600` on it, or remove it: a new one is made and objects are read again");
  }
  std::string text(key_digits + 2, '\0');
  const ssize_t length = read(file.number(), text.data(), text.size());
  if (length < 0) return fail(file_error("cannot read", path, errno));
  text.resize(static_cast<std::size_t>(length));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (text.size() != key_digits ||
      text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return fail(Fault::io, path + " is not a fingerprint key",
                "Remove it: a new one is made, and objects are compared by reading them again");
  }
  return text;
}

Result<void> write_new(const std::string& path, const std::string& key) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return fail(file_error("cannot make", path, errno));
  const std::string line = key + "\n";
  const ssize_t written = write(file.number(), line.data(), line.size());
  if (written < 0) return fail(file_error("cannot write", path, errno));
  if (static_cast<std::size_t>(written) != line.size()) return fail(disk_full(path));
  if (fsync(file.number()) != 0) return fail(file_error("cannot write", path, errno));
  return {};
}

/// Complete under another name first, then linked: a link never replaces a key that is there.
Result<void> make_key(const std::string& path) {
  const std::string draft = path + "." + std::to_string(getpid());
  TRY(const std::string key, random_key());
  unlink(draft.c_str());  // left by a process of this number that was killed here
  auto outcome = write_new(draft, key);
  if (outcome && link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    outcome = fail(file_error("cannot make", path, errno));
  }
  unlink(draft.c_str());
  return outcome;
}

}  // namespace

Result<std::string> read_or_make_key(const std::string& path) {
  for (const bool may_make : {true, false}) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file) return read_key(file, path);
    if (errno != ENOENT || !may_make) break;
    CHECK(make_key(path));
  }
  return fail(file_error("cannot read", path, errno));
}

}  // namespace twinlake::state

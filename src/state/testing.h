#pragma once
// What the tests of the state share.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "state/store.h"

namespace twinlake::state {

/// A folder of its own, gone after the test.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(
      const std::filesystem::path& within = std::filesystem::temp_directory_path()) {
    std::string pattern = (within / "twinlake-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline std::unique_ptr<Store> opened(const std::string& folder) {
  auto store = Store::open(folder, "prod");
  if (!store) throw std::runtime_error(describe(store.error()));
  return std::move(*store);
}

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline Time at(std::int64_t seconds) { return Time(std::chrono::seconds(1'750'000'000 + seconds)); }

inline Binding binding(const std::string& uuid, const std::string& key = "nightly load") {
  return {.uuid = uuid,
          .kind = "thing",
          .key = key,
          .parent = "",
          .home_id = "11",
          .away_id = "22",
          .away_origin = Origin::created};
}

inline Intent intent(const std::string& uuid, std::int64_t run = 0) {
  return {.run = run,
          .uuid = uuid,
          .kind = "thing",
          .key = "nightly load",
          .side = model::Side::away,
          .action = "create",
          .target_id = "",
          .started = at(0)};
}

/// Runs `work` in a process of its own, which then ends without any clean-up, as if killed. True
/// when `work` returned true. What a test says in there is printed, and makes it false.
template <class Work>
[[nodiscard]] bool in_child(const Work& work) {
  const pid_t child = fork();
  if (child == 0) {
    bool good = false;
    try {
      good = work();
    } catch (const std::exception& thrown) {
      std::fprintf(stderr, "in the child: %s\n", thrown.what());
    }
    _exit(good ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// root may write everywhere: what a read-only folder does can only be seen as somebody else.
inline void become_ordinary_user() {
  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
    throw std::runtime_error("cannot become an ordinary user");
  }
}

}  // namespace twinlake::state

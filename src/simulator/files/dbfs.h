#pragma once
// DBFS: the workspace's own root and what is mounted into it, by path and by handle.
//
// POST /sim/dbfs changes what the documentation leaves open or what differs between workspaces:
// {"files_per_delete", "partial_delete_status", "files_per_list", "whole_seconds"}.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/body.h"
#include "simulator/files/blob.h"
#include "simulator/service.h"

namespace twinlake::simulator {

struct DbfsEntry {
  bool is_dir = false;
  std::int64_t modified_at = 0;
  Blob content;
};

struct DbfsSettings {
  std::size_t files_per_delete = 10000;  ///< a recursive delete of more must be repeated
  int partial_delete_status = 503;       ///< the table of codes says 500, the prose 503
  std::size_t files_per_list = 0;        ///< 0: a list may be of any length
  bool whole_seconds = false;            ///< times of modification as a blob store counts them
};

constexpr std::size_t dbfs_block_limit = 1048576;  ///< 1 MB: one read, one block, one JSON upload
constexpr std::int64_t dbfs_handle_idle_millis = 600'000;

[[nodiscard]] inline http::Response no_such_path(std::string_view asked) {
  return absent("No file or directory exists on path " + std::string(asked) + ".");
}

class Dbfs : public Service {
 public:
  explicit Dbfs(Region& region);
  [[nodiscard]] json world() const override;

  struct Row {
    std::string path;
    const DbfsEntry* entry;
  };
  /// What is in a folder, or the file itself.
  Refusal list(std::string_view asked, std::vector<Row>& rows) const;
  /// A whole file, with the folders above it.
  Refusal write(std::string_view asked, Blob content, bool overwrite);
  Refusal read(std::string_view asked, std::uint64_t offset, std::uint64_t length,
               std::string& bytes) const;
  /// The entry at a path; nullptr when there is none or nobody may see it.
  [[nodiscard]] const DbfsEntry* find(std::string_view asked) const;
  [[nodiscard]] DbfsSettings& settings() { return settings_; }

 private:
  /// A path and where its content lies: in the root, or in the storage that is mounted there.
  struct Place {
    std::string path;
    std::string key;
  };
  /// A file being written. Nobody sees its bytes before it is closed.
  struct Stream {
    std::string path;
    Blob content;
    std::int64_t last_used = 0;
  };

  // dbfs.cpp: reading and the places
  void add_routes();
  Refusal locate(std::string_view asked, Place& place) const;
  [[nodiscard]] const DbfsEntry* entry_at(const Place& place) const;
  [[nodiscard]] std::vector<Row> children(const Place& place) const;
  http::Response list_request(Call& call) const;
  http::Response get_status(Call& call) const;
  http::Response read_request(Call& call) const;

  // dbfs_changes.cpp
  http::Response put(Call& call);
  http::Response put_form(Call& call);
  http::Response create(Call& call);
  http::Response add_block(Call& call);
  http::Response close(Call& call);
  http::Response make_directories(Call& call);
  http::Response remove(Call& call);
  http::Response move(Call& call);
  http::Response change_settings(Call& call);
  Refusal locate_for_change(std::string_view asked, Place& place) const;
  Refusal make_path(const Place& place);
  Refusal check_file_place(std::string_view asked, bool overwrite, Place& place) const;
  [[nodiscard]] Stream* stream(Call& call, Refusal& refusal);
  [[nodiscard]] std::int64_t modification_time() const;

  Region& region_;
  DbfsSettings settings_;
  std::map<std::string, DbfsEntry> nodes_;  ///< by key
  std::map<std::int64_t, Stream> streams_;  ///< by handle
};

}  // namespace twinlake::simulator

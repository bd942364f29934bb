#pragma once
// The Files API: what is in the volumes of Unity Catalog, file by file or in parts.
//
// POST /sim/volume-files changes what the documentation leaves open:
// {"implicit_folders", "part_etags"}.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "simulator/body.h"
#include "simulator/files/blob.h"
#include "simulator/service.h"

namespace twinlake::simulator {

struct VolumeEntry {
  bool is_dir = false;
  std::int64_t modified_at = 0;
  Blob content;
};

struct VolumeFilesSettings {
  bool implicit_folders = false;  ///< an upload makes the folders above it, instead of 404
  bool part_etags = true;         ///< the storage tells the ETag of a part; Azure's may not
};

class VolumeFiles : public Service {
 public:
  explicit VolumeFiles(Region& region);
  [[nodiscard]] json world() const override;

  /// Puts a file there, with the folders above it. The volume must exist.
  Refusal plant(std::string_view path, std::string bytes);
  [[nodiscard]] const VolumeEntry* find(std::string_view path) const;
  [[nodiscard]] VolumeFilesSettings& settings() { return settings_; }

 private:
  struct Place {
    std::string path;  ///< "/Volumes/main/raw/files/in"
    std::string root;  ///< where the content of that volume lies
    std::string key;   ///< where this lies; the root itself for the volume
  };
  struct Upload {
    std::string path;
    bool overwrite = false;
    struct Part {
      Blob content;
      std::string etag;
    };
    std::map<std::int64_t, Part> parts;
  };

  // volume_files.cpp: files and folders
  void add_routes();
  Refusal locate(std::string_view asked, Place& place) const;
  [[nodiscard]] const VolumeEntry* entry_at(const Place& place) const;
  Refusal check_upload(const Place& place, bool overwrite) const;
  Refusal store(const Place& place, Blob content, bool overwrite);
  Refusal make_path(const Place& place);
  http::Response head_file(Call& call) const;
  http::Response get_file(Call& call) const;
  http::Response put_file(Call& call);
  http::Response delete_file(Call& call);
  http::Response list_folder(Call& call) const;
  http::Response head_folder(Call& call) const;
  http::Response put_folder(Call& call);
  http::Response delete_folder(Call& call);
  [[nodiscard]] Refusal find_file(std::string_view asked, const VolumeEntry*& file) const;
  [[nodiscard]] Refusal find_folder(std::string_view asked, Place& place) const;

  // volume_uploads.cpp: parts, and links that need no token
  void add_upload_routes();
  http::Response post_file(Call& call);
  http::Response initiate(Call& call);
  http::Response complete(Call& call);
  http::Response part_links(Call& call);
  http::Response abort_link(Call& call);
  http::Response download_link(Call& call);
  http::Response put_part(Call& call);
  http::Response abort_upload(Call& call);
  http::Response download(Call& call) const;
  [[nodiscard]] std::string link(const Call& call, const std::string& plain_path,
                                 std::int64_t end) const;
  [[nodiscard]] Refusal refuse_link(const Call& call) const;
  [[nodiscard]] std::string signature(const std::string& path, std::string_view end) const;
  [[nodiscard]] Refusal read_expiry(const json& body, std::int64_t& end) const;

  Region& region_;
  VolumeFilesSettings settings_;
  std::map<std::string, VolumeEntry> entries_;  ///< by key
  std::map<std::string, Upload> uploads_;       ///< by session token
};

/// The whole content, or the part that the headers ask for.
[[nodiscard]] http::Response content_of(const VolumeEntry& file, const http::Request& request);
/// "Thu, 01 Jan 2026 00:00:00 GMT", as headers write times.
[[nodiscard]] std::string http_date(std::int64_t millis);

constexpr std::string_view presigned_root = "/presigned/";  ///< links that need no token

}  // namespace twinlake::simulator

#include "simulator/files/volume_files.h"

#include <algorithm>

#include "simulator/collection.h"
#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"
#include "simulator/files/unity_catalog.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t largest_page = 1000;
constexpr std::string_view token_mark = "after:";

http::Response missing(std::string_view path) {
  return error(404, "NOT_FOUND", "No file or directory exists at " + std::string(path) + ".");
}
http::Response wrong_kind(std::string_view path, const VolumeEntry& entry) {
  return error(409, "RESOURCE_CONFLICT",
               std::string(path) + " is a " + (entry.is_dir ? "directory." : "file."));
}
http::Response no_content() {
  http::Response response(204, "");
  response.headers.clear();
  return response;
}
std::string path_in(const Call& call) { return "/" + call.arguments.at("path"); }
std::string parent_of(const std::string& text) { return text.substr(0, text.rfind('/')); }

json shown(const std::string& path, const VolumeEntry& entry) {
  json row = json::object({{"path", path + (entry.is_dir ? "/" : "")},
                           {"name", path.substr(path.rfind('/') + 1)},
                           {"is_directory", entry.is_dir}});
  if (entry.is_dir) return row;
  row["file_size"] = entry.content.size();
  row["last_modified"] = entry.modified_at;
  return row;
}

/// How much of a folder is asked for, and the name after which it begins.
Refusal read_page(const Call& call, std::string& after, std::size_t& limit) {
  const std::string token = call.query("page_token");
  const auto plain = base64_decode(token);
  if (!plain || (!token.empty() && !plain->starts_with(token_mark)))
    return invalid("Invalid page token: " + token);
  if (!token.empty()) after = plain->substr(token_mark.size());
  const std::string size = call.query("page_size", "0");
  const auto wanted = integer_of(json::object({{"n", size}}), "n").value_or(-1);
  if (wanted < 0 || wanted > largest_page) return invalid("page_size must be at most 1000.");
  limit = static_cast<std::size_t>(wanted == 0 ? largest_page : wanted);
  return std::nullopt;
}
}  // namespace

VolumeFiles::VolumeFiles(Region& region) : region_(region) {
  add_routes();
  add_upload_routes();
}

void VolumeFiles::add_routes() {
  using http::Method;
  Router& router = region_.router();
  const std::string files = "/api/2.0/fs/files/{path...}";
  const std::string folders = "/api/2.0/fs/directories/{path...}";
  router.add(Method::get, files, [this](Call& call) { return get_file(call); });
  router.add(Method::head, files, [this](Call& call) { return head_file(call); });
  router.add(Method::put, files, [this](Call& call) { return put_file(call); });
  router.add(Method::del, files, [this](Call& call) { return delete_file(call); });
  router.add(Method::get, folders, [this](Call& call) { return list_folder(call); });
  router.add(Method::head, folders, [this](Call& call) { return head_folder(call); });
  router.add(Method::put, folders, [this](Call& call) { return put_folder(call); });
  router.add(Method::del, folders, [this](Call& call) { return delete_folder(call); });
  router.add(Method::post, "/sim/volume-files", [this](Call& call) {
    settings_.implicit_folders = flag_of(call.body, "implicit_folders", settings_.implicit_folders);
    settings_.part_etags = flag_of(call.body, "part_etags", settings_.part_etags);
    return done();
  });
}

Refusal VolumeFiles::locate(std::string_view asked, Place& place) const {
  const std::string path = Mounts::canonical(asked);
  std::vector<std::string> parts = split(path, '/');
  if (parts.size() < 5 || parts[1] != "Volumes")
    return invalid("A path has the form /Volumes/<catalog>/<schema>/<volume>/..., not " +
                   std::string(asked));
  std::string name = lower(parts[2] + "." + parts[3] + "." + parts[4]);
  const json* volume = region_.get<UnityCatalog>().volume(name);
  if (volume == nullptr) return error(404, "NOT_FOUND", "Volume '" + name + "' does not exist.");
  place.root = text_of(*volume, "storage_location");
  switch (region_.get<StorageAccounts>().state_of(place.root)) {
    case AccountState::alive: break;
    case AccountState::dead:
      return error(503, "TEMPORARILY_UNAVAILABLE", "The storage of the volume does not answer.");
    case AccountState::denies:
      return error(403, "PERMISSION_DENIED", "The storage of the volume denies access.");
  }
  std::string rest;
  for (std::size_t i = 5; i < parts.size(); ++i) rest += "/" + parts[i];
  std::ranges::replace(name, '.', '/');
  place.path = "/Volumes/" + name + rest;
  place.key = place.root + rest;
  return std::nullopt;
}

const VolumeEntry* VolumeFiles::entry_at(const Place& place) const {
  static const VolumeEntry volume{.is_dir = true, .modified_at = 0, .content = {}};
  if (place.key == place.root) return &volume;
  const auto found = entries_.find(place.key);
  return found == entries_.end() ? nullptr : &found->second;
}

const VolumeEntry* VolumeFiles::find(std::string_view path) const {
  Place place;
  return locate(path, place) ? nullptr : entry_at(place);
}

Refusal VolumeFiles::find_file(std::string_view asked, const VolumeEntry*& file) const {
  Place place;
  if (auto refusal = locate(asked, place)) return refusal;
  file = entry_at(place);
  if (file == nullptr) return missing(place.path);
  if (file->is_dir) return wrong_kind(place.path, *file);
  return std::nullopt;
}

http::Response VolumeFiles::get_file(Call& call) const {
  const VolumeEntry* file = nullptr;
  if (auto refusal = find_file(path_in(call), file)) return *refusal;
  return content_of(*file, call.request);
}

http::Response VolumeFiles::head_file(Call& call) const {
  const VolumeEntry* file = nullptr;
  if (auto refusal = find_file(path_in(call), file)) return *refusal;
  http::Response response(200, "", "application/octet-stream");
  response.headers.emplace_back("Content-Length", std::to_string(file->content.size()));
  response.headers.emplace_back("Last-Modified", http_date(file->modified_at));
  return response;
}

Refusal VolumeFiles::check_upload(const Place& place, bool overwrite) const {
  const VolumeEntry* here = entry_at(place);
  if (here != nullptr && here->is_dir) return wrong_kind(place.path, *here);
  if (here != nullptr && !overwrite)
    return error(409, "ALREADY_EXISTS", "The file " + place.path + " already exists.");
  if (settings_.implicit_folders) return std::nullopt;
  const Place above{parent_of(place.path), place.root, parent_of(place.key)};
  const VolumeEntry* parent = entry_at(above);
  if (parent == nullptr) return missing(above.path);
  if (!parent->is_dir) return wrong_kind(above.path, *parent);
  return std::nullopt;
}

Refusal VolumeFiles::store(const Place& place, Blob content, bool overwrite) {
  if (auto refusal = check_upload(place, overwrite)) return refusal;
  if (auto refusal = make_path({parent_of(place.path), place.root, parent_of(place.key)}))
    return refusal;
  VolumeEntry& file = entries_[place.key];
  file.content = std::move(content);
  file.modified_at = region_.now_millis();
  return std::nullopt;
}

Refusal VolumeFiles::make_path(const Place& place) {
  if (const VolumeEntry* here = entry_at(place)) {
    if (!here->is_dir) return wrong_kind(place.path, *here);
    return std::nullopt;
  }
  if (auto refusal = make_path({parent_of(place.path), place.root, parent_of(place.key)}))
    return refusal;
  VolumeEntry& folder = entries_[place.key];
  folder.is_dir = true;
  folder.modified_at = region_.now_millis();
  return std::nullopt;
}

Refusal VolumeFiles::plant(std::string_view path, std::string bytes) {
  Place place;
  if (auto refusal = locate(path, place)) return refusal;
  if (auto refusal = make_path({parent_of(place.path), place.root, parent_of(place.key)}))
    return refusal;
  return store(place, Blob(std::move(bytes)), true);
}

http::Response VolumeFiles::put_file(Call& call) {
  Place place;
  if (auto refusal = locate(path_in(call), place)) return *refusal;
  // What is not said replaces.
  const bool overwrite = call.query("overwrite", "true") == "true";
  if (auto refusal = check_upload(place, overwrite)) return *refusal;
  const auto refusal = store(place, Blob(bytes_of(call.request)), overwrite);
  return refusal ? *refusal : no_content();
}

http::Response VolumeFiles::delete_file(Call& call) {
  const VolumeEntry* file = nullptr;
  if (auto refusal = find_file(path_in(call), file)) return *refusal;
  Place place;
  (void)locate(path_in(call), place);
  entries_.erase(place.key);
  return no_content();
}

Refusal VolumeFiles::find_folder(std::string_view asked, Place& place) const {
  if (auto refusal = locate(asked, place)) return refusal;
  const VolumeEntry* folder = entry_at(place);
  if (folder == nullptr) return missing(place.path);
  if (!folder->is_dir) return wrong_kind(place.path, *folder);
  return std::nullopt;
}

http::Response VolumeFiles::list_folder(Call& call) const {
  Place place;
  if (auto refusal = find_folder(path_in(call), place)) return *refusal;
  std::string after;
  std::size_t limit = 0;
  if (auto refusal = read_page(call, after, limit)) return *refusal;
  const std::string prefix = place.key + "/";
  auto at = after.empty() ? entries_.lower_bound(prefix) : entries_.upper_bound(prefix + after);
  json body = json::object();
  std::string last;
  while (at != entries_.end() && at->first.starts_with(prefix)) {
    const std::string name = at->first.substr(prefix.size());
    if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
      at = entries_.lower_bound(prefix + name.substr(0, slash) + '0');  // '0' follows '/'
      continue;
    }
    if (count_of(body, "contents") == limit) {
      body["next_page_token"] = base64_encode(std::string(token_mark) + last);
      break;
    }
    body["contents"].push_back(shown(place.path + "/" + name, at->second));
    last = name;
    ++at;
  }
  return answer(body);
}

http::Response VolumeFiles::head_folder(Call& call) const {
  Place place;
  const auto refusal = find_folder(path_in(call), place);
  return refusal ? *refusal : done();
}

http::Response VolumeFiles::put_folder(Call& call) {
  Place place;
  if (auto refusal = locate(path_in(call), place)) return *refusal;
  const auto refusal = make_path(place);
  return refusal ? *refusal : no_content();
}

http::Response VolumeFiles::delete_folder(Call& call) {
  Place place;
  if (auto refusal = find_folder(path_in(call), place)) return *refusal;
  if (place.key == place.root) return invalid("A volume is not deleted as a directory.");
  const auto first = entries_.lower_bound(place.key + "/");
  if (first != entries_.end() && first->first.starts_with(place.key + "/"))
    return error(400, "DIRECTORY_NOT_EMPTY", "The directory is not empty: " + place.path);
  entries_.erase(place.key);
  return no_content();
}

json VolumeFiles::world() const {
  json all = json::array();
  auto& catalog = region_.get<UnityCatalog>();
  for (const std::string& name : catalog.volume_names()) {
    const std::string prefix = text_of(*catalog.volume(name), "storage_location") + "/";
    std::string path = "/Volumes/" + name + "/";
    std::ranges::replace(path, '.', '/');
    for (auto at = entries_.lower_bound(prefix);
         at != entries_.end() && at->first.starts_with(prefix); ++at) {
      json row = shown(path + at->first.substr(prefix.size()), at->second);
      if (!at->second.is_dir) row["sha256"] = at->second.content.sha256();
      all.push_back(std::move(row));
    }
  }
  return json::object({{"volume_files", std::move(all)}});
}

}  // namespace twinlake::simulator

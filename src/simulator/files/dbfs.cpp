// Where things are in DBFS, and reading them.
#include "simulator/files/dbfs.h"
#include "simulator/files/paths.h"

#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"

namespace twinlake::simulator {

namespace {
constexpr std::uint64_t usual_read = 524288;

/// Every workspace has these from its first day.
constexpr const char* first_folders[] = {"/",
                                         "/FileStore",
                                         "/databricks",
                                         "/databricks-datasets",
                                         "/databricks-results",
                                         "/databricks/mlflow-tracking",
                                         "/databricks/mlflow-registry",
                                         "/tmp",
                                         "/user",
                                         "/user/hive",
                                         "/user/hive/warehouse"};

json shown(const std::string& path, const DbfsEntry& entry) {
  return json::object({{"path", path},
                       {"is_dir", entry.is_dir},
                       {"file_size", entry.content.size()},
                       {"modification_time", entry.modified_at}});
}

std::optional<std::int64_t> number_in(const Call& call, std::string_view name,
                                      std::int64_t otherwise) {
  const std::string text = call.query(name);
  if (text.empty()) return otherwise;
  return integer_of(json::object({{"n", text}}), "n");
}
}  // namespace

Dbfs::Dbfs(Region& region) : region_(region) {
  DbfsEntry folder;
  folder.is_dir = true;
  for (const char* path : first_folders) nodes_[path] = folder;
  nodes_["/databricks-datasets/README.md"].content = Blob("Databricks hosted datasets\n");
  add_routes();
}

void Dbfs::add_routes() {
  using http::Method;
  Router& router = region_.router();
  const auto get = [&](const char* name, http::Response (Dbfs::*handler)(Call&) const) {
    router.add(Method::get, std::string("/api/2.0/dbfs/") + name,
               [this, handler](Call& call) { return (this->*handler)(call); });
  };
  const auto post = [&](const char* name, http::Response (Dbfs::*handler)(Call&)) {
    router.add(Method::post, std::string("/api/2.0/dbfs/") + name,
               [this, handler](Call& call) { return (this->*handler)(call); });
  };
  get("list", &Dbfs::list_request);
  get("get-status", &Dbfs::get_status);
  get("read", &Dbfs::read_request);
  post("put", &Dbfs::put);
  post("create", &Dbfs::create);
  post("add-block", &Dbfs::add_block);
  post("close", &Dbfs::close);
  post("mkdirs", &Dbfs::make_directories);
  post("delete", &Dbfs::remove);
  post("move", &Dbfs::move);
  router.add(Method::post, "/sim/dbfs", [this](Call& call) { return change_settings(call); });
}

Refusal Dbfs::locate(std::string_view asked, Place& place) const {
  if (region_.options().legacy_dbfs_disabled)
    return error(403, "FEATURE_DISABLED",
                 "Public DBFS root is disabled. Access is denied on path: " + std::string(asked));
  place.path = Mounts::canonical(asked);
  if (place.path.empty()) return invalid("Path must be absolute: " + std::string(asked));
  if (is_within(place.path, "/Volumes"))
    return invalid("Volumes are not reached by this API: " + std::string(asked));
  const Mounts& mounts = region_.get<Mounts>();
  place.key = place.path;
  if (const Mount* mount = mounts.covering(place.path)) {
    const AccountState state = region_.get<StorageAccounts>().state_of(mount->source);
    if (state == AccountState::dead)
      return error(500, "IO_ERROR", "The storage of " + mount->point + " does not answer.");
    if (state == AccountState::denies)
      return error(403, "PERMISSION_DENIED", "The storage of " + mount->point + " denies access.");
    place.key = mount->source;
    while (place.key.ends_with('/')) place.key.pop_back();
    place.key += place.path.substr(mount->point.size());
  } else if (is_within(place.path, "/mnt") && !mounts.leads_to_a_mount(place.path)) {
    return no_such_path(asked);
  }
  return std::nullopt;
}

const DbfsEntry* Dbfs::entry_at(const Place& place) const {
  static const DbfsEntry folder = [] {
    DbfsEntry made;
    made.is_dir = true;
    return made;
  }();
  const auto found = nodes_.find(place.key);
  if (found != nodes_.end()) return &found->second;
  return region_.get<Mounts>().leads_to_a_mount(place.path) ? &folder : nullptr;
}

const DbfsEntry* Dbfs::find(std::string_view asked) const {
  Place place;
  return locate(asked, place) ? nullptr : entry_at(place);
}

/// Direct children in order of their names. Subtrees are jumped over, not walked through.
std::vector<Dbfs::Row> Dbfs::children(const Place& place) const {
  std::map<std::string, const DbfsEntry*> found;
  const std::string prefix = below(place.key);
  const std::string shown_prefix = below(place.path);
  auto at = nodes_.upper_bound(prefix);
  while (at != nodes_.end() && at->first.starts_with(prefix)) {
    const auto slash = at->first.find('/', prefix.size());
    if (slash == std::string::npos) {
      found[shown_prefix + at->first.substr(prefix.size())] = &at->second;
      ++at;
    } else {
      at = nodes_.lower_bound(at->first.substr(0, slash) + '0');  // '0' follows '/'
    }
  }
  for (const std::string& name : region_.get<Mounts>().names_in(place.path)) {
    Place point;
    if (!locate(shown_prefix + name, point)) found[point.path] = entry_at(point);
  }
  std::vector<Row> rows;
  rows.reserve(found.size());
  for (const auto& [path, entry] : found) rows.push_back({path, entry});
  return rows;
}

Refusal Dbfs::list(std::string_view asked, std::vector<Row>& rows) const {
  Place place;
  if (auto refusal = locate(asked, place)) return refusal;
  const DbfsEntry* entry = entry_at(place);
  if (entry == nullptr) return no_such_path(asked);
  if (!entry->is_dir) {
    rows.push_back({place.path, entry});
    return std::nullopt;
  }
  rows = children(place);
  if (settings_.files_per_list > 0 && rows.size() > settings_.files_per_list)
    return error(400, "MAX_LIST_SIZE_EXCEEDED",
                 "The folder has more than " + std::to_string(settings_.files_per_list) +
                     " entries: " + std::string(asked));
  return std::nullopt;
}

http::Response Dbfs::list_request(Call& call) const {
  std::vector<Row> rows;
  if (auto refusal = list(call.query("path"), rows)) return *refusal;
  json body = json::object();  // the key is left out when empty
  for (const Row& row : rows) body["files"].push_back(shown(row.path, *row.entry));
  return answer(body);
}

http::Response Dbfs::get_status(Call& call) const {
  const std::string asked = call.query("path");
  Place place;
  if (auto refusal = locate(asked, place)) return *refusal;
  const DbfsEntry* entry = entry_at(place);
  return entry == nullptr ? no_such_path(asked) : answer(shown(place.path, *entry));
}

Refusal Dbfs::read(std::string_view asked, std::uint64_t offset, std::uint64_t length,
                   std::string& bytes) const {
  Place place;
  if (auto refusal = locate(asked, place)) return refusal;
  const DbfsEntry* entry = entry_at(place);
  if (entry == nullptr) return no_such_path(asked);
  if (entry->is_dir) return invalid("Cannot read a directory: " + std::string(asked));
  bytes = entry->content.slice(offset, length);
  return std::nullopt;
}

http::Response Dbfs::read_request(Call& call) const {
  const auto offset = number_in(call, "offset", 0);
  const auto length = number_in(call, "length", usual_read);
  if (!offset || *offset < 0 || !length || *length < 0)
    return invalid("offset and length must be whole numbers and not negative.");
  if (*length > static_cast<std::int64_t>(dbfs_block_limit))
    return error(400, "MAX_READ_SIZE_EXCEEDED",
                 "The maximum read size is " + std::to_string(dbfs_block_limit) + " bytes, not " +
                     std::to_string(*length) + ".");
  std::string bytes;
  if (auto refusal = read(call.query("path"), static_cast<std::uint64_t>(*offset),
                          static_cast<std::uint64_t>(*length), bytes))
    return *refusal;
  return answer(json::object({{"bytes_read", bytes.size()}, {"data", base64_encode(bytes)}}));
}

json Dbfs::world() const {
  json root = json::array();
  json mounted = json::array();
  for (const auto& [key, entry] : nodes_) {
    json row = shown(key, entry);
    if (!entry.is_dir) row["sha256"] = entry.content.sha256();
    (key.starts_with('/') ? root : mounted).push_back(std::move(row));
  }
  return json::object({{"dbfs", std::move(root)}, {"mounted_files", std::move(mounted)}});
}

}  // namespace twinlake::simulator

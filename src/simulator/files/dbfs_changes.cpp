// Writing to DBFS: whole files, files in blocks, folders, removals and moves.
#include "simulator/commands/mounts.h"
#include "simulator/files/dbfs.h"
#include "simulator/files/paths.h"
#include "simulator/server/multipart.h"

namespace twinlake::simulator {

namespace {
constexpr const char* read_only_folders[] = {"/databricks-datasets", "/databricks-results"};

http::Response taken(std::string_view asked) {
  return error(400, "RESOURCE_ALREADY_EXISTS",
               "A file or directory already exists at the input path " + std::string(asked) + ".");
}
http::Response block_too_large(std::size_t size) {
  return error(400, "MAX_BLOCK_SIZE_EXCEEDED",
               "The maximum block size is " + std::to_string(dbfs_block_limit) + " bytes, not " +
                   std::to_string(size) + ".");
}
http::Response no_base64() { return invalid("The data is not valid base64."); }

/// Places are given as path and key; what is cut from one is cut from the other.
std::string parent_of(const std::string& text) {
  const std::size_t slash = text.rfind('/');
  return slash == 0 ? "/" : text.substr(0, slash);
}
}  // namespace

std::int64_t Dbfs::modification_time() const {
  const std::int64_t now = region_.now_millis();
  return settings_.whole_seconds ? now / 1000 * 1000 : now;
}

Refusal Dbfs::locate_for_change(std::string_view asked, Place& place) const {
  if (auto refusal = locate(asked, place)) return refusal;
  for (const char* folder : read_only_folders)
    if (is_within(place.path, folder))
      return error(403, "PERMISSION_DENIED", std::string(folder) + " is read-only.");
  return std::nullopt;
}

/// Folders come with what is put into them; only a file in the way stops that.
Refusal Dbfs::make_path(const Place& place) {
  if (const DbfsEntry* here = entry_at(place)) {
    if (!here->is_dir) return taken(place.path);
    return std::nullopt;
  }
  if (auto refusal = make_path({parent_of(place.path), parent_of(place.key)})) return refusal;
  DbfsEntry& folder = nodes_[place.key];
  folder.is_dir = true;
  folder.modified_at = modification_time();
  return std::nullopt;
}

Refusal Dbfs::check_file_place(std::string_view asked, bool overwrite, Place& place) const {
  if (auto refusal = locate_for_change(asked, place)) return refusal;
  const DbfsEntry* here = entry_at(place);
  if (here != nullptr && (here->is_dir || !overwrite)) return taken(asked);
  return std::nullopt;
}

Refusal Dbfs::write(std::string_view asked, Blob content, bool overwrite) {
  Place place;
  if (auto refusal = check_file_place(asked, overwrite, place)) return refusal;
  if (auto refusal = make_path({parent_of(place.path), parent_of(place.key)})) return refusal;
  DbfsEntry& file = nodes_[place.key];
  file.content = std::move(content);
  file.modified_at = modification_time();
  return std::nullopt;
}

http::Response Dbfs::put(Call& call) {
  if (is_multipart(call.request)) return put_form(call);
  const std::string contents = text_of(call.body, "contents");
  // It is not said whether 1 MB is that of the text or of what it stands for: the smaller one.
  if (contents.size() > dbfs_block_limit) return block_too_large(contents.size());
  auto bytes = base64_decode(contents);
  if (!bytes) return no_base64();
  const auto refusal =
      write(text_of(call.body, "path"), Blob(std::move(*bytes)), flag_of(call.body, "overwrite"));
  return refusal ? *refusal : done();
}

http::Response Dbfs::put_form(Call& call) {
  std::optional<std::vector<Part>> parts;
  if (call.request.upload) {
    http::Request request = call.request;
    request.body = bytes_of(call.request);
    parts = parse_multipart(request);
  } else {
    parts = parse_multipart(call.request);
  }
  if (!parts) return error(400, "MALFORMED_REQUEST", "The body is no valid multipart/form-data.");
  json wishes = json::object();
  Blob content;
  for (Part& part : *parts) {
    // Clients do not agree on the name of that part.
    if (!part.filename.empty() || part.name == "contents" || part.name == "content")
      content = Blob(std::move(part.content));
    else
      wishes[part.name] = part.content;
  }
  const auto refusal =
      write(text_of(wishes, "path"), std::move(content), flag_of(wishes, "overwrite"));
  return refusal ? *refusal : done();
}

http::Response Dbfs::create(Call& call) {
  const std::string asked = text_of(call.body, "path");
  // The file is there at once, and empty: what it held is gone.
  if (auto refusal = write(asked, Blob(), flag_of(call.body, "overwrite"))) return *refusal;
  const std::int64_t handle = region_.ids().number();
  streams_[handle] = {Mounts::canonical(asked), Blob(), region_.now_millis()};
  return answer(json::object({{"handle", handle}}));
}

Dbfs::Stream* Dbfs::stream(Call& call, Refusal& refusal) {
  if (region_.options().legacy_dbfs_disabled) {
    refusal = error(403, "FEATURE_DISABLED", "Public DBFS root is disabled.");
    return nullptr;
  }
  const auto handle = integer_of(call.body, "handle");
  if (!handle) {
    refusal = invalid("Missing required field: handle");
    return nullptr;
  }
  const auto found = streams_.find(*handle);
  if (found != streams_.end() &&
      region_.now_millis() - found->second.last_used <= dbfs_handle_idle_millis) {
    found->second.last_used = region_.now_millis();
    return &found->second;
  }
  if (found != streams_.end()) streams_.erase(found);  // what it had been given is lost
  refusal = absent("No open stream has the handle " + std::to_string(*handle) + ".");
  return nullptr;
}

http::Response Dbfs::add_block(Call& call) {
  Refusal refusal;
  Stream* open = stream(call, refusal);
  if (open == nullptr) return *refusal;
  auto bytes = base64_decode(text_of(call.body, "data"));
  if (!bytes) return no_base64();
  if (bytes->size() > dbfs_block_limit) return block_too_large(bytes->size());
  open->content.append(std::move(*bytes));
  return done();
}

http::Response Dbfs::close(Call& call) {
  Refusal refusal;
  Stream* open = stream(call, refusal);
  if (open == nullptr) return *refusal;
  refusal = write(open->path, std::move(open->content), true);
  streams_.erase(*integer_of(call.body, "handle"));
  return refusal ? *refusal : done();
}

http::Response Dbfs::make_directories(Call& call) {
  Place place;
  if (auto refusal = locate_for_change(text_of(call.body, "path"), place)) return *refusal;
  const auto refusal = make_path(place);
  return refusal ? *refusal : done();
}

http::Response Dbfs::remove(Call& call) {
  const std::string asked = text_of(call.body, "path");
  Place place;
  if (auto refusal = locate_for_change(asked, place)) return *refusal;
  if (place.path == "/" || region_.get<Mounts>().leads_to_a_mount(place.path))
    return invalid("The root and mount points cannot be deleted: " + asked);
  const auto here = nodes_.find(place.key);
  if (here == nodes_.end()) return no_such_path(asked);
  if (here->second.is_dir && !flag_of(call.body, "recursive") && !children(place).empty())
    return error(500, "IO_ERROR", "The directory is not empty: " + asked);
  const std::string prefix = below(place.key);
  const auto begin = nodes_.lower_bound(prefix);
  auto end = begin;
  while (end != nodes_.end() && end->first.starts_with(prefix)) ++end;
  // From behind, so that a folder goes after what is in it.
  std::size_t files = 0;
  while (end != nodes_.lower_bound(prefix)) {
    const auto last = std::prev(end);
    if (!last->second.is_dir && files++ == settings_.files_per_delete)
      return error(settings_.partial_delete_status, "PARTIAL_DELETE",
                   "The requested operation has deleted " + std::to_string(files - 1) +
                       " files. There are more files remaining. You must make another request to "
                       "delete more.");
    end = nodes_.erase(last);
  }
  nodes_.erase(place.key);
  return done();
}

http::Response Dbfs::move(Call& call) {
  const std::string from_asked = text_of(call.body, "source_path");
  const std::string to_asked = text_of(call.body, "destination_path");
  Place from;
  Place to;
  if (auto refusal = locate_for_change(from_asked, from)) return *refusal;
  if (auto refusal = locate_for_change(to_asked, to)) return *refusal;
  if (from.path == "/" || region_.get<Mounts>().leads_to_a_mount(from.path))
    return invalid("The root and mount points cannot be moved: " + from_asked);
  if (!nodes_.contains(from.key)) return no_such_path(from_asked);
  // What a move to a folder does is not said: into it, as in HDFS, or a refusal as with a file.
  if (entry_at(to) != nullptr) return taken(to_asked);
  if (is_within(to.key, from.key)) return invalid("A folder cannot move into itself.");
  const DbfsEntry* parent = entry_at({parent_of(to.path), parent_of(to.key)});
  if (parent == nullptr || !parent->is_dir) return no_such_path(parent_of(to.path));
  std::vector<std::string> moving{from.key};
  const std::string prefix = below(from.key);
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);
       ++at)
    moving.push_back(at->first);
  for (const std::string& old_key : moving) {
    auto node = nodes_.extract(old_key);
    node.key() = to.key + old_key.substr(from.key.size());
    nodes_.insert(std::move(node));
  }
  return done();
}

http::Response Dbfs::change_settings(Call& call) {
  const auto size = [&](const char* name, std::size_t& setting) {
    if (const auto wanted = integer_of(call.body, name); wanted && *wanted >= 0)
      setting = static_cast<std::size_t>(*wanted);
  };
  size("files_per_delete", settings_.files_per_delete);
  size("files_per_list", settings_.files_per_list);
  if (const auto status = integer_of(call.body, "partial_delete_status"))
    settings_.partial_delete_status = static_cast<int>(*status);
  settings_.whole_seconds = flag_of(call.body, "whole_seconds", settings_.whole_seconds);
  return done();
}

}  // namespace twinlake::simulator

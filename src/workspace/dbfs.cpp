#include "workspace/dbfs.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "http/pager.h"
#include "model/canonical.h"
#include "workspace/content_witness.h"
#include "workspace/given.h"
#include "workspace/inventory.h"
#include "workspace/tree_content.h"

namespace twinlake::workspace {

using http::Repeat;
using nlohmann::json;

namespace {

constexpr std::size_t block_size = std::size_t{1} << 20;
constexpr int attempts = 3;

/// "dbfs:/x" and "/x" are the same file; keys are written in the first form, calls take both.
std::string key_of(const std::string& path) {
  return path.starts_with("dbfs:") ? path : "dbfs:" + path;
}

http::Request get(std::string_view verb, const std::string& path) {
  http::Request request = http::Request::get("/api/2.0/dbfs/" + std::string(verb));
  request.with_query(
      "path", path.starts_with("dbfs:") ? path.substr(std::string_view("dbfs:").size()) : path);
  return request;
}

http::Request dbfs_request(std::string_view verb, const json& body, Repeat repeat) {
  return http::Request::send_json(http::Method::post, "/api/2.0/dbfs/" + std::string(verb),
                                  to_text(body), http::Effect::writes, repeat);
}

json file_item(json&& entry) {
  entry["path"] = key_of(text_at(entry, "/path"));
  return std::move(entry);
}

json hole_at(const std::string& path, const Error& error) {
  json hole = json::object();
  hole["path"] = key_of(path);
  hole["not_listed"] = not_listed(error);
  return hole;
}

struct Walk {
  explicit Walk(Workspace& workspace)
      : side(workspace), permits(workspace.loop(), 8), readers(workspace.loop()) {}
  Workspace& side;
  std::vector<json> found;
  std::optional<Error> disabled;
  Semaphore permits;
  TaskGroup readers;  // last: ends its children while what they hold still lives
};

Task<void> visit(Walk* walk, std::string path) {
  const auto permit = co_await walk->permits.acquire();
  auto files = co_await http::list_all(walk->side.transport(), get("list", path),
                                       http::PageStyle::none, "/files");
  if (!files) {
    if (files.error().fault == Fault::disabled) {
      walk->disabled = std::move(files).error();
    } else if (files.error().fault != Fault::not_found) {
      walk->found.push_back(hole_at(path, files.error()));
    }
    co_return;
  }
  for (json& entry : *files) {
    const std::string below = text_at(entry, "/path");
    if (!entry.value("is_dir", false)) {
      walk->found.push_back(file_item(std::move(entry)));
    } else if (below != path) {
      walk->readers.start(visit(walk, below));
    }
  }
}

/// Where DBFS is switched off the files are not gone: nobody can tell.
Task<void> look_up(Workspace* side, std::string path, std::vector<json>* found,
                   std::optional<Error>* disabled) {
  auto answer = co_await side->call(get("get-status", path));
  if (answer) {
    if (!answer->value("is_dir", false)) found->push_back(file_item(std::move(*answer)));
  } else if (answer.error().fault == Fault::disabled) {
    *disabled = std::move(answer).error();
  } else if (answer.error().fault != Fault::not_found) {
    found->push_back(hole_at(path, answer.error()));
  }
}

Task<Result<std::string>> read_block(Workspace& side, std::string path, std::uint64_t offset) {
  http::Request request = get("read", path);
  request.with_query("offset", std::to_string(offset))
      .with_query("length", std::to_string(block_size));
  CO_TRY(const json answer, co_await side.call(std::move(request)));
  const json* data = find_at(answer, "/data");
  co_return data != nullptr && data->is_string()
      ? base64_decode(data->get_ref<const std::string&>())
      : std::string();
}

json named(const std::string& path) {
  json body = json::object();
  body["path"] = path.substr(std::string_view("dbfs:").size());
  return body;
}

/// A whole file that fits into one block: one call, which may be repeated when it overwrites
/// anyway.
Task<Result<void>> put(Workspace& to, std::string path, std::string bytes, bool overwrite) {
  json body = named(path);
  body["contents"] = base64_encode(bytes);
  body["overwrite"] = overwrite;
  CO_CHECK(co_await to.call(dbfs_request("put", body, overwrite ? Repeat::safe : Repeat::unsafe)));
  co_return Result<void>{};
}

Task<Result<void>> add_block(Workspace& to, json handle, std::string bytes) {
  json body = json::object();
  body["handle"] = std::move(handle);
  body["data"] = base64_encode(bytes);
  bytes.clear();
  CO_CHECK(co_await to.call(dbfs_request("add-block", body, Repeat::unsafe)));
  co_return Result<void>{};
}

Task<Result<json>> open(Workspace& to, std::string path, bool overwrite) {
  json body = named(path);
  body["overwrite"] = overwrite;
  CO_TRY(const json opened,
         co_await to.call(dbfs_request("create", body, overwrite ? Repeat::safe : Repeat::unsafe)));
  json handle = json::object();
  handle["handle"] = opened.value("handle", json());
  co_return handle;
}

/// Blocks of one file on their way, kept together for whoever looks at content, unless that is more
/// than anybody wants.
class Passing {
 public:
  explicit Passing(const Workspace& from) : witness_(from.content_witness()) {}
  void begin() {
    bytes_.clear();
    is_whole_ = witness_ != nullptr;
  }
  void add(std::string_view block) {
    is_whole_ = is_whole_ && bytes_.size() + block.size() <= witness_->most_bytes();
    is_whole_ ? static_cast<void>(bytes_.append(block)) : bytes_.clear();
  }
  void was_read(const std::string& path) {
    if (is_whole_) witness_->saw_read(path, Content(bytes_), told());
  }
  void was_copied(const std::string& path) {
    if (is_whole_) witness_->saw_copied(path, Content(bytes_), told());
  }

 private:
  [[nodiscard]] json told() const {
    json told = json::object();
    told["content_sha256"] = sha256_hex(bytes_);
    return told;
  }
  ContentWitness* witness_;
  std::string bytes_;
  bool is_whole_ = false;
};

/// `first` is the first block, read already.
Task<Result<void>> fill(Workspace& from, Workspace& to, std::string path, json handle,
                        std::string first, Passing* passing) {
  std::string block = std::move(first);
  for (std::uint64_t offset = 0; !block.empty();) {
    const std::size_t size = block.size();
    passing->add(block);
    CO_CHECK(co_await add_block(to, handle["handle"], std::move(block)));
    offset += size;
    block.clear();
    if (size < block_size) break;
    CO_TRY(block, co_await read_block(from, path, offset));
  }
  CO_CHECK(co_await to.call(dbfs_request("close", handle, Repeat::unsafe)));
  co_return Result<void>{};
}

bool may_begin_again(const Error& error) {
  return error.fault == Fault::in_doubt || error.fault == Fault::network ||
         error.fault == Fault::unavailable;
}

}  // namespace

Task<Result<std::vector<json>>> list_dbfs(Workspace& side) {
  Walk walk(side);
  for (const std::string& root : side.given().dbfs_roots) walk.readers.start(visit(&walk, root));
  co_await walk.readers.join();
  if (walk.disabled) co_return fail(std::move(*walk.disabled));
  co_return std::move(walk.found);
}

Task<Result<std::vector<json>>> find_dbfs(Workspace& side, std::vector<std::string> paths) {
  std::vector<json> found;
  std::optional<Error> disabled;
  const auto look = [&](std::size_t index) {
    return look_up(&side, paths[index], &found, &disabled);
  };
  co_await for_each_index(side.loop(), paths.size(), 8, look);
  if (disabled) co_return fail(std::move(*disabled));
  co_return found;
}

Task<Result<std::vector<std::string>>> list_dbfs_folder(Workspace& side, std::string folder) {
  std::vector<std::string> paths;
  const auto entries = co_await http::list_all(side.transport(), get("list", folder),
                                               http::PageStyle::none, "/files");
  if (!entries && entries.error().fault == Fault::not_found) co_return paths;
  if (!entries) co_return fail(entries.error());
  for (const json& entry : *entries)
    if (std::string path = text_at(entry, "/path"); path != folder)
      paths.push_back(std::move(path));
  co_return paths;
}

Task<Result<std::string>> hash_dbfs(Workspace& side, std::string path) {
  const auto permit = co_await side.large_contents().acquire();
  Sha256 hash;
  Passing passing(side);
  passing.begin();
  for (std::uint64_t offset = 0;;) {
    CO_TRY(const std::string block, co_await read_block(side, path, offset));
    hash.update(block);
    passing.add(block);
    offset += block.size();
    if (block.size() < block_size) break;
  }
  passing.was_read(path);
  co_return hash.finish_hex();
}

Task<Result<void>> copy_dbfs(Workspace& from, Workspace& to, std::string path, std::string new_path,
                             bool overwrite) {
  const auto permit = co_await to.large_contents().acquire();
  Passing passing(from);
  for (int attempt = 1;; ++attempt) {
    passing.begin();
    CO_TRY(std::string first, co_await read_block(from, path, 0));
    if (first.size() < block_size) {
      passing.add(first);
      CO_CHECK(co_await put(to, new_path, std::move(first), overwrite));
      passing.was_copied(path);
      co_return Result<void>{};
    }
    CO_TRY(json handle, co_await open(to, new_path, overwrite));
    auto done = co_await fill(from, to, path, std::move(handle), std::move(first), &passing);
    if (done) passing.was_copied(path);
    if (done || attempt == attempts || !may_begin_again(done.error())) co_return done;
    // The service said that we opened it: what stands there now is the half that we wrote.
    overwrite = true;
  }
}

namespace {

Task<Result<void>> put_blocks(Workspace& to, std::string path, Content content, bool overwrite) {
  CO_TRY(json handle, co_await open(to, path, overwrite));
  for (std::uint64_t offset = 0; offset < content.size(); offset += block_size) {
    std::string block = content.piece(offset, block_size);
    CO_CHECK(co_await add_block(to, handle["handle"], std::move(block)));
  }
  CO_CHECK(co_await to.call(dbfs_request("close", handle, Repeat::unsafe)));
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> put_dbfs(Workspace& to, std::string path, Content content, bool overwrite) {
  const auto permit = co_await to.large_contents().acquire();
  if (content.size() < block_size) {
    std::string bytes = content.all();
    co_return co_await put(to, std::move(path), std::move(bytes), overwrite);
  }
  for (int attempt = 1;; ++attempt) {
    auto done = co_await put_blocks(to, path, content, overwrite);
    if (done || attempt == attempts || !may_begin_again(done.error())) co_return done;
    // As in copy_dbfs: what stands there now is ours.
    overwrite = true;
  }
}

Task<Result<void>> delete_dbfs(Workspace& side, std::string path) {
  json body = named(path);
  body["recursive"] = false;
  auto done = co_await side.call(dbfs_request("delete", body, Repeat::safe));
  if (!done && done.error().fault != Fault::not_found) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

}  // namespace twinlake::workspace

#include "azure/code_reading.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "base/text.h"
#include "engine/named.h"
#include "http/classify.h"
#include "workspace/tree_content.h"

namespace twinlake::azure {

using nlohmann::json;
using workspace::Item;
using workspace::Workspace;

namespace {

constexpr int files_at_once = 96;
/// The most that one read of DBFS gives (facts, core 16).
constexpr std::size_t dbfs_block = 1'000'000;

/// Why the names in a file are not known.
enum class LeftOut { library, large, binary };

/// Lies in the tree: listed and exported by its path.
bool is_code_in_tree(const model::Kind& kind) {
  return kind.detail == model::Detail::content && kind.key_is_path &&
         kind.list_place_verb != nullptr;
}

bool lies_on_dbfs(const std::string& key) { return key.starts_with("dbfs:/"); }
bool lies_in_volume(const std::string& key) { return key.starts_with("/Volumes/"); }

/// Endings of files that people write.
bool is_script(std::string_view path) {
  constexpr auto endings =
      std::to_array<std::string_view>({".sh", ".bash", ".py", ".sql", ".scala", ".r", ".conf",
                                       ".json", ".yml", ".yaml", ".txt", ".properties", ".xml"});
  const std::string lower = lower_case(path);
  return std::ranges::any_of(endings,
                             [&](std::string_view ending) { return lower.ends_with(ending); });
}

/// Looks through the files of one side, each by the way that leads to it.
class CodeLooker {
 public:
  CodeLooker(Workspace& side, EstateReading& reading, Of of, EstateUses& uses, CodeOptions options)
      : side_(side), reading_(reading), of_(of), uses_(uses), options_(options) {}

  Task<void> run() {
    co_await find_scripts();
    std::vector<const Item*> items;
    for (const auto& [name, listing] : reading_.inventory.kinds)
      for (const Item& item : listing.items)
        if (is_code_in_tree(*item.kind) || is_found_script(item)) items.push_back(&item);
    const auto look_at = [&](std::size_t index) { return look(items[index]); };
    co_await for_each_index(side_.loop(), items.size(), files_at_once, look_at);
    tell_left_out();
  }

 private:
  static bool is_found_script(const Item& item) {
    return item.kind->find_verb != nullptr && is_script(item.key) &&
           (lies_on_dbfs(item.key) || lies_in_volume(item.key));
  }

  Task<void> look(const Item* item) {
    if (is_code_in_tree(*item->kind)) return look_in_tree(item);
    return lies_on_dbfs(item->key) ? look_on_dbfs(item) : look_in_volume(item);
  }

  Task<void> look_in_tree(const Item* item) {
    if (is_large(*item, "/size")) co_return leave_out(LeftOut::large, item->key);
    auto content = co_await workspace::export_content(side_, item->key, 0);
    if (!content) co_return tell_unread(*item, content.error());
    if (content->size() > options_.most_bytes) co_return leave_out(LeftOut::large, item->key);
    take_text(*item, content->all());
  }

  Task<void> look_on_dbfs(const Item* item) {
    http::Request request = http::Request::get("/api/2.0/dbfs/read");
    request
        .with_query("path", std::string(item->key.view().substr(std::string_view("dbfs:").size())))
        .with_query("length", std::to_string(dbfs_block));
    const auto answer = co_await side_.call(std::move(request));
    if (!answer) co_return tell_unread(*item, answer.error());
    const std::string text = base64_decode(text_at(*answer, "/data"));
    // What stands in the first block counts all the same.
    if (text.size() >= dbfs_block) leave_out(LeftOut::large, item->key);
    take_text(*item, text);
  }

  Task<void> look_in_volume(const Item* item) {
    if (is_large(*item, "/file_size")) co_return leave_out(LeftOut::large, item->key);
    http::Request request = http::Request::get(
        "/api/2.0/fs/files/" + http::percent_encode_path(item->key.view().substr(1)));
    const http::Request about(request.method, request.path);
    auto sent = co_await side_.send(std::move(request));
    if (!sent) co_return tell_unread(*item, sent.error());
    const auto answer = http::expect_ok(about, std::move(*sent));
    if (!answer) co_return tell_unread(*item, answer.error());
    take_text(*item, answer->body);
  }

  void take_text(const Item& item, std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return leave_out(LeftOut::binary, item.key);
    look_at_code(uses_, of_, model::address_of(item.kind->name, item.key), text);
  }

  /// Gone meanwhile: then nothing of it counts.
  void tell_unread(const Item& item, const Error& error) {
    if (error.fault == Fault::not_found) return;
    reading_.unread.push_back({model::address_of(item.kind->name, item.key),
                               "could not be looked through: " + error.message, error.hint});
  }

  /// Sizes are numbers in one API and texts in another.
  [[nodiscard]] bool is_large(const Item& item, std::string_view pointer) const {
    const std::string text = text_at(item.raw, pointer);
    std::uint64_t size = 0;
    std::from_chars(text.data(), text.data() + text.size(), size);
    return size > options_.most_bytes;
  }

  void leave_out(LeftOut why, const std::string& key) { left_out_[why].insert(key); }

  /// Files that definitions name: scripts are looked through, others are told.
  Task<void> find_scripts() {
    std::vector<const model::Kind*> kinds;
    for (const auto& [name, listing] : reading_.inventory.kinds) kinds.push_back(listing.kind);
    const engine::Names names = engine::named_objects(reading_.inventory, kinds, engine::Memory{});
    const auto everything = [](const model::Kind&, const std::string&) { return true; };
    for (const auto& [kind, keys] : names) {
      std::vector<std::string> wanted;
      for (const std::string& key : keys) {
        if (!lies_on_dbfs(key) && !lies_in_volume(key)) continue;
        if (is_script(key))
          wanted.push_back(key);
        else if (key.find('.', key.rfind('/')) != std::string::npos)  // else it is a folder
          leave_out(LeftOut::library, key);
      }
      if (!wanted.empty())
        co_await workspace::find_items(side_, *kind, std::move(wanted), everything,
                                       reading_.inventory.kinds[kind->name]);
    }
  }

  void tell_left_out() {
    const auto tell = [&](LeftOut why, const char* one, const char* many) {
      const std::set<std::string>& keys = left_out_[why];
      if (keys.empty()) return;
      constexpr std::size_t most = 5;
      std::string list;
      std::size_t shown = 0;
      for (const std::string& key : keys) {
        if (shown == most) break;
        list += (shown++ == 0 ? "" : ", ") + key;
      }
      if (keys.size() > most) list += ", ...";
      reading_.unread.push_back(
          {of_ == Of::primary ? "code of the primary" : "code of the standby",
           counted(static_cast<std::int64_t>(keys.size()), one, many) +
               " not looked through, so what is named in there is not known: " + list,
           {}});
    };
    tell(LeftOut::library, "library or other file that something names is",
         "libraries and other files that something names are");
    tell(LeftOut::large, "file is large and was", "files are large and were");
    tell(LeftOut::binary, "file is no text and was", "files are no text and were");
  }

  Workspace& side_;
  EstateReading& reading_;
  Of of_;
  EstateUses& uses_;
  CodeOptions options_;
  std::map<LeftOut, std::set<std::string>> left_out_;
};

}  // namespace

Task<void> look_through_code(Workspace& side, EstateReading* reading, Of of, EstateUses* uses,
                             CodeOptions options) {
  CodeLooker looker(side, *reading, of, *uses, options);
  co_await looker.run();
}

}  // namespace twinlake::azure

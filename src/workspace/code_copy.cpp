#include "workspace/code_copy.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"
#include "model/canonical.h"
#include "workspace/tree_content.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr std::size_t looked_through = std::size_t{1} << 20;
constexpr std::size_t longest_path = 1024;

EntryType type_named(const std::string& name) {
  if (name == "NOTEBOOK") return EntryType::notebook;
  if (name == "FILE") return EntryType::file;
  if (name == "DIRECTORY" || name == "REPO") return EntryType::directory;
  return EntryType::other;
}

Entry entry_from(const json& item) {
  return {model::normal_path(text_at(item, "/path")), type_named(text_at(item, "/object_type")),
          text_at(item, "/object_id"), text_at(item, "/language")};
}

/// "a/./b/../c" below a folder; empty when it leads out of the tree.
std::string resolved(std::string_view folder, std::string_view relative) {
  std::vector<std::string_view> parts;
  const auto walk = [&](std::string_view text) {
    while (!text.empty()) {
      const std::size_t slash = text.find('/');
      const std::string_view part = text.substr(0, slash);
      text = slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return false;
      } else {
        parts.pop_back();
      }
    }
    return true;
  };
  if (!walk(folder) || !walk(relative)) return {};
  std::string path;
  for (const std::string_view part : parts) path.append("/").append(part);
  return path;
}

/// The word that begins here, in quotes or up to the next space. Within JSON quotes are escaped.
std::string_view word_at(std::string_view rest) {
  std::size_t begin = rest.find_first_not_of(" \t(");
  if (begin == std::string_view::npos) return {};
  rest.remove_prefix(begin);
  if (rest.starts_with('\\')) rest.remove_prefix(1);
  const char quote = rest.empty() ? '\0' : rest.front();
  const bool quoted = quote == '"' || quote == '\'';
  if (quoted) rest.remove_prefix(1);
  const std::size_t end =
      quoted ? rest.find_first_of("\"'\\\n") : rest.find_first_of(" \t\r\n\"'\\");
  return rest.substr(0, std::min(end, rest.size()));
}

Task<Result<Content>> content_at(Workspace& side, const Entry& entry) {
  // Its size is not known, so it goes through a file where it is large.
  co_return co_await export_content(side, entry.path, 0);
}

std::vector<std::string> uses_of(const Entry& entry, const Content& content) {
  if (entry.type != EntryType::notebook) return {};
  return relative_uses(content.head(looked_through), model::parent_path(entry.path));
}

}  // namespace

std::vector<std::string> relative_uses(std::string_view source, std::string_view folder) {
  std::vector<std::string> found;
  for (const std::string_view call : {std::string_view("%run"), std::string_view("notebook.run")}) {
    for (std::size_t at = source.find(call); at != std::string_view::npos;
         at = source.find(call, at + call.size())) {
      const std::string_view word = word_at(source.substr(at + call.size()));
      if (word.empty() || word.size() > longest_path || word.front() == '/' || word.front() == '$')
        continue;
      std::string path = resolved(folder, word);
      if (!path.empty() && std::ranges::find(found, path) == found.end())
        found.push_back(std::move(path));
    }
  }
  return found;
}

Task<Result<std::optional<Entry>>> entry_at(Workspace& side, std::string path) {
  http::Request request = http::Request::get("/api/2.0/workspace/get-status");
  request.with_query("path", std::move(path));
  const auto item = co_await side.call(std::move(request));
  if (!item && item.error().fault == Fault::not_found) co_return std::optional<Entry>();
  if (!item) co_return fail(item.error());
  co_return std::optional(entry_from(*item));
}

Task<Result<std::vector<Entry>>> code_below(Workspace& side, std::string folder) {
  std::vector<Entry> code;
  std::vector<std::string> folders{std::move(folder)};
  while (!folders.empty()) {
    http::Request request = http::Request::get("/api/2.0/workspace/list");
    request.with_query("path", std::move(folders.back()));
    folders.pop_back();
    CO_TRY(const std::vector<json> items,
           co_await http::list_all(side.transport(), std::move(request), http::PageStyle::none,
                                   "/objects"));
    for (const json& item : items) {
      Entry entry = entry_from(item);
      if (entry.type == EntryType::directory)
        folders.push_back(std::move(entry.path));
      else if (entry.type != EntryType::other)
        code.push_back(std::move(entry));
    }
  }
  co_return code;
}

Task<Result<std::vector<std::string>>> copy_code(Workspace& side, Entry from, std::string to) {
  CO_TRY(Content content, co_await content_at(side, from));
  std::vector<std::string> uses = uses_of(from, content);
  const std::string head = content.head(256);
  Import order;
  order.path = std::move(to);
  order.overwrite = true;
  if (from.type == EntryType::notebook) {
    const bool is_jupyter = !has_notebook_header(head) && looks_like_jupyter(head);
    order.format = is_jupyter ? ImportFormat::jupyter : ImportFormat::source;
    if (!is_jupyter) order.language = from.language;
  }
  CO_TRY([[maybe_unused]] const std::string id,
         co_await import_content(side, std::move(order), std::move(content)));
  co_return uses;
}

Task<Result<std::vector<std::string>>> code_named_by(Workspace& side, Entry from) {
  CO_TRY(const Content content, co_await content_at(side, from));
  co_return uses_of(from, content);
}

Task<Result<void>> make_folder(Workspace& side, std::string path) {
  json body = json::object();
  body["path"] = std::move(path);
  CO_CHECK(co_await side.call(http::Request::send_json(http::Method::post,
                                                       "/api/2.0/workspace/mkdirs", to_text(body),
                                                       http::Effect::writes, http::Repeat::safe)));
  co_return Result<void>{};
}

Task<Result<void>> let_run(Workspace& side, std::string folder, std::vector<json> principals) {
  if (principals.empty()) co_return Result<void>{};
  CO_TRY(const std::optional<Entry> entry, co_await entry_at(side, folder));
  if (!entry) co_return fail(Fault::not_found, "there is no folder " + folder);
  json body = json::object();
  for (json& principal : principals) {
    principal["permission_level"] = "CAN_RUN";
    body["access_control_list"].push_back(std::move(principal));
  }
  CO_CHECK(co_await side.call(
      http::Request::send_json(http::Method::patch, "/api/2.0/permissions/directories/" + entry->id,
                               to_text(body), http::Effect::writes, http::Repeat::safe)));
  co_return Result<void>{};
}

Task<Result<void>> remove_folder(Workspace& side, std::string path) {
  json body = json::object();
  body["path"] = std::move(path);
  body["recursive"] = true;
  const auto done = co_await side.call(
      http::Request::send_json(http::Method::post, "/api/2.0/workspace/delete", to_text(body),
                               http::Effect::writes, http::Repeat::safe));
  if (!done && done.error().fault != Fault::not_found) co_return fail(done.error());
  co_return Result<void>{};
}

}  // namespace twinlake::workspace

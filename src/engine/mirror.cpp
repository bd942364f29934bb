#include "engine/mirror.h"

#include <map>

#include "base/json_path.h"
#include "model/object.h"
#include "workspace/remote_files.h"

namespace twinlake::engine {

using nlohmann::json;

namespace {

constexpr std::string_view file_name = "state.json";
constexpr std::size_t most_lines = 20;

/// The entries of a list by what identifies them.
std::map<std::string, json> by_identity(const json& document, const char* list,
                                        const char* second) {
  std::map<std::string, json> entries;
  const json* found = find_at(document, std::string("/") + list);
  if (found == nullptr || !found->is_array()) return entries;
  for (const json& entry : *found) {
    std::string identity = text_at(entry, "/uuid");
    if (second != nullptr) identity += " " + text_at(entry, std::string("/") + second);
    entries.emplace(std::move(identity), entry);
  }
  return entries;
}

std::string name_of_entry(const json& entry) {
  const std::string kind = text_at(entry, "/kind");
  return kind.empty() ? text_at(entry, "/uuid") : model::address_of(kind, text_at(entry, "/key"));
}

void compare_lists(const json& local, const json& mirror, const char* list, const char* second,
                   std::vector<std::string>& lines) {
  const auto here = by_identity(local, list, second);
  const auto there = by_identity(mirror, list, second);
  const std::string what = std::string(list).substr(0, std::string_view(list).size() - 1) + " ";
  for (const auto& [identity, entry] : here) {
    const auto found = there.find(identity);
    if (found == there.end())
      lines.push_back(what + name_of_entry(entry) + " is only in the local state");
    if (found != there.end() && found->second != entry)
      lines.push_back(what + name_of_entry(entry) + " differs");
  }
  for (const auto& [identity, entry] : there)
    if (!here.contains(identity))
      lines.push_back(what + name_of_entry(entry) + " is only in the mirror");
}

}  // namespace

std::string own_file(const std::string& group, std::string_view name) {
  return "/Twinlake/" + group + "/" + std::string(name);
}

Task<Result<std::optional<json>>> read_mirror(workspace::Workspace& secondary, std::string group) {
  const std::string path = own_file(group, file_name);
  CO_TRY(const std::optional<std::string> text, co_await workspace::get_file(secondary, path));
  if (!text) co_return std::optional<json>();
  json document = json::parse(*text, nullptr, false);
  if (!document.is_object())
    co_return fail(
        Fault::bad_answer, "the mirror of the state, " + path + " on the secondary, is not JSON",
        "Delete that file on the secondary; the next sync writes it anew from the local state");
  co_return std::optional<json>(std::move(document));
}

std::int64_t generation_of(const json& mirror) {
  const json* found = find_at(mirror, "/generation");
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

bool is_newer(const std::optional<json>& one, const std::optional<json>& other) {
  if (!one) return false;
  return !other || generation_of(*one) > generation_of(*other);
}

Result<bool> catch_up(state::Store& store, const std::optional<json>& mirror) {
  if (!mirror) return false;
  const bool is_new = !store.identity().has_value();
  if (!is_new && generation_of(*mirror) <= store.generation()) return false;
  CHECK(store.load_mirror(*mirror));
  return true;
}

Task<Result<bool>> write_mirror(workspace::Workspace& secondary, std::string group,
                                const state::Store& store, std::optional<std::int64_t> known) {
  if (known && *known == store.generation()) co_return false;
  workspace::ContentBuilder text(secondary.spool_folder());
  store.give_mirror_text([&](std::string_view piece) { text.append(piece); });
  CO_TRY(workspace::Content content, std::move(text).finish());
  CO_CHECK(co_await workspace::put_file(secondary, own_file(group, file_name), std::move(content),
                                        workspace::Overwrite::yes));
  co_return true;
}

std::vector<std::string> compare_mirror(const json& local, const json& mirror) {
  std::vector<std::string> lines;
  if (local.value("identity", json()) != mirror.value("identity", json()))
    lines.emplace_back("the identity of the group (workspaces, roles) differs");
  compare_lists(local, mirror, "bindings", nullptr, lines);
  compare_lists(local, mirror, "holds", "place", lines);
  compare_lists(local, mirror, "originals", "place", lines);
  if (generation_of(local) != generation_of(mirror))
    lines.push_back("the local state is of generation " + std::to_string(generation_of(local)) +
                    ", the mirror of " + std::to_string(generation_of(mirror)));
  if (lines.size() > most_lines) {
    const std::size_t more = lines.size() - most_lines;
    lines.resize(most_lines);
    lines.push_back("and " + std::to_string(more) + " more differences");
  }
  return lines;
}

}  // namespace twinlake::engine

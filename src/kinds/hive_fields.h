#pragma once
// What the kinds of the Hive metastore have in common: one look by SQL finds them all, each says by
// its type whose it is, and all writes are statements on the secondary's warehouse.
#include <optional>
#include <string>
#include <string_view>

#include "kinds/calls.h"
#include "workspace/metastore.h"

namespace twinlake::kinds {

/// Nothing is sent there: statements do it. It says what the step is.
inline constexpr model::Endpoint hive_statement{.method = model::Method::post,
                                                .path = "/api/2.0/sql/statements",
                                                .effect = model::Effect::executes,
                                                .repeat = model::Repeat::unsafe};

inline bool has_problem(const nlohmann::json& item) { return item.contains("problem"); }

/// Most items are complete as observed. The others tell why they are not.
inline Task<Result<nlohmann::json>> read_hive_problem(workspace::Workspace&, const model::Kind&,
                                                      const model::Kind*, std::string,
                                                      nlohmann::json item) {
  const nlohmann::json* told = find_at(item, "/problem");
  if (told == nullptr) co_return item;
  const auto fault = static_cast<Fault>(told->value("fault", static_cast<int>(Fault::invalid)));
  co_return fail(fault == Fault::not_found ? Fault::invalid : fault, text_at(*told, "/message"),
                 text_at(*told, "/hint"));
}

/// It was made, but nobody has seen it: the next pass looks for it.
inline Error unseen(Error error) {
  error.fault = Fault::in_doubt;
  return error;
}

/// The members of an item that are content.
template <std::size_t N>
nlohmann::json members_of(const nlohmann::json& item, const char* const (&names)[N]) {
  nlohmann::json out = nlohmann::json::object();
  for (const char* name : names)
    if (const auto found = item.find(name); found != item.end()) out[name] = *found;
  return out;
}

/// Every folder above a path that may be a mount point.
inline void add_mounts(nlohmann::json& definition) {
  const std::string path = text_at(definition, "/mounted");
  for (std::size_t at = path.find('/', std::string_view("/mnt/").size()); at != std::string::npos;
       at = path.find('/', at + 1))
    definition["mounts"].push_back(path.substr(0, at));
  if (!path.empty()) definition["mounts"].push_back(path);
}

/// A secondary without a Hive metastore takes nothing.
inline std::optional<Error> has_no_metastore(std::string_view kind,
                                             const workspace::Workspace& to) {
  const workspace::Observation* seen = to.observation_of(kind);
  if (seen == nullptr || !seen->error || seen->error->fault != Fault::disabled) return std::nullopt;
  return Error(Fault::blocked,
               "the secondary has no Hive metastore: legacy access is disabled there",
               "Allow legacy access on the secondary, or leave `metastore` out of twinlake.yml");
}

/// The row; type, fields and verbs are added.
constexpr model::Kind hive_row(std::string_view name, std::string_view plural,
                               std::string_view about, const std::string_view (&type)[1]) {
  model::Kind row;
  row.name = name;
  row.plural = plural;
  row.about = about;
  row.list = {.match_at = "/type", .match_any = type};
  row.observe = workspace::observe_metastore;
  row.observed_in = model::Language::sql;
  row.detail = model::Detail::definition;
  row.must_read = has_problem;
  row.read_verb = read_hive_problem;
  row.id_at = "/name";
  row.key_at = "/name";
  row.key_ignores_case = true;
  return row;
}

/// What is written by statements of its own.
constexpr void write_by_statements(model::Kind& row, model::WriteVerb create,
                                   model::WriteVerb update, model::RemoveVerb remove) {
  row.create = row.update = row.remove = hive_statement;
  row.create_verb = create;
  row.update_verb = update;
  row.remove_verb = remove;
}

}  // namespace twinlake::kinds

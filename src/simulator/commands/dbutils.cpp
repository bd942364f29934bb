// Secrets and files as notebooks see them.
#include "simulator/commands/dbutils.h"

#include "simulator/body.h"
#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"
#include "simulator/files/dbfs.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {

namespace {

/// What the file system says, as a notebook gets to see it.
json refused_by(const http::Response& refusal) {
  const json body = json::parse(refusal.body, nullptr, false);
  const std::string code = text_of(body, "error_code");
  const std::string message = text_of(body, "message");
  if (code == "RESOURCE_DOES_NOT_EXIST") return failed("java.io.FileNotFoundException: " + message);
  if (code == "RESOURCE_ALREADY_EXISTS")
    return failed("org.apache.hadoop.fs.FileAlreadyExistsException: " + message);
  if (code == "FEATURE_DISABLED")
    return failed("java.lang.UnsupportedOperationException: " + message);
  if (code == "PERMISSION_DENIED") return failed("java.nio.file.AccessDeniedException: " + message);
  return failed("java.lang.IllegalArgumentException: " + message);
}
}  // namespace

std::optional<json> Dbutils::answer(const std::string& function, const json& arguments,
                                    Notebook& notebook) {
  using Function = Answer (Dbutils::*)(const json&, Notebook&);
  static constexpr std::pair<std::string_view, Function> functions[] = {
      {"fs.mounts", &Dbutils::list_mounts},
      {"fs.mount", &Dbutils::mount},
      {"fs.updateMount", &Dbutils::update_mount},
      {"fs.unmount", &Dbutils::unmount},
      {"fs.refreshMounts", &Dbutils::refresh_mounts},
      {"fs.ls", &Dbutils::list_files},
      {"fs.head", &Dbutils::head},
      {"fs.put", &Dbutils::put},
      {"secrets.get", &Dbutils::get_secret},
      {"secrets.getBytes", &Dbutils::get_secret_bytes},
      {"secrets.list", &Dbutils::list_secrets},
      {"secrets.listScopes", &Dbutils::list_scopes}};
  for (const auto& [name, member] : functions)
    if (name == function) return (this->*member)(arguments, notebook);
  return failed("java.lang.NoSuchMethodException: " + function);
}

std::optional<std::string> Dbutils::reveal(const std::string& scope, const std::string& key,
                                           Notebook& notebook) const {
  if (!secrets_.value_of) return std::nullopt;
  auto found = secrets_.value_of(scope, key);
  if (found && !found->empty()) notebook.revealed.insert(*found);
  return found;
}

std::string Dbutils::resolved(const std::string& text, Notebook& notebook) {
  static constexpr std::string_view begin = "{{secrets/";
  if (!text.starts_with(begin) || !text.ends_with("}}")) return text;
  const std::string inside = text.substr(begin.size(), text.size() - begin.size() - 2);
  const std::size_t slash = inside.find('/');
  if (slash == std::string::npos) return text;
  return reveal(inside.substr(0, slash), inside.substr(slash + 1), notebook).value_or(text);
}

Dbutils::Answer Dbutils::get_secret(const json& arguments, Notebook& notebook) {
  const std::string scope = text_of(arguments, "scope");
  const std::string key = text_of(arguments, "key");
  const auto found = reveal(scope, key, notebook);
  if (!found)
    return failed("java.lang.IllegalArgumentException: Secret does not exist with scope: " + scope +
                  " and key: " + key);
  return value(*found);
}

Dbutils::Answer Dbutils::get_secret_bytes(const json& arguments, Notebook& notebook) {
  auto found = get_secret(arguments, notebook);
  if (found && found->contains("value"))
    return value(base64_encode(found->at("value").get<std::string>()));
  return found;
}

Dbutils::Answer Dbutils::list_secrets(const json& arguments, Notebook&) {
  const std::string scope = text_of(arguments, "scope");
  if (!region_.get<Lookups>().exists("secret_scope", scope))
    return failed("com.databricks.common.client.DatabricksServiceHttpClientException: " +
                  std::string("RESOURCE_DOES_NOT_EXIST: Scope ") + scope + " does not exist!");
  json keys = json::array();
  if (secrets_.keys_of)
    for (std::string& key : secrets_.keys_of(scope)) keys.push_back(std::move(key));
  return value(std::move(keys));
}

Dbutils::Answer Dbutils::list_scopes(const json&, Notebook&) {
  const json world = region_.get<Lookups>().world();
  json names = json::array();
  for (const json& scope : list_of(world, "secret_scopes")) names.push_back(text_of(scope, "name"));
  return value(std::move(names));
}

/// A dead account makes a call wait, whether it is named or mounted.
bool Dbutils::never_answers(std::string_view path) const {
  const auto& accounts = region_.get<StorageAccounts>();
  if (path.find("://") != std::string_view::npos)
    return accounts.state_of(path) == AccountState::dead;
  const Mount* mount = region_.get<Mounts>().covering(Mounts::canonical(path));
  return mount != nullptr && accounts.state_of(mount->source) == AccountState::dead;
}

Dbutils::Answer Dbutils::list_files(const json& arguments, Notebook&) {
  const std::string path = text_of(arguments, "path");
  if (never_answers(path)) return std::nullopt;
  if (path.find("://") != std::string::npos) {
    const auto problem = mount_problem(path, json::object());
    return problem ? failed(*problem) : value(json::array());
  }
  std::vector<Dbfs::Row> rows;
  if (auto refusal = region_.get<Dbfs>().list(path, rows)) return refused_by(*refusal);
  json files = json::array();
  for (const Dbfs::Row& row : rows) {
    const std::string end = row.entry->is_dir ? "/" : "";
    files.push_back(
        json::array({"dbfs:" + row.path + end, row.path.substr(row.path.rfind('/') + 1) + end,
                     row.entry->content.size(), row.entry->modified_at}));
  }
  return value(std::move(files));
}

Dbutils::Answer Dbutils::head(const json& arguments, Notebook&) {
  const std::string path = text_of(arguments, "path");
  const auto most = integer_of(arguments, "bytes").value_or(65536);
  if (most < 0) return failed("java.lang.IllegalArgumentException: maxBytes is negative");
  if (never_answers(path)) return std::nullopt;
  std::string bytes;
  if (auto refusal = region_.get<Dbfs>().read(path, 0, static_cast<std::uint64_t>(most) + 1, bytes))
    return refused_by(*refusal);
  const bool cut = bytes.size() > static_cast<std::size_t>(most);
  if (cut) bytes.pop_back();
  return value(json::object({{"data", base64_encode(bytes)}, {"cut", cut}}));
}

Dbutils::Answer Dbutils::put(const json& arguments, Notebook&) {
  const std::string path = text_of(arguments, "path");
  if (never_answers(path)) return std::nullopt;
  if (auto refusal = region_.get<Dbfs>().write(path, Blob(text_of(arguments, "contents")),
                                               flag_of(arguments, "overwrite")))
    return refused_by(*refusal);
  return value(true);
}

}  // namespace twinlake::simulator

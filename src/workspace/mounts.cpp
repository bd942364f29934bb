#include "workspace/mounts.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "workspace/commands.h"
#include "workspace/helper_cluster.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

/// Storage that does not answer keeps a mount waiting for minutes (facts, core 18).
constexpr Micros deadline = std::chrono::minutes(3);

constexpr const char* list_code = R"(found = []
for entry in dbutils.fs.mounts():
  found.append({"mount_point": entry.mountPoint, "source": entry.source,
                "encryption_type": getattr(entry, "encryptionType", "") or ""})
print("twinlake:" + json.dumps(found))
)";

/// `{{secrets/scope/key}}` means something to the configuration of a cluster only. What goes wrong
/// is kept in the journal, and the storage's own words may repeat a secret that it does not like.
constexpr const char* mount_code = R"(import re
secrets = []
def value_of(text):
  named = re.fullmatch(r"\{\{secrets/([^/}]+)/([^}]+)\}\}", text)
  if not named:
    return text
  secrets.append(dbutils.secrets.get(named.group(1), named.group(2)))
  return secrets[-1]
point = wanted["mount_point"]
configs = {name: value_of(text) for name, text in wanted.get("configs", {}).items()}
def make(call):
  call(wanted["source"], point, extra_configs=configs, encryption_type=wanted.get("encryption_type", ""))
def arrange():
  there = [entry for entry in dbutils.fs.mounts() if entry.mountPoint == point]
  if not there:
    make(dbutils.fs.mount)
  elif replaces and there[0].source in (replaces, wanted["source"]):
    # Older runtimes have no updateMount, and only it leaves the old mount when the new one fails.
    if hasattr(dbutils.fs, "updateMount"):
      make(dbutils.fs.updateMount)
    else:
      dbutils.fs.unmount(point)
      make(dbutils.fs.mount)
  elif there[0].source != wanted["source"]:
    raise Exception("something else is mounted at " + point + " by now")
  dbutils.fs.refreshMounts()
def without_secrets(text):
  for secret in filter(None, secrets):
    text = text.replace(secret, "[secret]")
  return text
try:
  arrange()
except Exception as problem:
  told = without_secrets(str(problem))
else:
  told = None
if told is not None:
  raise Exception(told)
)";

constexpr const char* unmount_code =
    R"(if [entry for entry in dbutils.fs.mounts() if entry.mountPoint == point]:
  dbutils.fs.unmount(point)
)";

bool is_built_in(std::string_view point) {
  static constexpr std::array<std::string_view, 4> roots{
      "/databricks-datasets", "/databricks-results", "/databricks", "/Volumes"};
  return point == "/" || point.starts_with("/Workspace") ||
         std::ranges::any_of(roots, [&](std::string_view root) {
           return point == root || point.starts_with(std::string(root) + "/");
         });
}

tl::unexpected<Error> nowhere_to_run() {
  return fail(Fault::blocked, "mounts can only be made by a command on a cluster",
              "Allow one: `helper_clusters: {secondary: auto}` in twinlake.yml");
}

/// What a mount was made with is known as long as it is the mount that we made.
void keep_configs(std::vector<json>& mounts, const std::vector<json>& before) {
  for (json& mount : mounts) {
    const auto known = std::ranges::find_if(before, [&](const json& old) {
      return text_at(old, "/mount_point") == text_at(mount, "/mount_point") &&
             text_at(old, "/source") == text_at(mount, "/source");
    });
    if (known != before.end() && known->contains("configs"))
      mount["configs"] = known->at("configs");
  }
}

constexpr const char* kind_name = "mount";

Task<Result<std::string>> run(Workspace& side, std::string code) {
  if (side.helper() == nullptr) co_return nowhere_to_run();
  co_return co_await side.helper()->run("import json\n" + std::move(code), deadline);
}

/// Until everything is read again. Other changes may be under way beside this one.
void forget(Workspace& side, const std::string& mount_point) {
  std::erase_if(side.observations()[kind_name].items,
                [&](const json& entry) { return text_at(entry, "/mount_point") == mount_point; });
}

/// JSON texts are texts of Python too.
std::string quoted(const std::string& text) { return to_text(json(text)); }

/// Half an answer is none: what it lacks would pass for a mount that is gone.
bool is_list_of_mounts(const json& list) {
  return list.is_array() && std::ranges::all_of(list, [](const json& entry) {
           const std::string point = entry.is_object() ? text_at(entry, "/mount_point") : "";
           return point.starts_with('/') &&
                  (is_built_in(point) || !text_at(entry, "/source").empty());
         });
}

}  // namespace

Result<std::vector<json>> parse_mounts(const std::string& output) {
  constexpr std::string_view mark = "twinlake:";
  const std::size_t at = output.rfind(mark);
  const std::size_t end = output.find('\n', at == std::string::npos ? 0 : at);
  const json list =
      at == std::string::npos
          ? json()
          : json::parse(output.substr(at + mark.size(), end - at - mark.size()), nullptr, false);
  if (!is_list_of_mounts(list))
    return fail(Fault::bad_answer, "the cluster did not say what is mounted",
                "Run `dbutils.fs.mounts()` in a notebook of that workspace and look");
  std::vector<json> mounts;
  for (const json& entry : list) {
    if (is_built_in(text_at(entry, "/mount_point"))) continue;
    json mount = entry;
    if (text_at(mount, "/encryption_type").empty()) mount.erase("encryption_type");
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

Task<Result<std::vector<json>>> observe_mounts(Workspace& side) {
  CO_TRY(const std::string output, co_await run(side, list_code));
  CO_TRY(std::vector<json> mounts, parse_mounts(output));
  keep_configs(mounts, side.observations()[kind_name].items);
  co_return mounts;
}

Task<Result<void>> mount(Workspace& side, std::shared_ptr<const json> wanted,
                         std::string replaces) {
  std::string code = "wanted = json.loads(" + python_text(to_text(*wanted)) +
                     ")\nreplaces = " + python_text(replaces) + "\n" + mount_code;
  CO_CHECK(co_await run(side, std::move(code)));
  forget(side, text_at(*wanted, "/mount_point"));
  side.observations()[kind_name].items.push_back(*wanted);
  co_return Result<void>{};
}

Task<Result<void>> unmount(Workspace& side, std::string mount_point) {
  CO_CHECK(co_await run(side, "point = " + python_text(mount_point) + "\n" + unmount_code));
  forget(side, mount_point);
  co_return Result<void>{};
}

std::string lines_to_mount(const json& wanted) {
  const std::string source = text_at(wanted, "/source");
  std::string configs =
      "configs = {\"fs.azure.account.auth.type\": \"OAuth\",\n"
      "  \"fs.azure.account.oauth.provider.type\": "
      "\"org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider\",\n"
      "  \"fs.azure.account.oauth2.client.id\": \"...\",\n"
      "  \"fs.azure.account.oauth2.client.secret\": dbutils.secrets.get(\"...\", \"...\"),\n"
      "  \"fs.azure.account.oauth2.client.endpoint\": "
      "\"https://login.microsoftonline.com/.../oauth2/token\"}\n";
  if (source.starts_with("wasb")) {
    const std::size_t at = source.find('@');
    const std::string host =
        at == std::string::npos ? "..." : source.substr(at + 1, source.find('/', at) - at - 1);
    configs = "configs = {\"fs.azure.account.key." + host +
              "\": dbutils.secrets.get(\"...\", \"...\")}\n";
  }
  return configs + "dbutils.fs.mount(" + quoted(source) + ", " +
         quoted(text_at(wanted, "/mount_point")) + ", extra_configs=configs)";
}

}  // namespace twinlake::workspace

#include "workspace/runtimes.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::workspace {

using nlohmann::json;

Task<Result<std::set<std::string>>> offered_runtimes(Workspace& side) {
  CO_TRY(const json answer,
         co_await side.call(http::Request::get("/api/2.1/clusters/spark-versions")));
  std::set<std::string> versions;
  if (const json* listed = find_at(answer, "/versions"); listed != nullptr && listed->is_array())
    for (const json& version : *listed) versions.insert(text_at(version, "/key"));
  co_return versions;
}

namespace {
void add_runtimes_in(const json& definition, std::set<std::string>& versions) {
  for (auto member = definition.begin(); member != definition.end(); ++member) {
    const bool is_named = definition.is_object();
    if (is_named && member.key() == "spark_version" && member->is_string())
      versions.insert(member->get<std::string>());
    if (is_named && member.key() == "preloaded_spark_versions" && member->is_array())
      for (const json& version : *member)
        if (version.is_string()) versions.insert(version.get<std::string>());
    if (member->is_structured()) add_runtimes_in(*member, versions);
  }
}
}  // namespace

std::set<std::string> runtimes_in(const json& definition) {
  std::set<std::string> versions;
  if (definition.is_structured()) add_runtimes_in(definition, versions);
  return versions;
}

}  // namespace twinlake::workspace

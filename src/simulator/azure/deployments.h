#pragma once
// Microsoft.Resources/deployments: a template of one resource group is carried out, each resource
// as soon as those that it depends on are there.
#include <string>
#include <vector>

#include "simulator/azure/arm.h"
#include "simulator/azure/template_expression.h"

namespace twinlake::simulator {

class Deployments {
 public:
  /// Goes on with what can go on now.
  void catch_up(Cloud& cloud);
  [[nodiscard]] http::Response put(ArmCall& call);
  /// Only whether it could be carried out.
  [[nodiscard]] static http::Response validate(ArmCall& call);

 private:
  struct Part {
    std::string id;
    std::string api_version;
    json definition;                 ///< with its expressions
    std::vector<std::string> needs;  ///< ids of other parts
    bool begun = false;
  };
  struct Deployment {
    std::string id, caller, operation;
    TemplateScope scope;
    std::vector<Part> parts;
    json outputs = json::object();
  };
  /// Throws TemplateProblem.
  static Deployment read(const ArmCall& call);
  static std::vector<Part> read_parts(const json& document, const TemplateScope& scope);
  static void step(Cloud& cloud, Deployment& deployment);
  static json begin_part(Cloud& cloud, const Deployment& deployment, Part& part);
  static json resource_for(Cloud& cloud, const Deployment& deployment, const std::string& id);
  static void end(Cloud& cloud, const Deployment& deployment, const json& error);
  static bool is_there(Cloud& cloud, const std::string& id);

  std::vector<Deployment> running_;
};

}  // namespace twinlake::simulator

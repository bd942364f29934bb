// What a run comes to, as far as its notebooks say it: nobody runs them here, but one that is
// missing fails, one that raises fails, and one that exits with a text gives that.
#include "simulator/files/tree.h"
#include "simulator/jobs/jobs.h"

namespace twinlake::simulator {

namespace {

constexpr std::string_view exit_call = "dbutils.notebook.exit(\"";

/// The first line of a source that begins with this; empty when none does.
std::string line_beginning(std::string_view source, std::string_view start) {
  while (!source.empty()) {
    const std::size_t end = source.find('\n');
    const std::string_view line = source.substr(0, end);
    if (line.starts_with(start)) return std::string(line);
    source = end == std::string_view::npos ? std::string_view() : source.substr(end + 1);
  }
  return {};
}

}  // namespace

json Jobs::try_task(const json& task) {
  json tried =
      json::object({{"run_id", region_.ids().number()}, {"task_key", text_of(task, "task_key")}});
  const json* notebook = field(task, "notebook_task");
  if (notebook == nullptr || text_of(*notebook, "source", "WORKSPACE") != "WORKSPACE") return tried;
  const std::string path = text_of(*notebook, "notebook_path");
  const TreeNode* node = region_.get<Tree>().find(path);
  if (node == nullptr || node->type != "NOTEBOOK") {
    tried["error"] = "Unable to access the notebook \"" + path +
                     "\". Either it does not exist, or the identity used to run this job lacks the "
                     "required permissions.";
    return tried;
  }
  if (const std::string raised = line_beginning(node->content, "raise "); !raised.empty())
    tried["error"] = raised.substr(std::string_view("raise ").size());
  const std::string exits = line_beginning(node->content, exit_call);
  if (!exits.empty())
    tried["output"] = exits.substr(exit_call.size(), exits.rfind('"') - exit_call.size());
  return tried;
}

http::Response Jobs::get_run_output(Call& call) const {
  const std::string id = call.query("run_id");
  for (const Run* run : runs_.all())
    for (const json& task : run->task_runs) {
      if (text_of(task, "run_id") != id) continue;
      json body = json::object({{"metadata", describe(*run)}});
      if (is_active(*run)) return answer(body);
      if (task.contains("output"))
        body["notebook_output"] =
            json::object({{"result", task.at("output")}, {"truncated", false}});
      if (task.contains("error")) body["error"] = task.at("error");
      return answer(body);
    }
  return invalid("Run " + id + " does not exist.");
}

}  // namespace twinlake::simulator

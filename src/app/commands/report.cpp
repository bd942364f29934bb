#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/audit.h"
#include "app/audit_html.h"
#include "app/commands/commands.h"
#include "app/files.h"
#include "app/known_state.h"
#include "app/output.h"
#include "app/rules.h"

namespace twinlake::app {

namespace {

struct ReportFlags {
  bool last = false;
  bool drill = false;
  std::int64_t failover = -1;
  std::string out;
  std::string json_out;
  bool force = false;
  std::int64_t rpo_minutes = -1;
  std::int64_t rto_minutes = -1;
};

Result<void> check_flags(const ReportFlags& flags) {
  if (static_cast<int>(flags.last) + static_cast<int>(flags.drill) +
          static_cast<int>(flags.failover >= 0) >
      1)
    return fail(Fault::config, "--last, --failover and --drill contradict each other",
                "Give one of them; without any it is --last");
  if (!flags.out.empty() && flags.out == flags.json_out)
    return fail(Fault::config, "--out and --json-out name the same file",
                "Give each a file of its own");
  return {};
}

std::string in_words(const Selector& selector) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const std::string& kind : selector.kinds) add(kind);
  if (!selector.path.empty()) add("path " + selector.path);
  if (!selector.name.empty()) add("name " + selector.name);
  return text;
}

std::optional<Micros> minutes_or_none(std::int64_t minutes) {
  return minutes < 0 ? std::nullopt : std::optional<Micros>(std::chrono::minutes(minutes));
}

AuditRequest request_of(const Settings& settings, const ReportFlags& flags) {
  AuditRequest request;
  request.group = settings.group.name;
  request.now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  if (flags.failover >= 0) request.failover = flags.failover;
  request.is_drill = flags.drill;
  request.rpo = minutes_or_none(flags.rpo_minutes);
  if (!request.rpo) request.rpo = settings.group.rpo;
  request.rto = minutes_or_none(flags.rto_minutes);
  for (const Selector& selector : settings.group.include)
    request.include.push_back(in_words(selector));
  for (const Selector& selector : settings.group.exclude)
    request.exclude.push_back(in_words(selector));
  for (const std::string& glob : always_excluded())
    request.exclude.push_back("path " + glob + " (always)");
  return request;
}

/// "twinlake-report-GROUP-20261127T104501Z.html": a later report never has the name of an earlier
/// one.
std::string default_file(const nlohmann::json& audit) {
  std::string moment;
  for (const char c : audit["generated"].get<std::string>().substr(0, 19))
    if (c != '-' && c != ':') moment += c;
  return "twinlake-report-" + audit["group"].get<std::string>() + "-" + moment + "Z.html";
}

Result<void> write_file(const std::string& file, const std::string& content, bool force) {
  // Names of people and objects stand in it: whom to show it is for its owner to say.
  return force ? write_atomically(file, content, Privacy::owner_only)
               : write_new_atomically(file, content, Privacy::owner_only);
}

Result<ExitCode> run_report(const Globals& globals, const ReportFlags& flags) {
  CHECK(check_flags(flags));
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto store, open_existing_state(settings));
  TRY(const nlohmann::json audit, audit_json(*store, request_of(settings, flags)));
  // Programs that read the account from standard output leave no page behind unasked.
  const std::string page = flags.out.empty() && !settings.json ? default_file(audit) : flags.out;
  std::vector<std::string> written;
  if (!flags.json_out.empty()) {
    CHECK(write_file(flags.json_out, json_text(audit), flags.force));
    written.push_back(flags.json_out);
  }
  if (!page.empty()) {
    TRY(const std::string html, audit_html(audit));
    CHECK(write_file(page, html, flags.force));
    written.push_back(page);
  }
  if (settings.json) {
    print_json(audit);
    return ExitCode::good;
  }
  print(audit_text(audit, settings.out));
  for (const std::string& file : written)
    print("Written: " + std::filesystem::absolute(file).string() + "\n");
  return ExitCode::good;
}

}  // namespace

Command report_command() {
  const auto flags = std::make_shared<ReportFlags>();
  Command command;
  command.name = "report";
  command.about = "Write the account of the last failover or drill, for an auditor";
  command.details =
      "One HTML file without scripts or anything from elsewhere, made to be printed: achieved RPO "
      "and RTO with a time line, every action with its outcome, what was protected and what was "
      "not and why, what came due while triggers were live on no side or on both, what was found "
      "equal before and after, and the evidence of the last drill. What nobody recorded is told as "
      "not known.\n"
      "From the state on this machine alone: works when neither workspace can be reached. Without "
      "--out the file is twinlake-report-GROUP-TIME.html in the current folder; with -o json the "
      "same account goes to standard output, and a page is written only where --out says.";
  command.options = {
      {"--last", "", "The last failover; where there was none, the last drill (the default)",
       &flags->last},
      {"--failover", "N", "The failover with that number, as an earlier report shows it",
       &flags->failover},
      {"--drill", "", "The last drill", &flags->drill},
      {"--out", "FILE", "Where the HTML goes", &flags->out},
      {"--json-out", "FILE", "Write the same account as JSON there", &flags->json_out},
      {"--force", "", "Replace files that are there", &flags->force},
      {"--rpo-minutes", "N", "What was aimed at; the report says whether it was met",
       &flags->rpo_minutes},
      {"--rto-minutes", "N", "The same for the recovery time", &flags->rto_minutes}};
  command.examples = {"twinlake report --last",
                      "twinlake report --last --out weu.html --rpo-minutes 15 --rto-minutes 60",
                      "twinlake -o json report --drill | jq .drill.runs"};
  command.run = [flags](const Globals& globals) { return run_report(globals, *flags); };
  return command;
}

}  // namespace twinlake::app

#include "steady.h"

#include <algorithm>
#include <ctime>
#include <stdexcept>

#include "simulator/estate/estate.h"
#include "support/estate.h"
#include "support/lab.h"
#include "table.h"

namespace twinlake::bench {

using nlohmann::json;
using test::Lab;

namespace {

constexpr int goal_notebooks = 10'000;
constexpr int sizes[] = {2'500, 5'000, goal_notebooks, 20'000};
constexpr int changes[] = {0, 10, 100, 300};
constexpr Micros every = std::chrono::minutes(5);
constexpr double goal_time = 0.05;      ///< of the first sync's
constexpr double goal_requests = 0.02;  ///< of the objects, beyond listings and pages

simulator::EstateSize size_of(int notebooks) {
  simulator::EstateSize size;
  size.notebooks = notebooks;
  size.files = notebooks / 20;
  size.jobs = notebooks / 10;
  size.clusters = notebooks / 50;
  size.policies = notebooks / 500;
  size.pools = notebooks / 1000;
  return size;
}

/// By what they are for: found in listings, asked of single objects, written.
struct Requests {
  std::int64_t listings = 0;
  std::int64_t reads = 0;
  std::int64_t writes = 0;
  [[nodiscard]] std::int64_t all() const { return listings + reads + writes; }
};

/// Asked once for each object of which something is to be known that no listing tells.
bool is_about_one(const std::string& line) {
  static constexpr std::string_view starts[] = {"HEAD ",
                                                "GET /api/2.0/permissions/",
                                                "GET /api/2.2/jobs/get",
                                                "GET /api/2.0/workspace/export",
                                                "GET /api/2.0/workspace/get-status",
                                                "GET /api/2.0/pipelines/",
                                                "GET /api/2.0/notification-destinations/",
                                                "GET /api/2.0/repos/",
                                                "GET /api/2.1/clusters/get",
                                                "GET /api/2.0/secrets/acls/list",
                                                "GET /api/2.0/secrets/get",
                                                "GET /api/2.0/dbfs/",
                                                "GET /api/2.0/fs/",
                                                "GET /api/2.0/global-init-scripts/"};
  return std::ranges::any_of(starts,
                             [&](std::string_view start) { return line.starts_with(start); });
}

Requests requests_of(Lab& lab) {
  Requests requests;
  for (test::Wire* wire : {&lab.primary_wire(), &lab.secondary_wire()}) {
    for (const auto& [line, count] : wire->log.by_route) {
      const bool writes = !line.starts_with("GET ") && !line.starts_with("HEAD ");
      (writes ? requests.writes : is_about_one(line) ? requests.reads : requests.listings) += count;
    }
  }
  return requests;
}

struct Run {
  int notebooks = 0;
  int changed = 0;  ///< below 0: the first one
  Requests requests;
  double seconds = 0;
  double processor = 0;  ///< of program and simulator together
  std::int64_t objects = 0;
  std::int64_t written = 0;
};

double processor_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

Run sync_once(Lab& lab, int notebooks, int changed) {
  lab.reset_logs();
  const Time started = lab.loop().now();
  const double processor = processor_seconds();
  const auto report = lab.sync();
  if (!report) throw std::runtime_error(describe(report.error()));
  Run run{.notebooks = notebooks, .changed = changed, .requests = requests_of(lab)};
  run.seconds = std::chrono::duration<double>(lab.loop().now() - started).count();
  run.processor = processor_seconds() - processor;
  for (const auto& [kind, counts] : report->kinds) {
    run.written += counts.created + counts.updated;
    run.objects += counts.created + counts.updated + counts.unchanged + counts.adopted;
  }
  return run;
}

Task<void> wait(Loop* loop, Micros how_long) { co_await loop->sleep(how_long); }

/// Notebooks of the estate, spread over it.
std::vector<std::string> notebooks_of(Lab& lab) {
  std::vector<std::string> paths;
  const engine::Reading reading = lab.read(false);
  for (const engine::Pair& pair : reading.world.pairs)
    if (pair.kind->detail == model::Detail::content && pair.kind->key_is_path &&
        pair.kind->name == "notebook")
      paths.push_back(pair.key);
  return paths;
}

/// By many people, whom no limit concerns.
void edit(Lab& lab, const std::vector<std::string>& paths, int count, int round) {
  lab.home().set_enforce_limits(false);
  for (int i = 0; i < count; ++i) {
    const std::size_t at =
        static_cast<std::size_t>(i) * paths.size() / static_cast<std::size_t>(count);
    test::import_notebook(lab, paths[at],
                          "# Databricks notebook source\nprint(" + std::to_string(round) + ")\n");
  }
  lab.home().set_enforce_limits(true);
}

std::vector<Run> measure(int notebooks) {
  Lab::Options options;
  options.latency = Millis(50);
  Lab lab(options);
  simulator::fill_estate(lab.home(), lab.away(), size_of(notebooks));
  for (simulator::Region* region : {&lab.home(), &lab.away()}) region->set_enforce_limits(true);
  std::vector<Run> runs{sync_once(lab, notebooks, -1)};
  const std::vector<std::string> paths = notebooks_of(lab);
  int round = 0;
  for (const int changed : changes) {
    lab.loop().run(wait(&lab.loop(), every));
    edit(lab, paths, changed, ++round);
    runs.push_back(sync_once(lab, notebooks, changed));
    if (runs.back().written != changed)
      throw std::runtime_error("a run wrote something else than what was changed");
  }
  return runs;
}

void add(Table& table, const Run& run) {
  table.add({number(run.notebooks), run.changed < 0 ? "first" : number(run.changed),
             number(static_cast<double>(run.objects)),
             number(static_cast<double>(run.requests.listings)),
             number(static_cast<double>(run.requests.reads)),
             number(static_cast<double>(run.requests.writes)), number(run.seconds, 2),
             number(run.processor, 2)});
}

/// What the runs of one estate have to keep to.
bool is_good(const std::vector<Run>& runs) {
  const Run& first = runs.front();
  const Run& unchanged = runs.at(1);
  return unchanged.seconds <= goal_time * first.seconds &&
         static_cast<double>(unchanged.requests.reads + unchanged.requests.writes) <=
             goal_requests * static_cast<double>(unchanged.objects);
}

/// Beyond listings the same changes cost what they cost in the smaller estate, and a few turns
/// more.
bool grows_with_changes(const std::vector<Run>& smaller, const std::vector<Run>& larger) {
  for (std::size_t i = 1; i < std::min(smaller.size(), larger.size()); ++i) {
    const Requests& before = smaller[i].requests;
    const Requests& now = larger[i].requests;
    const auto turns = static_cast<std::int64_t>(
        goal_requests * static_cast<double>(larger[i].objects - smaller[i].objects));
    if (now.writes != before.writes || now.reads > before.reads + turns) return false;
  }
  return true;
}

/// A warehouse that never stops, and a log that is there and shows everything at once.
void use_audit_logs(Lab& lab) {
  const json settings = {{"enabled", true},
                         {"readers", json::array({"admins"})},
                         {"lag_millis", 0},
                         {"spread_millis", 0}};
  const auto prepare = [&](const auto& ask) {
    ask("POST", "/sim/audit", settings);
    const json listed = ask("GET", "/api/2.0/sql/warehouses", json());
    const std::string path = "/api/2.0/sql/warehouses/" +
                             listed.at("warehouses").at(0).at("id").template get<std::string>();
    ask("POST", path + "/edit", json::object({{"auto_stop_mins", 0}}));
  };
  prepare([&](auto method, const std::string& path, const json& body) {
    return lab.primary(method, path, body);
  });
  prepare([&](auto method, const std::string& path, const json& body) {
    return lab.secondary(method, path, body);
  });
  lab.rules.audit.primary.emplace();
  lab.rules.audit.secondary.emplace();
}

/// Gives everybody another right to so many notebooks, spread over the estate.
void change_grants(Lab& lab, const std::vector<std::string>& ids, int count, int round) {
  const char* levels[] = {"CAN_READ", "CAN_RUN", "CAN_EDIT"};
  json entry = {{"group_name", "users"}, {"permission_level", levels[round % 3]}};
  json body = json::object();
  body["access_control_list"] = json::array({entry});
  lab.home().set_enforce_limits(false);
  for (int i = 0; i < count; ++i) {
    const std::size_t at =
        static_cast<std::size_t>(i) * ids.size() / static_cast<std::size_t>(count);
    lab.primary("PUT", "/api/2.0/permissions/notebooks/" + ids[at], body);
  }
  lab.home().set_enforce_limits(true);
}

std::vector<std::string> notebook_ids(Lab& lab) {
  std::vector<std::string> ids;
  const engine::Reading reading = lab.read(false);
  for (const engine::Pair& pair : reading.world.pairs)
    if (pair.kind->name == "notebook" && pair.primary != nullptr) ids.push_back(pair.primary->id);
  return ids;
}

/// What shows a run that a grant was changed.
enum class FoundBy { turns, look, log };

const char* name_of(FoundBy found_by) {
  switch (found_by) {
    case FoundBy::turns: return "its turn";
    case FoundBy::look: return "reading all";
    case FoundBy::log: return "audit logs";
  }
  return "";
}

/// How much of what people changed in grants has reached the standby after the next run, and at
/// what cost.
bool add_grants(Table& table, FoundBy found_by) {
  Lab::Options options;
  options.latency = Millis(50);
  Lab lab(options);
  simulator::fill_estate(lab.home(), lab.away(), size_of(goal_notebooks));
  if (found_by == FoundBy::log) use_audit_logs(lab);
  for (simulator::Region* region : {&lab.home(), &lab.away()}) region->set_enforce_limits(true);
  static_cast<void>(sync_once(lab, goal_notebooks, -1));
  const std::vector<std::string> ids = notebook_ids(lab);
  if (found_by == FoundBy::look) lab.rules.sweep = engine::SweepRules::always();
  bool good = true;
  int round = 0;
  for (const int changed : {0, 10, 100}) {
    lab.loop().run(wait(&lab.loop(), every));
    change_grants(lab, ids, changed, round++);
    const Run run = sync_once(lab, goal_notebooks, changed);
    std::int64_t statements = 0;
    for (test::Wire* wire : {&lab.primary_wire(), &lab.secondary_wire()})
      statements += wire->log.by_route["POST /api/2.0/sql/statements"];
    table.add({name_of(found_by), number(goal_notebooks), number(changed),
               number(static_cast<double>(run.written)), number(static_cast<double>(statements)),
               number(static_cast<double>(run.requests.reads)), number(run.seconds, 2)});
    good = good && (found_by == FoundBy::turns ? statements == 0 : run.written == changed);
  }
  return good;
}

}  // namespace

bool measure_steady(const std::string& results) {
  Table table("steady", {"notebooks", "changed", "objects", "listings and pages", "reads", "writes",
                         "virtual s", "processor s"});
  bool good = true;
  std::vector<Run> smaller;
  for (const int notebooks : sizes) {
    std::vector<Run> runs = measure(notebooks);
    for (const Run& run : runs) add(table, run);
    good =
        good && (notebooks < goal_notebooks || is_good(runs)) && grows_with_changes(smaller, runs);
    smaller = std::move(runs);
  }
  table.print(
      "A sync every five minutes, 50 ms latency, published limits, by notebooks in all and "
      "changed");
  table.save(results);
  return good;
}

bool measure_grants(const std::string& results) {
  Table table("grants", {"found by", "notebooks", "grants changed", "written by the next run",
                         "statements", "reads", "virtual s"});
  bool good = true;
  for (const FoundBy found_by : {FoundBy::turns, FoundBy::look, FoundBy::log})
    good = add_grants(table, found_by) && good;
  table.print("Grants that people changed, and the sync after it");
  table.save(results);
  return good;
}

}  // namespace twinlake::bench

#include "counts.h"

#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "samples.h"
#include "table.h"

namespace twinlake::bench {

namespace {

// The difference of two sizes, both below every page size: what does not grow falls out.
constexpr int few = 10;
constexpr int many = 30;

double& place_of(Requests& requests, const std::string& line) {
  const auto starts = [&](const char* text) { return line.starts_with(text); };
  if (starts("GET /api/2.0/permissions/")) return requests.permission_reads;
  if (starts("PUT /api/2.0/permissions/")) return requests.permission_writes;
  if (starts("GET /api/2.0/workspace/list")) return requests.listings;
  if (starts("GET ")) return requests.reads;
  if (line.ends_with("/stop") || starts("POST /api/2.1/clusters/delete") ||
      starts("POST /api/2.1/clusters/pin"))
    return requests.follow_ups;
  return requests.writes;
}

struct Counted {
  Requests first;
  Requests unchanged;
};

Requests sync_once(test::Lab& lab) {
  lab.reset_logs();
  const auto report = lab.sync();
  if (!report) throw std::runtime_error(describe(report.error()));
  if (report->outcome != "complete")
    throw std::runtime_error("the sync of a sample was not complete");
  Requests requests;
  for (test::Wire* wire : {&lab.primary_wire(), &lab.secondary_wire()})
    for (const auto& [line, count] : wire->log.by_route)
      place_of(requests, line) += static_cast<double>(count);
  return requests;
}

Counted count_some(const Sample& sample, int objects) {
  test::Lab lab;
  sample.fill(lab, objects);
  Counted counted;
  counted.first = sync_once(lab);
  counted.unchanged = sync_once(lab);
  return counted;
}

constexpr double Requests::* columns[] = {&Requests::listings,          &Requests::reads,
                                          &Requests::permission_reads,  &Requests::writes,
                                          &Requests::permission_writes, &Requests::follow_ups};

Requests per_object(const Requests& more, const Requests& less) {
  Requests each;
  for (const auto column : columns) each.*column = (more.*column - less.*column) / (many - few);
  return each;
}

/// One row; tells whether it keeps to the formula.
bool add_row(Table& table, const std::string& name, const char* run, const Requests& found,
             const Requests& allowed) {
  std::vector<std::string> row{name, run};
  bool good = true;
  for (const auto column : columns) {
    const bool fits = found.*column <= allowed.*column + 1e-9;
    row.push_back(number(found.*column, 2) + " / " + number(allowed.*column));
    good = good && fits;
  }
  row.push_back(good ? "yes" : "NO");
  table.add(std::move(row));
  return good;
}

}  // namespace

bool count_requests(const std::string& results) {
  Table table("requests", {"kind", "run", "folder listings", "reads", "permission reads", "writes",
                           "permission writes", "follow-ups", "within"});
  bool good = true;
  for (const Sample& sample : samples()) {
    const Counted less = count_some(sample, few);
    const Counted more = count_some(sample, many);
    const bool first =
        add_row(table, sample.name, "first", per_object(more.first, less.first), sample.first);
    const bool second = add_row(table, sample.name, "unchanged",
                                per_object(more.unchanged, less.unchanged), sample.unchanged);
    good = good && first && second;
  }
  table.print(
      "Requests per object, counted / formula (both sides together; listings of whole kinds left "
      "out)");
  table.save(results);
  return good;
}

}  // namespace twinlake::bench

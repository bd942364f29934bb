#pragma once
// What the files of the estate share; nobody else includes it.
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulator/estate/estate.h"

namespace twinlake::simulator {

/// Talks to a region as a client does. Any refusal is thrown: see fill_estate().
class EstateClient {
 public:
  EstateClient(Region& region, std::int64_t start_micros);

  using Query = std::vector<std::pair<std::string, std::string>>;
  json get(const std::string& path, Query query = {});
  json post(const std::string& path, const json& body);
  json put(const std::string& path, const json& body);
  json patch(const std::string& path, const json& body);
  json send_bytes(const std::string& path, Query query, std::string bytes);
  void put_bytes(const std::string& path, Query query, std::string bytes);
  /// The next requests come from this principal; from the region's admin when empty.
  void act_as(const std::string& principal);
  /// The same with a token of Entra ID, which alone opens a vault.
  void act_as_in_entra(const std::string& application_id);
  /// From where the region sees its callers.
  [[nodiscard]] const std::string& address() const { return region_.options().caller_address; }
  /// Lets time pass, so that what was started is running and what was stopped is stopped.
  void wait(std::int64_t seconds) { now_micros_ += seconds * 1'000'000; }

 private:
  json send(http::Request request);

  Region& region_;
  std::int64_t now_micros_;
  std::string token_;
  std::map<std::string, std::string> tokens_;  ///< by principal
};

/// Numbers that look thrown but are the same on every machine: the standard's distributions are
/// not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// 0 to sides - 1.
  int roll(std::size_t sides) { return static_cast<int>(engine_() % sides); }
  template <class Items>
  const auto& pick(const Items& items) {
    return items[static_cast<std::size_t>(roll(std::size(items)))];
  }

 private:
  std::mt19937_64 engine_;
};

struct Team {
  const char* name;
  const char* domains[4];
};
constexpr Team teams[] = {
    {"finance", {"ledger", "invoices", "treasury", "month-end"}},
    {"risk", {"exposure", "limits", "scoring", "stress-tests"}},
    {"telemetry", {"devices", "events", "firmware", "sessions"}},
    {"marketing", {"campaigns", "attribution", "audience", "web-shop"}},
    {"supply", {"orders", "stock", "routes", "suppliers"}},
    {"platform", {"monitoring", "governance", "costs", "onboarding"}},
};

struct NotebookPlace {
  std::string path;
  std::string language;  ///< PYTHON, SQL, SCALA, R
  bool jupyter = false;
};

/// What is being built, and what later parts refer to.
struct Estate {
  Estate(Region& primary_region, Region& secondary_region, EstateSize wanted,
         std::int64_t start_micros)
      : primary(primary_region, start_micros),
        secondary(secondary_region, start_micros),
        size(wanted) {}

  EstateClient primary;
  EstateClient secondary;
  EstateSize size;
  Dice dice{20260101};

  std::vector<std::string> users;  ///< names; the first is an admin, the last is inactive
  std::vector<std::string> service_principals;  ///< application ids
  std::vector<std::string> groups;
  std::vector<NotebookPlace> notebooks;
  std::map<std::string, std::vector<std::string>, std::less<>>
      notebooks_of_team;  ///< paths below /Teams
  std::vector<std::string> files;
  std::vector<std::string> pools, policies, clusters;  ///< ids
  std::vector<std::int64_t> jobs;
  /// Ids on the primary of what both sides have: "warehouse/finance-bi".
  std::map<std::string, std::string> shared;

  [[nodiscard]] const std::string& user(std::size_t number) const {
    return users[number % users.size()];
  }
  [[nodiscard]] const std::string& service_principal(std::size_t number) const {
    return service_principals[number % service_principals.size()];
  }
  [[nodiscard]] const std::string& group(std::size_t number) const {
    return groups[number % groups.size()];
  }
  [[nodiscard]] const std::string& shared_id(const std::string& kind,
                                             const std::string& name) const {
    return shared.at(kind + "/" + name);
  }
  [[nodiscard]] std::string notebook_of(std::string_view team, std::size_t number) const;
};

// In this order: later parts refer to what earlier ones made.
void fill_people(Estate& estate);
void fill_shared(Estate& estate);
void fill_tree(Estate& estate);
void fill_compute(Estate& estate);
void fill_jobs(Estate& estate);
void fill_storage(Estate& estate);
void fill_platform(Estate& estate);
void fill_metastore(Estate& estate);
void fill_azure(Estate& estate);

/// The definitions of estate_job_samples.cpp and estate_job_triggers.cpp: each type of task and
/// each kind of trigger at least once, most with references to other objects.
[[nodiscard]] std::vector<json> job_samples(const Estate& estate);
[[nodiscard]] std::vector<json> trigger_samples(const Estate& estate);

/// `text` of a notebook in its source form, or of an .ipynb document.
[[nodiscard]] std::string notebook_text(const NotebookPlace& place, Dice& dice);
/// The words $TEAM, $DOMAIN and $NAME of a template replaced by those of a path.
[[nodiscard]] std::string with_words_of(std::string_view path, std::string_view text);
/// The cells of which notebooks are put together; the first ones of a language come in every
/// notebook.
[[nodiscard]] std::vector<std::string_view> notebook_cells(std::string_view language);
[[nodiscard]] std::string file_text(std::string_view path, Dice& dice);

/// Replaces the direct entries of an object's list.
void grant(Estate& estate, const std::string& type, const std::string& id, json entries);
[[nodiscard]] json user_entry(const std::string& name, std::string_view level);
[[nodiscard]] json group_entry(const std::string& name, std::string_view level);
[[nodiscard]] json service_principal_entry(const std::string& application_id,
                                           std::string_view level);

/// "07"; numbers in names have one width, so that lists sort well.
[[nodiscard]] std::string two_digits(int number);

}  // namespace twinlake::simulator

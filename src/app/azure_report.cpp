#include "app/azure_report.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace twinlake::app {

using azure::AccountVerdict;
using azure::Advice;
using azure::Dependency;
using azure::Gravity;
using nlohmann::json;

namespace {

constexpr std::size_t most_places = 3;
constexpr std::size_t most_findings = 10;

Tone tone_of(Gravity gravity) {
  switch (gravity) {
    case Gravity::note: return Tone::faint;
    case Gravity::warning: return Tone::warn;
    case Gravity::problem: return Tone::bad;
  }
  return Tone::plain;
}

std::string place_text(const azure::Place& place) {
  return place.address + (place.pointer.empty() ? std::string() : " " + place.pointer);
}

std::string places_text(const std::set<azure::Place>& places, const char* whose, bool all,
                        const Style& style) {
  if (places.empty()) return {};
  std::string line = std::string(whose) + " by ";
  std::size_t shown = 0;
  for (const azure::Place& place : places) {
    if (!all && shown == most_places) break;
    line += (shown++ == 0 ? "" : ", ") + place_text(place);
  }
  if (shown < places.size()) line += fmt::format(" and {} more (--all)", places.size() - shown);
  return style(Tone::faint, wrapped(printable(line), 6, style.columns()));
}

std::string advice_text(const Advice& one, const Style& style) {
  std::string text =
      style(tone_of(one.gravity),
            wrapped(printable(std::string(name_of(one.gravity)) + ": " + one.message), 4,
                    style.columns()));
  if (!one.what_to_do.empty())
    text += wrapped(printable("What to do: " + one.what_to_do), 6, style.columns());
  return text;
}

const std::string& copies_of(const Dependency& verdict) { return verdict.copies; }
/// The table above tells those of accounts.
std::string copies_of(const AccountVerdict&) { return {}; }

/// One account, vault or server: what is known of it, what to do, and who uses it.
template <class Verdict>
std::string thing_text(const Verdict& verdict, const std::string& title, const std::string& where,
                       bool all, const Style& style) {
  std::string text = "\n  " + style(Tone::bold, printable(title)) + printable(where) +
                     (verdict.twin.empty() ? "" : ", on the standby " + printable(verdict.twin)) +
                     "\n";
  if (!verdict.why_unknown.empty())
    text += style(Tone::warn,
                  wrapped(printable("unknown: " + verdict.why_unknown), 4, style.columns()));
  if (const std::string copies = copies_of(verdict); !copies.empty())
    text += wrapped(printable(copies), 4, style.columns());
  for (const Advice& one : verdict.advice) text += advice_text(one, style);
  return text + places_text(verdict.used.primary, "used", all, style) +
         places_text(verdict.used.standby, "named on the standby", all, style);
}

std::string known_or(const std::string& text, const char* otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

std::string head_text(const AzureHead& head, const std::string& what, const Style& style) {
  std::string text = style(Tone::bold, what + " of the failover group " + head.group) + "\n";
  text += fmt::format("  from {} to {}", known_or(head.primary_region, "a region not known"),
                      known_or(head.standby_region, "a region not known"));
  if (head.texts_of_code > 0)
    text += fmt::format("; {} notebooks and files looked through", head.texts_of_code);
  if (head.is_code_left_out) text += "; notebooks and files were not looked through (--no-code)";
  text += "\n";
  if (head.is_primary_lost)
    text += style(Tone::warn, wrapped("The primary does not answer: names are those of the "
                                      "standby, traced back through the rewrites",
                                      2, style.columns()));
  if (!head.no_azure.empty())
    text += style(Tone::warn,
                  wrapped(printable("Azure was not asked: " + head.no_azure), 2, style.columns()));
  return text;
}

std::string findings_text(const AzureHead& head, bool all, const Style& style) {
  if (head.findings.empty()) return {};
  std::string text = style(Tone::bold, "\nNotes") + "\n";
  const std::size_t shown =
      all ? head.findings.size() : std::min(most_findings, head.findings.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const model::Finding& finding = head.findings[i];
    text += wrapped(printable(finding.address + ": " + finding.message +
                              (finding.what_to_do.empty() ? "" : ". " + finding.what_to_do)),
                    2, style.columns());
  }
  if (shown < head.findings.size())
    text += fmt::format("  and {} more (--all)\n", head.findings.size() - shown);
  return text;
}

std::string age_text(const std::optional<double>& minutes) {
  return minutes ? duration_text(*minutes * 60) : std::string();
}

/// "yes", "no", "?": nobody but the service knows.
std::string fail_over_text(const AccountVerdict& verdict) {
  if (verdict.root) return "never";
  if (!verdict.account || !azure::is_geo_redundant(verdict.account->sku))
    return verdict.account ? "no" : "";
  if (!verdict.account->geo.can_fail_over) return "?";
  return *verdict.account->geo.can_fail_over ? "yes" : "no";
}

std::string loss_text(const AccountVerdict& verdict) {
  if (!verdict.account || verdict.root) return {};
  if (!azure::is_geo_redundant(verdict.account->sku))
    return verdict.account->secondary_region.empty() ? "all" : "";
  return verdict.loss_minutes ? age_text(verdict.loss_minutes) : std::string("?");
}

/// Nearly all are "Standard_".
std::string sku_text(const std::string& sku) {
  constexpr std::string_view usual = "Standard_";
  return sku.starts_with(usual) ? sku.substr(usual.size()) : sku;
}

Table table_of(const std::vector<AccountVerdict>& verdicts) {
  Table table({{"ACCOUNT"},
               {"SKU"},
               {"KIND"},
               {"REGION"},
               {"COPY IN"},
               {"STATE"},
               {"LOSS", Table::Align::right},
               {"FAILOVER"},
               {"PLACES", Table::Align::right}});
  for (const AccountVerdict& verdict : verdicts) {
    const std::string places =
        std::to_string(verdict.used.primary.size() + verdict.used.standby.size());
    if (!verdict.account) {
      table.add({verdict.name, "unknown", "", "", "", "", "", "", places});
      continue;
    }
    const azure::StorageAccount& account = *verdict.account;
    table.add({verdict.name, sku_text(account.sku),
               verdict.root              ? "DBFS root"
               : account.is_hierarchical ? "lake"
                                         : "blob",
               account.region, known_or(account.secondary_region, "-"),
               known_or(account.geo.status, "-"), loss_text(verdict), fail_over_text(verdict),
               places});
  }
  return table;
}

json places_json(const std::set<azure::Place>& places) {
  json list = json::array();
  for (const azure::Place& place : places) {
    json one = json::object();
    one["address"] = place.address;
    one["place"] = place.pointer;
    list.push_back(std::move(one));
  }
  return list;
}

json used_json(const azure::Used& used) {
  json value = json::object();
  value["primary"] = places_json(used.primary);
  value["standby"] = places_json(used.standby);
  return value;
}

json advice_json(const std::vector<Advice>& advice) {
  json list = json::array();
  for (const Advice& one : advice) {
    json entry = json::object();
    entry["gravity"] = name_of(one.gravity);
    entry["message"] = one.message;
    entry["what_to_do"] = one.what_to_do;
    list.push_back(std::move(entry));
  }
  return list;
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

bool has_warning(const std::vector<Advice>& advice) {
  return std::ranges::any_of(advice,
                             [](const Advice& one) { return one.gravity != Gravity::note; });
}

bool has_problem(const std::vector<Advice>& advice) {
  return std::ranges::any_of(advice,
                             [](const Advice& one) { return one.gravity == Gravity::problem; });
}

}  // namespace

std::string storage_text(const AzureHead& head, const std::vector<AccountVerdict>& verdicts,
                         bool all, const Style& style) {
  std::string text = head_text(head, "Storage accounts", style);
  if (verdicts.empty())
    return text + "  The estate names no storage account\n" + findings_text(head, all, style);
  text += table_of(verdicts).text(style, 2, 0);
  if (std::ranges::any_of(verdicts, [](const auto& verdict) { return verdict.root.has_value(); }))
    text += style(Tone::faint,
                  wrapped("A DBFS root is Databricks' own account and never fails over; --all says "
                          "what a deny assignment refuses there",
                          2, style.columns()));
  for (const AccountVerdict& verdict : verdicts)
    if (all || !verdict.account || has_warning(verdict.advice))
      text += thing_text(verdict, verdict.name, {}, all, style);
  return text + findings_text(head, all, style);
}

std::string dependencies_text(const AzureHead& head, const std::vector<Dependency>& verdicts,
                              bool all, const Style& style) {
  std::string text = head_text(head, "Dependencies", style);
  if (verdicts.empty()) text += "  The estate names nothing in Azure beside storage\n";
  for (const Dependency& verdict : verdicts) {
    const std::string where = verdict.region.empty() ? std::string() : " in " + verdict.region;
    text += thing_text(verdict, std::string(name_of(verdict.service)) + " " + verdict.name, where,
                       all, style);
  }
  return text + findings_text(head, all, style);
}

json head_json(const AzureHead& head) {
  json document = json::object();
  document["group"] = head.group;
  document["primary_region"] = head.primary_region;
  document["standby_region"] = head.standby_region;
  document["azure_was_asked"] = head.no_azure.empty();
  document["why_not"] = head.no_azure;
  document["primary_answers"] = !head.is_primary_lost;
  document["notebooks_and_files"] = head.texts_of_code;
  document["code_left_out"] = head.is_code_left_out;
  document["findings"] = json::array();
  for (const model::Finding& finding : head.findings) {
    json one = json::object();
    one["address"] = finding.address;
    one["message"] = finding.message;
    one["what_to_do"] = finding.what_to_do;
    document["findings"].push_back(std::move(one));
  }
  return document;
}

json account_json(const AccountVerdict& verdict) {
  json entry = json::object();
  entry["name"] = verdict.name;
  entry["known"] = verdict.account.has_value();
  entry["why_unknown"] = verdict.why_unknown;
  entry["twin"] = verdict.twin;
  entry["dbfs_root"] = verdict.root.has_value();
  if (verdict.root) entry["deny_assignment"] = name_of(verdict.root->denial.seen);
  entry["containers"] = verdict.used.parts;
  entry["used_by"] = used_json(verdict.used);
  entry["advice"] = advice_json(verdict.advice);
  entry["loss_minutes"] = or_null(verdict.loss_minutes);
  if (!verdict.account) return entry;
  const azure::StorageAccount& account = *verdict.account;
  entry["id"] = account.id;
  entry["sku"] = account.sku;
  entry["kind"] = account.kind;
  entry["hierarchical_namespace"] = account.is_hierarchical;
  entry["region"] = account.region;
  entry["secondary_region"] = account.secondary_region;
  entry["status_of_primary"] = account.status_of_primary;
  entry["replication_status"] = account.geo.status;
  entry["last_sync"] = account.geo.last_sync ? json(to_rfc3339(*account.geo.last_sync)) : json();
  entry["can_fail_over"] = verdict.root ? json(false) : or_null(account.geo.can_fail_over);
  entry["can_fail_over_planned"] =
      verdict.root ? json(false) : or_null(account.geo.can_fail_over_planned);
  entry["sku_after_failover"] = account.geo.redundancy_afterwards;
  entry["failover_in_progress"] = account.failover_in_progress;
  entry["sku_conversion"] = account.conversion;
  return entry;
}

json dependency_json(const Dependency& verdict) {
  json entry = json::object();
  entry["service"] = word_of(verdict.service);
  entry["name"] = verdict.name;
  entry["known"] = verdict.why_unknown.empty();
  entry["why_unknown"] = verdict.why_unknown;
  entry["region"] = verdict.region;
  entry["copies"] = verdict.copies;
  entry["twin"] = verdict.twin;
  entry["hosts"] = verdict.used.hosts;
  entry["resource_ids"] = verdict.used.resource_ids;
  entry["databases"] = verdict.used.parts;
  entry["used_by"] = used_json(verdict.used);
  entry["advice"] = advice_json(verdict.advice);
  return entry;
}

bool needs_work(const AccountVerdict& verdict) {
  return !verdict.account || has_problem(verdict.advice);
}
bool needs_work(const Dependency& verdict) {
  return !verdict.why_unknown.empty() || has_problem(verdict.advice);
}

}  // namespace twinlake::app

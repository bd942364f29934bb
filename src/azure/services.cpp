#include "azure/services.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace twinlake::azure {

namespace {

struct Suffix {
  std::string_view host;  ///< what follows the name
  Service service;
};

/// Of each cloud (facts, azure 2.1, 8.1, 10 and 16). A longer one comes before one that it ends
/// with.
constexpr auto suffixes = std::to_array<Suffix>({
    {".core.windows.net", Service::storage},
    {".core.usgovcloudapi.net", Service::storage},
    {".core.chinacloudapi.cn", Service::storage},
    {".storage.azure.net", Service::storage},
    {".azuredatalakestore.net", Service::data_lake_gen1},
    {".vault.azure.net", Service::key_vault},
    {".vault.usgovcloudapi.net", Service::key_vault},
    {".vault.azure.cn", Service::key_vault},
    {".database.windows.net", Service::sql},
    {".database.usgovcloudapi.net", Service::sql},
    {".database.chinacloudapi.cn", Service::sql},
    {".mysql.database.azure.com", Service::mysql},
    {".mysql.database.usgovcloudapi.net", Service::mysql},
    {".mysql.database.chinacloudapi.cn", Service::mysql},
    {".mariadb.database.azure.com", Service::mariadb},
    {".postgres.database.azure.com", Service::postgresql},
    {".postgres.database.usgovcloudapi.net", Service::postgresql},
    {".postgres.database.chinacloudapi.cn", Service::postgresql},
    {".azurehdinsight.net", Service::hdinsight},
    {".azurehdinsight.us", Service::hdinsight},
    {".azurehdinsight.cn", Service::hdinsight},
    {".servicebus.windows.net", Service::event_hubs},
    {".servicebus.usgovcloudapi.net", Service::event_hubs},
    {".servicebus.chinacloudapi.cn", Service::event_hubs},
    {".documents.azure.com", Service::cosmos},
    {".documents.azure.us", Service::cosmos},
    {".documents.azure.cn", Service::cosmos},
    {".cosmos.azure.com", Service::cosmos},
    {".sql.azuresynapse.net", Service::synapse},
    {".dev.azuresynapse.net", Service::synapse},
    {".sql.azuresynapse.usgovcloudapi.net", Service::synapse},
    {".sql.azuresynapse.azure.cn", Service::synapse},
    {".ods.opinsights.azure.com", Service::log_analytics},
    {".ods.opinsights.azure.us", Service::log_analytics},
    {".ods.opinsights.azure.cn", Service::log_analytics},
    {".azurecr.io", Service::container_registry},
    {".azurecr.us", Service::container_registry},
    {".azurecr.cn", Service::container_registry},
    {".openai.azure.com", Service::cognitive},
    {".openai.azure.us", Service::cognitive},
    {".openai.azure.cn", Service::cognitive},
    {".cognitiveservices.azure.com", Service::cognitive},
    {".cognitiveservices.azure.us", Service::cognitive},
    {".cognitiveservices.azure.cn", Service::cognitive},
});

struct ServiceRow {
  Service service;
  std::string_view name;
  std::string_view word;
  std::string_view type;
};
constexpr auto rows = std::to_array<ServiceRow>({
    {Service::storage, "storage account", "storage", "Microsoft.Storage/storageAccounts"},
    {Service::data_lake_gen1, "Data Lake Storage Gen1", "data_lake_gen1", ""},
    {Service::key_vault, "key vault", "key_vault", "Microsoft.KeyVault/vaults"},
    {Service::sql, "SQL server", "sql", "Microsoft.Sql/servers"},
    {Service::mysql, "MySQL server", "mysql", "Microsoft.DBforMySQL/flexibleServers"},
    {Service::mariadb, "MariaDB server", "mariadb", ""},
    {Service::postgresql, "PostgreSQL server", "postgresql",
     "Microsoft.DBforPostgreSQL/flexibleServers"},
    {Service::hdinsight, "HDInsight cluster", "hdinsight", "Microsoft.HDInsight/clusters"},
    {Service::event_hubs, "Event Hubs namespace", "event_hubs", "Microsoft.EventHub/namespaces"},
    {Service::cosmos, "Cosmos DB account", "cosmos", "Microsoft.DocumentDB/databaseAccounts"},
    {Service::synapse, "Synapse workspace", "synapse", "Microsoft.Synapse/workspaces"},
    {Service::log_analytics, "Log Analytics workspace", "log_analytics",
     "Microsoft.OperationalInsights/workspaces"},
    {Service::container_registry, "container registry", "container_registry",
     "Microsoft.ContainerRegistry/registries"},
    {Service::cognitive, "Cognitive Services account", "cognitive",
     "Microsoft.CognitiveServices/accounts"},
    {Service::other, "resource", "resource", ""},
});

const ServiceRow& row_of(Service service) {
  return *std::ranges::find(rows, service, &ServiceRow::service);
}

bool is_label_sign(char sign) {
  return (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || sign == '-';
}
bool is_host_sign(char sign) { return is_label_sign(sign) || sign == '.'; }

/// Where the label ends that begins before `end`.
std::size_t begin_of_label(std::string_view text, std::size_t end) {
  while (end > 0 && is_label_sign(text[end - 1])) --end;
  return end;
}

/// A host goes on where a full stop and another label follow.
bool goes_on(std::string_view text, std::size_t end) {
  if (end >= text.size()) return false;
  if (is_label_sign(text[end]) || text[end] == '_') return true;
  return text[end] == '.' && end + 1 < text.size() && is_label_sign(text[end + 1]);
}

std::string first_segment(std::string_view path) {
  const std::size_t end = path.find_first_of("/?#;\"'` \t\r\n\\,)<>");
  return std::string(path.substr(0, end));
}

/// "...://CONTAINER@ACCOUNT", "...://ACCOUNT.blob.../CONTAINER/x", and of a setting's name
/// "fs.azure.sas.CONTAINER.ACCOUNT".
std::string container_at(std::string_view text, std::size_t begin, std::size_t end) {
  constexpr std::string_view of_sas = "fs.azure.sas.";
  if (begin > 0 && text[begin - 1] == '@') {
    std::size_t from = begin - 1;
    while (from > 0 && is_label_sign(text[from - 1])) --from;
    if (from >= 3 && text.substr(from - 3, 3) == "://")
      return std::string(text.substr(from, begin - 1 - from));
  }
  if (begin >= 3 && text.substr(begin - 3, 3) == "://" && end < text.size() && text[end] == '/')
    return first_segment(text.substr(end + 1));
  if (begin > 0 && text[begin - 1] == '.') {
    const std::size_t from = begin_of_label(text, begin - 1);
    if (from >= of_sas.size() && text.substr(from - of_sas.size(), of_sas.size()) == of_sas)
      return std::string(text.substr(from, begin - 1 - from));
  }
  return {};
}

/// Of a JDBC URL: ";database=x" and ";databaseName=x", or "host:3306/x".
std::string database_at(std::string_view text, std::size_t end) {
  std::string_view rest = text.substr(end, std::min<std::size_t>(text.size() - end, 512));
  rest = rest.substr(0, rest.find_first_of("\"'` \t\r\n"));
  for (const std::string_view name : {";database=", ";databasename=", ";initial catalog="})
    if (const std::size_t at = rest.find(name); at != std::string_view::npos)
      return first_segment(rest.substr(at + name.size()));
  if (rest.starts_with(':'))
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of("0123456789", 1)));
  return rest.starts_with('/') ? first_segment(rest.substr(1)) : std::string();
}

bool is_account_name(std::string_view name) {
  const auto is_sign = [](char sign) { return is_label_sign(sign) && sign != '-'; };
  return name.size() >= 3 && name.size() <= 24 && std::ranges::all_of(name, is_sign);
}

/// Labels of a storage host that say which protocol is spoken.
bool is_protocol(std::string_view label) {
  constexpr auto protocols =
      std::to_array<std::string_view>({"blob", "dfs", "file", "queue", "table", "web"});
  return std::ranges::find(protocols, label) != protocols.end();
}

class Search {
 public:
  explicit Search(std::string_view text) : text_(lower_case(text)), as_written_(text) {}

  NamedInText run() {
    for (const Suffix& suffix : suffixes)
      for (std::size_t at = text_.find(suffix.host); at != std::string::npos;
           at = text_.find(suffix.host, at + 1))
        take_host(suffix, at);
    for (std::size_t at = text_.find("/subscriptions/"); at != std::string::npos;
         at = text_.find("/subscriptions/", at + 1))
      take_resource(at);
    std::ranges::stable_sort(found_, {}, &Found::at);
    for (Found& found : found_) result_.things.push_back(std::move(found.named));
    return std::move(result_);
  }

 private:
  struct Found {
    std::size_t at;
    Named named;
  };

  /// `at`: where the suffix begins.
  void take_host(const Suffix& suffix, std::size_t at) {
    const std::size_t end = at + suffix.host.size();
    if (goes_on(text_, end)) return;
    std::size_t label_end = at;
    if (suffix.service == Service::storage) {
      const std::size_t protocol = begin_of_label(text_, at);
      if (!is_protocol(std::string_view(text_).substr(protocol, at - protocol)) || protocol < 1 ||
          text_[protocol - 1] != '.')
        return;
      label_end = protocol - 1;
    }
    if (suffix.service == Service::storage) skip_zone(label_end, suffix.host);
    // Elsewhere than in the public cloud the hosts of other databases end like those of SQL.
    const std::string_view last =
        std::string_view(text_).substr(begin_of_label(text_, at), at - begin_of_label(text_, at));
    if (suffix.service == Service::sql && (last == "mysql" || last == "postgres")) return;
    if (suffix.service == Service::sql || suffix.service == Service::cosmos)
      label_end = end_of_first_label(label_end);
    const std::size_t begin = begin_of_label(text_, label_end);
    if (begin == label_end) return note_built(suffix.service, begin);
    add(suffix.service, begin, label_end, end);
  }

  /// "ACCOUNT.z12.blob.storage.azure.net": a zone stands between.
  void skip_zone(std::size_t& label_end, std::string_view host) const {
    if (host != ".storage.azure.net") return;
    const std::size_t zone = begin_of_label(text_, label_end);
    if (zone >= 1 && zone < label_end && text_[zone] == 'z' && text_[zone - 1] == '.')
      label_end = zone - 1;
  }

  /// "GROUP.secondary.database...", "INSTANCE.ZONE.database...": the first label is the name.
  [[nodiscard]] std::size_t end_of_first_label(std::size_t label_end) const {
    std::size_t begin = label_end;
    while (begin > 0 && is_host_sign(text_[begin - 1])) --begin;
    const std::size_t stop = text_.find('.', begin);
    return stop != std::string::npos && stop < label_end ? stop : label_end;
  }

  void note_built(Service service, std::size_t at) {
    if (at > 0 && (text_[at - 1] == '}' || text_[at - 1] == '"' || text_[at - 1] == '\'') &&
        std::ranges::find(result_.built, service) == result_.built.end())
      result_.built.push_back(service);
  }

  void add(Service service, std::size_t begin, std::size_t label_end, std::size_t end) {
    Named named;
    named.service = service;
    named.name = text_.substr(begin, label_end - begin);
    if (service == Service::storage) {
      constexpr std::string_view secondary = "-secondary";
      if (named.name.ends_with(secondary)) named.name.resize(named.name.size() - secondary.size());
      if (!is_account_name(named.name)) return;
      named.part = container_at(text_, begin, end);
    }
    if (service == Service::synapse) {
      constexpr std::string_view on_demand = "-ondemand";
      if (named.name.ends_with(on_demand)) named.name.resize(named.name.size() - on_demand.size());
    }
    if (service == Service::sql || service == Service::mysql || service == Service::mariadb ||
        service == Service::postgresql)
      named.part = database_at(text_, end);
    named.host = text_.substr(begin, end - begin);
    found_.push_back({begin, std::move(named)});
  }

  void take_resource(std::size_t at) {
    const std::size_t end = text_.find_first_of("\"'` \t\r\n,;<>(){}[]\\?&", at);
    const std::string id = as_written_.substr(at, end == std::string::npos ? end : end - at);
    const auto parsed = outer_resource_id(id);
    if (!parsed) return;
    Named named;
    named.resource_id = id;
    named.name = lower_case(parsed->name);
    for (const ServiceRow& row : rows)
      if (!row.type.empty() && same_id(row.type, parsed->full_type())) named.service = row.service;
    found_.push_back({at, std::move(named)});
  }

  std::string text_;
  std::string as_written_;
  std::vector<Found> found_;
  NamedInText result_;
};

}  // namespace

std::string_view name_of(Service service) { return row_of(service).name; }
std::string_view word_of(Service service) { return row_of(service).word; }
std::string_view resource_type_of(Service service) { return row_of(service).type; }

NamedInText names_in(std::string_view text) {
  // Most texts name nothing: look for what all names have before anything is copied.
  if (text.find('.') == std::string_view::npos && text.find('/') == std::string_view::npos)
    return {};
  return Search(text).run();
}

}  // namespace twinlake::azure

// Folders, notebooks and workspace files, with the names that real workspaces have: spaces,
// umlauts, other scripts, '#', '&', '%' and '+'.
#include <set>

#include "base/hash.h"
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view teams_root = "/Teams/";
constexpr const char* layers[] = {"bronze", "silver", "gold", "quality", "reports"};
/// What the notebooks of a layer do; the first one has no number.
constexpr const char* verbs[] = {"ingest", "clean", "aggregate", "check", "report on"};
constexpr const char* deep_folders[] = {
    "archive/2024/q3/month 09/final", "experiments/window functions/second attempt",
    "backfill/2023/by region/north & west/retries", "handover/Übergabe/Phase #2/notes"};
constexpr const char* odd_places[] = {
    "/Teams/marketing/Campaign & Attribution/Q3 #2 results",
    "/Teams/marketing/Campaign & Attribution/50% discount + shipping",
    "/Teams/finance/Jahresabschluss/Übersicht München",
    "/Teams/telemetry/レポート/データ品質",
    "/Teams/risk/résumé – draft (v2)",
    "/Teams/supply/что нового",
    "/Shared/common/what is this?",
    "/Shared/common/100% coverage"};
constexpr const char* empty_folders[] = {"/Teams/finance/inbox", "/Teams/risk/2026/to do",
                                         "/Teams/telemetry/firmware/staging/empty",
                                         "/Shared/drop zone", "/Teams/platform/Ablage (leer)"};

constexpr const char* file_names[] = {"lib/$DOMAIN_rules.py",
                                      "lib/__init__.py",
                                      "conf/$DOMAIN.yaml",
                                      "conf/columns.json",
                                      "data/currencies.csv",
                                      "requirements.txt",
                                      "README.md",
                                      "sql/$DOMAIN_view.sql",
                                      "init/install-agent.sh",
                                      "dist/helpers-1.4.2-py3-none-any.whl",
                                      "lib/deep/er/than/most/helpers.py",
                                      "data/limits & bands #1.csv",
                                      "empty.txt"};

class TreeFiller {
 public:
  explicit TreeFiller(Estate& estate) : estate_(estate) {}

  void fill() {
    for (const char* path : empty_folders) make_folder(path);
    plan_notebooks();
    for (std::size_t i = 0; i < estate_.notebooks.size(); ++i)
      put_notebook(estate_.notebooks[i], i);
    for (int i = 0; i < estate_.size.files; ++i)
      put_file(file_place(static_cast<std::size_t>(i)), i);
    grant_folders();
    grant_some();
  }

 private:
  void make_folder(const std::string& path) {
    if (!folders_.insert(path).second) return;
    estate_.primary.post("/api/2.0/workspace/mkdirs", json::object({{"path", path}}));
  }
  void make_parent(const std::string& path) { make_folder(path.substr(0, path.rfind('/'))); }

  /// Regular ones per team, domain and layer; every few, one of another kind.
  void plan_notebooks() {
    std::set<std::string> taken;
    const auto add = [&](std::string path, std::string language, bool jupyter) {
      for (int copy = 2; !taken.insert(path).second; ++copy)
        path += " (" + std::to_string(copy) + ")";
      if (path.starts_with(teams_root)) {
        const std::size_t from = teams_root.size();
        estate_.notebooks_of_team[path.substr(from, path.find('/', from) - from)].push_back(path);
      }
      estate_.notebooks.push_back({std::move(path), std::move(language), jupyter});
    };
    for (std::size_t i = 0;
         estate_.notebooks.size() < static_cast<std::size_t>(estate_.size.notebooks); ++i) {
      if (i % 60 == 7 && i / 60 < std::size(odd_places))
        add(odd_places[i / 60], "PYTHON", false);
      else if (i % 9 == 4)
        add(home_place(i), i % 2 == 0 ? "PYTHON" : "SQL", i % 4 == 0);
      else if (i % 14 == 13)
        add("/Shared/common/utilities/helper " + two_digits(static_cast<int>(i / 14)), "SCALA",
            false);
      else
        add(regular_place(i), language_of(i), i % 11 == 10);
    }
  }

  [[nodiscard]] std::string home_place(std::size_t i) const {
    // One who left has no new work; the others have.
    const std::string owner = i % 18 == 4 ? estate_.service_principal(i / 18)
                                          : estate_.users[(i / 9) % (estate_.users.size() - 1)];
    const char* topic = i % 27 == 4 ? "/drafts/try out " : "/scratch/";
    return "/Users/" + owner + topic + std::to_string(i);
  }

  [[nodiscard]] static std::string language_of(std::size_t i) {
    constexpr const char* mix[] = {"PYTHON", "SQL",    "PYTHON", "PYTHON",
                                   "SCALA",  "PYTHON", "R",      "SQL"};
    return i % 11 == 10 ? "PYTHON" : mix[i % std::size(mix)];
  }

  [[nodiscard]] static std::string regular_place(std::size_t i) {
    const Team& team = teams[i % std::size(teams)];
    const std::string domain = team.domains[(i / std::size(teams)) % 4];
    const std::size_t layer = (i / (std::size(teams) * 4)) % std::size(layers);
    const std::size_t round = i / (std::size(teams) * 4 * std::size(layers));
    std::string path =
        "/Teams/" + std::string(team.name) + "/" + domain + "/" + layers[layer] + "/";
    if (i % 13 == 5) path += std::string(deep_folders[i % std::size(deep_folders)]) + "/";
    path += std::string(verbs[layer]) + " " + domain;
    return round == 0 ? path : path + " " + std::to_string(round + 1);
  }

  void put_notebook(const NotebookPlace& place, std::size_t i) {
    make_parent(place.path);
    const std::string text = notebook_text(place, estate_.dice);
    if (i % 25 == 24 && !place.jupyter && place.language == "PYTHON") {
      // As a command line uploads: raw bytes, and the header tells that it is a notebook.
      estate_.primary.send_bytes("/api/2.0/workspace-files/import-file/" +
                                     http::percent_encode(place.path.substr(1) + ".py"),
                                 {{"overwrite", "false"}}, text);
      return;
    }
    json body = json::object({{"path", place.path},
                              {"format", place.jupyter ? "JUPYTER" : "SOURCE"},
                              {"overwrite", false},
                              {"content", base64_encode(text)}});
    if (!place.jupyter) body["language"] = place.language;
    estate_.primary.post("/api/2.0/workspace/import", body);
  }

  [[nodiscard]] std::string file_place(std::size_t i) const {
    const std::size_t kinds = std::size(file_names);
    const Team& team = teams[(i / kinds) % std::size(teams)];
    const std::size_t round = i / (kinds * std::size(teams));
    const std::string domain = team.domains[round % 4];
    std::string path = "/Teams/" + std::string(team.name) + "/" + domain + "/";
    if (round >= 4) path += "part " + std::to_string(round / 4 + 1) + "/";
    return with_words_of(path, path + file_names[i % kinds]);
  }

  void put_file(const std::string& path, int i) {
    make_parent(path);
    std::string bytes = file_text(path, estate_.dice);
    estate_.files.push_back(path);
    if (i % 10 == 9) {
      estate_.primary.send_bytes(
          "/api/2.0/workspace-files/import-file/" + http::percent_encode(path.substr(1)),
          {{"overwrite", "true"}}, std::move(bytes));
      return;
    }
    estate_.primary.post("/api/2.0/workspace/import",
                         json::object({{"path", path},
                                       {"format", "RAW"},
                                       {"overwrite", false},
                                       {"content", base64_encode(bytes)}}));
  }

  /// The list of something in the tree goes by its number.
  void grant_path(const std::string& type, const std::string& path, json entries) {
    if (!estate_.size.grants) return;
    const json status = estate_.primary.get("/api/2.0/workspace/get-status", {{"path", path}});
    grant(estate_, type, std::to_string(status.at("object_id").get<std::int64_t>()),
          std::move(entries));
  }

  void grant_folders() {
    std::size_t number = 0;
    for (const std::string& path : folders_) {
      if (!path.starts_with("/Teams/") || ++number % 3 == 0) continue;
      const std::string& team = estate_.group(number);
      json entries = json::array({group_entry(team, number % 2 == 0 ? "CAN_EDIT" : "CAN_RUN")});
      if (number % 4 == 0) entries.push_back(group_entry("users", "CAN_READ"));
      if (number % 5 == 0)
        entries.push_back(service_principal_entry(estate_.service_principal(number), "CAN_MANAGE"));
      grant_path("directories", path, std::move(entries));
    }
  }

  void grant_some() {
    for (std::size_t i = 0; i < estate_.notebooks.size(); i += 3) {
      json entries =
          json::array({user_entry(estate_.user(i), i % 2 == 0 ? "CAN_MANAGE" : "CAN_READ")});
      if (i % 6 == 0) entries.push_back(group_entry(estate_.group(i), "CAN_RUN"));
      grant_path("notebooks", estate_.notebooks[i].path, std::move(entries));
    }
    for (std::size_t i = 0; i < estate_.files.size(); i += 4)
      grant_path("files", estate_.files[i],
                 json::array({group_entry(estate_.group(i), "CAN_READ")}));
  }

  Estate& estate_;
  std::set<std::string> folders_;
};
}  // namespace

void fill_tree(Estate& estate) { TreeFiller(estate).fill(); }

}  // namespace twinlake::simulator

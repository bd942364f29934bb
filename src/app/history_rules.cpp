#include "app/history_rules.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "app/files.h"
#include "base/hash.h"
#include "base/text.h"

namespace twinlake::app {

namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::string_view environment_prefix = "env:";
constexpr std::string_view credential_prefix = "credential:";
constexpr const char* how_to_make_one =
    "Make one with `(umask 077; openssl rand -hex 32 > history.key)`, and keep a copy elsewhere: "
    "without it the history is lost";

bool is_hex(std::string_view text) {
  return text.size() == 2 * key_bytes &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string from_hex(std::string_view text) {
  const auto digit = [](char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  };
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>((digit(text[i]) << 4U) | digit(text[i + 1]));
  return bytes;
}

Result<Secret> decoded(std::string text, const std::string& place) {
  if (text.size() == key_bytes) return Secret(std::move(text));
  std::string written(trimmed(std::string_view(text).substr(0, text.find('\n'))));
  std::string bytes = is_hex(written) ? from_hex(written) : base64_decode(written);
  wipe(text);
  wipe(written);
  if (bytes.size() != key_bytes)
    return fail(Fault::config, place + " does not hold a key of 32 bytes", how_to_make_one);
  return Secret(std::move(bytes));
}

Result<std::string> bytes_of_file(const std::string& path) {
  struct stat facts{};
  if (stat(path.c_str(), &facts) != 0)
    return fail(Fault::config, "there is no file " + path + " with the key of the history",
                how_to_make_one);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(Fault::config, path + " holds a key and can be read by others than its owner",
                "chmod 600 " + path);
  TRY(auto text, workspace::disk_reader()(path));
  if (!text) return fail(Fault::config, "cannot read " + path, "Check who may read it");
  return std::move(*text);
}

}  // namespace

HistoryRules read_history_rules(const YamlReader& yaml, const YAML::Node& node) {
  HistoryRules rules;
  if (node.IsScalar()) {
    rules.is_kept = yaml.truth(node, "history");
    return rules;
  }
  for (const auto& [key, key_node, value] :
       yaml.members(node, "history", {"keep", "max_file_mb", "key"})) {
    if (key == "max_file_mb")
      rules.max_file = static_cast<std::uint64_t>(yaml.count(value, key)) << 20U;
    if (key == "key") {
      rules.key = yaml.text(value, key);
      // A key in the configuration is in its backups and its repository too.
      if (is_hex(rules.key) || (rules.key.size() == 44 && rules.key.ends_with('=')))
        yaml.fail_at(value, "`key` must say where the key is, and not be it",
                     "Put it into a file that only its owner can read, and name that file; or use "
                     "env:NAME or credential:NAME");
    }
    if (key != "keep") continue;
    rules.keep = {.last = 1, .daily = 0, .weekly = 0};
    for (const auto& part : yaml.members(value, key, {"last", "daily", "weekly"})) {
      std::int64_t& into = part.key == "last"    ? rules.keep.last
                           : part.key == "daily" ? rules.keep.daily
                                                 : rules.keep.weekly;
      into = yaml.count(part.value, part.key);
    }
  }
  return rules;
}

Result<Secret> read_history_key(const std::string& place,
                                const workspace::Environment& environment) {
  if (place.empty()) return Secret();
  if (place.starts_with(environment_prefix)) {
    auto text = environment(place.substr(environment_prefix.size()));
    if (!text || text->empty())
      return fail(Fault::config, "the variable of `" + place + "` is not set", how_to_make_one);
    return decoded(std::move(*text), place);
  }
  std::string path = expand_home(place);
  if (place.starts_with(credential_prefix)) {
    const std::string folder = environment("CREDENTIALS_DIRECTORY").value_or("");
    if (folder.empty())
      return fail(Fault::config,
                  "there is no credential `" + place + "`: no service manager gives any",
                  "Run it as a unit with LoadCredential, or name a file");
    path = folder + "/" + place.substr(credential_prefix.size());
    TRY(auto text, workspace::disk_reader()(path));
    if (!text) return fail(Fault::config, "there is no credential " + path, how_to_make_one);
    return decoded(std::move(*text), place);
  }
  TRY(auto text, bytes_of_file(path));
  return decoded(std::move(text), path);
}

}  // namespace twinlake::app

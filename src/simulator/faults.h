#pragma once
// What goes wrong in a region, on purpose: rules that break chosen calls, and the loss of a region.
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/host.h"
#include "simulator/router.h"

namespace twinlake::simulator {

enum class FaultAction {
  status,        ///< answer with this status and error code
  drop,          ///< no answer: the connection breaks
  delay,         ///< the answer comes later
  html,          ///< an HTML page instead of JSON
  truncate,      ///< the answer breaks off in the middle
  expire_token,  ///< the caller's token expires just now
  empty_page,    ///< a page without elements, but with a token for the next one
};

struct FaultRule {
  std::int64_t id = 0;
  std::string method = "*";
  std::string path = "*";  ///< glob: * stands for anything, slashes included
  int nth = 1;             ///< fires from this matching call on, counted from 1
  int times = 1;           ///< how often; 0: for ever
  FaultAction action = FaultAction::status;
  int status = 503;
  std::string error_code;  ///< empty: the usual one of the status
  std::string message;
  std::int64_t retry_after = -1;  ///< seconds; below 0: no header
  std::int64_t delay_ms = 0;
  bool after = false;  ///< the work is done first, then the answer is lost or replaced
  int seen = 0;        ///< matching calls so far
  int fired = 0;
};

/// What differs between hosts when a rule fires.
struct FaultManners {
  /// The answer that a rule puts in place of the real one, in the words of that service.
  std::function<http::Response(const FaultRule&)> answer;
  std::function<void()> expire_token;  ///< the one that the request carries
};

[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text);
/// From the body of POST /sim/faults; the message tells what is wrong with it.
[[nodiscard]] std::optional<FaultRule> fault_rule_from(const json& rule, std::string& problem);
[[nodiscard]] json to_json(const FaultRule& rule);

class Faults {
 public:
  std::int64_t add(FaultRule rule);
  void clear() { rules_.clear(); }
  bool remove(std::int64_t id);
  [[nodiscard]] const std::vector<FaultRule>& rules() const { return rules_; }

  /// The region is gone until restored, or until a moment (milliseconds).
  void start_outage(std::optional<std::int64_t> until_millis = {});
  void end_outage() { outage_ = false; }
  [[nodiscard]] bool in_outage(std::int64_t now_millis) const;

  /// A request as it fares among the rules: those before the work, the work unless one of them was
  /// the answer, those after it. An outage is the caller's.
  [[nodiscard]] Outcome serve(const http::Request& request, const FaultManners& manners,
                              const std::function<http::Response()>& work);

  /// The answer of a rule in the words of a workspace.
  [[nodiscard]] http::Response answer_of(const FaultRule& rule, const http::Request& request);
  /// Puts the real page token back where an empty page had given a false one.
  void restore_page_token(http::Request& request) const;
  [[nodiscard]] bool has_page_tokens() const { return !page_tokens_.empty(); }

 private:
  /// Counts the call for every rule and gives those that fire.
  [[nodiscard]] std::vector<FaultRule> firing(http::Method method, std::string_view path);
  [[nodiscard]] http::Response empty_page(const http::Request& request);

  std::vector<FaultRule> rules_;
  std::int64_t last_id_ = 0;
  bool outage_ = false;
  std::optional<std::int64_t> outage_until_;
  std::map<std::string, std::optional<std::string>> page_tokens_;  ///< false token to the real one
};

}  // namespace twinlake::simulator

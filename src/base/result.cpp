#include "base/result.h"

namespace twinlake {

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::not_found: return "not_found";
    case Fault::already_exists: return "already_exists";
    case Fault::invalid: return "invalid";
    case Fault::unauthenticated: return "unauthenticated";
    case Fault::forbidden: return "forbidden";
    case Fault::disabled: return "disabled";
    case Fault::throttled: return "throttled";
    case Fault::unavailable: return "unavailable";
    case Fault::network: return "network";
    case Fault::in_doubt: return "in_doubt";
    case Fault::bad_answer: return "bad_answer";
    case Fault::refused: return "refused";
    case Fault::config: return "config";
    case Fault::io: return "io";
    case Fault::ambiguous: return "ambiguous";
    case Fault::blocked: return "blocked";
    case Fault::cancelled: return "cancelled";
    case Fault::bug: return "bug";
  }
  return "bug";
}

std::string describe(const Error& error) {
  std::string text;
  if (!error.address.empty()) text += error.address + ": ";
  text += error.message;
  if (!error.method.empty()) {
    text += " (" + error.method + " " + error.path;
    if (error.status != 0) text += ", HTTP " + std::to_string(error.status);
    if (!error.service_code.empty()) text += " " + error.service_code;
    if (error.attempts > 1) text += ", " + std::to_string(error.attempts) + " attempts";
    if (!error.request_id.empty()) text += ", request id " + error.request_id;
    text += ")";
  }
  if (!error.hint.empty()) text += ". " + error.hint;
  return text;
}

}  // namespace twinlake

#pragma once
// Small help for the verbs of kinds.
#include <algorithm>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/message.h"
#include "model/kind.h"
#include "workspace/rows.h"
#include "workspace/workspace.h"

namespace twinlake::kinds {

/// A write that may be sent twice: the second one changes nothing.
inline http::Request repeatable(http::Method method, std::string path, const nlohmann::json& body) {
  return http::Request::send_json(method, std::move(path), to_text(body), http::Effect::writes,
                                  http::Repeat::safe);
}

/// A child is written by its parent's id, whether it is new or not.
inline const std::string& owner_id(const model::Write& write) {
  return write.id.empty() ? write.parent_id : write.id;
}

/// An array of a definition; empty when the definition or the array is not there.
inline nlohmann::json array_at(const nlohmann::json* definition, std::string_view pointer) {
  const nlohmann::json* place = definition != nullptr ? find_at(*definition, pointer) : nullptr;
  return place != nullptr && place->is_array() ? *place : nlohmann::json::array();
}

/// Elements of `all` that `others` lacks.
inline nlohmann::json missing_in(const nlohmann::json& all, const nlohmann::json& others) {
  nlohmann::json out = nlohmann::json::array();
  for (const nlohmann::json& element : all)
    if (std::find(others.begin(), others.end(), element) == others.end()) out.push_back(element);
  return out;
}

}  // namespace twinlake::kinds

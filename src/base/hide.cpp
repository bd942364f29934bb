#include "base/hide.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake {

namespace {

void replace_all(std::string& text, std::string_view part) {
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + secret_mark.size()))
    text.replace(at, part.size(), secret_mark);
}

}  // namespace

void hide(std::string& text, std::string_view value) {
  if (value.size() < shortest_secret || text.size() < value.size()) return;
  replace_all(text, value);
  const std::string quoted = to_text(nlohmann::json(value));
  const std::string_view inside = std::string_view(quoted).substr(1, quoted.size() - 2);
  if (inside != value) replace_all(text, inside);
}

}  // namespace twinlake

#include "model/sensitive.h"

#include <nlohmann/json.hpp>

#include "base/hide.h"
#include "base/secret_text.h"

namespace twinlake::model {

using nlohmann::json;

void hide_texts(const json& value, Error& error) {
  if (value.is_structured()) {
    for (const json& element : value) hide_texts(element, error);
    return;
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  if (is_secret_reference(text)) return;
  for (std::string* words : {&error.message, &error.hint}) hide(*words, text);
}

}  // namespace twinlake::model

#include "model/packed_form.h"

#include <nlohmann/json.hpp>

namespace twinlake::model {

using nlohmann::json;

PackedForm::PackedForm(const json& form) {
  std::string bytes;
  json::to_cbor(form, bytes);
  bytes_ = SharedText(bytes);
}

json PackedForm::unpack() const { return json::from_cbor(bytes_.view()); }

}  // namespace twinlake::model

#include "app/audit_html.h"

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>
#include <string_view>

#include "app/audit_view.h"
#include "app/terminal.h"

namespace twinlake::app {

/// audit_page.mustache.
extern const std::string_view audit_page;

using nlohmann::json;

namespace {

/// What is null is false there: its section is left out, and its name in an outer one is not meant.
kainjow::mustache::data data_of(const json& value) {
  namespace mustache = kainjow::mustache;
  if (value.is_object()) {
    mustache::data object(mustache::data::type::object);
    for (const auto& [name, member] : value.items()) object.set(name, data_of(member));
    return object;
  }
  if (value.is_array()) {
    mustache::data list(mustache::data::type::list);
    for (const json& entry : value) list.push_back(data_of(entry));
    return list;
  }
  if (value.is_string()) return printable(value.get<std::string>());
  return value.is_boolean() && value.get<bool>();
}

}  // namespace

Result<std::string> audit_html(const json& audit) {
  kainjow::mustache::mustache page{std::string(audit_page)};
  std::string html = page.render(data_of(audit_view(audit)));
  if (!page.is_valid())
    return fail(Fault::bug, "the page of the report: " + page.error_message(),
                "`twinlake -o json report` tells the same");
  return html;
}

}  // namespace twinlake::app

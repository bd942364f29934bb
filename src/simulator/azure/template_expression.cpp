#include "simulator/azure/template_expression.h"

#include <algorithm>
#include <cctype>

#include "base/hash.h"
#include "simulator/azure/resources.h"
#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
using Arguments = std::vector<json>;

std::string text_argument(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

const json& argument(const Arguments& arguments, std::size_t number, const char* function) {
  if (number < arguments.size()) return arguments[number];
  throw TemplateProblem(std::string("The template function '") + function +
                        "' has too few arguments.");
}

std::string joined(const Arguments& arguments) {
  std::string out;
  for (const json& each : arguments) out += text_argument(each);
  return out;
}

json concat(const Arguments& arguments, const TemplateScope&) {
  if (arguments.empty() || !arguments.front().is_array()) return joined(arguments);
  json out = json::array();
  for (const json& each : arguments) out.insert(out.end(), each.begin(), each.end());
  return out;
}

json format(const Arguments& arguments, const TemplateScope&) {
  std::string out = text_argument(argument(arguments, 0, "format"));
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string mark = "{" + std::to_string(i - 1) + "}";
    const std::string value = text_argument(arguments[i]);
    for (std::size_t at = 0; (at = out.find(mark, at)) != std::string::npos; at += value.size())
      out.replace(at, mark.size(), value);
  }
  return out;
}

json part_of_text(const Arguments& arguments, const char* function) {
  const std::string text = text_argument(argument(arguments, 0, function));
  const bool takes = std::string_view(function) == "take";
  const auto from = takes ? std::size_t{0} : argument(arguments, 1, function).get<std::size_t>();
  const auto size = arguments.size() > (takes ? 1U : 2U)
                        ? arguments[takes ? 1 : 2].get<std::size_t>()
                        : std::string::npos;
  if (from > text.size() || (!takes && size != std::string::npos && from + size > text.size()))
    throw TemplateProblem("The index and length of 'substring' must be inside of the text.");
  return text.substr(from, size);
}

json replaced(const Arguments& arguments, const TemplateScope&) {
  std::string text = text_argument(argument(arguments, 0, "replace"));
  const std::string from = text_argument(argument(arguments, 1, "replace"));
  const std::string to = text_argument(argument(arguments, 2, "replace"));
  for (std::size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

json parameter_value(const Arguments& arguments, const TemplateScope& scope) {
  const std::string name = text_argument(argument(arguments, 0, "parameters"));
  for (const auto& [key, value] : scope.parameters)
    if (same_id(key, name)) return value;
  throw TemplateProblem("The template parameter '" + name + "' is not found.");
}

json variable_value(const Arguments& arguments, const TemplateScope& scope) {
  const std::string name = text_argument(argument(arguments, 0, "variables"));
  for (const auto& [key, value] : scope.variables.items())
    if (same_id(key, name)) return evaluate(value, scope);
  throw TemplateProblem("The template variable '" + name + "' is not found.");
}

json resource_id(const Arguments& arguments, const TemplateScope& scope) {
  // Before the type stand, if at all, a subscription and a resource group.
  std::size_t at = 0;
  while (at < arguments.size() && text_argument(arguments[at]).find('/') == std::string::npos) ++at;
  const std::string type = text_argument(argument(arguments, at, "resourceId"));
  std::vector<std::string> names;
  for (std::size_t i = at + 1; i < arguments.size(); ++i)
    names.push_back(text_argument(arguments[i]));
  const std::string group = at > 0 ? text_argument(arguments[at - 1]) : scope.group;
  const std::string subscription = at > 1 ? text_argument(arguments[at - 2]) : scope.subscription;
  return template_resource_id("/subscriptions/" + subscription + "/resourceGroups/" + group, type,
                              names);
}

json subscription_resource_id(const Arguments& arguments, const TemplateScope& scope) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i < arguments.size(); ++i) names.push_back(text_argument(arguments[i]));
  return template_resource_id("/subscriptions/" + scope.subscription,
                              text_argument(argument(arguments, 0, "subscriptionResourceId")),
                              names);
}

/// The properties of a resource; with 'full' the whole of it.
json reference(const Arguments& arguments, const TemplateScope& scope) {
  const std::string id = text_argument(argument(arguments, 0, "reference"));
  if (!scope.resource)
    throw TemplateProblem("The template function 'reference' is not expected here.");
  const json found = scope.resource(id);
  const bool full = arguments.size() > 2 && arguments[2] == "Full";
  return full ? found : found.value("properties", json::object());
}

json chosen(const Arguments& arguments, const TemplateScope&) {
  return argument(arguments, argument(arguments, 0, "if").get<bool>() ? 1 : 2, "if");
}

json own_subscription(const Arguments&, const TemplateScope& scope) {
  return {{"id", "/subscriptions/" + scope.subscription},
          {"subscriptionId", scope.subscription},
          {"tenantId", scope.tenant}};
}

json own_group(const Arguments&, const TemplateScope& scope) {
  return {{"id", "/subscriptions/" + scope.subscription + "/resourceGroups/" + scope.group},
          {"name", scope.group},
          {"location", scope.group_location}};
}

json lower_text(const Arguments& arguments, const TemplateScope&) {
  return lower(text_argument(argument(arguments, 0, "toLower")));
}
json upper_text(const Arguments& arguments, const TemplateScope&) {
  return upper(text_argument(argument(arguments, 0, "toUpper")));
}
json as_text(const Arguments& arguments, const TemplateScope&) {
  return text_argument(argument(arguments, 0, "string"));
}
json substring(const Arguments& arguments, const TemplateScope&) {
  return part_of_text(arguments, "substring");
}
json first_part(const Arguments& arguments, const TemplateScope&) {
  return part_of_text(arguments, "take");
}
json unique_string(const Arguments& arguments, const TemplateScope&) {
  return sha256_hex(joined(arguments)).substr(0, 13);
}
json stable_guid(const Arguments& arguments, const TemplateScope&) {
  return uuid_from(joined(arguments));
}
json are_equal(const Arguments& arguments, const TemplateScope&) {
  return argument(arguments, 0, "equals") == argument(arguments, 1, "equals");
}
json is_empty(const Arguments& arguments, const TemplateScope&) {
  const json& value = argument(arguments, 0, "empty");
  return value.is_string() ? value.get<std::string>().empty() : value.empty();
}
json negated(const Arguments& arguments, const TemplateScope&) {
  return !argument(arguments, 0, "not").get<bool>();
}

using Function = json (*)(const Arguments&, const TemplateScope&);
constexpr std::pair<std::string_view, Function> functions[] = {
    {"concat", concat},
    {"empty", is_empty},
    {"equals", are_equal},
    {"format", format},
    {"guid", stable_guid},
    {"if", chosen},
    {"not", negated},
    {"parameters", parameter_value},
    {"reference", reference},
    {"replace", replaced},
    {"resourcegroup", own_group},
    {"resourceid", resource_id},
    {"string", as_text},
    {"subscription", own_subscription},
    {"subscriptionresourceid", subscription_resource_id},
    {"substring", substring},
    {"take", first_part},
    {"tolower", lower_text},
    {"toupper", upper_text},
    {"uniquestring", unique_string},
    {"variables", variable_value},
};

/// Reads an expression from left to right.
class Reader {
 public:
  Reader(std::string_view text, const TemplateScope& scope) : text_(text), scope_(scope) {}

  json whole() {
    json value = expression();
    skip_blanks();
    if (at_ != text_.size()) fail("the end was expected");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw TemplateProblem("The template language expression '" + std::string(text_) +
                          "' is not valid: " + what + " at position " + std::to_string(at_) + ".");
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool take(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  std::string word() {
    const std::size_t from = at_;
    while (at_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '_'))
      ++at_;
    return std::string(text_.substr(from, at_ - from));
  }

  json expression() {
    skip_blanks();
    json value = primary();
    for (;;) {
      if (take('.')) {
        value = member(value, word());
      } else if (take('[')) {
        const json index = expression();
        if (!take(']')) fail("] was expected");
        value = index.is_string() ? member(value, index.get<std::string>())
                                  : value.at(index.get<std::size_t>());
      } else {
        return value;
      }
    }
  }

  json member(const json& value, const std::string& name) const {
    if (value.is_object())
      for (const auto& [key, found] : value.items())
        if (same_id(key, name)) return found;
    throw TemplateProblem("The language expression property '" + name + "' doesn't exist.");
  }

  json primary() {
    if (take('\'')) return quoted();
    const std::string name = word();
    if (name.empty()) fail("a value was expected");
    if (std::isdigit(static_cast<unsigned char>(name.front())) != 0) return std::stoll(name);
    if (!take('(')) fail("( was expected");
    Arguments arguments;
    while (!take(')')) {
      if (!arguments.empty() && !take(',')) fail("a comma was expected");
      arguments.push_back(expression());
    }
    for (const auto& [known, function] : functions)
      if (lower(name) == known) return function(arguments, scope_);
    throw TemplateProblem("The template function '" + name + "' is not valid.");
  }

  std::string quoted() {
    std::string out;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        out += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        out += text_[at_++];
      } else {
        ++at_;
        return out;
      }
    }
    fail("' was expected");
  }

  std::string_view text_;
  const TemplateScope& scope_;
  std::size_t at_ = 0;
};
}  // namespace

json evaluate(const json& value, const TemplateScope& scope) {
  if (value.is_string()) {
    const std::string text = value.get<std::string>();
    if (text.starts_with("[[")) return text.substr(1);
    if (!text.starts_with("[") || !text.ends_with("]")) return value;
    return Reader(std::string_view(text).substr(1, text.size() - 2), scope).whole();
  }
  if (!value.is_structured()) return value;
  json out = value;
  for (json& each : out) each = evaluate(each, scope);
  return out;
}

std::string template_resource_id(const std::string& scope, const std::string& type,
                                 const std::vector<std::string>& names) {
  const std::size_t slash = type.find('/');
  std::string out = scope + "/providers/" + type.substr(0, slash);
  std::string rest = slash == std::string::npos ? "" : type.substr(slash + 1);
  std::size_t used = 0;
  for (; used < names.size() && !rest.empty(); ++used) {
    const std::string& name = names[used];
    const std::size_t end = rest.find('/');
    out += "/" + rest.substr(0, end) + "/" + name;
    rest = end == std::string::npos ? "" : rest.substr(end + 1);
  }
  if (!rest.empty() || used < names.size() || names.empty())
    throw TemplateProblem("The type '" + type +
                          "' and its names have different numbers of segments.");
  return out;
}

}  // namespace twinlake::simulator

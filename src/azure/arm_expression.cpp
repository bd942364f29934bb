#include "azure/arm_expression.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

namespace twinlake::azure {

using nlohmann::json;

namespace {

using Value = std::optional<json>;
using Arguments = std::vector<json>;

constexpr std::size_t longest_text = std::size_t{1} << 16;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
  return value.dump();
}

Value format(const Arguments& arguments) {
  if (arguments.empty() || !arguments[0].is_string()) return std::nullopt;
  const std::string pattern = arguments[0].get<std::string>();
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t end = pattern.find('}', i);
    if (pattern[i] != '{' || end == std::string::npos) {
      out += pattern[i];
      continue;
    }
    std::size_t index = 0;
    const auto [stop, error] = std::from_chars(pattern.data() + i + 1, pattern.data() + end, index);
    if (error != std::errc() || index + 1 >= arguments.size()) return std::nullopt;
    out += text_of(arguments[index + 1]);
    if (out.size() > longest_text) return std::nullopt;
    i = end;
  }
  return json(out);
}

Value substring(const Arguments& arguments) {
  if (arguments.size() < 2 || !arguments[0].is_string() || !arguments[1].is_number_integer())
    return std::nullopt;
  const std::string text = arguments[0].get<std::string>();
  const auto begin = arguments[1].get<std::int64_t>();
  if (begin < 0 || static_cast<std::size_t>(begin) > text.size()) return std::nullopt;
  std::size_t count = std::string::npos;
  if (arguments.size() > 2 && arguments[2].is_number_unsigned())
    count = arguments[2].get<std::size_t>();
  return json(text.substr(static_cast<std::size_t>(begin), count));
}

Value resource_id_of(const Arguments& arguments, const ExpressionScope& scope) {
  std::string subscription = scope.subscription;
  std::string group = scope.group;
  const auto is_type = [](const json& value) {
    return value.is_string() && value.get<std::string>().find('/') != std::string::npos;
  };
  std::size_t at = 0;
  while (at < arguments.size() && !is_type(arguments[at])) ++at;
  if (at >= arguments.size()) return std::nullopt;
  if (at >= 1) group = text_of(arguments[at - 1]);
  if (at >= 2) subscription = text_of(arguments[at - 2]);
  if (subscription.empty() || group.empty()) return std::nullopt;
  std::string type = text_of(arguments[at]);
  std::string id = "/subscriptions/" + subscription + "/resourceGroups/" + group + "/providers/" +
                   type.substr(0, type.find('/'));
  type.erase(0, type.find('/'));
  for (++at; at < arguments.size() && !type.empty(); ++at) {
    const std::size_t next = type.find('/', 1);
    id += type.substr(0, next) + "/" + text_of(arguments[at]);
    type.erase(0, next == std::string::npos ? type.size() : next);
  }
  return type.empty() ? Value(json(id)) : std::nullopt;
}

Value object_of(std::initializer_list<std::pair<const char*, std::string>> members) {
  json out = json::object();
  for (const auto& [name, value] : members)
    if (!value.empty()) out[name] = value;
  return out;
}

Value call_text(const std::string& name, const Arguments& arguments) {
  if (name == "concat") {
    std::string out;
    for (const json& argument : arguments) {
      if (argument.is_array()) return std::nullopt;
      out += text_of(argument);
      // Variables that double one another would fill the memory.
      if (out.size() > longest_text) return std::nullopt;
    }
    return json(out);
  }
  if (arguments.empty()) return std::nullopt;
  if (name == "string") return json(text_of(arguments[0]));
  if (!arguments[0].is_string()) return std::nullopt;
  std::string text = arguments[0].get<std::string>();
  if (name == "tolower") return json(lower(text));
  if (name == "toupper") {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return json(text);
  }
  if (name == "take" && arguments.size() > 1 && arguments[1].is_number_unsigned())
    return json(text.substr(0, arguments[1].get<std::size_t>()));
  if (name == "replace" && arguments.size() == 3 && arguments[1].is_string()) {
    const std::string from = text_of(arguments[1]);
    const std::string to = text_of(arguments[2]);
    for (std::size_t at = from.empty() ? std::string::npos : text.find(from);
         at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    return json(text);
  }
  return std::nullopt;
}

Value call(const std::string& name, const Arguments& arguments, const ExpressionScope& scope) {
  const bool named = arguments.size() == 1 && arguments[0].is_string();
  if (name == "parameters" && named && scope.parameter)
    return scope.parameter(arguments[0].get_ref<const std::string&>());
  if (name == "variables" && named && scope.variable)
    return scope.variable(arguments[0].get_ref<const std::string&>());
  if (name == "format") return format(arguments);
  if (name == "substring") return substring(arguments);
  if (name == "resourceid") return resource_id_of(arguments, scope);
  const std::string subscription =
      scope.subscription.empty() ? "" : "/subscriptions/" + scope.subscription;
  if (name == "subscription")
    return object_of({{"id", subscription}, {"subscriptionId", scope.subscription}});
  if (name == "resourcegroup")
    return object_of({{"name", scope.group},
                      {"location", scope.location},
                      {"id", subscription.empty() || scope.group.empty()
                                 ? ""
                                 : subscription + "/resourceGroups/" + scope.group}});
  if (name == "true" || name == "false") return json(name == "true");
  if (name == "equals" && arguments.size() == 2) return json(arguments[0] == arguments[1]);
  if (name == "if" && arguments.size() == 3 && arguments[0].is_boolean())
    return arguments[0].get<bool>() ? arguments[1] : arguments[2];
  return call_text(name, arguments);
}

/// Reads and computes at once. `failed_` is syntax; a value that cannot be told is only absent.
class Reader {
 public:
  Reader(std::string_view text, const ExpressionScope& scope) : text_(text), scope_(scope) {}

  Value whole() {
    Value value = expression();
    skip();
    return failed_ || !text_.empty() ? std::nullopt : value;
  }

 private:
  void skip() {
    while (!text_.empty() && std::isspace(static_cast<unsigned char>(text_.front())) != 0)
      text_.remove_prefix(1);
  }
  bool take(char c) {
    skip();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::string word() {
    skip();
    std::size_t size = 0;
    while (size < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[size])) != 0 || text_[size] == '_'))
      ++size;
    std::string out(text_.substr(0, size));
    text_.remove_prefix(size);
    return out;
  }

  Value literal() {
    std::string out;
    for (;;) {
      const std::size_t quote = text_.find('\'');
      if (quote == std::string_view::npos) break;
      out += text_.substr(0, quote);
      text_.remove_prefix(quote + 1);
      if (text_.empty() || text_.front() != '\'') return json(out);
      out += '\'';
      text_.remove_prefix(1);
    }
    failed_ = true;
    return std::nullopt;
  }

  Value number() {
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc()) failed_ = true;
    text_.remove_prefix(static_cast<std::size_t>(stop - text_.data()));
    // Non-negative ones are unsigned, as everywhere in JSON that was read.
    if (value >= 0) return json(static_cast<std::uint64_t>(value));
    return json(value);
  }

  Value function() {
    const std::string name = lower(word());
    if (name.empty() || !take('(')) {
      failed_ = true;
      return std::nullopt;
    }
    Arguments arguments;
    bool known = true;
    if (!take(')')) {
      do {
        const Value argument = expression();
        if (failed_) return std::nullopt;
        known = known && argument.has_value();
        arguments.push_back(argument.value_or(json()));
      } while (take(','));
      if (!take(')')) failed_ = true;
    }
    return known && !failed_ ? call(name, arguments, scope_) : std::nullopt;
  }

  Value expression() {
    constexpr int deepest = 64;  // a template may be anybody's
    if (++depth_ > deepest) failed_ = true;
    skip();
    Value value;
    if (failed_ || text_.empty()) {
      failed_ = true;
    } else if (text_.front() == '\'') {
      text_.remove_prefix(1);
      value = literal();
    } else if (text_.front() == '-' ||
               std::isdigit(static_cast<unsigned char>(text_.front())) != 0) {
      value = number();
    } else {
      value = function();
    }
    while (!failed_ && (text_.starts_with('.') || text_.starts_with('['))) value = member(value);
    --depth_;
    return value;
  }

  Value member(const Value& of) {
    Value key;
    if (take('.')) {
      key = json(word());
    } else {
      static_cast<void>(take('['));
      key = expression();
      if (!take(']')) failed_ = true;
    }
    if (!of || !key || failed_) return std::nullopt;
    if (of->is_object() && key->is_string()) {
      const auto found = of->find(key->get<std::string>());
      return found == of->end() ? std::nullopt : Value(*found);
    }
    const bool fits =
        of->is_array() && key->is_number_unsigned() && key->get<std::size_t>() < of->size();
    return fits ? Value((*of)[key->get<std::size_t>()]) : std::nullopt;
  }

  std::string_view text_;
  const ExpressionScope& scope_;
  bool failed_ = false;
  int depth_ = 0;
};

}  // namespace

bool is_expression(std::string_view text) {
  return text.size() > 2 && text.front() == '[' && text[1] != '[' && text.back() == ']';
}

std::optional<json> evaluate(std::string_view text, const ExpressionScope& scope) {
  if (!is_expression(text)) return std::nullopt;
  return Reader(text.substr(1, text.size() - 2), scope).whole();
}

}  // namespace twinlake::azure

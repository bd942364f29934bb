// Exports from the workspace tree, and the two forms of a notebook.
#include <sstream>

#include "simulator/files/tree.h"

namespace twinlake::simulator {

namespace {
std::string comment_of(std::string_view language) {
  const std::string header = notebook_header(language);
  return header.substr(0, header.find(' '));
}

std::string with_header(const TreeNode& node) {
  const std::string header = notebook_header(node.language);
  // The service always writes it, also when it was absent in what was imported.
  return node.content.starts_with(header) ? node.content : header + "\n" + node.content;
}

http::Response not_exportable(const std::string& type, const std::string& format) {
  return error(400, "BAD_REQUEST", type + " cannot be exported in format " + format + ".");
}

/// A directory as SOURCE or DBC silently becomes an archive. Ours is empty: nobody reads it.
std::string empty_zip() { return std::string("PK\x05\x06", 4) + std::string(18, '\0'); }

struct Export {
  std::string bytes;
  std::string file_type;
};

std::optional<Export> render(const TreeNode& node, const std::string& format) {
  const bool jupyter_native = node.native == "JUPYTER";
  if (node.type == "DIRECTORY" && (format == "SOURCE" || format == "DBC" || format == "AUTO"))
    return Export{empty_zip(), format == "DBC" ? "dbc" : "zip"};
  if (node.type == "FILE" && (format == "AUTO" || format == "RAW" || format == "SOURCE"))
    return Export{node.content, "file"};
  if (node.type != "NOTEBOOK") return std::nullopt;
  if (format == "JUPYTER" || (format == "AUTO" && jupyter_native))
    return Export{
        jupyter_native ? node.content : jupyter_from_source(with_header(node), node.language),
        "ipynb"};
  if (format == "SOURCE" || format == "AUTO")
    return Export{jupyter_native ? source_from_jupyter(node.content) : with_header(node),
                  extension_of_language(node.language)};
  return std::nullopt;  // HTML, DBC and R_MARKDOWN renderings are not simulated
}

std::string cell_text(const json& cell) {
  const json* source = field(cell, "source");
  if (source == nullptr) return "";
  if (source->is_string()) return source->get<std::string>();
  std::string text;
  for (const json& line : *source)
    if (line.is_string()) text += line.get<std::string>();
  return text;
}
}  // namespace

std::string source_from_jupyter(const std::string& ipynb) {
  std::string text = notebook_header("PYTHON") + "\n";
  const json parsed = json::parse(ipynb, nullptr, false);
  bool first = true;
  for (const json& cell : list_of(parsed, "cells")) {
    if (!first) text += "\n# COMMAND ----------\n\n";
    first = false;
    if (text_of(cell, "cell_type") == "code") {
      text += cell_text(cell) + "\n";
      continue;
    }
    text += "# MAGIC %md\n";
    std::istringstream lines(cell_text(cell));
    for (std::string line; std::getline(lines, line);) text += "# MAGIC " + line + "\n";
  }
  return text;
}

std::string jupyter_from_source(const std::string& source, std::string_view language) {
  const std::string separator = comment_of(language) + " COMMAND ----------";
  json cells = json::array();
  std::string text;
  const auto finish_cell = [&] {
    while (text.ends_with('\n')) text.pop_back();
    while (text.starts_with('\n')) text.erase(0, 1);
    json cell = json::object({{"cell_type", "code"}, {"execution_count", nullptr}});
    cell["metadata"] = json::object();
    cell["outputs"] = json::array();
    cell["source"] = json::array({text});
    cells.push_back(std::move(cell));
    text.clear();
  };
  std::istringstream lines(source);
  std::string line;
  std::getline(lines, line);  // the header
  while (std::getline(lines, line)) {
    if (line == separator)
      finish_cell();
    else
      text += line + "\n";
  }
  finish_cell();
  json notebook = json::object({{"cells", cells}, {"nbformat", 4}, {"nbformat_minor", 0}});
  notebook["metadata"] = json::object();
  return notebook.dump(-1, ' ', false, json::error_handler_t::replace);
}

http::Response Tree::export_request(Call& call) const {
  const std::string asked = call.query("path");
  const std::string format = call.query("format", "SOURCE");
  const TreeNode* node = find(asked);
  if (node == nullptr) return absent("Path (" + asked + ") doesn't exist.");
  auto exported = render(*node, format);
  if (!exported) return not_exportable(node->type, format);
  const bool direct = call.query("direct_download") == "true";
  std::size_t limit = direct ? file_limit : import_export_limit;
  // A notebook as text stays below 10 MB on either way; as .ipynb it may be larger.
  if (node->type == "NOTEBOOK" && direct)
    limit = exported->file_type == "ipynb" ? jupyter_limit : import_export_limit;
  if (exported->bytes.size() > limit)
    return error(400, "MAX_NOTEBOOK_SIZE_EXCEEDED",
                 "Size exceeds " + std::to_string(limit) + " bytes");
  if (direct) return {200, std::move(exported->bytes), "application/octet-stream"};
  json body = json::object();
  body["content"] = base64_encode(exported->bytes);
  body["file_type"] = exported->file_type;
  return answer(body);
}

http::Response Tree::raw_file(Call& call) const {
  const std::string asked = "/" + call.arguments.at("path");
  const TreeNode* node = find(asked);
  if (node == nullptr) return absent("Path (" + asked + ") doesn't exist.");
  const auto exported = render(*node, "AUTO");
  if (!exported || node->type == "DIRECTORY") return not_exportable(node->type, "RAW");
  return {200, exported->bytes, "application/octet-stream"};
}

}  // namespace twinlake::simulator

// Imports into the workspace tree: what becomes a notebook, what a file, and what is refused.
#include "simulator/files/tree.h"
#include "simulator/server/multipart.h"

namespace twinlake::simulator {

namespace {
struct SourceKind {
  std::string_view extension;
  std::string_view language;
  std::string_view comment;
};
constexpr SourceKind source_kinds[] = {
    {".py", "PYTHON", "#"}, {".sql", "SQL", "--"}, {".scala", "SCALA", "//"}, {".r", "R", "#"}};

http::Response too_large(std::size_t limit) {
  return error(400, "MAX_NOTEBOOK_SIZE_EXCEEDED",
               "Size exceeds " + std::to_string(limit) + " bytes");
}

bool ends_with_extension(std::string_view path, std::string_view extension) {
  return lower(path).ends_with(extension);
}

std::string without_extension(const std::string& path) { return path.substr(0, path.rfind('.')); }

bool is_notebook_source(const std::string& bytes, std::string_view language) {
  return bytes.starts_with(notebook_header(language));
}

bool is_jupyter(const std::string& bytes) {
  const auto parsed = parse_object(bytes);
  return parsed && field(*parsed, "cells") != nullptr;
}

TreeNode notebook(std::string_view language, std::string_view native, std::string bytes) {
  TreeNode node;
  node.type = "NOTEBOOK";
  node.language = language;
  node.native = native;
  node.content = std::move(bytes);
  return node;
}

TreeNode file(std::string bytes) {
  TreeNode node;
  node.type = "FILE";
  node.content = std::move(bytes);
  return node;
}
}  // namespace

std::string notebook_header(std::string_view language) {
  for (const SourceKind& kind : source_kinds)
    if (kind.language == language) return std::string(kind.comment) + " Databricks notebook source";
  return "";
}

std::string language_of_extension(std::string_view path) {
  for (const SourceKind& kind : source_kinds)
    if (ends_with_extension(path, kind.extension)) return std::string(kind.language);
  return "";
}

std::string extension_of_language(std::string_view language) {
  for (const SourceKind& kind : source_kinds)
    if (kind.language == language) return std::string(kind.extension.substr(1));
  return "";
}

/// The folder must be there already, and must take what people put in.
Refusal Tree::refuse_place(const std::string& path, std::string_view as_asked) const {
  if (path.empty() || path == "/")
    return invalid("Path (" + std::string(as_asked) + ") is not a file path.");
  const std::string parent = parent_of(path);
  const auto above = nodes_.find(parent);
  if (above == nodes_.end() || !is_container(above->second))
    return absent("The parent folder (" + parent + ") does not exist.");
  if (parent == "/Users") return error(400, "DIRECTORY_PROTECTED", "Folder /Users is protected.");
  return std::nullopt;
}

http::Response Tree::store(Arrival arrival, const std::string& creator) {
  const auto here = nodes_.find(arrival.path);
  if (here == nodes_.end()) {
    insert(arrival.path, std::move(arrival.node), creator);
    return done();
  }
  TreeNode& old = here->second;
  if (old.type != arrival.node.type) {
    const std::string name = arrival.path.substr(arrival.path.rfind('/') + 1);
    if (!arrival.overwrite && old.type == "NOTEBOOK")
      return error(400, "", "Path (" + arrival.path + ") already exists.");
    return error(400, "RESOURCE_ALREADY_EXISTS", "Node named '" + name + "' already exists");
  }
  if (!arrival.overwrite) {
    // Two services answer here, each in its own way; clients must not rely on the error code.
    if (old.type == "FILE")
      return error(409, "RESOURCE_ALREADY_EXISTS",
                   "File already exists at (" + arrival.path + ").");
    return error(400, "", "Path (" + arrival.path + ") already exists.");
  }
  // An overwrite keeps the object: its id, its grants and the jobs that point to it.
  old.content = std::move(arrival.node.content);
  old.language = std::move(arrival.node.language);
  old.native = std::move(arrival.node.native);
  old.modified_at = region_.now_millis();
  return done();
}

http::Response Tree::import_bytes(Call& call, const json& wishes, std::string bytes) {
  const std::string asked = text_of(wishes, "path");
  const std::string format = text_of(wishes, "format", "SOURCE");
  std::string language = upper(text_of(wishes, "language"));
  Arrival arrival;
  arrival.path = canonical(asked);
  arrival.overwrite = flag_of(wishes, "overwrite");
  if (auto refusal = refuse_place(arrival.path, asked)) return *refusal;
  if (format == "AUTO" || format == "RAW") {
    const std::string guessed = language_of_extension(arrival.path);
    if (format == "AUTO" && !guessed.empty() && is_notebook_source(bytes, guessed)) {
      arrival.node = notebook(guessed, "SOURCE", std::move(bytes));
      arrival.path = without_extension(arrival.path);
    } else if (format == "AUTO" && ends_with_extension(arrival.path, ".ipynb") &&
               is_jupyter(bytes)) {
      arrival.node = notebook("PYTHON", "JUPYTER", std::move(bytes));
      arrival.path = without_extension(arrival.path);
    } else {
      if (bytes.size() > file_limit) return too_large(file_limit);
      arrival.node = file(std::move(bytes));
    }
  } else if (format == "JUPYTER") {
    if (!is_jupyter(bytes)) return invalid("The content of " + asked + " is no Jupyter notebook.");
    // The service says PYTHON of each of them, whatever the kernel.
    arrival.node = notebook("PYTHON", "JUPYTER", std::move(bytes));
  } else if (format == "SOURCE") {
    if (language.empty()) language = language_of_extension(arrival.path);
    if (notebook_header(language).empty())
      return invalid("The language must be given for format SOURCE: SCALA, PYTHON, SQL or R.");
    arrival.node = notebook(language, "SOURCE", std::move(bytes));
  } else {
    return invalid("Format " + format + " cannot be imported here.");
  }
  if (arrival.node.type == "NOTEBOOK") {
    const std::size_t limit =
        arrival.node.native == "JUPYTER" ? jupyter_limit : import_export_limit;
    if (arrival.node.content.size() > limit) return too_large(limit);
  }
  return store(std::move(arrival), call.caller);
}

http::Response Tree::import_form(Call& call) {
  http::Request request = call.request;
  request.body = bytes_of(call.request);  // a large body may lie in a file
  const auto parts = parse_multipart(request);
  if (!parts) return error(400, "MALFORMED_REQUEST", "The body is no valid multipart/form-data.");
  json wishes = json::object();
  std::string bytes;
  for (const Part& part : *parts) {
    if (part.name == "content" || !part.filename.empty())
      bytes = part.content;
    else
      wishes[part.name] = part.content;
  }
  return import_bytes(call, wishes, std::move(bytes));
}

http::Response Tree::import_request(Call& call) {
  if (is_multipart(call.request)) return import_form(call);
  const std::string content = text_of(call.body, "content");
  // The limit is that of the encoded text, as the documentation words it.
  if (content.size() > import_export_limit) return too_large(import_export_limit);
  auto bytes = base64_decode(content);
  if (!bytes) return invalid("The content is not valid base64.");
  return import_bytes(call, call.body, std::move(*bytes));
}

/// Raw bytes, judged as format AUTO judges them.
http::Response Tree::import_file(Call& call) {
  json wishes = json::object();
  wishes["path"] = "/" + call.arguments.at("path");
  wishes["format"] = "AUTO";
  wishes["overwrite"] = call.query("overwrite") == "true";
  return import_bytes(call, wishes, bytes_of(call.request));
}

}  // namespace twinlake::simulator

#include "workspace/tree_content.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <system_error>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "http/classify.h"
#include "workspace/content_witness.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
/// What is larger waits in a file and not in memory.
constexpr std::uint64_t spool_from = mebibyte;
/// A JSON body may hold 10 MB of base64: 7 MiB of bytes stay well below.
constexpr std::uint64_t json_limit = 7 * mebibyte;
constexpr std::size_t piece_size = 256 * 1024;

std::string_view name_of(ImportFormat format) {
  switch (format) {
    case ImportFormat::source: return "SOURCE";
    case ImportFormat::jupyter: return "JUPYTER";
    case ImportFormat::raw: return "RAW";
  }
  return "";
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// An import that overwrites may be sent twice; one that must not overwrite would then meet itself.
http::Request import_request(std::string path, const Import& order) {
  http::Request request(http::Method::post, std::move(path));
  request.effect = http::Effect::writes;
  request.repeat = order.overwrite ? http::Repeat::safe : http::Repeat::unsafe;
  return request;
}

http::Request in_json(const Import& order, const Content& content) {
  http::Request request = import_request("/api/2.0/workspace/import", order);
  json body = json::object();
  body["path"] = order.path;
  body["format"] = name_of(order.format);
  body["overwrite"] = order.overwrite;
  if (!order.language.empty()) body["language"] = order.language;
  body["content"] = base64_encode(content.all());
  request.body = to_text(body);
  request.content_type = "application/json";
  return request;
}

void carry(http::Request& request, const Content& content) {
  if (content.file()) {
    request.upload = content.file();
  } else {
    request.body = content.all();
  }
}

std::string form_field(const std::string& boundary, std::string_view name, std::string_view value) {
  std::string part = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"";
  return part.append(name).append("\"\r\n\r\n").append(value).append("\r\n");
}

/// No base64 and no limit of 10 MB, and the format is told, not guessed.
Result<http::Request> in_parts(Workspace& side, const Import& order, const Content& content) {
  http::Request request = import_request("/api/2.0/workspace/import", order);
  // It depends on the bytes, so they do not hold it.
  const std::string boundary = "twinlake-" + uuid_from(order.path + content.sha256());
  ContentBuilder body(side.spool_folder());
  body.append(form_field(boundary, "path", order.path));
  body.append(form_field(boundary, "format", name_of(order.format)));
  body.append(form_field(boundary, "overwrite", order.overwrite ? "true" : "false"));
  if (!order.language.empty()) body.append(form_field(boundary, "language", order.language));
  body.append("--" + boundary +
              "\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\n"
              "Content-Type: application/octet-stream\r\n\r\n");
  content.for_each_piece([&](std::string_view piece) { body.append(piece); });
  body.append("\r\n--" + boundary + "--\r\n");
  TRY(const Content whole, std::move(body).finish());
  carry(request, whole);
  request.content_type = "multipart/form-data; boundary=" + boundary;
  return request;
}

http::Request as_bytes(const Import& order, const Content& content) {
  const std::string place = http::percent_encode(order.path.substr(1));
  http::Request request = import_request("/api/2.0/workspace-files/import-file/" + place, order);
  request.with_query("overwrite", order.overwrite ? "true" : "false");
  request.content_type = "application/octet-stream";
  carry(request, content);
  return request;
}

/// The route for raw bytes guesses: it would make a notebook of an ipynb file, and of a source file
/// with a notebook's header.
bool would_become_notebook(const Import& order, const Content& content) {
  const std::string path = lower(order.path);
  if (path.ends_with(".ipynb")) return true;
  static constexpr std::array<std::string_view, 4> sources{".py", ".sql", ".scala", ".r"};
  const bool is_source = std::any_of(sources.begin(), sources.end(),
                                     [&](std::string_view end) { return path.ends_with(end); });
  return is_source && has_notebook_header(content.head(64));
}

}  // namespace

std::string Content::head(std::size_t size) const {
  if (!file_) return text().substr(0, size);
  std::string out(std::min<std::size_t>(size, static_cast<std::size_t>(file_->size())), '\0');
  out.resize(file_->read(0, out.data(), out.size()));
  return out;
}

std::string Content::piece(std::uint64_t offset, std::size_t size) const {
  if (!file_) return offset < text().size() ? text().substr(offset, size) : std::string();
  std::string bytes(size, '\0');
  bytes.resize(file_->read(offset, bytes.data(), size));
  return bytes;
}

void Content::for_each_piece(const std::function<void(std::string_view)>& take) const {
  if (!file_) return take(text());
  std::string piece(piece_size, '\0');
  std::uint64_t at = 0;
  while (const std::size_t got = file_->read(at, piece.data(), piece.size())) {
    take(std::string_view(piece).substr(0, got));
    at += got;
  }
}

void ContentBuilder::append(std::string_view piece) {
  if (trouble_) return;
  waiting_ += piece;
  if (waiting_.size() >= spool_from) write_out();
}

void ContentBuilder::write_out() {
  try {
    if (!file_) file_ = http::SpoolFile::create(folder_);
    file_->append(waiting_);
  } catch (const std::system_error& problem) {
    trouble_.emplace(Fault::io, problem.what(), "Make room in " + folder_);
  }
  waiting_.clear();
}

Result<Content> ContentBuilder::finish() && {
  if (file_ && !trouble_) write_out();
  if (trouble_) return fail(std::move(*trouble_));
  if (file_) return Content(std::move(file_));
  return Content(std::move(waiting_));
}

std::string Content::sha256() const {
  Sha256 hash;
  for_each_piece([&](std::string_view piece) { hash.update(piece); });
  return hash.finish_hex();
}

bool has_notebook_header(std::string_view head) {
  for (const std::string_view comment : {"#", "//", "--"}) {
    if (!head.starts_with(comment)) continue;
    if (head.substr(comment.size()).starts_with(" Databricks notebook source")) return true;
  }
  return false;
}

bool looks_like_jupyter(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && head[first] == '{';
}

Task<Result<Content>> export_content(Workspace& side, std::string path,
                                     std::uint64_t expected_size) {
  http::Request request = http::Request::get("/api/2.0/workspace/export");
  // AUTO gives each object in the form in which it is kept, so one request tells form and content.
  request.with_query("path", path)
      .with_query("format", "AUTO")
      .with_query("direct_download", "true");
  if (expected_size == 0 || expected_size >= spool_from)
    request.spool_answer_in = side.spool_folder();
  const http::Request sent = request;
  CO_TRY(http::Response answer, co_await side.send(std::move(request)));
  CO_TRY(http::Response good, http::expect_ok(sent, std::move(answer)));
  co_return Content(std::move(good));
}

Task<Result<std::string>> import_content(Workspace& side, Import order, Content content) {
  http::Request request;
  if (content.size() <= json_limit) {
    request = in_json(order, content);
  } else if (order.format != ImportFormat::raw || would_become_notebook(order, content)) {
    CO_TRY(request, in_parts(side, order, content));
  } else {
    request = as_bytes(order, content);
  }
  const http::Request sent = request;
  CO_TRY(http::Response response, co_await side.send(std::move(request)));
  if (!response.ok()) co_return fail(http::classify(sent, response));
  // Older back ends answer {} or nothing; only newer ones tell the id.
  const json answer = json::parse(response.body, nullptr, false);
  co_return answer.is_object() ? text_at(answer, "/object_id") : std::string();
}

Task<Result<Content>> content_of(model::Write write) {
  if (write.from == nullptr)
    co_return fail(Fault::blocked, "its content cannot be read: the other side is not reachable",
                   "Run again when that side answers");
  if (ContentSource* const source = write.from->content_source())
    co_return co_await source->content(*write.definition);
  const std::string path = text_at(*write.definition, "/path");
  if (const auto cached = write.from->contents().find(write.source_id)) {
    Content content(cached);
    // What lies in the cache may be older than the plan.
    if (content.sha256() == text_at(*write.definition, "/content_sha256")) co_return content;
  }
  const json* size = find_at(*write.definition, "/size");
  const std::uint64_t expected =
      size != nullptr && size->is_number_unsigned() ? size->get<std::uint64_t>() : 0;
  co_return co_await export_content(*write.from, path, expected);
}

namespace {

void tell_of_copy(const model::Write& write, const Import& order, const Content& content) {
  ContentWitness* const witness = write.from == nullptr ? nullptr : write.from->content_witness();
  if (witness == nullptr) return;
  json told = json::object();
  told["content_sha256"] = content.sha256();
  if (order.format != ImportFormat::raw) told["format"] = name_of(order.format);
  witness->saw_copied(write.source_id, content, told);
}

}  // namespace

Task<Result<std::string>> write_content(model::Write write, Import order, Content content) {
  tell_of_copy(write, order, content);
  order.path = text_at(*write.definition, "/path");
  order.overwrite = !write.id.empty();
  CO_TRY(std::string id, co_await import_content(*write.to, std::move(order), std::move(content)));
  co_return write.id.empty() ? id : write.id;
}

void remember_content(Workspace& side, const std::string& id, const Content& content, json& item) {
  item["content_sha256"] = content.sha256();
  item["size"] = content.size();
  if (content.size() <= mebibyte) side.contents().put(id, content.all());
  if (ContentWitness* const witness = side.content_witness()) witness->saw_read(id, content, item);
}

Task<Result<void>> delete_path(model::Write write) {
  const json* known = write.current ? write.current.get() : write.definition.get();
  const std::string path = known != nullptr ? text_at(*known, "/path") : write.key;
  if (path.empty())
    co_return fail(Fault::bug, "a removal without the path of what is to be removed");
  json body = json::object();
  body["path"] = path;
  body["recursive"] = false;
  http::Request request =
      http::Request::send_json(http::Method::post, "/api/2.0/workspace/delete", to_text(body),
                               http::Effect::writes, http::Repeat::safe);
  auto done = co_await write.to->call(std::move(request));
  if (!done && done.error().fault != Fault::not_found) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

}  // namespace twinlake::workspace

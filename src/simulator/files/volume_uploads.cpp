// Uploads in parts, and links that need no token because they are signed.
#include <algorithm>
#include <ctime>

#include "simulator/collection.h"
#include "simulator/commands/mounts.h"
#include "simulator/files/volume_files.h"
#include "simulator/identity/entra_login.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t usual_validity_millis = 3600 * 1000;
constexpr const char* blob_type = "x-ms-blob-type";

/// The storage behind the links is another service: it answers in XML.
http::Response storage_error(int status, const std::string& code) {
  return {status,
          "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>" + code + "</Code></Error>",
          "application/xml"};
}

std::optional<std::int64_t> seconds_of(const std::string& text, const char* format) {
  std::tm parts{};
  if (strptime(text.c_str(), format, &parts) == nullptr) return std::nullopt;
  return timegm(&parts);
}

struct Range {
  std::uint64_t from = 0;
  std::uint64_t length = 0;
};
/// Nothing when the header asks for what the file does not have.
std::optional<Range> range_from(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  const std::size_t dash = header.find('-');
  if (!header.starts_with(unit) || dash == std::string_view::npos) return Range{0, size};
  const auto number = [](std::string_view text) {
    return integer_of(json::object({{"n", std::string(text)}}), "n");
  };
  const auto first = number(header.substr(unit.size(), dash - unit.size()));
  const auto last = number(header.substr(dash + 1));
  if (!first && !last) return Range{0, size};
  if (!first) {
    const std::uint64_t length = std::min(size, static_cast<std::uint64_t>(*last));
    return Range{size - length, length};
  }
  const auto from = static_cast<std::uint64_t>(*first);
  if (from >= size || (last && *last < *first)) return std::nullopt;
  const std::uint64_t end = last ? std::min(size, static_cast<std::uint64_t>(*last) + 1) : size;
  return Range{from, end - from};
}
}  // namespace

std::string http_date(std::int64_t millis) {
  const std::time_t seconds = millis / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

http::Response content_of(const VolumeEntry& file, const http::Request& request) {
  if (const std::string* limit = http::find_header(request.headers, "If-Unmodified-Since")) {
    const auto seconds = seconds_of(*limit, "%a, %d %b %Y %H:%M:%S GMT");
    if (seconds && file.modified_at / 1000 > *seconds)
      return error(412, "PRECONDITION_FAILED",
                   "The file was modified at " + http_date(file.modified_at) + ".");
  }
  const std::string* wanted = http::find_header(request.headers, "Range");
  const std::uint64_t size = file.content.size();
  http::Response response(200, "", "application/octet-stream");
  response.headers.emplace_back("Last-Modified", http_date(file.modified_at));
  if (wanted == nullptr) {
    response.body = file.content.text();
    return response;
  }
  const auto range = range_from(*wanted, size);
  if (!range) {
    auto refused = error(416, "INVALID_PARAMETER_VALUE", "The range is not satisfiable.");
    refused.headers.emplace_back("Content-Range", "bytes */" + std::to_string(size));
    return refused;
  }
  response.body = file.content.slice(range->from, range->length);
  if (range->length == size) return response;
  response.status = 206;
  response.headers.emplace_back("Content-Range",
                                "bytes " + std::to_string(range->from) + "-" +
                                    std::to_string(range->from + range->length - 1) + "/" +
                                    std::to_string(size));
  return response;
}

void VolumeFiles::add_upload_routes() {
  using http::Method;
  Router& router = region_.router();
  const std::string fs = "/api/2.0/fs/";
  const std::string links(presigned_root);
  router.add(Method::post, fs + "files/{path...}", [this](Call& call) { return post_file(call); });
  router.add(Method::post, fs + "create-upload-part-urls",
             [this](Call& call) { return part_links(call); });
  router.add(Method::post, fs + "create-abort-upload-url",
             [this](Call& call) { return abort_link(call); });
  router.add(Method::post, fs + "create-download-url",
             [this](Call& call) { return download_link(call); });
  router.add(Method::put, links + "parts/{session}/{part}",
             [this](Call& call) { return put_part(call); });
  router.add(Method::del, links + "uploads/{session}",
             [this](Call& call) { return abort_upload(call); });
  router.add(Method::get, links + "files/{path...}", [this](Call& call) { return download(call); });
}

http::Response VolumeFiles::post_file(Call& call) {
  const std::string action = call.query("action");
  if (action == "initiate-upload") return initiate(call);
  if (action == "complete-upload") return complete(call);
  return invalid("Unknown action: " + action);
}

http::Response VolumeFiles::initiate(Call& call) {
  Place place;
  if (auto refusal = locate("/" + call.arguments.at("path"), place)) return *refusal;
  const bool overwrite = call.query("overwrite", "true") == "true";
  if (auto refusal = check_upload(place, overwrite)) return *refusal;
  const std::string token = region_.ids().hex(48);
  uploads_[token] = {place.path, overwrite, {}};
  return answer(json::object({{"multipart_upload", json::object({{"session_token", token}})}}));
}

std::string VolumeFiles::signature(const std::string& path, std::string_view end) const {
  return hmac_sha256_hex("storage of " + std::to_string(region_.options().seed),
                         path + "?" + std::string(end))
      .substr(0, 32);
}

std::string VolumeFiles::link(const Call& call, const std::string& plain_path,
                              std::int64_t end) const {
  const std::string text = std::to_string(end);
  std::string address = own_address(call.request);
  for (const std::string& segment : split(plain_path.substr(1), '/'))
    address += "/" + http::percent_encode(segment);
  return address + "?end=" + text + "&signature=" + signature(plain_path, text);
}

/// The link itself is the permission: nothing more may come with it.
Refusal VolumeFiles::refuse_link(const Call& call) const {
  const std::string end = call.query("end");
  const auto number = integer_of(json::object({{"n", end}}), "n");
  if (call.query("signature") != signature(http::percent_decode(call.request.path), end))
    return storage_error(403, "AuthenticationFailed");
  if (!number || region_.now_millis() >= *number) return storage_error(403, "AuthenticationFailed");
  if (http::find_header(call.request.headers, "Authorization") != nullptr)
    return storage_error(400, "InvalidAuthenticationInfo");
  return std::nullopt;
}

Refusal VolumeFiles::read_expiry(const json& body, std::int64_t& end) const {
  end = region_.now_millis() + usual_validity_millis;
  const std::string text = text_of(body, "expire_time");
  if (text.empty()) return std::nullopt;
  const auto seconds = seconds_of(text, "%Y-%m-%dT%H:%M:%S");
  if (!seconds) return invalid("expire_time is no RFC 3339 time: " + text);
  end = *seconds * 1000;
  return std::nullopt;
}

http::Response VolumeFiles::part_links(Call& call) {
  const std::string token = text_of(call.body, "session_token");
  const auto first = integer_of(call.body, "start_part_number").value_or(0);
  const auto count = integer_of(call.body, "count").value_or(0);
  if (!uploads_.contains(token)) return error(404, "NOT_FOUND", "There is no such upload.");
  if (first < 1 || count < 1) return invalid("start_part_number and count begin at 1.");
  std::int64_t end = 0;
  if (auto refusal = read_expiry(call.body, end)) return *refusal;
  json urls = json::array();
  for (std::int64_t number = first; number < first + count; ++number) {
    const std::string path =
        std::string(presigned_root) + "parts/" + token + "/" + std::to_string(number);
    const json header = json::object({{"name", blob_type}, {"value", "BlockBlob"}});
    urls.push_back(json::object({{"url", link(call, path, end)},
                                 {"part_number", number},
                                 {"headers", json::array({header})}}));
  }
  return answer(json::object({{"upload_part_urls", std::move(urls)}}));
}

http::Response VolumeFiles::put_part(Call& call) {
  if (auto refusal = refuse_link(call)) return *refusal;
  const auto upload = uploads_.find(call.arguments.at("session"));
  if (upload == uploads_.end()) return storage_error(404, "BlobNotFound");
  if (http::find_header(call.request.headers, blob_type) == nullptr)
    return storage_error(400, "MissingRequiredHeader");
  std::string bytes = bytes_of(call.request);
  Upload::Part part;
  part.etag = "\"" + sha256_hex(bytes).substr(0, 16) + "\"";
  part.content = Blob(std::move(bytes));
  http::Response response(201, "", "application/xml");
  if (settings_.part_etags) response.headers.emplace_back("ETag", part.etag);
  const json numbers = json::object({{"n", call.arguments.at("part")}});
  upload->second.parts.insert_or_assign(integer_of(numbers, "n").value_or(0), std::move(part));
  return response;
}

http::Response VolumeFiles::complete(Call& call) {
  const auto upload = uploads_.find(call.query("session_token"));
  Place place;
  if (auto refusal = locate("/" + call.arguments.at("path"), place)) return *refusal;
  if (upload == uploads_.end() || upload->second.path != place.path)
    return error(404, "NOT_FOUND", "There is no such upload.");
  if (call.query("upload_type") != "multipart") return invalid("upload_type must be multipart.");
  Upload& open = upload->second;
  const json& parts = list_of(call.body, "parts");
  if (parts.size() != open.parts.size()) return invalid("Not all parts are named, or too many.");
  std::int64_t last = 0;
  for (const json& named : parts) {
    const auto number = integer_of(named, "part_number").value_or(0);
    const auto found = open.parts.find(number);
    if (found == open.parts.end() || number <= last)
      return invalid("Part " + std::to_string(number) + " is unknown or out of order.");
    last = number;
    if (settings_.part_etags && text_of(named, "etag") != found->second.etag)
      return invalid("Part " + std::to_string(number) + " has another etag.");
  }
  // Somebody may have come first.
  if (auto refusal = check_upload(place, open.overwrite)) return *refusal;
  Blob content;
  for (auto& [number, part] : open.parts) content.append(std::move(part.content));
  const auto refusal = store(place, std::move(content), open.overwrite);
  uploads_.erase(upload);
  return refusal ? *refusal : done();
}

http::Response VolumeFiles::abort_link(Call& call) {
  const std::string token = text_of(call.body, "session_token");
  if (!uploads_.contains(token)) return error(404, "NOT_FOUND", "There is no such upload.");
  std::int64_t end = 0;
  if (auto refusal = read_expiry(call.body, end)) return *refusal;
  const std::string url = link(call, std::string(presigned_root) + "uploads/" + token, end);
  return answer(json::object(
      {{"abort_upload_url", json::object({{"url", url}, {"headers", json::array()}})}}));
}

http::Response VolumeFiles::abort_upload(Call& call) {
  if (auto refusal = refuse_link(call)) return *refusal;
  if (uploads_.erase(call.arguments.at("session")) == 0) return storage_error(404, "BlobNotFound");
  return {204, ""};
}

http::Response VolumeFiles::download_link(Call& call) {
  const std::string asked = text_of(call.body, "path");
  const VolumeEntry* file = nullptr;
  if (auto refusal = find_file(asked, file)) return *refusal;
  std::int64_t end = 0;
  if (auto refusal = read_expiry(call.body, end)) return *refusal;
  const std::string path = std::string(presigned_root) + "files" + Mounts::canonical(asked);
  return answer(json::object({{"url", link(call, path, end)}, {"headers", json::array()}}));
}

http::Response VolumeFiles::download(Call& call) const {
  if (auto refusal = refuse_link(call)) return *refusal;
  const VolumeEntry* file = nullptr;
  if (find_file("/" + call.arguments.at("path"), file)) return storage_error(404, "BlobNotFound");
  return content_of(*file, call.request);
}

}  // namespace twinlake::simulator

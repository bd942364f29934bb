#include "http/curl_exchange.h"

#include <algorithm>
#include <cstring>
#include <system_error>

namespace twinlake::http {

Exchange::~Exchange() { release(); }

void Exchange::release() {
  if (easy_ != nullptr) curl_easy_cleanup(std::exchange(easy_, nullptr));
  curl_slist_free_all(std::exchange(headers_, nullptr));
}

CURL* Exchange::prepare() {
  easy_ = curl_easy_init();
  if (easy_ == nullptr) return nullptr;
  std::string url = options_->base_url + request_.path;
  if (!request_.raw_query.empty())
    url += "?" + request_.raw_query;
  else if (!request_.query.empty())
    url += "?" + encode_query(request_.query);
  curl_easy_setopt(easy_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_text_.data());
  set_connection_options();
  set_method();
  set_headers();
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Exchange::on_write);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Exchange::on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  return easy_;
}

void Exchange::set_connection_options() {
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  // HTTP/2 loses requests when a server rotates connections; 1.1 with a pool does not.
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING, "");
  // A redirect would carry the credentials to another host; `classify` explains it instead.
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, options_->user_agent.c_str());
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options_->connect_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(easy_, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(options_->inactivity_timeout.count()));
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(options_->total_timeout.count()));
  // Only what goes to a file is large; a hundred transfers at once would hold megabytes for nothing.
  const long buffer = request_.spool_answer_in.empty() ? 16L * 1024L : 128L * 1024L;
  curl_easy_setopt(easy_, CURLOPT_BUFFERSIZE, buffer);
  curl_easy_setopt(easy_, CURLOPT_UPLOAD_BUFFERSIZE, request_.upload ? 128L * 1024L : 16L * 1024L);
  if (!options_->ca_file.empty())
    curl_easy_setopt(easy_, CURLOPT_CAINFO, options_->ca_file.c_str());
  // Plain http is only ever this machine or its metadata service: a proxy of the environment would
  // see the credentials.
  if (options_->base_url.starts_with("http://")) curl_easy_setopt(easy_, CURLOPT_NOPROXY, "*");
}

void Exchange::set_method() {
  const std::string name(name_of(request_.method));
  const bool sends = has_body() || request_.method == Method::post ||
                     request_.method == Method::put || request_.method == Method::patch;
  if (sends) {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    set_body();
  }
  // What libcurl would do by itself: GET without a body, POST with one.
  const bool usual = request_.method == (sends ? Method::post : Method::get);
  if (request_.method == Method::head) {
    curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
  } else if (!usual) {
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, name.c_str());
  }
  // libcurl sends a request again by itself when a kept connection turns out to be dead, even if
  // the server has read it. What must not be repeated: with a body, it is given by a callback that
  // cannot be rewound (set_body); without one, a fresh connection is the only way to prevent it.
  if (request_.repeat == Repeat::unsafe && !has_body())
    curl_easy_setopt(easy_, CURLOPT_FRESH_CONNECT, 1L);
}

void Exchange::set_body() {
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_size()));
  if (!has_body()) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, "");
    return;
  }
  curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &Exchange::on_read);
  curl_easy_setopt(easy_, CURLOPT_READDATA, this);
  if (request_.repeat == Repeat::safe) {
    curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &Exchange::on_seek);
    curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
  }
}

void Exchange::add_header(const std::string& line) {
  if (curl_slist* longer = curl_slist_append(headers_, line.c_str())) headers_ = longer;
}

void Exchange::set_headers() {
  for (const auto& [name, value] : request_.headers)
    add_header(value.empty() ? name + ";" : name + ": " + value);
  // Without a value libcurl leaves its own default out.
  add_header("Content-Type:" + (request_.content_type.empty() ? "" : " " + request_.content_type));
  // No waiting for "100 Continue" before a body.
  add_header("Expect:");
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
}

std::uint64_t Exchange::body_size() const {
  return request_.upload ? request_.upload->size() : request_.body.size();
}

std::size_t Exchange::give_body(char* to, std::size_t size) {
  std::size_t given = 0;
  if (request_.upload) {
    given = request_.upload->read(given_, to, size);
  } else {
    given = std::min(size, request_.body.size() - static_cast<std::size_t>(given_));
    std::memcpy(to, request_.body.data() + given_, given);
  }
  given_ += given;
  return given;
}

std::size_t Exchange::take_body(const char* from, std::size_t size) {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  const bool good = status >= 200 && status < 300;
  if (!request_.spool_answer_in.empty() && good) {
    if (!response_.file) response_.file = SpoolFile::create(request_.spool_answer_in);
    response_.file->append({from, size});
    return size;
  }
  if (response_.body.size() + size > options_->max_answer_in_memory) {
    own_error_ =
        Error(Fault::bad_answer, "the answer is larger than " +
                                     std::to_string(options_->max_answer_in_memory) + " bytes");
    return 0;
  }
  response_.body.append(from, size);
  return size;
}

void Exchange::take_header(std::string_view line) {
  // Each status line begins anew: what came before was an interim answer.
  if (line.starts_with("HTTP/")) {
    response_.headers.clear();
    return;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string_view value = line.substr(colon + 1);
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && blank(value.back())) value.remove_suffix(1);
  response_.headers.emplace_back(line.substr(0, colon), value);
}

// No exception may pass through libcurl's frames.
std::size_t Exchange::on_read(char* to, std::size_t size, std::size_t count, void* self) {
  auto* const exchange = static_cast<Exchange*>(self);
  try {
    return exchange->give_body(to, size * count);
  } catch (const std::exception& error) {
    exchange->own_error_ = Error(Fault::io, error.what());
    return CURL_READFUNC_ABORT;
  }
}

int Exchange::on_seek(void* self, curl_off_t offset, int origin) {
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Exchange*>(self)->given_ = static_cast<std::uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

std::size_t Exchange::on_write(char* from, std::size_t size, std::size_t count, void* self) {
  auto* const exchange = static_cast<Exchange*>(self);
  try {
    return exchange->take_body(from, size * count);
  } catch (const std::exception& error) {
    exchange->own_error_ = Error(Fault::io, error.what());
    return 0;
  }
}

std::size_t Exchange::on_header(char* from, std::size_t size, std::size_t count, void* self) {
  auto* const exchange = static_cast<Exchange*>(self);
  try {
    exchange->take_header({from, size * count});
    return size * count;
  } catch (const std::exception& error) {
    exchange->own_error_ = Error(Fault::io, error.what());
    return 0;
  }
}

Error Exchange::with_request(Error error) const {
  error.method = std::string(name_of(request_.method));
  error.path = request_.path;
  error.attempts = 1;
  return error;
}

bool Exchange::surely_not_sent(CURLcode code) const {
  // A server cannot act on a request whose body it did not get. The error code alone does not tell:
  // libcurl may have sent all on a kept connection, lost it, and then failed to connect again.
  if (has_body()) return given_ == 0;
  // Without a body the connection was a fresh one (set_method), so the code tells.
  constexpr std::array never_connected{CURLE_COULDNT_RESOLVE_PROXY,    CURLE_COULDNT_RESOLVE_HOST,
                                       CURLE_COULDNT_CONNECT,          CURLE_SSL_CONNECT_ERROR,
                                       CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                                       CURLE_SSL_CERTPROBLEM,          CURLE_SSL_CIPHER,
                                       CURLE_SSL_ISSUER_ERROR,         CURLE_URL_MALFORMAT,
                                       CURLE_UNSUPPORTED_PROTOCOL,     CURLE_PROXY};
  if (std::find(never_connected.begin(), never_connected.end(), code) != never_connected.end())
    return true;
  curl_off_t ready = 0;
  curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &ready);
  return code == CURLE_OPERATION_TIMEDOUT && ready == 0;
}

Error Exchange::failure(CURLcode code) const {
  const std::string reason = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
  if (request_.repeat == Repeat::unsafe && !surely_not_sent(code)) {
    const std::string what = own_error_ ? own_error_->message : reason;
    return with_request(Error(Fault::in_doubt, "no usable answer, it may have been done: " + what));
  }
  if (own_error_) return with_request(*own_error_);
  if (code == CURLE_OUT_OF_MEMORY) return with_request(Error(Fault::io, reason));
  Error error(Fault::network, reason);
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
    error.hint =
        "the certificate is not trusted here: a proxy that inspects TLS needs its CA file given";
  if (code == CURLE_COULDNT_RESOLVE_HOST)
    error.hint = "check the host name of the profile and the DNS";
  return with_request(std::move(error));
}

Result<Response> Exchange::finish(CURLcode code) {
  if (code != CURLE_OK) return fail(failure(code));
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  response_.status = static_cast<int>(status);
  if (!request_.spool_answer_in.empty() && response_.ok() && !response_.file) {
    try {  // An empty answer is a file too.
      response_.file = SpoolFile::create(request_.spool_answer_in);
    } catch (const std::exception& error) {
      return fail(with_request(Error(Fault::io, error.what())));
    }
  }
  return std::move(response_);
}

Error Exchange::stopped() const {
  const bool may_be_done =
      request_.repeat == Repeat::unsafe && easy_ != nullptr && (!has_body() || given_ > 0);
  return with_request(may_be_done ? Error(Fault::in_doubt, "stopped while it was under way")
                                  : Error(Fault::cancelled, "stopped"));
}

}  // namespace twinlake::http

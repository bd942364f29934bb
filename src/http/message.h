#pragma once
// One HTTP exchange as values. The same types are used by the client stack and by the simulator.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twinlake::http {

enum class Method { get, head, post, put, patch, del };
[[nodiscard]] std::string_view name_of(Method method);                     ///< "GET", ...
[[nodiscard]] std::optional<Method> method_from(std::string_view name);

/// What an endpoint does to the workspace. The role guard and `plan` judge by it.
enum class Effect {
  reads,     ///< changes nothing
  writes,    ///< changes definitions
  executes,  ///< runs something: a command, a statement, a job
};

/// May the same request be sent again when its answer was lost?
enum class Repeat {
  safe,    ///< reads, and writes whose second execution changes nothing
  unsafe,  ///< creates: a second one makes a second object (rule 3 of the design)
};

using Headers = std::vector<std::pair<std::string, std::string>>;
/// Case-insensitive look-up; nullptr when absent.
[[nodiscard]] const std::string* find_header(const Headers& headers, std::string_view name);

/// A body that may be too large for memory: a temporary file of ours, unlinked when it is created,
/// so that nothing is left behind whatever happens.
class SpoolFile {
 public:
  /// Throws std::system_error when the folder cannot be written or the disk is full.
  static std::shared_ptr<SpoolFile> create(const std::string& folder);
  ~SpoolFile();
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;
  void append(std::string_view bytes);
  /// Reads up to `size` bytes from `offset`; fewer at the end.
  std::size_t read(std::uint64_t offset, char* to, std::size_t size) const;
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  explicit SpoolFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  std::uint64_t size_ = 0;
};

/// A class with constructors and named factories, never brace-built as an aggregate in a
/// co_await expression (some compilers miscompile that).
struct Request {
  Method method = Method::get;
  std::string path;  ///< from the root, percent-encoded where needed, without query
  std::vector<std::pair<std::string, std::string>> query;  ///< plain values, in order
  /// The query of a link that a service gave, which may be signed: it goes out as it came, and
  /// `query` is its reading. Empty: `query` goes out.
  std::string raw_query;
  Headers headers;
  std::string body;
  std::string content_type;             ///< set when there is a body
  std::shared_ptr<SpoolFile> upload;    ///< the body, when it is large; then `body` is empty
  std::string spool_answer_in;          ///< folder: a 2xx answer goes into Response::file
  Effect effect = Effect::reads;
  Repeat repeat = Repeat::safe;

  Request() = default;
  Request(Method how, std::string where) : method(how), path(std::move(where)) {}

  static Request get(std::string path) { return Request(Method::get, std::move(path)); }
  /// A JSON body; writes, and by default must not be repeated.
  static Request post(std::string path, std::string json);
  static Request send_json(Method method, std::string path, std::string json, Effect effect,
                           Repeat repeat);
  Request& with_query(std::string name, std::string value) {
    query.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
  std::shared_ptr<SpoolFile> file;  ///< instead of `body` when Request::spool_answer_in was set

  Response() = default;
  Response(int code, std::string text, std::string type = "application/json");
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
  [[nodiscard]] std::uint64_t size() const { return file ? file->size() : body.size(); }
};

/// Percent-encoding of one path segment or query value (RFC 3986 unreserved stay).
[[nodiscard]] std::string percent_encode(std::string_view text);
/// The same for a path: its slashes stay.
[[nodiscard]] std::string percent_encode_path(std::string_view path);
[[nodiscard]] std::string percent_decode(std::string_view text, bool plus_is_space = false);
/// "a=b&c=d" of a query.
[[nodiscard]] std::string encode_query(const std::vector<std::pair<std::string, std::string>>& query);
[[nodiscard]] std::vector<std::pair<std::string, std::string>> decode_query(std::string_view text);

}  // namespace twinlake::http

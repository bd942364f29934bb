#pragma once
// Bytes of notebooks and files, on their way from one side to the other. Large ones wait in a
// temporary file, so that memory stays small whatever is copied.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "model/kind.h"
#include "workspace/workspace.h"

namespace twinlake::workspace {

class Content {
 public:
  explicit Content(std::string bytes) : bytes_(std::move(bytes)) {}
  explicit Content(std::shared_ptr<const std::string> shared) : shared_(std::move(shared)) {}
  explicit Content(std::shared_ptr<http::SpoolFile> file) : file_(std::move(file)) {}
  explicit Content(http::Response answer)
      : bytes_(std::move(answer.body)), file_(std::move(answer.file)) {}

  [[nodiscard]] std::uint64_t size() const { return file_ ? file_->size() : text().size(); }
  /// The first bytes, for a look at what it is.
  [[nodiscard]] std::string head(std::size_t size) const;
  /// Everything at once; only for what is known to be small.
  [[nodiscard]] std::string all() const { return head(static_cast<std::size_t>(size())); }
  /// Up to `size` bytes from there; fewer at the end.
  [[nodiscard]] std::string piece(std::uint64_t offset, std::size_t size) const;
  void for_each_piece(const std::function<void(std::string_view)>& take) const;
  [[nodiscard]] std::string sha256() const;
  /// The temporary file, when there is one.
  [[nodiscard]] const std::shared_ptr<http::SpoolFile>& file() const { return file_; }

 private:
  [[nodiscard]] const std::string& text() const { return shared_ ? *shared_ : bytes_; }
  std::string bytes_;
  std::shared_ptr<const std::string> shared_;
  std::shared_ptr<http::SpoolFile> file_;
};

/// Takes bytes piece by piece; once they are many they wait in a temporary file.
class ContentBuilder {
 public:
  explicit ContentBuilder(std::string spool_folder) : folder_(std::move(spool_folder)) {}
  void append(std::string_view piece);
  /// Fault::io: the temporary file could not be written.
  [[nodiscard]] Result<Content> finish() &&;

 private:
  std::string folder_;
  std::string waiting_;  ///< not yet in the file
  std::shared_ptr<http::SpoolFile> file_;
  std::optional<Error> trouble_;

  void write_out();
};

/// How the service is told what the bytes are.
enum class ImportFormat { source, jupyter, raw };

struct Import {
  std::string path;
  ImportFormat format = ImportFormat::raw;
  std::string language;    ///< for source notebooks
  bool overwrite = false;  ///< false: refuse when something is there already
};

/// The object as it is kept: ipynb notebooks as ipynb, others as source, files byte for byte.
/// `expected_size` 0: unknown.
[[nodiscard]] Task<Result<Content>> export_content(Workspace& side, std::string path,
                                                   std::uint64_t expected_size);

/// Writes a notebook or file by the route that its size needs. Answers the object id where the
/// service tells it, else an empty text.
[[nodiscard]] Task<Result<std::string>> import_content(Workspace& side, Import order,
                                                       Content content);

/// The content that a write is about: from the cache when it was read to compare, else from `from`.
[[nodiscard]] Task<Result<Content>> content_of(model::Write write);

/// Imports the content of a write at the path of its definition. Answers the id, empty when the
/// service does not tell that of a new object.
[[nodiscard]] Task<Result<std::string>> write_content(model::Write write, Import order,
                                                      Content content);

/// What a read of content adds to an item: "content_sha256", "size", and it fills the cache.
void remember_content(Workspace& side, const std::string& id, const Content& content,
                      nlohmann::json& item);

/// POST workspace/delete, never recursive. Something that is gone already is as good.
[[nodiscard]] Task<Result<void>> delete_path(model::Write write);

/// Starts with the line that makes a source file a notebook, in any language.
[[nodiscard]] bool has_notebook_header(std::string_view head);
/// The body of an ipynb file, as far as its first bytes tell.
[[nodiscard]] bool looks_like_jupyter(std::string_view head);

}  // namespace twinlake::workspace

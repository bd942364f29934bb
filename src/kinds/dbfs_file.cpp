#include "kinds/outside_files.h"
#include "workspace/dbfs.h"

namespace twinlake::kinds::dbfs_file {

using namespace model;

namespace {

constexpr std::string_view found_by[] = {"dbfs:/", "/dbfs/"};
constexpr std::string_view indicator[] = {"/file_size", "/modification_time"};

constexpr Kind row() {
  Kind kind = row_of_outside_file<workspace::hash_dbfs, workspace::copy_dbfs, workspace::put_dbfs,
                                  workspace::delete_dbfs>();
  kind.name = "dbfs_file";
  kind.plural = "DBFS files";
  kind.about = "files in chosen folders of the DBFS root, and every one that another object names";
  kind.list_verb = workspace::list_dbfs;
  kind.find_verb = workspace::find_dbfs;
  kind.found_by = found_by;
  kind.indicator = indicator;
  kind.read = {.path = "/api/2.0/dbfs/read"};
  kind.update = {.method = Method::post, .path = "/api/2.0/dbfs/create", .effect = Effect::writes};
  kind.create = kind.update;
  kind.create.repeat = Repeat::unsafe;
  kind.remove = {.method = Method::post, .path = "/api/2.0/dbfs/delete", .effect = Effect::writes};
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& dbfs_file_kind() { return kind; }

}  // namespace twinlake::kinds::dbfs_file

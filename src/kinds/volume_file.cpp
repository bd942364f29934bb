#include "kinds/outside_files.h"
#include "workspace/volumes.h"

namespace twinlake::kinds::volume_file {

using namespace model;

namespace {

constexpr std::string_view found_by[] = {"/Volumes/"};
constexpr std::string_view indicator[] = {"/file_size", "/last_modified"};

constexpr Kind row() {
  Kind kind = row_of_outside_file<workspace::hash_volume_file, workspace::copy_volume_file,
                                  workspace::put_volume_file, workspace::delete_volume_file>();
  kind.name = "volume_file";
  kind.plural = "volume files";
  kind.about = "files in Unity Catalog volumes, as far as another object names them";
  kind.left_to_people = "the volume itself has to exist on the secondary";
  kind.list_verb = workspace::list_no_volume;
  kind.find_verb = workspace::find_volume_files;
  kind.found_by = found_by;
  kind.indicator = indicator;
  kind.read = {.path = "/api/2.0/fs/files"};
  kind.update = {.method = Method::put, .path = "/api/2.0/fs/files", .effect = Effect::writes};
  kind.create = kind.update;
  kind.create.repeat = Repeat::unsafe;
  kind.remove = {.method = Method::del, .path = "/api/2.0/fs/files", .effect = Effect::writes};
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& volume_file_kind() { return kind; }

}  // namespace twinlake::kinds::volume_file

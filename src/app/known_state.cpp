#include "app/known_state.h"

#include <unistd.h>

namespace twinlake::app {

bool has_state(const Settings& settings) {
  const std::string file = settings.state_folder + "/" + settings.group.name + ".sqlite";
  return access(file.c_str(), F_OK) == 0;
}

Result<std::unique_ptr<state::Store>> open_existing_state(const Settings& settings) {
  if (!has_state(settings))
    return fail(
        Fault::config,
        "there is no state of the group `" + settings.group.name + "` in " + settings.state_folder,
        "Check --state and --group; a first `twinlake sync` makes it, and `twinlake state rebuild` "
        "brings it "
        "back from the secondary");
  return state::Store::open(settings.state_folder, settings.group.name);
}

}  // namespace twinlake::app

#include "app/history_access.h"

namespace twinlake::app {

Result<std::unique_ptr<history::History>> open_history(const Settings& settings) {
  TRY(const Secret key,
      read_history_key(settings.group.history.key, workspace::process_environment()));
  return history::History::open(settings.state_folder, settings.group.name, key);
}

Result<std::unique_ptr<history::History>> open_existing_history(const Settings& settings) {
  if (!history::History::exists(settings.state_folder, settings.group.name))
    return fail(Fault::config,
                "there is no history of the group `" + settings.group.name + "` in " +
                    settings.state_folder,
                settings.group.history.is_kept
                    ? "Check --state and --group; `twinlake sync` leaves a recovery point"
                    : "It is switched off in twinlake.yml (`history: false`)");
  return open_history(settings);
}

}  // namespace twinlake::app

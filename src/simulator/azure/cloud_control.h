#pragma once
// clang-format off
// The remote control of the cloud: /sim/*, without a token. All are POST but those that say so.
//
//   faults              as a region's: rules that break calls; GET shows, DELETE forgets them
//   outage              {"for_seconds"}: the login and ARM do not answer
//                       {"location","silent"}: a region is lost as Azure tells it: its storage
//                       accounts are unavailable, and Service Health says so unless silent, as in
//                       its first minutes
//   restore             ends both
//   resources           a resource, see Cloud::add
//   credentials         an application: {"client_id","client_secret","certificates": [PEM],
//                       "federations": [{"issuer","subject","audience","public_key"}],
//                       "role": "none"|"reader"}
//   vault-secrets       {"vault","name","value"}: in a vault, for its data plane
//   workspaces          how the next creation of one ends: {"code","message",
//                       "status": "Failed"|"Canceled"}; with "at_once": 403 its PUT is refused
//   operations/cancel   {"resource"}: whoever else has rights cancels what runs there
//   policies            {"type","locations"}: where resources may lie
//                       {"type","tag"}: a tag that they must have
//   quota               {"location","name","used","limit"}
//   sizes               {"location","size","limit": "absent"|"restricted"|"two_zones"}
//   events              Service Health, see Cloud::add_event; DELETE forgets all
//   options             enforce_limits, first_poll_missing, managed_group_hides, page_size,
//                       token_seconds, workspace_seconds, operation_seconds, retry_after,
//                       advance_seconds, foreign_names: [names], unregistered: a provider,
//                       style: of operations
//   world, requests     GET; requests/reset
// clang-format on
#include "http/message.h"

namespace twinlake::simulator {

class Cloud;
[[nodiscard]] http::Response serve_control(Cloud& cloud, const http::Request& request);

}  // namespace twinlake::simulator

#include "app/azure_list.h"

namespace twinlake::app {

std::vector<Option> azure_options(AzureFlags* flags) {
  return {
      {"--all", "", "Name every place that uses a thing, and what is in order too", &flags->all},
      {"--no-code", "", "Do not read notebooks and files: definitions only, which is quicker",
       &flags->no_code}};
}

AzureHead head_of(const Settings& settings, const EstateView& view, const AzureFlags& flags) {
  AzureHead head;
  head.group = settings.group.name;
  if (view.sight.primary) head.primary_region = view.sight.primary->region;
  if (view.sight.standby) head.standby_region = view.sight.standby->region;
  if (view.no_azure) head.no_azure = why_no_azure(*view.no_azure);
  head.is_primary_lost = view.is_primary_lost;
  head.texts_of_code = view.uses.texts_of_code;
  head.is_code_left_out = flags.no_code;
  for (const auto* place : {&view.sight.primary, &view.sight.standby})
    if (!*place && !view.no_azure)
      head.findings.push_back({place == &view.sight.primary ? "primary" : "standby",
                               place->error().message, place->error().hint});
  head.findings.insert(head.findings.end(), view.primary.unread.begin(), view.primary.unread.end());
  // What the standby has of the primary is left out there for the same reasons.
  for (const model::Finding& finding : view.standby.unread)
    if (std::ranges::find(view.primary.unread, finding.message, &model::Finding::message) ==
        view.primary.unread.end())
      head.findings.push_back(finding);
  const auto hidden = azure::tell_of_what_is_hidden(view.uses);
  head.findings.insert(head.findings.end(), hidden.begin(), hidden.end());
  return head;
}

}  // namespace twinlake::app

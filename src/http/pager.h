#pragma once
// Listings, page by page. A listing is either complete or an error: nothing may ever be deleted
// because a page was missing.
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "http/transport.h"

namespace twinlake::http {

enum class PageStyle {
  none,         ///< the whole list in one answer
  token,        ///< page_token in the query, next_page_token in the answer
  scim,         ///< startIndex and count, totalResults
  repos_token,  ///< next_page_token in both
};

/// Gets the items of one page, an array; may move from it. An error ends the listing.
using PageSink = std::function<Result<void>(nlohmann::json& items)>;

/// Sends `first` and what follows it. `items` is a JSON pointer to the array of a page ("/jobs"; ""
/// when the answer itself is the array); a missing array is an empty one. Bounds memory to one
/// page.
[[nodiscard]] Task<Result<void>> for_each_page(Transport& transport, Request first, PageStyle style,
                                               std::string items, PageSink sink);

/// A list that has no pages must not promise more: then it is not the whole, and what it lacks must not
/// pass for deleted.
[[nodiscard]] Result<void> expect_whole(const Request& request, const nlohmann::json& answer);

/// All items of a listing.
[[nodiscard]] Task<Result<std::vector<nlohmann::json>>> list_all(Transport& transport,
                                                                 Request first, PageStyle style,
                                                                 std::string items);

}  // namespace twinlake::http

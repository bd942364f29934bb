#include "http/link.h"

namespace twinlake::http {

Request request_to_link(std::string_view target) {
  const std::size_t mark = target.find('?');
  Request request = Request::get(std::string(target.substr(0, mark)));
  if (mark == std::string_view::npos) return request;
  for (const char c : target.substr(mark + 1))
    c == ' ' ? request.raw_query.append("%20") : request.raw_query.append(1, c);
  request.query = decode_query(request.raw_query);
  return request;
}

}  // namespace twinlake::http

// Hosts and clouds: the parts of profile.h that know addresses.
#include <array>

#include "http/curl_transport.h"
#include "http/message.h"
#include "workspace/profile.h"

namespace twinlake::workspace {

namespace {
constexpr std::array<CloudEndpoints, 3> clouds{
    CloudEndpoints{"https://login.microsoftonline.com", "https://management.azure.com",
                   "https://management.core.windows.net/", "https://storage.azure.com/",
                   "core.windows.net", "https://vault.azure.net", "vault.azure.net"},
    CloudEndpoints{"https://login.microsoftonline.us", "https://management.usgovcloudapi.net",
                   "https://management.core.usgovcloudapi.net/", "https://storage.azure.com/",
                   "core.usgovcloudapi.net", "https://vault.usgovcloudapi.net",
                   "vault.usgovcloudapi.net"},
    CloudEndpoints{"https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn",
                   "https://management.core.chinacloudapi.cn/", "https://storage.azure.com/",
                   "core.chinacloudapi.cn", "https://vault.azure.cn", "vault.azure.cn"}};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void read_query(std::string_view query, HostParts& parts) {
  for (const auto& [name, value] : http::decode_query(query)) {
    const bool workspace = name == "o" || name == "workspace_id" || name == "w";
    if (workspace && is_number(value)) parts.workspace_id = value;
    if (name == "a" || name == "account_id") parts.account_id = value;
  }
}
}  // namespace

const CloudEndpoints& endpoints_of(Cloud cloud) { return clouds[static_cast<std::size_t>(cloud)]; }

Cloud cloud_of_host(std::string_view host) {
  if (const auto scheme = host.find("://"); scheme != std::string_view::npos)
    host.remove_prefix(scheme + 3);
  host = host.substr(0, host.find_first_of(":/"));
  if (host.ends_with(".databricks.azure.us")) return Cloud::us_government;
  if (host.ends_with(".databricks.azure.cn")) return Cloud::china;
  return Cloud::public_cloud;
}

Result<HostParts> normalise_host(std::string_view text) {
  HostParts parts;
  std::string url(text);
  if (url.find("://") == std::string::npos) url = "https://" + url;
  const std::size_t authority = url.find("://") + 3;
  if (const std::size_t query = url.find('?', authority); query != std::string::npos) {
    const std::string_view rest = std::string_view(url).substr(query + 1);
    read_query(rest.substr(0, rest.find('#')), parts);
  }
  url.resize(std::min(url.size(), url.find_first_of("/?#", authority)));
  for (char& c : url)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  CHECK(http::check_host(url));
  parts.host = std::move(url);
  return parts;
}

}  // namespace twinlake::workspace

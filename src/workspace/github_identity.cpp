#include "workspace/github_identity.h"

#include <nlohmann/json.hpp>

#include "http/classify.h"

namespace twinlake::workspace {

namespace {

constexpr const char* github_token = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
constexpr std::string_view audience = "api://AzureADTokenExchange";
constexpr const char* permission = "Give the job `permissions: id-token: write`";

class GithubProof final : public EntraProof {
 public:
  GithubProof(std::unique_ptr<http::Transport> github, http::Request question)
      : github_(std::move(github)), question_(std::move(question)) {}
  ~GithubProof() override {
    for (auto& [name, value] : question_.headers) wipe(value);
  }
  GithubProof(const GithubProof&) = delete;
  GithubProof& operator=(const GithubProof&) = delete;

  Task<Result<FormFields>> fields(std::string) override {
    http::Request request = question_;
    const http::Request about(request.method, request.path);
    CO_TRY(http::Response response, co_await github_->send(std::move(request)));
    if (!response.ok()) {
      Error error = http::classify(about, response);
      error.message = "GitHub gave no token for this job: " + error.message;
      error.hint = permission;
      co_return fail(std::move(error));
    }
    nlohmann::json body = nlohmann::json::parse(response.body, nullptr, false);
    wipe(response.body);
    if (!body.is_object() || !body.contains("value") || !body["value"].is_string())
      co_return fail(Fault::bad_answer, "GitHub gave no token for this job", permission);
    const Secret token(std::move(body["value"].get_ref<std::string&>()));
    co_return assertion_fields(token);
  }

 private:
  std::unique_ptr<http::Transport> github_;
  http::Request question_;  ///< with the token of the job
};

}  // namespace

Result<std::unique_ptr<EntraProof>> make_github_proof(const Environment& environment,
                                                      const OpenTransport& open) {
  const std::string url = environment(github_token_url).value_or("");
  std::string token = environment(github_token).value_or("");
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  if (path == std::string::npos || token.empty())
    return fail(Fault::config,
                std::string(github_token_url) + " and " + github_token + " are not set",
                permission);
  const std::string target = url.substr(path);
  const std::size_t mark = target.find('?');
  http::Request question = http::Request::get(target.substr(0, mark));
  if (mark != std::string::npos) question.query = http::decode_query(target.substr(mark + 1));
  question.with_query("audience", std::string(audience));
  question.headers.emplace_back("Authorization", "Bearer " + token);
  wipe(token);
  TRY(auto github, open(url.substr(0, path), false));
  return std::make_unique<GithubProof>(std::move(github), std::move(question));
}

}  // namespace twinlake::workspace

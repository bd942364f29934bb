#include "http/classify.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace twinlake::http {
namespace {

std::string body_of(const std::string& code, const std::string& message) {
  return nlohmann::json{{"error_code", code}, {"message", message}}.dump();
}

struct Row {
  const char* name;
  Request request;
  Response response;
  Fault fault;
  const char* code;
};

const Request get_x = Request::get("/api/2.0/x");
const Request create_x = Request::post("/api/2.0/x", "{}");

void check(const Row& row) {
  const Error error = classify(row.request, row.response);
  EXPECT_EQ(name_of(error.fault), name_of(row.fault)) << row.name;
  EXPECT_EQ(error.service_code, row.code) << row.name;
  EXPECT_EQ(error.status, row.response.status) << row.name;
  EXPECT_FALSE(error.message.empty()) << row.name;
}

struct CodeRow {
  const char* name;
  const Request& request;
  int status;
  const char* code;  // empty: an answer without content
  Fault fault;
};

const CodeRow code_rows[] = {
    {"absent", get_x, 404, "RESOURCE_DOES_NOT_EXIST", Fault::not_found},
    {"absent as 400", get_x, 400, "RESOURCE_DOES_NOT_EXIST", Fault::not_found},
    {"absent without content", get_x, 404, "", Fault::not_found},
    {"exists as 400", create_x, 400, "RESOURCE_ALREADY_EXISTS", Fault::already_exists},
    {"exists, of Unity Catalog", create_x, 400, "CATALOG_ALREADY_EXISTS", Fault::already_exists},
    {"409 without code", create_x, 409, "", Fault::already_exists},
    {"aborted is no conflict of keys", get_x, 409, "ABORTED", Fault::unavailable},
    {"endpoint absent", get_x, 404, "ENDPOINT_NOT_FOUND", Fault::disabled},
    {"feature off", get_x, 403, "FEATURE_DISABLED", Fault::disabled},
    {"unknown principal in a body", create_x, 404, "PRINCIPAL_DOES_NOT_EXIST", Fault::invalid},
    {"401", get_x, 401, "", Fault::unauthenticated},
    {"403", get_x, 403, "PERMISSION_DENIED", Fault::forbidden},
    {"429", get_x, 429, "", Fault::throttled},
    {"quota as 429", get_x, 429, "QUOTA_EXCEEDED", Fault::invalid},
    {"SCIM throttled", get_x, 500, "REQUEST_LIMIT_EXCEEDED", Fault::throttled},
    {"500 to a read", get_x, 500, "", Fault::unavailable},
    {"500 to a create", create_x, 500, "INTERNAL_ERROR", Fault::in_doubt},
    {"504 to a create", create_x, 504, "", Fault::in_doubt},
    {"501 to a create", create_x, 501, "", Fault::disabled},
    {"400 to a create", create_x, 400, "", Fault::invalid},
};

TEST(Classify, StatusesAndCodes) {
  for (const CodeRow& row : code_rows) {
    const bool empty = row.code[0] == '\0';
    const Response response(row.status, empty ? std::string() : body_of(row.code, "m"));
    check({row.name, row.request, response, row.fault, row.code});
  }
}

TEST(Classify, CodesThatTellNothing) {
  check({"a number", get_x, {400, R"({"error_code":400,"message":"m"})"}, Fault::invalid, ""});
  const std::string exists = R"({"error_code":"","message":"Path (/a) already exists."})";
  check({"import over a notebook", create_x, {400, exists}, Fault::already_exists, ""});
}

TEST(Classify, OtherForms) {
  const std::string scim =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],)"
      R"("detail":"User with id 1 not found.","status":"404","scimType":"noTarget"})";
  const Row rows[] = {
      {"SCIM", get_x, {404, scim}, Fault::not_found, "SCIM_404"},
      {"API 1.2",
       get_x,
       {500, R"({"error":"ClusterNotReadyException: x"})"},
       Fault::unavailable,
       ""},
      {"plain text",
       get_x,
       {400, "MALFORMED_REQUEST: no good"},
       Fault::invalid,
       "MALFORMED_REQUEST"},
      {"HTML",
       get_x,
       {502, "<html><pre>upstream gone</pre></html>", "text/html"},
       Fault::unavailable,
       ""},
      {"ARM",
       get_x,
       {404, R"({"error":{"code":"ResourceNotFound","message":"m"}})"},
       Fault::not_found,
       "ResourceNotFound"},
      {"broken JSON", get_x, {400, R"({"error_code":)"}, Fault::invalid, ""},
  };
  for (const Row& row : rows) check(row);
  EXPECT_EQ(classify(get_x, rows[0].response).message, "User with id 1 not found. (noTarget)");
  EXPECT_EQ(classify(get_x, rows[2].response).message, "no good");
  EXPECT_EQ(classify(get_x, rows[3].response).message, "upstream gone");
}

TEST(Classify, GoneForms) {
  const std::string invalid = "INVALID_PARAMETER_VALUE";
  const Row rows[] = {
      {"cluster",
       Request::get("/api/2.1/clusters/get"),
       {400, body_of(invalid, "Cluster 1-2-x does not exist")},
       Fault::not_found,
       invalid.c_str()},
      {"job",
       Request::get("/api/2.2/jobs/get"),
       {400, body_of(invalid, "Job 7 does not exist.")},
       Fault::not_found,
       invalid.c_str()},
      {"run",
       Request::get("/api/2.2/jobs/runs/get"),
       {400, body_of(invalid, "Run: 1 in job: 2 doesn't exist")},
       Fault::not_found,
       invalid.c_str()},
      {"cluster of long ago",
       Request::get("/api/2.0/permissions/clusters/x"),
       {400,
        body_of("INVALID_STATE",
                "Cannot access cluster x that was terminated or unpinned more than 30 days ago")},
       Fault::not_found,
       "INVALID_STATE"},
      {"a policy named in a create",
       Request::post("/api/2.1/clusters/create", "{}"),
       {400, body_of(invalid, "Policy 7 does not exist")},
       Fault::invalid,
       invalid.c_str()},
  };
  for (const Row& row : rows) check(row);
}

TEST(Classify, RequestIds) {
  Response response(
      500,
      R"({"error_code":"X","details":[{"@type":"type.googleapis.com/google.rpc.RequestInfo","request_id":"r-1"}]})");
  EXPECT_EQ(classify(get_x, response).request_id, "r-1");
  Response other(500, "{}");
  other.headers.emplace_back("X-Request-Id", "r-2");
  EXPECT_EQ(classify(get_x, other).request_id, "r-2");
}

TEST(ParseAnswer, GoodAnswers) {
  EXPECT_EQ((*parse_answer(get_x, {200, R"({"a":9007199254740993})"}))["a"].get<std::int64_t>(),
            9007199254740993);
  EXPECT_EQ(parse_answer(create_x, {200, ""})->dump(), "{}");
  EXPECT_EQ(parse_answer(get_x, {204, ""})->dump(), "{}");
}

TEST(ParseAnswer, AnEmptyAnswerIsNoEmptyList) {
  EXPECT_EQ(parse_answer(get_x, {200, " \n"}).error().fault, Fault::bad_answer);
}

TEST(ParseAnswer, ANumberBeyondAllBoundsIsABrokenAnswerNotTheEnd) {
  const auto answer = parse_answer(Request::get("/list"), Response(200, R"({"size": 1e999})"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().fault, Fault::bad_answer);
}

TEST(ParseAnswer, BrokenJsonTellsThePlaceAndNotTheContent) {
  const auto result = parse_answer(get_x, {200, R"({"value":"sw0rdfish",})"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::bad_answer);
  EXPECT_NE(result.error().message.find("byte 22"), std::string::npos) << result.error().message;
  EXPECT_EQ(describe(result.error()).find("sw0rdfish"), std::string::npos);
}

TEST(ParseAnswer, ABrokenAnswerToACreateIsInDoubt) {
  EXPECT_EQ(parse_answer(create_x, {200, R"({"job_id":)"}).error().fault, Fault::in_doubt);
  EXPECT_EQ(parse_answer(create_x, {200, "<html>", "text/html"}).error().fault, Fault::bad_answer)
      << "a login page is no answer of the service";
}

TEST(ParseAnswer, LoginPages) {
  const auto page = parse_answer(get_x, {200, "<!doctype html><title>Login</title>", "text/html"});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().fault, Fault::bad_answer);
  EXPECT_NE(page.error().message.find("Login"), std::string::npos);

  Response away(303, "");
  away.headers.emplace_back("Location",
                            "https://x/login.html?error=private-link-validation-error:12");
  const auto link = parse_answer(get_x, away);
  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().fault, Fault::forbidden);
  EXPECT_EQ(link.error().service_code, "PRIVATE_LINK_VALIDATION_ERROR");
  EXPECT_NE(link.error().hint.find("Private Link"), std::string::npos);

  Response login(302, "");
  login.headers.emplace_back("Location", "https://login.x/oauth2?code=abc");
  EXPECT_EQ(parse_answer(get_x, login).error().fault, Fault::bad_answer);
  EXPECT_EQ(describe(parse_answer(get_x, login).error()).find("abc"), std::string::npos);
}

TEST(TidyMessage, FitForPeople) {
  EXPECT_EQ(tidy_message(" a\n\tb\x01 c "), "a b c");
  EXPECT_EQ(tidy_message(std::string(1000, 'x')).size(), 403U);
  EXPECT_EQ(tidy_message("token dapi0123456789abcdef0123 refused"), "token dapi*** refused");
  EXPECT_EQ(tidy_message("Authorization: Bearer abcdefghijk.x"), "Authorization: Bearer ***");
  EXPECT_EQ(tidy_message("eyJ0eXAiOiJKV1QiLCJhbGciOiJ.eyJhdWQ"), "eyJ***");
  EXPECT_EQ(tidy_message("a\xC3\xA4", 2), "a...") << "not in the middle of a character";
}

}  // namespace
}  // namespace twinlake::http

#include "simulator/server/multipart.h"

#include <gtest/gtest.h>

namespace twinlake::simulator {
namespace {

http::Request form(std::string body, std::string type = "multipart/form-data; boundary=b1") {
  http::Request request(http::Method::post, "/api/2.0/workspace/import");
  request.body = std::move(body);
  request.content_type = std::move(type);
  return request;
}

TEST(Multipart, FieldsAndTheFileWhateverItIsCalled) {
  const auto parts = parse_multipart(
      form("--b1\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/Shared/a b\r\n"
           "--b1\r\nContent-Type: text/plain\r\n"
           "content-disposition: form-data; name=\"content\"; filename=\"x; "
           "y.py\"\r\n\r\nline\r\n--b\r\n\r\n"
           "--b1--\r\n"));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ(parts->at(0).name, "path");
  EXPECT_EQ(parts->at(0).filename, "");
  EXPECT_EQ(parts->at(0).content, "/Shared/a b");
  EXPECT_EQ(parts->at(1).name, "content");
  EXPECT_EQ(parts->at(1).filename, "x; y.py");
  EXPECT_EQ(parts->at(1).content, "line\r\n--b\r\n");
}

TEST(Multipart, BoundaryMayBeQuotedAndFilesMayBeEmpty) {
  const auto parts = parse_multipart(
      form("--b 1\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n\r\n--b 1--",
           "multipart/form-data; boundary=\"b 1\""));
  ASSERT_TRUE(parts);
  ASSERT_EQ(parts->size(), 1U);
  EXPECT_EQ(parts->front().filename, "a");
  EXPECT_EQ(parts->front().content, "");
}

TEST(Multipart, BrokenBodiesAreRefused) {
  EXPECT_FALSE(
      parse_multipart(form("--b1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx")));
  EXPECT_FALSE(parse_multipart(form("--other--")));
  EXPECT_FALSE(parse_multipart(form("--b1--", "multipart/form-data")));
  EXPECT_FALSE(parse_multipart(form("--b1--", "application/json")));
  EXPECT_FALSE(parse_multipart(form("--b1\r\nno head here\r\n--b1--")));
}

}  // namespace
}  // namespace twinlake::simulator

#include "http/curl_transport.h"

#include <gtest/gtest.h>

#include <future>

#include "http/loopback_server.h"
#include "http/retry.h"

namespace twinlake::http {
namespace {

using namespace std::chrono_literals;

TEST(CheckHost, OnlyHttpsLeavesThisMachine) {
  for (const char* good :
       {"https://adb-1.2.azuredatabricks.net", "https://x:8443", "http://127.0.0.1:80",
        "http://127.8.9.1", "http://localhost:1", "http://[::1]:5"})
    EXPECT_TRUE(check_host(good)) << good;
  for (const char* bad : {"http://adb-1.2.azuredatabricks.net", "http://127.0.0.1.evil.example",
                          "http://localhost.evil", "ftp://x", "x", "", "https://", "https://:80",
                          "https://user:pw@host", "https://x/path", "https://x?o=1",
                          "http://169.254.169.254", "http://127.evil.0.1", "https://a b"})
    EXPECT_FALSE(check_host(bad)) << bad;
  EXPECT_TRUE(check_metadata_host("http://169.254.169.254"));
  EXPECT_FALSE(check_metadata_host("http://10.0.0.1"));
  EXPECT_EQ(check_host("http://far.example").error().fault, Fault::config);
}

class CurlTest : public ::testing::Test {
 protected:
  std::unique_ptr<Transport> open(const std::string& url) {
    CurlOptions options(url);
    options.inactivity_timeout = 1s;
    return *make_curl_transport(engine, std::move(options));
  }
  Result<Response> send(Request request) {
    const auto transport = open(server->url());
    return loop.run(transport->send(std::move(request)));
  }
  void serve(LoopbackServer::Serve how) {
    server = std::make_unique<LoopbackServer>(std::move(how));
  }
  /// Answers everything with 200 and keeps the requests.
  void serve_well() {
    serve([this](Peer& peer) {
      while (auto request = peer.read_request()) {
        log.add(*request);
        peer.answer(200, "ok", "X-One: 1\r\n");
      }
    });
  }

  Log log;
  std::unique_ptr<LoopbackServer> server;
  Loop loop;
  CurlEngine engine{loop};
};

TEST_F(CurlTest, SendsWhatItIsTold) {
  serve_well();
  Request request = Request::post("/a%20b", "{\"x\":1}").with_query("q", "a b&c");
  request.headers.emplace_back("Authorization", "Bearer t");
  const auto result = send(std::move(request));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->body, "ok");
  EXPECT_EQ(*find_header(result->headers, "x-one"), "1");
  const std::string seen = log.lines().at(0);
  EXPECT_TRUE(seen.starts_with("POST /a%20b?q=a%20b%26c HTTP/1.1\r\n")) << seen;
  for (const char* part :
       {"Authorization: Bearer t\r\n", "Content-Type: application/json\r\n",
        "Content-Length: 7\r\n", "User-Agent: twinlake\r\n", "\r\n\r\n{\"x\":1}"})
    EXPECT_NE(seen.find(part), std::string::npos) << part;
  EXPECT_EQ(seen.find("Expect"), std::string::npos);
}

TEST_F(CurlTest, TheQueryOfALinkGoesOutAsItCame) {
  serve_well();
  Request request = Request::get("/list");
  request.raw_query = "$filter=location%20eq%20'x'&t=a+b%2fc";
  request.query = decode_query(request.raw_query);
  ASSERT_TRUE(send(std::move(request)));
  EXPECT_TRUE(log.lines().at(0).starts_with("GET /list?$filter=location%20eq%20'x'&t=a+b%2fc HTTP"))
      << log.lines().at(0);
  Request split = Request::get("/list");
  split.raw_query = "a=b HTTP/1.1";
  EXPECT_FALSE(send(std::move(split)));
}

TEST_F(CurlTest, AllMethods) {
  serve_well();
  for (const Method method : {Method::get, Method::post, Method::put, Method::patch, Method::del}) {
    ASSERT_TRUE(send(Request(method, "/m")));
    ASSERT_TRUE(send(Request::send_json(method, "/b", "[]", Effect::writes, Repeat::safe)));
  }
  for (const char* name : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    EXPECT_EQ(log.starting_with(std::string(name) + " /m "), 1) << name;
    EXPECT_EQ(log.starting_with(std::string(name) + " /b "), 1) << name;
  }
  for (const std::string& seen : log.lines())
    EXPECT_EQ(seen.find("x-www-form-urlencoded"), std::string::npos) << "libcurl's default type";
}

TEST_F(CurlTest, ErrorStatusesAndRedirectsAreAnswers) {
  serve([](Peer& peer) {
    while (auto request = peer.read_request())
      peer.answer(request->starts_with("GET /r") ? 302 : 404, "no", "Location: /elsewhere\r\n");
  });
  EXPECT_EQ(send(Request::get("/x"))->status, 404);
  EXPECT_EQ(send(Request::get("/r"))->status, 302);
}

TEST_F(CurlTest, KeepsConnections) {
  serve_well();
  const auto transport = open(server->url());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(loop.run(transport->send(Request::get("/x"))));
  EXPECT_EQ(server->connections(), 1);
}

Task<void> send_into(Transport& transport, Request request, int* good) {
  const auto result = co_await transport.send(std::move(request));
  if (result && result->ok()) ++*good;
}

Task<int> send_many(Loop& loop, Transport& transport, int count) {
  int good = 0;
  TaskGroup group(loop);
  for (int i = 0; i < count; ++i) group.start(send_into(transport, Request::get("/x"), &good));
  co_await group.join();
  co_return good;
}

TEST_F(CurlTest, ManyAtOnceOverABoundedPool) {
  serve_well();
  const auto transport = open(server->url());
  EXPECT_EQ(loop.run(send_many(loop, *transport, 300)), 300);
  EXPECT_LE(server->connections(), 64);
}

// The heart of rule 3: a kept connection that dies after the server has read the request.
class DyingConnectionTest : public CurlTest {
 protected:
  void SetUp() override {
    serve([this](Peer& peer) {
      // The first request of the first connection is answered; the next one is read and dropped.
      for (int turn = 1; auto request = peer.read_request(); ++turn) {
        log.add(*request);
        if (peer.number() == 1 && turn == 2) return;
        peer.answer(200, "ok");
      }
    });
    transport = open(server->url());
    ASSERT_TRUE(loop.run(transport->send(Request::get("/first"))));
  }
  std::unique_ptr<Transport> transport;
};

TEST_F(DyingConnectionTest, ACreateIsNotSentAgain) {
  const auto result = loop.run(transport->send(Request::post("/create", "{}")));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::in_doubt) << describe(result.error());
  EXPECT_EQ(log.starting_with("POST"), 1);
}

TEST_F(DyingConnectionTest, NorByTheRetries) {
  RetryingTransport retrying(loop, *transport);
  const auto result = loop.run(retrying.send(Request::post("/create", "{}")));
  EXPECT_EQ(result.error().fault, Fault::in_doubt);
  EXPECT_EQ(log.starting_with("POST"), 1);
}

TEST_F(DyingConnectionTest, AReadIsSentAgain) {
  const auto result = loop.run(transport->send(Request::get("/read")));
  ASSERT_TRUE(result) << describe(result.error());
  EXPECT_EQ(log.starting_with("GET /read"), 2);
}

TEST_F(DyingConnectionTest, ASafeWriteIsSentAgainWithItsWholeBody) {
  Request request =
      Request::send_json(Method::put, "/w", "{\"a\":1}", Effect::writes, Repeat::safe);
  ASSERT_TRUE(loop.run(transport->send(std::move(request))));
  EXPECT_EQ(log.starting_with("PUT"), 2);
  EXPECT_TRUE(log.lines().back().ends_with("\r\n\r\n{\"a\":1}"));
}

TEST_F(DyingConnectionTest, ACreateWithoutABodyUsesAFreshConnection) {
  Request request(Method::post, "/create");
  request.repeat = Repeat::unsafe;
  ASSERT_TRUE(loop.run(transport->send(std::move(request))));
  EXPECT_EQ(log.starting_with("POST"), 1);
  EXPECT_EQ(server->connections(), 2);
}

TEST_F(CurlTest, ACreateWithoutABodyThatGetsNoAnswerIsInDoubt) {
  serve([this](Peer& peer) {
    if (auto request = peer.read_request()) log.add(*request);
  });
  Request request(Method::post, "/create");
  request.repeat = Repeat::unsafe;
  EXPECT_EQ(send(std::move(request)).error().fault, Fault::in_doubt);
  EXPECT_EQ(log.starting_with("POST"), 1);
}

TEST_F(CurlTest, ACutAnswerToACreateIsInDoubt) {
  serve([](Peer& peer) {
    if (peer.read_request()) peer.write("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"id\":");
  });
  EXPECT_EQ(send(Request::post("/create", "{}")).error().fault, Fault::in_doubt);
}

TEST_F(CurlTest, ACutAnswerToAReadIsNetwork) {
  serve([](Peer& peer) {
    if (peer.read_request()) peer.write("HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"id\":");
  });
  EXPECT_EQ(send(Request::get("/x")).error().fault, Fault::network);
}

TEST_F(CurlTest, WhatDidNotArriveIsNetworkEvenForACreate) {
  std::string closed_port;
  {
    closed_port = LoopbackServer([](Peer&) {}).url();
  }
  const auto transport = open(closed_port);
  const auto result = loop.run(transport->send(Request::post("/create", "{}")));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::network);
  EXPECT_EQ(result.error().method, "POST");
  EXPECT_EQ(result.error().path, "/create");
  Request empty(Method::post, "/create");
  empty.repeat = Repeat::unsafe;
  EXPECT_EQ(loop.run(transport->send(std::move(empty))).error().fault, Fault::network);
}

TEST_F(CurlTest, NoTlsIsNetworkEvenForACreate) {
  serve([](Peer& peer) { peer.write("this is no TLS\r\n\r\n"); });
  const auto transport = open("https" + server->url().substr(4));
  EXPECT_EQ(loop.run(transport->send(Request::post("/create", "{}"))).error().fault,
            Fault::network);
}

TEST_F(CurlTest, SilenceEndsARequest) {
  serve([](Peer& peer) { peer.hang(); });
  EXPECT_EQ(send(Request::post("/x", "{}")).error().fault, Fault::in_doubt);
}

TEST_F(CurlTest, FilesGoBothWays) {
  serve([](Peer& peer) {
    while (auto request = peer.read_request()) {
      const std::string body = request->substr(request->find("\r\n\r\n") + 4);
      if (request->starts_with("GET /missing"))
        peer.answer(404, "gone");
      else
        peer.answer(200, body);
    }
  });
  const std::string content(3'000'000, 'z');
  Request request(Method::post, "/echo");
  request.upload = SpoolFile::create(::testing::TempDir());
  request.upload->append(content);
  request.spool_answer_in = ::testing::TempDir();
  for (const Repeat repeat : {Repeat::safe, Repeat::unsafe}) {
    request.repeat = repeat;
    const auto result = send(request);
    ASSERT_TRUE(result);
    ASSERT_TRUE(result->file);
    EXPECT_TRUE(result->body.empty());
    std::string back(content.size() + 1, '\0');
    EXPECT_EQ(result->file->read(0, back.data(), back.size()), content.size());
  }
  Request missing = Request::get("/missing");
  missing.spool_answer_in = ::testing::TempDir();
  const auto result = send(std::move(missing));
  EXPECT_FALSE(result->file) << "only a success becomes a file";
  EXPECT_EQ(result->body, "gone");
  Request empty = Request::get("/empty");
  empty.spool_answer_in = ::testing::TempDir();
  EXPECT_EQ(send(std::move(empty))->file->size(), 0U);
}

TEST_F(CurlTest, AFolderThatCannotBeWrittenIsIo) {
  serve_well();
  Request request = Request::get("/x");
  request.spool_answer_in = "/nonexistent/folder";
  EXPECT_EQ(send(std::move(request)).error().fault, Fault::io);
}

TEST_F(CurlTest, AnAnswerTooLargeForMemoryIsRefused) {
  serve([](Peer& peer) {
    if (peer.read_request()) peer.answer(200, std::string(100'000, 'x'));
  });
  CurlOptions options(server->url());
  options.max_answer_in_memory = 10'000;
  const auto transport = *make_curl_transport(engine, std::move(options));
  EXPECT_EQ(loop.run(transport->send(Request::get("/x"))).error().fault, Fault::bad_answer);
}

TEST_F(CurlTest, WhatWouldMakeTwoRequestsIsNotSent) {
  serve_well();
  Request request = Request::get("/x");
  request.headers.emplace_back("A", "b\r\nC: d");
  EXPECT_FALSE(send(std::move(request)));
  EXPECT_FALSE(send(Request::get("/x y")));
  EXPECT_FALSE(send(Request::get("/x?y=1")));
  EXPECT_FALSE(send(Request::get("x")));
  EXPECT_TRUE(log.lines().empty());
}

TEST_F(CurlTest, ADestroyedRequestIsAbandoned) {
  std::promise<void> arrived;
  std::promise<void> closed;
  serve([&](Peer& peer) {
    peer.read_request();
    arrived.set_value();
    peer.hang();
    closed.set_value();
  });
  const auto transport = open(server->url());
  {
    Task<Result<Response>> task = transport->send(Request::get("/x"));
    task.resume();
    arrived.get_future().wait();
  }
  closed.get_future().wait();
}

TEST(CurlEngine, EndsWithRequestsInFlight) {
  std::promise<void> arrived;
  LoopbackServer server([&](Peer& peer) {
    if (peer.read_request()) arrived.set_value();
    peer.hang();
  });
  Loop loop;
  auto engine = std::make_unique<CurlEngine>(loop);
  const auto transport = *make_curl_transport(*engine, CurlOptions(server.url()));
  Task<Result<Response>> task = transport->send(Request::post("/x", "{}"));
  task.resume();
  arrived.get_future().wait();
  engine.reset();
  EXPECT_EQ(loop.run(std::move(task)).error().fault, Fault::in_doubt);
}

}  // namespace
}  // namespace twinlake::http

#include "simulator/server/server.h"
#include "simulator/probe.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>
#include <thread>

#include "simulator/faults.h"
#include "simulator/files/unity_catalog.h"
#include "simulator/files/volume_files.h"

namespace twinlake::simulator {
namespace {

struct Answer {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body;
  long connections = 0;  ///< how many new ones were opened
};

/// A client that is not ours, one connection kept alive.
class Client {
 public:
  explicit Client(std::uint16_t port, const std::string& scheme = "http")
      : base_(scheme + "://127.0.0.1:" + std::to_string(port)) {}
  ~Client() { curl_easy_cleanup(curl_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  Answer send(const std::string& method, const std::string& path, const std::string& body = "") {
    Answer answer;
    curl_easy_reset(curl_);
    const std::string url = base_ + path;
    curl_slist* headers = curl_slist_append(nullptr, "Authorization: Bearer dapi-simulated");
    curl_easy_setopt(curl_, CURLOPT_EXPECT_100_TIMEOUT_MS,
                     60'000L);  // a server that says nothing fails
    curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl_, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl_, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Client::keep);
    curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer.body);
    if (method == "HEAD") curl_easy_setopt(curl_, CURLOPT_NOBODY, 1L);
    if (!body.empty()) {
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
      curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    }
    curl_easy_setopt(curl_, CURLOPT_CUSTOMREQUEST, method.c_str());
    answer.code = curl_easy_perform(curl_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_easy_getinfo(curl_, CURLINFO_NUM_CONNECTS, &answer.connections);
    curl_slist_free_all(headers);
    return answer;
  }

 private:
  static std::size_t keep(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
  }
  CURL* curl_ = curl_easy_init();
  std::string base_;
};

using routes::me;
const std::string users = routes::scim + "Users";

class ServerTest : public testing::Test {
 protected:
  void add_endpoint(http::Method method, const std::string& path, Handler handler) {
    server.run([&] { region.router().add(method, path, std::move(handler)); });
  }
  Region region{RegionOptions{}};
  Server server;  // after the region, which must outlive it
  std::uint16_t port = server.listen(region);
  Client client{port};
};

TEST_F(ServerTest, KeepsTheConnectionAlive) {
  EXPECT_EQ(client.send("GET", me).connections, 1);
  const Answer second =
      client.send("GET", users + "?filter=userName%20eq%20%22replicator%40twinlake.example%22");
  EXPECT_EQ(second.connections, 0);
  EXPECT_EQ(json::parse(second.body)["totalResults"], 1);
}

TEST_F(ServerTest, AnswersWithoutABody) {
  const Answer made = client.send("POST", users, R"({"userName":"ana@contoso.example"})");
  EXPECT_EQ(made.status, 201);
  const std::string id = json::parse(made.body)["id"];
  EXPECT_EQ(client.send("DELETE", users + "/" + id).status, 204);
  add_endpoint(http::Method::head, "/api/file", [](Call&) {
    http::Response response(200, "", "text/plain");
    response.headers.emplace_back("Content-Length", "12345");
    return response;
  });
  const Answer head = client.send("HEAD", "/api/file");
  EXPECT_EQ(head.code, CURLE_OK);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(client.send("GET", me).connections, 0) << "still the same connection";
}

TEST_F(ServerTest, ClosesTheSocketWhenAnAnswerIsLost) {
  client.send("POST", "/sim/faults", R"({"method":"POST","action":"drop","when":"after"})");
  // On a connection that was used before, curl would send the POST a second time by itself.
  Client fresh(port);
  EXPECT_EQ(fresh.send("POST", users, R"({"userName":"ana@contoso.example"})").status, 0);
  EXPECT_EQ(client.send("POST", users, R"({"userName":"ana@contoso.example"})").status, 409);
}

TEST_F(ServerTest, BreaksOffInTheMiddleOfAnAnswer) {
  client.send("POST", "/sim/faults", R"({"action":"truncate"})");
  const Answer half = client.send("GET", me);
  EXPECT_EQ(half.code, CURLE_PARTIAL_FILE);
  EXPECT_EQ(half.status, 200);
  EXPECT_EQ(client.send("GET", me).code, CURLE_OK);
}

TEST_F(ServerTest, ALostRegionComesBack) {
  client.send("POST", "/sim/outage", "{}");
  EXPECT_NE(client.send("GET", me).code, CURLE_OK);
  EXPECT_EQ(client.send("POST", "/sim/restore", "{}").status, 200);
  EXPECT_EQ(client.send("GET", me).status, 200);
}

TEST_F(ServerTest, TakesLargeBodiesUpToItsLimit) {
  add_endpoint(http::Method::put, "/api/2.0/fs/echo/{path...}",
               [](Call& call) { return answer(json(call.request.body.size())); });
  const std::string large(20U * 1024 * 1024, 'x');
  EXPECT_EQ(client.send("PUT", "/api/2.0/fs/echo/a", large).body, "20971520");
  ListenOptions small;
  small.body_limit = 1000;
  Client limited(server.listen(region, small));
  EXPECT_EQ(limited.send("PUT", "/api/2.0/fs/echo/a", std::string(2000, 'x')).status, 413);
}

/// Sends bytes in pieces of `step` and gives what comes back until the server closes.
std::string talk(std::uint16_t port, const std::string& bytes, std::size_t step) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    EXPECT_GT(::send(socket, bytes.data() + at, std::min(step, bytes.size() - at), MSG_NOSIGNAL),
              0);
  std::string answers;
  char buffer[4096];
  for (ssize_t size = 0; (size = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
    answers.append(buffer, static_cast<std::size_t>(size));
  ::close(socket);
  return answers;
}

TEST_F(ServerTest, SignedLinksLeadBackToTheServer) {
  server.run([&] {
    EXPECT_FALSE(region.get<UnityCatalog>().plant_volume("main.raw.files"));
    EXPECT_FALSE(region.get<VolumeFiles>().plant("/Volumes/main/raw/files/a b", "content"));
  });
  const Answer made = client.send("POST", "/api/2.0/fs/create-download-url",
                                  R"({"path":"/Volumes/main/raw/files/a b"})");
  const std::string url = json::parse(made.body).at("url");
  const std::string host = "http://127.0.0.1:" + std::to_string(port);
  ASSERT_TRUE(url.starts_with(host + "/presigned/")) << url;
  const std::string end = " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
  EXPECT_TRUE(
      talk(port, "GET " + url.substr(host.size()) + end + "\r\n", 4096).ends_with("content"));
  const std::string head = talk(port,
                                "HEAD /api/2.0/fs/files/Volumes/main/raw/files/a%20b" + end +
                                    "Authorization: Bearer dapi-simulated\r\n\r\n",
                                4096);
  EXPECT_NE(head.find("Content-Length: 7\r\n"), std::string::npos) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << "no body";
}

TEST_F(ServerTest, TakesRequestsInWhateverPiecesTheyArrive) {
  add_endpoint(http::Method::put, "/api/2.0/fs/echo/{path...}",
               [](Call& call) { return answer(json(call.request.body)); });
  const std::string head =
      " /api/2.0/fs/echo/a HTTP/1.1\r\nHost: a\r\nAuthorization: "
      "Bearer dapi-simulated\r\n";
  const std::string counted = "PUT" + head + "Content-Length: 3\r\n\r\none";
  const std::string chunked = "PUT" + head +
                              "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" +
                              "2\r\ntw\r\n1\r\no\r\n0\r\n\r\n";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    const std::string answers = talk(port, counted + chunked, step);
    const std::size_t first = answers.find("\"one\"");
    ASSERT_NE(first, std::string::npos) << answers;
    EXPECT_NE(answers.find("\"two\"", first), std::string::npos) << answers;
  }
}

TEST_F(ServerTest, ClosesWhatIsNoHttp) {
  EXPECT_EQ(talk(port, "\x16\x03\x01 not for us\r\n\r\n", 100), "");
}

TEST_F(ServerTest, LatencyHoldsNobodyElseUpAndStoppingEndsIt) {
  auto stopping = std::make_unique<Server>();
  ListenOptions slow;
  slow.latency = std::chrono::hours(1);
  const std::uint16_t slow_port = stopping->listen(region, slow);
  Client quick(stopping->listen(region));
  Answer hanging;
  std::thread waiting([&] { hanging = Client(slow_port).send("GET", me); });
  // Once its request is in flight, the other address must still answer.
  for (int in_flight = 0; in_flight == 0;)
    stopping->run([&] { in_flight = region.traffic().in_flight; });
  EXPECT_EQ(quick.send("GET", me).status, 200);
  stopping.reset();
  waiting.join();
  EXPECT_NE(hanging.code, CURLE_OK);
  EXPECT_EQ(region.traffic().in_flight, 0);
}

TEST_F(ServerTest, RefusesAnAddressThatIsTaken) {
  ListenOptions same;
  same.port = port;
  EXPECT_THROW(server.listen(region, same), std::system_error);
}

TEST_F(ServerTest, OneServerServesTwoRegions) {
  RegionOptions options;
  options.seed = 2;
  options.workspace_id = 22;
  Region other(options);
  Server both;
  Client first(both.listen(region));
  Client second(both.listen(other));
  EXPECT_EQ(first.send("GET", me).status, 200);
  EXPECT_NE(json::parse(second.send("GET", me).body)["id"],
            json::parse(first.send("GET", me).body)["id"]);
}

/// A certificate for this test only, so that no key lies in the repository.
void write_certificate(const std::string& certificate_file, const std::string& key_file) {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(certificate_file.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(key_file.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

TEST_F(ServerTest, SpeaksTlsWhenItHasACertificate) {
  ListenOptions options;
  options.certificate_file = testing::TempDir() + "twinlake_server_test_certificate.pem";
  options.key_file = testing::TempDir() + "twinlake_server_test_key.pem";
  write_certificate(options.certificate_file, options.key_file);
  Client secure(server.listen(region, options), "https");
  std::filesystem::remove(options.certificate_file);
  std::filesystem::remove(options.key_file);
  EXPECT_EQ(secure.send("GET", me).status, 200);
  const Answer described = secure.send("GET", "/oidc/.well-known/oauth-authorization-server");
  EXPECT_EQ(json::parse(described.body).value("token_endpoint", "").substr(0, 8), "https://");
  EXPECT_EQ(described.connections, 0);
  EXPECT_THROW(server.listen(region, options), std::system_error) << "the files are gone";
}

}  // namespace
}  // namespace twinlake::simulator

#include <utility>

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "simulator/server/wire.h"

namespace twinlake::simulator {

namespace {
namespace ssl = boost::asio::ssl;

class Tls final : public Wire {
 public:
  Tls(Socket socket, ssl::context& context) : stream_(std::move(socket), context) {}

  void begin(Begun begun) override {
    stream_.async_handshake(ssl::stream_base::server, std::move(begun));
  }
  void read_some(boost::asio::mutable_buffer into, Moved done) override {
    stream_.async_read_some(into, std::move(done));
  }
  void write(const Pieces& pieces, Moved done) override {
    boost::asio::async_write(stream_, pieces, std::move(done));
  }
  Socket& socket() override { return stream_.next_layer(); }
  bool secure() const override { return true; }

 private:
  ssl::stream<Socket> stream_;
};
}  // namespace

std::unique_ptr<Wire> tls_wire(Wire::Socket socket, ssl::context& context) {
  return std::make_unique<Tls>(std::move(socket), context);
}

}  // namespace twinlake::simulator

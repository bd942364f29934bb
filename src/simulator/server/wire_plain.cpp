#include <utility>

#include <boost/asio/write.hpp>

#include "simulator/server/wire.h"

namespace twinlake::simulator {

namespace {
class Plain final : public Wire {
 public:
  explicit Plain(Socket socket) : socket_(std::move(socket)) {}

  void begin(Begun begun) override { begun({}); }
  void read_some(boost::asio::mutable_buffer into, Moved done) override {
    socket_.async_read_some(into, std::move(done));
  }
  void write(const Pieces& pieces, Moved done) override {
    boost::asio::async_write(socket_, pieces, std::move(done));
  }
  Socket& socket() override { return socket_; }
  bool secure() const override { return false; }

 private:
  Socket socket_;
};
}  // namespace

std::unique_ptr<Wire> plain_wire(Wire::Socket socket) {
  return std::make_unique<Plain>(std::move(socket));
}

}  // namespace twinlake::simulator

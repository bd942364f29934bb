#pragma once
// The bytes of one connection, plain or by TLS. Behind an interface because Boost's HTTP over a TLS
// stream, as templates, took more time to compile than any ten other files.
#include <array>
#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace twinlake::simulator {

class Wire {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Problem = boost::system::error_code;
  using Begun = std::function<void(Problem)>;
  using Moved = std::function<void(Problem, std::size_t)>;
  /// Two pieces, so that a large body is not copied behind its head.
  using Pieces = std::array<boost::asio::const_buffer, 2>;

  Wire() = default;
  virtual ~Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// What comes before the first request. The callback may run before this returns.
  virtual void begin(Begun begun) = 0;
  virtual void read_some(boost::asio::mutable_buffer into, Moved done) = 0;
  /// Writes all of it; the bytes must stay where they are until then.
  virtual void write(const Pieces& pieces, Moved done) = 0;
  virtual Socket& socket() = 0;
  virtual bool secure() const = 0;
};

std::unique_ptr<Wire> plain_wire(Wire::Socket socket);
/// The context must live longer than the wire.
std::unique_ptr<Wire> tls_wire(Wire::Socket socket, boost::asio::ssl::context& context);

}  // namespace twinlake::simulator

// The functions of Asio that are no templates, compiled here once instead of in each file that
// includes its headers (BOOST_ASIO_SEPARATE_COMPILATION, set for this room in src/CMakeLists.txt).
// Beast has the same switch, but only one file includes it, and its sources bring WebSocket and
// zlib with them.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>

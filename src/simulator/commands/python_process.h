#pragma once
// The real python3 behind an execution context, so that commands are run and not guessed. It speaks
// JSON, one value a line, with a small program of ours inside that interpreter (python_shim.cpp).
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace twinlake::simulator {

using nlohmann::json;

class PythonProcess {
 public:
  struct Options {
    std::string program = "python3";  ///< looked up in PATH
    std::uint64_t cpu_seconds = 60;   ///< of the whole context
    std::uint64_t memory_bytes = 2ULL << 30U;
  };
  /// Nothing when it cannot be started; `problem` says why.
  static std::unique_ptr<PythonProcess> start(const Options& options, const std::string& script,
                                              std::string& problem);
  /// Ends it at once, whatever it does.
  ~PythonProcess();
  PythonProcess(const PythonProcess&) = delete;
  PythonProcess& operator=(const PythonProcess&) = delete;

  enum class Waited { line, timeout, ended };
  /// False when it has ended.
  bool send(const json& value);
  /// The next value it sends. The limit is of real time: it only guards against endless code.
  Waited receive(json& value, std::chrono::milliseconds limit);

 private:
  PythonProcess(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  [[nodiscard]] std::optional<json> take_line();

  pid_t pid_;
  int socket_;
  std::string received_;
  std::size_t searched_ = 0;  ///< how much of it is known to hold no end of line
};

/// What runs inside the interpreter.
[[nodiscard]] const std::string& python_shim();

}  // namespace twinlake::simulator

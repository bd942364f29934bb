#include "simulator/commands/python_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace twinlake::simulator {

namespace {
using Clock = std::chrono::steady_clock;

/// A child that reads nothing for so long will not read any more.
constexpr std::chrono::seconds write_limit{10};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return std::string(name) + "=" + (value == nullptr ? "" : value);
}

/// Of our environment it gets what an interpreter needs to be found, and no credentials.
struct Words {
  explicit Words(std::vector<std::string> given) : texts(std::move(given)) {
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
  }
  std::vector<std::string> texts;
  std::vector<char*> pointers;
};

int spawn(const std::string& program, const std::string& script, int socket, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  Words arguments({program, "-I", "-S", "-u", "-c", script});
  Words environment({variable("PATH"), variable("HOME"), "LANG=C.UTF-8"});
  const int problem = posix_spawnp(&pid, program.c_str(), &actions, nullptr,
                                   arguments.pointers.data(), environment.pointers.data());
  posix_spawn_file_actions_destroy(&actions);
  return problem;
}

void limit(pid_t pid, __rlimit_resource resource, std::uint64_t most) {
  const rlimit bound{most, most};
  prlimit(pid, resource, &bound, nullptr);
}

/// False when the time is over.
bool wait_for(int socket, short what, Clock::time_point deadline) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched{socket, what, 0};
    const int ready = poll(&watched, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}
}  // namespace

std::unique_ptr<PythonProcess> PythonProcess::start(const Options& options,
                                                    const std::string& script,
                                                    std::string& problem) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    problem = std::string("no pair of sockets: ") + std::strerror(errno);
    return nullptr;
  }
  pid_t pid = 0;
  const int failure = spawn(options.program, script, ends[1], pid);
  close(ends[1]);
  if (failure != 0) {
    close(ends[0]);
    problem = options.program + " cannot be started: " + std::strerror(failure);
    return nullptr;
  }
  limit(pid, RLIMIT_CPU, options.cpu_seconds);
  limit(pid, RLIMIT_AS, options.memory_bytes);
  limit(pid, RLIMIT_CORE, 0);
  return std::unique_ptr<PythonProcess>(new PythonProcess(pid, ends[0]));
}

PythonProcess::~PythonProcess() {
  close(socket_);
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool PythonProcess::send(const json& value) {
  // `replace`: commands may hold bytes that are no UTF-8.
  const std::string line = value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  const auto deadline = Clock::now() + write_limit;
  std::size_t sent = 0;
  while (sent < line.size()) {
    const ssize_t count =
        ::send(socket_, line.data() + sent, line.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0)
      sent += static_cast<std::size_t>(count);
    else if (errno != EINTR && errno != EAGAIN)
      return false;
    else if (errno == EAGAIN && !wait_for(socket_, POLLOUT, deadline))
      return false;
  }
  return true;
}

std::optional<json> PythonProcess::take_line() {
  const std::size_t end = received_.find('\n', searched_);
  searched_ = received_.size();
  if (end == std::string::npos) return std::nullopt;
  json value = json::parse(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(end),
                           nullptr, false);
  received_.erase(0, end + 1);
  searched_ = 0;
  return value;
}

PythonProcess::Waited PythonProcess::receive(json& value, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::vector<char> buffer(std::size_t{256} * 1024);
  for (;;) {
    if (auto line = take_line()) {
      value = std::move(*line);
      return Waited::line;
    }
    if (!wait_for(socket_, POLLIN, deadline)) return Waited::timeout;
    const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Waited::ended;
    received_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace twinlake::simulator

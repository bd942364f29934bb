#include "workspace/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

extern char** environ;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables): POSIX names it so

namespace twinlake::workspace {

namespace {

constexpr std::size_t most_output = 1U << 20U;

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close_now(); }
  void close_now() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(Fault::io, std::string("no pipe: ") + std::strerror(errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

/// In memory, so that writing it cannot wait for a program that does not read.
Result<Descriptor> input_of(const std::string& text) {
  Descriptor input(memfd_create("input", MFD_CLOEXEC));
  std::size_t done = 0;
  while (input.number() >= 0 && done < text.size()) {
    const ssize_t wrote = write(input.number(), text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) break;
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  if (input.number() < 0 || done < text.size() || lseek(input.number(), 0, SEEK_SET) != 0)
    return fail(Fault::io, std::string("no input for a program: ") + std::strerror(errno));
  return input;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view variable(*entry);
    const std::string_view name = variable.substr(0, variable.find('='));
    const auto replaced = [&](const auto& one) { return one.first == name; };
    if (std::none_of(added.begin(), added.end(), replaced)) all.emplace_back(variable);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

/// Ends with a null pointer. posix_spawnp promises not to write to the texts.
std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts)
    pointers.push_back(
        const_cast<char*>(text.c_str()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  pointers.push_back(nullptr);
  return pointers;
}

struct Streams {
  int in = -1;  ///< -1: nothing
  int out = -1;
  int err = -1;
};

Result<pid_t> spawn(const std::vector<std::string>& arguments, const Streams& streams,
                    const ProcessInput& input) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (streams.in >= 0) posix_spawn_file_actions_adddup2(&actions, streams.in, STDIN_FILENO);
  if (streams.in < 0)
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, streams.out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, streams.err, STDERR_FILENO);
  // Sockets and the state's files are none of its business.
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  if (input.own_group) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  const std::vector<std::string> variables = environment_with(input.environment);
  pid_t pid = 0;
  const int error = posix_spawnp(&pid, arguments[0].c_str(), &actions, &attributes,
                                 pointers_to(arguments).data(), pointers_to(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT)
    return fail(Fault::config, arguments[0] + " is not installed or not in PATH");
  if (error != 0)
    return fail(Fault::io, "cannot run " + arguments[0] + ": " + std::strerror(error));
  return pid;
}

/// Reads what is there; false at the end of the stream.
bool read_some(int descriptor, std::string& into) {
  std::array<char, 16 * 1024> buffer{};
  const ssize_t got = read(descriptor, buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got > 0 && into.size() < most_output)
    into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0;
}

/// True when both streams ended; false when it took too long or was told to stop.
bool collect(Descriptor& out, Descriptor& err, int stop, Millis limit, ProcessOutput& output) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (out.number() >= 0 || err.number() >= 0) {
    std::array<pollfd, 3> watched{pollfd{out.number(), POLLIN, 0}, pollfd{err.number(), POLLIN, 0},
                                  pollfd{stop, POLLIN, 0}};
    const auto left =
        std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    if (left <= Millis(0)) return false;
    if (poll(watched.data(), watched.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
      return false;
    if (watched[2].revents != 0) return false;
    if (watched[0].revents != 0 && !read_some(out.number(), output.out)) out.close_now();
    if (watched[1].revents != 0 && !read_some(err.number(), output.err)) err.close_now();
  }
  return true;
}

Result<ProcessOutput> run_here(const std::vector<std::string>& arguments, Millis limit, int stop,
                               const ProcessInput& input) {
  TRY(Pipe out, make_pipe());
  TRY(Pipe err, make_pipe());
  Descriptor in;
  if (!input.text.empty()) {
    TRY(in, input_of(input.text));
  }
  const Streams streams{in.number(), out.write_end.number(), err.write_end.number()};
  TRY(const pid_t pid, spawn(arguments, streams, input));
  out.write_end.close_now();
  err.write_end.close_now();
  ProcessOutput output;
  const bool ended = collect(out.read_end, err.read_end, stop, limit, output);
  if (!ended) kill(input.own_group ? -pid : pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return fail(Fault::unavailable, arguments[0] + " did not end in time");
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

/// What the worker and the waiting coroutine share.
struct Run {
  Result<ProcessOutput> outcome;
  std::coroutine_handle<> waiter;
  Descriptor stop{eventfd(0, EFD_CLOEXEC)};
};

class Waiting {
 public:
  Waiting(Loop& loop, std::vector<std::string> arguments, Millis limit, ProcessInput input)
      : loop_(loop), arguments_(std::move(arguments)), limit_(limit), input_(std::move(input)) {}
  ~Waiting() {
    run_->waiter = {};
    if (!thread_.joinable()) return;
    eventfd_write(run_->stop.number(), 1);
    thread_.join();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) {
    run_->waiter = self;
    loop_.external_work_started();
    thread_ = std::thread([this, run = run_, loop = &loop_] {
      run->outcome = run_here(arguments_, limit_, run->stop.number(), input_);
      loop->post([run, loop] {
        loop->external_work_finished();
        if (run->waiter) std::exchange(run->waiter, {}).resume();
      });
    });
  }
  Result<ProcessOutput> await_resume() { return std::move(run_->outcome); }

 private:
  Loop& loop_;
  std::vector<std::string> arguments_;
  Millis limit_;
  ProcessInput input_;
  std::shared_ptr<Run> run_ = std::make_shared<Run>();
  std::thread thread_;
};

}  // namespace

Task<Result<ProcessOutput>> run_process(Loop& loop, std::vector<std::string> arguments,
                                        Millis limit, ProcessInput input) {
  Waiting waiting(loop, std::move(arguments), limit, std::move(input));
  co_return co_await waiting;
}

}  // namespace twinlake::workspace

#pragma once
// Task<T>: a lazily started coroutine, awaited exactly once, destroyed with its owner.
//
// Symmetric transfer is not a tail call below -O2 or in sanitizer builds, so a long chain of awaits
// that finish at once would overflow the stack. Therefore the child is started in await_ready():
// when it finishes at once the parent never suspends; when it does not, the child resumes the parent
// from its final_suspend, on a stack that the loop has just entered.
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace twinlake {

template <class T>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> waiter;
  std::exception_ptr thrown;

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      // The waiter may destroy this frame: nothing of it is touched after resume().
      if (const auto next = self.promise().waiter) next.resume();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { thrown = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value;
  Task<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const {
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, {});
    }
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { reset(); }

  /// Starts or continues the coroutine without awaiting it (for owners such as Loop and TaskGroup).
  void resume() { handle_.resume(); }
  [[nodiscard]] bool done() const { return !handle_ || handle_.done(); }
  /// Who is resumed when the coroutine ends.
  void set_waiter(std::coroutine_handle<> waiter) { handle_.promise().waiter = waiter; }
  /// The value, or the exception rethrown; only when done().
  T take() { return handle_.promise().take(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle child;
      bool await_ready() const {
        child.resume();
        return child.done();
      }
      void await_suspend(std::coroutine_handle<> waiter) const noexcept {
        child.promise().waiter = waiter;
      }
      T await_resume() const { return child.promise().take(); }
    };
    return Awaiter{handle_};
  }

 private:
  void reset() {
    if (handle_) std::exchange(handle_, {}).destroy();
  }
  Handle handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}
}  // namespace detail

}  // namespace twinlake

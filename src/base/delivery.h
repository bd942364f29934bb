#pragma once
// One value, from one coroutine to another of the same loop.
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/loop.h"

namespace twinlake {

/// Put once, received once, in either order. The receiver is resumed by the loop, never on the stack
/// of whoever puts. Must stay where it is from receive() until the value is there.
template <class T>
class Delivery {
 public:
  explicit Delivery(Loop& loop) : loop_(loop) {}
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  void put(T value) {
    value_.emplace(std::move(value));
    wake();
  }
  /// The receiver throws it.
  void put_exception(std::exception_ptr thrown) {
    thrown_ = std::move(thrown);
    wake();
  }

  [[nodiscard]] auto receive() {
    struct Awaiter {
      Delivery& delivery;
      bool await_ready() const { return delivery.value_ || delivery.thrown_; }
      void await_suspend(std::coroutine_handle<> self) const { delivery.receiver_ = self; }
      T await_resume() const {
        if (delivery.thrown_) std::rethrow_exception(delivery.thrown_);
        return std::move(*delivery.value_);
      }
    };
    return Awaiter{*this};
  }

 private:
  void wake() {
    if (receiver_) loop_.resume_soon(std::exchange(receiver_, {}));
  }

  Loop& loop_;
  std::optional<T> value_;
  std::exception_ptr thrown_;
  std::coroutine_handle<> receiver_;
};

}  // namespace twinlake

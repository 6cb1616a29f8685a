// The current version of an immutable value: readers take it and keep it, writers swap in the next.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace omendb {

// The lock is held for a pointer copy only, so neither side waits for the other's work.
template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> first) : current_(std::move(first)) {}

  // Any thread. Never null, never changes.
  std::shared_ptr<const T> current() const {
    std::lock_guard lock(mutex_);
    return current_;
  }

  // Any thread; returns the version replaced, so that its last owner is not destroyed under the lock.
  std::shared_ptr<const T> replace(std::shared_ptr<const T> next) {
    std::lock_guard lock(mutex_);
    return std::exchange(current_, std::move(next));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> current_;
};

}  // namespace omendb

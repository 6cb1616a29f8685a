// The first few in order, of many that are added one by one: no more than those are held.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace omendb {

template <class T, class Before = std::less<T>>
class FirstInOrder {
 public:
  explicit FirstInOrder(std::size_t limit, Before before = {}) : limit_(limit), before_(std::move(before)) {}

  void add(T item) {
    if (items_.size() == limit_) {
      if (items_.empty() || !before_(item, items_.front())) return;
      std::pop_heap(items_.begin(), items_.end(), before_);
      items_.pop_back();
    }
    items_.push_back(std::move(item));
    std::push_heap(items_.begin(), items_.end(), before_);
  }

  std::vector<T> take() && {
    std::sort_heap(items_.begin(), items_.end(), before_);
    return std::move(items_);
  }

 private:
  std::size_t limit_;
  Before before_;
  std::vector<T> items_;  // a heap: the last in order is in front
};

}  // namespace omendb

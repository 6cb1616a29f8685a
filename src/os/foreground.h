// How many threads work for callers at this moment, so that background threads can leave them the cores.
//
// A scheduling class alone does not: the kernel gives even SCHED_IDLE a tick, several milliseconds, once a search has
// used up its own slice. A background thread that looks here when it is let in goes back to sleep instead.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace omendb {

class Foreground {
 public:
  explicit Foreground(std::uint32_t cores) : cores_(cores) {}

  // While it lives, `threads` threads are at work.
  class Work {
   public:
    Work(Foreground& foreground, std::uint32_t threads) : foreground_(foreground), threads_(threads) {
      foreground_.busy_.fetch_add(threads_, std::memory_order_relaxed);
    }
    ~Work() { foreground_.busy_.fetch_sub(threads_, std::memory_order_relaxed); }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

   private:
    Foreground& foreground_;
    const std::uint32_t threads_;
  };

  // Whether there is a core for the background thread of this number, counted from 0: the highest go first.
  bool leaves_core_for(std::size_t thread) const { return thread + busy_.load(std::memory_order_relaxed) < cores_; }

 private:
  const std::uint32_t cores_;
  std::atomic<std::uint32_t> busy_{0};  // advice: nothing else becomes visible through it
};

}  // namespace omendb

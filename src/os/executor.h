// Threads. This is the only place that constructs them; everybody else is lent an Executor, or owns a Worker or a Thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/function_ref.h"
#include "os/foreground.h"

namespace omendb {

std::uint32_t core_count();  // at least 1

enum class Priority {
  Normal,
  Background,  // SCHED_IDLE where permitted: runs when nobody else wants the core, and still always a little
};

// Runs loops in parallel on threads of its own and the caller's.
class Executor {
 public:
  virtual ~Executor() = default;
  virtual std::size_t threads() const = 0;  // the caller's included; at least 1

  // Calls body(begin, end, thread) until [0, count) is covered by ranges of at most `grain`; `thread` < threads() names
  // the thread for per-thread scratch. Returns when all is done. One call at a time; not from inside a body.
  virtual void parallel_for(std::size_t count, std::size_t grain,
                            FunctionRef<void(std::size_t begin, std::size_t end, std::size_t thread)> body) = 0;
};

// `threads` - 1 threads that sleep between calls. threads >= 1; with 1 everything runs on the caller's thread.
//
// With a `foreground`, a thread begins a range only if there is a core for it. Helpers leave the loop otherwise; the
// caller's thread sleeps for that, a fifth of the time at most, so the loop always progresses. Ranges should be short.
std::unique_ptr<Executor> make_executor(std::size_t threads, Priority priority,
                                        const Foreground* foreground = nullptr);

// A background thread: a loop around step().
class Worker {
 public:
  // How long to rest before the next step; nullopt: until wake(). Zero: go on at once.
  using Step = std::function<std::optional<std::chrono::milliseconds>()>;

  Worker(std::string name, Priority priority, Step step);
  ~Worker();  // waits for the running step, then ends the thread
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Any thread: the next step begins at once (or directly after the running one).
  void wake();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A thread that runs one function, which is told to end by whoever owns both.
class Thread {
 public:
  Thread(std::string name, Priority priority, std::function<void()> body);
  ~Thread();  // waits for the body to return
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace omendb

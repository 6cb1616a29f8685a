// This program, started again as a child: the only way to see what is left after a kill.
#pragma once

#include <string>
#include <vector>

#include "omendb/result.h"

namespace omendb::bench {

class ChildProcess {
 public:
  // Runs this executable with `arguments`; what it writes to standard output comes here.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments);

  // The next line, without its end. IoError if the child ends first.
  Result<std::string> read_line();

  // SIGKILL: no destructor, no flush. Returns when the process is gone.
  void kill();

  // Waits for its end. IoError unless it exits with 0.
  Result<void> wait();

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // kills it if it still runs

 private:
  ChildProcess(int id, int output) : id_(id), output_(output) {}

  int id_;      // 0: gone
  int output_;  // -1: closed
};

}  // namespace omendb::bench

// The log, caught by a test. One at a time.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "server/log.h"

namespace omendb {

class CaughtLog {
 public:
  explicit CaughtLog(LogFormat format = LogFormat::Text, LogLevel level = LogLevel::Info) {
    begin_log({.level = level, .format = format, .write = [this](std::string_view line) {
                 std::lock_guard lock(mutex_);
                 lines_.emplace_back(line);
               }});
  }
  ~CaughtLog() { begin_log({.level = LogLevel::Off}); }
  CaughtLog(const CaughtLog&) = delete;
  CaughtLog& operator=(const CaughtLog&) = delete;

  // So far, and forgotten.
  std::vector<std::string> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(lines_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace omendb

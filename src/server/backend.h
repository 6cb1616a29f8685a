// What all operations share: the database, and what the server knows of itself.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "omendb/database.h"
#include "server/metrics.h"

namespace omendb {

constexpr std::string_view kServerName = "omendb/" OMENDB_VERSION;
constexpr std::string_view kApiVersion = "1.19.0";                                   // Qdrant's, that we speak
constexpr std::string_view kApiCommit = "0000000000000000000000000000006f6d656e64";  // 40 digits, as clients expect

class Backend {
 public:
  explicit Backend(Database database) : database_(std::move(database)) {}

  Database& database() { return database_; }
  Metrics& metrics() { return metrics_; }
  std::mutex& settings_turn() {
    return settings_turn_;
  }  // held while a collection's notes are read, changed and written
  std::chrono::system_clock::time_point started() const { return started_; }

  // Who owns the sockets appends their lines to those of /metrics. Requests may be on their way already.
  void metrics_of_http(std::function<void(std::string&)> append) {
    std::lock_guard lock(append_turn_);
    append_http_ = std::move(append);
  }
  void append_http_metrics(std::string& text) {
    std::lock_guard lock(append_turn_);
    if (append_http_) append_http_(text);
  }

 private:
  Database database_;
  Metrics metrics_;
  std::mutex settings_turn_;
  std::mutex append_turn_;
  std::function<void(std::string&)> append_http_;
  std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
};

}  // namespace omendb

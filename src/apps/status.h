// DIRECTORY/STATUS.json: what the process that holds a database is doing, for others to look at.
//
// Not part of the database: written without a flush, believed by nobody but `omendb top`, and left behind by a process
// that is killed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "omendb/collection.h"

namespace omendb {

struct Status {
  std::string command;  // "import"
  std::string collection;
  std::uint64_t accepted = 0;
  std::uint64_t covered = 0;
  std::uint64_t tail = 0;
  std::uint64_t acked = 0;  // rows of this command that are on disk
  double accepted_per_second = 0;
  double indexed_per_second = 0;
  std::optional<double> eta_seconds;
  double tail_scan_ms = 0;
  std::string state;
  std::string reason;
  std::optional<double> search_p50_ms;
  std::optional<double> search_p99_ms;
  std::int64_t written_at_ms = 0;  // Unix time; set by StatusFile
};

// What the collection itself knows; acked, accepted_per_second and the searches are the caller's to fill in.
Status status_of(std::string command, std::string collection_name, const Collection& collection);

// Several lines for a terminal, and one line for elsewhere.
std::string picture_of(const Status& status);
std::string line_of(const Status& status);

// The writing side. One thread; errors are of no consequence and dropped.
class StatusFile {
 public:
  explicit StatusFile(std::string directory) : directory_(std::move(directory)) {}
  ~StatusFile();  // removes the file
  StatusFile(const StatusFile&) = delete;
  StatusFile& operator=(const StatusFile&) = delete;

  bool due() const;  // half a second has passed
  void publish(Status status);

 private:
  std::string directory_;
  std::chrono::steady_clock::time_point published_at_{};
};

// The reading side: NotFound if nobody publishes.
Result<Status> read_status(const std::string& directory);

}  // namespace omendb

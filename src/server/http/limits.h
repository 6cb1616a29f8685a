// What a stranger may make the server hold or wait for. Every field is tested at its edge.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace omendb {

struct HttpLimits {
  std::size_t body_bytes_max = std::size_t{32} << 20;  // as sent, and again when inflated
  std::size_t head_bytes_max = std::size_t{16} << 10;  // request line and headers
  std::size_t header_bytes_max = std::size_t{8} << 10;
  std::size_t target_bytes_max = std::size_t{8} << 10;

  std::size_t memory_bytes_max = 0;  // that all requests hold together (http/memory.h); 0: a quarter of the process's

  std::uint32_t connections_max = 1'024;
  std::uint32_t connections_per_address_max = 256;
  std::uint32_t queued_requests_max = 256;  // beyond those that the workers are busy with
  std::uint32_t streams_max = 64;

  std::chrono::milliseconds idle_time{60'000};  // before a request's first byte
  std::chrono::milliseconds head_time{5'000};   // from there to the end of its head; and for TLS to be agreed on
  // A body has this long, and a second more for each `body_bytes_per_second_min` that have come.
  std::chrono::milliseconds body_time{30'000};
  std::size_t body_bytes_per_second_min = std::size_t{1} << 10;
  std::chrono::milliseconds send_time{30'000};  // for a client to take an answer, or a chunk of a stream
};

}  // namespace omendb

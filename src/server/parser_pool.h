// Parsers of simdjson, kept for the next request: a parser owns six bytes for each of the longest body it has read.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <memory>

namespace omendb {

class ParserPool {
 public:
  using Parser = simdjson::ondemand::parser;

  struct GiveBack {
    void operator()(Parser* parser) const;
  };
  using Lease = std::unique_ptr<Parser, GiveBack>;

  // For a body of that many bytes. Any thread.
  static Lease take(std::size_t bytes);
};

}  // namespace omendb

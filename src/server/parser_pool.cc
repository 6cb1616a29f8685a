#include "server/parser_pool.h"

#include <mutex>
#include <vector>

namespace omendb {
namespace {

constexpr std::size_t kSmallBytesMax = std::size_t{4} << 20;
constexpr std::size_t kSmallMax = 32;  // kept, of at most 24 MiB each
constexpr std::size_t kLargeMax = 2;   // kept, of any size

using Parsers = std::vector<std::unique_ptr<ParserPool::Parser>>;

struct Idle {
  std::mutex mutex;
  Parsers small;
  Parsers large;
};

Idle& idle() {
  static Idle the_idle;
  return the_idle;
}

std::unique_ptr<ParserPool::Parser> pop(Parsers& parsers) {
  if (parsers.empty()) return nullptr;
  auto parser = std::move(parsers.back());
  parsers.pop_back();
  return parser;
}

}  // namespace

ParserPool::Lease ParserPool::take(std::size_t bytes) {
  Idle& all = idle();
  std::lock_guard lock(all.mutex);
  std::unique_ptr<Parser> parser = pop(bytes > kSmallBytesMax ? all.large : all.small);
  if (!parser) parser = std::make_unique<Parser>();
  return Lease(parser.release());
}

void ParserPool::GiveBack::operator()(Parser* parser) const {
  std::unique_ptr<Parser> owned(parser);
  const bool large = owned->capacity() > kSmallBytesMax;
  Idle& all = idle();
  std::lock_guard lock(all.mutex);
  Parsers& kept = large ? all.large : all.small;
  if (kept.size() < (large ? kLargeMax : kSmallMax)) kept.push_back(std::move(owned));
}

}  // namespace omendb

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "search/code_parts.h"
#include "search/scan.h"
#include "search/sign_query.h"

namespace omendb {
namespace {

constexpr std::uint64_t kCacheLine = 64;

// The hardware's prefetcher stops at each page of 4 KiB: blocks are fetched that far ahead.
constexpr std::uint64_t kBytesAhead = 4096;

// One block in 16, spread over all rows, is scanned before the others: it brings the threshold near its end wherever
// the nearest rows lie, be the rows sorted as they may.
constexpr std::uint32_t kFirstPassStep = 16;

// Rows compared by their 8-bit codes beforehand, so that the first pass has a threshold: a random read of 30 ns each.
constexpr std::uint32_t kSampleRowsMin = 512;
constexpr std::uint32_t kSampleRowsPerWanted = 4;

// Blocks a thread takes at a time: some 10 microseconds of work.
constexpr std::size_t kGrainBlocks = 256;

// A distance that k rows known to the scan do not exceed: nothing beyond it is wanted. Lowered by every thread of a
// scan, whichever finds such rows first; no other data depends on it, so relaxed order does.
class Bound {
 public:
  explicit Bound(float distance) : distance_(distance) {}
  float get() const { return distance_.load(std::memory_order_relaxed); }
  void lower(float distance) {
    float current = get();
    while (distance < current && !distance_.compare_exchange_weak(current, distance, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<float> distance_;
};

// Hands back what was put in `kDelay` calls ago: time for a prefetch to arrive.
class DelayLine {
 public:
  static constexpr std::size_t kDelay = 16;
  DelayLine() { rows_.fill(kNoRow); }
  Row exchange(Row row) {
    next_ = (next_ + 1) % kDelay;
    return std::exchange(rows_[next_], row);
  }

 private:
  std::array<Row, kDelay> rows_;
  std::size_t next_ = 0;
};

void prefetch(const void* data, std::uint64_t bytes) {
  const auto* at = static_cast<const std::byte*>(data);
  for (std::uint64_t offset = 0; offset < bytes; offset += kCacheLine) __builtin_prefetch(at + offset);
}

// What all threads of a scan share.
struct Scan {
  const CodeTable& table;
  const CodeQuery& query;
  const SignQuery& signs;
  const ExactScorer& scorer;
  const LiveRows& live;
  Bound& bound;
};

// One thread's three stages. Rows wait between them in delay lines; finish() lets the last ones through.
class alignas(kCacheLine) Stages {
 public:
  Stages(const Scan& scan, TopK& nearest) : scan_(scan), nearest_(nearest), kernels_(simd::kernels()) {}

  void scan_block(std::uint32_t number) {
    const SignBlock block = scan_.table.parts().block(number);
    prefetch(block.codes + kBytesAhead, scan_.table.parts().block_bytes());
    const ExtentQuery& extent = scan_.signs.of_extent(number / (kExtentRows / kBlockRows));
    std::uint32_t passed = kernels_.fastscan_mask_32(block.codes, scan_.signs.tables(), scan_.signs.groups(), block.add,
                                                     block.rescale, extent.bound, scan_.bound.get() - extent.base);
    for (; passed != 0; passed &= passed - 1) {
      push(Row{number * kBlockRows + static_cast<std::uint32_t>(std::countr_zero(passed))});
    }
  }

  // Straight to the second stage.
  void scan_rows(RowRange rows) {
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) push(Row{row});
  }

  void finish() {
    for (std::size_t i = 0; i < DelayLine::kDelay; ++i) push(kNoRow);
    for (std::size_t i = 0; i < DelayLine::kDelay; ++i) push_exact(kNoRow);
  }

  ScanCount count() const { return count_; }

 private:
  void push(Row row) {
    if (row != kNoRow) scan_.table.prefetch(row);
    const Row due = waiting_for_record_.exchange(row);
    if (due != kNoRow) compare_by_code(due);
  }

  void compare_by_code(Row row) {
    const CodeRecord record = scan_.table.record(row);
    ++count_.distances;
    if (scan_.query.distance(record) - scan_.query.error(record.factors) >= scan_.bound.get()) return;
    if (!scan_.live.contains(row)) return;
    scan_.scorer.prefetch(row);
    push_exact(row);
  }

  void push_exact(Row row) {
    const Row due = waiting_for_vector_.exchange(row);
    if (due == kNoRow) return;
    ++count_.distances;
    nearest_.offer({scan_.scorer.distance(due), due});
    scan_.bound.lower(nearest_.threshold());
  }

  const Scan& scan_;
  TopK& nearest_;
  const simd::Kernels& kernels_;
  DelayLine waiting_for_record_;
  DelayLine waiting_for_vector_;
  ScanCount count_;
};

// The rows of whole blocks with one-bit codes, as block numbers; empty if there are none.
RowRange blocks_of(RowRange rows) {
  const std::uint32_t first = std::max(rows.begin, kFirstCodedRows);
  return {first / kBlockRows + (first % kBlockRows != 0 ? 1 : 0), rows.end / kBlockRows};
}

// A distance that k live rows of the range do not exceed, from a sample; infinity if the sample has too few.
float sampled_bound(const Scan& scan, RowRange rows, std::size_t k, ScanCount& count) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  const std::uint64_t sample = std::max<std::uint64_t>(kSampleRowsMin, kSampleRowsPerWanted * k);
  const std::uint64_t step = rows.size() / sample;
  if (step < kFirstPassStep) return kNone;
  TopK by_code(k);
  const auto row_of = [&](std::uint64_t i) { return row_at(rows.begin + i * step); };
  for (std::uint64_t i = 0; i < sample; ++i) {
    if (i + DelayLine::kDelay < sample) scan.table.prefetch(row_of(i + DelayLine::kDelay));
    const float distance = scan.query.distance(row_of(i));
    if (distance < by_code.threshold() && scan.live.contains(row_of(i))) by_code.offer({distance, row_of(i)});
  }
  count.distances += sample;
  if (!by_code.full()) return kNone;
  float farthest = -kNone;
  for (const Candidate& candidate : by_code.take_sorted()) {
    farthest = std::max(farthest, scan.scorer.distance(candidate.row));
    ++count.distances;
  }
  return std::nextafter(farthest, kNone);  // the sampled rows themselves come again, and must pass
}

// The whole blocks [begin, end) counted from the first: the first pass takes one in 16, the second the rest.
void first_pass(Stages& stages, std::uint32_t first, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) stages.scan_block(first + static_cast<std::uint32_t>(i) * kFirstPassStep);
}

void second_pass(Stages& stages, std::uint32_t first, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    if (i % kFirstPassStep != 0) stages.scan_block(first + static_cast<std::uint32_t>(i));
  }
}

std::size_t first_pass_blocks(RowRange blocks) { return (blocks.size() + kFirstPassStep - 1) / kFirstPassStep; }

}  // namespace

ScanCount tail_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer, const LiveRows& live,
                    RowRange rows, TopK& nearest) {
  if (rows.empty() || nearest.k() == 0) return {};
  const SignQuery signs(query, rows);
  if (!signs.usable()) return exact_scan(scorer, live, rows, nearest);

  Bound bound(nearest.threshold());
  const Scan scan{table, query, signs, scorer, live, bound};
  ScanCount count;
  if (!nearest.full()) bound.lower(sampled_bound(scan, rows, nearest.k(), count));

  Stages stages(scan, nearest);
  const RowRange blocks = blocks_of(rows);
  if (blocks.empty()) {
    stages.scan_rows(rows);
  } else {
    first_pass(stages, blocks.begin, 0, first_pass_blocks(blocks));
    second_pass(stages, blocks.begin, 0, blocks.size());
    stages.scan_rows({rows.begin, blocks.begin * kBlockRows});
    stages.scan_rows({blocks.end * kBlockRows, rows.end});
  }
  stages.finish();
  count.distances += stages.count().distances;
  return count;
}

// Threads share the bound, not the candidates: each keeps its own k nearest, offered to the caller's in the end.
ScanCount parallel_tail_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer,
                             const LiveRows& live, RowRange rows, TopK& nearest, Executor& executor) {
  const RowRange blocks = blocks_of(rows);
  if (executor.threads() == 1 || blocks.empty() || blocks.size() <= kGrainBlocks || nearest.k() == 0) {
    return tail_scan(table, query, scorer, live, rows, nearest);
  }
  const SignQuery signs(query, rows);
  if (!signs.usable()) return exact_scan(scorer, live, rows, nearest);

  Bound bound(nearest.threshold());
  const Scan scan{table, query, signs, scorer, live, bound};
  ScanCount count;
  if (!nearest.full()) bound.lower(sampled_bound(scan, rows, nearest.k(), count));

  std::vector<TopK> own(executor.threads(), TopK(nearest.k()));
  std::vector<Stages> stages;
  for (TopK& candidates : own) stages.emplace_back(scan, candidates);
  executor.parallel_for(first_pass_blocks(blocks), kGrainBlocks / 4,
                        [&](std::size_t begin, std::size_t end, std::size_t thread) {
                          first_pass(stages[thread], blocks.begin, begin, end);
                        });
  executor.parallel_for(blocks.size(), kGrainBlocks, [&](std::size_t begin, std::size_t end, std::size_t thread) {
    second_pass(stages[thread], blocks.begin, begin, end);
  });
  stages[0].scan_rows({rows.begin, blocks.begin * kBlockRows});
  stages[0].scan_rows({blocks.end * kBlockRows, rows.end});
  for (std::size_t thread = 0; thread < stages.size(); ++thread) {
    stages[thread].finish();
    count.distances += stages[thread].count().distances;
    for (const Candidate& candidate : own[thread].take_sorted()) nearest.offer(candidate);
  }
  return count;
}

}  // namespace omendb

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

// One block in 16, spread over all rows, is scouted before all are scanned: that brings the threshold near its end
// wherever the nearest rows lie, be the rows sorted as they may.
constexpr std::uint32_t kScoutedStep = 16;

// Rows compared by their 8-bit codes before that, so that the scouts have a threshold: a random read of 30 ns each.
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
  const RowFilter& wanted;
  Bound& bound;
  const simd::Kernels& kernels = simd::kernels();
};

// The rows of a block whose estimate or bound is below the threshold, a bit each.
std::uint32_t passed_rows(const Scan& scan, std::uint32_t number, simd::FastScanQuery ExtentQuery::*value,
                          float threshold) {
  static_assert(kBlockRows == 32, "a block is a word of RowFilter");
  const std::uint32_t wanted = scan.wanted.word(number);
  if (wanted == 0) return 0;
  const SignBlock block = scan.table.parts().block(number);
  prefetch(block.codes + kBytesAhead, scan.table.parts().block_bytes());
  const ExtentQuery& extent = scan.signs.of_extent(number / (kExtentRows / kBlockRows));
  const std::uint32_t passed =
      scan.kernels.fastscan_mask_32(block.codes, scan.signs.tables(), scan.signs.groups(), block.add, block.rescale,
                                    extent.*value, threshold - extent.base);
  return passed & wanted;
}

// Calls visit(row) for each bit of a block's mask.
template <class Visit>
void for_rows(std::uint32_t number, std::uint32_t passed, Visit visit) {
  for (; passed != 0; passed &= passed - 1) {
    visit(Row{number * kBlockRows + static_cast<std::uint32_t>(std::countr_zero(passed))});
  }
}

// One thread's look ahead: near rows of some blocks, by their estimates alone. A wide threshold would let most rows pass
// that are near within the error of the estimate; most rows that *are* near have small estimates.
class alignas(kCacheLine) Scout {
 public:
  Scout(const Scan& scan, std::size_t k) : scan_(scan), nearest_(k) {}

  void look_at_block(std::uint32_t number) {
    const float threshold = std::min(scan_.bound.get(), nearest_.threshold());
    for_rows(number, passed_rows(scan_, number, &ExtentQuery::estimate, threshold), [&](Row row) { push(row); });
  }

  // The nearest rows seen, by their 8-bit codes.
  std::vector<Candidate> finish() {
    for (std::size_t i = 0; i < DelayLine::kDelay; ++i) push(kNoRow);
    return nearest_.take_sorted();
  }

  std::uint64_t distances() const { return distances_; }

 private:
  void push(Row row) {
    if (row != kNoRow) scan_.table.prefetch(row);
    const Row due = waiting_.exchange(row);
    if (due == kNoRow) return;
    ++distances_;
    const float distance = scan_.query.distance(due);
    if (distance < nearest_.threshold() && scan_.wanted.contains(due)) nearest_.offer({distance, due});
  }

  const Scan& scan_;
  TopK nearest_;
  DelayLine waiting_;
  std::uint64_t distances_ = 0;
};

// One thread's three stages. Rows wait between them in delay lines; finish() lets the last ones through.
class alignas(kCacheLine) Stages {
 public:
  Stages(const Scan& scan, TopK& nearest) : scan_(scan), nearest_(nearest) {}

  void scan_block(std::uint32_t number) {
    for_rows(number, passed_rows(scan_, number, &ExtentQuery::bound, scan_.bound.get()), [&](Row row) { push(row); });
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
    if (!scan_.wanted.contains(row)) return;
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
  DelayLine waiting_for_record_;
  DelayLine waiting_for_vector_;
  ScanCount count_;
};

// The rows of whole blocks with one-bit codes, as block numbers; empty if there are none.
RowRange blocks_of(RowRange rows) {
  const std::uint32_t first = std::max(rows.begin, kFirstCodedRows);
  return {first / kBlockRows + (first % kBlockRows != 0 ? 1 : 0), rows.end / kBlockRows};
}

// The distance that the first k of `rows` do not exceed; infinity if there are fewer. They come again in the scan, and
// must pass.
float exact_bound(const Scan& scan, std::span<const Candidate> rows, std::size_t k, ScanCount& count) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  if (rows.size() < k) return kNone;
  float farthest = -kNone;
  for (const Candidate& candidate : rows.first(k)) farthest = std::max(farthest, scan.scorer.distance(candidate.row));
  count.distances += k;
  return std::nextafter(farthest, kNone);
}

// A distance that k wanted rows of the range do not exceed, from a sample; infinity if the sample has too few.
float sampled_bound(const Scan& scan, RowRange rows, std::size_t k, ScanCount& count) {
  constexpr float kNone = std::numeric_limits<float>::infinity();
  const std::uint64_t sample = std::max<std::uint64_t>(kSampleRowsMin, kSampleRowsPerWanted * k);
  const std::uint64_t step = rows.size() / sample;
  if (step < kScoutedStep) return kNone;
  TopK by_code(k);
  const auto row_of = [&](std::uint64_t i) { return row_at(rows.begin + i * step); };
  for (std::uint64_t i = 0; i < sample; ++i) {
    if (i + DelayLine::kDelay < sample) scan.table.prefetch(row_of(i + DelayLine::kDelay));
    const float distance = scan.query.distance(row_of(i));
    if (distance < by_code.threshold() && scan.wanted.contains(row_of(i))) by_code.offer({distance, row_of(i)});
  }
  count.distances += sample;
  return exact_bound(scan, by_code.take_sorted(), k, count);
}

std::size_t threads_of(const Executor* executor) { return executor != nullptr ? executor->threads() : 1; }

// Executor::parallel_for, or all of it on the caller's thread.
void deal_out(Executor* executor, std::size_t count, std::size_t grain,
              FunctionRef<void(std::size_t begin, std::size_t end, std::size_t thread)> body) {
  if (executor != nullptr) return executor->parallel_for(count, grain, body);
  body(0, count, 0);
}

// A distance that k wanted rows of some blocks do not exceed; infinity if too few were near.
float scouted_bound(const Scan& scan, RowRange blocks, std::size_t k, Executor* executor, ScanCount& count) {
  std::vector<Scout> scouts(threads_of(executor), Scout(scan, k));
  deal_out(executor, blocks.size() / kScoutedStep, kGrainBlocks / 4,
           [&](std::size_t begin, std::size_t end, std::size_t thread) {
             for (std::size_t i = begin; i < end; ++i) {
               scouts[thread].look_at_block(blocks.begin + static_cast<std::uint32_t>(i) * kScoutedStep);
             }
           });
  std::vector<Candidate> all;
  for (Scout& scout : scouts) {
    const std::vector<Candidate> found = scout.finish();
    all.insert(all.end(), found.begin(), found.end());
    count.distances += scout.distances();
  }
  std::sort(all.begin(), all.end());
  return exact_bound(scan, all, k, count);
}

// Threads share the bound, not the candidates: each but the caller's keeps its own k nearest, offered in the end.
ScanCount scan_rows(const Scan& scan, RowRange rows, RowRange blocks, TopK& nearest, Executor* executor) {
  ScanCount count;
  if (!nearest.full()) {
    scan.bound.lower(sampled_bound(scan, rows, nearest.k(), count));
    if (!blocks.empty()) scan.bound.lower(scouted_bound(scan, blocks, nearest.k(), executor, count));
  }
  std::vector<TopK> of_helpers(threads_of(executor) - 1, TopK(nearest.k()));
  std::vector<Stages> stages;
  stages.reserve(threads_of(executor));
  stages.emplace_back(scan, nearest);
  for (TopK& candidates : of_helpers) stages.emplace_back(scan, candidates);

  if (blocks.empty()) {
    stages[0].scan_rows(rows);
  } else {
    deal_out(executor, blocks.size(), kGrainBlocks, [&](std::size_t begin, std::size_t end, std::size_t thread) {
      for (std::size_t i = begin; i < end; ++i) stages[thread].scan_block(blocks.begin + static_cast<std::uint32_t>(i));
    });
    stages[0].scan_rows({rows.begin, blocks.begin * kBlockRows});
    stages[0].scan_rows({blocks.end * kBlockRows, rows.end});
  }
  for (Stages& of_thread : stages) {
    of_thread.finish();
    count.distances += of_thread.count().distances;
  }
  for (TopK& candidates : of_helpers) {
    for (const Candidate& candidate : candidates.take_sorted()) nearest.offer(candidate);
  }
  count.missed = !nearest.full() && scan.bound.get() < std::numeric_limits<float>::infinity();
  return count;
}

ScanCount scan_by_codes(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer,
                        const RowFilter& wanted, RowRange rows, TopK& nearest, Executor* executor) {
  if (rows.empty() || nearest.k() == 0) return {};
  const SignQuery signs(query, rows);
  if (!signs.usable()) return exact_scan(scorer, wanted, rows, nearest);
  const RowRange blocks = blocks_of(rows);
  const bool long_enough = !blocks.empty() && blocks.size() > kGrainBlocks;
  Bound bound(nearest.threshold());
  return scan_rows(Scan{table, query, signs, scorer, wanted, bound}, rows, blocks, nearest,
                   long_enough ? executor : nullptr);
}

}  // namespace

ScanCount tail_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer, const RowFilter& wanted,
                    RowRange rows, TopK& nearest) {
  return scan_by_codes(table, query, scorer, wanted, rows, nearest, nullptr);
}

ScanCount parallel_tail_scan(const CodeTable& table, const CodeQuery& query, const ExactScorer& scorer,
                             const RowFilter& wanted, RowRange rows, TopK& nearest, Executor& executor) {
  return scan_by_codes(table, query, scorer, wanted, rows, nearest, &executor);
}

}  // namespace omendb

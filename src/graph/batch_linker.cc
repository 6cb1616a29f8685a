#include "graph/batch_linker.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "base/try.h"
#include "graph/walk.h"

namespace omendb {
namespace {

// Up to here a row is compared with every other: cheaper than a walk that has nowhere to go, and without error.
constexpr std::uint32_t kAllComparedMax = 2048;

// A full list is pruned to this, so that the next few offers are appended for nothing: that halves the time of a build,
// and costs no recall.
constexpr std::uint32_t kLinksAfterPruning = kLinksMax - 4;

// Offers are dealt into groups by target, each sorted and taken by one thread: as many groups as rows, so that one is
// soon done.
constexpr std::size_t kOfferGroupsMin = 64;

// Rows or groups between two pauses, for each thread: under 10 ms, and enough to keep the threads busy.
constexpr std::size_t kPieceOfAThread = 32;

}  // namespace

BatchLinker::BatchLinker(GraphDraft& draft, const CodeTable& codes, const LinkDistance& distance,
                         const BuildOptions& options, Executor& executor, FunctionRef<bool()> pause)
    : draft_(draft),
      codes_(codes),
      distance_(distance),
      pruner_(codes, distance_, options.alpha),
      options_(options),
      executor_(executor),
      pause_(pause),
      scratches_(executor.threads()) {}

Result<void> BatchLinker::link(std::span<const Row> rows, const RowFilter& live) {
  OMEN_TRY(choose_links(rows, live));
  std::vector<std::vector<Offer>> groups = group_offers(rows);
  return in_pieces(groups.size(), [&](std::size_t begin, std::size_t end, Scratch& scratch) {
    for (std::size_t group = begin; group < end; ++group) take_offers(groups[group], scratch);
  });
}

Result<void> BatchLinker::choose_links(std::span<const Row> rows, const RowFilter& live) {
  distances_.resize(rows.size() * kLinksMax);
  return in_pieces(rows.size(), [&](std::size_t begin, std::size_t end, Scratch& scratch) {
    for (std::size_t place = begin; place < end; ++place) {
      find_candidates(rows[place], rows, live, scratch);
      const std::uint32_t kept = pruner_.prune(scratch.candidates, kLinksMax);
      for (std::uint32_t i = 0; i < kept; ++i) {
        draft_.links(rows[place])[i] = scratch.candidates[i].row;
        distances_[place * kLinksMax + i] = scratch.candidates[i].distance;
      }
    }
  });
}

void BatchLinker::find_candidates(Row row, std::span<const Row> rows, const RowFilter& live, Scratch& scratch) const {
  const CodeRecord record = codes_.record(row);
  std::vector<Candidate>& found = scratch.candidates;
  found.clear();
  const std::uint32_t covered = draft_.graph().covered();
  if (covered + rows.size() <= kAllComparedMax) {
    for (std::uint32_t other = 0; other < std::max(covered, index(rows.back()) + 1); ++other) {
      if (other == index(row) || !live.contains(Row{other})) continue;
      found.push_back({distance_(record, codes_.record(Row{other})), Row{other}});
    }
    const std::size_t count = std::min<std::size_t>(options_.ef, found.size());
    std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end());
    found.resize(count);
    return;
  }
  const auto itself = [row](const Candidate& candidate) { return candidate.row == row; };
  const auto distances = [&](const Rows4& others) { return distance_(record, others); };
  WalkScratch::Parts& parts = scratch.walk.parts();
  walk_to_live(draft_.graph(), codes_, distances, live, options_.ef, parts);
  append_live(parts.pool, live, options_.ef, found);
  std::erase_if(found, itself);
  if (!found.empty()) return;
  // Every row met is erased: they are the only bridge to the rest.
  const RowFilter all(nullptr, 0);
  walk_to_live(draft_.graph(), codes_, distances, all, options_.ef, parts);
  append_live(parts.pool, all, options_.ef, found);
  std::erase_if(found, itself);
}

std::vector<std::vector<BatchLinker::Offer>> BatchLinker::group_offers(std::span<const Row> rows) const {
  std::vector<std::vector<Offer>> groups(std::max(rows.size(), kOfferGroupsMin));
  for (std::size_t place = 0; place < rows.size(); ++place) {
    const auto links = draft_.graph().links(rows[place]);
    for (std::uint32_t i = 0; i < kLinksMax && links[i] != kNoRow; ++i) {
      groups[index(links[i]) % groups.size()].push_back(
          {links[i], distances_[place * kLinksMax + i], rows[place]});
    }
  }
  return groups;
}

void BatchLinker::take_offers(std::vector<Offer>& offers, Scratch& scratch) {
  std::sort(offers.begin(), offers.end(), [](const Offer& a, const Offer& b) {
    if (a.target != b.target) return a.target < b.target;
    return a.distance != b.distance ? a.distance < b.distance : a.source < b.source;
  });
  for (auto begin = offers.begin(); begin != offers.end();) {
    const auto of_another = [&](const Offer& offer) { return offer.target != begin->target; };
    const auto end = std::find_if(begin, offers.end(), of_another);
    take_offers_of_target(std::span(begin, end), scratch);
    begin = end;
  }
}

// Appends the offers if there is room, else chooses again from old and new links.
void BatchLinker::take_offers_of_target(std::span<const Offer> offers, Scratch& scratch) {
  const Row target = offers.front().target;
  const std::span<Row, kLinksMax> links = draft_.links(target);
  const std::uint32_t count = count_links(links);

  std::vector<Candidate>& candidates = scratch.candidates;
  candidates.clear();
  for (const Offer& offer : offers) {
    if (std::find(links.begin(), links.begin() + count, offer.source) != links.begin() + count) continue;
    candidates.push_back({offer.distance, offer.source});
  }
  if (count + candidates.size() <= kLinksMax) {
    for (std::size_t i = 0; i < candidates.size(); ++i) links[count + i] = candidates[i].row;
  } else {
    for (std::uint32_t i = 0; i < count; ++i) codes_.fetch(links[i]);
    const CodeRecord record = codes_.record(target);
    for (std::uint32_t i = 0; i < count; ++i) {
      candidates.push_back({distance_(record, codes_.record(links[i])), links[i]});
    }
    std::sort(candidates.begin(), candidates.end());
    const std::uint32_t kept = pruner_.prune(candidates, kLinksAfterPruning);
    for (std::uint32_t i = 0; i < kLinksMax; ++i) links[i] = i < kept ? candidates[i].row : kNoRow;
  }
}

Result<void> BatchLinker::in_pieces(std::size_t count,
                                    FunctionRef<void(std::size_t begin, std::size_t end, Scratch& scratch)> body) {
  const std::size_t piece = kPieceOfAThread * executor_.threads();
  for (std::size_t first = 0; first < count; first += piece) {
    if (!pause_()) return Error{ErrorCode::Cancelled, "building the graph was given up"};
    const auto part = [&](std::size_t begin, std::size_t end, std::size_t thread) {
      body(first + begin, first + end, scratches_[thread]);
    };
    executor_.parallel_for(std::min(piece, count - first), 1, part);
  }
  return {};
}

}  // namespace omendb

// Random work on a store beside a model of it, for the stories about crashes, failing disks and damage.
//
// Points verify themselves: vector and payload are made from id and version, so a half point shows without the model.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "os/disk.h"
#include "storage/store.h"
#include "storage/store_testing.h"

namespace omendb {

constexpr std::size_t kDimensions = 6;
constexpr const char* kCollection = "c";

constexpr std::size_t kMoreDimensions = 3;

inline Schema workload_schema() {
  return {{{"", kDimensions, Metric::L2, Datatype::Float32}, {"more", kMoreDimensions, Metric::Dot, Datatype::Float32}},
          {{"words", SparseModifier::None}}};
}

using Random = std::mt19937_64;

inline std::uint64_t below(Random& random, std::uint64_t end) { return random() % end; }
inline bool one_in(Random& random, std::uint64_t n) { return below(random, n) == 0; }

inline PointId point_id(std::uint64_t k) {
  if (k % 3 != 0) return k;
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = static_cast<std::uint8_t>(k);
  bytes[15] = 0xA5;
  return PointId::uuid(bytes);
}

inline std::string payload_text(Random& random, std::uint64_t version, std::size_t length) {
  std::string payload = length == 0 ? "" : "v" + std::to_string(version) + ":";
  while (payload.size() < length) payload.push_back(static_cast<char>('a' + below(random, 26)));
  return payload;
}

// A point in the making. What it lacks is empty.
struct PointParts {
  std::vector<float> vector;
  std::vector<float> more;
  SparseVector words;
  std::string payload;

  FieldMask lacking() const {
    return (vector.empty() ? dense_bit(0) : 0) | (more.empty() ? dense_bit(1) : 0) |
           (words.indices.empty() ? sparse_bit(0) : 0);
  }
  Value value() const {
    Value value{{}, payload};
    const auto put = [&](const std::vector<float>& values) {
      value.first.insert(value.first.end(), values.begin(), values.end());
      if (values.empty()) value.first.push_back(kLacks);
    };
    put(vector);
    put(more);
    for (const std::uint32_t at : words.indices) value.first.push_back(static_cast<float>(at));
    put(words.values);
    return value;
  }
};

inline PointParts point_of(std::uint64_t k, std::uint64_t version, std::size_t payload_length) {
  Random random(k * 1'000'003 + version);
  PointParts point;
  const auto number = [&] { return static_cast<float>(below(random, 1 << 20)); };
  if (!one_in(random, 5)) std::generate_n(std::back_inserter(point.vector), kDimensions, number);
  if (!one_in(random, 3)) std::generate_n(std::back_inserter(point.more), kMoreDimensions, number);
  for (std::uint32_t at = 0; at < 9; ++at) {
    if (!one_in(random, 4)) continue;
    point.words.indices.push_back(at * 1'000);
    point.words.values.push_back(number());
  }
  point.payload = payload_text(random, version, payload_length);
  return point;
}

// Points of workload_schema(), in the making.
class WorkloadBatch {
 public:
  void add(PointId id, const PointParts& point) {
    ids_.push_back(id);
    lacking_.push_back(point.lacking());
    texts_.push_back(point.payload);
    values_.insert(values_.end(), point.vector.begin(), point.vector.end());
    values_.resize(ids_.size() * kDimensions);
    more_.insert(more_.end(), point.more.begin(), point.more.end());
    more_.resize(ids_.size() * kMoreDimensions);
    put_bytes(words_, std::as_bytes(std::span(point.words.indices)));
    put_bytes(words_, std::as_bytes(std::span(point.words.values)));
    put(ends_, std::uint64_t{words_.size()});
  }

  // Valid until the next add().
  RowBatch rows() {
    payloads_.assign(texts_.begin(), texts_.end());
    vectors_ = {std::as_bytes(std::span(values_)), std::as_bytes(std::span(more_))};
    sparse_ = {{ends_, words_}};
    return {ids_, vectors_, payloads_, lacking_, sparse_};
  }

 private:
  std::vector<PointId> ids_;
  std::vector<FieldMask> lacking_;
  std::vector<std::string> texts_;
  std::vector<float> values_;
  std::vector<float> more_;
  Bytes words_;
  Bytes ends_;
  std::vector<std::string_view> payloads_;
  std::vector<std::span<const std::byte>> vectors_;
  std::vector<SparseBytes> sparse_;
};

// What the collection holds after each operation, which of them were promised, and which one is under way.
class History {
 public:
  History() : states_{std::make_shared<Contents>()} {}

  const Contents& now() const { return *states_[last_]; }
  Lsn last() const { return last_; }
  Lsn promised() const { return promised_; }
  Lsn last_possible() const { return states_.size() - 1; }
  const Contents& at(Lsn lsn) const { return *states_.at(lsn); }

  bool unknown() const { return last_possible() > last_; }  // an attempt that may or may not be found

  void attempt(Contents next) { states_.push_back(std::make_shared<Contents>(std::move(next))); }
  void attempt_mark() { states_.push_back(states_[last_]); }
  void settled(Lsn lsn) {  // the attempt is over; this is where the store stands
    states_.resize(lsn + 1);
    last_ = lsn;
  }
  void promise(Lsn lsn) { promised_ = std::max(promised_, lsn); }

  void restart(Lsn recovered) {
    settled(recovered);
    promised_ = recovered;
  }

 private:
  std::vector<std::shared_ptr<const Contents>> states_;
  Lsn last_ = 0;
  Lsn promised_ = 0;
};

// Works on an open store, one random step at a time. Steps may fail as a disk may; what they must not do is lie.
class Workload {
 public:
  Workload(History& history, Random& random) : history_(history), random_(random) {}

  void use(std::unique_ptr<Store> store) {
    vacuum_.reset();
    mark_.reset();
    store_ = std::move(store);
  }
  Store* store() { return store_.get(); }
  void drop() { use(nullptr); }

  // Returns the error if the step met one.
  std::optional<Error> step() {
    if (mark_ != nullptr && one_in(random_, 3)) return error_of(store_->finish_checkpoint(std::move(mark_)));
    if (vacuum_ != nullptr && one_in(random_, 3)) return vacuum_step();
    switch (below(random_, 15)) {
      case 0: case 1: case 2: case 3: case 4: return upsert();
      case 5: case 6: return erase();
      case 7: case 8: return sync();
      case 9: return mark_durable();
      case 10:
        if (mark_ == nullptr) mark_ = store_->begin_checkpoint();
        return std::nullopt;
      case 11:
        store_->prepare();
        return std::nullopt;
      case 12: case 13: return change_payloads();
      default:
        if (vacuum_ != nullptr || mark_ != nullptr) return std::nullopt;
        return begin_vacuum();
    }
  }

  std::optional<Error> upsert() {
    WorkloadBatch batch;
    Contents next = history_.now();
    const std::uint64_t count = 1 + below(random_, one_in(random_, 4) ? 12 : 3);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t k = below(random_, 24);
      const PointParts point = point_of(k, ++version_, payload_length());
      batch.add(point_id(k), point);
      next[point_id(k)] = point.value();
    }
    const bool took_writes = !store_->read_only();
    history_.attempt(std::move(next));
    return settle(store_->upsert(batch.rows()), took_writes);
  }

  std::optional<Error> erase() {
    std::vector<PointId> ids(1 + below(random_, 4));
    Contents next = history_.now();
    for (PointId& id : ids) {
      id = point_id(below(random_, 24));
      next.erase(id);
    }
    const bool took_writes = !store_->read_only();
    history_.attempt(std::move(next));
    return settle(store_->erase(ids), took_writes);
  }

  // Of points that are there and of some that are not.
  std::optional<Error> change_payloads() {
    std::vector<PointId> ids(1 + below(random_, 4));
    std::vector<std::string> texts;
    Contents next = history_.now();
    for (PointId& id : ids) {
      id = point_id(below(random_, 24));
      texts.push_back(payload_text(random_, ++version_, payload_length()));
      const auto there = next.find(id);
      if (there != next.end()) there->second.second = texts.back();
    }
    const std::vector<std::string_view> payloads(texts.begin(), texts.end());
    const bool took_writes = !store_->read_only();
    history_.attempt(std::move(next));
    return settle(store_->change_payloads(ids, payloads), took_writes);
  }

  std::optional<Error> sync() {
    const Lsn lsn = history_.last();
    const auto synced = store_->sync(lsn);
    if (synced.ok()) history_.promise(lsn);
    return error_of(synced);
  }

 private:
  std::size_t payload_length() {
    if (one_in(random_, 30)) return 70'000;  // over a block, over what is gathered
    return one_in(random_, 3) ? 0 : 4 + below(random_, 200);
  }

  // ReadOnly from a store that took writes before: it may have been logged. Any other error: it was not.
  std::optional<Error> settle(const Result<Applied>& applied, bool took_writes) {
    if (applied.ok()) {
      history_.settled(applied->lsn);
      return std::nullopt;
    }
    const bool unknown = took_writes && applied.error().code == ErrorCode::ReadOnly;
    if (!unknown) history_.settled(history_.last());
    return applied.error();
  }

  std::optional<Error> mark_durable() {
    const bool took_writes = !store_->read_only();
    history_.attempt_mark();
    const auto marked = store_->mark_durable();
    if (!marked.ok()) {
      if (!took_writes || !store_->read_only()) history_.settled(history_.last());
      return marked.error();
    }
    history_.settled(store_->state().lsn);
    history_.promise(history_.last());
    return std::nullopt;
  }

  std::optional<Error> begin_vacuum() {
    auto begun = store_->begin_vacuum();
    if (!begun.ok()) return begun.error();
    vacuum_ = std::move(*begun);
    copied_ = false;
    return std::nullopt;
  }

  std::optional<Error> vacuum_step() {
    if (one_in(random_, 8)) {
      store_->abandon_vacuum(std::move(vacuum_));
      return std::nullopt;
    }
    if (!copied_) {
      const auto copied = vacuum_->copy(static_cast<std::uint32_t>(1 + below(random_, 40)));
      if (!copied.ok()) return give_up(copied.error());
      copied_ = *copied;
      return std::nullopt;
    }
    if (one_in(random_, 2)) {
      const auto missing = vacuum_->catch_up();
      if (!missing.ok()) return give_up(missing.error());
      return std::nullopt;
    }
    const auto finished = store_->finish_vacuum(std::move(vacuum_));
    if (finished.ok()) history_.promise(history_.last());
    return error_of(finished);
  }

  std::optional<Error> give_up(Error error) {
    store_->abandon_vacuum(std::move(vacuum_));
    return error;
  }

  static std::optional<Error> error_of(const Result<void>& result) {
    return result.ok() ? std::nullopt : std::optional(result.error());
  }

  History& history_;
  Random& random_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Checkpoint> mark_;
  std::unique_ptr<Vacuum> vacuum_;
  bool copied_ = false;
  std::uint64_t version_ = 0;
};

// Opens the store and compares it with the history: it stands at one operation, none promised is missing, all there is
// is exact.
inline std::unique_ptr<Store> open_and_compare(Disk& disk, const History& history, Lsn promised) {
  auto opened = Store::open(disk, kCollection);
  if (!opened.ok()) {
    ADD_FAILURE() << "does not open: " << name_of(opened.error().code) << ", " << opened.error().message;
    return nullptr;
  }
  std::unique_ptr<Store> store = std::move(*opened);
  EXPECT_TRUE(store->load_ids().ok());
  const Lsn lsn = store->state().lsn;
  EXPECT_GE(lsn, promised) << "a promised operation is lost";
  EXPECT_LE(lsn, history.last_possible()) << "operations nobody made";
  EXPECT_FALSE(store->recovery().data_loss) << store->recovery().data_loss->message;
  if (lsn > history.last_possible()) return store;
  EXPECT_TRUE(contents(*store) == history.at(lsn)) << "other points at " << lsn;
  return store;
}

}  // namespace omendb

// The write path: check, take the writer's turn, log, apply, publish; then wait for the durability that was asked for.
#include <algorithm>
#include <array>
#include <string>

#include "base/assert.h"
#include "base/try.h"
#include "db/collection_impl.h"
#include "db/point_check.h"

namespace omendb {
namespace {

// A row's share of the id map with its free places, of the erasure words, and of the graph and its successor under
// construction.
constexpr std::uint64_t kIdBytesPerRow = 40;
constexpr std::uint64_t kErasureBytesPerRow = 8;
constexpr std::uint64_t kGraphBytesPerRow = 2 * kLinksMax * sizeof(Row);

Result<void> check_shape(const CollectionOptions& options, const Batch& batch) {
  const std::size_t values = batch.ids.size() * options.dimensions;
  if (batch.vectors.size() != values) {
    return Error{ErrorCode::InvalidArgument, std::to_string(batch.ids.size()) + " points of " +
                                                 std::to_string(options.dimensions) + " dimensions need " +
                                                 std::to_string(values) + " values, not " +
                                                 std::to_string(batch.vectors.size())};
  }
  if (!batch.payloads.empty() && batch.payloads.size() != batch.ids.size()) {
    return Error{ErrorCode::InvalidArgument, std::to_string(batch.ids.size()) + " points came with " +
                                                 std::to_string(batch.payloads.size()) + " payloads"};
  }
  return {};
}

Result<void> check_size(const RowBatch& rows) {
  const std::uint64_t bytes = rows.record_bytes();
  if (bytes <= kRecordBytesMax) return {};
  const std::uint64_t fit = rows.ids.size() * kRecordBytesMax / bytes;
  return Error{ErrorCode::TooLarge, "the batch has " + std::to_string(bytes >> 20) + " MiB and at most " +
                                        std::to_string(kRecordBytesMax >> 20) + " fit: about " + std::to_string(fit) +
                                        " of these rows"};
}

}  // namespace

Result<WriteReceipt> CollectionImpl::upsert(const Batch& batch, Wait wait) {
  const VectorField& field = store_->schema().fields[0];
  OMEN_TRY(check_shape(options_, batch));
  if (wait == Wait::Indexed && !environment_->index_in_background) {
    return Error{ErrorCode::Unsupported, "the database was opened without background indexing"};
  }
  if (batch.ids.empty()) return WriteReceipt{views_.current()->lsn};
  std::vector<std::byte> converted;
  const std::span<const std::byte> vectors = OMEN_TRY(check_vectors(field, batch.vectors, converted));
  OMEN_TRY(check_payloads(batch.payloads));
  const std::array<std::span<const std::byte>, 1> fields{vectors};
  const RowBatch rows{batch.ids, fields, batch.payloads};
  OMEN_TRY(check_size(rows));

  const Lsn lsn = OMEN_TRY(append(rows, vectors));
  OMEN_TRY(wait_for(lsn, wait));
  return WriteReceipt{lsn};
}

Result<WriteReceipt> CollectionImpl::erase(std::span<const PointId> ids, Wait wait) {
  Lsn lsn = 0;
  {
    std::lock_guard writing(writer_);
    const Foreground::Work work(environment_->foreground, 1);
    OMEN_TRY(check_open());
    lsn = OMEN_TRY(store_->erase(ids)).lsn;
    publish_rows(lsn);
  }
  OMEN_TRY(wait_for(lsn, wait));
  return WriteReceipt{lsn};
}

Result<Lsn> CollectionImpl::append(const RowBatch& rows, std::span<const std::byte> vectors) {
  std::lock_guard writing(writer_);
  const Foreground::Work work(environment_->foreground, 1);
  OMEN_TRY(check_open());
  const std::uint64_t charge = rows.ids.size() * bytes_per_row();
  OMEN_TRY(environment_->budget.take_rows(rows.ids.size(), bytes_per_row()));
  CodeTable& codes = *views_.current()->fields[0].codes;
  const auto write = [&]() -> Result<Applied> {
    OMEN_TRY(codes.reserve(rows.ids.size()));
    return store_->upsert(rows);
  };
  Result<Applied> applied = write();
  if (!applied.ok()) {
    environment_->budget.give_back(charge);
    return std::move(applied.error());
  }
  charged_bytes_ += charge;
  OMEN_ASSERT(codes.append(vectors).ok());  // reserved
  publish_rows(applied->lsn);
  return applied->lsn;
}

Result<void> CollectionImpl::check_open() const {
  if (stopping_) return Error{ErrorCode::ReadOnly, "the database is closed"};
  if (broken_) return *broken_;
  return {};
}

void CollectionImpl::publish_rows(Lsn lsn) {
  const StoreState state = store_->state();
  bool lag = false;
  change_view([&](View& view) {
    view.visible = state.rows;
    view.live = state.live;
    view.lsn = lsn;
    lag = fields_lag(view);
  });
  if (lag && !keeper_called_.exchange(true)) environment_->keeper.ring();
}

void CollectionImpl::change_view(FunctionRef<void(View&)> change) {
  std::shared_ptr<const View> replaced;  // destroyed after the lock is gone
  std::lock_guard lock(publishing_);
  auto next = std::make_shared<View>(*views_.current());
  change(*next);
  OMEN_ASSERT(next->fields[0].covered() <= next->visible);
  replaced = views_.replace(std::move(next));
}

Result<void> CollectionImpl::wait_for(Lsn lsn, Wait wait) {
  if (environment_->index_in_background && !publisher_called_.exchange(true)) environment_->publisher.ring();
  if (!flusher_called_.exchange(true)) environment_->flusher.ring();
  if (wait == Wait::Accepted) return {};
  OMEN_TRY(store_->sync(lsn));
  if (wait == Wait::Durable) return {};
  OMEN_TRY(wait_indexed(kLongestWait));
  return {};
}

std::uint64_t CollectionImpl::bytes_per_row() const {
  return views_.current()->fields[0].codes->bytes_per_row() + kIdBytesPerRow + kErasureBytesPerRow + kGraphBytesPerRow;
}

Result<void> CollectionImpl::flush() { return store_->sync(views_.current()->lsn); }

}  // namespace omendb

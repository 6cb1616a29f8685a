// The write path: check, take the writer's turn, log, apply, publish; then wait for the durability that was asked for.
#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.h"
#include "base/try.h"
#include "db/bound_filter.h"
#include "db/collection_impl.h"
#include "db/point_check.h"
#include "db/prepared_batch.h"
#include "storage/row_buffers.h"

namespace omendb {
namespace {

// A row's share of the id map with its free places, of the points' erasure words (a field that some points lack has its
// own, which nobody counts), and of the graph and its successor under construction.
constexpr std::uint64_t kIdBytesPerRow = 40;
constexpr std::uint64_t kErasureBytesPerRow = 8;
constexpr std::uint64_t kGraphBytesPerRow = 2 * kLinksMax * sizeof(Row);

Result<void> check_size(const RowBatch& rows) {
  const std::uint64_t bytes = rows.record_bytes();
  if (bytes <= kRecordBytesMax) return {};
  const std::uint64_t fit = rows.ids.size() * kRecordBytesMax / bytes;
  return Error{ErrorCode::TooLarge, "the batch has " + std::to_string(bytes >> 20) + " MiB and at most " +
                                        std::to_string(kRecordBytesMax >> 20) + " fit: about " + std::to_string(fit) +
                                        " of these rows"};
}

}  // namespace

Result<void> CollectionImpl::check_wait(Wait wait) const {
  return wait == Wait::Indexed ? check_indexing() : Result<void>();
}

Result<WriteReceipt> CollectionImpl::write(Wait wait, FunctionRef<Result<Lsn>(const View&)> turn) {
  OMEN_TRY(check_wait(wait));
  Lsn lsn = 0;
  {
    std::lock_guard writing(writer_);
    const Foreground::Work work(environment_->foreground, 1);
    OMEN_TRY(check_open());
    const std::shared_ptr<const View> view = views_.current();
    lsn = OMEN_TRY(turn(*view));
  }
  OMEN_TRY(wait_for(lsn, wait));
  return WriteReceipt{lsn};
}

Result<WriteReceipt> CollectionImpl::upsert(const Batch& batch, UpsertMode mode, const Filter& only_if, Wait wait) {
  const PreparedBatch prepared = OMEN_TRY(PreparedBatch::prepare(store_->schema(), batch));
  OMEN_TRY(check_wait(wait));
  if (batch.ids.empty()) return WriteReceipt{views_.current()->lsn};
  const RowBatch rows = prepared.rows();
  OMEN_TRY(check_size(rows));
  if (mode == UpsertMode::Upsert && only_if.empty()) {
    return write(wait, [&](const View&) { return append(rows); });
  }
  return write(wait, [&](const View& view) -> Result<Lsn> {
    RowBuffers wanted(store_->schema());
    OMEN_TRY(take_wanted(view, rows, mode, only_if, wanted));
    if (wanted.empty()) return view.lsn;
    return append(wanted.rows());
  });
}

Result<void> CollectionImpl::take_wanted(const View& view, const RowBatch& rows, UpsertMode mode,
                                         const Filter& only_if, RowBuffers& wanted) const {
  const BoundFilter filter = OMEN_TRY(BoundFilter::bind(only_if, view));
  const std::unique_ptr<PointFilter> asked = filter.of(view);
  for (std::size_t i = 0; i < rows.ids.size(); ++i) {
    const std::optional<Row> row = OMEN_TRY(view.generation->find(rows.ids[i]));
    const bool allowed = row ? mode != UpsertMode::InsertOnly : mode != UpsertMode::UpdateOnly;
    if (allowed && (!row || !asked || asked->matches(*row))) wanted.add(rows, i);
  }
  if (asked) OMEN_TRY(asked->error());
  return {};
}

Result<WriteReceipt> CollectionImpl::erase(std::span<const PointId> ids, Wait wait) {
  return write(wait, [&](const View&) -> Result<Lsn> {
    const Lsn lsn = OMEN_TRY(store_->erase(ids)).lsn;
    publish_rows(lsn);
    return lsn;
  });
}

Result<WriteReceipt> CollectionImpl::erase(const Filter& filter, Wait wait) {
  return write(wait, [&](const View& view) -> Result<Lsn> {
    std::vector<PointId> ids;
    for (const Row row : OMEN_TRY(matching_rows(view, filter))) {
      OMEN_TRY(check_operation(ids.size() * sizeof(PointId)));
      ids.push_back(OMEN_TRY(view.generation->id(row)));
    }
    const Lsn lsn = OMEN_TRY(store_->erase(ids)).lsn;
    publish_rows(lsn);
    return lsn;
  });
}

// Pages can do without their order.
Result<void> CollectionImpl::take_memory(std::uint64_t rows, std::uint64_t bytes_per_row) {
  if (environment_->budget.take_rows(rows, bytes_per_row).ok()) return {};
  id_order_.drop();
  return environment_->budget.take_rows(rows, bytes_per_row);
}

Result<Lsn> CollectionImpl::append(const RowBatch& rows) {
  OMEN_TRY(check_size(rows));
  const std::uint64_t charge = rows.ids.size() * bytes_per_row();
  OMEN_TRY(take_memory(rows.ids.size(), bytes_per_row()));
  const std::shared_ptr<const View> view = views_.current();
  const auto write = [&]() -> Result<Applied> {
    for (const FieldView& field : view->fields) OMEN_TRY(field.codes->reserve(rows.ids.size()));
    return store_->upsert(rows);
  };
  Result<Applied> applied = write();
  if (!applied.ok()) {
    environment_->budget.give_back(charge);
    return std::move(applied.error());
  }
  charged_bytes_ += charge;
  for (std::size_t field = 0; field < view->fields.size(); ++field) {
    OMEN_ASSERT(view->fields[field].codes->append(rows.vectors[field]).ok());  // reserved
  }
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
    for (std::size_t field = 0; field < view.fields.size(); ++field) {
      view.fields[field].live = state.live - state.generation->lacking_rows(field);
    }
    for (std::size_t field = 0; field < view.sparse.size(); ++field) {
      view.sparse[field].live = state.live - state.generation->lacking_rows(view.fields.size() + field);
    }
    lag = fields_lag(view) || sparse_lags(view);
  });
  if (lag && !keeper_called_.exchange(true)) environment_->keeper.ring();
}

void CollectionImpl::change_view(FunctionRef<void(View&)> change) {
  std::shared_ptr<const View> replaced;  // destroyed after the lock is gone
  std::lock_guard lock(publishing_);
  auto next = std::make_shared<View>(*views_.current());
  change(*next);
  for (const FieldView& field : next->fields) OMEN_ASSERT(field.covered() <= next->visible);
  replaced = views_.replace(std::move(next));
}

Result<void> CollectionImpl::wait_for(Lsn lsn, Wait wait) {
  call_publisher();
  if (!flusher_called_.exchange(true)) environment_->flusher.ring();
  if (wait == Wait::Accepted) return {};
  OMEN_TRY(store_->sync(lsn));
  if (wait == Wait::Durable) return {};
  OMEN_TRY(wait_indexed(kLongestWait));
  return {};
}

std::uint64_t CollectionImpl::bytes_per_row() const {
  std::uint64_t bytes = kIdBytesPerRow + kErasureBytesPerRow;
  const std::shared_ptr<const View> view = views_.current();
  for (const FieldView& field : view->fields) bytes += field.codes->bytes_per_row();
  return bytes + view->graph_fields() * kGraphBytesPerRow;
}

Result<void> CollectionImpl::flush() { return store_->sync(views_.current()->lsn); }

}  // namespace omendb

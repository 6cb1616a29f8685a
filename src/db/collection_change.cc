// Changes of points that are there: payloads, and single vectors. What is written is resolved in the writer's turn, so that
// the log holds ids and results, never conditions.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "base/try.h"
#include "db/bound_filter.h"
#include "db/collection_impl.h"
#include "db/point_check.h"
#include "db/prepared_batch.h"
#include "payload/payload_edit.h"
#include "storage/row_buffers.h"

namespace omendb {
namespace {

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

// Places in a batch; what came for one point stands together, as it came.
std::vector<std::size_t> order_by_id(std::span<const PointId> ids) {
  std::vector<std::size_t> order(ids.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return ids[a] != ids[b] ? ids[a] < ids[b] : a < b;
  });
  return order;
}

// A change made ready: its paths are parsed once, not once a point.
class PayloadEditor {
 public:
  static Result<PayloadEditor> make(const PayloadChange& change) {
    PayloadEditor editor(change);
    if (const auto* set = std::get_if<SetPayload>(&change)) {
      OMEN_TRY(check_payload(set->payload));
      if (!set->key.empty()) editor.paths_.push_back(OMEN_TRY(JsonPath::parse(set->key)));
    } else if (const auto* overwrite = std::get_if<OverwritePayload>(&change)) {
      OMEN_TRY(check_payload(overwrite->payload));
    } else if (const auto* keys = std::get_if<DeletePayloadKeys>(&change)) {
      for (const std::string_view key : keys->keys) editor.paths_.push_back(OMEN_TRY(JsonPath::parse(key)));
    }
    return editor;
  }

  // What becomes of a payload.
  Result<std::string> operator()(std::string_view payload) const {
    if (const auto* set = std::get_if<SetPayload>(&change_)) {
      return set_payload(payload, set->payload, paths_.empty() ? nullptr : &paths_[0]);
    }
    if (const auto* overwrite = std::get_if<OverwritePayload>(&change_)) return std::string(overwrite->payload);
    if (std::holds_alternative<DeletePayloadKeys>(change_)) return delete_payload_keys(payload, paths_);
    return std::string();
  }

 private:
  explicit PayloadEditor(const PayloadChange& change) : change_(change) {}

  static Result<void> check_payload(std::string_view payload) {
    if (payload.empty()) return invalid("the payload is empty, and should be a JSON object");
    return check_payloads({&payload, 1});
  }

  PayloadChange change_;
  std::vector<JsonPath> paths_;
};

}  // namespace

// Of live points, each once.
Result<std::vector<Row>> CollectionImpl::selected_rows(const View& view, const Selection& points) const {
  if (points.filter != nullptr && points.ids.empty()) return matching_rows(view, *points.filter);
  std::vector<Row> rows;
  for (const PointId id : points.ids) {
    const std::optional<Row> row = OMEN_TRY(view.generation->find(id));
    if (row) rows.push_back(*row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

Result<WriteReceipt> CollectionImpl::change_payload(const Selection& points, const PayloadChange& change, Wait wait) {
  const PayloadEditor edit = OMEN_TRY(PayloadEditor::make(change));
  const Result<WriteReceipt> written = write(wait, [&](const View& view) -> Result<Lsn> {
    std::vector<PointId> ids;
    std::vector<std::string> payloads;
    std::uint64_t bytes = 0;
    for (const Row row : OMEN_TRY(selected_rows(view, points))) {
      const std::string_view before = OMEN_TRY(view.generation->payload(row));
      std::string after = OMEN_TRY(edit(before));
      if (after == before || (before.empty() && after == "{}")) continue;
      bytes += sizeof(PointId) + after.size();
      OMEN_TRY(check_operation(bytes));
      ids.push_back(OMEN_TRY(view.generation->id(row)));
      payloads.push_back(std::move(after));
    }
    if (ids.empty()) return view.lsn;
    const std::vector<std::string_view> texts(payloads.begin(), payloads.end());
    OMEN_TRY(check_payloads(texts));  // a patch may be nested deeper where it was put
    const Lsn lsn = OMEN_TRY(store_->change_payloads(ids, texts)).lsn;
    publish_rows(lsn);
    return lsn;
  });
  return written;
}

Result<WriteReceipt> CollectionImpl::update_vectors(const Batch& batch, const Filter& only_if, Wait wait) {
  const PreparedBatch prepared =
      OMEN_TRY(PreparedBatch::prepare(store_->schema(), batch, PreparedBatch::Unnamed::Optional));
  if (!batch.payloads.empty()) return invalid("payloads came with vectors to update");
  const RowBatch given = prepared.rows();
  return write(wait, [&](const View& view) -> Result<Lsn> {
    const BoundFilter filter = OMEN_TRY(BoundFilter::bind(only_if, view));
    const std::unique_ptr<PointFilter> asked = filter.of(view);
    RowBuffers changed(store_->schema());
    std::optional<Row> last;
    bool wanted = false;
    for (const std::size_t i : order_by_id(given.ids)) {
      const std::optional<Row> row = OMEN_TRY(view.generation->find(given.ids[i]));
      if (!row) return Error{ErrorCode::NotFound, "there is no point " + given.ids[i].to_string()};
      if (row != last) {
        last = row;
        wanted = !asked || asked->matches(*row);
        if (wanted) OMEN_TRY(changed.add(*view.generation, *row));
        OMEN_TRY(check_operation(changed.bytes()));
      }
      if (wanted) put_vectors(given, i, changed);
    }
    if (asked) OMEN_TRY(asked->error());
    if (changed.empty()) return view.lsn;
    return append(changed.rows());
  });
}

// Those that the batch has of a point, in place of the ones that were added last.
void CollectionImpl::put_vectors(const RowBatch& given, std::size_t point, RowBuffers& changed) const {
  const Schema& schema = store_->schema();
  const FieldMask lacking = given.lacking.empty() ? 0 : given.lacking[point];
  for (std::size_t f = 0; f < schema.fields.size(); ++f) {
    const std::size_t width = schema.fields[f].row_bytes();
    if ((lacking & dense_bit(f)) == 0) changed.set_vector(f, given.vectors[f].subspan(point * width, width));
  }
  for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
    if ((lacking & sparse_bit(f)) == 0) changed.set_sparse(f, sparse_of(given.sparse[f], point));
  }
}

Result<WriteReceipt> CollectionImpl::delete_vectors(const Selection& points, std::span<const std::string_view> names,
                                                    Wait wait) {
  const FieldMask gone = OMEN_TRY(mask_of(names));
  const Schema& schema = store_->schema();
  return write(wait, [&](const View& view) -> Result<Lsn> {
    RowBuffers changed(schema);
    for (const Row row : OMEN_TRY(selected_rows(view, points))) {
      if ((OMEN_TRY(view.generation->lacking(row)) & gone) == gone) continue;
      OMEN_TRY(changed.add(*view.generation, row));
      OMEN_TRY(check_operation(changed.bytes()));
      for (std::size_t f = 0; f < schema.fields.size(); ++f) {
        if ((gone & dense_bit(f)) != 0) changed.remove_vector(f);
      }
      for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
        if ((gone & sparse_bit(f)) != 0) changed.remove_sparse(f);
      }
    }
    if (changed.empty()) return view.lsn;
    return append(changed.rows());
  });
}

Result<FieldMask> CollectionImpl::mask_of(std::span<const std::string_view> names) const {
  const Schema& schema = store_->schema();
  FieldMask mask = 0;
  for (const std::string_view name : names) {
    FieldMask bit = 0;
    for (std::size_t f = 0; f < schema.fields.size(); ++f) {
      if (schema.fields[f].name == name) bit = dense_bit(f);
    }
    for (std::size_t f = 0; f < schema.sparse.size(); ++f) {
      if (schema.sparse[f].name == name) bit = sparse_bit(f);
    }
    if (bit == 0) return invalid("the collection has no vector \"" + std::string(name) + "\"");
    mask |= bit;
  }
  return mask;
}

Result<void> CollectionImpl::set_notes(std::string_view notes) {
  OMEN_TRY(check_writable());
  std::lock_guard lock(noting_);
  return notes_.set(notes);
}

std::string CollectionImpl::notes() const {
  std::lock_guard lock(noting_);
  return notes_.text();
}

}  // namespace omendb

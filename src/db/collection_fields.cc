// Field indexes: defined by callers, extended over new rows by the keeper.
#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "db/bound_filter.h"
#include "db/collection_impl.h"
#include "db/indexed_points.h"
#include "payload/field_part_builder.h"

namespace omendb {

struct CollectionImpl::PartUnderWay {
  const FieldIndex& field;
  FieldPartBuilder builder;
};

namespace {

// So many changed payloads are asked one by one, like rows that no index covers.
constexpr std::uint64_t kChangesUnseenMax = 1'024;

// A part of so many rows takes some 50 ms: what a checkpoint that is due may have to wait. (One that is read again, for
// its payloads have changed, has up to kPartRowsMax, and takes as much longer.)
constexpr std::uint32_t kRowsPerPart = 65'536;

// Adds the rows to the parts, or as many as fit, erased ones too: a part is kept beyond a crash that may take an erasure
// back. False if it was stopped.
template <class Parts>
Result<bool> read_rows(const View& view, RowRange rows, Parts& parts, FunctionRef<bool()> keep_going) {
  simdjson::dom::parser parser;
  for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
    if (i % 1'024 == 0 && !keep_going()) return false;
    const std::string_view payload = OMEN_TRY(view.generation->payload(Row{i}));
    simdjson::dom::element document;
    const bool parsed =
        !payload.empty() && parser.parse(payload.data(), payload.size()).get(document) == simdjson::SUCCESS;
    bool full = false;
    for (auto& [field, builder] : parts) {
      if (parsed) {
        builder.add(field.path(), document);
      } else {
        builder.add_nothing();
      }
      full = full || builder.full();
    }
    if (full) break;
  }
  return true;
}

std::uint64_t least_changes_seen(const FieldIndexes& fields, std::uint64_t changes) {
  for (const FieldIndex& field : fields) changes = std::min(changes, field.changes_seen());
  return changes;
}

bool changes_lag(const View& view) {
  const std::uint64_t changes = view.generation->payload_changes();
  return changes - least_changes_seen(*view.field_indexes, changes) > kChangesUnseenMax;
}

std::uint32_t least_covered(const FieldIndexes& fields) {
  const auto fewer = [](const FieldIndex& a, const FieldIndex& b) { return a.covered() < b.covered(); };
  return std::min_element(fields.begin(), fields.end(), fewer)->covered();
}

}  // namespace

Result<void> CollectionImpl::create_field_index(std::string_view key, FieldType type) {
  std::lock_guard lock(defining_fields_);
  OMEN_TRY(check_writable());
  const auto& fields = field_catalog_.fields();
  const bool there = std::any_of(fields.begin(), fields.end(), [&](const FieldDefinition& field) {
    return field.key == key && field.type == type;
  });
  if (there) return {};
  OMEN_TRY(field_catalog_.add(key, type));
  install_fields();
  environment_->keeper.ring();
  return {};
}

Result<void> CollectionImpl::drop_field_index(std::string_view key) {
  std::lock_guard lock(defining_fields_);
  OMEN_TRY(check_writable());
  OMEN_TRY(field_catalog_.remove(key));
  install_fields();
  environment_->keeper.ring();
  return {};
}

Result<void> CollectionImpl::check_writable() const {
  std::lock_guard writing(writer_);
  return check_open();
}

// The View gets the indexes that are defined now; those it has stay as they are.
void CollectionImpl::install_fields() {
  change_view([&](View& view) {
    auto fields = std::make_shared<FieldIndexes>(field_catalog_.indexes());
    for (FieldIndex& field : *fields) {
      for (const FieldIndex& built : *view.field_indexes) {
        if (built.number() == field.number()) field = built;
      }
    }
    view.field_indexes = std::move(fields);
  });
}

std::vector<FieldIndexInfo> CollectionImpl::field_indexes() const {
  const std::shared_ptr<const View> view = views_.current();
  std::vector<FieldIndexInfo> infos;
  for (const FieldIndex& field : *view->field_indexes) {
    infos.push_back({.key = field.key(),
                     .type = field.type(),
                     .rows = field.covered(),
                     .points = count_indexed_points(*view, field),
                     .memory_bytes = field.memory_bytes()});
  }
  return infos;
}

Result<bool> CollectionImpl::wait_field_indexes(std::chrono::milliseconds timeout) {
  environment_->keeper.ring();
  std::unique_lock lock(publishing_);
  const auto reached = [&] { return !fields_lag(*views_.current()); };
  const bool in_time = view_changed_.wait_for(lock, std::min<std::chrono::milliseconds>(timeout, kLongestWait),
                                              [&] { return reached() || field_error_ || !keep_going(); });
  if (!in_time || reached()) return in_time;
  if (field_error_) return *field_error_;
  return Error{ErrorCode::Cancelled, "the database is closed"};
}

bool CollectionImpl::fields_lag(const View& view) {
  if (view.field_indexes->empty()) return false;
  return view.visible - least_covered(*view.field_indexes) > kUnindexedRowsMax || changes_lag(view);
}

std::optional<Error> CollectionImpl::field_error() {
  std::lock_guard lock(publishing_);
  return field_error_;
}

// Keeper. Built already: writes are what the budget refuses when it is over.
void CollectionImpl::charge_fields() {
  std::uint64_t bytes = 0;
  const std::shared_ptr<const View> view = views_.current();
  for (const FieldIndex& field : *view->field_indexes) bytes += field.memory_bytes();
  for (const SparseFieldView& field : view->sparse) bytes += field.index->memory_bytes();
  environment_->budget.take_anyway(bytes);
  environment_->budget.give_back(std::exchange(charged_field_bytes_, bytes));
}

// Keeper. One part more for the fields that are furthest behind, or one read again; true if more waits.
bool CollectionImpl::index_fields() {
  const std::shared_ptr<const View> view = views_.current();
  if (!fields_lag(*view) || field_error()) return false;
  const FieldIndexes& fields = *view->field_indexes;
  if (view->visible - least_covered(fields) <= kUnindexedRowsMax) return renew_part(view);

  const std::uint64_t changes = view->generation->payload_changes();
  const std::uint32_t begin = least_covered(fields);
  const std::uint32_t end = std::min(view->visible, begin + kRowsPerPart);
  std::vector<PartUnderWay> parts;
  for (const FieldIndex& field : fields) {
    if (field.covered() == begin) parts.push_back({field, FieldPartBuilder(field.type(), Row{begin}, changes)});
  }
  if (!read_for_fields(*view, {begin, end}, parts)) return false;
  auto longer = std::make_shared<FieldIndexes>(fields);
  for (auto& [field, builder] : parts) {
    FieldIndex& extended = (*longer)[static_cast<std::size_t>(&field - fields.data())];
    extended = extended.with(std::move(builder).build());
  }
  return replace_fields(*view, std::move(longer));
}

// Of the field that has seen the fewest changes: parts that no change has met are as good as new, and of the others the
// oldest is read again.
bool CollectionImpl::renew_part(const std::shared_ptr<const View>& view) {
  auto renewed = std::make_shared<FieldIndexes>(*view->field_indexes);
  const std::uint64_t changes = view->generation->payload_changes();
  const auto fewer = [](const FieldIndex& a, const FieldIndex& b) { return a.changes_seen() < b.changes_seen(); };
  FieldIndex& field = *std::min_element(renewed->begin(), renewed->end(), fewer);
  field = field.with_changes_seen(changes, rows_changed_since(*view, field.changes_seen()));
  if (field.changes_seen() < changes && !read_oldest_part(*view, field, changes)) return false;
  return replace_fields(*view, std::move(renewed));
}

bool CollectionImpl::read_oldest_part(const View& view, FieldIndex& field, std::uint64_t changes) {
  std::size_t oldest = 0;
  while (field.changes_seen(oldest) != field.changes_seen()) ++oldest;
  const RowRange rows = field.parts()[oldest]->rows();
  std::vector<PartUnderWay> parts;
  parts.push_back({field, FieldPartBuilder(field.type(), Row{rows.begin}, changes)});
  if (!read_for_fields(view, rows, parts)) return false;
  FieldPart part = std::move(parts[0].builder).build();
  // Values that no longer fit into one part: all are read anew, in smaller ones.
  field = part.rows() == rows ? field.with_in_place(std::move(part)) : field.without_parts();
  return true;
}

// False if it was stopped, or a payload cannot be read: searches that ask for it are told, too.
bool CollectionImpl::read_for_fields(const View& view, RowRange rows, std::vector<PartUnderWay>& parts) {
  const Result<bool> read = read_rows(view, rows, parts, [this] { return keep_going(); });
  if (read.ok()) {
    std::lock_guard writing(writer_);  // a change under way, of which a text may be read already, is counted after it
    for (auto& [field, builder] : parts) builder.know(view.generation->payload_changes());
    return *read;
  }
  {
    std::lock_guard lock(publishing_);
    field_error_ = read.error();
  }
  view_changed_.notify_all();
  return false;
}

bool CollectionImpl::replace_fields(const View& view, std::shared_ptr<const FieldIndexes> fields) {
  change_view([&](View& current) {
    // Defined anew, or vacuumed: the next round begins where those are.
    const bool unchanged = current.field_indexes == view.field_indexes && current.generation == view.generation;
    if (unchanged) current.field_indexes = fields;
  });
  view_changed_.notify_all();
  return fields_lag(*views_.current());
}

}  // namespace omendb

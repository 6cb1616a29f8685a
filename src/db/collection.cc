// Opening and creating a collection, and the public handle.
#include "omendb/collection.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/try.h"
#include "db/codes.h"
#include "db/collection_impl.h"
#include "db/field_files.h"
#include "db/graph_checkpoint.h"

namespace omendb {
namespace {

constexpr std::size_t kVectorNameBytesMax = 255;

Error invalid(std::string message) { return {ErrorCode::InvalidArgument, std::move(message)}; }

Schema schema_of(const CollectionOptions& options) {
  Schema schema;
  if (options.dimensions != 0) {
    schema.fields.push_back({"", options.dimensions, options.metric, options.datatype});
  }
  for (const VectorOptions& vector : options.vectors) {
    schema.fields.push_back({vector.name, vector.dimensions, vector.metric, vector.datatype});
  }
  for (const SparseVectorOptions& vector : options.sparse_vectors) {
    schema.sparse.push_back({vector.name, vector.modifier});
  }
  return schema;
}

CollectionOptions options_of(const Schema& schema) {
  CollectionOptions options;
  for (const VectorField& field : schema.fields) {
    if (field.name.empty()) {
      options.dimensions = field.dimensions;
      options.metric = field.metric;
      options.datatype = field.datatype;
    } else {
      options.vectors.push_back({field.name, field.dimensions, field.metric, field.datatype});
    }
  }
  for (const SparseField& field : schema.sparse) options.sparse_vectors.push_back({field.name, field.modifier});
  return options;
}

Result<void> check_vector_name(std::string_view name, std::set<std::string_view>& taken) {
  if (name.empty() || name.size() > kVectorNameBytesMax) return invalid("a vector's name has 1 to 255 bytes");
  if (!taken.insert(name).second) return invalid("two vectors are called " + std::string(name));
  return {};
}

Result<void> check_definition(const CollectionOptions& options) {
  const Schema schema = schema_of(options);
  std::set<std::string_view> taken;
  for (const VectorOptions& vector : options.vectors) OMEN_TRY(check_vector_name(vector.name, taken));
  for (const SparseVectorOptions& vector : options.sparse_vectors) OMEN_TRY(check_vector_name(vector.name, taken));
  if (schema.fields.size() > kVectorFieldsMax || schema.sparse.size() > kSparseFieldsMax) {
    return invalid("a collection has up to " + std::to_string(kVectorFieldsMax) + " vectors and " +
                   std::to_string(kSparseFieldsMax) + " sparse ones, not " + std::to_string(schema.fields.size()) +
                   " and " + std::to_string(schema.sparse.size()));
  }
  for (const VectorField& field : schema.fields) {
    if (field.dimensions >= 1 && field.dimensions <= kDimensionsMax) continue;
    return invalid("a vector has 1 to " + std::to_string(kDimensionsMax) + " dimensions, not " +
                   std::to_string(field.dimensions));
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<CollectionImpl>> CollectionImpl::create(std::shared_ptr<Environment> environment,
                                                               const std::string& directory,
                                                               const CollectionOptions& options) {
  OMEN_TRY(check_definition(options));
  std::unique_ptr<Store> store = OMEN_TRY(Store::create(environment->disk, directory, schema_of(options)));
  OMEN_TRY(store->load_ids());  // there are none: nobody need wait for the keeper
  Parts parts = OMEN_TRY(open_parts(*environment, directory, std::move(store)));
  return std::shared_ptr<CollectionImpl>(new CollectionImpl(std::move(environment), std::move(parts)));
}

Result<std::shared_ptr<CollectionImpl>> CollectionImpl::open(std::shared_ptr<Environment> environment,
                                                             const std::string& directory) {
  std::unique_ptr<Store> store = OMEN_TRY(Store::open(environment->disk, directory));
  Parts parts = OMEN_TRY(open_parts(*environment, directory, std::move(store)));
  return std::shared_ptr<CollectionImpl>(new CollectionImpl(std::move(environment), std::move(parts)));
}

Result<CollectionImpl::Parts> CollectionImpl::open_parts(Environment& environment, const std::string& directory,
                                                         std::unique_ptr<Store> store) {
  std::vector<FieldView> fields = OMEN_TRY(load_fields(environment, *store));
  FieldCatalog field_catalog = OMEN_TRY(FieldCatalog::open(environment.disk, directory));
  Notes notes = OMEN_TRY(Notes::open(environment.disk, directory));
  return Parts{std::move(store), std::move(fields), std::move(field_catalog), std::move(notes)};
}

Result<std::vector<FieldView>> CollectionImpl::load_fields(Environment& environment, const Store& store) {
  const StoreState state = store.state();
  const auto checkpointed = static_cast<std::uint32_t>(state.rows - store.recovery().rows_replayed);
  const SearchThreads::Lease threads = environment.search_threads.lease(std::thread::hardware_concurrency());
  std::vector<FieldView> fields;
  for (std::size_t field = 0; field < store.schema().fields.size(); ++field) {
    FieldView& view = fields.emplace_back();
    view.codes = OMEN_TRY(
        load_codes(*state.generation, field, environment.disk, checkpointed, state.rows, threads.executor));
    view.live = state.live - state.generation->lacking_rows(field);
    if (!view.codes->coded(state.rows)) continue;
    view.graph = load_graph(environment.disk, store.identity(), *state.generation, field, state.rows);
  }
  return fields;
}

CollectionImpl::CollectionImpl(std::shared_ptr<Environment> environment, Parts parts)
    : environment_(std::move(environment)),
      options_(options_of(parts.store->schema())),
      store_(std::move(parts.store)),
      views_([&] {
        const StoreState state = store_->state();
        return std::make_shared<View>(View{state.generation, state.rows, state.live, state.lsn, std::move(parts.fields),
                                           sparse_views(state),
                                           std::make_shared<FieldIndexes>(load_field_indexes(
                                               environment_->disk, store_->identity(), *state.generation,
                                               parts.field_catalog, static_cast<std::uint32_t>(state.rows)))});
      }()),
      id_order_(environment_->budget),
      field_catalog_(std::move(parts.field_catalog)),
      notes_(std::move(parts.notes)) {
  const View& view = *views_.current();
  for (std::size_t field = 0; field < view.fields.size(); ++field) {
    auto upkeep = std::make_unique<FieldUpkeep>(field, environment_->clock);
    upkeep->saved_generation = view.generation->number();
    upkeep->saved_covered = view.fields[field].covered();
    upkeep_.push_back(std::move(upkeep));
  }
  marked_lsn_ = view.lsn;
  charged_bytes_ = view.visible * bytes_per_row();
  environment_->budget.take_anyway(charged_bytes_);
}

CollectionImpl::~CollectionImpl() { environment_->budget.give_back(charged_bytes_ + charged_field_bytes_ + vacuum_charge_); }

Result<WriteReceipt> Collection::upsert(const Batch& batch, Wait wait) {
  return impl_->upsert(batch, UpsertMode::Upsert, {}, wait);
}
Result<WriteReceipt> Collection::upsert(const Batch& batch, UpsertMode mode, const Filter& only_if, Wait wait) {
  return impl_->upsert(batch, mode, only_if, wait);
}
Result<WriteReceipt> Collection::erase(std::span<const PointId> ids, Wait wait) { return impl_->erase(ids, wait); }
Result<WriteReceipt> Collection::erase(const Filter& filter, Wait wait) { return impl_->erase(filter, wait); }
Result<WriteReceipt> Collection::change_payload(const Selection& points, const PayloadChange& change, Wait wait) {
  return impl_->change_payload(points, change, wait);
}
Result<WriteReceipt> Collection::update_vectors(const Batch& batch, const Filter& only_if, Wait wait) {
  return impl_->update_vectors(batch, only_if, wait);
}
Result<WriteReceipt> Collection::delete_vectors(const Selection& points, std::span<const std::string_view> names,
                                                Wait wait) {
  return impl_->delete_vectors(points, names, wait);
}
Result<std::optional<Point>> Collection::get(PointId id, const Reading& reading) const {
  return impl_->get(id, reading);
}
Result<ScrollPage> Collection::scroll(const ScrollOptions& options) const { return impl_->scroll(options); }
Result<std::vector<FacetHit>> Collection::facet(std::string_view key, const Filter& filter, std::uint32_t limit) const {
  return impl_->facet(key, filter, limit);
}
Result<std::vector<PointId>> Collection::sample(std::uint32_t count, const Filter& filter) const {
  return impl_->sample(count, filter);
}
Result<SearchResult> Collection::search(SparseView query, const SearchOptions& options) const {
  return impl_->search(query, options);
}
void Collection::pause_indexing(bool paused) { impl_->pause_indexing(paused); }
Result<void> Collection::set_notes(std::string_view notes) { return impl_->set_notes(notes); }
std::string Collection::notes() const { return impl_->notes(); }
Result<bool> Collection::contains(PointId id) const { return impl_->contains(id); }
std::uint64_t Collection::count() const { return impl_->count(); }
Result<void> Collection::create_field_index(std::string_view key, FieldType type) {
  return impl_->create_field_index(key, type);
}
Result<void> Collection::drop_field_index(std::string_view key) { return impl_->drop_field_index(key); }
Result<bool> Collection::wait_field_indexes(std::chrono::milliseconds timeout) {
  return impl_->wait_field_indexes(timeout);
}
std::vector<FieldIndexInfo> Collection::field_indexes() const { return impl_->field_indexes(); }
Result<std::uint64_t> Collection::count(const Filter& filter) const { return impl_->count(filter); }
Result<void> Collection::iterate(const std::function<bool(const Point&)>& visit, const Filter& filter) const {
  return impl_->iterate(visit, filter);
}
Result<SearchResult> Collection::search(std::span<const float> query, const SearchOptions& options) const {
  return impl_->search(query, options);
}
Result<std::vector<SearchResult>> Collection::search_batch(std::span<const float> queries,
                                                           const SearchOptions& options) const {
  return impl_->search_batch(queries, options);
}
Progress Collection::progress() const { return impl_->progress(); }
Result<bool> Collection::wait_indexed(std::chrono::milliseconds timeout) { return impl_->wait_indexed(timeout); }
Result<void> Collection::flush() { return impl_->flush(); }
Result<void> Collection::checkpoint() { return impl_->checkpoint(); }
Result<void> Collection::vacuum() { return impl_->vacuum(); }
Stats Collection::stats() const { return impl_->stats(); }
Result<VerifyReport> Collection::verify() const { return impl_->verify(); }
const CollectionOptions& Collection::options() const { return impl_->options(); }

}  // namespace omendb

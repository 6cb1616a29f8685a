// Opening and creating a collection, and the public handle.
#include "omendb/collection.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "base/try.h"
#include "db/codes.h"
#include "db/collection_impl.h"
#include "db/field_files.h"
#include "db/graph_checkpoint.h"

namespace omendb {
namespace {

Schema schema_of(const CollectionOptions& options) {
  return {{VectorField{"", options.dimensions, options.metric, options.datatype}}};
}

CollectionOptions options_of(const Schema& schema) {
  const VectorField& field = schema.fields[0];
  return {field.dimensions, field.metric, field.datatype};
}

}  // namespace

Result<std::shared_ptr<CollectionImpl>> CollectionImpl::create(std::shared_ptr<Environment> environment,
                                                               const std::string& directory,
                                                               const CollectionOptions& options) {
  if (options.dimensions < 1 || options.dimensions > kDimensionsMax) {
    return Error{ErrorCode::InvalidArgument, "a vector has 1 to " + std::to_string(kDimensionsMax) +
                                                 " dimensions, not " + std::to_string(options.dimensions)};
  }
  std::unique_ptr<Store> store = OMEN_TRY(Store::create(environment->disk, directory, schema_of(options)));
  OMEN_TRY(store->load_ids());  // there are none: nobody need wait for the keeper
  std::vector<FieldView> fields = OMEN_TRY(load_fields(*environment, *store));
  FieldCatalog field_catalog = OMEN_TRY(FieldCatalog::open(environment->disk, directory));
  return std::shared_ptr<CollectionImpl>(
      new CollectionImpl(std::move(environment), std::move(store), std::move(fields), std::move(field_catalog)));
}

Result<std::shared_ptr<CollectionImpl>> CollectionImpl::open(std::shared_ptr<Environment> environment,
                                                             const std::string& directory) {
  std::unique_ptr<Store> store = OMEN_TRY(Store::open(environment->disk, directory));
  std::vector<FieldView> fields = OMEN_TRY(load_fields(*environment, *store));
  FieldCatalog field_catalog = OMEN_TRY(FieldCatalog::open(environment->disk, directory));
  return std::shared_ptr<CollectionImpl>(
      new CollectionImpl(std::move(environment), std::move(store), std::move(fields), std::move(field_catalog)));
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
    if (!CodeTable::coded(state.rows)) continue;
    view.graph = load_graph(environment.disk, store.identity(), *state.generation, field, state.rows);
  }
  return fields;
}

CollectionImpl::CollectionImpl(std::shared_ptr<Environment> environment, std::unique_ptr<Store> store,
                               std::vector<FieldView> fields, FieldCatalog field_catalog)
    : environment_(std::move(environment)),
      options_(options_of(store->schema())),
      store_(std::move(store)),
      views_([&] {
        const StoreState state = store_->state();
        return std::make_shared<View>(View{state.generation, state.rows, state.live, state.lsn, std::move(fields),
                                           std::make_shared<FieldIndexes>(load_field_indexes(
                                               environment_->disk, store_->identity(), *state.generation, field_catalog,
                                               static_cast<std::uint32_t>(state.rows)))});
      }()),
      indexer_(0, environment_->clock),
      field_catalog_(std::move(field_catalog)) {
  const View& view = *views_.current();
  saved_generation_ = view.generation->number();
  saved_covered_ = view.fields[0].covered();
  marked_lsn_ = view.lsn;
  charged_bytes_ = view.visible * bytes_per_row();
  environment_->budget.take_anyway(charged_bytes_);
}

CollectionImpl::~CollectionImpl() { environment_->budget.give_back(charged_bytes_ + charged_field_bytes_ + vacuum_charge_); }

Result<WriteReceipt> Collection::upsert(const Batch& batch, Wait wait) { return impl_->upsert(batch, wait); }
Result<WriteReceipt> Collection::erase(std::span<const PointId> ids, Wait wait) { return impl_->erase(ids, wait); }
Result<std::optional<Point>> Collection::get(PointId id) const { return impl_->get(id); }
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
